//! Taking records in: in batches, each durable before anything is handed out, so that a crash loses nothing and a
//! second run finds the same.

use crate::copies::{self, Arrived, Change};
use crate::entry::{Entry, Key};
use crate::inbox::Inbox;
use crate::reasons::Judge;
use crate::returned::{self, Returned};
use crate::store::{self, Other, Reopened, Whose};
use anyhow::Result;
use cm_cli::{Out, Session, failpoint};
use cm_record::{Line, Record};
use cm_store::Tx;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
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
    /// Drafts and actions that have come back from cm-schedule.
    pub returned: Vec<Returned>,
    bytes: usize,
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
            None => self.returned.extend(returned::of(record)?),
        }
        Ok(())
    }

    /// Adds another batch behind this one.
    pub fn append(&mut self, mut other: Batch) {
        self.entries.append(&mut other.entries);
        self.returned.append(&mut other.returned);
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= BATCH_ENTRIES
            || self.returned.len() >= BATCH_ENTRIES
            || self.bytes >= BATCH_BYTES
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.returned.is_empty()
    }
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
        let Arrived { key, change, entry } = copies::take(tx, entry, now_ms)?;
        if change == Change::Opened {
            numberless.push(key.clone());
        }
        if change != Change::Same {
            changed.push(entry);
        }
        keys.push(key);
    }
    let changed = last_of_each(changed);
    let mut reopened = Vec::new();
    for reply in changed.iter().filter(|entry| entry.own && entry.gone) {
        reopened.extend(store::unanswer(tx, reply)?);
    }
    settle(tx, &changed, &reopened, now_ms)?;
    numberless.extend(reopened.into_iter().filter(|item| item.numberless).map(|item| item.key));
    for returned in &batch.returned {
        numberless.extend(returned::take(tx, returned, now_ms)?);
    }
    let mut seen = HashSet::new();
    numberless.retain(|key| seen.insert(key.clone()));
    let next_number = store::number(tx, &numberless, now_ms, from)?;
    Ok(Taken { keys, next_number })
}

/// Of several versions of one item the last is what stands: a reply that was seen first and is held now answers nobody.
fn last_of_each(mut entries: Vec<Cow<Entry>>) -> Vec<Cow<Entry>> {
    let mut seen = HashSet::new();
    entries.reverse();
    entries.retain(|entry| seen.insert(entry.key.clone()));
    entries.reverse();
    entries
}

/// What has changed in a thread.
#[derive(Debug, Default)]
struct Touched<'a> {
    /// Who said something.
    authors: BTreeSet<&'a str>,
    /// What was said by nobody who is known, or lost its answer.
    items: Vec<&'a Key>,
    /// What we answered.
    parents: Vec<&'a str>,
    /// We answered without naming anything.
    all: bool,
}

/// Closes what our own replies answer, whichever of the two came first; what lost its answer may have another.
fn settle(tx: &mut dyn Tx, changed: &[Cow<Entry>], reopened: &[Reopened], now_ms: i64) -> Result<()> {
    let mut threads: BTreeMap<&str, Touched> = BTreeMap::new();
    for entry in changed {
        let id = entry.key.id.as_str();
        let touched = threads.entry(entry.thread.as_deref().unwrap_or(id)).or_default();
        match (&entry.in_reply_to, &entry.author_key) {
            _ if entry.own && entry.gone => {}
            (Some(parent), _) if entry.own => {
                let at_ms = entry.published_ms.unwrap_or(now_ms);
                store::answered(tx, parent, None, (id, at_ms), now_ms)?;
                touched.parents.push(parent);
            }
            (None, _) if entry.own => touched.all = true,
            (_, author) => {
                answer(tx, id, now_ms)?;
                touched.authors.extend(author.as_deref());
                touched.items.extend(author.is_none().then_some(&entry.key));
            }
        }
    }
    for item in reopened {
        answer(tx, &item.key.id, now_ms)?;
        threads.entry(item.thread.as_deref().unwrap_or(&item.key.id)).or_default().items.push(&item.key);
    }
    threads.into_iter().try_for_each(|(thread, touched)| settle_thread(tx, thread, touched, now_ms))
}

fn settle_thread(tx: &mut dyn Tx, thread: &str, touched: Touched, now_ms: i64) -> Result<()> {
    let (replies, answered) = store::replies(tx, thread)?;
    if replies.is_empty() {
        return Ok(());
    }
    let heard = touched.parents.into_iter().filter_map(|parent| answered.get(parent).map(String::as_str));
    let authors: BTreeSet<&str> = touched.authors.into_iter().chain(heard).collect();
    let mut whose: Vec<Whose> = touched.items.into_iter().map(Whose::Item).collect();
    if touched.all {
        whose = vec![Whose::All(thread)];
    } else {
        whose.extend(authors.into_iter().map(|author| Whose::Author(thread, author)));
    }
    for whose in whose {
        for Other { source, item, answered_by } in store::others(tx, whose)? {
            let answer = replies.answer(&item).filter(|(_, id)| answered_by.as_ref() != Some(id));
            if let Some((at_ms, id)) = answer {
                store::answered(tx, &item.id, Some(&source), (id, *at_ms), now_ms)?;
            }
        }
    }
    Ok(())
}

