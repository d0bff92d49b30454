//! Parsers of headers by themselves, for fuzz targets.

/// The target of the first link of a relation in a `Link` header (RFC 8288).
pub fn link<'v>(value: &'v str, relation: &str) -> Option<&'v str> {
    crate::services::links::target(value, relation)
}
