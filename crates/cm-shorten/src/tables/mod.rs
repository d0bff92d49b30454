//! cm-shorten's tables: links, the revision that tells `serve` what is new, and the click log. All its SQL is in this
//! folder.

mod changes;
mod click_list;
mod clicks;
mod cut;
mod imports;
mod links;
mod remote;
mod rollups;
mod routes;
mod serving;
mod sums;
mod upkeep;
mod views;
mod visits;
mod web_logs;

pub use cut::Whose;
pub use imports::{Before, Earlier, Full, There};
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
    Migration { version: 7, sql: views::SEVENTH },
    Migration { version: 8, sql: click_list::EIGHTH },
    Migration { version: 9, sql: links::NINTH },
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
    /// Opens the store and brings the tables up to date; with `Mode::Read` they must be there, if older ones.
    pub fn open(url: &str, mode: Mode) -> Result<Tables, Error> {
        let store = Store::open(url, mode)?;
        match store.migrate(OWNER, MIGRATIONS) {
            // Of an earlier release: who only looks must not have to make a link first.
            Err(Error::Open(_)) if mode == Mode::Read && store.has_table("shorten_links")? => {
                // Its clicks are not added up: a list would look through all of them for every page of links.
                let writer = Tables::open(url, Mode::Write)?;
                while writer.roll_up()? {}
            }
            done => done?,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{ByClass, Span, Wanted};
    use crate::slug::Codes;

    const OLD: &str = "
        INSERT INTO shorten_links VALUES
          ('k7qmtd', 'one', 'https://go.acme.example', 'https://a.example/', 'bluesky:acme', 'spring', 'T', 5, NULL, NULL, 1),
          ('sale', NULL, 'https://go.acme.example', 'https://a.example/sale', NULL, NULL, NULL, 6, 9, 3, 2);
        UPDATE shorten_state SET value = 2 WHERE name = 'revision';
        UPDATE shorten_state SET value = 7 WHERE name = 'dropped';
        INSERT INTO shorten_clicks VALUES
          (1, 1000, 'sale', 'human', 'browser', 'a.example', 'other', 'a.example', 'phone', 'v'),
          (2, 2000, 'sale', 'human', 'browser', NULL, 'direct', 'direct', 'phone', 'v'),
          (3, 3000, 'sale', 'human', 'browser', NULL, 'direct', 'direct', 'desktop', 'w'),
          (4, 90000000, 'k7qmtd', 'human', 'browser', NULL, 'direct', 'direct', 'phone', 'x'),
          (5, 90000001, 'k7qmtd', 'bot', 'HEAD request', NULL, 'direct', 'direct', NULL, NULL);
        ";

    /// A store as the first release left it.
    fn old(dir: &tempfile::TempDir) -> String {
        let url = dir.path().join("store.db").display().to_string();
        let store = Store::open(&url, Mode::Write).unwrap();
        store.migrate(OWNER, &MIGRATIONS[..1]).unwrap();
        let fill = |tx: &mut dyn cm_store::Tx| {
            OLD.split(';')
                .filter(|sql| !sql.trim().is_empty())
                .try_for_each(|sql| tx.execute(sql, &[]).map(drop))
        };
        store.write(fill).unwrap();
        url
    }

    #[test]
    fn a_store_of_the_first_release_keeps_its_links_and_clicks_whoever_opens_it() {
        for mode in [Mode::Read, Mode::Write] {
            let dir = tempfile::tempdir().unwrap();
            let url = old(&dir);
            let tables = Tables::open(&url, mode).unwrap();
            let links = tables.links_after(&(-1, String::new()), 9).unwrap();
            assert_eq!(links.iter().map(|link| link.code.as_str()).collect::<Vec<_>>(), ["k7qmtd", "sale"]);
            assert_eq!((links[0].account.as_deref(), links[1].max_clicks), (Some("bluesky:acme"), Some(3)));
            assert_eq!(tables.dropped().unwrap(), 7);
            let span = Span { since_ms: 0, until_ms: 100_000_000 };
            for rolled in [false, true] {
                let counts = tables.counts(vec!["k7qmtd".into(), "sale".into()]).unwrap();
                assert_eq!(counts["k7qmtd"], ByClass { human: 1, bot: 1, ..ByClass::default() }, "{rolled}");
                assert_eq!(counts["sale"].human, 3, "{rolled}");
                assert_eq!(tables.visitors(&Whose::Links(vec!["sale".into()]), span).unwrap(), 2, "{rolled}");
                assert_eq!(tables.visitors(&Whose::All, span).unwrap(), 3, "{rolled}");
                while mode == Mode::Write && tables.roll_up().unwrap() {}
            }
            assert_eq!(
                Tables::open(&url, Mode::Read).unwrap().links_after(&(-1, String::new()), 9).unwrap(),
                links
            );
        }
    }

    #[test]
    fn the_filter_finds_the_links_of_the_first_release() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(&old(&dir), Mode::Write).unwrap();
        let wanted = |identity: &str| Wanted { identity: Some(identity.into()), ..Wanted::default() };
        let kept = tables.ensure(&vec![wanted("one"), wanted("two")].into(), Codes::Random).unwrap();
        let kept: Vec<_> = kept.into_iter().flatten().collect();
        assert_eq!((kept[0].code.as_str(), kept[0].is_new, kept[1].is_new), ("k7qmtd", false, true));
        let links = tables.links_after(&(2, "sale".into()), 9).unwrap();
        assert_eq!(links.iter().map(|link| link.code.clone()).collect::<Vec<_>>(), [kept[1].code.clone()]);
    }

    #[test]
    fn counting_goes_on_where_very_many_numbers_in_a_row_are_barred() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(&old(&dir), Mode::Write).unwrap();
        // 45500 to 455zz read as a word that no code may hold.
        let before = 4 * 30_i64.pow(4) + 5 * 30_i64.pow(3) + 5 * 30_i64.pow(2) - 1;
        let sql = "UPDATE shorten_state SET value = ?1 WHERE name = 'sequence'";
        tables.store.write(move |tx| tx.execute(sql, &[before.into()])).unwrap();
        let wanted = Wanted { identity: Some("two".into()), ..Wanted::default() };
        let kept = tables.ensure(&vec![wanted].into(), Codes::Sequence).unwrap();
        assert_eq!(kept[0].as_ref().unwrap().code, "45600");
    }
}
