//! Clicks of other servers' logs, of which the store may have some.

use super::Tables;
use super::clicks::{append, newest, state};
use super::rollups::QUARTER;
use crate::rows::Click;
use cm_store::{Error, Tx};
use std::collections::HashMap;
use std::sync::Arc;

/// A click of a log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The click.
    pub click: Click,
    /// The how manieth in its file of those that are alike, from 1.
    pub nth: i64,
}

/// Second, link, agent, host, how.
type Kind = (i64, String, Option<String>, Option<String>, Option<String>);

impl Tables {
    /// The store's last click.
    pub fn newest_click(&self) -> Result<i64, Error> {
        self.store.read(|tx| newest(tx))
    }

    /// Appends those clicks, in order of time, of whose kind the store held fewer when `before` was its last click. How
    /// many that were, and how many were left out, as clicks of their day are deleted by now.
    pub fn take_in(&self, clicks: Vec<Logged>, before: i64) -> Result<(u64, u64), Error> {
        let (all, clicks): (usize, Arc<[Logged]>) = (clicks.len(), clicks.into());
        self.store.write(move |tx| {
            let kept_since = state(tx, "kept_since")?;
            let clicks = &clicks[clicks.partition_point(|logged| logged.click.at_ms < kept_since)..];
            let mut fresh = Vec::new();
            // By quarters of an hour: what the store holds of one fits in memory, of all that a group spans it may not.
            let quarter = |logged: &Logged| logged.click.at_ms.div_euclid(QUARTER);
            for near in clicks.chunk_by(|a, b| quarter(a) == quarter(b)) {
                let there = there(tx, near, before)?;
                fresh.extend(
                    near.iter().filter(|one| one.nth > there.get(&kind(&one.click)).copied().unwrap_or(0)),
                );
            }
            append(tx, fresh.iter().map(|logged| &logged.click))?;
            Ok((fresh.len() as u64, (all - clicks.len()) as u64))
        })
    }
}

fn kind(click: &Click) -> Kind {
    let Click { at_ms, code, agent, referrer, how, .. } = click;
    (at_ms.div_euclid(1000), code.clone(), agent.clone(), referrer.clone(), how.clone())
}

/// How many clicks of each kind the store has of the time of these.
fn there(tx: &mut dyn Tx, clicks: &[Logged], before: i64) -> Result<HashMap<Kind, i64>, Error> {
    let (Some(first), Some(last)) = (clicks.first(), clicks.last()) else { return Ok(HashMap::new()) };
    let second = |logged: &Logged| logged.click.at_ms.div_euclid(1000);
    let sql = "SELECT c.at_ms / 1000, c.code, a.agent, c.referrer, c.how, count(*) FROM shorten_clicks c
               LEFT JOIN shorten_agents a ON a.id = c.agent
               WHERE c.at_ms >= ?1 AND c.at_ms < ?2 AND c.seq <= ?3
               GROUP BY c.at_ms / 1000, c.code, a.agent, c.referrer, c.how";
    let values = [(second(first) * 1000).into(), (second(last) * 1000 + 1000).into(), before.into()];
    let rows = tx.query(sql, &values)?;
    let kind = |row: &cm_store::Row| -> Result<(Kind, i64), Error> {
        Ok((
            (row.need_int(0)?, row.need_text(1)?, row.text(2)?, row.text(3)?, row.text(4)?),
            row.need_int(5)?,
        ))
    };
    rows.iter().map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::super::clicks::MOST_AGENTS;
    use super::*;
    use crate::visit::{Keeper, Visit};
    use cm_store::Mode;

    #[test]
    fn an_agent_for_which_there_is_no_room_is_known_as_that() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path().join("store").to_str().unwrap(), Mode::Write).unwrap();
        let visit = Visit::logged("k", 0, false, Some("curl/8.5.0"), "-", "203.0.113.9");
        let click = Keeper::default().keep(&visit).unwrap();
        let agent = click.agent.clone().unwrap();
        assert!(tables.keeps_agent(&agent).unwrap());
        let sql = "INSERT INTO shorten_agents (id, agent) VALUES (?1, ?2)";
        let values = [MOST_AGENTS.into(), "other".into()];
        tables.store.write(move |tx| tx.execute(sql, &values)).unwrap();
        assert!(!tables.keeps_agent(&agent).unwrap());
        let kept = Click { agent: Some(agent).filter(|agent| tables.keeps_agent(agent).unwrap()), ..click };
        for added in [1, 0] {
            let before = tables.newest_click().unwrap();
            let logged = vec![Logged { click: kept.clone(), nth: 1 }];
            assert_eq!(tables.take_in(logged, before).unwrap(), (added, 0), "the same log counts once");
        }
        // A server moves on what is kept while an import runs.
        let sql = "UPDATE shorten_state SET value = 1000 WHERE name = 'kept_since'";
        tables.store.write(move |tx| tx.execute(sql, &[])).unwrap();
        let logged = |at_ms| Logged { click: Click { at_ms, ..kept.clone() }, nth: 1 };
        let before = tables.newest_click().unwrap();
        assert_eq!(tables.take_in(vec![logged(1), logged(999), logged(1000)], before).unwrap(), (1, 2));
    }
}
