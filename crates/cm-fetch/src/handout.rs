//! Handing out: visits in, records on standard output and in the archive, then the store's word that it happened.
//!
//! The order makes that nothing is lost: written and flushed, archived and synced, committed. A process that dies in
//! between leaves its batch uncommitted, and the next run hands it out again; what such a batch left in the archive is
//! found by the note made before it was written, so the archive holds it once.

use crate::archive::Archive;
use crate::choice::{Choice, Wish, everything, news};
use crate::course::{MOVED_AFTER, cooled};
use crate::gates::Settings;
use crate::get::{Answer, Problem};
use crate::store::{Change, HostChange, State, Tables};
use crate::visit::{Fetched, Memory, Outcome, Visit};
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use cm_cli::{Out, Progress, Session, failpoint};
use cm_record::{Record, hash_id};
use std::collections::HashSet;
use tokio::sync::mpsc::Receiver;

/// Visits committed together, when so many are there already.
const BATCH: usize = 32;

/// A run of fetching.
pub(crate) struct Handout<'a> {
    session: &'a Session,
    out: Out,
    wish: Wish,
    left: usize,
    tables: Option<Tables>,
    archive: Option<Archive>,
    patience: (TimeDelta, i64),
}

impl<'a> Handout<'a> {
    /// With `tables` only what is new is handed out, and remembered.
    pub(crate) fn new(
        session: &'a Session,
        wish: Wish,
        limit: Option<usize>,
        tables: Option<Tables>,
        archive: Option<Archive>,
        settings: &Settings,
    ) -> anyhow::Result<Handout<'a>> {
        let patience = (settings.fail_after()?, settings.fail_times);
        Ok(Handout {
            session,
            out: session.out(),
            wish,
            left: limit.unwrap_or(usize::MAX),
            tables,
            archive,
            patience,
        })
    }

    /// Takes the visits as they come.
    pub(crate) fn run(
        &mut self,
        mut visits: Receiver<Visit>,
        sources: usize,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let (mut done, mut failed, mut items) = (0, 0, 0);
        while let Some(visit) = visits.blocking_recv() {
            let mut batch = vec![visit];
            while batch.len() < BATCH
                && let Ok(visit) = visits.try_recv()
            {
                batch.push(visit);
            }
            for visit in &batch {
                progress.step();
                done += 1;
                failed += usize::from(matches!(visit.outcome, Outcome::Failed(_)));
            }
            items += self.batch(batch)?;
            progress.message(format!("{done} sources, {items} items, {failed} failed"));
        }
        if done < sources {
            self.session
                .failed("internal", format!("{} of {sources} sources were not read", sources - done))?;
        }
        Ok(self.out.flush()?)
    }

    fn batch(&mut self, batch: Vec<Visit>) -> anyhow::Result<usize> {
        let mut handed = Vec::new();
        let mut locks = Vec::new();
        for visit in batch {
            match visit.memory {
                None => handed.push((self.without_memory(&visit.source.label(), visit.outcome)?, None)),
                Some(memory) => {
                    let key = visit.source.key();
                    let label = visit.source.label();
                    let name = visit.source.name.unwrap_or_default();
                    let (choice, change) = self.with_memory(&key, name, &label, &memory, visit.outcome)?;
                    handed.push((choice.records, Some(change)));
                    locks.push(memory);
                }
            }
        }
        let count = self.hand_out(handed)?;
        drop(locks);
        Ok(count)
    }

    /// A pure function of what the source says now.
    fn without_memory(&mut self, label: &str, outcome: Outcome) -> anyhow::Result<Vec<Record>> {
        match outcome {
            Outcome::Feed(fetched) => {
                self.tell_guess(label, &fetched);
                let choice = everything(&fetched, &self.wish, self.left);
                self.left -= choice.records.len();
                self.tell_damage(label, &fetched, &choice)?;
                Ok(choice.records)
            }
            Outcome::Failed(problem) => {
                self.session.failed(&problem.class, &problem.message)?;
                Ok(Vec::new())
            }
            Outcome::Skipped(why) => {
                self.session.say(format!("{label}: {why}"));
                Ok(Vec::new())
            }
            Outcome::NotModified(_) => Ok(Vec::new()),
        }
    }

    fn with_memory(
        &mut self,
        key: &str,
        name: String,
        label: &str,
        memory: &Memory,
        outcome: Outcome,
    ) -> anyhow::Result<(Choice, Change)> {
        let before = State { name, ..memory.state.clone() };
        let now = self.session.now();
        let warm = memory
            .host
            .as_ref()
            .filter(|(_, cooling)| cooling.is_some())
            .map(|(host, _)| (host.clone(), None));
        let is_feed = matches!(outcome, Outcome::Feed(_));
        let (choice, state, host) = match outcome {
            Outcome::Feed(fetched) => {
                let (choice, state) = self.read(key, label, before, *fetched, now)?;
                (choice, state, warm)
            }
            Outcome::NotModified(answer) => (Choice::default(), self.not_modified(before, answer, now), warm),
            Outcome::Failed(problem) => {
                let (state, host) = self.fail(key, label, before, memory, &problem, now)?;
                (Choice::default(), state, host)
            }
            Outcome::Skipped(why) => {
                self.session.say(format!("{label}: {why}"));
                (Choice::default(), before, None)
            }
        };
        let settled = is_feed && !choice.left_over;
        let change = Change { key: key.to_owned(), state, seen: choice.seen.clone(), host, settled };
        Ok((choice, change))
    }

    fn read(
        &mut self,
        key: &str,
        label: &str,
        before: State,
        fetched: Fetched,
        now: DateTime<Utc>,
    ) -> anyhow::Result<(Choice, State)> {
        let seen = self.tables.as_ref().map(|tables| tables.seen(key)).transpose()?.unwrap_or_default();
        let first = before.last_ok.is_none() && seen.is_empty();
        let tables = self.tables.as_ref().filter(|_| first);
        let former = tables.map(|tables| tables.former(key)).transpose()?.flatten();
        let choice = news(&fetched, &seen, former.as_ref(), first, &self.wish, self.left);
        self.left -= choice.records.len();
        self.tell_damage(label, &fetched, &choice)?;
        if choice.too_old > 0 {
            let words = format!(
                "{label}: met for the first time, {} older items are passed over (--backfill hands them out)",
                choice.too_old
            );
            self.session.say(words);
        }
        self.tell_guess(label, &fetched);
        self.tell_move(label, &before, fetched.moved_to.as_deref());
        let mut state = before.answered(fetched.moved_to, fetched.fresh_until, now);
        state.feed_url = fetched.discovered;
        // What is left over, or damaged, must not be hidden by a "not modified".
        let whole = !choice.left_over && !fetched.feed.cut_off;
        state.validators = if whole { fetched.validators } else { Default::default() };
        state.next = state.next.filter(|_| !choice.left_over);
        state.items += i64::try_from(choice.records.len()).unwrap_or(0);
        Ok((choice, state))
    }

    fn not_modified(&self, before: State, answer: Answer, now: DateTime<Utc>) -> State {
        let mut state = before.answered(answer.moved_to, answer.fresh_until, now);
        state.validators = answer.validators;
        state
    }

    fn fail(
        &self,
        key: &str,
        label: &str,
        before: State,
        memory: &Memory,
        problem: &Problem,
        now: DateTime<Utc>,
    ) -> anyhow::Result<(State, Option<HostChange>)> {
        let state = before.failed(key, problem, now);
        let cooling = memory.host.as_ref().filter(|_| problem.whole_host);
        let host =
            cooling.map(|(host, before)| (host.clone(), Some(cooled(host, before.as_ref(), problem, now))));
        let (after, times) = self.patience;
        if problem.needs_a_person() || state.is_an_error(now, after, times) {
            let since = state.failing_since.map(cm_time::rfc3339).unwrap_or_default();
            let often = if state.failures > 1 {
                format!(" (failed {} times since {since})", state.failures)
            } else {
                String::new()
            };
            self.session.failed(&problem.class, format!("{}{often}", problem.message))?;
        } else {
            self.session.say(format!("{label}: failed, will be tried again: {}", problem.message));
        }
        Ok((state, host))
    }

    fn tell_damage(&self, label: &str, fetched: &Fetched, choice: &Choice) -> anyhow::Result<()> {
        for why in &choice.bad {
            self.session.failed("bad_entry", format!("{label}: {why}"))?;
        }
        if fetched.feed.cut_off {
            let entries = fetched.feed.entries.len() - choice.cut_off;
            let held = if choice.cut_off > 0 { ", the last one is left for when it is whole" } else { "" };
            self.session.failed(
                "cut_off",
                format!("{label}: the document is cut off after {entries} entries{held}"),
            )?;
        }
        Ok(())
    }

    fn tell_guess(&self, label: &str, fetched: &Fetched) {
        if let Some(url) = fetched.discovered.as_deref().filter(|_| fetched.guessed) {
            self.session
                .say(format!("{label}: the page names no feed, {url} was found where feeds usually stand"));
        }
    }

    fn tell_move(&self, label: &str, before: &State, to: Option<&str>) {
        if let Some(to) = to
            && before.moved_to.as_deref() == Some(to)
            && before.moved_seen + 1 == MOVED_AFTER
        {
            self.session.say(format!(
                "{label}: has moved for good to {to}, which is asked from now on: change it in your sources"
            ));
        }
    }

    /// Writes, archives, commits; in this order.
    fn hand_out(&mut self, handed: Vec<(Vec<Record>, Option<Change>)>) -> anyhow::Result<usize> {
        let records: Vec<&Record> = handed.iter().flat_map(|(records, _)| records).collect();
        let count = records.len();
        for record in &records {
            self.out.record(record)?;
        }
        self.out.flush()?;
        failpoint("fetch.written");
        let Some(tables) = &self.tables else { return Ok(count) };
        let with_items = handed.iter().filter(|(records, _)| !records.is_empty());
        let keys: Vec<String> =
            with_items.filter_map(|(_, change)| Some(change.as_ref()?.key.clone())).collect();
        let mut changes: Vec<Change> = handed.iter().filter_map(|(_, change)| change.clone()).collect();
        if let Some(archive) = self.archive.as_ref().filter(|_| count > 0) {
            let waiting = archive_batch(tables, archive, &keys, &records, self.session.now())
                .with_context(|| format!("cannot write the archive {}", archive.name))?;
            for change in changes.iter_mut().filter(|change| keys.contains(&change.key)) {
                change.settled |= !waiting.contains(&change.key);
            }
        }
        if !changes.is_empty() {
            tables.commit(
                self.archive.as_ref().map(|archive| archive.name.as_str()),
                changes,
                self.session.now(),
            )?;
            failpoint("fetch.committed");
        }
        Ok(count)
    }
}

