//! The readers by themselves, for fuzz targets and measurements: no sources, no network, no state.

use crate::feed::{Document, read};
use crate::ids::{Name, identify};
use crate::item::{Origin, record};
use cm_record::Record;
use std::collections::HashSet;

/// Reads a document as a feed and makes the record of each entry; none when it is no feed.
pub fn feed(bytes: &[u8], charset: Option<&str>) -> Vec<Record> {
    let address = "https://feed.invalid/";
    let document =
        Document { bytes: bytes.to_vec(), charset: charset.map(str::to_owned), base: address.parse().ok() };
    let Ok(feed) = read(&document) else { return Vec::new() };
    let origin = Origin {
        source: address.to_owned(),
        from: address.to_owned(),
        etag: None,
        tags: Vec::new(),
        ids: Default::default(),
        kind: None,
        at: chrono::DateTime::UNIX_EPOCH,
    };
    let names: Vec<Name<'_>> = feed.entries.iter().map(Name::of).collect();
    let ids = identify(address, &names, &HashSet::new(), origin.ids);
    let entries = feed.entries.iter().zip(&ids);
    entries
        .filter_map(|(entry, identity)| record(entry, &identity.id, &feed.head, &origin, &[]).ok())
        .collect()
}

/// How many sources an OPML document names, and how many of them can be read.
pub fn opml(text: &str) -> (usize, usize) {
    let (rows, _) = crate::opml::rows(text);
    (rows.len(), rows.iter().filter(|(_, row)| row.is_ok()).count())
}

/// Reads a date as feeds write them, as RFC 3339 in UTC.
pub fn date(text: &str) -> Option<String> {
    crate::dates::parse(text).map(cm_time::rfc3339)
}

/// Decodes a document; the charset is that of its Content-Type.
pub fn text(bytes: &[u8], charset: Option<&str>) -> String {
    crate::repair::decode(bytes, charset)
}

/// Renders HTML as plain text.
pub fn html(html: &str, with_links: bool) -> String {
    cm_text::html_to_text(html, with_links)
}

/// The title of a page in any charset.
pub fn title(bytes: &[u8]) -> Option<String> {
    cm_text::page_title(&cm_text::decode_page(bytes, None))
}

/// Where the feeds of a page may be.
pub fn page(html: &str) -> Vec<String> {
    let Ok(page) = url::Url::parse("https://page.invalid/") else { return Vec::new() };
    crate::discovery::offers(html, &page).into_iter().map(|offer| offer.url.into()).collect()
}
