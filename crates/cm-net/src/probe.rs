//! Parsers of headers and of shorteners' answers, and what takes codings off, by themselves, for fuzz targets.

use crate::coding::{Limit, decode, layers};
use crate::shorteners::{self, Short};
use crate::spill::Budget;

/// The target of the first link of a relation in a `Link` header (RFC 8288).
pub fn link<'v>(value: &'v str, relation: &str) -> Option<&'v str> {
    crate::services::links::target(value, relation)
}

/// A body of at most so many bytes without the codings of a `Content-Encoding` header; none where they are damaged, unknown
/// or hide more. `lenient`: what comes before the damage.
pub fn plain(body: &[u8], codings: &str, bytes: usize, lenient: bool) -> Option<Vec<u8>> {
    let layers = layers(codings, "").ok()?;
    let plain = decode(body.to_vec().into(), &layers, Limit { bytes, lenient }, &Budget::new(1 << 20), "");
    plain.ok()?.into_bytes().ok()
}

/// The link that an answer of a shortener tells of, where it tells of one that may be shown; `which` chooses the service.
pub fn short_link(body: &[u8], which: usize) -> Option<Short> {
    shorteners::read(which, &serde_json::from_slice(body).ok()?).ok()
}