/// Closes an item that a reply of ours names, as it was seen or else as it was said to be published.
pub fn answer(tx: &mut dyn Tx, id: &str, now_ms: i64) -> Result<()> {
    let seen = store::first_reply(tx, id)?;
    if let Some((reply, at_ms)) = seen.map_or_else(|| store::first_claim(tx, id), |seen| Ok(Some(seen)))? {
        store::answered(tx, id, None, (&reply, at_ms), now_ms)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_store::{Mode, Store};
    use proptest::prelude::*;
    use std::collections::HashMap;

    const NOW: i64 = 1_795_334_400_000;

    /// A record of a small world, in which everything has to do with everything.
    fn world() -> impl Strategy<Value = String> {
        let ids = 0..8_u8;
        let parent = prop::option::of(0..8_u8);
        (ids, 0..2_u8, 0..3_u8, any::<bool>(), parent, 1..9_u8, any::<bool>(), 0..4_usize).prop_map(
            |(id, thread, who, own, parent, hour, gone, status)| {
                // What an id stands for does not change but for being deleted.
                let (own, id) = (own && id > 3, if own && id > 3 { format!("own{id}") } else { format!("i{id}") });
                let parent = parent.map(|p| format!(r#","in_reply_to":"i{p}""#)).unwrap_or_default();
                let gone = if gone && who == 0 { r#","deleted":true"# } else { "" };
                let status = ["approved", "held", "spam", "approved"][status];
                let who = if who == 2 { r#""name":"Ana""#.to_owned() } else { format!(r#""url":"{who}""#) };
                let kind = if hour % 2 == 0 { "comment" } else { "reply" };
                format!(
                    r#"{{"id":"{id}","content_text":"x","date_published":"2026-11-21T0{hour}:00:00Z","authors":[{{{who}}}],"_cm":{{"version":1,"kind":"{kind}","source":"a:b","own":{own},"thread":"t{thread}"{parent}{gone}}},"_cm_fetch":{{"at":"","from":"","status":"{status}"}}}}"#
                )
            },
        )
    }

    /// A draft that cm-schedule says it has published.
    fn claim() -> impl Strategy<Value = String> {
        (0..8_u8, 1..9_u8, 0..60_u8).prop_map(|(parent, hour, minute)| {
            let at = format!("2026-11-21T0{hour}:{minute:02}:00Z");
            format!(
                r#"{{"id":"urn:cm:draft:{parent}-{hour}-{minute}","content_text":"x","_cm":{{"version":1,"draft":true,"in_reply_to":"i{parent}","parent":{{"id":"i{parent}","account":"a:b"}}}},"_cm_schedule":{{"posts":[{{"id":"urn:cm:post:{hour}{minute}","account":"a:b","text":"x","due":"{at}","time_zone":"UTC","state":"published","attempts":1,"published_at":"{at}"}}]}}}}"#
            )
        })
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
        fn what_came_first_makes_no_difference(
            records in prop::collection::vec(world(), 1..14),
            claims in prop::collection::vec(claim(), 0..4),
        ) {
            let mut seen = HashSet::new();
            let records: Vec<String> =
                records.into_iter().filter(|line| seen.insert(Record::parse(line.as_str()).unwrap().id().to_owned())).collect();
            // Numbers do go by who came first.
            let answers = |records: Vec<String>, at_a_time| -> Vec<_> {
                let told = |row: &cm_store::Row| (row.text(0).unwrap(), row.text(2).unwrap(), row.int(3).unwrap());
                rows(&records, at_a_time).iter().map(told).collect()
            };
            let told = answers([records.clone(), claims.clone()].concat(), 99);
            let mut backwards = records.clone();
            backwards.reverse();
            prop_assert_eq!(&told, &answers([backwards, claims.clone()].concat(), 1));
            prop_assert_eq!(&told, &answers([claims.clone(), records.clone()].concat(), 1));
            // An answer of ours is known to be published before it is seen.
            let (ours, others): (Vec<_>, Vec<_>) = records.into_iter().partition(|line| line.contains(r#""own":true"#));
            prop_assert_eq!(&told, &answers([others, claims, ours].concat(), 2));
        }

        #[test]
        fn an_archive_read_at_once_says_what_it_said_bit_by_bit(records in prop::collection::vec(world(), 1..20), cut in 1..5_usize) {
            // Each a later version of what stands under its id; to whom and where it was said does not change.
            let mut first: HashMap<String, String> = HashMap::new();
            let dated = |(n, line): (usize, &String)| {
                let record = Record::parse(line.as_str()).unwrap();
                // Who was answered stays answered, whatever becomes of their words then; so only ours change.
                let was = ["held", "spam"].into_iter().find(|status| line.contains(status));
                let status = was.filter(|_| record.id().starts_with("own")).unwrap_or("approved");
                let first = first.entry(record.id().to_owned()).or_insert_with(|| line.clone());
                let cut = first.rfind(r#","_cm_fetch""#).unwrap();
                format!(r#"{},"_cm_fetch":{{"at":"2026-11-22T08:00:{n:02}Z","from":"","status":"{status}"}}}}"#, &first[..cut])
            };
            let records: Vec<String> = records.iter().enumerate().map(dated).collect();
            let told = |rows: Vec<cm_store::Row>| -> Vec<_> {
                rows.iter().map(|row| (row.text(0).unwrap(), row.text(2).unwrap(), row.int(3).unwrap())).collect()
            };
            prop_assert_eq!(told(rows(&records, records.len())), told(rows(&records, cut)));
        }

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
