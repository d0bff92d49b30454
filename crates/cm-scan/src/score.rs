//! How good an occasion for a comment a match is: a sum of parts (docs/searches.md, "Score").
//! In: the hits of a search, the item, and for some uses the time. Out: points, part by part. All are quarters, so that
//! sums are exact.

use crate::document::Document;
use crate::engine::Members;
use crate::hits::Hit;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The parts of a score; the score is their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// 2 with a hit in the title, else 1.
    pub field: f64,
    /// 1 when the first hit in the content (or any in the title) begins within its first 50 code points, 0.5 within 100.
    pub position: f64,
    /// 0.25 for every hit after the first, 1 at most.
    pub frequency: f64,
    /// How many people the author reaches, 1 at most.
    pub reach: f64,
    /// How many answered already: nothing or less, -1 at least.
    pub answered: f64,
    /// How new it is, 2 at most; 0 where the clock has no say.
    pub freshness: f64,
}

impl Score {
    /// What the hits of a search say; without any it is 1.
    pub fn of(hits: &[Hit]) -> Score {
        let in_title = hits.iter().any(|hit| hit.field == "title");
        let first =
            hits.iter().filter(|hit| matches!(hit.field, "title" | "content_text")).map(|h| h.start).min();
        Score {
            field: if in_title { 2.0 } else { 1.0 },
            position: match first {
                Some(0..50) => 1.0,
                Some(50..100) => 0.5,
                _ => 0.0,
            },
            frequency: (0.25 * hits.len().saturating_sub(1) as f64).min(1.0),
            ..Score::default()
        }
    }

    /// With what the item says of itself.
    pub fn with(self, standing: Standing) -> Score {
        Score { reach: standing.reach, answered: standing.answered, ..self }
    }

    /// The sum.
    pub fn total(self) -> f64 {
        self.parts().iter().map(|(_, points)| points).sum()
    }

    fn parts(self) -> [(&'static str, f64); 6] {
        [
            ("field", self.field),
            ("position", self.position),
            ("frequency", self.frequency),
            ("reach", self.reach),
            ("answered", self.answered),
            ("freshness", self.freshness),
        ]
    }
}

/// `2.25 = field 1 + position 1 + frequency 0.25`: the parts that are not 0.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} =", self.total())?;
        let counted = self.parts().into_iter().filter(|(_, points)| *points != 0.0);
        for (number, (name, points)) in counted.enumerate() {
            let sign = match (number, points < 0.0) {
                (0, _) => "",
                (_, false) => " +",
                (_, true) => " -",
            };
            write!(f, "{sign} {name} {}", points.abs())?;
        }
        Ok(())
    }
}

/// What an item says of itself that makes answering it worth more or less.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    reach: f64,
    answered: f64,
}

impl Standing {
    /// Of an item; what is missing or of another type counts nothing.
    pub fn of(document: &Document) -> Standing {
        let Members { authors, cm, .. } = document.members();
        Standing { reach: reach(most_followers(*authors)), answered: answered(replies(*cm)) }
    }
}

/// Points for the followers of the author who has the most.
fn reach(followers: u64) -> f64 {
    match followers {
        0..100 => 0.0,
        100..1_000 => 0.25,
        1_000..10_000 => 0.5,
        10_000..100_000 => 0.75,
        _ => 1.0,
    }
}

/// A quarter less for every reply that is there, up to four.
fn answered(replies: u64) -> f64 {
    // Not `-0.25 * 0.0`, which is -0.
    if replies == 0 { 0.0 } else { -0.25 * replies.min(4) as f64 }
}

/// How new an item is: nothing without a date or after three days. One from the future is new.
pub fn freshness(published: Option<DateTime<Utc>>, now: DateTime<Utc>) -> f64 {
    let Some(published) = published else { return 0.0 };
    let age = now - published;
    let steps = [(1, 2.0), (6, 1.5), (24, 1.0), (72, 0.5)];
    steps.iter().find(|(hours, _)| age <= TimeDelta::hours(*hours)).map_or(0.0, |(_, points)| *points)
}

