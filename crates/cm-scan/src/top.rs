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
    most: usize,
    most_bytes: usize,
    now: DateTime<Utc>,
    /// The worst on top.
    kept: BinaryHeap<Kept>,
    bytes: usize,
    taken: u64,
    /// The best of those that found no room: nothing that is worse may come in after it.
    floor: Option<Rank>,
    session: &'a Session,
    inner: Box<dyn Sink + Send + 'a>,
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
        size_of::<Kept>() + self.scanned.record.line().len() + self.scanned.answer.part.len()
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

impl<'a> Top<'a> {
    /// The `most` best, written by `inner`.
    pub fn new(most: usize, session: &'a Session, inner: Box<dyn Sink + Send + 'a>) -> Top<'a> {
        let (now, most_bytes) = (session.now(), MOST_BYTES);
        Top {
            most,
            most_bytes,
            now,
            kept: BinaryHeap::new(),
            bytes: 0,
            taken: 0,
            floor: None,
            session,
            inner,
        }
    }

    /// Lets the worst go while there are too many, or too much.
    fn shrink(&mut self) {
        while self.kept.len() > self.most || self.bytes > self.most_bytes {
            let Some(worst) = self.kept.pop() else { return };
            if self.kept.len() < self.most {
                self.floor = Some(worst.rank);
            }
            self.bytes -= worst.bytes();
        }
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
        let published = published(&scanned.record);
        let score = scanned.answer.score() + freshness(published, self.now);
        let rank = Rank { score, published, number: self.taken };
        self.taken += 1;
        if self.floor.is_some_and(|floor| rank > floor) {
            return Ok(());
        }
        let kept = Kept { rank, scanned };
        self.bytes += kept.bytes();
        self.kept.push(kept);
        self.shrink();
        Ok(())
    }

    fn miss(&self) -> Miss {
        Miss::Drop
    }

    fn passes_unknown(&self) -> bool {
        self.inner.passes_unknown()
    }

    fn end(&mut self, out: &mut Out) -> anyhow::Result<()> {
        let kept = std::mem::take(&mut self.kept).into_sorted_vec();
        if self.floor.is_some() {
            let (kept, most) = (kept.len(), self.most_bytes >> 20);
            self.session.failed("top", format!("--top: only the {kept} best fit in {most} MB"))?;
        }
        for kept in kept {
            self.inner.take(kept.scanned, out)?;
        }
        self.inner.end(out)
    }
}
