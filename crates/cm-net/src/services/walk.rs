//! Lists that come newest first, read page by page: within a run and from run to run.
//! In: the mark of the last run, the cursor of the last page, what a page brought. Out: where to go on, where to stop, what
//! to keep.
//!
//! A list is read until a whole page lies before the mark less an overlap, because items arrive late and out of order. A run
//! reads so many pages and no more. Where the network's own cursors hold for ever (`Rule::resumes`), the next run goes on
//! with the rest after what is new; where they do not, that older ones were left is told.

use super::{Item, Limit, Page, Wanted};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Rests that are kept; of more, the oldest is given up and told.
const RESTS: usize = 8;

/// How a list is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// How far beyond the mark is read.
    pub(crate) overlap: TimeDelta,
    /// Pages of one run.
    pub(crate) pages: usize,
    /// The list is sorted by the dates of `Taken`, the newest first.
    pub(crate) sorted: bool,
    /// A cursor of one run is good in the next.
    pub(crate) resumes: bool,
}

/// What a page brought.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Items.
    pub(crate) items: Vec<Item>,
    /// What the list is sorted by, of all entries, those too that are no items.
    pub(crate) dates: Vec<DateTime<Utc>>,
    /// Where the next page begins; absent at the end.
    pub(crate) next: Option<String>,
    /// Worth a word to a person.
    pub(crate) notes: Vec<String>,
    /// See `Page::limit`.
    pub(crate) limit: Option<Limit>,
}

/// A part of a list that a run left.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Rest {
    at: String,
    until: Option<DateTime<Utc>>,
}

/// What a run leaves for the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Mark {
    /// The newest instant met.
    newest: Option<DateTime<Utc>>,
    /// Whose list it was: under the name of an account another one may be meant by now.
    whose: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rests: Vec<Rest>,
}

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Walk {
    /// Where the page begins, in the network's words; absent at the head of the list.
    pub(crate) at: Option<String>,
    until: Option<DateTime<Utc>>,
    newest: Option<DateTime<Utc>>,
    pages: usize,
    rests: Vec<Rest>,
    /// What was left in this run.
    left: Vec<Rest>,
    whose: String,
}

impl Walk {
    /// From the cursor that the last page gave; without one at the head of `whose` list.
    pub(crate) fn resume(wanted: &Wanted, cursor: Option<&str>, whose: &str, rule: Rule) -> Walk {
        if let Some(walk) = cursor.and_then(|text| serde_json::from_str(text).ok()) {
            return walk;
        }
        let mark = wanted.mark.as_deref().and_then(|mark| serde_json::from_str::<Mark>(mark).ok());
        let mark = mark.filter(|mark| mark.whose == whose).unwrap_or_default();
        let known = mark.newest.and_then(|newest| newest.checked_sub_signed(rule.overlap));
        Walk {
            until: known.into_iter().chain(wanted.since).max(),
            newest: mark.newest,
            rests: mark.rests,
            whose: whose.to_owned(),
            ..Walk::default()
        }
    }

    /// What is older need not be read: now, for networks that can be asked so.
    pub(crate) fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Takes a page in.
    pub(crate) fn turn(mut self, taken: Taken, wanted: &Wanted, rule: Rule, now: DateTime<Utc>) -> Page {
        let Taken { items, dates, next, mut notes, limit } = taken;
        // One that lies ahead would make the next run stop short of what comes until then.
        self.newest = dates.iter().map(|date| (*date).min(now)).chain(self.newest).max();
        self.pages += 1;
        let newest = dates.iter().max();
        let reached = rule.sorted && newest.zip(self.until).is_some_and(|(newest, until)| *newest < until);
        let full = self.pages >= rule.pages;
        let onward = next.filter(|next| !reached && Some(next) != self.at.as_ref());
        let onward = match onward {
            Some(at) if full => {
                self.leave(at, wanted, rule, &mut notes);
                None
            }
            Some(at) => Some((at, self.until)),
            None if full || self.rests.is_empty() => None,
            None => Some(self.rests.remove(0)).map(|rest| (rest.at, rest.until)),
        };
        let Some((at, until)) = onward else {
            let mark = self.mark(&mut notes, wanted);
            return Page { items, next: None, mark, notes, limit };
        };
        (self.at, self.until) = (Some(at), until);
        Page { items, next: serde_json::to_string(&self).ok(), mark: None, notes, limit }
    }

    fn leave(&mut self, at: String, wanted: &Wanted, rule: Rule, notes: &mut Vec<String>) {
        let (what, pages) = (&wanted.what, self.pages);
        if rule.resumes {
            self.left.push(Rest { at, until: self.until });
            notes.push(format!(
                "{what}: {pages} pages were read in this run, the next one goes on with older ones"
            ));
        } else {
            notes.push(format!("{what}: {pages} pages were read in one run, older ones were not read"));
        }
    }

