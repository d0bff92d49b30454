//! How good an occasion a match is: a sum of three parts (docs/searches.md, "Score").

use cm_record::Hit;
use serde::Serialize;

/// The parts of a score; the score is their sum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// 2 with a hit in the title, else 1.
    pub field: f64,
    /// 1 when the first hit in the content (or any in the title) begins within its first 50 code points, 0.5 within 100.
    pub position: f64,
    /// 0.25 for every hit after the first, 1 at most.
    pub frequency: f64,
}

impl Score {
    /// The score of these hits; without any it is 1.
    pub fn of(hits: &[Hit]) -> Score {
        let in_title = hits.iter().any(|hit| hit.field == "title");
        let first = hits
            .iter()
            .filter(|hit| matches!(hit.field.as_str(), "title" | "content_text"))
            .map(|h| h.start)
            .min();
        Score {
            field: if in_title { 2.0 } else { 1.0 },
            position: match first {
                Some(0..50) => 1.0,
                Some(50..100) => 0.5,
                _ => 0.0,
            },
            frequency: (0.25 * hits.len().saturating_sub(1) as f64).min(1.0),
        }
    }

    /// The sum.
    pub fn total(self) -> f64 {
        self.field + self.position + self.frequency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(field: &str, start: usize) -> Hit {
        Hit { field: field.into(), start, ..Hit::default() }
    }

    #[test]
    fn a_score_is_the_documented_sum() {
        for (hits, wanted) in [
            (vec![], 1.0),
            (vec![hit("content_text", 35)], 2.0),
            (vec![hit("content_text", 73)], 1.5),
            (vec![hit("content_text", 100)], 1.0),
            (vec![hit("tags", 0)], 1.0),
            (vec![hit("title", 3), hit("content_text", 300)], 3.25),
            (vec![hit("content_text", 300); 50], 2.0),
        ] {
            assert_eq!(Score::of(&hits).total(), wanted, "{hits:?}");
        }
    }
}
