//! Links with all that an export carries, and those that come from elsewhere: found by code and by identity, with the
//! clicks that they had there.

use super::Tables;
use super::links::{COLUMNS, WIDTH, link_of};
use crate::rows::Link;
use cm_store::{Error, Row, Tx};
use serde::Serialize;
use std::collections::HashMap;

/// Clicks that were counted before a link came here. They stay apart from ours: nobody knows how many were robots'.
pub(super) const SIXTH: &str = "
    CREATE TABLE shorten_before (
      code TEXT PRIMARY KEY,
      source TEXT NOT NULL, -- what --from named
      clicks INTEGER NOT NULL,
      at_ms INTEGER NOT NULL -- when they were taken over
    );
    ";

/// A link with what only exports tell.
#[derive(Clone, Debug)]
pub struct Full {
    /// The link.
    pub link: Link,
    /// What makes two wishes this link; none when it stands apart.
    pub identity: Option<String>,
    /// Clicks that it had elsewhere.
    pub before: Option<i64>,
}

/// Clicks that a link had before.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its code.
    pub code: String,
    /// How many.
    pub clicks: i64,
    /// When the source says that the link was made, ms.
    pub created_ms: Option<i64>,
}

/// Clicks of a link that were counted elsewhere, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// All that were counted there, robots' among them.
    pub clicks: i64,
    /// What `--from` named; absent of several links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What is there for a row: the link of its code, and the code of its identity.
#[derive(Clone, Debug, Default)]
pub struct There {
    /// The link that has the code.
    pub link: Option<Link>,
    /// The code of the link that has the identity.
    pub same: Option<String>,
}

/// Links read at once.
const PAGE: i64 = 1000;

impl Tables {
    /// All links, some at a time, in the order of their codes: one that is changed meanwhile keeps its place.
    pub fn full(&self) -> impl Iterator<Item = Result<Vec<Full>, Error>> {
        let mut after = Some(String::new());
        std::iter::from_fn(move || {
            let page = self.full_after(after.as_deref()?, PAGE);
            let last = page.as_ref().ok().and_then(|page| page.last());
            after = last.map(|full| full.link.code.clone());
            Some(page).filter(|page| page.as_ref().map_or(true, |page| !page.is_empty()))
        })
    }

    /// Up to `limit` links after a code, in the order of their codes: one that is changed meanwhile keeps its place.
    pub fn full_after(&self, after: &str, limit: i64) -> Result<Vec<Full>, Error> {
        let after = after.to_owned();
        self.store.read(move |tx| {
            let sql = format!(
                "SELECT {COLUMNS}, l.identity, b.clicks
                 FROM shorten_links l LEFT JOIN shorten_before b ON b.code = l.code
                 WHERE l.code > ?1 ORDER BY l.code LIMIT ?2"
            );
            tx.query(&sql, &[after.as_str().into(), limit.into()])?.iter().map(full_of).collect()
        })
    }

    /// What is there for each (code, identity).
    pub fn there(&self, asked: Vec<(Option<String>, Option<String>)>) -> Result<Vec<There>, Error> {
        self.store.read(move |tx| asked.iter().map(|(code, identity)| look(tx, code, identity)).collect())
    }

    /// Clicks that these links had elsewhere, as far as they had any.
    pub fn earlier(&self, codes: Vec<String>) -> Result<HashMap<String, Earlier>, Error> {
        self.store.read(move |tx| {
            let mut earlier = HashMap::new();
            // Most stores have none at all.
            if tx.query("SELECT 1 FROM shorten_before LIMIT 1", &[])?.is_empty() {
                return Ok(earlier);
            }
            for code in &codes {
                let sql = "SELECT clicks, source FROM shorten_before WHERE code = ?1";
                for row in tx.query(sql, &[code.into()])? {
                    earlier.insert(code.clone(), Earlier { clicks: row.need_int(0)?, source: row.text(1)? });
                }
            }
            Ok(earlier)
        })
    }

    /// Clicks that all links together had elsewhere; `None` where there were none.
    pub fn all_earlier(&self) -> Result<Option<Earlier>, Error> {
        self.store.read(|tx| {
            let rows = tx.query("SELECT coalesce(sum(clicks), 0) FROM shorten_before", &[])?;
            let clicks = rows.first().map_or(Ok(0), |row| row.need_int(0))?;
            Ok((clicks > 0).then_some(Earlier { clicks, source: None }))
        })
    }