    fn mark(mut self, notes: &mut Vec<String>, wanted: &Wanted) -> Option<String> {
        self.left.append(&mut self.rests);
        if self.left.len() > RESTS {
            self.left.truncate(RESTS);
            notes
                .push(format!("{}: runs come too seldom to read all, the oldest were not read", wanted.what));
        }
        if self.newest.is_none() && self.left.is_empty() {
            return None;
        }
        let mark = Mark { newest: self.newest, whose: self.whose, rests: self.left };
        serde_json::to_string(&mark).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: Rule = Rule { overlap: TimeDelta::hours(1), pages: 3, sorted: true, resumes: true };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    /// A list of seconds, newest first, two on a page, whose cursors are seconds that the next page begins with.
    fn read(list: &[i64], mark: Option<String>, rule: Rule) -> (Vec<i64>, Page) {
        let wanted = Wanted { mark, ..Wanted::default() };
        let (mut cursor, mut met): (Option<String>, Vec<i64>) = (None, Vec::new());
        loop {
            let walk = Walk::resume(&wanted, cursor.as_deref(), "us", rule);
            let below = walk.at.as_ref().map_or(i64::MAX, |at| at.parse().unwrap());
            let page: Vec<i64> = list.iter().copied().filter(|second| *second < below).take(2).collect();
            met.extend(&page);
            let next = page.last().filter(|last| **last > list[list.len() - 1]).map(i64::to_string);
            let taken =
                Taken { dates: page.iter().map(|second| at(*second)).collect(), next, ..Taken::default() };
            let page = walk.turn(taken, &wanted, rule, at(1_000_000));
            match page.next.clone() {
                Some(next) => cursor = Some(next),
                None => return (met, page),
            }
        }
    }

    #[test]
    fn a_run_that_is_full_is_gone_on_with() {
        let list: Vec<i64> = (0..20).rev().map(|n| n * 10_000).collect();
        let (first, page) = read(&list, None, RULE);
        assert_eq!(first, list[..6]);
        assert!(page.notes[0].contains("the next one goes on"), "{:?}", page.notes);
        let newer: Vec<i64> = [210_000, 200_000].iter().chain(&list).copied().collect();
        let (second, page) = read(&newer, page.mark, RULE);
        // What is new, and until a whole page is known.
        assert_eq!(second, [210_000, 200_000, 190_000, 180_000, 170_000, 160_000]);
        let (third, page) = read(&newer, page.mark, RULE);
        assert_eq!(third, [210_000, 200_000, 190_000, 180_000, 130_000, 120_000], "one page of the rest");
        let mut mark = page.mark;
        let mut met = third;
        for _ in 0..10 {
            let (some, page) = read(&newer, mark, RULE);
            met.extend(some);
            mark = page.mark;
        }
        assert!(list.iter().filter(|second| **second < 120_000).all(|second| met.contains(second)));
    }

    #[test]
    fn without_lasting_cursors_the_rest_is_told() {
        let list: Vec<i64> = (0..20).rev().map(|n| n * 10_000).collect();
        let (_, page) = read(&list, None, Rule { resumes: false, ..RULE });
        assert!(page.notes[0].ends_with("older ones were not read"), "{:?}", page.notes);
        let mark: Mark = serde_json::from_str(&page.mark.unwrap()).unwrap();
        assert!(mark.rests.is_empty());
    }

    #[test]
    fn a_mark_is_its_accounts_and_never_ahead_of_now() {
        let wanted = Wanted {
            mark: serde_json::to_string(&Mark {
                newest: Some(at(9)),
                whose: "them".into(),
                rests: Vec::new(),
            })
            .ok(),
            ..Wanted::default()
        };
        assert_eq!(Walk::resume(&wanted, None, "us", RULE).until(), None);
        assert_eq!(Walk::resume(&wanted, None, "them", RULE).until(), Some(at(9 - 3600)));
        let page = Walk::resume(&wanted, None, "them", RULE).turn(
            Taken { dates: vec![at(99)], ..Taken::default() },
            &wanted,
            RULE,
            at(20),
        );
        let mark: Mark = serde_json::from_str(&page.mark.unwrap()).unwrap();
        assert_eq!(mark.newest, Some(at(20)));
        let nothing = Walk::default().turn(Taken::default(), &Wanted::default(), RULE, at(0));
        assert_eq!((nothing.next, nothing.mark), (None, None));
        assert_eq!(
            Walk::resume(
                &Wanted { mark: Some("nonsense".into()), ..Wanted::default() },
                Some("more"),
                "",
                RULE
            ),
            Walk::default()
        );
    }

    proptest! {
        /// Whatever comes between runs, nothing is lost.
        #[test]
        fn nothing_is_lost(waves in proptest::collection::vec(1_usize..9, 1..6)) {
            let (mut list, mut mark, mut met): (Vec<i64>, _, Vec<i64>) = (Vec::new(), None, Vec::new());
            let mut clock = 0;
            for wave in waves.into_iter().chain([1; 12]) {
                for _ in 0..wave {
                    clock += 10_000;
                    list.insert(0, clock);
                }
                let (some, page) = read(&list, mark, RULE);
                met.extend(some);
                mark = page.mark;
            }
            for _ in 0..12 {
                let (some, page) = read(&list, mark, RULE);
                met.extend(some);
                mark = page.mark;
            }
            prop_assert!(list.iter().all(|second| met.contains(second)));
        }
    }
}
