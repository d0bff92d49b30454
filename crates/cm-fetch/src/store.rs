//! What `--new` remembers. The tables are made in `schema.rs`, a batch is committed in `commit.rs`; every other statement
//! of this tool is here.
//!
//! `fetch_sources` one row per source · `fetch_seen` what was handed out, by source and key, and under an account's
//! own name how its items stood then · `fetch_hosts` cool-downs, and accounts whose credentials were refused ·
//! `fetch_claims` which run reads which source (`claims.rs`) · `fetch_turns` when hosts were asked whose requests are far apart ·
//! `fetch_pending` batches on their way into an archive · `fetch_readers` how far each reader of an archive is.

use crate::content::hosts_agree;
use crate::get::Validators;
use crate::held::SET_BACK;
use crate::interval::{Reason, Said};
use crate::schema::STEPS;
use chrono::{DateTime, Utc};
use cm_cli::{Failure, Session};
use cm_store::{Error, Lock, Mode, Row, Store, Tx, Value};
use std::collections::HashMap;
use std::time::Duration;

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
    /// What an account's network gave to go on from, the last time that all was handed out.
    pub(crate) mark: Option<String>,
    /// How far back a stream of an account is read, decided when it was first met.
    pub(crate) reach: Option<DateTime<Utc>>,
    /// Where an account's server was when it was last read (`account_place`).
    pub(crate) address: Option<String>,
    /// By what its settings, or its account's, are known again, as they were when it was last asked.
    pub(crate) settings: Option<String>,
    /// By what its items were told apart when they were last read whole.
    pub(crate) ids: Option<String>,
    /// How often the ids of its items have changed at once.
    pub(crate) renamed: i64,
    /// When its failing was last told as an error of a run.
    pub(crate) told: Option<DateTime<Utc>>,
    /// What it said the last time.
    pub(crate) said: Said,
    /// Why it is not asked before `next`.
    pub(crate) why: Vec<Reason>,
    /// When a whole document last came.
    pub(crate) whole: Option<DateTime<Utc>>,
    /// How often it was asked.
    pub(crate) asked: i64,
    /// How often it said that nothing had changed.
    pub(crate) unchanged: i64,
    /// How many bytes its documents had, decompressed.
    pub(crate) bytes: i64,
    /// Since when its host, in every run, was shut before its turn came.
    pub(crate) waits_since: Option<DateTime<Utc>>,
    /// A document came that was not looked through for changes: what it changed waits for who asks.
    pub(crate) unlooked: bool,
}

/// A host that wants to be left alone, or an account whose credentials were refused.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cooling {
    /// Until.
    pub(crate) until: DateTime<Utc>,
    /// How often in a row.
    pub(crate) failures: i64,
    /// Why.
    pub(crate) error: String,
    /// By what the refused settings of an account are known again.
    pub(crate) settings: Option<String>,
    /// Since.
    pub(crate) at: Option<DateTime<Utc>>,
    /// The host or account.
    pub(crate) whose: String,
}

/// Where in an archive something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The day's file, without folder.
    pub(crate) file: String,
    /// In bytes.
    pub(crate) start: i64,
}

/// What was handed out of a source under the address that it had before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Former {
    /// What ids were made with.
    pub(crate) source: String,
    /// Keys and imprints.
    pub(crate) seen: HashMap<String, String>,
    /// That address is of another host.
    pub(crate) foreign: bool,
}

