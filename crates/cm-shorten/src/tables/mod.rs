//! cm-shorten's tables: links, the revision that tells `serve` what is new, and the click log. All its SQL is in this
//! folder.

mod changes;
mod clicks;
mod imports;
mod links;
mod remote;
mod rollups;
mod routes;
mod serving;
mod sums;
mod upkeep;
mod visits;
mod web_logs;

pub use imports::{Before, Full, There};
pub use remote::Remote;
pub use rollups::SLICE;
pub use routes::{Position, START};
pub use upkeep::Judged;
pub use web_logs::Logged;

use anyhow::Result;
use cm_cli::Session;
use cm_store::{Error, Migration, Mode, Store};

const OWNER: &str = "cm-shorten";

/// Each step stands beside the code that reads what it makes.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: FIRST },
    Migration { version: 2, sql: links::SECOND },
    Migration { version: 3, sql: clicks::THIRD },
    Migration { version: 4, sql: remote::FOURTH },
    Migration { version: 5, sql: visits::FIFTH },
    Migration { version: 6, sql: imports::SIXTH },
];

const FIRST: &str = "
    CREATE TABLE shorten_links (
      code TEXT PRIMARY KEY,
      identity TEXT UNIQUE, -- what makes two wishes one link; none on links made to be apart
      domain TEXT NOT NULL,
      target TEXT NOT NULL,
      account TEXT,
      campaign TEXT,
      title TEXT,
      created_ms INTEGER NOT NULL,
      expires_ms INTEGER,
      max_clicks INTEGER,
      revision INTEGER NOT NULL -- of shorten_state when it was made or changed
    );
    CREATE UNIQUE INDEX shorten_links_revision ON shorten_links (revision, code);
    CREATE TABLE shorten_state (
      name TEXT PRIMARY KEY, -- 'revision'; 'dropped': clicks that were answered but not logged
      value INTEGER NOT NULL
    );
    INSERT INTO shorten_state (name, value) VALUES ('revision', 0), ('dropped', 0);
    CREATE TABLE shorten_clicks (
      seq INTEGER PRIMARY KEY,
      at_ms INTEGER NOT NULL,
      code TEXT NOT NULL,
      class TEXT NOT NULL,
      rule TEXT NOT NULL,
      referrer TEXT, -- a host, never more
      family TEXT NOT NULL,
      source TEXT NOT NULL,
      device TEXT,
      visitor TEXT -- keyed with a salt that was never written
    );
    CREATE INDEX shorten_clicks_at ON shorten_clicks (at_ms);
    CREATE INDEX shorten_clicks_code ON shorten_clicks (code, at_ms);
    CREATE VIEW report_links_v1 AS
      SELECT code, domain || '/' || code AS short_url, target AS url, account, campaign, title, created_ms
      FROM shorten_links;
    CREATE VIEW report_clicks_v1 AS SELECT at_ms, code, class, family, source FROM shorten_clicks;
    ";

/// The tables of an open store.
#[derive(Clone, Debug)]
pub struct Tables {
    store: Store,
}

impl Tables {
    /// Opens the store and brings the tables up to date; with `Mode::Read` they must be there.
    pub fn open(url: &str, mode: Mode) -> Result<Tables, Error> {
        let store = Store::open(url, mode)?;
        store.migrate(OWNER, MIGRATIONS)?;
        Ok(Tables { store })
    }

    /// Opens the store for looking only; `None` where no link was ever made.
    pub fn look(session: &Session) -> Result<Option<Tables>> {
        let Some(url) = session.store_to_read()? else { return Ok(None) };
        if !Store::open(&url, Mode::Read)?.has_table("shorten_links")? {
            return Ok(None);
        }
        Ok(Some(Tables::open(&url, Mode::Read)?))
    }

    /// Opens the store for remembering what was found, where there is one.
    pub fn to_remember(session: &Session) -> Result<Option<Tables>> {
        match Tables::look(session)? {
            Some(_) => Ok(Some(Tables::open(&session.store_url()?, Mode::Write)?)),
            None => Ok(None),
        }
    }

    /// The store beneath, for its locks.
    pub fn store(&self) -> &Store {
        &self.store
    }
}
