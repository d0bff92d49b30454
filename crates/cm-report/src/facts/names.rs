//! Names told by a small number, and counts per name and day, in bounded memory.

use crate::period::HISTORY_DAYS;
use cm_web::Family;
use std::collections::HashMap;

/// Names told apart at most; the rest is one, `(others)`.
const MOST: usize = 20_000;

/// Where visits or clicks came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// `search`, `social`, `direct` ...
    pub family: String,
    /// `Google`, `Mastodon`, a host.
    pub name: String,
}

impl Source {
    /// As a web log or a click log tells it. Direct is what tells nothing, and who was here already: a visit that goes on
    /// after a pause begins with a page of our own, which sent nobody.
    pub fn told(family: String, name: String) -> Source {
        if family.is_empty() || family == Family::Internal.as_str() {
            let direct = Family::Direct.as_str();
            return Source { family: direct.to_owned(), name: direct.to_owned() };
        }
        Source { name: if name.is_empty() { family.clone() } else { name }, family }
    }
}

/// Values by their number.
#[derive(Debug)]
pub struct Names<T> {
    values: Vec<T>,
    places: HashMap<T, u32>,
    most: usize,
    others: T,
}

impl<T: Clone + Eq + std::hash::Hash> Names<T> {
    /// No names yet; `others` stands for those beyond the limit.
    pub fn new(others: T) -> Names<T> {
        Names { values: Vec::new(), places: HashMap::new(), most: MOST, others }
    }

    /// The number of a name.
    pub fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.places.get(value) {
            return *number;
        }
        if self.values.len() >= self.most && *value != self.others {
            let others = self.others.clone();
            return self.number(&others);
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.places.insert(value.clone(), number);
        number
    }

    /// The name of a number.
    pub fn value(&self, number: u32) -> &T {
        self.values.get(number as usize).unwrap_or(&self.others)
    }

    /// Whether any name had to go to the others.
    pub fn is_full(&self) -> bool {
        self.places.contains_key(&self.others)
    }
}

/// Days of a trend window: the history and the day itself.
pub const TREND_DAYS: usize = HISTORY_DAYS + 1;

/// Counts per source and day of the trend window.
#[derive(Debug, Default)]
pub struct Daily {
    counts: HashMap<Source, [u64; TREND_DAYS]>,
}

impl Daily {
    /// Counts `times` on a day of the window.
    pub fn add(&mut self, source: &Source, place: usize, times: u64) {
        if !self.counts.contains_key(source) {
            self.counts.insert(source.clone(), [0; TREND_DAYS]);
        }
        if let Some(count) = self.counts.get_mut(source).and_then(|counts| counts.get_mut(place)) {
            *count += times;
        }
    }

    /// Sources and their counts by day, in the order of their names.
    pub fn rows(&self) -> Vec<(&Source, &[u64; TREND_DAYS])> {
        let mut rows: Vec<_> = self.counts.iter().collect();
        rows.sort_by_key(|(source, _)| *source);
        rows
    }

    /// The sum over all sources, by day.
    pub fn totals(&self) -> [u64; TREND_DAYS] {
        let mut totals = [0; TREND_DAYS];
        for counts in self.counts.values() {
            for (total, count) in totals.iter_mut().zip(counts) {
                *total += count;
            }
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_goes_to_the_others() {
        let mut names = Names { most: 2, ..Names::new("(others)".to_owned()) };
        let numbers: Vec<u32> =
            ["a", "b", "a", "c", "d"].iter().map(|n| names.number(&(*n).to_owned())).collect();
        assert_eq!(numbers, [0, 1, 0, 2, 2]);
        assert_eq!((names.value(2).as_str(), names.is_full()), ("(others)", true));
    }
}
