//! The tables of cm-schedule and every statement on them: the outbox, the audit log, pauses and heartbeats.
//! Due times come from the injected clock; leases are measured on the database's.

mod claim;
#[cfg(test)]
mod costs;

pub(crate) use claim::*;

use crate::plan::Planned;
use crate::post::{Queued, state, word};
use chrono::{DateTime, Utc};
use cm_cli::{Failure, Session};
use cm_record::PostState;
use cm_store::{Error, Migration, Mode, Row, Store, Tx, Value};

const OWNER: &str = "cm-schedule";

const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, sql: FIRST }, Migration { version: 2, sql: LONG_HISTORY }];

const FIRST: &str = "
CREATE TABLE schedule_post (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, record_id TEXT NOT NULL, record TEXT NOT NULL,
  text TEXT NOT NULL, links TEXT NOT NULL, in_reply_to TEXT, campaign TEXT,
  created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, time_zone TEXT NOT NULL, wall TEXT, why TEXT NOT NULL,
  urgent INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, retries INTEGER NOT NULL,
  not_before_ms INTEGER, body BLOB, intent_ms INTEGER, fence INTEGER NOT NULL, lease_until_ms INTEGER,
  published_ms INTEGER, published_url TEXT, error TEXT);
CREATE INDEX schedule_post_open ON schedule_post (due_ms) WHERE state IN ('queued', 'sending');
CREATE INDEX schedule_post_account ON schedule_post (account, due_ms);
CREATE INDEX schedule_post_record ON schedule_post (record_id);
CREATE INDEX schedule_post_published ON schedule_post (published_ms) WHERE published_ms IS NOT NULL;
-- Append only: what happened to every post, and who did it.
CREATE TABLE schedule_audit (
  n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, post TEXT NOT NULL,
  from_state TEXT, to_state TEXT NOT NULL, note TEXT);
CREATE INDEX schedule_audit_post ON schedule_audit (post);
-- '*' is every account.
CREATE TABLE schedule_pause (account TEXT PRIMARY KEY, since_ms INTEGER NOT NULL, actor TEXT NOT NULL);
-- Not to be asked before then: the network said so, or refused the credentials.
CREATE TABLE schedule_cooldown (account TEXT PRIMARY KEY, until_ms INTEGER NOT NULL);
CREATE TABLE schedule_beat (job TEXT PRIMARY KEY, at_ms INTEGER NOT NULL);
CREATE VIEW report_posts_v1 AS
  SELECT id, account, kind, text, state, created_ms, due_ms, published_ms, published_url, links, in_reply_to, error
  FROM schedule_post;
";

/// Whatever is asked every minute costs the same after years of posts (`costs.rs`).
const LONG_HISTORY: &str = "
CREATE INDEX schedule_post_said ON schedule_post (account, published_ms)
  WHERE published_ms IS NOT NULL AND kind <> 'action';
CREATE INDEX schedule_post_unsettled ON schedule_post (due_ms) WHERE state NOT IN ('published', 'cancelled');
";

/// What waits or is on its way. A partial index is used only where a condition repeats its very words.
pub(crate) const OPEN: &str = "state IN ('queued', 'sending')";

const COLUMNS: &str = "id, account, kind, record_id, record, text, in_reply_to, campaign, created_ms, due_ms, time_zone, \
    wall, why, urgent, state, attempts, retries, not_before_ms, body, intent_ms, fence, published_ms, published_url, error, \
    CASE WHEN lease_until_ms BETWEEN now_ms() AND now_ms() + 3600000 THEN lease_until_ms END";

/// Opens the store for writing.
pub(crate) fn open(session: &Session) -> anyhow::Result<Store> {
    open_at(&session.store_url()?)
}

/// Opens the store at an address for writing.
pub(crate) fn open_at(url: &str) -> anyhow::Result<Store> {
    let store = Store::open(url, Mode::Write).map_err(|e| Failure::config(e.to_string()))?;
    store.migrate(OWNER, MIGRATIONS)?;
    Ok(store)
}

