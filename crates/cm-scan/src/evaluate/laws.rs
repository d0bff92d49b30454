//! Operators against their definitions, tried in every possible way: slow, short, and written without looking at how it
//! is done.

use super::{Found, evaluate};
use crate::document::Document;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The words of texts. Each takes one place, the link too.
const WORDS: [&str; 7] = ["a", "ab", "b", "cab", "https://x.example", "😡", "C++"];

/// What an operand can be, and which runs of words it means.
const OPERANDS: [(&str, &[&[&str]]); 11] = [
    ("a", &[&["a"]]),
    ("ab", &[&["ab"]]),
    ("b", &[&["b"]]),
    ("a*", &[&["a"], &["ab"]]),
    ("*b", &[&["ab"], &["b"], &["cab"]]),
    ("?b", &[&["ab"]]),
    ("c", &[&["C++"]]),
    ("😡", &[&["😡"]]),
    ("{C++}", &[&["C++"]]),
    ("\"a b\"", &[&["a", "b"]]),
    ("(\"b a a\" OR cab)", &[&["b", "a", "a"], &["cab"]]),
];

/// A run of words: the first, and one more than the last.
type Run = (usize, usize);

fn runs(operand: usize, text: &[&str]) -> Vec<Run> {
    let of = |meant: &&[&str]| {
        let starts = 0..text.len();
        let found = starts.filter(|start| text[*start..].starts_with(meant));
        found.map(|start| (start, start + meant.len())).collect::<Vec<_>>()
    };
    OPERANDS[operand].1.iter().flat_map(of).collect()
}

fn is_near(a: Run, b: Run, ordered: bool, within: usize) -> bool {
    let before = |first: Run, second: Run| first.1 <= second.0 && second.0 - first.1 <= within;
    before(a, b) || (!ordered && before(b, a))
}

/// Every place of every chain.
fn chains(operands: &[usize], steps: &[(bool, usize)], text: &[&str]) -> BTreeSet<Run> {
    let mut chains: Vec<Vec<Run>> = runs(operands[0], text).into_iter().map(|run| vec![run]).collect();
    for (operand, (ordered, within)) in operands[1..].iter().zip(steps) {
        let next = runs(*operand, text);
        chains = chains
            .into_iter()
            .flat_map(|chain| {
                let last = chain[chain.len() - 1];
                let near = next.iter().filter(move |run| is_near(last, **run, *ordered, *within));
                near.map(|run| chain.iter().copied().chain([*run]).collect()).collect::<Vec<_>>()
            })
            .collect();
    }
    chains.into_iter().flatten().collect()
}

/// The places that a query finds, as runs of words; `None` when it does not match.
fn found(query: &str, words: &[&str]) -> Option<BTreeSet<Run>> {
    let text = words.join(" ");
    let document = Document::of_text(&text);
    let mut found = Vec::new();
    let matched = evaluate(&query.parse().unwrap(), &document, &mut found);
    let word_at = |byte: usize| text[..byte].matches(' ').count();
    let run = |place: &Found| (word_at(place.start), word_at(place.end) + 1);
    matched.then(|| found.iter().map(run).collect())
}

