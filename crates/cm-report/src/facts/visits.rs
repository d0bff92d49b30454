//! Visits: what one visitor does on one day without a pause of half an hour.
//! A visitor is a hash of address and user agent under a key that lives and dies with this process; the day is part of
//! it, so nobody is followed from one day to the next. When there are too many to hold, a fair half of the visitors is
//! kept and each stands for two (adaptive sampling: Flajolet 1990).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Visits held at most (about 60 MB).
const MOST: usize = 400_000;
/// A pause after which the next page begins another visit.
const PAUSE_MS: i64 = 30 * 60 * 1000;

/// A visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its first request, milliseconds since 1970 UTC.
    pub first_ms: i64,
    last_ms: i64,
    /// Where it came from: the number of a source.
    pub source: u32,
    /// Its campaign's number.
    pub campaign: u32,
    /// A bit per goal met.
    pub goals: u64,
}

impl Visit {
    /// A visit of one request.
    pub fn new(at_ms: i64, source: u32, campaign: u32, goals: u64) -> Visit {
        Visit { first_ms: at_ms, last_ms: at_ms, source, campaign, goals }
    }

    fn is_near(&self, request: &Visit) -> bool {
        request.last_ms >= self.first_ms - PAUSE_MS && request.first_ms <= self.last_ms + PAUSE_MS
    }

    /// Adds a request; the earliest one says where the visit came from.
    fn join(&mut self, other: Visit) {
        if other.first_ms < self.first_ms {
            (self.source, self.campaign) = (other.source, other.campaign);
            self.first_ms = other.first_ms;
        }
        self.last_ms = self.last_ms.max(other.last_ms);
        self.goals |= other.goals;
    }
}

/// Visits by visitor.
#[derive(Debug)]
pub struct Visits {
    keys: RandomState,
    by_visitor: HashMap<u64, Vec<Visit>>,
    count: usize,
    most: usize,
    halvings: u32,
}

impl Default for Visits {
    fn default() -> Visits {
        Visits { keys: RandomState::new(), by_visitor: HashMap::new(), count: 0, most: MOST, halvings: 0 }
    }
}

impl Visits {
    /// Takes a request of the visitor with this address and agent on this day.
    pub fn take(&mut self, address: &str, agent: &str, day: usize, request: Visit) {
        let visitor = self.keys.hash_one((address, agent, day));
        if !self.keeps(visitor) {
            return;
        }
        let visits = self.by_visitor.entry(visitor).or_default();
        let before = visits.len();
        // A request that comes late may close the gap between two visits, which were one.
        let mut whole = request;
        visits.retain(|visit| {
            let near = visit.is_near(&request);
            if near {
                // What came first in the log stays first, when both are of one second.
                let later = std::mem::replace(&mut whole, *visit);
                whole.join(later);
            }
            !near
        });
        visits.push(whole);
        self.count = self.count + visits.len() - before;
        while self.count > self.most {
            self.halve();
        }
    }

    fn keeps(&self, visitor: u64) -> bool {
        self.halvings == 0 || visitor.leading_zeros() >= self.halvings
    }

    fn halve(&mut self) {
        self.halvings += 1;
        let halvings = self.halvings;
        self.by_visitor.retain(|visitor, _| visitor.leading_zeros() >= halvings);
        self.count = self.by_visitor.values().map(Vec::len).sum();
    }

    /// How many visitors each one that was kept stands for; 1 while all are.
    pub fn weight(&self) -> u64 {
        1 << self.halvings.min(63)
    }

    /// The visits of each visitor of a day.
    pub fn visitors(&self) -> impl Iterator<Item = &[Visit]> {
        self.by_visitor.values().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64, source: u32) -> Visit {
        Visit::new(minute * 60_000, source, 0, 0)
    }

    #[test]
    fn half_an_hour_parts_visits_in_any_order() {
        for order in [[0, 20, 45, 80], [80, 45, 20, 0], [0, 45, 20, 80], [45, 0, 80, 20]] {
            let mut visits = Visits::default();
            for minute in order {
                visits.take("192.0.2.1", "x", 0, at(minute, u32::try_from(minute).unwrap()));
            }
            let mut all: Vec<_> =
                visits.visitors().flatten().map(|v| (v.first_ms / 60_000, v.source)).collect();
            all.sort_unstable();
            assert_eq!(all, [(0, 0), (80, 80)]);
        }
    }

    #[test]
    fn address_agent_and_day_make_the_visitor() {
        let mut visits = Visits::default();
        for (address, agent, day) in
            [("a", "x", 0), ("a", "x", 0), ("b", "x", 0), ("a", "y", 0), ("a", "x", 1)]
        {
            visits.take(address, agent, day, at(0, 0));
        }
        assert_eq!(visits.visitors().count(), 4);
    }

    #[test]
    fn too_many_are_sampled_fairly() {
        let mut visits = Visits { most: 2_000, ..Visits::default() };
        for i in 0..20_000 {
            visits.take(&i.to_string(), "x", 0, at(0, 0));
        }
        let kept = visits.visitors().count();
        let estimate = kept as u64 * visits.weight();
        assert!(kept <= 2_000 && (17_000..23_000).contains(&estimate), "{kept} {estimate}");
    }
}
