//! The inbox's tables: all of its SQL, in the dialect that cm-store describes. What it means is decided elsewhere.
//! Long because SQL stands in one place only.

use crate::answers::{OwnReply, Waiting};
use crate::args::Lane;
use crate::entry::{Entry, Key};
use crate::reasons::Moment;
use anyhow::{Context, Result};
use cm_store::{Migration, Row, Tx, Value};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The tables, step by step.
pub const MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    sql: "
CREATE TABLE inbox_items (
    source TEXT NOT NULL, id TEXT NOT NULL, number INTEGER, kind TEXT NOT NULL, lane TEXT NOT NULL,
    state TEXT NOT NULL, headline TEXT NOT NULL, url TEXT, author TEXT, author_key TEXT, thread TEXT,
    in_reply_to TEXT, own INTEGER NOT NULL, gone INTEGER NOT NULL, is_foreign INTEGER NOT NULL,
    published_ms INTEGER, fetched_ms INTEGER, taken_ms INTEGER NOT NULL, closed_ms INTEGER, later_ms INTEGER,
    drafted_ms INTEGER, answered_ms INTEGER, answered_by TEXT, searches TEXT NOT NULL, reasons TEXT NOT NULL,
    words TEXT NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (source, id)
);
CREATE INDEX inbox_items_number ON inbox_items (number, closed_ms) WHERE number IS NOT NULL;
CREATE INDEX inbox_items_id ON inbox_items (id);
CREATE INDEX inbox_items_state ON inbox_items (state);
CREATE INDEX inbox_items_thread ON inbox_items (thread) WHERE thread IS NOT NULL;
CREATE INDEX inbox_items_parent ON inbox_items (in_reply_to) WHERE in_reply_to IS NOT NULL;
CREATE INDEX inbox_items_answered_by ON inbox_items (answered_by) WHERE answered_by IS NOT NULL;
CREATE TABLE inbox_notes (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, source TEXT, id TEXT, text TEXT NOT NULL
);
CREATE INDEX inbox_notes_item ON inbox_notes (source, id);
CREATE TABLE inbox_journal (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, what TEXT NOT NULL, before TEXT NOT NULL);
CREATE VIEW report_items_v1 AS
    SELECT source, id, number, kind, lane, state, headline AS title, url, author, thread, in_reply_to, own,
           published_ms, taken_ms, answered_ms, answered_by, searches
    FROM inbox_items;
",
}];

/// How long the number of an item that was closed is not given to another.
const NUMBER_REST_MS: i64 = 7 * 24 * 3_600_000;
/// How many changes can be taken back.
const JOURNAL: i64 = 100;
/// The states in which an item may need someone.
const OPEN: &str = "state IN ('open', 'later', 'assigned')";
/// The same for a state that is given as the third value.
const OPEN_BEFORE: &str = "?3 IN ('open', 'later', 'assigned')";
/// The columns of a `Standing`, in order.
const STANDING: &str = "source, id, number, kind, lane, state, headline, url, author, thread, in_reply_to, own, \
                        COALESCE(published_ms, taken_ms), closed_ms, later_ms, drafted_ms, answered_ms, reasons";

/// An item as it stands in the inbox, without its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Which item.
    pub key: Key,
    /// At the prompt.
    pub number: Option<i64>,
    /// `comment`, `article` ...
    pub kind: String,
    /// Where it is listed.
    pub lane: Lane,
    /// `open` `later` `assigned` `answered` `done` `muted`; `open` too for what was put off until now.
    pub state: String,
    /// Its title or the start of its text.
    pub headline: String,
    /// Its page.
    pub url: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// The thread's first item.
    pub thread: Option<String>,
    /// The item it answers.
    pub in_reply_to: Option<String>,
    /// Ours.
    pub own: bool,
    /// When it was closed, milliseconds since 1970 UTC.
    pub closed_ms: Option<i64>,
    /// When it comes back, or came back.
    pub later_ms: Option<i64>,
    /// When we answered, by the evidence.
    pub answered_ms: Option<i64>,
    /// What its changing reasons are made from.
    pub moment: Moment,
    /// The reasons that do not change with time, a JSON array.
    pub reasons: String,
}

