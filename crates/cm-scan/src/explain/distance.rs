//! NEAR: which side is missing, or how far apart the two stand at the nearest.

use super::clause::places;
use super::reason::{View, named, why_not};
use crate::evaluate::Found;
use crate::query::{Near, Query, Term};

/// The most places of an operand that are compared.
const MOST: usize = 300;

/// Two places that do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Gap {
    /// The words between them.
    words: usize,
    /// The first operand stands behind the second.
    reversed: bool,
}

/// Why a NEAR does not hold.
pub fn why_not_near(near: &Near, view: View) -> String {
    let operands: Vec<Query> = near.operands().map(alternatives).collect();
    if let Some(missing) = operands.iter().find(|operand| !view.holds(operand)) {
        return why_not(missing, view);
    }
    for (pair, step) in operands.windows(2).zip(&near.then) {
        let [first, second] = pair else { continue };
        let (a, b) = (places(first, view.document), places(second, view.document));
        let gaps: Vec<Gap> = gaps(&a, &b);
        if gaps.iter().any(|gap| gap.words <= step.within && !(step.ordered && gap.reversed)) {
            continue;
        }
        let (first, second) = (named(first), named(second));
        let in_order = gaps.iter().filter(|gap| !(step.ordered && gap.reversed)).min();
        return match in_order {
            Some(Gap { words, .. }) => {
                format!(
                    "{first} and {second} are {words} words apart at the nearest, not {} or fewer",
                    step.within
                )
            }
            None if gaps.is_empty() => format!("{first} and {second} do not stand side by side in one text"),
            None => format!("{second} stands before {first}, not behind it"),
        };
    }
    "no one place is near both its neighbours".to_owned()
}

/// The alternatives of an operand as a query.
pub fn alternatives(terms: &[Term]) -> Query {
    match terms {
        [only] => Query::Term(only.clone()),
        several => Query::Or(several.iter().cloned().map(Query::Term).collect()),
    }
}

fn gaps(a: &[Found], b: &[Found]) -> Vec<Gap> {
    let (mut gaps, mut words) = (Vec::new(), Words::default());
    for a in a.iter().take(MOST) {
        let same = b.iter().take(MOST).filter(|b| std::ptr::eq(a.text, b.text));
        for b in same {
            if a.end <= b.start {
                gaps.push(Gap { words: words.between(a, b), reversed: false });
            } else if b.end <= a.start {
                gaps.push(Gap { words: words.between(b, a), reversed: true });
            }
        }
    }
    gaps
}

/// The places of the words of the text that was asked about last: first byte, one past the last, number.
#[derive(Default)]
struct Words {
    text: usize,
    words: Vec<(usize, usize, usize)>,
}

impl Words {
    /// How many words stand between the end of one place and the beginning of another; a link counts as one.
    fn between(&mut self, first: &Found, second: &Found) -> usize {
        let text = std::ptr::from_ref(first.text).addr();
        if self.text != text {
            let words = first.text.tokens().iter();
            self.words = words.map(|token| (token.start, token.end, token.position)).collect();
            self.text = text;
        }
        let before = self.words.partition_point(|(start, ..)| *start < first.end);
        let last = before.checked_sub(1).and_then(|at| self.words.get(at)).map(|word| word.2 + 1);
        let behind = self.words.partition_point(|(_, end, _)| *end <= second.start);
        let behind = self.words.get(behind).map(|word| word.2);
        let behind = behind.or(self.words.last().map(|word| word.2 + 1)).unwrap_or(0);
        behind.saturating_sub(last.unwrap_or(0))
    }
}
