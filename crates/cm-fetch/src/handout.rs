//! Handing out: visits in; for each its records, as they are read, and what becomes of its source.
//! Out: through `delivery.rs`, on standard output and in the archive, then in the store.

use crate::account::Reading;
use crate::archive::Archive;
use crate::choice::{Before, Choice, Wish, everything, news};
use crate::claims::Claim;
use crate::commit::{Change, HostChange};
use crate::course::{Word, refused};
use crate::delivery::Delivery;
use crate::get::Problem;
use crate::ids::Policy;
use crate::memory::{Memory, elsewhere};
use crate::rhythm::Rhythm;
use crate::settings::Settings;
use crate::store::{State, Tables};
use crate::telling::cut_off;
use crate::visit::{Fetched, Outcome, Visit};
use crate::watch::Watch;
use chrono::{DateTime, TimeDelta, Utc};
use cm_cli::{Exit, Session};
use cm_net::turn_of_the_large;
use std::collections::{HashMap, HashSet};
use tokio::sync::mpsc::Receiver;

/// Visits committed together, when so many are there already.
const BATCH: usize = 64;
/// How many sources were visited, and with what success.
#[derive(Default)]
struct Tally {
    done: usize,
    worked: usize,
}

impl Tally {
    fn count(&mut self, outcome: &Outcome) {
        self.done += 1;
        match outcome {
            Outcome::Feed(_) | Outcome::Document(_) | Outcome::NotModified(_) => self.worked += 1,
            Outcome::Failed(_) | Outcome::Skipped(_) => {}
        }
    }
}

