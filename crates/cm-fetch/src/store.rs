//! What `--new` remembers, and every SQL statement of this tool.
//!
//! `fetch_sources` one row per source · `fetch_seen` what was handed out, by source and key · `fetch_hosts` cool-downs ·
//! `fetch_pending` batches on their way into an archive · `fetch_readers` how far each reader of an archive is.

use crate::get::Validators;
use chrono::{DateTime, TimeDelta, Utc};
use cm_cli::{Failure, Session};
use cm_store::{Error, Lock, Migration, Mode, Row, Store, Tx, Value};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Keys that a source has not shown for so long are forgotten.
const FORGET_AFTER: TimeDelta = TimeDelta::days(366);
/// How exact the time of the last showing is: it is not written at every fetch.
const PRESENT_WITHIN: TimeDelta = TimeDelta::days(7);

const STEPS: &[Migration] = &[Migration {
    version: 1,
    sql: "
    CREATE TABLE fetch_sources (
        source TEXT PRIMARY KEY, name TEXT NOT NULL, feed_url TEXT, etag TEXT, last_modified TEXT,
        moved_to TEXT, moved_seen INTEGER NOT NULL, next_ms INTEGER, tried_ms INTEGER, last_ok_ms INTEGER,
        failing_since_ms INTEGER, failures INTEGER NOT NULL, class TEXT, error TEXT, items INTEGER NOT NULL);
    CREATE TABLE fetch_seen (
        source TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, present_ms INTEGER NOT NULL,
        PRIMARY KEY (source, key));
    CREATE TABLE fetch_hosts (
        host TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, failures INTEGER NOT NULL, error TEXT NOT NULL);
    CREATE TABLE fetch_pending (
        source TEXT NOT NULL, archive TEXT NOT NULL, file TEXT NOT NULL, start INTEGER NOT NULL,
        PRIMARY KEY (source, archive));
    CREATE TABLE fetch_readers (
        name TEXT NOT NULL, archive TEXT NOT NULL, file TEXT NOT NULL, start INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (name, archive));
    CREATE VIEW report_sources_v1 AS
        SELECT source, name,
               CASE WHEN class = 'gone' THEN 'gone' WHEN failing_since_ms IS NOT NULL THEN 'failing'
                    WHEN last_ok_ms IS NULL THEN 'new' ELSE 'ok' END AS state,
               last_ok_ms, failing_since_ms, error, items
        FROM fetch_sources;",
}];

/// A source as the store knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// What it is called.
    pub(crate) name: String,
    /// The feed that its page led to.
    pub(crate) feed_url: Option<String>,
    /// Validators of the last answer.
    pub(crate) validators: Validators,
    /// Where it says that it moved for good, and how often it has said so.
    pub(crate) moved_to: Option<String>,
    /// See `moved_to`.
    pub(crate) moved_seen: i64,
    /// Not to be asked before.
    pub(crate) next: Option<DateTime<Utc>>,
    /// Last asked.
    pub(crate) tried: Option<DateTime<Utc>>,
    /// Last answered.
    pub(crate) last_ok: Option<DateTime<Utc>>,
    /// Fails since.
    pub(crate) failing_since: Option<DateTime<Utc>>,
    /// How often in a row.
    pub(crate) failures: i64,
    /// Class of the last failure.
    pub(crate) class: Option<String>,
    /// The last failure in one line.
    pub(crate) error: Option<String>,
    /// How many items were handed out.
    pub(crate) items: i64,
}

/// A host that wants to be left alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cooling {
    /// Until.
    pub(crate) until: DateTime<Utc>,
    /// How often in a row.
    pub(crate) failures: i64,
    /// Why.
    pub(crate) error: String,
}

/// Where in an archive something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The day's file, without folder.
    pub(crate) file: String,
    /// In bytes.
    pub(crate) start: i64,
}

/// What one source changes when its batch is committed.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The source.
    pub(crate) key: String,
    /// Its new row.
    pub(crate) state: State,
    /// Keys met, with their content hashes.
    pub(crate) seen: Vec<(String, String)>,
    /// What becomes of its host.
    pub(crate) host: Option<HostChange>,
    /// Whether no earlier batch waits in an archive to be handed out again: all that is new was handed out, or there was none.
    pub(crate) settled: bool,
}

/// A host and its new cool-down; `None` takes it away.
pub(crate) type HostChange = (String, Option<Cooling>);

/// What was handed out of a source under the address that it had before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Former {
    /// What ids were made with.
    pub(crate) source: String,
    /// Keys and content hashes.
    pub(crate) seen: HashMap<String, String>,
}

/// The tables of this tool.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    store: Store,
}

impl Tables {
    /// Opens the store of the configuration.
    pub(crate) fn open(session: &Session, mode: Mode) -> anyhow::Result<Tables> {
        let store = Store::open(&session.store_url()?, mode).map_err(|e| Failure::config(e.to_string()))?;
        store.migrate("cm-fetch", STEPS).map_err(|e| Failure::config(e.to_string()))?;
        Ok(Tables { store })
    }

