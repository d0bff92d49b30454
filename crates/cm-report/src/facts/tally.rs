//! Counts per name in bounded memory: exact up to a number of names, then the rare ones are let go (Misra and Gries 1982)
//! and the most that any count can be short of is known.

use std::collections::HashMap;

/// Names kept at most.
const MOST: usize = 20_000;

/// Counts of a name in the period and in the span that it is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// In the period.
    pub now: u64,
    /// In the span compared with.
    pub before: u64,
}

impl Pair {
    /// Adds another.
    pub fn add(&mut self, other: Pair) {
        self.now += other.now;
        self.before += other.before;
    }
}

/// Counts per name.
#[derive(Debug)]
pub struct Tally {
    counts: HashMap<String, Pair>,
    most: usize,
    /// How much a count may be short; 0 while all are exact.
    pub short_by: u64,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally { counts: HashMap::new(), most: MOST, short_by: 0 }
    }
}

impl Tally {
    /// Counts one.
    pub fn add(&mut self, name: &str, in_period: bool, in_compare: bool) {
        if !in_period && !in_compare {
            return;
        }
        if !self.counts.contains_key(name) {
            if self.counts.len() >= self.most {
                self.let_go();
            }
            self.counts.insert(name.to_owned(), Pair::default());
        }
        if let Some(pair) = self.counts.get_mut(name) {
            pair.now += u64::from(in_period);
            pair.before += u64::from(in_compare);
        }
    }

    /// Takes the median away from every count, and with it the rarer half of the names.
    fn let_go(&mut self) {
        let mut counts: Vec<u64> = self.counts.values().map(|pair| pair.now.max(pair.before)).collect();
        let middle = counts.len() / 2;
        let (_, median, _) = counts.select_nth_unstable(middle);
        let cut = *median;
        self.short_by += cut;
        self.counts.retain(|_, pair| {
            *pair = Pair { now: pair.now.saturating_sub(cut), before: pair.before.saturating_sub(cut) };
            pair.now > 0 || pair.before > 0
        });
    }

    /// The `n` most frequent in the period, and how many more names there were in it.
    pub fn top(&self, n: usize) -> (Vec<(&str, Pair)>, usize) {
        let mut all: Vec<(&str, Pair)> = self
            .counts
            .iter()
            .filter(|(_, pair)| pair.now > 0)
            .map(|(name, pair)| (name.as_str(), *pair))
            .collect();
        all.sort_by(|a, b| b.1.now.cmp(&a.1.now).then_with(|| a.0.cmp(b.0)));
        let more = all.len().saturating_sub(n);
        all.truncate(n);
        (all, more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exact_below_the_limit() {
        let mut tally = Tally::default();
        for name in ["b", "a", "b", "c"] {
            tally.add(name, true, name == "c");
        }
        let (top, more) = tally.top(2);
        assert_eq!(top, [("b", Pair { now: 2, before: 0 }), ("a", Pair { now: 1, before: 0 })]);
        assert_eq!((more, tally.short_by), (1, 0));
    }

    proptest! {
        #[test]
        fn never_short_by_more_than_it_says(names in prop::collection::vec(0u8..40, 0..600)) {
            let mut tally = Tally { most: 10, ..Tally::default() };
            let mut truth = HashMap::new();
            for name in names.iter().map(|n| (n % 7 * n / 5).to_string()) {
                tally.add(&name, true, false);
                *truth.entry(name).or_insert(0) += 1;
            }
            prop_assert!(tally.counts.len() <= 10);
            for (name, count) in truth {
                let found = tally.counts.get(&name).map_or(0, |pair| pair.now);
                prop_assert!(found <= count && count - found <= tally.short_by, "{} {} {}", name, found, count);
            }
        }
    }
}
