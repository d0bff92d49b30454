//! Why an item stands where it stands: the one place where points are given. The order is their plain sum, people who
//! wait before things to read.
//!
//! | reason | lane | points |
//! |---|---|---|
//! | a private message · a mention, a reply, a review · any other word to us | answer | 30 · 20 · 10 |
//! | held until somebody approves it; once its approval was drafted | answer | 10; 0 |
//! | asks a question | answer | 10 |
//! | sounds like trouble (`trouble_words` of `[inbox]`) | answer | 15 |
//! | waiting | answer | 1 for every 2 hours, at most 36 |
//! | matches a saved search | both | 5 times its score, at most 20 for each of the best 3 |
//! | its author's reach | both | 3 for every power of ten of followers, at most 20 |
//! | fresh | read | 20, 1 less for every 6 hours |
//! | put off until now | both | 20 |
//! | acted on already: a draft about it was made (read); one is on its way or out (answer) | both | -100 |

use crate::args::Lane;
use cm_record::{Item, ReasonPoints, ScanPart};
use cm_text::{fold, words};

const HOUR_MS: i64 = 3_600_000;

/// What trouble sounds like when the configuration does not say.
const TROUBLE: [&str; 36] = [
    "angry",
    "annoyed",
    "awful",
    "betrug",
    "broken",
    "bug",
    "cancel",
    "cheated",
    "complaint",
    "crash",
    "defekt",
    "disappointed",
    "does not work",
    "doesn't work",
    "enttauscht",
    "fails",
    "fehler",
    "fraud",
    "funktioniert nicht",
    "furious",
    "kaputt",
    "lawyer",
    "not working",
    "outage",
    "overcharged",
    "refund",
    "ripoff",
    "scam",
    "stopped working",
    "terrible",
    "unacceptable",
    "unsafe",
    "urgent",
    "useless",
    "worst",
    "wutend",
];

/// Gives the reasons that lie in the item itself.
#[derive(Clone, Debug)]
pub struct Judge {
    /// Folded, one blank between words and around.
    trouble: Vec<String>,
}

impl Judge {
    /// A judge that knows these words and phrases for trouble, or the usual ones.
    pub fn new(trouble: Option<&[String]>) -> Judge {
        let phrases: Vec<&str> = match trouble {
            Some(given) => given.iter().map(String::as_str).collect(),
            None => TROUBLE.to_vec(),
        };
        let trouble = phrases.into_iter().map(|phrase| spaced(&fold(phrase, false)));
        // A phrase without a word would be found in everything.
        Judge { trouble: trouble.filter(|phrase| !phrase.trim().is_empty()).collect() }
    }

    /// The reasons that do not change with time; `folded` is the item's title and text.
    pub fn reasons(
        &self,
        item: &Item,
        folded: &str,
        lane: Lane,
        scan: Option<&ScanPart>,
    ) -> Vec<ReasonPoints> {
        let mut reasons = Vec::new();
        if lane == Lane::Answer {
            self.of_a_person(item, folded, &mut reasons);
        }
        reasons.extend(scan.map(matches).unwrap_or_default());
        reasons.extend(reach(item));
        reasons
    }

    fn of_a_person(&self, item: &Item, folded: &str, reasons: &mut Vec<ReasonPoints>) {
        let kind = item.meta().kind.unwrap_or_default();
        reasons.push(match kind.as_str() {
            "message" => reason("a private message", 30.0),
            "mention" | "reply" | "review" => reason(format!("a {kind}"), 20.0),
            _ => reason(format!("a {kind}"), 10.0),
        });
        if asks(item.title.as_deref().unwrap_or_default()) || asks(&crate::entry::text_of(item)) {
            reasons.push(reason("asks a question", 10.0));
        }
        let spaced = spaced(folded);
        if let Some(word) = self.trouble.iter().find(|phrase| spaced.contains(*phrase)) {
            reasons.push(reason(format!("sounds like trouble: {}", word.trim()), 15.0));
        }
    }
}

/// What changes with time and with what we did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Now, milliseconds since 1970 UTC, as everything here.
    pub now_ms: i64,
    /// When the item was published, or taken in where nobody says.
    pub since_ms: i64,
    /// When it was to come back.
    pub later_ms: Option<i64>,
    /// When a draft about it was made.
    pub drafted_ms: Option<i64>,
    /// Until when that is known to be on its way out, or to be out.
    pub on_way_ms: Option<i64>,
}

impl Moment {
    /// Seconds since the item was published; an item from the future has waited for none.
    pub fn waiting_s(&self) -> i64 {
        (self.now_ms - self.since_ms).max(0) / 1000
    }

    /// What an item's age adds.
    pub fn age(&self, lane: Lane) -> Option<ReasonPoints> {
        let hours = (self.now_ms - self.since_ms).max(0) / HOUR_MS;
        match lane {
            Lane::Answer if hours >= 2 => {
                Some(reason(format!("waiting for {}", length(hours)), whole((hours / 2).min(36))))
            }
            Lane::Read if hours < 120 => {
                Some(reason(format!("{} old", length(hours)), whole(20 - hours / 6)))
            }
            _ => None,
        }
    }

