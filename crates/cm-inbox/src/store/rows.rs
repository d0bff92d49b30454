//! Writing items: what came in, what was decided about it, and its number.

use super::{NUMBER_REST_MS, OPEN};
use crate::args::Lane;
use crate::entry::{Entry, Key};
use anyhow::Result;
use cm_store::{Row, Tx};

/// Another copy of an item, or the one that stands.
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
    /// Nobody sees it where it stands.
    pub gone: bool,
    /// Its id.
    pub id: String,
    /// Where it is listed.
    pub lane: Lane,
    /// One of our accounts wrote it.
    pub own: bool,
    /// How it stands where it is.
    pub status: Option<String>,
    /// When what was done with it went out.
    pub acted_ms: Option<i64>,
}

const COPY: &str =
    "source, is_foreign, line, reasons, fetched_ms, words, number, gone, id, lane, own, status, acted_ms";

fn copy(row: &Row) -> Result<Copy> {
    Ok(Copy {
        source: row.need_text(0)?,
        foreign: row.need_int(1)? != 0,
        line: row.need_text(2)?,
        reasons: row.need_text(3)?,
        fetched_ms: row.int(4)?,
        words: row.need_text(5)?,
        number: row.int(6)?,
        gone: row.need_int(7)? != 0,
        id: row.need_text(8)?,
        lane: if row.need_text(9)? == "answer" { Lane::Answer } else { Lane::Read },
        own: row.need_int(10)? != 0,
        status: row.text(11)?,
        acted_ms: row.int(12)?,
    })
}

/// Every copy of an id.
pub fn copies(tx: &mut dyn Tx, id: &str) -> Result<Vec<Copy>> {
    let sql = format!("SELECT {COPY} FROM inbox_items WHERE id = ?1");
    tx.query(&sql, &[id.into()])?.iter().map(copy).collect()
}

/// The comments on a page of their own: what stands at this address under another id.
pub fn at_address(tx: &mut dyn Tx, url: &str, id: &str) -> Result<Vec<Copy>> {
    let sql = format!(
        "SELECT {COPY} FROM inbox_items WHERE url = ?1 AND id <> ?2 AND kind IN ('comment', 'reply') LIMIT 10"
    );
    tx.query(&sql, &[url.into(), id.into()])?.iter().map(copy).collect()
}

/// Gives the entry of something deleted what was known of it, but its words.
pub fn remember(tx: &mut dyn Tx, e: &mut Entry) -> Result<()> {
    let sql =
        "SELECT kind, lane, own, url, author, author_key, thread, in_reply_to, published_ms FROM inbox_items
               WHERE source = ?1 AND id = ?2";
    let rows = tx.query(sql, &[e.key.source.as_str().into(), e.key.id.as_str().into()])?;
    let Some(row) = rows.first() else { return Ok(()) };
    e.kind = row.need_text(0)?;
    e.lane = if row.need_text(1)? == "answer" { Lane::Answer } else { Lane::Read };
    e.own |= row.need_int(2)? != 0;
    let known = |value: &mut Option<String>, known: Option<String>| *value = value.take().or(known);
    known(&mut e.url, row.text(3)?);
    known(&mut e.author, row.text(4)?);
    known(&mut e.author_key, row.text(5)?);
    known(&mut e.thread, row.text(6)?);
    known(&mut e.in_reply_to, row.text(7)?);
    e.published_ms = e.published_ms.or(row.int(8)?);
    Ok(())
}

/// Writes an entry. State, number and what was done with the item stay when it is there already.
pub fn upsert(tx: &mut dyn Tx, e: &Entry, now_ms: i64) -> Result<()> {
    let lane = if e.lane == Lane::Answer { "answer" } else { "read" };
    let closed = e.own || e.gone;
    let state = if closed { "done" } else { "open" };
    let sql = "INSERT INTO inbox_items (source, id, kind, lane, state, headline, url, author, author_key, thread,
            in_reply_to, own, gone, is_foreign, published_ms, fetched_ms, taken_ms, closed_ms, searches, reasons,
            words, line, status, private)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)
        ON CONFLICT (source, id) DO UPDATE SET kind = excluded.kind, lane = excluded.lane,
            headline = excluded.headline, url = excluded.url, author = excluded.author,
            author_key = excluded.author_key, thread = excluded.thread, in_reply_to = excluded.in_reply_to,
            own = excluded.own, gone = excluded.gone, is_foreign = excluded.is_foreign,
            published_ms = excluded.published_ms, fetched_ms = excluded.fetched_ms, searches = excluded.searches,
            reasons = excluded.reasons, words = excluded.words, line = excluded.line, status = excluded.status,
            private = excluded.private";
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
        e.status.clone().into(),
        e.private.into(),
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
                   closed_ms = answered_ms, later_ms = NULL, drafted_ms = NULL, on_way_ms = NULL
               WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    Ok(())
}

/// Hands an item, with its number, its notes and what was decided about it, to another source or id.
pub fn rename(tx: &mut dyn Tx, from: &Key, to: &Key) -> Result<()> {
    let key = |key: &Key| [key.source.as_str().into(), key.id.as_str().into()];
    let values = [key(to), key(from)].concat();
    for table in ["inbox_items", "inbox_notes"] {
        let sql = format!("UPDATE {table} SET source = ?1, id = ?2 WHERE source = ?3 AND id = ?4");
        tx.execute(&sql, &values)?;
    }
    // What was decided under the old name can still be taken back.
    let sql = "UPDATE inbox_journal SET before = REPLACE(before, ?1, ?2)";
    tx.execute(sql, &[serde_json::to_string(from)?.into(), serde_json::to_string(to)?.into()])?;
    Ok(())
}

