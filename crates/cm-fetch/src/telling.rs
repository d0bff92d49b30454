//! What a person is told of a source beside its items: that it moved, answers again, is damaged, was guessed or has changed
//! its ids. In: what was known and what came. Out: lines on stderr.

use crate::account::Reading;
use crate::choice::Choice;
use crate::course::MOVED_AFTER;
use crate::get::Problem;
use crate::handout::Handout;
use crate::health::without_source;
use crate::memory::Memory;
use crate::store::State;
use crate::visit::Fetched;
use crate::wall::wall;
use chrono::{DateTime, TimeDelta, Utc};

/// A source that goes on failing is an error of a run, with its line, no more often than this.
const SAID_EVERY: TimeDelta = TimeDelta::days(1);

impl Handout<'_> {
    pub(crate) fn tell_recovery(&self, label: &str, before: &State) {
        if let Some(since) = before.failing_since {
            let since = self.wall(since);
            self.session
                .say(format!("{label}: answers again, after {} failures since {since}", before.failures));
        }
    }

    /// A time as a person is told it.
    pub(crate) fn wall(&self, at: DateTime<Utc>) -> String {
        self.session.zone().map_or_else(|_| cm_time::rfc3339(at), |zone| wall(zone, at, self.session.now()))
    }

    pub(crate) fn tell_notes(&self, label: &str, reading: &Reading) {
        for note in &reading.notes {
            self.session.warn("note", format!("{label}: {note}"));
        }
    }

    pub(crate) fn tell_damage(&self, label: &str, fetched: &Fetched, choice: &Choice) -> anyhow::Result<()> {
        self.tell_bad(label, choice)?;
        cut_off(label, fetched, choice).map_or(Ok(()), |why| self.session.failed(&why.class, why.message))
    }

    pub(crate) fn tell_bad(&self, label: &str, choice: &Choice) -> anyhow::Result<()> {
        choice.bad.iter().try_for_each(|why| self.session.failed("bad_entry", format!("{label}: {why}")))
    }

    /// A failure that may pass is told late, and then once a day; what waiting does not mend, at once, as is the first of a
    /// source that was just added.
    pub(crate) fn tell_failing(
        &mut self,
        key: &str,
        label: &str,
        state: &mut State,
        problem: &Problem,
        pause: &str,
        first: bool,
    ) -> anyhow::Result<()> {
        let now = self.session.now();
        let (after, times) = self.patience;
        let lately = state.told.is_some_and(|told| told <= now && now - told < SAID_EVERY);
        let due = state.is_an_error(now, after, times) && (!lately || state.is_gone());
        if problem.needs_a_person() || due || first {
            self.refused |= problem.wants_credentials();
            let since = state.failing_since.filter(|_| state.failures > 1).map(|since| self.wall(since));
            let often = |since| format!(" (failed {} times since {since})", state.failures);
            let often = since.map(often).unwrap_or_default();
            self.session.failed(&problem.class, format!("{}{often}{pause}", problem.message))?;
            // What was told of a new source puts off nothing that is told of one that goes on failing.
            state.told = if problem.needs_a_person() || due { Some(now) } else { state.told };
        } else {
            let why = without_source(&problem.message, key, &state.name);
            self.session.say(format!("{label}: failed, will be tried again: {why}"));
        }
        Ok(())
    }

    /// Once: whoever has mended nothing by then wants to hear no more of it, and `health` knows.
    pub(crate) fn tell_starved(
        &self,
        label: &str,
        memory: &Memory,
        state: &mut State,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let Some(since) = state.waits_since.filter(|_| state.is_starved(now, self.patience.0)) else {
            return Ok(());
        };
        let host = memory.host.as_ref().map(|(host, _)| host.as_str()).unwrap_or_default();
        state.told = Some(now);
        let why = format!(
            "{label}: not asked since {}, as others of its host shut it each time before: ignore = [\"whole_host\"] in \
             [fetch.hosts.{host:?}] asks it all the same",
            self.wall(since)
        );
        self.session.failed("starved", why)
    }

    /// Once; where it goes on at every fetch it is no news.
    pub(crate) fn tell_renamed(&self, label: &str, before: &State, count: usize) {
        if count == 0 {
            return;
        }
        let what =
            format!("{label}: the ids of {count} items that were handed out before have changed at once");
        if before.renamed == 0 {
            self.session.warn(
                "ids",
                format!("{what}: they are known by address, date and words, and do not come again"),
            );
        } else {
            self.session.say(format!(
                "{what}, not for the first time: ids = \"url\" for this source makes them last"
            ));
        }
    }

    pub(crate) fn tell_guess(&self, label: &str, fetched: &Fetched) {
        let Some(url) = fetched.discovered.as_deref() else { return };
        self.session.say(match fetched.guessed {
            true => format!("{label}: the page names no feed, {url} was found where feeds usually stand"),
            false => format!("{label}: the page leads to {url}"),
        });
    }

    pub(crate) fn tell_move(&self, label: &str, before: &State, to: Option<&str>) {
        if let Some(to) = to
            && before.moved_to.as_deref() == Some(to)
            && before.moved_seen + 1 == MOVED_AFTER
        {
            self.session.say(format!(
                "{label}: has moved for good to {to}, which is asked from now on: change it in your sources"
            ));
        }
    }
}

/// What a document that ends too early is called.
pub(crate) fn cut_off(label: &str, fetched: &Fetched, choice: &Choice) -> Option<Problem> {
    let facts = Some(&fetched.feed.facts).filter(|facts| facts.cut_off)?;
    let entries = facts.entries - choice.cut_off;
    let held = if choice.cut_off > 0 { ", the last one is left for when it is whole" } else { "" };
    Some(Problem::new("cut_off", format!("{label}: the document is cut off after {entries} entries{held}")))
}
