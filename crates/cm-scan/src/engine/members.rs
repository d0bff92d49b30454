//! The members of an item that searches look at, as they are written in its line.

use super::atoms::atoms;
use super::beginnings::Beginnings;
use super::focus::Part;
use super::program::Wanted;
use super::scan::{Listener, scan, scan_hashtags};
use super::terms::Terms;
use crate::document::{Document, Text, text_with_links};
use crate::hashtag::whole_tag;
use crate::token::Tokens;
use cm_record::{Checked, decode_text};
use cm_text::html_to_text;
use memchr::{memchr, memchr_iter, memchr2};
use std::borrow::Cow;

/// The values of the members, raw JSON; of those that are not there, none.
#[derive(Clone, Copy, Default)]
pub struct Members<'a> {
    /// `title`
    pub title: Option<&'a str>,
    /// `summary`
    pub summary: Option<&'a str>,
    /// `content_text`
    pub content_text: Option<&'a str>,
    /// `content_html`
    pub content_html: Option<&'a str>,
    /// `tags`
    pub tags: Option<&'a str>,
    /// `authors`
    pub authors: Option<&'a str>,
    /// `url`, `external_url` and `id`
    pub addresses: [Option<&'a str>; 3],
    /// `_cm`
    pub cm: Option<&'a str>,
}

impl<'a> Members<'a> {
    /// Those of a record.
    pub fn of(record: Checked<'a>) -> Members<'a> {
        let mut found = Members::default();
        for member in record.members() {
            let name = record.line().as_bytes().get(member.name.clone()).unwrap_or_default();
            // The length tells most of them apart.
            let place = match (name.len(), name) {
                (2, b"id") => &mut found.addresses[2],
                (3, b"_cm") => &mut found.cm,
                (3, b"url") => &mut found.addresses[0],
                (4, b"tags") => &mut found.tags,
                (5, b"title") => &mut found.title,
                (7, b"authors") => &mut found.authors,
                (7, b"summary") => &mut found.summary,
                (12, b"content_html") => &mut found.content_html,
                (12, b"content_text") => &mut found.content_text,
                (12, b"external_url") => &mut found.addresses[1],
                _ if name.contains(&b'\\') => return Members::of_escaped(record),
                _ => continue,
            };
            *place = record.line().get(member.value.clone());
        }
        found
    }

    /// Those of a record of whose members one has a name that is not written plainly.
    #[cold]
    fn of_escaped(record: Checked<'a>) -> Members<'a> {
        Members {
            title: record.raw("title"),
            summary: record.raw("summary"),
            content_text: record.raw("content_text"),
            content_html: record.raw("content_html"),
            tags: record.raw("tags"),
            authors: record.raw("authors"),
            addresses: [record.raw("url"), record.raw("external_url"), record.raw("id")],
            cm: record.raw("_cm"),
        }
    }
}

/// Tells the atoms of everything that is wanted of an item. Gives the text of its HTML where that stands for its content
/// and had to be made: not where its source shows that nothing that is looked for is in it.
pub(super) fn scan_members(
    members: &Members,
    wanted: Wanted,
    terms: &Terms,
    listener: &mut impl Listener,
) -> Option<String> {
    let (beginnings, mut made) = (terms.beginnings(), None);
    if wanted.texts {
        let texts = [
            (Part::Title, members.title),
            (Part::Summary, members.summary),
            (Part::Content, members.content_text),
        ];
        for (part, value) in texts {
            if let Some(text) = value.and_then(inside) {
                inner(part, text, wanted.whole_tags, beginnings, listener);
            }
        }
        if let Some(html) = members.content_html.and_then(inside)
            && members.content_text.and_then(inside).is_none_or(is_blank)
            && (wanted.whole_tags || terms.glimpse().may_be_in(html))
        {
            let text = html_to_text(&decode_text(html), false);
            listener.text(Part::Content, false);
            scan(&text, false, beginnings, listener);
            if wanted.whole_tags {
                scan_hashtags(&text, false, listener);
            }
            made = Some(text);
        }
        let mut number = 0..;
        strings(members.tags, |tag| {
            let part = number.next().map_or(Part::Other, Part::Tag);
            inner(part, tag, false, beginnings, listener);
            if wanted.whole_tags {
                whole(&decode_text(tag), listener);
            }
        });
    }
    if wanted.authors {
        strings(members.authors, |value| inner(Part::Other, value, false, beginnings, listener));
    }
    if wanted.addresses {
        members.addresses.into_iter().flatten().for_each(|value| string(value, beginnings, listener));
    }
    if wanted.html_links
        && let Some(html) = members.content_html.and_then(inside)
    {
        listener.text(Part::Other, false);
        scan(&text_with_links(&decode_text(html)), false, beginnings, listener);
    }
    made
}

/// Tells the atoms of everything that is wanted of a document that was read.
pub(super) fn scan_document(
    document: &Document,
    wanted: Wanted,
    beginnings: &Beginnings,
    listener: &mut impl Listener,
) {
    let mut text = |text: &Text| scan(&text.text, false, beginnings, listener);
    if wanted.texts {
        document.texts().for_each(&mut text);
        document.tags().iter().for_each(&mut text);
    }
    if wanted.authors {
        document.authors().iter().for_each(&mut text);
    }
    if wanted.addresses {
        document.addresses().iter().for_each(&mut text);
        if let Some(address) = document.address() {
            scan(&address, false, beginnings, listener);
        }
    }
    if wanted.html_links {
        document.html_links().iter().for_each(|text| scan(&text.text, false, beginnings, listener));
    }
    if wanted.whole_tags {
        document.tags().iter().for_each(|tag| whole(&tag.text, listener));
        document.texts().for_each(|text| scan_hashtags(&text.text, false, listener));
    }
}

/// A string, decoded; half a surrogate pair is U+FFFD.
pub fn text<'a>(value: Option<&'a str>) -> Option<Cow<'a, str>> {
    value.and_then(inside).map(decode_text)
}

