//! A query against an item: whether it matches, and where. The one place that decides; everything before it may only
//! leave out what cannot match.

use crate::document::{Document, Text};
use crate::handle::means;
use crate::query::{Field, Pattern, Query, Term, What, host};
use crate::token::Tokens;
use cm_text::fold;

/// A place that a query matched.
#[derive(Clone, Copy)]
pub struct Found<'d> {
    /// The text that it stands in.
    pub text: &'d Text<'d>,
    /// Its first byte there.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Whether a query matches; the places of everything that it asked for and found are added.
pub fn evaluate<'d>(query: &Query, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    match query {
        Query::Everything => true,
        Query::Term(term) => evaluate_term(term, document, found),
        Query::Not(inner) => !evaluate(inner, document, &mut Vec::new()),
        Query::Or(parts) => {
            let mut any = false;
            for part in parts {
                // Even after one is found: the places of the others are wanted too.
                any |= evaluate(part, document, found);
            }
            any
        }
        Query::And(parts) => {
            let before = found.len();
            let all = parts.iter().all(|part| evaluate(part, document, found));
            if !all {
                found.truncate(before);
            }
            all
        }
    }
}

/// Whether a single term matches.
pub fn evaluate_term<'d>(term: &Term, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    let before = found.len();
    match &term.what {
        What::Name(name) => return is_named(term.field, name, document),
        What::Hashtag(tag) => find_tag(tag, term.field, document, found),
        What::Handle(name) if term.field == Field::From => find_author(name, document, found),
        What::Handle(name) => find_handle(name, document, found),
        What::Words(words) => find_words(words, term.field, document, found),
    }
    found.len() > before
}

fn find_words<'d>(words: &[Pattern], field: Field, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    if field == Field::Links {
        return find_in_links(words, document, found);
    }
    for text in texts_of(field, document) {
        found.extend(phrases(words, text.tokens()).map(|(start, end)| Found { text, start, end }));
    }
}

/// The texts that a field means.
fn texts_of<'d>(field: Field, document: &'d Document<'_>) -> Vec<&'d Text<'d>> {
    let mut texts: Vec<&'d Text<'d>> = Vec::new();
    match field {
        Field::Title => texts.extend(document.title()),
        Field::Summary => texts.extend(document.summary()),
        Field::Text => texts.extend(document.content()),
        Field::Author => texts.extend(document.authors()),
        Field::Url => texts.extend(document.addresses()),
        _ => {
            document.texts().for_each(|text| texts.push(text));
            texts.extend(document.tags());
        }
    }
    texts
}

/// Every place at which the words follow each other, as bytes of the text.
fn phrases(words: &[Pattern], tokens: &Tokens) -> impl Iterator<Item = (usize, usize)> {
    let starts = tokens.iter().enumerate();
    starts.filter(|(_, token)| words.first().is_some_and(|word| word.matches(token))).filter_map(
        |(number, first)| {
            let mut end = first.end;
            for (offset, word) in words.iter().enumerate().skip(1) {
                let position = first.position + offset;
                let mut here = tokens.from(number).skip_while(|token| token.position < position);
                let next = here.find(|token| token.position > position || word.matches(token));
                end = next.filter(|token| token.position == position)?.end;
            }
            Some((first.start, end))
        },
    )
}

/// Links are looked at by their own words; a hit is the whole link.
fn find_in_links<'d>(words: &[Pattern], document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    let meant = |address: &str| phrases(words, &Tokens::of(address)).next().is_some();
    for text in document.texts() {
        let links = text.links().iter().filter(|link| meant(&link.url));
        found.extend(links.map(|link| Found { text, start: link.start, end: link.end }));
    }
    let hidden = document.html_links().iter().filter(|text| meant(&text.text));
    found.extend(hidden.map(|text| Found { text, start: 0, end: text.text.len() }));
}

/// A hashtag in a text, or a whole tag of the item; `tag:` looks only at those.
fn find_tag<'d>(tag: &Pattern, field: Field, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    if field != Field::Tag {
        for text in document.texts() {
            let hashtags = text.tokens().iter().filter(|token| tag.matches(token));
            found.extend(hashtags.filter_map(|t| Some(Found { text, start: t.hash?, end: t.end })));
        }
    }
    let tags = document.tags().iter().filter(|text| tag.is(&whole_tag(text.tokens(), tag.keep_diacritics)));
    found.extend(tags.map(|text| Found { text, start: 0, end: text.text.len() }));
}

/// A tag as a hashtag would write it: `Specialty Coffee` is `specialtycoffee`.
pub fn whole_tag(tokens: &Tokens, keep_diacritics: bool) -> String {
    let mut whole = String::new();
    let mut position = None;
    for token in tokens.iter().filter(|token| position.replace(token.position) != Some(token.position)) {
        whole.push_str(token.folded(keep_diacritics));
    }
    whole
}

fn find_handle<'d>(name: &Pattern, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    for text in document.texts() {
        let handles = text.handles().iter().filter(|handle| means(name, &handle.name));
        found.extend(handles.map(|handle| Found { text, start: handle.start, end: handle.end }));
    }
}

fn find_author<'d>(name: &Pattern, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    let handle = |text: &str| fold(text.trim_start_matches('@'), true);
    let authors = document.author_handles().iter().filter(|text| means(name, &handle(&text.text)));
    found.extend(authors.map(|text| Found { text, start: 0, end: text.text.len() }));
}

/// Names are compared whole: what an item is, not what it says. They give no places.
fn is_named(field: Field, name: &Pattern, document: &Document) -> bool {
    let is = |text: &str| name.is(&fold(text, true));
    let is_or_begins = |text: &str, joint: char| {
        let text = fold(text, true);
        name.is(&text) || text.strip_prefix(&name.text).is_some_and(|rest| rest.starts_with(joint))
    };
    match field {
        Field::Site => document.address().is_some_and(|address| is_site(name, &fold(host(&address), true))),
        Field::Lang => document.language().is_some_and(|lang| is_or_begins(&lang.replace('_', "-"), '-')),
        Field::Kind => document.meta().kind.as_deref().is_some_and(is),
        Field::Source => document.meta().source.as_deref().is_some_and(|source| is_or_begins(source, ':')),
        _ => false,
    }
}

/// The host itself or one below it.
fn is_site(name: &Pattern, host: &str) -> bool {
    name.is(host) || host.strip_suffix(&name.text).is_some_and(|below| below.ends_with('.'))
}
