//! Notes, and what every change overwrote, so that it can be taken back.

use super::number;
use crate::entry::Key;
use anyhow::{Context, Result};
use cm_store::{Row, Tx};
use serde::{Deserialize, Serialize};

/// How many changes can be taken back.
const JOURNAL: i64 = 100;
/// What `OPEN` says, of a state that is given as the third value.
const OPEN_BEFORE: &str = "?3 IN ('open', 'later', 'assigned')";

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
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    draft: Option<String>,
    #[serde(default)]
    on_way_ms: Option<i64>,
}

/// How an item stands now, for the journal.
pub fn before(tx: &mut dyn Tx, key: &Key) -> Result<ItemBefore> {
    let sql = "SELECT state, later_ms, closed_ms, drafted_ms, action, draft, on_way_ms FROM inbox_items
               WHERE source = ?1 AND id = ?2";
    let rows = tx.query(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    let row = rows.first().context("the item has just gone")?;
    let (later_ms, closed_ms, drafted_ms) = (row.int(1)?, row.int(2)?, row.int(3)?);
    let (state, action, draft, on_way_ms) = (row.need_text(0)?, row.text(4)?, row.text(5)?, row.int(6)?);
    Ok(ItemBefore { key: key.clone(), state, later_ms, closed_ms, drafted_ms, action, draft, on_way_ms })
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
        "UPDATE inbox_items SET later_ms = ?4, drafted_ms = ?6, draft = ?9, on_way_ms = ?10,
             action = CASE WHEN acted_ms IS NULL THEN ?8 ELSE action END,
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
        item.action.clone().into(),
        item.draft.clone().into(),
        item.on_way_ms.into(),
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
