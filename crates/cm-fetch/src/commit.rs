//! What a batch changes, and how it is committed: from then on it counts as handed out.

use crate::claims::unclaim;
use crate::push::{Hub, write_hub};
use crate::store::{COLUMNS, Cooling, State, Tables, ms};
use chrono::{DateTime, TimeDelta, Utc};
use cm_store::{Error, Tx, Value};

/// Keys that a source has not shown for so long are forgotten.
const FORGET_AFTER: TimeDelta = TimeDelta::days(366);
/// How exact the time of the last showing is: it is not written at every fetch.
const PRESENT_WITHIN: TimeDelta = TimeDelta::days(7);

/// What a source has not shown for long.
pub(crate) const FORGET: &str = "DELETE FROM fetch_seen WHERE source = ?1 AND present_ms < ?2";

/// What one source changes when its batch is committed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// The source.
    pub(crate) key: String,
    /// Its new row.
    pub(crate) state: State,
    /// Keys met, with their imprints.
    pub(crate) seen: Vec<(String, String)>,
    /// Keys that others have taken the place of.
    pub(crate) replaced: Vec<String>,
    /// Of an account's source: its account, and how the items met stand.
    pub(crate) standing: Option<(String, Vec<(String, String)>)>,
    /// What becomes of its host, and of its account.
    pub(crate) hosts: Vec<HostChange>,
    /// Its host, where that one's requests have to be far apart.
    pub(crate) turn: Option<String>,
    /// Whether no earlier batch waits in an archive to be handed out again: all that is new was handed out, or there was none.
    pub(crate) settled: bool,
    /// Of a feed that was read: the hub that it names, if any.
    pub(crate) hub: Option<Option<Hub>>,
    /// The run whose claim on it ends with this.
    pub(crate) run: Option<i64>,
}

/// A host or account and its new cool-down; `None` takes it away.
pub(crate) type HostChange = (String, Option<Cooling>);

impl Tables {
    /// Commits what a batch changed: from here on it counts as handed out.
    pub(crate) fn commit(
        &self,
        archive: Option<&str>,
        changes: Vec<Change>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let archive = archive.map(str::to_owned);
        self.store.write(move |tx| {
            for change in &changes {
                write_source(tx, change)?;
                for key in &change.replaced {
                    let sql = "DELETE FROM fetch_seen WHERE source = ?1 AND key = ?2";
                    tx.execute(sql, &[(&change.key).into(), key.into()])?;
                }
                write_seen(tx, &change.key, &change.seen, now)?;
                if let Some((account, standing)) = &change.standing {
                    write_seen(tx, account, standing, now)?;
                }
                for host in &change.hosts {
                    write_host(tx, host)?;
                }
                if let Some(hub) = &change.hub {
                    write_hub(tx, &change.key, hub.as_ref())?;
                }
                if let Some(host) = &change.turn {
                    let sql = "INSERT INTO fetch_turns (host, asked_ms) VALUES (?1, ?2)
                               ON CONFLICT (host) DO UPDATE SET asked_ms = excluded.asked_ms";
                    tx.execute(sql, &[host.into(), ms(now).into()])?;
                }
                if let Some(run) = change.run {
                    unclaim(tx, &change.key, run)?;
                }
                if let Some(archive) = archive.as_ref().filter(|_| change.settled) {
                    let sql = "DELETE FROM fetch_pending WHERE source = ?1 AND archive = ?2";
                    tx.execute(sql, &[(&change.key).into(), archive.into()])?;
                }
            }
            Ok(())
        })
    }
}

fn write_source(tx: &mut dyn Tx, change: &Change) -> Result<(), Error> {
    let state = &change.state;
    let at = |time: Option<DateTime<Utc>>| Value::from(time.map(ms));
    let values: [Value; 30] = [
        (&change.key).into(),
        (&state.name).into(),
        state.feed_url.clone().into(),
        state.validators.etag.clone().into(),
        state.validators.last_modified.clone().into(),
        state.moved_to.clone().into(),
        state.moved_seen.into(),
        at(state.next),
        at(state.tried),
        at(state.last_ok),
        at(state.failing_since),
        state.failures.into(),
        state.class.clone().into(),
        state.error.clone().into(),
        state.items.into(),
        state.mark.clone().into(),
        at(state.reach),
        state.address.clone().into(),
        state.settings.clone().into(),
        state.ids.clone().into(),
        state.renamed.into(),
        at(state.told),
        json(&state.said).into(),
        json(&state.why).into(),
        at(state.whole),
        state.asked.into(),
        state.unchanged.into(),
        state.bytes.into(),
        at(state.waits_since),
        i64::from(state.unlooked).into(),
    ];
    let sql = format!(
        "INSERT INTO fetch_sources (source, {COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
                 ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)
         ON CONFLICT (source) DO UPDATE SET
            name = excluded.name, feed_url = excluded.feed_url, etag = excluded.etag, last_modified = excluded.last_modified,
            moved_to = excluded.moved_to, moved_seen = excluded.moved_seen, next_ms = excluded.next_ms,
            tried_ms = excluded.tried_ms, last_ok_ms = excluded.last_ok_ms, failing_since_ms = excluded.failing_since_ms,
            failures = excluded.failures, class = excluded.class, error = excluded.error, items = excluded.items,
            mark = excluded.mark, reach_ms = excluded.reach_ms, address = excluded.address,
            settings = excluded.settings, ids = excluded.ids, renamed = excluded.renamed, told_ms = excluded.told_ms,
            said = excluded.said, why = excluded.why, whole_ms = excluded.whole_ms, asked = excluded.asked,
            unchanged = excluded.unchanged, bytes = excluded.bytes,
            waits_since_ms = excluded.waits_since_ms, unlooked = excluded.unlooked"
    );
    tx.execute(&sql, &values).map(|_| ())
}

fn json<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

fn write_seen(
    tx: &mut dyn Tx,
    source: &str,
    seen: &[(String, String)],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let stale = ms(now - PRESENT_WITHIN);
    for (key, hash) in seen {
        let sql = "INSERT INTO fetch_seen (source, key, hash, present_ms) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (source, key) DO UPDATE SET hash = excluded.hash, present_ms = excluded.present_ms
                   WHERE fetch_seen.hash <> excluded.hash OR fetch_seen.present_ms < ?5";
        tx.execute(sql, &[source.into(), key.into(), hash.into(), ms(now).into(), stale.into()])?;
    }
    if !seen.is_empty() {
        tx.execute(FORGET, &[source.into(), ms(now - FORGET_AFTER).into()])?;
    }
    Ok(())
}

fn write_host(tx: &mut dyn Tx, (host, cooling): &HostChange) -> Result<(), Error> {
    let Some(cooling) = cooling else {
        return tx.execute("DELETE FROM fetch_hosts WHERE host = ?1", &[host.into()]).map(drop);
    };
    let sql =
        "INSERT INTO fetch_hosts (host, until_ms, failures, error, settings, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (host) DO UPDATE SET until_ms = excluded.until_ms, failures = excluded.failures,
               error = excluded.error, settings = excluded.settings, at_ms = excluded.at_ms";
    let values = [
        host.into(),
        ms(cooling.until).into(),
        cooling.failures.into(),
        (&cooling.error).into(),
        cooling.settings.clone().into(),
        Value::from(cooling.at.map(ms)),
    ];
    tx.execute(sql, &values).map(drop)
}
