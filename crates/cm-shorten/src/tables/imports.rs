//! Links with all that an export carries, and those that come from elsewhere: found by code and by identity, with the
//! clicks that they had there.

use super::Tables;
use super::links::{COLUMNS, WIDTH, link_of};
use crate::rows::Link;
use cm_store::{Error, Row, Tx};

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

/// What is there for a row: the link of its code, and the code of its identity.
#[derive(Clone, Debug, Default)]
pub struct There {
    /// The link that has the code.
    pub link: Option<Link>,
    /// The code of the link that has the identity.
    pub same: Option<String>,
}

impl Tables {
    /// Up to `limit` links after a position (revision, code), as `links_after` has them.
    pub fn full_after(&self, after: &(i64, String), limit: i64) -> Result<Vec<Full>, Error> {
        let (revision, code) = after.clone();
        self.store.read(move |tx| {
            let sql = format!(
                "SELECT {COLUMNS}, l.identity, b.clicks
                 FROM shorten_links l LEFT JOIN shorten_before b ON b.code = l.code
                 WHERE (l.revision, l.code) > (?1, ?2) ORDER BY l.revision, l.code LIMIT ?3"
            );
            let rows = tx.query(&sql, &[revision.into(), code.as_str().into(), limit.into()])?;
            rows.iter().map(full_of).collect()
        })
    }

    /// What is there for each (code, identity).
    pub fn there(&self, asked: Vec<(Option<String>, Option<String>)>) -> Result<Vec<There>, Error> {
        self.store.read(move |tx| asked.iter().map(|(code, identity)| look(tx, code, identity)).collect())
    }

    /// Keeps the clicks that links (code, clicks) had before; those that were kept already stay.
    pub fn keep_before(
        &self,
        source: &'static str,
        at_ms: i64,
        counts: Vec<(String, i64)>,
    ) -> Result<(), Error> {
        if counts.is_empty() {
            return Ok(());
        }
        self.store.write(move |tx| {
            for (code, clicks) in &counts {
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