    /// Keeps the clicks that links had before; those that were kept already stay. A link of the same moment that has as
    /// many here is the very link that was exported: its clicks would count twice.
    pub fn keep_before(&self, source: &'static str, at_ms: i64, counts: Vec<Before>) -> Result<(), Error> {
        if counts.is_empty() {
            return Ok(());
        }
        let here = self.counts(counts.iter().map(|before| before.code.clone()).collect())?;
        self.store.write(move |tx| {
            for Before { code, clicks, created_ms } in &counts {
                let clicks_here = here.get(code).map_or(0, |by| by.human + by.preview + by.bot);
                let same = "SELECT 1 FROM shorten_links WHERE code = ?1 AND created_ms = ?2";
                let mut is_same = || tx.query(same, &[code.as_str().into(), (*created_ms).into()]);
                if clicks_here >= *clicks && !is_same()?.is_empty() {
                    continue;
                }
                let sql = "INSERT INTO shorten_before (code, source, clicks, at_ms) VALUES (?1, ?2, ?3, ?4)
                           ON CONFLICT DO NOTHING";
                tx.execute(sql, &[code.as_str().into(), source.into(), (*clicks).into(), at_ms.into()])?;
            }
            Ok(())
        })
    }
}

fn look(tx: &mut dyn Tx, code: &Option<String>, identity: &Option<String>) -> Result<There, Error> {
    let mut there = There::default();
    if let Some(code) = code {
        let sql = format!("SELECT {COLUMNS} FROM shorten_links l WHERE l.code = ?1");
        there.link = tx.query(&sql, &[code.as_str().into()])?.first().map(link_of).transpose()?;
    }
    if let Some(identity) = identity {
        let rows =
            tx.query("SELECT code FROM shorten_links WHERE identity = ?1", &[identity.as_str().into()])?;
        there.same = rows.first().map(|row| row.need_text(0)).transpose()?;
    }
    Ok(there)
}

fn full_of(row: &Row) -> Result<Full, Error> {
    Ok(Full { link: link_of(row)?, identity: row.text(WIDTH)?, before: row.int(WIDTH + 1)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Click, Wanted};
    use crate::slug::Codes;
    use cm_store::Mode;
    use std::sync::Arc;

    fn tables(dir: &tempfile::TempDir) -> Tables {
        let tables =
            Tables::open(&format!("sqlite:{}", dir.path().join("s").display()), Mode::Write).unwrap();
        let link = |code: &str| Wanted {
            code: Some(code.to_owned()),
            target: "https://a.example/".to_owned(),
            created_ms: 7,
            ..Wanted::default()
        };
        tables.ensure(&Arc::from(["a", "b", "c"].map(link)), Codes::Random).unwrap();
        tables
    }

    #[test]
    fn a_link_that_is_changed_while_all_are_read_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        let tables = tables(&dir);
        let first = tables.full_after("", 1).unwrap().remove(0).link.code;
        let edited = tables.edit(
            &first,
            8,
            |_| None,
            |link| {
                link.target = "https://b.example/".to_owned();
            },
        );
        assert!(edited.unwrap().is_some_and(|made| !made.is_empty()));
        let rest = tables.full_after(&first, 10).unwrap();
        let rest: Vec<&str> = rest.iter().map(|full| full.link.code.as_str()).collect();
        assert_eq!((first.as_str(), rest), ("a", vec!["b", "c"]));
    }

    #[test]
    fn clicks_of_the_very_link_that_was_exported_do_not_count_twice() {
        let dir = tempfile::tempdir().unwrap();
        let tables = tables(&dir);
        let click = || Click {
            at_ms: 8,
            code: "a".to_owned(),
            class: "bot".into(),
            rule: "".into(),
            referrer: None,
            family: "".into(),
            source: String::new(),
            device: None,
            country: None,
            agent: None,
            how: None,
            visitor: None,
            first_here: false,
            first_of_all: false,
        };
        tables.log(Arc::from([click(), click()]), 0).unwrap();
        let before = |code: &str, created_ms| Before { code: code.to_owned(), clicks: 2, created_ms };
        // As it was exported, and one that a run that was killed has made.
        tables.keep_before("csv", 9, vec![before("a", Some(7)), before("b", Some(7))]).unwrap();
        let kept: Vec<_> = tables.full_after("", 10).unwrap().iter().map(|full| full.before).collect();
        assert_eq!(kept, [None, Some(2), None]);
        tables.keep_before("yourls", 9, vec![before("a", None)]).unwrap();
        assert_eq!(tables.full_after("", 1).unwrap()[0].before, Some(2));
    }
}