/// Opens a store in which something was scheduled, for writing.
pub(crate) fn open_existing(session: &Session) -> anyhow::Result<Store> {
    match open_to_read(session)? {
        Some(_) => open(session),
        None => {
            Err(Failure::usage(format!("nothing was ever scheduled in the store {}", session.store_url()?))
                .into())
        }
    }
}

/// Opens the store for looking only; `None` where nothing was ever scheduled.
pub(crate) fn open_to_read(session: &Session) -> anyhow::Result<Option<Store>> {
    let Some(url) = session.store_to_read()? else { return Ok(None) };
    let store = Store::open(&url, Mode::Read).map_err(|e| Failure::config(e.to_string()))?;
    if !store.has_table("schedule_post")? {
        return Ok(None);
    }
    match store.migrate(OWNER, MIGRATIONS) {
        // One of an older version is brought up to date by whoever comes first.
        Err(Error::Open(_)) => open_at(&url).map(Some),
        current => Ok(current.map(|()| Some(store))?),
    }
}

/// What is needed to queue a post besides its time.
#[derive(Clone, Debug)]
pub(crate) struct New {
    pub id: String,
    pub account: String,
    pub kind: &'static str,
    pub record_id: String,
    pub record: String,
    pub text: String,
    /// JSON array of the links in the text.
    pub links: String,
    pub in_reply_to: Option<String>,
    pub campaign: Option<String>,
}

/// Queues a post.
pub(crate) fn insert(tx: &mut dyn Tx, new: &New, planned: &Planned, by: &By) -> Result<(), Error> {
    let sql =
        "INSERT INTO schedule_post (id, account, kind, record_id, record, text, links, in_reply_to, campaign,
        created_ms, due_ms, time_zone, wall, why, urgent, state, attempts, retries, fence)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'queued', 0, 0, 0)";
    let wall = planned.wall.map(|wall| wall.format(WALL).to_string());
    let values = [
        (&new.id).into(),
        (&new.account).into(),
        new.kind.into(),
        (&new.record_id).into(),
        (&new.record).into(),
        (&new.text).into(),
        (&new.links).into(),
        new.in_reply_to.clone().into(),
        new.campaign.clone().into(),
        ms(by.at),
        ms(planned.due),
        (&planned.zone).into(),
        wall.into(),
        (&planned.why).into(),
        planned.urgent.into(),
    ];
    tx.execute(sql, &values)?;
    audit(tx, by, &new.id, None, PostState::Queued, Some(&planned.why))
}

/// How a wall-clock time is written.
pub(crate) const WALL: &str = "%Y-%m-%dT%H:%M:%S";

/// Who did something, and when.
#[derive(Clone, Debug)]
pub(crate) struct By {
    /// `ana: publish`.
    pub actor: String,
    /// By the injected clock.
    pub at: DateTime<Utc>,
}

/// Writes down what happened to a post.
pub(crate) fn audit(
    tx: &mut dyn Tx,
    by: &By,
    post: &str,
    from: Option<PostState>,
    to: PostState,
    note: Option<&str>,
) -> Result<(), Error> {
    let sql = "INSERT INTO schedule_audit (n, at_ms, actor, post, from_state, to_state, note)
        SELECT coalesce(max(n), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM schedule_audit";
    let values =
        [ms(by.at), (&by.actor).into(), post.into(), from.map(word).into(), word(to).into(), note.into()];
    tx.execute(sql, &values).map(drop)
}

/// What happened to a post, oldest first: when, who, from, to, note.
pub(crate) fn trail(tx: &mut dyn Tx, post: &str) -> Result<Vec<Row>, Error> {
    let sql =
        "SELECT at_ms, actor, from_state, to_state, note FROM schedule_audit WHERE post = ?1 ORDER BY n";
    tx.query(sql, &[post.into()])
}

/// Posts that fulfil a condition on the columns.
pub(crate) fn select(tx: &mut dyn Tx, condition: &str, values: &[Value]) -> Result<Vec<Queued>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM schedule_post WHERE {condition}");
    tx.query(&sql, values)?.iter().map(queued).collect()
}