/// The tables of this tool.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// The store that they are in.
    pub(crate) store: Store,
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

    /// A host's cool-down, or an account's (`account_key`).
    pub(crate) fn host(&self, host: &str) -> Result<Option<Cooling>, Error> {
        let host = host.to_owned();
        self.store.read(move |tx| host_of(tx, &host))
    }

    /// All hosts that cool down. What a clock that was wrong has decided is left out, and what is kept of accounts.
    pub(crate) fn cooling(&self, now: DateTime<Utc>) -> Result<Vec<Cooling>, Error> {
        self.store.read(move |tx| {
            let sql = "SELECT until_ms, failures, error, settings, at_ms, host FROM fetch_hosts WHERE until_ms > ?1";
            let rows = tx.query(sql, &[ms(now).into()])?;
            let all = rows.iter().map(cooling).collect::<Result<Vec<Cooling>, Error>>()?;
            let right = |one: &Cooling| one.settings.is_none() && one.at.is_none_or(|at| at <= now + SET_BACK);
            Ok(all.into_iter().filter(right).collect())
        })
    }

    /// Hosts and accounts that were in trouble when they were last asked, whether they still cool down or not.
    pub(crate) fn troubled(&self) -> Result<Vec<String>, Error> {
        self.store.read(|tx| {
            let rows = tx.query("SELECT host FROM fetch_hosts WHERE failures > 0", &[])?;
            rows.iter().map(|row| row.need_text(0)).collect()
        })
    }

    /// Every source that was met.
    pub(crate) fn sources(&self) -> Result<HashMap<String, State>, Error> {
        self.store.read(|tx| {
            let rows = tx.query(&format!("SELECT {COLUMNS}, source FROM fetch_sources"), &[])?;
            rows.iter().map(|row| Ok((row.need_text(COUNT)?, state(row)?))).collect()
        })
    }

    /// The keys of a source that were handed out or passed over, with their imprints.
    pub(crate) fn seen(&self, key: &str) -> Result<HashMap<String, String>, Error> {
        let key = key.to_owned();
        self.store.read(move |tx| {
            let rows = tx.query(SEEN, &[key.as_str().into()])?;
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
            let row = |row: &Row| Ok::<_, Error>((row.need_text(0)?, row.text(1)?));
            tx.query(FORMER, &values)?.first().map(row).transpose()
        })?;
        let Some((former, feed_url)) = found else { return Ok(None) };
        let seen = self.seen(&former)?;
        let foreign = !hosts_agree(&former, key);
        Ok(Some(Former { source: feed_url.unwrap_or(former), seen, foreign }))
    }

    /// By source, where the archive stood when a batch of these sources began and was not committed.
    pub(crate) fn pending(&self, archive: &str, sources: &[String]) -> Result<HashMap<String, Mark>, Error> {
        let (archive, sources) = (archive.to_owned(), sources.to_vec());
        self.store.read(move |tx| {
            let mut marks = HashMap::new();
            for source in &sources {
                let sql = "SELECT file, start FROM fetch_pending WHERE source = ?1 AND archive = ?2";
                for row in tx.query(sql, &[source.into(), archive.as_str().into()])? {
                    marks.insert(source.clone(), Mark { file: row.need_text(0)?, start: row.need_int(1)? });
                }
            }
            Ok(marks)
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

/// In the order of `state` and `write_source`.
pub(crate) const COLUMNS: &str = "name, feed_url, etag, last_modified, moved_to, moved_seen, next_ms, tried_ms, \
                                  last_ok_ms, failing_since_ms, failures, class, error, items, mark, reach_ms, \
                                  address, settings, ids, renamed, told_ms, said, why, whole_ms, asked, unchanged, bytes, \
                                  waits_since_ms, unlooked";
/// How many they are.
const COUNT: usize = 29;

/// A source; as it is before it was ever met, where it was not.
pub(crate) fn state_of(tx: &mut dyn Tx, key: &str) -> Result<State, Error> {
    let sql = format!("SELECT {COLUMNS} FROM fetch_sources WHERE source = ?1");
    let rows = tx.query(&sql, &[key.into()])?;
    rows.first().map_or_else(|| Ok(State::default()), state)
}

/// A host's cool-down, or an account's (`account_key`).
pub(crate) fn host_of(tx: &mut dyn Tx, host: &str) -> Result<Option<Cooling>, Error> {
    let rows = tx.query(HOST, &[host.into()])?;
    rows.first().map(cooling).transpose()
}

fn cooling(row: &Row) -> Result<Cooling, Error> {
    let until = time(row.int(0)?).unwrap_or_default();
    let error = row.need_text(2)?;
    let (settings, at) = (row.text(3)?, time(row.int(4)?));
    Ok(Cooling { until, failures: row.need_int(1)?, error, settings, at, whose: row.need_text(5)? })
}

/// When a host whose requests are far apart was last asked.
pub(crate) fn turn_of(tx: &mut dyn Tx, host: &str) -> Result<Option<DateTime<Utc>>, Error> {
    let rows = tx.query("SELECT asked_ms FROM fetch_turns WHERE host = ?1", &[host.into()])?;
    rows.first().map_or(Ok(None), |row| Ok(time(row.int(0)?)))
}

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
        mark: row.text(14)?,
        reach: time(row.int(15)?),
        address: row.text(16)?,
        settings: row.text(17)?,
        ids: row.text(18)?,
        renamed: row.int(19)?.unwrap_or_default(),
        told: time(row.int(20)?),
        said: kept(row.text(21)?),
        why: kept(row.text(22)?),
        whole: time(row.int(23)?),
        asked: row.need_int(24)?,
        unchanged: row.need_int(25)?,
        bytes: row.need_int(26)?,
        waits_since: time(row.int(27)?),
        unlooked: row.need_int(28)? != 0,
    })
}

/// What was kept as JSON; what cannot be read, of another version, was not said.
fn kept<T: serde::de::DeserializeOwned + Default>(text: Option<String>) -> T {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// The source that had another address before.
pub(crate) const FORMER: &str = "SELECT source, feed_url FROM fetch_sources
                                 WHERE source <> ?1 AND (moved_to = ?1 OR feed_url = ?1 OR source = ?2)
                                 ORDER BY last_ok_ms DESC LIMIT 1";
/// What was handed out of a source.
pub(crate) const SEEN: &str = "SELECT key, hash FROM fetch_seen WHERE source = ?1";
/// A host's cool-down.
pub(crate) const HOST: &str =
    "SELECT until_ms, failures, error, settings, at_ms, host FROM fetch_hosts WHERE host = ?1";

/// As the tables keep a time.
pub(crate) fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(crate) fn time(ms: Option<i64>) -> Option<DateTime<Utc>> {
    ms.and_then(DateTime::from_timestamp_millis)
}
