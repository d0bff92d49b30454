//! Hashtags and handles.

use super::{Found, Spans};
use crate::document::{Document, Text};
use crate::handle::means;
use crate::hashtag::whole_tag;
use crate::query::Pattern;
use cm_text::fold;
use std::ops::ControlFlow;

/// Calls with the hashtags of a running text, or with a whole tag of the item.
pub(super) fn each_hashtag(tag: &Pattern, text: &Text, document: &Document, spans: Spans) -> ControlFlow<()> {
    if !text.is_running() {
        let is_meant = tag.is(&whole_tag(text.tokens(), tag.keep_diacritics));
        return if is_meant { spans(0, text.text.len()) } else { ControlFlow::Continue(()) };
    }
    let mut meant = document.hashtags(text).iter().filter(|found| tag.is(found.folded(tag.keep_diacritics)));
    meant.try_for_each(|found| spans(found.start, found.end))
}

/// Calls with the mentions of an account in a running text.
pub(super) fn each_handle(name: &Pattern, text: &Text, spans: Spans) -> ControlFlow<()> {
    let mut meant = text.handles().iter().filter(|handle| means(name, &handle.name));
    meant.try_for_each(|handle| spans(handle.start, handle.end))
}

/// The authors of a handle.
pub(super) fn find_authors<'d>(name: &Pattern, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    let handle = |text: &str| fold(text.trim_start_matches('@'), true);
    let authors = document.author_handles().filter(|text| means(name, &handle(&text.text)));
    found.extend(authors.map(|text| Found { text, start: 0, end: text.text.len() }));
}
