//! Turns at hosts whose requests have to be far apart, such as a minute. In: what was recalled of sources. Out: the same,
//! where those whose turn would come too late in this run wait for a later one; who was asked longest ago goes first.

use crate::memory::Recalled;
use crate::source::{Place, Source};
use crate::store::Cooling;
use crate::visit::{Outcome, Visitor};
use crate::wall::span;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use url::Url;

/// Requests that are so far apart are counted from run to run, and not all waited for.
pub(crate) const FAR: TimeDelta = TimeDelta::seconds(5);
/// So long a run waits for a host.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);

/// A host whose requests are far apart, as a source meets it.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// What is asked.
    pub(crate) url: Url,
    /// The host.
    pub(crate) host: String,
    /// Between two requests.
    pub(crate) spacing: TimeDelta,
    /// When it was last asked.
    pub(crate) last: Option<DateTime<Utc>>,
}

/// How many turns were given in this run, by host.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    given: Mutex<HashMap<String, i32>>,
    /// Hosts that were in trouble when they were last asked.
    troubled: Mutex<HashSet<String>>,
}

impl Visitor {
    /// Hosts that cool down since an earlier run are asked by nobody, also where a redirect or a page leads to them.
    pub(crate) fn heed(&self, cooling: Vec<Cooling>, now: DateTime<Utc>) {
        for one in cooling {
            self.gates.cool(&one.whose, (one.until - now).to_std().unwrap_or_default(), &one.error);
        }
    }

    /// These hosts were in trouble when they were last asked.
    pub(crate) fn beware(&self, hosts: Vec<String>) {
        self.turns.troubled.lock().unwrap_or_else(PoisonError::into_inner).extend(hosts);
    }

    /// Whether a source's host was in trouble when it was last asked.
    pub(crate) fn is_troubled(&self, source: &Source) -> bool {
        let troubled = self.turns.troubled.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(&source.place, Place::Url(url) if troubled.contains(&self.hosts.name(url)))
    }

    /// Whether a source is asked at a host whose requests are far apart.
    pub(crate) fn takes_turns(&self, source: &Source) -> bool {
        let far = matches!(&source.place, Place::Url(url) if self.hosts.turns(url).is_some());
        far && self.memory.is_some()
    }

    /// Gives turns to those that may be asked.
    pub(crate) fn take_turns(&self, recalled: &mut [Recalled]) {
        let now = self.client.options().clock.now();
        let mut due: Vec<(Option<DateTime<Utc>>, usize, Turn)> = Vec::new();
        for (n, one) in recalled.iter().enumerate() {
            if let Ok(Some(memory)) = one {
                due.extend(memory.turn.clone().map(|turn| (memory.state.tried, n, turn)));
            }
        }
        due.sort_by_key(|(tried, n, _)| (*tried, *n));
        let mut given = self.turns.given.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, n, turn) in due {
            let count = given.entry(turn.host.clone()).or_default();
            // What lies ahead is the word of a clock that was wrong.
            let last = turn
                .last
                .filter(|last| *last <= now)
                .map_or(TimeDelta::zero(), |last| turn.spacing - (now - last));
            let first = last.max(TimeDelta::zero());
            let far = TimeDelta::try_seconds(turn.spacing.num_seconds().saturating_mul(i64::from(*count)));
            let wait = far.and_then(|far| first.checked_add(&far)).unwrap_or(TimeDelta::MAX);
            if wait > PATIENCE && !self.force {
                let why = format!(
                    "{} takes a request every {}: its turn comes in a later run",
                    turn.host,
                    span(turn.spacing)
                );
                if let Some(one) = recalled.get_mut(n) {
                    *one = Err(Box::new(Outcome::Skipped(why)));
                }
                continue;
            }
            if *count == 0 {
                self.gates.hold(&turn.url, first.to_std().unwrap_or_default());
            }
            *count += 1;
        }
    }
}
