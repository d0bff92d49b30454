//! `--sentiment`: a hint at how an English text is meant, from a list of words with weights. In: a document. Out: a
//! label, a score and the words that decided; nothing where the text is not known to be English. Never used for a score
//! or to leave anything out: such lists are right in about 70 of 100 (docs/searches.md says who measured what).

mod lexicon;
mod rules;

pub use lexicon::Lexicon;

use crate::document::Document;
use crate::language::guess;
use crate::sentence::sentences;
use cm_record::{SentimentHint, SentimentWord};
use rules::{Weighed, weigh};

/// So far from 0 a score is no longer neutral (VADER's own threshold).
const NEUTRAL: f64 = 0.05;
/// So many words are named, those that count for most.
const NAMED: usize = 20;

/// The hint on an item: the mean over those of its sentences that hold a word with a weight.
pub fn sentiment(document: &Document, lexicon: &Lexicon) -> Option<SentimentHint> {
    if !is_english(document) {
        return None;
    }
    let body = document.content().filter(|text| !text.text.trim().is_empty()).or(document.summary());
    let (mut words, mut sum, mut count) = (Vec::new(), 0.0, 0_u32);
    for text in [document.title(), body].into_iter().flatten() {
        for sentence in sentences(&text.text) {
            let (weighed, score) = weigh(&sentence, lexicon);
            if !weighed.is_empty() {
                words.extend(weighed);
                sum += score;
                count += 1;
            }
        }
    }
    let score = if count == 0 { 0.0 } else { sum / f64::from(count) };
    Some(SentimentHint { label: label(score).to_owned(), score: hundredths(score), words: named(words) })
}

/// Whether the record says so, or where it names no language, whether the text seems to be.
fn is_english(document: &Document) -> bool {
    let named = document.language().map(|language| language.trim().to_lowercase());
    match named.filter(|language| !language.is_empty()) {
        Some(language) => language == "en" || language.starts_with("en-") || language.starts_with("en_"),
        None => guess(document).is_some_and(|guess| guess.code == "en"),
    }
}

fn label(score: f64) -> &'static str {
    if score >= NEUTRAL {
        "positive"
    } else if score <= -NEUTRAL {
        "negative"
    } else {
        "neutral"
    }
}

/// The heaviest words, in the order of the text.
fn named(words: Vec<Weighed>) -> Vec<SentimentWord> {
    let mut order: Vec<usize> = (0..words.len()).collect();
    order.sort_by(|a, b| words[*b].weight.abs().total_cmp(&words[*a].weight.abs()));
    order.truncate(NAMED);
    order.sort_unstable();
    let word =
        |at: usize| SentimentWord { word: words[at].word.clone(), weight: hundredths(words[at].weight) };
    order.into_iter().map(word).collect()
}

fn hundredths(number: f64) -> f64 {
    // Adding 0 makes no -0 of what rounds to nothing.
    (number * 100.0).round() / 100.0 + 0.0
}
