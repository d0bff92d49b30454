//! Drafts and actions that have come back from cm-schedule, and what became of them. In: a record with its
//! `_cm_schedule`. Out: what that says about the item it was about.

use crate::draft;
use crate::entry::Key;
use crate::intake;
use crate::store;
use anyhow::Result;
use cm_record::{PostState, Record, SchedulePart};
use cm_store::Tx;

/// A draft or an action that has come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The item it was about; no source when that came by a feed.
    about: Key,
    /// `approve` ...; absent when it was an answer.
    action: Option<String>,
    fate: Fate,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It is out: which post, when.
    Published(String, i64),
    /// None of its posts will go out; when the last was due.
    Stopped(i64),
}

/// What came back, when it is an answer or an action whose fate is known.
pub fn of(record: &Record) -> Result<Option<Returned>, String> {
    let meta = record.meta()?;
    let Some(parent) = meta.parent else { return Ok(None) };
    let Some(schedule) = record.get::<SchedulePart>("_cm_schedule")? else { return Ok(None) };
    let about = Key { source: parent.account, id: parent.id };
    Ok(fate(&schedule).map(|fate| Returned { about, action: meta.action, fate }))
}

fn fate(schedule: &SchedulePart) -> Option<Fate> {
    let ms = |at: &str| cm_time::parse_rfc3339(at).map(|at| at.timestamp_millis());
    if let Some(post) = schedule.posts.iter().find(|post| post.state == PostState::Published) {
        return Some(Fate::Published(post.id.clone(), ms(post.published_at.as_deref()?)?));
    }
    let has_stopped = |state| matches!(state, PostState::Failed | PostState::Cancelled | PostState::Missed);
    let all = schedule.posts.iter().all(|post| has_stopped(post.state));
    let due = schedule.posts.iter().filter_map(|post| ms(&post.due)).max();
    due.filter(|_| all).map(Fate::Stopped)
}

/// Notes what became of it; whether the item needs someone again.
pub fn take(tx: &mut dyn Tx, returned: &Returned, now_ms: i64) -> Result<Option<Key>> {
    let Returned { about, action, fate } = returned;
    match (fate, action.as_deref()) {
        (Fate::Published(post, at_ms), None) => {
            store::claimed(tx, &about.id, post, *at_ms)?;
            intake::answer(tx, &about.id, now_ms)?;
        }
        (Fate::Published(_, at_ms), Some(action)) => return acted(tx, about, action, *at_ms, now_ms),
        (Fate::Stopped(due_ms), action) => stopped(tx, about, action, *due_ms)?,
    }
    Ok(None)
}

/// It is as if it had not been drafted.
fn stopped(tx: &mut dyn Tx, about: &Key, action: Option<&str>, due_ms: i64) -> Result<()> {
    if let Some(action) = action {
        store::not_acted(tx, about, action)?;
    }
    if action.is_none_or(draft::settles) {
        store::not_drafted(tx, about, due_ms)?;
    }
    Ok(())
}

/// What is spam or trash now leaves the list; what was approved out of the spam comes back.
fn acted(tx: &mut dyn Tx, about: &Key, action: &str, at_ms: i64, now_ms: i64) -> Result<Option<Key>> {
    let copies = store::copies(tx, &about.id)?;
    let known = copies.iter().find(|copy| copy.source == about.source);
    if !store::acted(tx, about, action, at_ms)? {
        return Ok(None);
    }
    match action {
        "spam" | "trash" => store::close(tx, about, now_ms)?,
        "approve" if known.is_some_and(|known| known.gone) => {
            store::reopen(tx, about)?;
            return Ok(known.filter(|known| known.number.is_none()).map(|_| about.clone()));
        }
        _ => {}
    }
    Ok(None)
}
