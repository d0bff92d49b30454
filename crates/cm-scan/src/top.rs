//! The N best by score, newness included: memory for N records and no more than a bound, however many come.

use crate::out::Out;
use crate::score::freshness;
use crate::sink::{Miss, Scanned, Sink};
use crate::window::published;
use chrono::{DateTime, Utc};
use cm_cli::Session;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The most bytes of lines and parts that are kept.
const MOST_BYTES: usize = 256 << 20;

/// Keeps the best and hands them on at the end, best first; of equal ones the newer, then the earlier in the input.
pub struct Top<'a> {
    best: Best,
    now: DateTime<Utc>,
    taken: u64,
    session: &'a Session,
    inner: Box<dyn Sink + Send + 'a>,
}

/// The best so far.
struct Best {
    most: usize,
    most_bytes: usize,
    /// The worst on top.
    kept: BinaryHeap<Kept>,
    bytes: usize,
    /// The best of those that found no room: nothing that is worse may come in after it.
    floor: Option<Rank>,
}

/// Where a record stands among the others; the better is the lesser.
#[derive(Clone, Copy, PartialEq)]
struct Rank {
    score: f64,
    published: Option<DateTime<Utc>>,
    number: u64,
}

impl Eq for Rank {}

impl Ord for Rank {
    fn cmp(&self, other: &Rank) -> Ordering {
        let better = other.score.total_cmp(&self.score);
        better.then(other.published.cmp(&self.published)).then(self.number.cmp(&other.number))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Rank) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Kept {
    rank: Rank,
    scanned: Scanned,
}

impl Kept {
    fn bytes(&self) -> usize {
        size_of::<Kept>() + self.scanned.record.line().len() + self.scanned.answer.size()
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Kept) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Kept {}

impl Ord for Kept {
    fn cmp(&self, other: &Kept) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Kept) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Best {
    fn new(most: usize, most_bytes: usize) -> Best {
        Best { most, most_bytes, kept: BinaryHeap::new(), bytes: 0, floor: None }
    }

    /// Takes one in if it is good enough, and lets the worst go while there are too many, or too much.
    fn take(&mut self, kept: Kept) {
        if self.floor.is_some_and(|floor| kept.rank > floor) {
            return;
        }
        self.bytes += kept.bytes();
        self.kept.push(kept);
        while self.kept.len() > self.most || self.bytes > self.most_bytes {
            let Some(worst) = self.kept.pop() else { return };
            if self.kept.len() < self.most {
                self.floor = Some(worst.rank);
            }
            self.bytes -= worst.bytes();
        }
    }
}

impl<'a> Top<'a> {
    /// The `most` best, written by `inner`.
    pub fn new(most: usize, session: &'a Session, inner: Box<dyn Sink + Send + 'a>) -> Top<'a> {
        Top { best: Best::new(most, MOST_BYTES), now: session.now(), taken: 0, session, inner }
    }
}

impl Sink for Top<'_> {
    fn wants_part(&self) -> bool {
        self.inner.wants_part()
    }

    fn take(&mut self, scanned: Scanned, _out: &mut Out) -> anyhow::Result<()> {
        if scanned.answer.is_empty() {
            return Ok(());
        }
        let published = published(scanned.record.checked());
        let score = scanned.answer.score() + freshness(published, self.now);
        let rank = Rank { score, published, number: self.taken };
        self.taken += 1;
        self.best.take(Kept { rank, scanned });
        Ok(())
    }

    fn miss(&self) -> Miss {
        Miss::Drop
    }

    fn passes_unknown(&self) -> bool {
        self.inner.passes_unknown()
    }

    fn end(&mut self, out: &mut Out) -> anyhow::Result<()> {
        let Best { kept, floor, most_bytes, .. } = std::mem::replace(&mut self.best, Best::new(0, 0));
        if floor.is_some() {
            let (kept, most) = (kept.len(), most_bytes >> 20);
            self.session.failed("top", format!("--top: only the {kept} best fit in {most} MB"))?;
        }
        for kept in kept.into_sorted_vec() {
            self.inner.take(kept.scanned, out)?;
        }
        self.inner.end(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use cm_record::{Place, Record};
    use proptest::prelude::*;

    fn kept(number: u64, score: u8, day: Option<i64>, length: usize) -> Kept {
        let record = Record::parse(format!(r#"{{"id":"{number}","content_text":"{}"}}"#, "x".repeat(length)));
        let published = day.and_then(|day| DateTime::from_timestamp(day * 86_400, 0));
        let rank = Rank { score: f64::from(score) / 4.0, published, number };
        let place = Place { file: "test".into(), line: number };
        Kept { rank, scanned: Scanned { record: record.unwrap(), place, answer: Answer::default() } }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_the_best_of_all(
            items in prop::collection::vec((0u8..6, prop::option::of(0i64..4), 0usize..3000), 0..60),
            most in 0usize..20, most_bytes in prop::sample::select(vec![1 << 30, 20_000, 3_000]),
        ) {
            let mut best = Best::new(most, most_bytes);
            let mut all = Vec::new();
            for (number, (score, day, length)) in (0..).zip(&items) {
                let kept = kept(number, *score, *day, *length);
                all.push(kept.rank);
                best.take(kept);
            }
            all.sort_by(|a, b| {
                let newest = |rank: &Rank| rank.published.map_or(i64::MIN, |at| at.timestamp());
                b.score.total_cmp(&a.score).then(newest(b).cmp(&newest(a))).then(a.number.cmp(&b.number))
            });
            prop_assert!(best.bytes <= most_bytes);
            let (told, fits) = (best.floor.is_some(), most_bytes == 1 << 30);
            let left: Vec<u64> = best.kept.into_sorted_vec().iter().map(|kept| kept.rank.number).collect();
            let wanted: Vec<u64> = all.iter().take(left.len()).map(|rank| rank.number).collect();
            prop_assert_eq!(&left, &wanted);
            prop_assert!(left.len() == most.min(items.len()) || (told && !fits));
        }
    }
}