impl Standing {
    fn of(row: &Row, now_ms: i64) -> Result<Standing> {
        let (state, later_ms) = (row.need_text(5)?, row.int(14)?);
        let back = state == "later" && later_ms.is_none_or(|at| at <= now_ms);
        Ok(Standing {
            key: Key { source: row.need_text(0)?, id: row.need_text(1)? },
            number: row.int(2)?,
            kind: row.need_text(3)?,
            lane: if row.need_text(4)? == "answer" { Lane::Answer } else { Lane::Read },
            state: if back { "open".to_owned() } else { state },
            headline: row.need_text(6)?,
            url: row.text(7)?,
            author: row.text(8)?,
            thread: row.text(9)?,
            in_reply_to: row.text(10)?,
            own: row.need_int(11)? != 0,
            closed_ms: row.int(13)?,
            later_ms,
            answered_ms: row.int(16)?,
            moment: Moment {
                now_ms,
                since_ms: row.need_int(12)?,
                later_ms: later_ms.filter(|_| back),
                drafted_ms: row.int(15)?,
            },
            reasons: row.need_text(17)?,
        })
    }

    /// Whether somebody has to look at it now.
    pub fn needs_someone(&self) -> bool {
        !self.own && matches!(self.state.as_str(), "open" | "assigned")
    }
}

/// Another copy of an id, or the one that stands.
#[derive(Debug)]
pub struct Copy {
    /// Whose.
    pub source: String,
    /// From somebody else than whom its id names.
    pub foreign: bool,
    /// Its line.
    pub line: String,
    /// Its lasting reasons.
    pub reasons: String,
    /// When it was fetched.
    pub fetched_ms: Option<i64>,
    /// Its folded words.
    pub words: String,
    /// Its number at the prompt.
    pub number: Option<i64>,
    /// It was deleted or marked as spam or trash.
    pub gone: bool,
}

/// Every copy of an id.
pub fn copies(tx: &mut dyn Tx, id: &str) -> Result<Vec<Copy>> {
    let sql = "SELECT source, is_foreign, line, reasons, fetched_ms, words, number, gone FROM inbox_items
               WHERE id = ?1";
    let read = |row: &Row| {
        Ok(Copy {
            source: row.need_text(0)?,
            foreign: row.need_int(1)? != 0,
            line: row.need_text(2)?,
            reasons: row.need_text(3)?,
            fetched_ms: row.int(4)?,
            words: row.need_text(5)?,
            number: row.int(6)?,
            gone: row.need_int(7)? != 0,
        })
    };
    tx.query(sql, &[id.into()])?.iter().map(read).collect()
}

/// Writes an entry. State, number and what was done with the item stay when it is there already.
pub fn upsert(tx: &mut dyn Tx, e: &Entry, now_ms: i64) -> Result<()> {
    let lane = if e.lane == Lane::Answer { "answer" } else { "read" };
    let closed = e.own || e.gone;
    let state = if closed { "done" } else { "open" };
    let sql = "INSERT INTO inbox_items (source, id, kind, lane, state, headline, url, author, author_key, thread,
            in_reply_to, own, gone, is_foreign, published_ms, fetched_ms, taken_ms, closed_ms, searches, reasons,
            words, line)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
        ON CONFLICT (source, id) DO UPDATE SET kind = excluded.kind, lane = excluded.lane,
            headline = excluded.headline, url = excluded.url, author = excluded.author,
            author_key = excluded.author_key, thread = excluded.thread, in_reply_to = excluded.in_reply_to,
            own = excluded.own, gone = excluded.gone, is_foreign = excluded.is_foreign,
            published_ms = excluded.published_ms, fetched_ms = excluded.fetched_ms, searches = excluded.searches,
            reasons = excluded.reasons, words = excluded.words, line = excluded.line";
    let values = [
        e.key.source.as_str().into(),
        e.key.id.as_str().into(),
        e.kind.as_str().into(),
        lane.into(),
        state.into(),
        e.headline.as_str().into(),
        e.url.clone().into(),
        e.author.clone().into(),
        e.author_key.clone().into(),
        e.thread.clone().into(),
        e.in_reply_to.clone().into(),
        e.own.into(),
        e.gone.into(),
        e.foreign.into(),
        e.published_ms.into(),
        e.fetched_ms.into(),
        now_ms.into(),
        closed.then_some(now_ms).into(),
        e.searches.as_str().into(),
        e.reasons.as_str().into(),
        e.words.as_str().into(),
        e.line.as_str().into(),
    ];
    tx.execute(sql, &values)?;
    Ok(())
}