    /// Takes a lock without waiting; `None` when another run holds it.
    pub(crate) fn lock(&self, job: &str) -> Result<Option<Lock>, Error> {
        self.store.lock(job, Duration::ZERO)
    }

    /// A source, and the cool-down of the host that it will ask.
    pub(crate) fn source(&self, key: &str) -> Result<State, Error> {
        let key = key.to_owned();
        self.store.read(move |tx| {
            let sql = format!("SELECT {COLUMNS} FROM fetch_sources WHERE source = ?1");
            let rows = tx.query(&sql, &[key.as_str().into()])?;
            rows.first().map_or_else(|| Ok(State::default()), state)
        })
    }

    /// Every source that was met.
    pub(crate) fn sources(&self) -> Result<HashMap<String, State>, Error> {
        self.store.read(|tx| {
            let rows = tx.query(&format!("SELECT {COLUMNS}, source FROM fetch_sources"), &[])?;
            rows.iter().map(|row| Ok((row.need_text(14)?, state(row)?))).collect()
        })
    }

    /// A host's cool-down.
    pub(crate) fn host(&self, host: &str) -> Result<Option<Cooling>, Error> {
        let host = host.to_owned();
        self.store.read(move |tx| {
            let rows = tx.query(
                "SELECT until_ms, failures, error FROM fetch_hosts WHERE host = ?1",
                &[host.as_str().into()],
            )?;
            let cooling = |row: &Row| {
                let until = time(row.int(0)?).unwrap_or_default();
                Ok(Cooling { until, failures: row.need_int(1)?, error: row.need_text(2)? })
            };
            rows.first().map(cooling).transpose()
        })
    }

    /// The keys of a source that were handed out or passed over, with their content hashes.
    pub(crate) fn seen(&self, key: &str) -> Result<HashMap<String, String>, Error> {
        let key = key.to_owned();
        self.store.read(move |tx| {
            let rows =
                tx.query("SELECT key, hash FROM fetch_seen WHERE source = ?1", &[key.as_str().into()])?;
            rows.iter().map(|row| Ok((row.need_text(0)?, row.need_text(1)?))).collect()
        })
    }

    /// The source that said it had moved to this address or led to it, or is it with the other of http and https: whoever
    /// changes an address in a list does not want everything again.
    pub(crate) fn former(&self, key: &str) -> Result<Option<Former>, Error> {
        let other = match key.split_once("://") {
            Some(("http", rest)) => format!("https://{rest}"),
            Some(("https", rest)) => format!("http://{rest}"),
            _ => return Ok(None),
        };
        let values = [key.into(), other.into()];
        let found = self.store.read(move |tx| {
            let sql = "SELECT source, feed_url FROM fetch_sources
                       WHERE source <> ?1 AND (moved_to = ?1 OR feed_url = ?1 OR source = ?2)
                       ORDER BY last_ok_ms DESC LIMIT 1";
            let row = |row: &Row| Ok::<_, Error>((row.need_text(0)?, row.text(1)?));
            tx.query(sql, &values)?.first().map(row).transpose()
        })?;
        let Some((key, feed_url)) = found else { return Ok(None) };
        let seen = self.seen(&key)?;
        Ok(Some(Former { source: feed_url.unwrap_or(key), seen }))
    }

    /// By source, where the archive stood when a batch of these sources began and was not committed.
    pub(crate) fn pending(&self, archive: &str, sources: &[String]) -> Result<HashMap<String, Mark>, Error> {
        let (archive, wanted) = (archive.to_owned(), sources.iter().cloned().collect::<HashSet<_>>());
        self.store.read(move |tx| {
            let rows = tx.query(
                "SELECT source, file, start FROM fetch_pending WHERE archive = ?1",
                &[archive.as_str().into()],
            )?;
            let mark = |row: &Row| {
                Ok((row.need_text(0)?, Mark { file: row.need_text(1)?, start: row.need_int(2)? }))
            };
            let marks: Result<HashMap<String, Mark>, Error> = rows.iter().map(mark).collect();
            Ok(marks?.into_iter().filter(|(source, _)| wanted.contains(source)).collect())
        })
    }

