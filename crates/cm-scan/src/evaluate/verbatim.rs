//! Verbatim texts: these very characters, where no letter, digit or mark goes on at either end.

use super::Spans;
use crate::document::Text;
use cm_text::{Link, is_mark};
use memchr::memmem;
use std::ops::ControlFlow;

/// Calls with every place of a text that says this, those that overlap included; none that touches a link.
pub(super) fn each(wanted: &str, text: &Text, spans: Spans) -> ControlFlow<()> {
    let whole = &*text.text;
    let finder = memmem::Finder::new(wanted);
    let mut from = 0;
    let mut links = text.links();
    while let Some(found) = whole.get(from..).and_then(|rest| finder.find(rest.as_bytes())) {
        let (start, end) = (from + found, from + found + wanted.len());
        from = start + wanted.chars().next().map_or(1, char::len_utf8);
        while let [first, rest @ ..] = links
            && first.end <= start
        {
            links = rest;
        }
        if stands_alone(wanted, whole, start, end) && !touches(links, end) {
            spans(start, end)?;
        }
    }
    ControlFlow::Continue(())
}

/// Whether the first link that ends behind the beginning of a place begins before its end.
fn touches(links: &[Link], end: usize) -> bool {
    links.first().is_some_and(|link| link.start < end)
}

fn stands_alone(wanted: &str, whole: &str, start: usize, end: usize) -> bool {
    let goes_on_before =
        wanted.starts_with(char::is_alphanumeric) && whole[..start].ends_with(char::is_alphanumeric);
    // Marks count, also those that stand behind their letter as characters of their own.
    let goes_on = |c: char| c.is_alphanumeric() || is_mark(c);
    let goes_on_behind = wanted.ends_with(goes_on) && whole[end..].starts_with(goes_on);
    !goes_on_before && !goes_on_behind
}
