//! Answers: what of ours is in a thread, and which item it answers.

use super::OPEN;
use crate::answers::{OwnReply, Replies, Waiting};
use crate::entry::{Entry, Key};
use anyhow::Result;
use cm_store::{Row, Tx, Value};
use std::collections::HashMap;

/// Our first reply that names an item: its id and when.
pub fn first_reply(tx: &mut dyn Tx, id: &str) -> Result<Option<(String, i64)>> {
    let sql = "SELECT id, COALESCE(published_ms, taken_ms) FROM inbox_items
               WHERE in_reply_to = ?1 AND own = 1 AND gone = 0 ORDER BY 2 LIMIT 1";
    let rows = tx.query(sql, &[id.into()])?;
    rows.first().map(|row| Ok((row.need_text(0)?, row.need_int(1)?))).transpose()
}

/// Something that others said, where it came from, and which reply is known to answer it.
#[derive(Debug)]
pub struct Other {
    /// The account or feed.
    pub source: String,
    /// What was said.
    pub item: Waiting,
    /// The reply's id.
    pub answered_by: Option<String>,
}

/// What we replied in a thread, and who said what it answers. What stands at the top, a post of ours or a comment of ours
/// on a post, speaks to nobody in particular and is no reply.
pub fn replies(tx: &mut dyn Tx, thread: &str) -> Result<(Replies, HashMap<String, String>)> {
    let sql =
        "SELECT o.id, o.in_reply_to, COALESCE(o.published_ms, o.taken_ms), p.author_key FROM inbox_items o
               LEFT JOIN inbox_items p ON p.id = o.in_reply_to AND p.own = 0 AND (p.thread = ?1 OR p.id = ?1)
               WHERE o.thread = ?1 AND o.own = 1 AND o.gone = 0
                   AND (o.in_reply_to IS NOT NULL OR o.kind IN ('reply', 'message'))";
    let (mut replies, mut authors) = (Vec::new(), HashMap::new());
    for row in tx.query(sql, &[thread.into()])? {
        let (in_reply_to, to_author) = (row.text(1)?, row.text(3)?);
        authors.extend(in_reply_to.clone().zip(to_author.clone()));
        replies.push(OwnReply { id: row.need_text(0)?, in_reply_to, to_author, at_ms: row.need_int(2)? });
    }
    Ok((Replies::new(replies), authors))
}

/// Which of what others said.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// All of a thread.
    All(&'a str),
    /// What one author said in a thread.
    Author(&'a str, &'a str),
    /// One item.
    Item(&'a Key),
}

/// What others said.
pub fn others(tx: &mut dyn Tx, whose: Whose) -> Result<Vec<Other>> {
    let (which, values): (_, Vec<Value>) = match whose {
        Whose::All(thread) => ("(thread = ?1 OR id = ?1)", vec![thread.into()]),
        Whose::Author(thread, author) => (
            "(thread = ?1 AND own = 0 AND author_key = ?2 OR id = ?1 AND author_key = ?2)",
            vec![thread.into(), author.into()],
        ),
        Whose::Item(key) => {
            ("source = ?1 AND id = ?2", vec![key.source.as_str().into(), key.id.as_str().into()])
        }
    };
    let sql = format!(
        "SELECT source, id, author_key, COALESCE(published_ms, taken_ms), status, answered_by FROM inbox_items
         WHERE own = 0 AND {which}"
    );
    let other = |row: &Row| {
        let is_held = row.text(4)?.as_deref() == Some("held");
        let item = Waiting { id: row.need_text(1)?, author: row.text(2)?, at_ms: row.need_int(3)?, is_held };
        Ok(Other { source: row.need_text(0)?, item, answered_by: row.text(5)? })
    };
    tx.query(&sql, &values)?.iter().map(other).collect()
}

/// Whether a reply is a post that cm-schedule says it published, rather than one that was seen where it stands.
const CLAIMED: &str = "answered_by LIKE 'urn:cm:post:%'";
/// So far may a clock be from that of the network, in milliseconds.
const CLOCKS: i64 = 600_000;

/// Remembers a post that cm-schedule says it published in answer to an item, which may not be here yet.
pub fn claimed(tx: &mut dyn Tx, id: &str, post: &str, at_ms: i64) -> Result<()> {
    let sql = "INSERT INTO inbox_claims (id, post, at_ms) VALUES (?1, ?2, ?3)
               ON CONFLICT (id, post) DO UPDATE SET at_ms = excluded.at_ms";
    tx.execute(sql, &[id.into(), post.into(), at_ms.into()])?;
    Ok(())
}

/// The first post that is said to answer an item: its id and when. One that was seen to be held or deleted where it
/// stands is no answer.
pub fn first_claim(tx: &mut dyn Tx, id: &str) -> Result<Option<(String, i64)>> {
    let sql = "SELECT post, at_ms FROM inbox_claims c WHERE c.id = ?1 AND NOT EXISTS (
                   SELECT 1 FROM inbox_items i WHERE i.in_reply_to = c.id AND i.own = 1 AND i.gone = 1
                       AND i.published_ms BETWEEN c.at_ms - ?2 AND c.at_ms + ?2)
               ORDER BY at_ms, post LIMIT 1";
    let rows = tx.query(sql, &[id.into(), CLOCKS.into()])?;
    rows.first().map(|row| Ok((row.need_text(0)?, row.need_int(1)?))).transpose()
}

