//! Who a visitor is, for one day and no longer: a hash keyed with a random salt. The salt lives in memory only and is
//! overwritten when the UTC day ends, so that no hash can be led back to an address, and nobody be followed from one
//! day to the next. A restart begins a new salt: who clicks before and after it counts twice.

use crate::rows::DAY_MS;
use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

/// Visitors of links that are remembered at most (about 70 MB): more of one day are logged but not counted as visitors.
const MOST: usize = 4_000_000;

/// Names visitors and knows which of them came before.
#[derive(Default)]
pub struct Visitors {
    days: BTreeMap<i64, Day>,
    /// Whether all days met are kept until the end, as for a log that may go back and forth.
    keeps_days: bool,
    keys: RandomState,
    met: usize,
}

#[derive(Default)]
struct Day {
    salt: [u8; 32],
    met: HashSet<u64>,
}

impl Drop for Day {
    fn drop(&mut self) {
        std::hint::black_box(&mut self.salt).fill(0);
    }
}

/// A visitor of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// 16 hex digits.
    pub name: String,
    /// The first time that this visitor opens this link on this day.
    pub first_here: bool,
    /// The first time that this visitor opens any link on this day.
    pub first_of_all: bool,
}

impl Visitors {
    /// For the clicks of a log, which is read in one run: each of its days has a salt until the run ends.
    pub fn of_log() -> Visitors {
        Visitors { keeps_days: true, ..Visitors::default() }
    }

    /// The visitor at an instant. `opens`: it is a click that may count as a person's, neither HEAD nor fetched ahead.
    pub fn name(&mut self, at_ms: i64, who: [&str; 3], code: &str, opens: bool) -> Result<Visitor> {
        let day = at_ms.div_euclid(DAY_MS);
        let is_full = self.met >= MOST;
        let keys = self.keys.clone();
        let day = self.day(day)?;
        let mut hash = Sha256::new_with_prefix(day.salt);
        for part in who {
            hash.update(part.as_bytes());
            hash.update([0x1F]);
        }
        let hash = hash.finalize();
        let mut short = [0; 8];
        short.copy_from_slice(&hash[..8]);
        let visitor = u64::from_be_bytes(short);
        let before = day.met.len();
        let mut is_first = |code| opens && !is_full && day.met.insert(keys.hash_one((visitor, code)));
        let (first_here, first_of_all) = (is_first(Some(code)), is_first(None));
        self.met += day.met.len() - before;
        Ok(Visitor { name: format!("{visitor:016x}"), first_here, first_of_all })
    }

    /// Forgets the salts of days that are over.
    pub fn forget_before(&mut self, now_ms: i64) {
        let today = now_ms.div_euclid(DAY_MS);
        if !self.keeps_days {
            self.days.retain(|day, _| *day >= today);
            self.met = self.days.values().map(|day| day.met.len()).sum();
        }
    }

    fn day(&mut self, day: i64) -> Result<&mut Day> {
        if !self.days.contains_key(&day) {
            if !self.keeps_days {
                (self.days, self.met) = (BTreeMap::new(), 0);
            }
            let mut fresh = Day::default();
            getrandom::fill(&mut fresh.salt)
                .map_err(|e| anyhow!("the system gives no random numbers: {e}"))?;
            self.days.insert(day, fresh);
        }
        self.days.get_mut(&day).ok_or_else(|| anyhow!("a day was lost"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who<'a>(address: &'a str, agent: &'a str) -> [&'a str; 3] {
        ["go.example", address, agent]
    }

    #[test]
    fn the_same_visitor_has_one_name_a_day() {
        let mut visitors = Visitors::default();
        let mut name =
            |at_ms, address, agent| visitors.name(at_ms, who(address, agent), "k", true).unwrap().name;
        let monday = name(0, "203.0.113.9", "a");
        assert_eq!(monday.len(), 16);
        assert_eq!(name(DAY_MS - 1, "203.0.113.9", "a"), monday);
        assert_ne!(name(0, "203.0.113.9", "b"), monday);
        assert_ne!(name(0, "203.0.113.8", "a"), monday);
        assert_ne!(name(DAY_MS, "203.0.113.9", "a"), monday);
        assert_ne!(name(0, "203.0.113.9", "a"), monday, "the salt of a day that is over is gone");
    }

    #[test]
    fn a_visitor_is_new_once_a_day_on_each_link_and_once_on_all() {
        let mut visitors = Visitors::default();
        let mut firsts = |at_ms, code, opens| {
            let visitor = visitors.name(at_ms, who("203.0.113.9", "a"), code, opens).unwrap();
            (visitor.first_here, visitor.first_of_all)
        };
        assert_eq!(firsts(0, "k", false), (false, false), "a page fetched ahead is nobody's visit");
        assert_eq!(firsts(1, "k", true), (true, true));
        assert_eq!(firsts(2, "k", true), (false, false));
        assert_eq!(firsts(3, "other", true), (true, false));
        assert_eq!(firsts(DAY_MS, "k", true), (true, true));
    }

    #[test]
    fn of_a_salt_nothing_is_left_after_48_simulated_hours() {
        let mut visitors = Visitors::default();
        let mut salts = HashSet::new();
        for hour in 0..=48 {
            let at_ms = hour * 3_600_000;
            visitors.name(at_ms, who("203.0.113.9", "a"), "k", true).unwrap();
            assert_eq!(visitors.days.len(), 1);
            salts.insert(visitors.days[&(at_ms / DAY_MS)].salt);
        }
        assert_eq!(salts.len(), 3, "one salt a day");
        // Nobody clicks any more: the salt goes with its day all the same.
        visitors.forget_before(3 * DAY_MS - 1);
        assert_eq!(visitors.days.len(), 1);
        visitors.forget_before(3 * DAY_MS);
        assert!(visitors.days.is_empty() && visitors.met == 0);
    }

    #[test]
    fn a_log_may_go_back_to_a_day() {
        let mut visitors = Visitors::of_log();
        let monday = visitors.name(0, who("203.0.113.9", "a"), "k", true).unwrap();
        visitors.name(DAY_MS, who("203.0.113.9", "a"), "k", true).unwrap();
        let again = visitors.name(5, who("203.0.113.9", "a"), "k", true).unwrap();
        assert_eq!((again.name, again.first_here), (monday.name, false));
    }
}
