//! Drafts and actions that have come back from cm-schedule, and what became of them. In: a record with its
//! `_cm_schedule`, or without one when it was refused. Out: what that says about the item it was about.

use crate::draft;
use crate::entry::Key;
use crate::intake;
use crate::store;
use anyhow::Result;
use cm_record::{PostState, Record, SchedulePart};
use cm_store::Tx;

/// So long after it was due a post goes out only when somebody says so, in milliseconds; by then its answer was seen.
const LATE_MS: i64 = 2 * 3_600_000;
/// The end of the year 9999.
const FOR_EVER: i64 = 253_402_300_799_000;

/// A draft or an action that has come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The draft's id.
    draft: String,
    /// The item it was about; no source when that came by a feed. Absent when it shares one.
    about: Option<Key>,
    /// `approve` ...; absent when it was an answer.
    action: Option<String>,
    fate: Fate,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It was refused: it has no post.
    Refused,
    /// It is out: which post, when.
    Published(String, i64),
    /// Something of it is on its way; when the last is due.
    Waits(i64),
    /// None of its posts will go out; when the last was due.
    Stopped(i64),
}

/// What came back, when it is a draft or an action.
pub fn of(record: &Record) -> Result<Option<Returned>, String> {
    let meta = record.meta()?;
    if !meta.draft && meta.action.is_none() && meta.parent.is_none() {
        return Ok(None);
    }
    let schedule = record.get::<SchedulePart>("_cm_schedule")?;
    let about = meta.parent.map(|parent| Key { source: parent.account, id: parent.id });
    let draft = record.id().to_owned();
    let fate = schedule.map_or(Some(Fate::Refused), |schedule| fate(&schedule));
    Ok(fate.map(|fate| Returned { draft, about, action: meta.action, fate }))
}

fn fate(schedule: &SchedulePart) -> Option<Fate> {
    if schedule.posts.is_empty() {
        return Some(Fate::Refused);
    }
    let ms = |at: &str| cm_time::parse_rfc3339(at).map(|at| at.timestamp_millis());
    if let Some(post) = schedule.posts.iter().find(|post| post.state == PostState::Published) {
        return Some(Fate::Published(post.id.clone(), ms(post.published_at.as_deref()?)?));
    }
    let has_stopped = |state| matches!(state, PostState::Failed | PostState::Cancelled | PostState::Missed);
    let all = schedule.posts.iter().all(|post| has_stopped(post.state));
    let due = schedule.posts.iter().filter_map(|post| ms(&post.due)).max()?;
    Some(if all { Fate::Stopped(due) } else { Fate::Waits(due) })
}

/// Notes what became of it; whether the item needs someone again.
pub fn take(tx: &mut dyn Tx, returned: &Returned, now_ms: i64) -> Result<Option<Key>> {
    let Returned { draft, about, action, fate } = returned;
    match fate {
        Fate::Refused => store::not_taken(tx, draft, false)?,
        Fate::Waits(due_ms) => store::on_way(tx, draft, (*due_ms).max(now_ms).saturating_add(LATE_MS))?,
        Fate::Published(..) => store::on_way(tx, draft, FOR_EVER)?,
        Fate::Stopped(_) if about.is_none() => store::not_taken(tx, draft, true)?,
        Fate::Stopped(_) => {}
    }
    let Some(about) = about else { return Ok(None) };
    match (fate, action.as_deref()) {
        (Fate::Published(post, at_ms), None) => {
            store::claimed(tx, &about.id, post, *at_ms)?;
            intake::answer(tx, &about.id, now_ms)?;
        }
        (Fate::Published(_, at_ms), Some(action)) => return acted(tx, about, action, *at_ms, now_ms),
        (Fate::Stopped(due_ms), action) => stopped(tx, about, action, *due_ms)?,
        (Fate::Refused, Some(action)) => store::not_acted(tx, about, action)?,
        (Fate::Refused, None) | (Fate::Waits(_), _) => {}
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
