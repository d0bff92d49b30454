//! Words without which a query cannot match: what lets many searches be passed over without a look.

use crate::document::Document;
use crate::evaluate::whole_tag;
use crate::query::{Field, Pattern, Query, Term, What};
use std::borrow::Cow;
use std::collections::HashSet;

/// Folded words of which every matching item has at least one; `None` for a query that can match without any (only
/// NOT, prefixes, names of things outside the texts).
pub fn anchors(query: &Query) -> Option<Vec<&str>> {
    match query {
        Query::Everything | Query::Not(_) => None,
        Query::Term(term) => anchor(term).map(|word| vec![word]),
        Query::And(parts) => parts.iter().filter_map(anchors).min_by_key(Vec::len),
        Query::Or(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(anchors).collect();
            parts.map(|parts| parts.concat())
        }
    }
}

/// The longest whole word: it is likely to be the rarest.
fn anchor(term: &Term) -> Option<&str> {
    let in_texts =
        matches!(term.field, Field::Any | Field::Title | Field::Summary | Field::Text | Field::Tag);
    let words: &[Pattern] = match &term.what {
        What::Words(words) if in_texts => words,
        What::Hashtag(tag) => std::slice::from_ref(tag),
        _ => &[],
    };
    words.iter().filter(|word| !word.prefix).map(|word| word.bare.as_str()).max_by_key(|word| word.len())
}

/// The folded words that anchors are looked for among.
pub fn vocabulary<'d>(document: &'d Document<'_>) -> HashSet<Cow<'d, str>> {
    let texts = document.texts().chain(document.tags());
    let mut words: HashSet<_> =
        texts.flat_map(|text| text.tokens().iter()).map(|token| token.bare.into()).collect();
    words.extend(document.tags().iter().map(|tag| whole_tag(tag.tokens(), false).into()));
    words
}