/// Nothing more to do about an item that may need someone.
pub fn close(tx: &mut dyn Tx, key: &Key, now_ms: i64) -> Result<()> {
    let sql = format!(
        "UPDATE inbox_items SET state = 'done', closed_ms = ?3 WHERE source = ?1 AND id = ?2 AND {OPEN}"
    );
    tx.execute(&sql, &[key.source.as_str().into(), key.id.as_str().into(), now_ms.into()])?;
    Ok(())
}

/// Forgets what was decided about an item; an answer that was seen stays seen.
pub fn reopen(tx: &mut dyn Tx, key: &Key) -> Result<()> {
    let sql = "UPDATE inbox_items SET state = CASE WHEN answered_ms IS NULL THEN 'open' ELSE 'answered' END,
                   closed_ms = answered_ms, later_ms = NULL, drafted_ms = NULL WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    Ok(())
}

/// Hands an item, with its number and notes, from one source to another.
pub fn change_source(tx: &mut dyn Tx, from: &str, to: &Key) -> Result<()> {
    let values = [to.source.as_str().into(), to.id.as_str().into(), from.into()];
    tx.execute("UPDATE inbox_items SET source = ?1 WHERE source = ?3 AND id = ?2", &values)?;
    tx.execute("UPDATE inbox_notes SET source = ?1 WHERE source = ?3 AND id = ?2", &values)?;
    Ok(())
}

/// Our first reply that names an item: its id and when.
pub fn first_reply(tx: &mut dyn Tx, id: &str) -> Result<Option<(String, i64)>> {
    let sql = "SELECT id, COALESCE(published_ms, taken_ms) FROM inbox_items
               WHERE in_reply_to = ?1 AND own = 1 AND gone = 0 ORDER BY 2 LIMIT 1";
    let rows = tx.query(sql, &[id.into()])?;
    rows.first().map(|row| Ok((row.need_text(0)?, row.need_int(1)?))).transpose()
}

/// Our replies, and who said something.
type Thread = (Vec<OwnReply>, Vec<(String, Waiting)>);

/// What is ours in a thread, and what is of others, each with its source; nothing where nothing is ours.
pub fn thread(tx: &mut dyn Tx, thread: &str) -> Result<Thread> {
    let sql = "SELECT id, in_reply_to, COALESCE(published_ms, taken_ms) FROM inbox_items
               WHERE thread = ?1 AND own = 1 AND gone = 0";
    let ours = tx.query(sql, &[thread.into()])?;
    if ours.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let sql = "SELECT source, id, author_key, COALESCE(published_ms, taken_ms) FROM inbox_items
               WHERE (thread = ?1 OR id = ?1) AND own = 0";
    let (mut authors, mut others) = (HashMap::new(), Vec::new());
    for row in tx.query(sql, &[thread.into()])? {
        let (id, author) = (row.need_text(1)?, row.text(2)?);
        authors.insert(id.clone(), author.clone());
        others.push((row.need_text(0)?, Waiting { id, author, at_ms: row.need_int(3)? }));
    }
    let reply = |row: &Row| {
        let in_reply_to = row.text(1)?;
        let to_author = in_reply_to.as_ref().and_then(|parent| authors.get(parent).cloned().flatten());
        Ok(OwnReply { id: row.need_text(0)?, in_reply_to, to_author, at_ms: row.need_int(2)? })
    };
    Ok((ours.iter().map(reply).collect::<Result<_>>()?, others))
}