/// An account of ours says that it wrote this: copies that other accounts brought wait for nobody either.
pub fn is_ours(tx: &mut dyn Tx, id: &str, now_ms: i64) -> Result<()> {
    let sql = format!(
        "UPDATE inbox_items SET own = 1, closed_ms = COALESCE(closed_ms, ?2),
             state = CASE WHEN {OPEN} THEN 'done' ELSE state END WHERE id = ?1 AND own = 0"
    );
    tx.execute(&sql, &[id.into(), now_ms.into()])?;
    Ok(())
}

/// Puts an item off.
pub fn put_off(tx: &mut dyn Tx, key: &Key, until_ms: i64) -> Result<()> {
    let sql = "UPDATE inbox_items SET state = 'later', later_ms = ?3, closed_ms = NULL WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into(), until_ms.into()])?;
    Ok(())
}

/// Remembers that a draft about an item was written, and its id.
pub fn drafted(tx: &mut dyn Tx, key: &Key, draft: &str, now_ms: i64) -> Result<()> {
    let sql = "UPDATE inbox_items SET drafted_ms = ?3, draft = ?4 WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into(), now_ms.into(), draft.into()])?;
    Ok(())
}

/// A draft is on its way out, or is out: until then its mark counts. Of several the longest stands.
pub fn on_way(tx: &mut dyn Tx, draft: &str, until_ms: i64) -> Result<()> {
    let sql =
        "UPDATE inbox_items SET on_way_ms = ?2 WHERE draft = ?1 AND (on_way_ms IS NULL OR on_way_ms < ?2)";
    tx.execute(sql, &[draft.into(), until_ms.into()])?;
    Ok(())
}

/// A draft was not taken, by its id: its mark goes, unless one is known to be on its way. `stopped`: that was this one.
pub fn not_taken(tx: &mut dyn Tx, draft: &str, stopped: bool) -> Result<()> {
    let sql = "UPDATE inbox_items SET drafted_ms = NULL, draft = NULL, on_way_ms = NULL
               WHERE draft = ?1 AND (on_way_ms IS NULL OR ?2 = 1)";
    tx.execute(sql, &[draft.into(), i64::from(stopped).into()])?;
    Ok(())
}

/// Remembers that an action on an item was written.
pub fn action_drafted(tx: &mut dyn Tx, key: &Key, action: &str) -> Result<()> {
    let sql = "UPDATE inbox_items SET action = ?3, acted_ms = NULL WHERE source = ?1 AND id = ?2";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into(), action.into()])?;
    Ok(())
}

/// A draft about an item will not go out: it is as if it had not been written. One that was written after the post was
/// due is another one. No source: whatever the source.
pub fn not_drafted(tx: &mut dyn Tx, key: &Key, due_ms: i64) -> Result<()> {
    // A time in a record may be cut to seconds.
    let sql = "UPDATE inbox_items SET drafted_ms = NULL, on_way_ms = NULL
               WHERE id = ?1 AND (source = ?2 OR ?2 = '') AND drafted_ms < ?3";
    tx.execute(sql, &[key.id.as_str().into(), key.source.as_str().into(), (due_ms + 1000).into()])?;
    Ok(())
}

/// An action on an item will not go out.
pub fn not_acted(tx: &mut dyn Tx, key: &Key, action: &str) -> Result<()> {
    let sql = "UPDATE inbox_items SET action = NULL
               WHERE source = ?1 AND id = ?2 AND action = ?3 AND acted_ms IS NULL";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into(), action.into()])?;
    Ok(())
}

/// An action went out: the item stands so, unless what was fetched since knows better. Whether it did change anything.
pub fn acted(tx: &mut dyn Tx, key: &Key, action: &str, at_ms: i64) -> Result<bool> {
    let (status, gone) = match action {
        "approve" => (Some("approved"), Some(0)),
        "spam" | "trash" => (Some(action), Some(1)),
        _ => (None, None),
    };
    let sql = "UPDATE inbox_items SET action = ?3, acted_ms = ?4, status = COALESCE(?5, status), gone = COALESCE(?6, gone)
               WHERE source = ?1 AND id = ?2 AND own = 0 AND (fetched_ms IS NULL OR fetched_ms <= ?4)
                   AND (acted_ms IS NULL OR acted_ms < ?4)";
    let values = [
        key.source.as_str().into(),
        key.id.as_str().into(),
        action.into(),
        at_ms.into(),
        status.map(str::to_owned).into(),
        gone.into(),
    ];
    Ok(tx.execute(sql, &values)? > 0)
}

/// What was fetched is newer than what we did: it says how the item stands.
pub fn fetched_since(tx: &mut dyn Tx, key: &Key) -> Result<()> {
    let sql = "UPDATE inbox_items SET action = NULL, acted_ms = NULL
               WHERE source = ?1 AND id = ?2 AND acted_ms IS NOT NULL AND action IN ('approve', 'spam', 'trash')";
    tx.execute(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    Ok(())
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