    /// Notes that a batch of these sources is about to go into an archive. An older note stays.
    pub(crate) fn begin(&self, archive: &str, sources: &[String], at: &Mark) -> Result<(), Error> {
        let (archive, sources, at) = (archive.to_owned(), sources.to_vec(), at.clone());
        self.store.write(move |tx| {
            for source in &sources {
                let sql = "INSERT INTO fetch_pending (source, archive, file, start) VALUES (?1, ?2, ?3, ?4)
                           ON CONFLICT (source, archive) DO NOTHING";
                tx.execute(
                    sql,
                    &[source.into(), archive.as_str().into(), at.file.as_str().into(), at.start.into()],
                )?;
            }
            Ok(())
        })
    }

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
                write_seen(tx, change, now)?;
                write_host(tx, change)?;
                if let Some(archive) = archive.as_ref().filter(|_| change.settled) {
                    let sql = "DELETE FROM fetch_pending WHERE source = ?1 AND archive = ?2";
                    tx.execute(sql, &[(&change.key).into(), archive.into()])?;
                }
            }
            Ok(())
        })
    }

    /// How far a reader of an archive is.
    pub(crate) fn reader(&self, name: &str, archive: &str) -> Result<Option<Mark>, Error> {
        let (name, archive) = (name.to_owned(), archive.to_owned());
        self.store.read(move |tx| {
            let sql = "SELECT file, start FROM fetch_readers WHERE name = ?1 AND archive = ?2";
            let rows = tx.query(sql, &[name.as_str().into(), archive.as_str().into()])?;
            rows.first().map(|row| Ok(Mark { file: row.need_text(0)?, start: row.need_int(1)? })).transpose()
        })
    }

    /// Moves a reader's mark.
    pub(crate) fn move_reader(
        &self,
        name: &str,
        archive: &str,
        to: &Mark,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let values: Vec<Value> =
            vec![name.into(), archive.into(), to.file.as_str().into(), to.start.into(), ms(now).into()];
        self.store.write(move |tx| {
            let sql = "INSERT INTO fetch_readers (name, archive, file, start, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT (name, archive) DO UPDATE SET file = excluded.file, start = excluded.start, at_ms = excluded.at_ms";
            tx.execute(sql, &values).map(|_| ())
        })
    }
}

const COLUMNS: &str = "name, feed_url, etag, last_modified, moved_to, moved_seen, next_ms, tried_ms, last_ok_ms, \
                       failing_since_ms, failures, class, error, items";

fn state(row: &Row) -> Result<State, Error> {
    Ok(State {
        name: row.need_text(0)?,
        feed_url: row.text(1)?,
        validators: Validators { etag: row.text(2)?, last_modified: row.text(3)? },
        moved_to: row.text(4)?,
        moved_seen: row.need_int(5)?,
        next: time(row.int(6)?),
        tried: time(row.int(7)?),
        last_ok: time(row.int(8)?),
        failing_since: time(row.int(9)?),
        failures: row.need_int(10)?,
        class: row.text(11)?,
        error: row.text(12)?,
        items: row.need_int(13)?,
    })
}

fn write_source(tx: &mut dyn Tx, change: &Change) -> Result<(), Error> {
    let state = &change.state;
    let at = |time: Option<DateTime<Utc>>| Value::from(time.map(ms));
    let values: [Value; 15] = [
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
    ];
    let sql = format!(
        "INSERT INTO fetch_sources (source, {COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (source) DO UPDATE SET
            name = excluded.name, feed_url = excluded.feed_url, etag = excluded.etag, last_modified = excluded.last_modified,
            moved_to = excluded.moved_to, moved_seen = excluded.moved_seen, next_ms = excluded.next_ms,
            tried_ms = excluded.tried_ms, last_ok_ms = excluded.last_ok_ms, failing_since_ms = excluded.failing_since_ms,
            failures = excluded.failures, class = excluded.class, error = excluded.error, items = excluded.items"
    );
    tx.execute(&sql, &values).map(|_| ())
}

fn write_seen(tx: &mut dyn Tx, change: &Change, now: DateTime<Utc>) -> Result<(), Error> {
    let stale = ms(now - PRESENT_WITHIN);
    for (key, hash) in &change.seen {
        let sql = "INSERT INTO fetch_seen (source, key, hash, present_ms) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (source, key) DO UPDATE SET hash = excluded.hash, present_ms = excluded.present_ms
                   WHERE fetch_seen.hash <> excluded.hash OR fetch_seen.present_ms < ?5";
        tx.execute(sql, &[(&change.key).into(), key.into(), hash.into(), ms(now).into(), stale.into()])?;
    }
    if !change.seen.is_empty() {
        let sql = "DELETE FROM fetch_seen WHERE source = ?1 AND present_ms < ?2";
        tx.execute(sql, &[(&change.key).into(), ms(now - FORGET_AFTER).into()])?;
    }
    Ok(())
}

fn write_host(tx: &mut dyn Tx, change: &Change) -> Result<(), Error> {
    match &change.host {
        None => Ok(()),
        Some((host, None)) => {
            tx.execute("DELETE FROM fetch_hosts WHERE host = ?1", &[host.into()]).map(|_| ())
        }
        Some((host, Some(cooling))) => {
            let sql = "INSERT INTO fetch_hosts (host, until_ms, failures, error) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (host) DO UPDATE SET
                       until_ms = excluded.until_ms, failures = excluded.failures, error = excluded.error";
            let values =
                [host.into(), ms(cooling.until).into(), cooling.failures.into(), (&cooling.error).into()];
            tx.execute(sql, &values).map(|_| ())
        }
    }
}

fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

fn time(ms: Option<i64>) -> Option<DateTime<Utc>> {
    ms.and_then(DateTime::from_timestamp_millis)
}
