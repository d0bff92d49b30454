//! Looking at single items: read one, open its page, get their records.

use crate::entry::Key;
use crate::handout::{self, Shown};
use crate::inbox::Inbox;
use crate::store;
use crate::{browser, changes, pick, show};
use anyhow::Result;
use cm_cli::{Failure, Session};
use cm_record::{Item, Record};

/// Shows one item with its thread, to be read.
pub fn show(session: &Session, inbox: &Inbox, item: String) -> Result<()> {
    let now_ms = session.now().timestamp_millis();
    let (item, thread) = inbox.read(move |tx| {
        let item = pick::one(tx, &item, now_ms)?;
        let thread: Vec<Key> = store::conversation(tx, &item)?.into_iter().map(|other| other.key).collect();
        Ok((handout::load(tx, &[item.key], now_ms)?, handout::load(tx, &thread, now_ms)?))
    })?;
    item.first().map_or(Ok(()), |item| session.print(&show::page(session, item, &thread)?))
}

/// Opens an item's page in the browser, or prints its address where there is none.
pub fn open(session: &Session, inbox: &Inbox, item: String) -> Result<()> {
    let (shown, _) = one(session, inbox, item)?;
    let Some(url) = &shown.standing.url else {
        return Err(Failure::usage(format!("{} has no page", label(&shown))).into());
    };
    let page = browser::page(url)?;
    if browser::open(&page) { Ok(()) } else { session.print(&format!("{page}\n")) }
}

/// Writes items as records, on a terminal too: that is what this is for; those that are not there are told.
pub fn get(session: &Session, inbox: &Inbox, items: Vec<String>) -> Result<()> {
    let now_ms = session.now().timestamp_millis();
    let (keys, missing) = inbox.read(move |tx| {
        let (items, missing) = pick::several(tx, &items, now_ms)?;
        Ok((items.into_iter().map(|item| item.key).collect::<Vec<_>>(), missing))
    })?;
    for text in missing {
        session.failed("no_item", pick::missing(&text))?;
    }
    let mut out = session.out();
    for key in keys {
        for item in inbox.read(move |tx| handout::load(tx, std::slice::from_ref(&key), now_ms))? {
            out.record(&handout::record(session, &item)?)?;
        }
    }
    Ok(out.flush()?)
}

/// The one item that an argument names, with its record read.
pub fn one(session: &Session, inbox: &Inbox, item: String) -> Result<(Shown, Item)> {
    let (now_ms, name) = (session.now().timestamp_millis(), item.clone());
    let shown = inbox.read(move |tx| {
        let item = pick::one(tx, &item, now_ms)?;
        handout::load(tx, &[item.key], now_ms)
    })?;
    let Some(shown) = shown.into_iter().next() else { return Err(pick::missing(&name).into()) };
    let item = read(&shown)?;
    Ok((shown, item))
}

/// The items that arguments name, with their records read; an argument that names none is told.
pub fn several(session: &Session, inbox: &Inbox, items: &[String]) -> Result<Vec<(Shown, Item)>> {
    let (now_ms, items) = (session.now().timestamp_millis(), items.to_vec());
    let (shown, missing) = inbox.read(move |tx| {
        let (items, missing) = pick::several(tx, &items, now_ms)?;
        let keys: Vec<Key> = items.into_iter().map(|item| item.key).collect();
        Ok((handout::load(tx, &keys, now_ms)?, missing))
    })?;
    for text in missing {
        session.failed("no_item", pick::missing(&text))?;
    }
    shown.into_iter().map(|shown| read(&shown).map(|item| (shown, item))).collect()
}

fn read(shown: &Shown) -> Result<Item> {
    let record =
        Record::parse(shown.line.as_str()).map_err(|why| anyhow::anyhow!("a line in the store: {why}"))?;
    record.item().map_err(|why| anyhow::anyhow!(why))
}

/// `3 (Does it ship?)`.
pub fn label(item: &Shown) -> String {
    changes::label(item.standing.number, &item.standing.headline)
}
