//! Taking records in: in batches, each durable before anything is handed out, so that a crash loses nothing and a
//! second run finds the same.

use crate::answers;
use crate::entry::{Entry, Key};
use crate::inbox::Inbox;
use crate::reasons::Judge;
use crate::store;
use anyhow::Result;
use cm_cli::{Out, Session, failpoint};
use cm_record::{Line, PostState, Record, SchedulePart};
use cm_store::Tx;
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

/// A batch is committed when it has so many entries or bytes, and whenever the input is about to block: transactions
/// stay short, and what a slow source has sent so far is safe.
const BATCH_ENTRIES: usize = 2000;
const BATCH_BYTES: usize = 8 << 20;

/// What goes into the store together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Items.
    pub entries: Vec<Entry>,
    /// Answers of ours that cm-schedule has published.
    pub published: Vec<Published>,
    bytes: usize,
}

/// A published answer: the item, our post, when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    parent: String,
    post: String,
    at_ms: i64,
}

/// What taking in came to.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// The items that the input was about.
    pub keys: Vec<Key>,
    /// Where to look for the next free number.
    pub next_number: i64,
}

/// Reads the inputs to their end and hands each full batch to `commit`. Records of a higher version pass by untouched.
pub fn each_batch(
    session: &Session,
    files: &[PathBuf],
    judge: &Judge,
    mut commit: impl FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let mut reader = session.reader(files)?;
    let (mut batch, mut out, mut unwritten) = (Batch::default(), session.out(), Ok(()));
    let ended = loop {
        if batch.is_full() || (reader.would_block() && !batch.is_empty()) {
            commit(std::mem::take(&mut batch))?;
        }
        let told = match reader.next_line() {
            None => break Ok(()),
            Some(Ok(Line::Record(record, place))) => match session.knows_version(&record) {
                Ok(true) => match batch.add(&record, judge) {
                    Ok(()) => Ok(()),
                    Err(why) => session.bad_record(&record, &place, &why),
                },
                // A reader that has gone away does not keep the rest from being taken in.
                Ok(false) => {
                    unwritten = unwritten.and_then(|()| pass_by(&mut out, &record));
                    Ok(())
                }
                Err(stop) => Err(stop),
            },
            Some(Ok(Line::Bad(bad))) => session.bad_line(&bad),
            Some(Err(error)) => session.failed("input", error),
        };
        if told.is_err() {
            break told;
        }
    };
    if !batch.is_empty() {
        commit(batch)?;
    }
    session.sum_up_bad_lines(reader.lines_read());
    ended.and(unwritten)
}

fn pass_by(out: &mut Out, record: &Record) -> Result<()> {
    out.record(record)?;
    Ok(out.flush()?)
}

impl Batch {
    /// Adds what the inbox keeps of a record; `Err` says why it cannot be read.
    pub fn add(&mut self, record: &Record, judge: &Judge) -> Result<(), String> {
        match Entry::of(record, judge)? {
            Some(entry) => {
                self.bytes += entry.line.len() + entry.words.len();
                self.entries.push(entry);
            }
            None => self.published.extend(published(record)?),
        }
        Ok(())
    }

    /// Adds another batch behind this one.
    pub fn append(&mut self, mut other: Batch) {
        self.entries.append(&mut other.entries);
        self.published.append(&mut other.published);
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= BATCH_ENTRIES
            || self.published.len() >= BATCH_ENTRIES
            || self.bytes >= BATCH_BYTES
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.published.is_empty()
    }
}

/// A draft that has come back from cm-schedule, published: its parent is answered. Actions answer nobody.
fn published(record: &Record) -> Result<Option<Published>, String> {
    let Some(parent) = record.meta()?.parent.filter(|_| record.raw("_cm_schedule").is_some()) else {
        return Ok(None);
    };
    let meta = record.meta()?;
    let schedule: Option<SchedulePart> = record.get("_cm_schedule")?;
    let out =
        schedule.and_then(|part| part.posts.into_iter().find(|post| post.state == PostState::Published));
    let at = out.as_ref().and_then(|post| cm_time::parse_rfc3339(post.published_at.as_deref()?));
    Ok(out.zip(at).filter(|_| meta.action.is_none()).map(|(post, at)| Published {
        parent: parent.id,
        post: post.id,
        at_ms: at.timestamp_millis(),
    }))
}

/// Commits a batch.
pub fn commit(inbox: &Inbox, batch: Batch, now_ms: i64, from: i64) -> Result<Taken> {
    let taken = inbox.write(move |tx| take(tx, &batch, now_ms, from))?;
    failpoint("inbox.committed");
    Ok(taken)
}

/// Takes a batch in, in order: new items are numbered, changed ones updated, answered ones closed.
pub fn take(tx: &mut dyn Tx, batch: &Batch, now_ms: i64, from: i64) -> Result<Taken> {
    let (mut keys, mut changed, mut numberless) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &batch.entries {
        let (key, change) = take_one(tx, entry, now_ms)?;
        if change == Change::Opened {
            numberless.push(key.clone());
        }
        if change != Change::Same {
            changed.push(entry);
        }
        keys.push(key);
    }
    settle(tx, &changed, now_ms)?;
    for reply in changed.iter().filter(|entry| entry.own && entry.gone) {
        numberless.extend(store::unanswer(tx, &reply.key.id)?);
    }
    for answer in &batch.published {
        store::answered(tx, &answer.parent, None, (&answer.post, answer.at_ms), now_ms)?;
    }
    let mut seen = HashSet::new();
    numberless.retain(|key| seen.insert(key.clone()));
    let next_number = store::number(tx, &numberless, now_ms, from)?;
    Ok(Taken { keys, next_number })
}