fn most_followers(authors: Option<&str>) -> u64 {
    #[derive(Deserialize)]
    struct Author {
        #[serde(rename = "_cm")]
        cm: Option<AuthorMeta>,
    }
    #[derive(Deserialize)]
    struct AuthorMeta {
        followers: Option<u64>,
    }
    let authors: Vec<Author> = read_if_named(authors, "followers").unwrap_or_default();
    authors.iter().filter_map(|author| author.cm.as_ref()?.followers).max().unwrap_or(0)
}

fn replies(cm: Option<&str>) -> u64 {
    #[derive(Deserialize)]
    struct Meta {
        counts: Option<Counts>,
    }
    #[derive(Deserialize)]
    struct Counts {
        replies: Option<u64>,
    }
    let meta: Option<Meta> = read_if_named(cm, "replies");
    meta.and_then(|meta| meta.counts?.replies).unwrap_or(0)
}

/// Reads a member only where a name stands somewhere in it (or may, escaped): most items have neither of ours.
fn read_if_named<T: serde::de::DeserializeOwned>(member: Option<&str>, name: &str) -> Option<T> {
    let raw = member?;
    if !raw.contains(name) && !raw.contains('\\') {
        return None;
    }
    serde_json::from_str(raw).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;
    use cm_time::parse_rfc3339;

    fn hit(field: &'static str, start: usize) -> Hit<'static> {
        Hit { field, start, end: start + 1, exact: "x", prefix: "", suffix: "", clause: None }
    }

    #[test]
    fn what_hits_say_is_the_documented_sum() {
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

    #[test]
    fn what_an_item_says_of_itself_counts_in_steps() {
        for (authors, cm, reach, answered) in [
            (r#"[{"_cm":{"followers":99}}]"#, "{}", 0.0, 0.0),
            (
                r#"[{"name":"a"},{"_cm":{"followers":100}},{"_cm":{"followers":7}}]"#,
                r#"{"counts":{}}"#,
                0.25,
                0.0,
            ),
            (r#"[{"_cm":{"followers":1000}}]"#, r#"{"counts":{"replies":1}}"#, 0.5, -0.25),
            (r#"[{"_cm":{"followers":9999}}]"#, r#"{"counts":{"replies":4,"likes":9}}"#, 0.5, -1.0),
            (r#"[{"_cm":{"\u0066ollowers":10000}}]"#, r#"{"counts":{"replies":4000}}"#, 0.75, -1.0),
            (r#"[{"_cm":{"followers":100000}}]"#, r#"{"counts":{"likes":9}}"#, 1.0, 0.0),
            (r#"[{"_cm":{"followers":"many"}}]"#, r#"{"counts":{"replies":-1}}"#, 0.0, 0.0),
            (r#""followers""#, r#"{"counts":"replies"}"#, 0.0, 0.0),
        ] {
            let line = format!(r#"{{"id":"1","content_text":"","authors":{authors},"_cm":{cm}}}"#);
            let standing = Standing::of(&Document::of(&Record::parse(line).unwrap()));
            assert_eq!(standing, Standing { reach, answered }, "{authors} {cm}");
        }
    }

    #[test]
    fn what_is_new_counts_more() {
        let at = |text| parse_rfc3339(text).unwrap();
        let now = at("2026-11-23T12:00:00Z");
        for (published, wanted) in [
            ("2026-11-23T13:00:00+01:00", 2.0),
            ("2026-11-23T11:00:00Z", 2.0),
            ("2026-11-23T10:59:59Z", 1.5),
            ("2026-11-23T06:00:00Z", 1.5),
            ("2026-11-22T12:00:00Z", 1.0),
            ("2026-11-20T12:00:00Z", 0.5),
            ("2026-11-20T11:59:59Z", 0.0),
            ("2026-12-01T00:00:00Z", 2.0),
        ] {
            assert_eq!(freshness(Some(at(published)), now), wanted, "{published}");
        }
        assert_eq!(freshness(None, now), 0.0);
    }

    #[test]
    fn a_score_is_shown_by_its_parts() {
        let score = Score { field: 1.0, position: 0.5, reach: 0.25, answered: -0.5, ..Score::default() };
        assert_eq!(score.to_string(), "1.25 = field 1 + position 0.5 + reach 0.25 - answered 0.5");
    }
}
