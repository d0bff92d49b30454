//! What was found where links lead: addresses expanded, and links checked.

/// Visits of ours to the targets of links.
pub(super) const FIFTH: &str = "
    CREATE TABLE shorten_expansions (
      url TEXT PRIMARY KEY,
      target TEXT NOT NULL,
      at_ms INTEGER NOT NULL
    );
    CREATE TABLE shorten_checks (
      target TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      state TEXT NOT NULL, -- ok, moved, dead, unsure
      status INTEGER, -- of HTTP, where there was an answer
      moved_to TEXT,
      reason TEXT NOT NULL,
      PRIMARY KEY (target, at_ms)
    );
    ";