/// Marks an item (in one source or in all) as answered; an earlier answer than the known one replaces it.
pub fn answered(
    tx: &mut dyn Tx,
    id: &str,
    source: Option<&str>,
    reply: (&str, i64),
    now_ms: i64,
) -> Result<u64> {
    let sql = format!(
        "UPDATE inbox_items SET answered_ms = ?2, answered_by = ?3, closed_ms = COALESCE(closed_ms, ?4),
             state = CASE WHEN {OPEN} THEN 'answered' ELSE state END
         WHERE id = ?1 AND own = 0 AND (?5 IS NULL OR source = ?5) AND (answered_ms IS NULL OR answered_ms > ?2)"
    );
    let source: Value = source.map(str::to_owned).into();
    Ok(tx.execute(&sql, &[id.into(), reply.1.into(), reply.0.into(), now_ms.into(), source])?)
}

/// A reply of ours was deleted: what it answered waits again. Returns what has no number any more.
pub fn unanswer(tx: &mut dyn Tx, reply: &str) -> Result<Vec<Key>> {
    let sql = "UPDATE inbox_items SET answered_ms = NULL, answered_by = NULL,
                   closed_ms = CASE state WHEN 'answered' THEN NULL ELSE closed_ms END,
                   state = CASE state WHEN 'answered' THEN 'open' ELSE state END
               WHERE answered_by = ?1 RETURNING source, id, number, closed_ms";
    let rows = tx.query(sql, &[reply.into()])?;
    let open = |row: &&Row| matches!((row.int(2), row.int(3)), (Ok(None), Ok(None)));
    rows.iter().filter(open).map(|row| Ok(Key { source: row.need_text(0)?, id: row.need_text(1)? })).collect()
}

/// Gives each item the lowest free number from `from` on; returns where to look next.
/// Free is a number that no item has, or only one that was closed seven days ago and more.
pub fn number(tx: &mut dyn Tx, keys: &[Key], now_ms: i64, from: i64) -> Result<i64> {
    const PAGE: i64 = 1000;
    let sql = "SELECT number FROM inbox_items WHERE number >= ?1 AND (closed_ms IS NULL OR closed_ms > ?2)
               ORDER BY number LIMIT ?3";
    let (mut next, mut keys) = (from, keys.iter());
    while !keys.as_slice().is_empty() {
        let rows = tx.query(sql, &[next.into(), (now_ms - NUMBER_REST_MS).into(), PAGE.into()])?;
        let last = if rows.len() < PAGE as usize { Some(i64::MAX) } else { None };
        for taken in rows.iter().map(|row| row.need_int(0)).chain(last.map(Ok)) {
            let taken = taken?;
            while next < taken
                && let Some(key) = keys.next()
            {
                assign(tx, key, next)?;
                next += 1;
            }
            next = if taken == i64::MAX { next } else { next.max(taken + 1) };
        }
    }
    Ok(next)
}

fn assign(tx: &mut dyn Tx, key: &Key, number: i64) -> Result<()> {
    tx.execute("UPDATE inbox_items SET number = NULL WHERE number = ?1", &[number.into()])?;
    let sql = "UPDATE inbox_items SET number = ?3 WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into(), number.into()])?;
    Ok(())
}

