//! Links made by other shorteners, so that none is asked for twice.

/// Links of other services.
pub(super) const FOURTH: &str = "
    CREATE TABLE shorten_remote (
      backend TEXT NOT NULL, -- as the configuration names it: yourls:blog
      identity TEXT NOT NULL, -- as in shorten_links
      code TEXT NOT NULL,
      short_url TEXT NOT NULL,
      target TEXT NOT NULL,
      id TEXT, -- the service's own, where it has one
      created_ms INTEGER NOT NULL,
      PRIMARY KEY (backend, identity)
    );
    ";
