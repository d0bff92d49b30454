//! Answers: what of ours is in a thread, and which item it answers.

use super::OPEN;
use crate::answers::{OwnReply, Waiting};
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

/// Our replies, and who said something.
type Thread = (Vec<OwnReply>, Vec<(String, Waiting)>);

/// What we replied in a thread, and what others said, each with its source; nothing where we did not reply. What stands
/// at the top, a post of ours or a comment of ours on a post, speaks to nobody in particular and is no reply.
pub fn thread(tx: &mut dyn Tx, thread: &str) -> Result<Thread> {
    let sql = "SELECT id, in_reply_to, COALESCE(published_ms, taken_ms) FROM inbox_items
               WHERE thread = ?1 AND own = 1 AND gone = 0
                   AND (in_reply_to IS NOT NULL OR kind IN ('reply', 'message'))";
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

/// Whether a reply is a post that cm-schedule says it published, rather than one that was seen where it stands.
const CLAIMED: &str = "answered_by LIKE 'urn:cm:post:%'";
/// So far may a clock be from that of the network, in milliseconds.
const CLOCKS: i64 = 600_000;

/// Marks an item (in one source or in all) as answered. What was seen replaces what cm-schedule said; of two of a kind
/// the earlier stands. A post that was seen to be held or deleted where it stands is no answer.
pub fn answered(
    tx: &mut dyn Tx,
    id: &str,
    source: Option<&str>,
    reply: (&str, i64),
    now_ms: i64,
) -> Result<u64> {
    let claims = reply.0.starts_with("urn:cm:post:");
    if claims && is_refuted(tx, id, reply.1)? {
        return Ok(0);
    }
    let weaker = if claims {
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

fn is_refuted(tx: &mut dyn Tx, id: &str, at_ms: i64) -> Result<bool> {
    let sql = "SELECT id FROM inbox_items WHERE in_reply_to = ?1 AND own = 1 AND gone = 1
                   AND published_ms BETWEEN ?2 AND ?3 LIMIT 1";
    Ok(!tx.query(sql, &[id.into(), (at_ms - CLOCKS).into(), (at_ms + CLOCKS).into()])?.is_empty())
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

/// A reply of ours was deleted or is held: what it answered waits again.
pub fn unanswer(tx: &mut dyn Tx, reply: &Entry) -> Result<Vec<Reopened>> {
    let sql = format!(
        "UPDATE inbox_items SET answered_ms = NULL, answered_by = NULL,
             closed_ms = CASE state WHEN 'answered' THEN NULL ELSE closed_ms END,
             state = CASE state WHEN 'answered' THEN 'open' ELSE state END
         WHERE answered_by = ?1 OR (id = ?2 AND {CLAIMED} AND answered_ms BETWEEN ?3 AND ?4)
         RETURNING source, id, number, closed_ms, thread"
    );
    let parent: Value = reply.in_reply_to.clone().into();
    let near = |by: i64| reply.published_ms.map(|at| at + by).into();
    let values = [reply.key.id.as_str().into(), parent, near(-CLOCKS), near(CLOCKS)];
    let open = |row: &Row| {
        Ok(Reopened {
            key: Key { source: row.need_text(0)?, id: row.need_text(1)? },
            thread: row.text(4)?,
            numberless: row.int(2)?.is_none() && row.int(3)?.is_none(),
        })
    };
    tx.query(&sql, &values)?.iter().map(open).collect()
}