/// What stands between the quotes of a string.
fn inside(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

fn string(value: &str, beginnings: &Beginnings, listener: &mut impl Listener) {
    if let Some(text) = inside(value) {
        inner(Part::Other, text, false, beginnings, listener);
    }
}

/// The inside of a string as written. Escapes part words, but those by number may be letters.
fn inner(part: Part, text: &str, hashtags: bool, beginnings: &Beginnings, listener: &mut impl Listener) {
    let escaped = memchr(b'\\', text.as_bytes());
    let bytes = text.as_bytes();
    let by_number =
        |first: usize| memchr_iter(b'\\', &bytes[first..]).any(|at| bytes.get(first + at + 1) == Some(&b'u'));
    let by_number = escaped.is_some_and(by_number);
    let text = if by_number { decode_text(text) } else { Cow::Borrowed(text) };
    let escaped = escaped.is_some() && !by_number;
    listener.text(part, escaped);
    scan(&text, escaped, beginnings, listener);
    if hashtags {
        scan_hashtags(&text, escaped, listener);
    }
}

fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(first) if first.is_ascii_alphanumeric() => false,
        _ => decode_text(text).trim().is_empty(),
    }
}

/// Every string in a value, whatever it is, names too.
fn strings<'a>(value: Option<&'a str>, mut each: impl FnMut(&'a str)) {
    let Some(value) = value else { return };
    let bytes = value.as_bytes();
    let mut at = 0;
    while let Some(open) = memchr(b'"', &bytes[at..]) {
        let start = at + open + 1;
        let mut end = start;
        while let Some(found) = memchr2(b'"', b'\\', &bytes[end..]) {
            end += found;
            if bytes[end] == b'"' {
                break;
            }
            end = (end + 2).min(bytes.len());
        }
        each(value.get(start..end).unwrap_or_default());
        at = (end + 1).min(bytes.len());
    }
}

/// A tag as a hashtag writes it: `Specialty Coffee` is `specialtycoffee`.
fn whole(tag: &str, listener: &mut impl Listener) {
    let bytes = tag.as_bytes();
    if bytes.iter().all(u8::is_ascii_alphanumeric) {
        return;
    }
    let whole: Cow<str> =
        if bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-')) {
            tag.replace([' ', '-'], "").into()
        } else {
            whole_tag(&Tokens::of(tag), false).into()
        };
    atoms(&whole).for_each(|atom| listener.atom(atom.as_bytes()));
}
