//! The click log in the store: appended. What is added up of it stands in rollups.rs, and click_list.rs reads it back.

use super::Tables;
use crate::rows::Click;
use cm_store::{Bound, Error, Tx};
use std::collections::HashMap;
use std::sync::Arc;

/// Where clicks came from, what they are classified by, who came first, and what is added up.
pub(super) const THIRD: &str = "
    ALTER TABLE shorten_clicks ADD COLUMN country TEXT; -- two letters, where the user has a table of networks
    ALTER TABLE shorten_clicks ADD COLUMN agent INTEGER; -- of shorten_agents; none where it is not known
    ALTER TABLE shorten_clicks ADD COLUMN how TEXT; -- head, ahead; none for the usual GET
    ALTER TABLE shorten_clicks ADD COLUMN first_here INTEGER NOT NULL DEFAULT 0; -- of a visitor on a link on a day
    ALTER TABLE shorten_clicks ADD COLUMN first_of_all INTEGER NOT NULL DEFAULT 0; -- of a visitor on a day
    UPDATE shorten_clicks SET how = CASE rule WHEN 'HEAD request' THEN 'head' ELSE 'ahead' END
      WHERE rule IN ('HEAD request', 'fetched ahead');
    UPDATE shorten_clicks SET first_here = 1 WHERE seq IN
      (SELECT min(seq) FROM shorten_clicks WHERE visitor IS NOT NULL AND how IS NULL GROUP BY visitor, code);
    UPDATE shorten_clicks SET first_of_all = 1 WHERE seq IN
      (SELECT min(seq) FROM shorten_clicks WHERE visitor IS NOT NULL AND how IS NULL GROUP BY visitor);
    CREATE TABLE shorten_agents (
      id INTEGER PRIMARY KEY,
      agent TEXT NOT NULL UNIQUE -- what may be kept of a user agent: names that many share, never more
    );
    CREATE TABLE shorten_click_quarters (
      code TEXT NOT NULL, -- empty: all links
      begin_ms INTEGER NOT NULL, -- of a quarter of an hour
      human INTEGER NOT NULL,
      preview INTEGER NOT NULL,
      bot INTEGER NOT NULL,
      PRIMARY KEY (code, begin_ms)
    );
    CREATE TABLE shorten_click_days (
      code TEXT NOT NULL,
      unit INTEGER NOT NULL, -- 1 or 32 days of UTC, in ms
      begin_ms INTEGER NOT NULL,
      human INTEGER NOT NULL,
      preview INTEGER NOT NULL,
      bot INTEGER NOT NULL,
      visitors INTEGER NOT NULL,
      PRIMARY KEY (code, unit, begin_ms)
    );
    CREATE INDEX shorten_click_days_unit ON shorten_click_days (unit, begin_ms, code, human);
    CREATE TABLE shorten_click_parts (
      code TEXT NOT NULL,
      unit INTEGER NOT NULL,
      begin_ms INTEGER NOT NULL,
      part TEXT NOT NULL, -- source, device, country
      family TEXT NOT NULL,
      name TEXT NOT NULL,
      human INTEGER NOT NULL,
      PRIMARY KEY (code, unit, begin_ms, part, family, name)
    );
    INSERT INTO shorten_state (name, value) VALUES
      ('rolled', 0), -- the last click (seq) that is added up
      ('kept_since', 0); -- older clicks were deleted, ms
    CREATE VIEW report_clicks_v2 AS
      SELECT at_ms, code, class, family, source, referrer, device, country FROM shorten_clicks;
    ";

/// User agents (as far as they may be kept) that the store remembers; clicks of others cannot be classified anew.
pub(super) const MOST_AGENTS: i64 = 50_000;

impl Tables {
    /// Appends clicks, and counts those that were answered but could not be kept.
    pub fn log(&self, clicks: Arc<[Click]>, dropped: u64) -> Result<(), Error> {
        self.store.write(move |tx| {
            append(tx, clicks.iter())?;
            if dropped > 0 {
                let dropped = i64::try_from(dropped).unwrap_or(i64::MAX);
                tx.execute(
                    "UPDATE shorten_state SET value = value + ?1 WHERE name = 'dropped'",
                    &[dropped.into()],
                )?;
            }
            Ok(())
        })
    }

