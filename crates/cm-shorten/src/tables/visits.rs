//! What was found where links lead: addresses expanded, and links checked.

use super::Tables;
use crate::check::{Earlier, Finding};
use anyhow::Result;
use cm_store::{Error, Row, Value};

/// Visits of ours to the targets of links, and how each link stood at the last one, since when.
pub(super) const FIFTH: &str = "
    CREATE TABLE shorten_expansions (
      url TEXT PRIMARY KEY,
      target TEXT NOT NULL,
      at_ms INTEGER NOT NULL
    );
    CREATE INDEX shorten_expansions_at ON shorten_expansions (at_ms);
    CREATE TABLE shorten_checks (
      target TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      state TEXT NOT NULL, -- ok, moved, dead, unsure
      status INTEGER, -- of HTTP, where there was an answer
      moved_to TEXT,
      reason TEXT NOT NULL,
      PRIMARY KEY (target, at_ms)
    );
    CREATE VIEW report_link_checks_v1 AS
      SELECT l.code, l.domain || '/' || l.code AS short_url, l.target AS url, l.account, l.title,
        c.state, c.status, c.moved_to, c.reason, c.at_ms,
        (SELECT MIN(s.at_ms) FROM shorten_checks s
          WHERE s.target = c.target AND s.at_ms > COALESCE(
            (SELECT MAX(o.at_ms) FROM shorten_checks o WHERE o.target = c.target AND o.state <> c.state), 0)
        ) AS since_ms
      FROM shorten_links l JOIN shorten_checks c ON c.target = l.target
      WHERE c.at_ms = (SELECT MAX(m.at_ms) FROM shorten_checks m WHERE m.target = l.target);
    ";

/// Checks of one target that are kept.
const HISTORY: i64 = 20;

impl Tables {
    /// The checks of a target, the newest first.
    pub fn checks(&self, target: &str) -> Result<Vec<Earlier>, Error> {
        let target = target.to_owned();
        self.store().read(move |tx| {
            let sql = "SELECT at_ms, state, status, reason FROM shorten_checks WHERE target = ?1
                ORDER BY at_ms DESC LIMIT ?2";
            tx.query(sql, &[target.as_str().into(), HISTORY.into()])?.iter().map(earlier).collect()
        })
    }

    /// Keeps what was found of targets; of each the last checks.
    pub fn keep_checks(&self, found: &[(String, Finding)], at_ms: i64) -> Result<()> {
        let found = found.to_vec();
        self.store().write(move |tx| {
            for (target, finding) in &found {
                let values: [Value; 6] = [
                    target.as_str().into(),
                    at_ms.into(),
                    finding.state.as_str().into(),
                    finding.status.map(i64::from).into(),
                    finding.moved_to.clone().into(),
                    finding.reason.as_str().into(),
                ];
                let sql = "INSERT INTO shorten_checks (target, at_ms, state, status, moved_to, reason)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
                tx.execute(sql, &values)?;
                let sql = "DELETE FROM shorten_checks WHERE target = ?1 AND at_ms <=
                    (SELECT at_ms FROM shorten_checks WHERE target = ?1 ORDER BY at_ms DESC LIMIT 1 OFFSET ?2)";
                tx.execute(sql, &[target.as_str().into(), HISTORY.into()])?;
            }
            Ok(())
        })
    }

    /// Forgets checks of targets to which no link leads any more.
    pub fn forget_checks(&self) -> Result<()> {
        let sql = "DELETE FROM shorten_checks WHERE target NOT IN (SELECT target FROM shorten_links)";
        self.store().write(move |tx| Ok(tx.execute(sql, &[]).map(|_| ())?))
    }

    /// Where an address led, if that was found out since a time.
    pub fn expansion(&self, url: &str, since_ms: i64) -> Result<Option<String>, Error> {
        let url = url.to_owned();
        self.store().read(move |tx| {
            let sql = "SELECT target FROM shorten_expansions WHERE url = ?1 AND at_ms >= ?2";
            tx.query(sql, &[url.as_str().into(), since_ms.into()])?
                .first()
                .map(|row| row.need_text(0))
                .transpose()
        })
    }

    /// Keeps where an address leads, and forgets what was found out before a time.
    pub fn keep_expansion(&self, url: &str, target: &str, at_ms: i64, since_ms: i64) -> Result<()> {
        let (url, target) = (url.to_owned(), target.to_owned());
        self.store().write(move |tx| {
            tx.execute("DELETE FROM shorten_expansions WHERE at_ms < ?1", &[since_ms.into()])?;
            let sql = "INSERT INTO shorten_expansions (url, target, at_ms) VALUES (?1, ?2, ?3)
                ON CONFLICT (url) DO UPDATE SET target = excluded.target, at_ms = excluded.at_ms";
            tx.execute(sql, &[url.as_str().into(), target.as_str().into(), at_ms.into()])?;
            Ok(())
        })
    }
}

fn earlier(row: &Row) -> Result<Earlier, Error> {
    Ok(Earlier {
        at_ms: row.need_int(0)?,
        state: row.need_text(1)?,
        status: row.int(2)?,
        reason: row.need_text(3)?,
    })
}
