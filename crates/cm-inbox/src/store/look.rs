//! Looking: one item, those with some words, a thread.

use super::{OPEN, STANDING, Standing};
use crate::entry::Key;
use crate::place::Place;
use anyhow::Result;
use cm_store::{Tx, Value};

/// One item.
pub fn standing(tx: &mut dyn Tx, key: &Key, now_ms: i64) -> Result<Option<Standing>> {
    let sql = format!("SELECT {STANDING} FROM inbox_items WHERE source = ?1 AND id = ?2");
    let rows = tx.query(&sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    rows.first().map(|row| Standing::of(row, now_ms)).transpose()
}

/// So many pages of one title's word are looked for comments.
const PAGES: i64 = 100;

/// The items of others with all these folded words, each in the item itself, in the title of the page that it was said on
/// or in that page's address: what is open or put off, or everything.
pub fn search(tx: &mut dyn Tx, words: &[String], all: bool, now_ms: i64) -> Result<Vec<Standing>> {
    let mut sql = format!("SELECT {STANDING} FROM inbox_items WHERE own = 0");
    if !all {
        sql.push_str(&format!(" AND {OPEN}"));
    }
    let mut values: Vec<Value> = Vec::new();
    for word in words {
        values.extend([pattern(word).into(), format!("http%://%/{}", pattern(word)).into()]);
        let (in_words, in_address) = (values.len() - 1, values.len());
        values.extend(pages(tx, word)?);
        let pages: String = (in_address + 1..=values.len()).map(|n| format!(", ?{n}")).collect();
        sql.push_str(&format!(
            " AND (words LIKE ?{in_words} ESCAPE '\\' OR thread LIKE ?{in_address} ESCAPE '\\' OR thread IN (''{pages}))"
        ));
    }
    tx.query(&sql, &values)?.iter().map(|row| Standing::of(row, now_ms)).collect()
}

/// The ids and addresses of pages with this word in their title.
fn pages(tx: &mut dyn Tx, word: &str) -> Result<Vec<Value>> {
    let sql = "SELECT id, url, headline FROM inbox_items
               WHERE lane = 'read' AND is_foreign = 0 AND words LIKE ?1 ESCAPE '\\' ORDER BY taken_ms DESC LIMIT ?2";
    let mut pages = Vec::new();
    for row in tx.query(sql, &[pattern(word).into(), PAGES.into()])? {
        if cm_text::fold(&row.need_text(2)?, false).contains(word) {
            pages.extend([Some(row.need_text(0)?), row.text(1)?].into_iter().flatten().map(Value::from));
        }
    }
    Ok(pages)
}

/// `%100\%%` for `100%`.
fn pattern(word: &str) -> String {
    format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// How the inbox stands as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// People who wait for an answer.
    pub wait: i64,
    /// What there is to be read.
    pub read: i64,
    /// What was answered.
    pub answered: i64,
    /// What is done and still has its number.
    pub done: i64,
}

/// Counts everything but our own.
pub fn census(tx: &mut dyn Tx, now_ms: i64) -> Result<Census> {
    let sql = "SELECT CASE WHEN state = 'answered' OR (state = 'done' AND number IS NOT NULL) THEN state
                   WHEN state IN ('open', 'assigned') OR (state = 'later' AND later_ms <= ?1) THEN lane END, COUNT(*)
               FROM inbox_items WHERE own = 0 GROUP BY 1";
    let mut census = Census::default();
    for row in tx.query(sql, &[now_ms.into()])? {
        let count = row.need_int(1)?;
        match row.text(0)?.as_deref() {
            Some("answered") => census.answered = count,
            Some("done") => census.done = count,
            Some("answer") => census.wait = count,
            Some("read") => census.read = count,
            _ => {}
        }
    }
    Ok(census)
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

/// An item's thread, oldest first, itself included; of a long one what it answers, what answers it, and what was said
/// around that time.
pub fn conversation(tx: &mut dyn Tx, item: &Standing) -> Result<Vec<Standing>> {
    const MOST: i64 = 200;
    let sql = format!(
        "SELECT {STANDING} FROM inbox_items WHERE thread = ?1 OR id = ?1 OR id = ?2 OR id = ?3 OR in_reply_to = ?2
         ORDER BY CASE WHEN id = ?2 THEN 0 WHEN id = ?1 OR id = ?3 THEN 1 WHEN in_reply_to = ?2 THEN 2 ELSE 3 END,
             ABS(COALESCE(published_ms, taken_ms) - ?4), id LIMIT ?5"
    );
    let parent: Value = item.in_reply_to.clone().into();
    let thread = item.thread.as_ref().unwrap_or(&item.key.id).as_str().into();
    let values = [thread, item.key.id.as_str().into(), parent, item.moment.since_ms.into(), MOST.into()];
    let rows = tx.query(&sql, &values)?;
    let mut items: Vec<Standing> =
        rows.iter().map(|row| Standing::of(row, item.moment.now_ms)).collect::<Result<_>>()?;
    items.sort_by(|a, b| (a.moment.since_ms, &a.key.id).cmp(&(b.moment.since_ms, &b.key.id)));
    Ok(items)
}

/// The page that an item was said on, when its thread is one.
pub fn place(tx: &mut dyn Tx, item: &Standing) -> Result<Option<Place>> {
    let is_page = |address: &&String| address.starts_with("https://") || address.starts_with("http://");
    let address = item.thread.as_ref().filter(is_page).filter(|address| **address != item.key.id);
    let Some(address) = address else { return Ok(None) };
    let sql = "SELECT headline FROM inbox_items
               WHERE (id = ?1 OR url = ?1) AND lane = 'read' AND is_foreign = 0 LIMIT 1";
    let rows = tx.query(sql, &[address.as_str().into()])?;
    let title = rows.first().map(|row| row.need_text(0)).transpose()?;
    Ok(Some(Place { address: address.clone(), title }))
}

/// An item's line.
pub fn line(tx: &mut dyn Tx, key: &Key) -> Result<String> {
    let sql = "SELECT line FROM inbox_items WHERE source = ?1 AND id = ?2";
    let rows = tx.query(sql, &[key.source.as_str().into(), key.id.as_str().into()])?;
    Ok(rows.first().map(|row| row.need_text(0)).transpose()?.unwrap_or_default())
}