/// What an entry did to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Same,
    Updated,
    /// It needs someone and has no number yet.
    Opened,
}

fn take_one(tx: &mut dyn Tx, entry: &Entry, now_ms: i64) -> Result<(Key, Change)> {
    let copies = store::copies(tx, &entry.key.id)?;
    let closed = entry.own || entry.gone;
    let mut change = if closed { Change::Updated } else { Change::Opened };
    if let Some(known) = copies.iter().find(|copy| copy.source == entry.key.source) {
        let older = entry.fetched_ms.zip(known.fetched_ms).is_some_and(|(new, old)| new < old);
        if older || (known.line == entry.line && known.reasons == entry.reasons) {
            return Ok((entry.key.clone(), Change::Same));
        }
        // Rescued from the spam, say.
        let back = known.gone && !closed;
        if back {
            store::reopen(tx, &entry.key)?;
        }
        change = if back && known.number.is_none() { Change::Opened } else { Change::Updated };
    } else if entry.foreign {
        if let Some(real) = copies.iter().find(|copy| !copy.foreign) {
            let key = Key { source: real.source.clone(), id: entry.key.id.clone() };
            return Ok((key, Change::Same));
        }
    } else if let Some(spoof) = copies.iter().find(|copy| copy.foreign) {
        // What was decided about a spoof does not hold for the item that it hid.
        let new = spoof.words != entry.words && !closed;
        store::change_source(tx, &spoof.source, &entry.key)?;
        if new {
            store::reopen(tx, &entry.key)?;
        }
        change = if new && spoof.number.is_none() { Change::Opened } else { Change::Updated };
    }
    store::upsert(tx, entry, now_ms)?;
    if closed {
        store::close(tx, &entry.key, now_ms)?;
    }
    Ok((entry.key.clone(), change))
}

/// Closes what our own replies answer, whichever of the two came first.
fn settle(tx: &mut dyn Tx, changed: &[&Entry], now_ms: i64) -> Result<()> {
    let mut threads = BTreeSet::new();
    for entry in changed {
        let id = entry.key.id.as_str();
        threads.insert(entry.thread.as_deref().unwrap_or(id));
        match &entry.in_reply_to {
            Some(parent) if entry.own && !entry.gone => {
                let at_ms = entry.published_ms.unwrap_or(now_ms);
                store::answered(tx, parent, None, (id, at_ms), now_ms)?;
            }
            _ if entry.own => {}
            _ => {
                if let Some((reply, at_ms)) = store::first_reply(tx, id)? {
                    store::answered(tx, id, None, (&reply, at_ms), now_ms)?;
                }
            }
        }
    }
    for thread in threads {
        let (replies, others) = store::thread(tx, thread)?;
        for (source, item) in others {
            if let Some(reply) = answers::answer(&item, &replies) {
                store::answered(tx, &item.id, Some(&source), (&reply.id, reply.at_ms), now_ms)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_store::{Mode, Store};
    use proptest::prelude::*;

    const NOW: i64 = 1_795_334_400_000;

    /// A record of a small world, in which everything has to do with everything.
    fn world() -> impl Strategy<Value = String> {
        let ids = 0..8_u8;
        let parent = prop::option::of(0..8_u8);
        (ids, 0..2_u8, 0..3_u8, any::<bool>(), parent, 1..9_u8, any::<bool>()).prop_map(
            |(id, thread, who, own, parent, hour, gone)| {
                // What an id stands for does not change but for being deleted.
                let (own, id) = (own && id > 3, if own && id > 3 { format!("own{id}") } else { format!("i{id}") });
                let parent = parent.map(|p| format!(r#","in_reply_to":"i{p}""#)).unwrap_or_default();
                let gone = if gone && who == 0 { r#","deleted":true"# } else { "" };
                format!(
                    r#"{{"id":"{id}","content_text":"x","date_published":"2026-11-21T0{hour}:00:00Z","authors":[{{"name":"{who}"}}],"_cm":{{"version":1,"kind":"comment","source":"a:b","own":{own},"thread":"t{thread}"{parent}{gone}}}}}"#
                )
            },
        )
    }

    /// Takes records in by batches of so many; every row of the report's view.
    fn rows(records: &[String], at_a_time: usize) -> Vec<cm_store::Row> {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("cm.db").display());
        let store = Store::open(&url, Mode::Write).unwrap();
        store.migrate("cm-inbox", &store::MIGRATIONS).unwrap();
        for chunk in records.chunks(at_a_time) {
            let mut batch = Batch::default();
            for line in chunk {
                batch.add(&Record::parse(line.as_str()).unwrap(), &Judge::new(None)).unwrap();
            }
            store.write(move |tx| take(tx, &batch, NOW, 1)).unwrap();
        }
        let sql = "SELECT id, number, state, answered_ms FROM report_items_v1 ORDER BY id";
        store.read(move |tx| tx.query(sql, &[])).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn where_a_slow_source_pauses_makes_no_difference(records in prop::collection::vec(world(), 1..14), cut in 1..5_usize) {
            // Each id once: two versions of one item are an edit, whose order matters.
            let mut seen = HashSet::new();
            let records: Vec<String> =
                records.into_iter().filter(|line| seen.insert(Record::parse(line.as_str()).unwrap().id().to_owned())).collect();
            let whole = rows(&records, records.len());
            prop_assert_eq!(&whole, &rows(&records, cut));
            let again = [records.clone(), records].concat();
            prop_assert_eq!(&whole, &rows(&again, again.len() / 2));
        }
    }
}