/// One item.
pub fn standing(tx: &mut dyn Tx, key: &Key, now_ms: i64) -> Result<Option<Standing>> {
    let sql = format!("SELECT {STANDING} FROM inbox_items WHERE source = ?1 AND id = ?2");
    let rows = tx.query(&sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    rows.first().map(|row| Standing::of(row, now_ms)).transpose()
}

/// The items of others with all these folded words: what is open or put off, or everything.
pub fn search(tx: &mut dyn Tx, words: &[String], all: bool, now_ms: i64) -> Result<Vec<Standing>> {
    let mut sql = format!("SELECT {STANDING} FROM inbox_items WHERE own = 0");
    if !all {
        sql.push_str(&format!(" AND {OPEN}"));
    }
    for n in 1..=words.len() {
        sql.push_str(&format!(" AND words LIKE ?{n} ESCAPE '\\'"));
    }
    let values: Vec<Value> = words.iter().map(|word| pattern(word).into()).collect();
    tx.query(&sql, &values)?.iter().map(|row| Standing::of(row, now_ms)).collect()
}

/// `%100\%%` for `100%`.
fn pattern(word: &str) -> String {
    format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// How an item is named.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// By its number at the prompt.
    Number(i64),
    /// By its id.
    Id(&'a str),
}

/// The item that a number or an id names; of several sources the one that is open.
pub fn find(tx: &mut dyn Tx, name: Name, now_ms: i64) -> Result<Option<Standing>> {
    let (column, value): (_, Value) = match name {
        Name::Number(number) => ("number", number.into()),
        Name::Id(id) => ("id", id.into()),
    };
    let sql = format!(
        "SELECT {STANDING} FROM inbox_items WHERE {column} = ?1 ORDER BY own, closed_ms IS NOT NULL, source"
    );
    tx.query(&sql, &[value])?.first().map(|row| Standing::of(row, now_ms)).transpose()
}

/// An item's thread, oldest first, itself included; at most 200 items.
pub fn conversation(tx: &mut dyn Tx, item: &Standing) -> Result<Vec<Standing>> {
    let sql = format!(
        "SELECT {STANDING} FROM inbox_items WHERE thread = ?1 OR id = ?1 OR id = ?2 OR id = ?3 OR in_reply_to = ?2
         ORDER BY 13, id LIMIT 200"
    );
    let parent: Value = item.in_reply_to.clone().into();
    let thread = item.thread.as_ref().unwrap_or(&item.key.id).as_str().into();
    let rows = tx.query(&sql, &[thread, item.key.id.as_str().into(), parent])?;
    rows.iter().map(|row| Standing::of(row, item.moment.now_ms)).collect()
}

/// An item's line.
pub fn line(tx: &mut dyn Tx, key: &Key) -> Result<String> {
    let sql = "SELECT line FROM inbox_items WHERE source = ?1 AND id = ?2";
    let rows = tx.query(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    Ok(rows.first().map(|row| row.need_text(0)).transpose()?.unwrap_or_default())
}

/// What a change overwrote, so that it can be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Before {
    /// These items stood so.
    Items(Vec<ItemBefore>),
    /// There was no such note.
    Note(i64),
    /// There was no such item.
    Added(Key),
}

/// How an item stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemBefore {
    key: Key,
    state: String,
    later_ms: Option<i64>,
    closed_ms: Option<i64>,
    drafted_ms: Option<i64>,
}

/// How an item stands now, for the journal.
pub fn before(tx: &mut dyn Tx, key: &Key) -> Result<ItemBefore> {
    let sql = "SELECT state, later_ms, closed_ms, drafted_ms FROM inbox_items WHERE source = ?1 AND id = ?2";
    let rows = tx.query(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    let row = rows.first().context("the item has just gone")?;
    let (later_ms, closed_ms, drafted_ms) = (row.int(1)?, row.int(2)?, row.int(3)?);
    Ok(ItemBefore { key: key.clone(), state: row.need_text(0)?, later_ms, closed_ms, drafted_ms })
}

/// Puts an item off.
pub fn put_off(tx: &mut dyn Tx, key: &Key, until_ms: i64) -> Result<()> {
    let sql = "UPDATE inbox_items SET state = 'later', later_ms = ?3, closed_ms = NULL WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into(), until_ms.into()])?;
    Ok(())
}

/// Remembers that a draft about an item was written.
pub fn drafted(tx: &mut dyn Tx, key: &Key, now_ms: i64) -> Result<()> {
    let sql = "UPDATE inbox_items SET drafted_ms = ?3 WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into(), now_ms.into()])?;
    Ok(())
}

/// Writes a note; its place in the order.
pub fn add_note(tx: &mut dyn Tx, on: Option<&Key>, text: &str, now_ms: i64) -> Result<i64> {
    let seq = next(tx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM inbox_notes")?;
    let (source, id) = on.map(|key| (key.source.clone(), key.id.clone())).unzip();
    let sql = "INSERT INTO inbox_notes (seq, at_ms, source, id, text) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, &[seq.into(), now_ms.into(), source.into(), id.into(), text.into()])?;
    Ok(seq)
}

/// The notes on an item, oldest first.
pub fn notes_on(tx: &mut dyn Tx, key: &Key) -> Result<Vec<String>> {
    let sql = "SELECT text FROM inbox_notes WHERE source = ?1 AND id = ?2 ORDER BY seq";
    let rows = tx.query(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    rows.iter().map(|row| Ok(row.need_text(0)?)).collect()
}

/// A note.
#[derive(Clone, Debug)]
pub struct Note {
    /// When it was written, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// The item it is on: id, number, headline.
    pub on: Option<(String, Option<i64>, String)>,
    /// The note.
    pub text: String,
}

/// Every note, oldest first.
pub fn notes(tx: &mut dyn Tx) -> Result<Vec<Note>> {
    let sql = "SELECT n.at_ms, n.text, i.id, i.number, i.headline FROM inbox_notes n
               LEFT JOIN inbox_items i ON i.source = n.source AND i.id = n.id ORDER BY n.seq";
    let read = |row: &Row| {
        let on = row.text(2)?.map(|id| Ok::<_, cm_store::Error>((id, row.int(3)?, row.need_text(4)?)));
        Ok(Note { at_ms: row.need_int(0)?, text: row.need_text(1)?, on: on.transpose()? })
    };
    tx.query(sql, &[])?.iter().map(read).collect()
}

/// Writes a change into the journal; changes beyond the last hundred can no longer be taken back.
pub fn journal(tx: &mut dyn Tx, what: &str, before: &Before, now_ms: i64) -> Result<()> {
    let seq = next(tx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM inbox_journal")?;
    let before = serde_json::to_string(before)?;
    let sql = "INSERT INTO inbox_journal (seq, at_ms, what, before) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, &[seq.into(), now_ms.into(), what.into(), before.into()])?;
    tx.execute("DELETE FROM inbox_journal WHERE seq <= ?1", &[(seq - JOURNAL).into()])?;
    Ok(())
}

/// Takes the last change back; what it was.
pub fn undo(tx: &mut dyn Tx, now_ms: i64) -> Result<Option<String>> {
    let rows = tx.query("SELECT seq, what, before FROM inbox_journal ORDER BY seq DESC LIMIT 1", &[])?;
    let Some(row) = rows.first() else { return Ok(None) };
    tx.execute("DELETE FROM inbox_journal WHERE seq = ?1", &[row.need_int(0)?.into()])?;
    match serde_json::from_str(&row.need_text(2)?)? {
        Before::Items(items) => items.iter().try_for_each(|item| restore(tx, item, now_ms))?,
        Before::Note(seq) => {
            tx.execute("DELETE FROM inbox_notes WHERE seq = ?1", &[seq.into()])?;
        }
        Before::Added(key) => {
            let values = [key.source.into(), key.id.into()];
            tx.execute("DELETE FROM inbox_notes WHERE source = ?1 AND id = ?2", &values)?;
            tx.execute("DELETE FROM inbox_items WHERE source = ?1 AND id = ?2", &values)?;
        }
    }
    Ok(Some(row.need_text(1)?))
}

/// Puts an item back to how it stood; what was answered meanwhile stays answered.
fn restore(tx: &mut dyn Tx, item: &ItemBefore, now_ms: i64) -> Result<()> {
    let sql = format!(
        "UPDATE inbox_items SET later_ms = ?4, drafted_ms = ?6,
             state = CASE WHEN answered_ms IS NOT NULL AND {OPEN_BEFORE} THEN 'answered' ELSE ?3 END,
             closed_ms = CASE WHEN answered_ms IS NOT NULL AND {OPEN_BEFORE} THEN COALESCE(closed_ms, ?7) ELSE ?5 END
         WHERE source = ?1 AND id = ?2 AND gone = 0 RETURNING number, closed_ms"
    );
    let values = [
        item.key.source.as_str().into(),
        item.key.id.as_str().into(),
        item.state.as_str().into(),
        item.later_ms.into(),
        item.closed_ms.into(),
        item.drafted_ms.into(),
        now_ms.into(),
    ];
    let rows = tx.query(&sql, &values)?;
    let lost_its_number =
        rows.first().is_some_and(|row| matches!((row.int(0), row.int(1)), (Ok(None), Ok(None))));
    if lost_its_number {
        number(tx, std::slice::from_ref(&item.key), now_ms, 1)?;
    }
    Ok(())
}

fn next(tx: &mut dyn Tx, sql: &str) -> Result<i64> {
    let rows = tx.query(sql, &[])?;
    Ok(rows.first().map_or(Ok(1), |row| row.need_int(0))?)
}
