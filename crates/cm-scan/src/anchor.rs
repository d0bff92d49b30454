//! Words without which a query cannot match: what lets many searches be passed over without a look.

use crate::document::Document;
use crate::evaluate::whole_tag;
use crate::query::{Field, Pattern, Query, Term, What};
use std::borrow::Cow;
use std::collections::HashSet;

/// A word of the vocabulary that has to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// This one.
    Word(String),
    /// One that begins so.
    Prefix(String),
}

/// Anchors of which every matching item has at least one; `None` for a query that can match without any (only NOT, or
/// what stands outside the vocabulary).
pub fn anchors(query: &Query) -> Option<Vec<Anchor>> {
    match query {
        Query::Everything | Query::Not(_) => None,
        Query::Term(term) => anchor(term).map(|anchor| vec![anchor]),
        Query::And(parts) => parts.iter().filter_map(anchors).min_by_key(Vec::len),
        Query::Or(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(anchors).collect();
            parts.map(|parts| parts.concat())
        }
    }
}

fn anchor(term: &Term) -> Option<Anchor> {
    let in_vocabulary =
        matches!(term.field, Field::Any | Field::Title | Field::Summary | Field::Text | Field::Tag);
    match &term.what {
        // The longest is likely to be the rarest, and a whole word is rarer than a beginning.
        What::Words(words) if in_vocabulary => {
            words.iter().max_by_key(|word| (!word.prefix, word.bare.len())).and_then(word)
        }
        What::Hashtag(tag) => word(tag),
        What::Handle(name) if in_vocabulary && name.prefix => Some(Anchor::Prefix(format!("@{}", name.text))),
        What::Handle(name) if in_vocabulary => Some(Anchor::Word(format!("@{}", name.text))),
        _ => None,
    }
}

fn word(pattern: &Pattern) -> Option<Anchor> {
    match (pattern.prefix, pattern.keep_diacritics) {
        (false, _) => Some(Anchor::Word(pattern.bare.clone())),
        (true, false) => Some(Anchor::Prefix(pattern.bare.clone())),
        // Whether what begins with marks also begins without them is not worth a proof.
        (true, true) => None,
    }
}

/// What anchors are looked for among: the folded words and whole tags, and the handles with their `@`.
pub fn vocabulary<'d>(document: &'d Document<'_>) -> HashSet<Cow<'d, str>> {
    let texts = document.texts().chain(document.tags());
    let mut words: HashSet<_> =
        texts.flat_map(|text| text.tokens().iter()).map(|token| token.bare.into()).collect();
    words.extend(document.tags().iter().map(|tag| whole_tag(tag.tokens(), false).into()));
    for handle in document.texts().flat_map(|text| text.handles()) {
        let local = handle.name.split_once('@').map(|(local, _)| format!("@{local}").into());
        words.extend(local.into_iter().chain([format!("@{}", handle.name).into()]));
    }
    words
}
