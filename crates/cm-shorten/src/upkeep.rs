//! What is done for the click log beside appending to it: clicks are added up a while after they came, when there is
//! time for it, and single ones deleted when they are old enough.

use crate::rows::DAY_MS;
use crate::settings::Settings;
use crate::tables::{SLICE, Tables};
use cm_cli::Session;
use cm_store::Error;
use std::time::{Duration, Instant};

/// How often.
const EVERY: Duration = Duration::from_secs(10);
/// A group of so many clicks says that there is no time now ...
const BUSY: usize = 2_048;
/// ... unless so many wait.
const MOST: usize = 16 * SLICE as usize;

/// When to do what.
#[derive(Debug)]
pub struct Upkeep {
    keep_ms: Option<i64>,
    last: Option<Instant>,
    /// Clicks since the last time, and in the last group.
    waiting: usize,
    group: usize,
    is_behind: bool,
    is_failing: bool,
    expired_ms: i64,
}

impl Upkeep {
    /// As the settings have it; begins with what the last run left.
    pub fn new(settings: &Settings) -> Upkeep {
        Upkeep::keeping(settings.keep_clicks_ms)
    }

    fn keeping(keep_ms: Option<i64>) -> Upkeep {
        Upkeep {
            keep_ms,
            last: None,
            waiting: 0,
            group: 0,
            is_behind: true,
            is_failing: false,
            expired_ms: 0,
        }
    }

    /// Obeys other settings from now on.
    pub fn obey(&mut self, settings: &Settings) {
        if self.keep_ms != settings.keep_clicks_ms {
            // Old clicks go with the next run, however long ago the last was.
            (self.keep_ms, self.expired_ms, self.is_behind) = (settings.keep_clicks_ms, 0, true);
        }
    }

    /// How long nothing may happen before it is asked again.
    pub fn wait(&self) -> Duration {
        if self.is_behind && !self.is_failing { Duration::ZERO } else { EVERY }
    }

    /// Clicks came.
    pub fn count(&mut self, clicks: usize) {
        self.waiting += clicks;
        self.group = clicks;
    }

    /// No clicks came.
    pub fn rest(&mut self) {
        self.group = 0;
    }

    /// Does what is due; a store that fails is told once until it works again.
    pub fn run(&mut self, tables: &Tables, session: &Session) {
        let is_time = self.last.is_none_or(|last| last.elapsed() >= EVERY);
        let is_due = self.is_behind || self.waiting > 0 && (is_time || self.waiting >= SLICE as usize);
        let is_busy = self.group >= BUSY && self.waiting < MOST;
        if is_due && !is_busy {
            self.roll(tables, session);
            self.last = Some(Instant::now());
        }
    }

    /// Adds up what is left, but does not hold up the stop for a long backlog: the next start goes on with it.
    pub fn finish(&mut self, tables: &Tables, session: &Session) {
        self.is_behind = true;
        for _ in 0..4 {
            if self.is_behind && !self.is_failing {
                self.roll(tables, session);
            }
        }
    }

    fn roll(&mut self, tables: &Tables, session: &Session) {
        match self.step(tables, session.now().timestamp_millis()) {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                if !self.is_failing {
                    session.warn("store", format_args!("clicks wait to be added up: {error:#}"));
                }
                self.is_failing = true;
            }
        }
    }

    /// Adds up a slice of clicks or, once all are added up, deletes one of those that are old enough: clicks that come
    /// meanwhile wait for a slice, not for all of a year.
    fn step(&mut self, tables: &Tables, now_ms: i64) -> Result<(), Error> {
        self.is_behind = tables.roll_up()?;
        self.waiting = 0;
        let before_ms = self.keep_ms.map(|keep| now_ms - keep);
        // Once a day is enough: whole days go.
        if let Some(before_ms) = before_ms.filter(|ms| !self.is_behind && *ms - self.expired_ms >= DAY_MS) {
            self.is_behind = tables.expire(before_ms)?;
            if !self.is_behind {
                self.expired_ms = before_ms;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::{Keeper, Visit};
    use cm_store::Mode;

    #[test]
    fn clicks_of_a_year_are_deleted_a_slice_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path().join("store").to_str().unwrap(), Mode::Write).unwrap();
        let visit = Visit::logged("k", DAY_MS, false, None, "-", "203.0.113.9");
        let click = Keeper::default().keep(&visit).unwrap();
        let left = || tables.before_the_last(None, crate::rows::Span { since_ms: 0, until_ms: i64::MAX }, 0);
        tables.log(vec![click; 30_000].into(), 0).unwrap();
        let mut upkeep = Upkeep::keeping(Some(2 * DAY_MS));
        upkeep.step(&tables, 9 * DAY_MS).unwrap();
        assert!(left().unwrap().is_some(), "clicks that come have their turn");
        assert_eq!(upkeep.wait(), Duration::ZERO, "and then it goes on");
        upkeep.step(&tables, 9 * DAY_MS).unwrap();
        assert!(left().unwrap().is_none());
        assert_eq!((upkeep.wait(), upkeep.expired_ms), (EVERY, 7 * DAY_MS));
    }
}