    /// The reasons that change with time.
    pub fn reasons(&self, lane: Lane) -> Vec<ReasonPoints> {
        let mut reasons = Vec::from_iter(self.age(lane));
        if self.later_ms.is_some() {
            reasons.push(reason("put off until now", 20.0));
        }
        reasons.extend(self.draft(lane));
        reasons
    }

    /// What a draft takes away. Of a draft that nobody queued somebody would wait for ever: only one that is known to be on
    /// its way lets others go first. Nobody waits in the other lane.
    fn draft(&self, lane: Lane) -> Option<ReasonPoints> {
        self.drafted_ms?;
        let is_on_its_way = self.on_way_ms.is_some_and(|until| until > self.now_ms);
        Some(match lane {
            Lane::Answer if !is_on_its_way => reason("a draft was made, not known to be queued", 0.0),
            _ => reason("acted on already", -100.0),
        })
    }
}

/// What moderation adds: `status` is how the item stands where it is, `action` what was drafted last, `is_out` whether
/// that is known to have gone out.
pub fn moderation(status: Option<&str>, action: Option<&str>, is_out: bool) -> Option<ReasonPoints> {
    match (status, action) {
        (Some("held"), Some("approve")) => Some(reason("held, its approval was drafted", 0.0)),
        (Some("held"), _) => Some(reason("held until somebody approves it", 10.0)),
        (_, Some("approve")) if is_out => Some(reason("approved", 0.0)),
        (_, Some("like")) if is_out => Some(reason("liked", 0.0)),
        (_, Some("boost")) if is_out => Some(reason("boosted", 0.0)),
        _ => None,
    }
}

/// The sum.
pub fn points(reasons: &[ReasonPoints]) -> f64 {
    reasons.iter().fold(0.0, |sum, reason| sum + reason.points)
}

/// The weightiest reasons, for a list. Age is told only where there is nothing else: it has a column of its own.
pub fn weightiest(mut reasons: Vec<ReasonPoints>, age: Option<&ReasonPoints>, most: usize) -> String {
    if reasons.len() > 1 {
        reasons.retain(|reason| Some(reason) != age);
    }
    reasons.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()));
    let why: Vec<&str> = reasons.iter().take(most).map(|reason| reason.why.as_str()).collect();
    why.join(", ")
}

/// A length of time in the one unit that says enough: `5 h`, `3 d`.
pub fn length(hours: i64) -> String {
    if hours < 48 { format!("{hours} h") } else { format!("{} d", hours / 24) }
}

fn reason(why: impl Into<String>, points: f64) -> ReasonPoints {
    ReasonPoints { why: why.into(), points }
}

fn whole(points: i64) -> f64 {
    i32::try_from(points).map_or(0.0, f64::from)
}

fn matches(scan: &ScanPart) -> Vec<ReasonPoints> {
    let mut best: Vec<_> = scan.matches.iter().filter(|m| m.score.is_finite()).collect();
    best.sort_by(|a, b| b.score.total_cmp(&a.score));
    let points = |score: f64| (score * 5.0).round().clamp(0.0, 20.0);
    best.iter().take(3).map(|m| reason(format!("matches {}", m.query), points(m.score))).collect()
}

fn reach(item: &Item) -> Option<ReasonPoints> {
    let followers = item.authors.iter().filter_map(|author| author.cm.as_ref()?.followers).max()?;
    let powers = followers.checked_ilog10().filter(|powers| *powers > 0)?;
    Some(reason(format!("followed by {followers}"), f64::from((3 * powers).min(20))))
}