/// A run of fetching.
pub(crate) struct Handout<'a> {
    pub(crate) session: &'a Session,
    delivery: Delivery<'a>,
    wish: Wish,
    left: usize,
    pub(crate) patience: (TimeDelta, i64),
    /// Hosts and accounts that have begun to cool down in this run.
    cooled: HashSet<String>,
    /// A source was told to have failed for want of credentials.
    pub(crate) refused: bool,
    /// By account, how items stand that were handed out in this run, committed or not yet.
    standing: HashMap<String, HashMap<String, String>>,
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
    ) -> Handout<'a> {
        Handout {
            session,
            delivery: Delivery::new(session, tables, archive),
            wish,
            left: limit.unwrap_or(usize::MAX),
            patience: settings.patience(),
            cooled: HashSet::new(),
            refused: false,
            standing: HashMap::new(),
        }
    }

    /// Takes the visits as they come.
    pub(crate) fn run(
        &mut self,
        mut visits: Receiver<Visit>,
        sources: usize,
        watch: &Watch,
    ) -> anyhow::Result<()> {
        let mut tally = Tally::default();
        while let Some(visit) = visits.blocking_recv() {
            let mut batch = vec![visit];
            while batch.len() < BATCH
                && let Ok(visit) = visits.try_recv()
            {
                batch.push(visit);
            }
            watch.handed(self.batch(batch, &mut tally)?);
        }
        if tally.done < sources {
            let lost = sources - tally.done;
            self.session.failed("internal", format!("{lost} of {sources} sources were not read"))?;
        }
        if self.refused && tally.worked == 0 {
            self.session.mark(Exit::Credentials);
        }
        self.delivery.commit()
    }

    fn batch(&mut self, batch: Vec<Visit>, tally: &mut Tally) -> anyhow::Result<usize> {
        let before = self.left;
        for visit in batch {
            let Visit { source, outcome, memory } = visit;
            let _turn = outcome.is_large().then(turn_of_the_large);
            let outcome = match outcome.opened(&source) {
                Outcome::Failed(problem) => {
                    Outcome::Failed(Problem { message: source.told(&problem.message), ..problem })
                }
                outcome => outcome,
            };
            tally.count(&outcome);
            let (key, label) = (source.key(), source.label());
            match memory {
                None => self.without_memory(&key, &label, outcome)?,
                Some(memory) => {
                    let name = source.name.unwrap_or_default();
                    let change = self.with_memory(&key, name, &label, &memory, outcome)?;
                    self.delivery.change(change, memory.claim);
                }
            }
        }
        self.delivery.commit()?;
        Ok(before - self.left)
    }

    /// A pure function of what the source says now.
    fn without_memory(&mut self, key: &str, label: &str, outcome: Outcome) -> anyhow::Result<()> {
        match outcome {
            Outcome::Feed(fetched) => {
                self.tell_guess(label, &fetched);
                let delivery = &mut self.delivery;
                let mut sink = |record| delivery.record(key, record);
                let choice = everything(&fetched, &self.wish, self.left, &mut sink)?;
                self.left -= choice.handed;
                self.tell_damage(label, &fetched, &choice)?;
                let Some(reading) = &fetched.reading else { return Ok(()) };
                self.tell_notes(label, reading);
                reading.trouble.iter().try_for_each(|why| self.session.failed(&why.class, &why.message))?;
            }
            Outcome::Failed(problem) => {
                self.refused |= problem.wants_credentials();
                let until = problem.asks_until(self.session.now()).map(|at| self.wall(at));
                let until = until.map_or(String::new(), |at| format!(", asks not to be asked before {at}"));
                self.session.failed(&problem.class, format!("{}{until}", problem.message))?;
            }
            Outcome::Skipped(why) => self.session.say(format!("{label}: {why}")),
            Outcome::NotModified(_) | Outcome::Document(_) => {}
        }
        Ok(())
    }

    fn with_memory(
        &mut self,
        key: &str,
        name: String,
        label: &str,
        memory: &Memory,
        outcome: Outcome,
    ) -> anyhow::Result<Change> {
        let before = State { name, settings: memory.settings.clone(), ..memory.state.clone() };
        let now = self.session.now();
        let run = memory.claim.as_ref().map(Claim::run);
        let mut change = Change { key: key.to_owned(), run, ..Change::default() };
        let mut choice = Choice::default();
        let delivered = matches!(&outcome, Outcome::Feed(fetched) if fetched.delivered);
        if !delivered && !matches!(outcome, Outcome::Skipped(_)) {
            change.turn = memory.turn.as_ref().map(|turn| turn.host.clone());
        }
        if !delivered && matches!(outcome, Outcome::Feed(_) | Outcome::NotModified(_)) {
            let cut_off = matches!(&outcome, Outcome::Feed(fetched) if fetched.feed.facts.cut_off);
            if !cut_off {
                self.tell_recovery(label, &before);
            }
        }
        match outcome {
            Outcome::Feed(fetched) => {
                (choice, change.state) = self.read(key, label, before.clone(), &fetched, memory, now)?;
                change.hosts = if delivered { Vec::new() } else { memory.warmed(&fetched.headers, now) };
                change.hub = fetched.reading.is_none().then(|| fetched.hub.clone());
                change.settled = !choice.left_over;
                if let Some(reading) = &fetched.reading {
                    self.end_reading(label, reading, before, memory, &choice, &mut change)?;
                }
            }
            Outcome::NotModified(answer) => {
                change.hosts = memory.warmed(&answer.headers, now);
                change.state = memory.not_modified(before, *answer, now);
            }
            Outcome::Failed(problem) => {
                // Whoever has just added a source hears of it.
                let first = before.is_new();
                (change.state, change.hosts) = self.fail(key, label, before, memory, &problem, first)?;
            }
            Outcome::Skipped(why) => {
                self.session.say(format!("{label}: {why}"));
                change.state = memory.state.clone().passed_over(now);
                self.tell_starved(label, memory, &mut change.state, now)?;
            }
            Outcome::Document(_) => change.state = before,
        }
        // Whoever was let in says nothing about a host that has refused another in the same run.
        change.hosts.retain(|(host, cooling)| cooling.is_some() || !self.cooled.contains(host));
        self.cooled.extend(
            change.hosts.iter().filter(|(_, cooling)| cooling.is_some()).map(|(host, _)| host.clone()),
        );
        (change.seen, change.replaced) = (choice.seen, choice.replaced);
        Ok(change)
    }

    fn read(
        &mut self,
        key: &str,
        label: &str,
        before: State,
        fetched: &Fetched,
        memory: &Memory,
        now: DateTime<Utc>,
    ) -> anyhow::Result<(Choice, State)> {
        let known = self.known(key, &before, fetched)?;
        let delivery = &mut self.delivery;
        let mut sink = |record| delivery.record(key, record);
        let choice = news(fetched, &known, &self.wish, self.left, &mut sink)?;
        self.left -= choice.handed;
        self.tell_bad(label, &choice)?;
        if choice.too_old > 0 {
            let words = format!(
                "{label}: met for the first time, {} older items are passed over (--backfill hands them out)",
                choice.too_old
            );
            self.session.say(words);
        }
        self.tell_renamed(label, &before, choice.renamed);
        self.tell_guess(label, fetched);
        self.tell_move(label, &before, fetched.moved_to.as_deref());
        let rhythm = Rhythm::of(&fetched.feed.head);
        let (moved_to, headers) = (fetched.moved_to.clone(), &fetched.headers);
        let word = Word { moved_to, headers, rhythm: Some(&rhythm), manners: &memory.manners };
        // A hub's call says nothing of whether, when and where the source itself may be asked.
        let mut state = if fetched.delivered { before } else { before.answered(&word, now) };
        state.bytes += i64::try_from(fetched.bytes).unwrap_or(0);
        state.feed_url = fetched.discovered.clone();
        state.renamed += i64::from(choice.renamed > 0);
        if !choice.left_over {
            state.ids = Some(fetched.origin.ids.name().to_owned());
        }
        // What is left over, or damaged, must not be hidden by a "not modified".
        let whole = !choice.left_over && !fetched.feed.facts.cut_off;
        state.validators = if whole { fetched.validators.clone() } else { Default::default() };
        state.unlooked = match self.wish.changed {
            true => state.unlooked && choice.left_over,
            false => state.unlooked || !known.nothing,
        };
        if choice.limited {
            state = state.without_hints();
        }
        if let Some(problem) = cut_off(label, fetched, &choice) {
            if fetched.delivered {
                self.session.failed(&problem.class, &problem.message)?;
            } else {
                state = state.damaged(&memory.state, &problem, now);
                self.tell_failing(key, label, &mut state, &problem, "", false)?;
            }
        }
        state.items += i64::try_from(choice.handed).unwrap_or(0);
        Ok((choice, state))
    }

    fn known(&self, key: &str, before: &State, fetched: &Fetched) -> anyhow::Result<Before> {
        let Some(tables) = &self.delivery.tables else { return Ok(Before::default()) };
        let seen = tables.seen(key)?;
        let nothing = before.last_ok.is_none() && seen.is_empty();
        let former = if nothing { tables.former(key)? } else { None };
        let mut standing = HashMap::new();
        if let Some(reading) = &fetched.reading {
            standing = tables.seen(&reading.account)?;
            standing.extend(self.standing.get(&reading.account).cloned().unwrap_or_default());
        }
        let policy = before.ids.as_deref().map_or(Policy::Auto, Policy::named);
        Ok(Before { seen, former, policy, standing, nothing })
    }

    /// What the reading of an account leaves behind. The mark moves when what it stands for was handed out.
    fn end_reading(
        &mut self,
        label: &str,
        reading: &Reading,
        before: State,
        memory: &Memory,
        choice: &Choice,
        change: &mut Change,
    ) -> anyhow::Result<()> {
        self.tell_notes(label, reading);
        if let Some(reach) =
            reading.reach.filter(|reach| before.reach.is_none() && *reach > DateTime::UNIX_EPOCH)
        {
            let from = self.wall(reach);
            self.session.say(format!(
                "{label}: met for the first time, read from {from} on (--backfill: further back)"
            ));
        }
        self.standing.entry(reading.account.clone()).or_default().extend(choice.standing.iter().cloned());
        change.standing = Some((reading.account.clone(), choice.standing.clone()));
        if let Some(problem) = &reading.trouble {
            let items = change.state.items;
            let first = before.is_new() && choice.handed == 0;
            (change.state, change.hosts) = self.fail(&change.key, label, before, memory, problem, first)?;
            (change.state.items, change.settled) = (items, false);
        }
        // A mark of a page before the trouble stands for what came until then.
        if !choice.left_over && reading.mark.is_some() {
            change.state.mark = reading.mark.clone();
        }
        (change.state.reach, change.state.address) = (reading.reach, reading.address.clone());
        Ok(())
    }

    fn fail(
        &mut self,
        key: &str,
        label: &str,
        before: State,
        memory: &Memory,
        problem: &Problem,
        first: bool,
    ) -> anyhow::Result<(State, Vec<HostChange>)> {
        let now = self.session.now();
        let mut state = before.failed(key, problem, &memory.manners, now);
        let elsewhere = elsewhere(memory, problem).zip(self.delivery.tables.as_ref());
        let elsewhere =
            elsewhere.map(|(host, tables)| anyhow::Ok((host.to_owned(), tables.host(host)?))).transpose()?;
        let cooling = memory.cooled(problem, elsewhere.as_ref(), now);
        let refused = memory.account.as_ref().and_then(|(account, _)| refused(account, problem, now));
        let pause = refused.as_ref().map_or(String::new(), |refused| {
            let until = self.wall(refused.until);
            format!("; not tried again before {until}, unless its settings change or --force is given")
        });
        let account = refused.map(|refused| (refused.whose.clone(), Some(refused)));
        self.tell_failing(key, label, &mut state, problem, &pause, first)?;
        Ok((state, cooling.into_iter().chain(account).collect()))
    }
}
