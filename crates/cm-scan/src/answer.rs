//! What the searches say of one item. In: the matches, which borrow from the item. Out: what goes on without it: which
//! searches match, how well, and the value of `_cm_scan`, written once.

use crate::hits::Match;
use crate::marks::Marks;
use crate::part::write_part;

/// The answer for an item.
#[derive(Debug, Default)]
pub struct Answer {
    /// The searches that match, by number in their order, with the score of each.
    pub matched: Vec<(usize, f64)>,
    /// `_cm_scan` as JSON; empty where it was not asked for.
    pub part: String,
    /// What is said of it beside its matches.
    pub marks: Marks,
}

impl Answer {
    /// An answer without the part.
    pub fn of(matches: &[Match]) -> Answer {
        let matched = matches.iter().map(|found| (found.number, found.score)).collect();
        Answer { matched, part: String::new(), marks: Marks::default() }
    }

    /// The same with the part, in the room of an earlier one.
    pub fn written(matches: &[Match], mut room: String) -> Answer {
        room.clear();
        if !matches.is_empty() {
            write_part(matches, &mut room);
        }
        Answer { part: room, ..Answer::of(matches) }
    }

    /// Whether no search matches.
    pub fn is_empty(&self) -> bool {
        self.matched.is_empty()
    }

    /// The score of the best match; 0 without one.
    pub fn score(&self) -> f64 {
        self.matched.iter().map(|(_, score)| *score).fold(0.0, f64::max)
    }

    /// About how many bytes it holds.
    pub fn size(&self) -> usize {
        self.part.len() + size_of_val(&*self.matched) + self.marks.size()
    }
}