/// Marks an item (in one source or in all) as answered. What was seen replaces what cm-schedule said; of two of a kind
/// the earlier stands.
pub fn answered(
    tx: &mut dyn Tx,
    id: &str,
    source: Option<&str>,
    reply: (&str, i64),
    now_ms: i64,
) -> Result<u64> {
    let weaker = if reply.0.starts_with("urn:cm:post:") {
        format!("({CLAIMED} AND answered_ms > ?2)")
    } else {
        format!("({CLAIMED} OR answered_ms > ?2)")
    };
    let sql = format!(
        "UPDATE inbox_items SET answered_ms = ?2, answered_by = ?3, closed_ms = COALESCE(closed_ms, ?4),
             state = CASE WHEN {OPEN} THEN 'answered' ELSE state END
         WHERE id = ?1 AND own = 0 AND (?5 IS NULL OR source = ?5) AND (answered_ms IS NULL OR {weaker})"
    );
    let source: Value = source.map(str::to_owned).into();
    Ok(tx.execute(&sql, &[id.into(), reply.1.into(), reply.0.into(), now_ms.into(), source])?)
}

/// What waits again.
#[derive(Debug)]
pub struct Reopened {
    /// Which item.
    pub key: Key,
    /// Its thread.
    pub thread: Option<String>,
    /// It has no number any more.
    pub numberless: bool,
}

/// A reply of ours was deleted or is held: what it answered waits again, unless nobody sees that either. One that is
/// held is still on its way; of one that is gone no mark is left.
pub fn unanswer(tx: &mut dyn Tx, reply: &Entry) -> Result<Vec<Reopened>> {
    let sql = format!(
        "UPDATE inbox_items SET answered_ms = NULL, answered_by = NULL,
             closed_ms = CASE WHEN state = 'answered' AND gone = 0 THEN NULL ELSE closed_ms END,
             state = CASE WHEN state <> 'answered' THEN state WHEN gone = 0 THEN 'open' ELSE 'done' END
         WHERE answered_by = ?1 OR (id = ?2 AND {CLAIMED} AND answered_ms BETWEEN ?3 AND ?4)
         RETURNING source, id, number, closed_ms, thread"
    );
    let parent: Value = reply.in_reply_to.clone().into();
    let near = |by: i64| -> Value { reply.published_ms.map(|at| at + by).into() };
    let values = [reply.key.id.as_str().into(), parent.clone(), near(-CLOCKS), near(CLOCKS)];
    let open = |row: &Row| {
        Ok(Reopened {
            key: Key { source: row.need_text(0)?, id: row.need_text(1)? },
            thread: row.text(4)?,
            numberless: row.int(2)?.is_none() && row.int(3)?.is_none(),
        })
    };
    let reopened = tx.query(&sql, &values)?.iter().map(open).collect();
    if reply.status.as_deref() != Some("held") {
        let sql = "UPDATE inbox_items SET drafted_ms = NULL, on_way_ms = NULL
                   WHERE id = ?1 AND answered_ms IS NULL AND drafted_ms <= ?2";
        tx.execute(sql, &[parent, near(CLOCKS)])?;
    }
    reopened
}