/// Puts a batch into the archive, without what an earlier, uncommitted batch of the same sources left there; which sources
/// had one.
fn archive_batch(
    tables: &Tables,
    archive: &Archive,
    keys: &[String],
    records: &[&Record],
    now: DateTime<Utc>,
) -> anyhow::Result<HashSet<String>> {
    let turn = archive.turn()?;
    let end = turn.end(now)?;
    let waiting = tables.pending(&archive.name, keys)?;
    let mut there = HashSet::new();
    if let Some(from) = waiting.values().min() {
        archive.read_from(from, |line, _| -> anyhow::Result<()> {
            let record = std::str::from_utf8(line).ok().and_then(|line| Record::parse(line).ok());
            there.extend(record.as_ref().map(fingerprint));
            Ok(())
        })?;
    }
    tables.begin(&archive.name, keys, &end)?;
    let missing: Vec<&Record> =
        records.iter().filter(|record| !there.contains(&fingerprint(record))).copied().collect();
    if !missing.is_empty() {
        turn.append(&end, &missing)?;
    }
    Ok(waiting.into_keys().collect())
}

/// What makes two lines of the archive the same item in the same words.
fn fingerprint(record: &Record) -> String {
    let source = record.meta().ok().and_then(|meta| meta.source).unwrap_or_default();
    let text = |name| record.text(name).unwrap_or_default().into_owned();
    hash_id(&[record.id(), &source, &text("title"), &text("content_text"), &text("content_html")])
}