/// The post of that id.
pub(crate) fn by_id(tx: &mut dyn Tx, id: &str) -> Result<Option<Queued>, Error> {
    Ok(select(tx, "id = ?1", &[id.into()])?.pop())
}

/// The posts whose id begins with these hex digits; no more than a few.
pub(crate) fn by_digits(tx: &mut dyn Tx, digits: &str) -> Result<Vec<Queued>, Error> {
    let first = format!("urn:cm:post:{digits}");
    // No digit comes after `f`.
    let end = format!("{first}g");
    select(tx, "id >= ?1 AND id < ?2 ORDER BY id LIMIT 5", &[first.into(), end.into()])
}

/// All posts of a record, in the order in which they were queued.
pub(crate) fn of_record(tx: &mut dyn Tx, record_id: &str) -> Result<Vec<Queued>, Error> {
    let queued = "(SELECT min(n) FROM schedule_audit WHERE post = schedule_post.id)";
    select(tx, &format!("record_id = ?1 ORDER BY {queued}"), &[record_id.into()])
}

/// The instants from `since` on at which an account posts or posted; actions are not heard.
pub(crate) fn taken(
    tx: &mut dyn Tx,
    account: &str,
    since: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, Error> {
    let sql = "SELECT due_ms FROM schedule_post WHERE account = ?1 AND due_ms >= ?2 AND published_ms IS NULL
        AND state IN ('draft', 'queued', 'sending', 'unsure') AND kind <> 'action'
        UNION ALL SELECT published_ms FROM schedule_post WHERE account = ?1 AND published_ms >= ?2
        AND state = 'published' AND kind <> 'action'";
    tx.query(sql, &[account.into(), ms(since)])?.iter().map(|row| row.need_int(0).map(time)).collect()
}

/// The records of which something went out in that time, in the order in which it did.
pub(crate) fn published_records(tx: &mut dyn Tx, range: &Range) -> Result<Vec<String>, Error> {
    let sql = "SELECT record_id FROM schedule_post WHERE state = 'published' AND published_ms >= ?1 AND published_ms < ?2
        AND (?3 = '' OR account = ?3) GROUP BY record_id ORDER BY min(published_ms), record_id LIMIT ?4";
    tx.query(sql, &range.values())?.iter().map(|row| row.need_text(0)).collect()
}

/// The posts in these states that are due in that time.
pub(crate) fn due_in(tx: &mut dyn Tx, states: &[PostState], range: &Range) -> Result<Vec<Queued>, Error> {
    let settled = |state: &PostState| matches!(state, PostState::Published | PostState::Cancelled);
    // What is settled is nearly all there is; the rest has an index.
    let rest = if states.iter().any(settled) { "" } else { "state NOT IN ('published', 'cancelled') AND" };
    let states = states.iter().map(|state| format!("'{}'", word(*state))).collect::<Vec<_>>().join(", ");
    let condition = format!(
        "{rest} state IN ({states}) AND due_ms >= ?1 AND due_ms < ?2 AND (?3 = '' OR account = ?3) ORDER BY due_ms, created_ms, id LIMIT ?4"
    );
    select(tx, &condition, &range.values())
}

/// A part of the posts.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Empty: all.
    pub account: String,
    pub limit: i64,
}

impl Range {
    /// Whether a post of this account went out in this time.
    pub(crate) fn holds(&self, post: &Queued) -> bool {
        let in_time = post.published.is_some_and(|at| self.since <= at && at < self.until);
        in_time && (self.account.is_empty() || self.account == post.account)
    }

    fn values(&self) -> [Value; 4] {
        [ms(self.since), ms(self.until), (&self.account).into(), self.limit.into()]
    }
}