/// A question mark that ends something; one inside an address does not.
fn asks(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '？' | '؟' => return true,
            '?' if !chars.peek().is_some_and(|next| next.is_alphanumeric() || "=&%_".contains(*next)) => {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// ` broken `: folded words with one blank around each, so that a phrase is found at word boundaries.
fn spaced(folded: &str) -> String {
    let mut spaced = String::from(" ");
    for word in words(folded) {
        spaced.push_str(word.text);
        spaced.push(' ');
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::{Author, AuthorExtra, Match, Meta};
    use proptest::prelude::*;

    fn item(kind: &str, text: &str) -> Item {
        Item {
            id: "1".into(),
            content_text: Some(text.into()),
            cm: Some(Meta { kind: Some(kind.into()), ..Meta::default() }),
            ..Item::default()
        }
    }

    fn sum(kind: &str, text: &str) -> f64 {
        points(&Judge::new(None).reasons(&item(kind, text), &fold(text, false), Lane::Answer, None))
    }

    #[test]
    fn people_are_ranked_by_how_they_address_us() {
        assert!(sum("message", "x") > sum("mention", "x"));
        assert!(sum("mention", "x") > sum("comment", "x"));
    }

    #[test]
    fn questions_and_trouble_press() {
        assert_eq!(sum("comment", "Does it ship?") - sum("comment", "It ships"), 10.0);
        assert_eq!(sum("comment", "https://a.example/?id=7"), sum("comment", "x"));
        assert_eq!(sum("comment", "Your checkout is BROKEN") - sum("comment", "x"), 15.0);
        assert_eq!(sum("comment", "heartbroken song"), sum("comment", "x"), "words, not parts of words");
        assert_eq!(sum("comment", "it's not   working!") - sum("comment", "x"), 15.0);
    }

    #[test]
    fn every_word_for_trouble_is_found_in_a_sentence() {
        for phrase in TROUBLE {
            assert_eq!(
                sum("comment", &format!("so {phrase}, really")) - sum("comment", "x"),
                15.0,
                "{phrase}"
            );
        }
        let own = Judge::new(Some(&["Überlauf".to_owned()]));
        let reasons = own.reasons(&item("comment", ""), "ein uberlauf", Lane::Answer, None);
        assert!(reasons.iter().any(|r| r.points == 15.0));
        let blank = Judge::new(Some(&[String::new(), "!?".to_owned()]));
        let reasons = blank.reasons(&item("comment", ""), "all is well", Lane::Answer, None);
        assert_eq!(points(&reasons), 10.0, "no word, no trouble");
    }

    #[test]
    fn searches_and_reach_count_in_both_lanes() {
        let scan = ScanPart {
            matches: [0.5, 9.0, 1.0, 2.0]
                .map(|score| Match { query: format!("q{score}"), score, hits: Vec::new() })
                .to_vec(),
            ..ScanPart::default()
        };
        let mut item = item("article", "x");
        let followers = |n| AuthorExtra { followers: Some(n), ..AuthorExtra::default() };
        item.authors = vec![Author { cm: Some(followers(1204)), ..Author::default() }];
        let reasons = Judge::new(None).reasons(&item, "x", Lane::Read, Some(&scan));
        let shown: Vec<_> = reasons.iter().map(|r| (r.why.as_str(), r.points)).collect();
        let expected =
            [("matches q9", 20.0), ("matches q2", 10.0), ("matches q1", 5.0), ("followed by 1204", 9.0)];
        assert_eq!(shown, expected);
    }

    #[test]
    fn waiting_presses_and_news_grow_old() {
        let at = |hours: i64| Moment {
            now_ms: hours * HOUR_MS,
            since_ms: 0,
            later_ms: None,
            drafted_ms: None,
            on_way_ms: None,
        };
        let sum = |hours, lane| points(&at(hours).reasons(lane));
        assert_eq!((sum(1, Lane::Answer), sum(10, Lane::Answer), sum(900, Lane::Answer)), (0.0, 5.0, 36.0));
        assert_eq!((sum(0, Lane::Read), sum(12, Lane::Read), sum(900, Lane::Read)), (20.0, 18.0, 0.0));
        assert_eq!(at(-5).waiting_s(), 0);
        let drafted = Moment { drafted_ms: Some(1), on_way_ms: Some(i64::MAX), later_ms: Some(1), ..at(900) };
        assert_eq!(points(&drafted.reasons(Lane::Read)), -80.0);
    }

    #[test]
    fn age_hides_nothing_that_matters() {
        let moment =
            Moment { now_ms: 12 * HOUR_MS, since_ms: 0, later_ms: None, drafted_ms: None, on_way_ms: None };
        let age = moment.age(Lane::Read);
        let why = |lasting: &[(&str, f64)]| {
            let lasting = lasting.iter().map(|(why, points)| reason(*why, *points));
            weightiest(lasting.chain(moment.reasons(Lane::Read)).collect(), age.as_ref(), 3)
        };
        assert_eq!(why(&[]), "12 h old");
        assert_eq!(why(&[("matches tea", 5.0), ("matches coffee", 15.0)]), "matches coffee, matches tea");
        let four = [("a", 1.0), ("b", 2.0), ("c", -100.0), ("d", 3.0)];
        assert_eq!(why(&four), "c, d, b", "the weightiest three, whichever way they pull");
        assert_eq!(weightiest(Vec::new(), None, 3), "");
    }

    #[test]
    fn the_page_says_the_same() {
        let rows = |text: &str, prefix: &str| -> Vec<String> {
            let table = text
                .lines()
                .filter_map(|line| line.strip_prefix(prefix))
                .filter(|line| line.starts_with("| "));
            table.skip_while(|line| !line.starts_with("| reason |")).map(str::to_owned).collect()
        };
        let here = rows(include_str!("reasons.rs"), "//! ");
        assert_eq!(here, rows(include_str!("../../../docs/inbox.md"), ""));
        assert!(here.len() > 10);
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in "\\PC*") {
            prop_assert!(sum("comment", &text) >= 10.0);
        }
    }
}