fn text() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn near_is_what_it_is_defined_to_be(
        text in text(),
        first in 0..OPERANDS.len(),
        rest in prop::collection::vec((any::<bool>(), 0..5_usize, 0..OPERANDS.len()), 1..4),
    ) {
        let operands: Vec<usize> = [first].into_iter().chain(rest.iter().map(|(_, _, operand)| *operand)).collect();
        let steps: Vec<(bool, usize)> = rest.iter().map(|(ordered, within, _)| (*ordered, *within)).collect();
        let mut query = OPERANDS[first].0.to_owned();
        for (ordered, within, operand) in &rest {
            let name = if *ordered { "ONEAR" } else { "NEAR" };
            query.push_str(&format!(" {name}/{within} {}", OPERANDS[*operand].0));
        }
        let wanted = Some(chains(&operands, &steps, &text)).filter(|places| !places.is_empty());
        prop_assert_eq!(found(&query, &text), wanted, "{} in {:?}", query, text);
    }

    #[test]
    fn a_stretch_holds_each_word_at_a_place_of_its_own(
        text in text(), phrase in prop::collection::vec(0..5_usize, 1..5), slop in 0..4_usize,
    ) {
        let written: Vec<&str> = phrase.iter().map(|operand| OPERANDS[*operand].0).collect();
        // Stretches of every length that is allowed, shortest first, each tried with every order of the words.
        let full = |(from, to): Run| {
            fn place(words: &[usize], places: &[&str], used: &mut Vec<usize>) -> bool {
                let Some((word, rest)) = words.split_first() else { return true };
                (0..places.len()).any(|at| {
                    let is_meant = OPERANDS[*word].1.iter().any(|meant| *meant == [places[at]]);
                    if !is_meant || used.contains(&at) {
                        return false;
                    }
                    used.push(at);
                    let done = place(rest, places, used);
                    used.pop();
                    done
                })
            }
            place(&phrase, &text[from..to], &mut Vec::new())
        };
        let all = (0..text.len()).flat_map(|from| (from + 1..=text.len()).map(move |to| (from, to)));
        let allowed: Vec<Run> = all.filter(|(from, to)| to - from <= phrase.len() + slop).filter(|run| full(*run)).collect();
        let shortest = |run: &&Run| !allowed.iter().any(|other| other != *run && other.0 >= run.0 && other.1 <= run.1);
        let wanted: BTreeSet<Run> = allowed.iter().filter(shortest).copied().collect();
        let query = format!("\"{}\"~{slop}", written.join(" "));
        prop_assert_eq!(found(&query, &text), Some(wanted).filter(|runs| !runs.is_empty()), "{} in {:?}", query, text);
    }

    #[test]
    fn at_least_counts(text in text(), items in prop::collection::vec((any::<bool>(), 0..OPERANDS.len()), 1..6), n in 1..6_usize) {
        let n = n.min(items.len());
        let written: Vec<String> = items.iter().map(|(not, operand)| format!("{}{}", if *not { "-" } else { "" }, OPERANDS[*operand].0)).collect();
        let count = items.iter().filter(|(not, operand)| runs(*operand, &text).is_empty() == *not).count();
        let query = format!("ATLEAST/{n}({})", written.join(", "));
        prop_assert_eq!(found(&query, &text).is_some(), count >= n, "{} in {:?}", query, text);
    }

    #[test]
    fn wildcards_stand_for_what_they_say(pattern in "[ab*?]{0,3}[ab][ab*?]{0,3}", word in "[abc]{1,6}") {
        fn is_meant(pattern: &[u8], word: &[u8]) -> bool {
            match (pattern.first(), word.first()) {
                (None, None) => true,
                (Some(b'*'), _) => (0..=word.len()).any(|skip| is_meant(&pattern[1..], &word[skip..])),
                (Some(b'?'), Some(_)) => is_meant(&pattern[1..], &word[1..]),
                (Some(p), Some(w)) => p == w && is_meant(&pattern[1..], &word[1..]),
                _ => false,
            }
        }
        prop_assert_eq!(found(&pattern, &[&word]).is_some(), is_meant(pattern.as_bytes(), word.as_bytes()));
    }

    #[test]
    fn verbatim_is_found_wherever_it_stands_alone(text in "[aA+ é\u{301}]{0,20}", wanted in "[aA+ é\u{301}]{0,2}[aA+]") {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let more = |c: Option<char>| letter(c) || c == Some('\u{301}');
        let stands = |at: usize| text[at..].starts_with(&wanted) && {
            let (before, behind) = (&text[..at], &text[at + wanted.len()..]);
            let goes_on_before = letter(wanted.chars().next()) && letter(before.chars().next_back());
            let goes_on_behind = more(wanted.chars().next_back()) && more(behind.chars().next());
            !goes_on_before && !goes_on_behind
        };
        let count = text.char_indices().filter(|(at, _)| stands(*at)).count();
        let document = Document::of_text(&text);
        let mut found = Vec::new();
        evaluate(&format!("{{{wanted}}}").parse().unwrap(), &document, &mut found);
        prop_assert_eq!(found.len(), count);
    }
}

/// A text that is one word over and over, and words that nearly fit everywhere: what grows faster than the text would
/// not end before the test is stopped.
#[test]
fn hostile_texts_cost_no_more_than_their_length() {
    let mut text = "a ".repeat(500_000);
    text.push_str("ab b");
    let document = Document::of_text(&text);
    for (query, wanted) in [
        ("a NEAR/100 a", true),
        ("a NEAR/100 ab", true),
        ("a ONEAR/100 a ONEAR/100 a ONEAR/0 b", false),
        ("ab ONEAR/100 a", false),
        ("\"a a* a b\"~100", true),
        ("\"b a a ab b\"~100", false),
        ("\"a a a a a a a a b\"", false),
        ("{a a a a b}", false),
        ("a*b*b*b", false),
        ("ATLEAST/3(a b ab)", true),
    ] {
        let mut found = Vec::new();
        assert_eq!(evaluate(&query.parse().unwrap(), &document, &mut found), wanted, "{query}");
        assert!(found.len() <= 300, "{query}: {}", found.len());
    }
}
