//! The sentences of a search: what must match and what must not, and whether they prove anything.

use crate::document::Document;
use crate::evaluate::evaluate;
use crate::explain::{View, why_not};
use crate::query::{Pattern, Query, What};
use crate::searches::{Refusal, Search, Sentence};
use crate::token::Tokens;
use cm_record::Record;

/// The most clauses that are named.
const NAMED: usize = 3;
/// A word that begins like one that is looked for is a fair test of it.
const BEGINNING: usize = 3;

/// The sentences that do not do as they must, each with the reason.
pub(super) fn failures(search: Search, query: &Query) -> Vec<String> {
    let (must_match, must_miss) = search.sentences();
    let missed = must_match.iter().filter_map(|sentence| missed(search, query, sentence));
    missed.chain(must_miss.iter().filter_map(|sentence| caught(search, query, sentence))).collect()
}

fn missed(search: Search, query: &Query, sentence: &Sentence) -> Option<String> {
    let Some(record) = sentence.record() else {
        return Some(format!("{} is no item", sentence.shown()));
    };
    let document = Document::of(&record);
    let why = match refusal(search, &record, &document) {
        Some(refusal) => refusal.shown().to_owned(),
        None if evaluate(query, &document, &mut Vec::new()) => return None,
        None => why_not(query, View { document: &document, zone: search.all().zone() }),
    };
    Some(format!("misses {}: {why}", sentence.shown()))
}

fn caught(search: Search, query: &Query, sentence: &Sentence) -> Option<String> {
    let record = sentence.record()?;
    let document = Document::of(&record);
    let matches =
        refusal(search, &record, &document).is_none() && evaluate(query, &document, &mut Vec::new());
    matches.then(|| format!("matches {}: {}", sentence.shown(), why(query, &document)))
}

/// Why a search does not look at a sentence; one that names no source is taken to come from one of its own.
fn refusal(search: Search, record: &Record, document: &Document) -> Option<Refusal> {
    let refusal = search.limits()?.refuse(document)?;
    let named = record.meta().is_ok_and(|meta| meta.source.is_some());
    (refusal == Refusal::Language || named).then_some(refusal)
}

/// The clauses that make a query match.
fn why(query: &Query, document: &Document) -> String {
    let mut found = Vec::new();
    collect(query, document, &mut found);
    found.truncate(NAMED);
    match found.is_empty() {
        true => "nothing that rules it out is there".to_owned(),
        false => found.join(", "),
    }
}

fn collect(query: &Query, document: &Document, found: &mut Vec<String>) {
    let holds = |part: &&Query| evaluate(part, document, &mut Vec::new());
    match query {
        Query::And(parts) => parts.iter().for_each(|part| collect(part, document, found)),
        Query::Or(parts) => {
            parts.iter().filter(holds).take(1).for_each(|part| collect(part, document, found))
        }
        Query::AtLeast(n, parts) => {
            parts.iter().filter(holds).take(*n).for_each(|part| collect(part, document, found));
        }
        Query::Term(_) | Query::Near(_) => found.push(format!("{query} is there")),
        Query::Everything | Query::Not(_) => {}
    }
}

/// Warnings about sentences.
pub(super) fn warnings(search: Search, query: &Query) -> Vec<String> {
    let (must_match, must_miss) = search.sentences();
    let mut warnings = Vec::new();
    match (must_match.is_empty(), must_miss.is_empty()) {
        (true, true) => warnings.push("carries no sentences: add must_match and must_miss".to_owned()),
        (true, false) => warnings.push("carries no sentence that it must match".to_owned()),
        _ => {}
    }
    let both = must_match.iter().filter(|sentence| must_miss.contains(sentence));
    warnings.extend(
        both.map(|both| format!("the sentence {} stands in must_match and in must_miss", both.shown())),
    );
    let wanted = wanted(query);
    let idle = must_miss.iter().filter(|sentence| proves_nothing(sentence, &wanted));
    warnings.extend(idle.map(|sentence| {
        format!(
            "must_miss {} proves nothing: it holds none of the words that are looked for",
            sentence.shown()
        )
    }));
    warnings
}

/// The words that are looked for; `None` where something else is, which a text may show in other ways.
fn wanted(query: &Query) -> Option<Vec<&Pattern>> {
    let mut wanted = Vec::new();
    for (term, _) in query.terms().into_iter().filter(|(_, negative)| !negative) {
        match &term.what {
            What::Words { patterns, .. } => wanted.extend(patterns),
            What::Hashtag(pattern) | What::Handle(pattern) => wanted.push(pattern),
            What::Name(_) | What::Verbatim(_) | What::Date(_) => return None,
        }
    }
    (!wanted.is_empty()).then_some(wanted)
}

/// A text without a word that is looked for, and without one that begins like it: any search would miss it.
fn proves_nothing(sentence: &Sentence, wanted: &Option<Vec<&Pattern>>) -> bool {
    let (Sentence::Text(text), Some(wanted)) = (sentence, wanted) else { return false };
    let tokens = Tokens::of(text);
    let alike = |bare: &str, pattern: &Pattern| {
        let beginning: String = pattern.bare().chars().take(BEGINNING).collect();
        beginning.chars().count() == BEGINNING && bare.starts_with(&beginning)
    };
    !tokens
        .iter()
        .any(|token| wanted.iter().any(|pattern| pattern.matches(&token) || alike(token.bare, pattern)))
}
