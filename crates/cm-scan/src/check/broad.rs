//! Searches that match nearly every item, or that have to be tried on every item.

use crate::engine::always_tried;
use crate::query::{Field, Pattern, Query, Term, What};

/// Words that most texts of their language hold, without accents.
const STOP_WORDS: [&str; 60] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "i", "in", "is", "it", "of", "on", "or", "that",
    "the", "this", "to", "was", "with", "you", "der", "die", "das", "den", "und", "ist", "ein", "eine",
    "ich", "nicht", "zu", "mit", "von", "le", "la", "les", "un", "une", "et", "est", "des", "du", "de",
    "que", "pour", "pas", "el", "los", "las", "una", "y", "es", "en", "por", "con", "para", "no",
];

/// Why a search matches nearly everything.
pub(super) fn matches_nearly_all(query: &Query) -> Option<String> {
    let reason = if only_negative(query) {
        "it only says what must not be there".to_owned()
    } else {
        nearly_all(query)?
    };
    Some(format!("matches nearly everything: {reason}"))
}

fn only_negative(query: &Query) -> bool {
    match query {
        Query::Not(inner) => **inner != Query::Everything,
        Query::And(parts) => parts.iter().all(only_negative),
        _ => false,
    }
}

fn nearly_all(query: &Query) -> Option<String> {
    match query {
        Query::Everything => Some("* is every item".to_owned()),
        Query::Not(inner) if **inner == Query::Everything => None,
        Query::Not(_) => Some(format!("{query} only says what must not be there")),
        Query::Term(term) => in_most_texts(term),
        Query::Near(_) => None,
        Query::And(parts) => {
            let reasons: Option<Vec<String>> = parts.iter().map(nearly_all).collect();
            reasons.and_then(|reasons| reasons.into_iter().next())
        }
        Query::Or(parts) => parts.iter().find_map(nearly_all),
        Query::AtLeast(n, items) => {
            let reasons: Vec<String> = items.iter().filter_map(nearly_all).collect();
            if reasons.len() < *n { None } else { reasons.into_iter().next() }
        }
    }
}

/// A word that most texts hold, or a beginning that one of their words has.
fn in_most_texts(term: &Term) -> Option<String> {
    let running = matches!(term.field, Field::Any | Field::Text);
    match &term.what {
        What::Words { patterns, .. } if running && patterns.iter().all(is_short) => {
            Some(format!("most texts hold a word like {term}"))
        }
        What::Words { patterns, .. }
            if running && matches!(patterns.as_slice(), [only] if is_stop_word(only)) =>
        {
            Some(format!("most texts hold {term}"))
        }
        _ => None,
    }
}

/// A wildcard and next to nothing else.
fn is_short(pattern: &Pattern) -> bool {
    !pattern.is_whole() && pattern.letters() < 2
}

fn is_stop_word(pattern: &Pattern) -> bool {
    pattern.is_whole() && STOP_WORDS.contains(&pattern.bare())
}

/// Why a search has to be tried on every item.
pub(super) fn without_anchor(query: &Query) -> Option<String> {
    if !always_tried(query) {
        return None;
    }
    let clause = culprit(query);
    let why = match clause {
        Query::Not(_) => "only says what must not be there",
        Query::Term(term) if begins_with_wildcard(term) => "begins with a wildcard",
        Query::Term(_) => "names no word of a text",
        _ => "asks for no certain word",
    };
    Some(format!("is tried on every item: {clause} {why}; add a word that must be there too"))
}

/// The innermost clause to blame.
fn culprit(query: &Query) -> &Query {
    let inner = match query {
        Query::And(parts) => {
            let positive = parts.iter().find(|part| !matches!(part, Query::Not(_)));
            positive.or(parts.first())
        }
        Query::Or(parts) | Query::AtLeast(_, parts) => parts.iter().find(|part| always_tried(part)),
        _ => None,
    };
    inner.map_or(query, culprit)
}

/// `*roast`
pub(super) fn begins_with_wildcard(term: &Term) -> bool {
    match &term.what {
        What::Words { patterns, .. } => patterns.iter().any(|pattern| pattern.text.is_empty()),
        What::Hashtag(pattern) => pattern.text.is_empty(),
        _ => false,
    }
}
