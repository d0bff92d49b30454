//! What was found where links lead: addresses expanded, and links checked.

use super::Tables;
use crate::check::{Earlier, Finding};
use anyhow::Result;
use cm_store::{Error, Row, Tx, Value};

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

/// Checks of one target that are kept; of those in a row that found the same only the first and the last, so that it is
/// known since when a target stands as it does, however often it is checked.
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

    /// Keeps what was found of targets; of each where it began, and the last checks.
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
                join_alike(tx, target)?;
                let sql = "DELETE FROM shorten_checks WHERE target = ?1 AND at_ms <=
                    (SELECT at_ms FROM shorten_checks WHERE target = ?1 ORDER BY at_ms DESC LIMIT 1 OFFSET ?2)";
                tx.execute(sql, &[target.as_str().into(), HISTORY.into()])?;
            }
            Ok(())
        })
    }

    /// Forgets checks of targets to which no link leads any more at an instant: nobody has to mend a link that has ended.
    pub fn forget_checks(&self, now_ms: i64) -> Result<()> {
        let sql = "DELETE FROM shorten_checks WHERE target NOT IN
            (SELECT target FROM shorten_links WHERE expires_ms IS NULL OR expires_ms > ?1)";
        self.store().write(move |tx| Ok(tx.execute(sql, &[now_ms.into()]).map(|_| ())?))
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

/// Forgets the last check but one where those before and after it found the same.
fn join_alike(tx: &mut dyn Tx, target: &str) -> Result<(), Error> {
    let sql = "SELECT at_ms, state, status, reason FROM shorten_checks WHERE target = ?1
        ORDER BY at_ms DESC LIMIT 3";
    let last = tx.query(sql, &[target.into()])?.iter().map(earlier).collect::<Result<Vec<_>, Error>>()?;
    let [after, between, before] = &last[..] else { return Ok(()) };
    let same = |other: &Earlier| {
        (&other.state, other.status, &other.reason) == (&between.state, between.status, &between.reason)
    };
    if same(after) && same(before) {
        let sql = "DELETE FROM shorten_checks WHERE target = ?1 AND at_ms = ?2";
        tx.execute(sql, &[target.into(), between.at_ms.into()])?;
    }
    Ok(())
}

fn earlier(row: &Row) -> Result<Earlier, Error> {
    Ok(Earlier {
        at_ms: row.need_int(0)?,
        state: row.need_text(1)?,
        status: row.int(2)?,
        reason: row.need_text(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;
    use cm_store::Mode;

    #[test]
    fn since_when_a_target_stands_as_it_does_is_known_however_often_it_is_checked() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path().join("store").to_str().unwrap(), Mode::Write).unwrap();
        let check = |at_ms, status| {
            let finding = Finding {
                state: State::Unsure,
                status: Some(status),
                moved_to: None,
                reason: "r".to_owned(),
            };
            tables.keep_checks(&[("https://a.example/".to_owned(), finding)], at_ms).unwrap();
        };
        check(0, 200);
        (1..100).for_each(|at_ms| check(at_ms, 404));
        let times = || -> Vec<i64> {
            tables.checks("https://a.example/").unwrap().iter().map(|earlier| earlier.at_ms).collect()
        };
        assert_eq!(times(), [99, 1, 0]);
        (100..200).for_each(|at_ms| check(at_ms, 404 + u16::try_from(at_ms % 2).unwrap()));
        assert_eq!(times(), (180..200).rev().collect::<Vec<_>>(), "what goes to and fro is bounded");
    }
}