    /// Whether the clicks of this agent (what may be kept of it) are kept with it, or without: there may be too many.
    pub fn keeps_agent(&self, agent: &str) -> Result<bool, Error> {
        let agent = agent.to_owned();
        self.store.read(move |tx| Ok(number_of(tx, &agent)?.0.is_some()))
    }

    /// How many clicks were answered but not logged, ever.
    pub fn dropped(&self) -> Result<i64, Error> {
        self.store.read(|tx| state(tx, "dropped"))
    }
}

/// A number that the store remembers.
pub(super) fn state(tx: &mut dyn Tx, name: &'static str) -> Result<i64, Error> {
    let rows = tx.query("SELECT value FROM shorten_state WHERE name = ?1", &[name.into()])?;
    rows.first().map_or(Ok(0), |row| row.need_int(0))
}

/// The last click's sequence number.
pub(super) fn newest(tx: &mut dyn Tx) -> Result<i64, Error> {
    let rows = tx.query("SELECT coalesce(max(seq), 0) FROM shorten_clicks", &[])?;
    let last = rows.first().map_or(Ok(0), |row| row.need_int(0))?;
    // Clicks that were deleted had numbers too, none of which is given twice.
    Ok(last.max(state(tx, "rolled")?))
}

/// Appends clicks to the log.
pub(super) fn append<'a>(tx: &mut dyn Tx, clicks: impl Iterator<Item = &'a Click>) -> Result<(), Error> {
    let mut seq = newest(tx)?;
    let mut agents = HashMap::new();
    let mut values: Vec<Bound<'a>> = Vec::with_capacity(TOGETHER * INSERTED);
    for click in clicks {
        seq += 1;
        let agent = match click.agent.as_deref() {
            None => None,
            Some(agent) => match agents.get(agent) {
                Some(id) => *id,
                None => {
                    let id = agent_id(tx, agent)?;
                    agents.insert(agent, id);
                    id
                }
            },
        };
        values.extend(inserted(seq, click, agent));
        if values.len() == TOGETHER * INSERTED {
            tx.execute_each(INSERT, INSERTED, &values)?;
            values.clear();
        }
    }
    tx.execute_each(INSERT, INSERTED, &values).map(drop)
}

/// The number of an agent that is there, else one that is free, else none.
fn number_of(tx: &mut dyn Tx, agent: &str) -> Result<(Option<i64>, bool), Error> {
    let found = tx.query("SELECT id FROM shorten_agents WHERE agent = ?1", &[agent.into()])?;
    if let Some(row) = found.first() {
        return Ok((row.int(0)?, true));
    }
    let last = tx.query("SELECT coalesce(max(id), 0) FROM shorten_agents", &[])?;
    let next = last.first().map_or(Ok(0), |row| row.need_int(0))? + 1;
    Ok((Some(next).filter(|id| *id <= MOST_AGENTS), false))
}

fn agent_id(tx: &mut dyn Tx, agent: &str) -> Result<Option<i64>, Error> {
    let (id, is_there) = number_of(tx, agent)?;
    let Some(id) = id.filter(|_| !is_there) else { return Ok(id) };
    tx.execute("INSERT INTO shorten_agents (id, agent) VALUES (?1, ?2)", &[id.into(), agent.into()])?;
    Ok(Some(id))
}

const INSERT: &str = "
    INSERT INTO shorten_clicks (seq, at_ms, code, class, rule, referrer, family, source, device, visitor,
                                country, agent, how, first_here, first_of_all)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
/// How many values that takes.
const INSERTED: usize = 15;
/// Clicks handed to the statement at once.
const TOGETHER: usize = 256;

fn inserted(seq: i64, click: &Click, agent: Option<i64>) -> [Bound<'_>; INSERTED] {
    [
        seq.into(),
        click.at_ms.into(),
        click.code.as_str().into(),
        Bound::Text(&click.class),
        Bound::Text(&click.rule),
        click.referrer.as_deref().into(),
        Bound::Text(&click.family),
        click.source.as_str().into(),
        click.device.as_deref().into(),
        click.visitor.as_deref().into(),
        click.country.as_deref().into(),
        agent.into(),
        click.how.as_deref().into(),
        click.first_here.into(),
        click.first_of_all.into(),
    ]
}
