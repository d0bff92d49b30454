//! Words, and phrases: words right after each other.

use super::{Found, Spans, stretches};
use crate::document::Document;
use crate::query::Pattern;
use crate::token::{Token, Tokens};
use std::ops::ControlFlow;

/// Calls with every place at which the words follow each other; one that is heard in two ways (`l'eau`) is still one place:
/// where the whole fits, the whole.
pub(super) fn each_phrase(words: &[Pattern], tokens: &Tokens, spans: Spans) -> ControlFlow<()> {
    let Some((first, rest)) = words.split_first() else { return ControlFlow::Continue(()) };
    let mut told = None;
    let mut try_at = |number: usize, token: Token| {
        if first.matches(&token)
            && told != Some(token.position)
            && let Some(end) = end_of(rest, tokens, number, token.position, token.end)
        {
            told = Some(token.position);
            return spans(token.start, end);
        }
        ControlFlow::Continue(())
    };
    if first.is_whole() && !first.keep_diacritics {
        return tokens.like(&first.text).try_for_each(|(number, token)| try_at(number, token));
    }
    tokens.iter().enumerate().try_for_each(|(number, token)| try_at(number, token))
}

/// Where the rest of a phrase ends whose first word is a token of this number.
fn end_of(
    rest: &[Pattern],
    tokens: &Tokens,
    number: usize,
    position: usize,
    first_end: usize,
) -> Option<usize> {
    if rest.is_empty() {
        return Some(first_end);
    }
    let mut end = first_end;
    let mut tokens = tokens.from(number + 1).peekable();
    for (wanted, word) in (position + 1..).zip(rest) {
        while tokens.next_if(|token| token.position < wanted).is_some() {}
        let mut found = None;
        while let Some(token) = tokens.next_if(|token| token.position == wanted) {
            if found.is_none() && word.matches(&token) {
                found = Some(token.end);
            }
        }
        end = found?;
    }
    Some(end)
}

/// Links are looked at by their own words; a hit is the whole link.
pub(super) fn find_in_links<'d>(
    words: &[Pattern],
    slop: Option<usize>,
    document: &'d Document<'_>,
    found: &mut Vec<Found<'d>>,
) {
    let meant = |address: &str| {
        let tokens = Tokens::of(address);
        let any: Spans = &mut |_, _| ControlFlow::Break(());
        match slop {
            None => each_phrase(words, &tokens, any).is_break(),
            Some(slop) => stretches::each(words, slop, &tokens, any).is_break(),
        }
    };
    for text in document.texts() {
        let links = text.links().iter().filter(|link| meant(&link.url));
        found.extend(links.map(|link| Found { text, start: link.start, end: link.end }));
    }
    let hidden = document.html_links().iter().filter(|text| meant(&text.text));
    found.extend(hidden.map(|text| Found { text, start: 0, end: text.text.len() }));
}