/// How many posts of an account are queued.
pub(crate) fn count_queued(tx: &mut dyn Tx, account: &str) -> Result<i64, Error> {
    // `coalesce`, so that the index of open posts is used and not the account's whole history.
    let sql = format!(
        "SELECT count(*) FROM schedule_post WHERE {OPEN} AND state = 'queued' AND coalesce(account, '') = ?1"
    );
    tx.query(&sql, &[account.into()])?.first().map_or(Ok(0), |row| row.need_int(0))
}

/// When an account last said something, as of `now`: a clock that went ahead of the time has left marks that lie in wait.
pub(crate) fn last_published(
    tx: &mut dyn Tx,
    account: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let sql = "SELECT max(published_ms) FROM schedule_post WHERE account = ?1 AND published_ms <= ?2
        AND kind <> 'action'";
    Ok(tx
        .query(sql, &[account.into(), ms(now)])?
        .first()
        .map(|row| row.int(0))
        .transpose()?
        .flatten()
        .map(time))
}

/// Pauses an account (`*` is all); false when it was paused.
pub(crate) fn pause(tx: &mut dyn Tx, account: &str, by: &By) -> Result<bool, Error> {
    let sql = "INSERT INTO schedule_pause (account, since_ms, actor) VALUES (?1, ?2, ?3) ON CONFLICT (account) DO NOTHING";
    Ok(tx.execute(sql, &[account.into(), ms(by.at), (&by.actor).into()])? == 1)
}

/// Lifts a pause; false when there was none.
pub(crate) fn resume(tx: &mut dyn Tx, account: &str) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM schedule_pause WHERE account = ?1", &[account.into()])? == 1)
}

/// The paused accounts, `*` for all.
pub(crate) fn pauses(tx: &mut dyn Tx) -> Result<Vec<String>, Error> {
    tx.query("SELECT account FROM schedule_pause ORDER BY account", &[])?
        .iter()
        .map(|row| row.need_text(0))
        .collect()
}

/// Notes that `publish` ran.
pub(crate) fn beat(tx: &mut dyn Tx, at: DateTime<Utc>) -> Result<(), Error> {
    let sql = "INSERT INTO schedule_beat (job, at_ms) VALUES ('publish', ?1)
        ON CONFLICT (job) DO UPDATE SET at_ms = excluded.at_ms";
    tx.execute(sql, &[ms(at)]).map(drop)
}

/// When `publish` last ran.
pub(crate) fn last_beat(tx: &mut dyn Tx) -> Result<Option<DateTime<Utc>>, Error> {
    let rows = tx.query("SELECT at_ms FROM schedule_beat WHERE job = 'publish'", &[])?;
    rows.first().map(|row| row.need_int(0).map(time)).transpose()
}

/// An instant as the store holds it.
pub(crate) fn ms(at: DateTime<Utc>) -> Value {
    at.timestamp_millis().into()
}

/// An instant from the store.
pub(crate) fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// Reads a row of `COLUMNS`.
fn queued(row: &Row) -> Result<Queued, Error> {
    Ok(Queued {
        id: row.need_text(0)?,
        account: row.need_text(1)?,
        kind: row.need_text(2)?,
        record_id: row.need_text(3)?,
        record: row.need_text(4)?,
        text: row.need_text(5)?,
        in_reply_to: row.text(6)?,
        campaign: row.text(7)?,
        created: row.need_int(8).map(time)?,
        due: row.need_int(9).map(time)?,
        time_zone: row.need_text(10)?,
        wall: row.text(11)?,
        why: row.need_text(12)?,
        urgent: row.need_int(13)? != 0,
        state: state(&row.need_text(14)?).map_err(Error::Engine)?,
        attempts: row.need_int(15)?,
        retries: row.need_int(16)?,
        not_before: row.int(17)?.map(time),
        body: row.blob(18)?,
        intent: row.int(19)?.map(time),
        fence: row.need_int(20)?,
        held: row.int(24)?.map(time),
        published: row.int(21)?.map(time),
        url: row.text(22)?,
        error: row.text(23)?,
    })
}
