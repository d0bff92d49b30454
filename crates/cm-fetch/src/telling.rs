//! What a person is told of a source beside its items: that it moved, answers again, is damaged, was guessed or has changed
//! its ids. In: what was known and what came. Out: lines on stderr.

use crate::account::Reading;
use crate::choice::Choice;
use crate::course::MOVED_AFTER;
use crate::handout::Handout;
use crate::store::State;
use crate::visit::Fetched;
use crate::wall::wall;
use chrono::{DateTime, Utc};

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
        for why in &choice.bad {
            self.session.failed("bad_entry", format!("{label}: {why}"))?;
        }
        if fetched.feed.facts.cut_off {
            let entries = fetched.feed.facts.entries - choice.cut_off;
            let held = if choice.cut_off > 0 { ", the last one is left for when it is whole" } else { "" };
            self.session.failed(
                "cut_off",
                format!("{label}: the document is cut off after {entries} entries{held}"),
            )?;
        }
        Ok(())
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
        if let Some(url) = fetched.discovered.as_deref().filter(|_| fetched.guessed) {
            self.session
                .say(format!("{label}: the page names no feed, {url} was found where feeds usually stand"));
        }
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
