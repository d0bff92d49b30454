//! Places as records say them: code points of the member's text, with a little of what stands around.

use crate::evaluate::Found;
use cm_record::Hit;
use cm_text::CodePoints;

/// How many code points stand around a hit.
const AROUND: usize = 12;
/// The most hits of one search in one item: a reader needs no more, and a record has to stay small.
const MOST: usize = 100;

/// The places of a search in an item, in reading order, each once. Places that cannot be counted (in HTML) are left out.
pub fn hits(mut found: Vec<Found>) -> Vec<Hit> {
    found.retain(|place| place.text.located);
    found.sort_by_key(order);
    found.dedup_by_key(|place| order(place));
    found.truncate(MOST);
    let texts = found.chunk_by(|a, b| std::ptr::eq(a.text, b.text));
    texts.flat_map(in_one_text).collect()
}

/// Title first, then the order in which the values stand, then the place.
fn order(place: &Found) -> (usize, usize, usize, usize) {
    const FIELDS: [&str; 5] = ["title", "summary", "content_text", "tags", "authors"];
    let field = FIELDS.iter().position(|field| *field == place.text.field).unwrap_or(FIELDS.len());
    (field, std::ptr::from_ref(place.text).addr(), place.start, place.end)
}

fn in_one_text(places: &[Found]) -> Vec<Hit> {
    let Some(text) = places.first().map(|place| place.text) else { return Vec::new() };
    let mut code_points = CodePoints::new(&text.text);
    places
        .iter()
        .map(|place| {
            let exact = &text.text[place.start..place.end];
            let start = code_points.at(place.start);
            Hit {
                field: text.field.to_owned(),
                start,
                end: start + exact.chars().count(),
                exact: exact.to_owned(),
                prefix: last(&text.text[..place.start]).to_owned(),
                suffix: first(&text.text[place.end..]).to_owned(),
            }
        })
        .collect()
}

fn first(text: &str) -> &str {
    text.char_indices().nth(AROUND).map_or(text, |(at, _)| &text[..at])
}

fn last(text: &str) -> &str {
    text.char_indices().rev().nth(AROUND - 1).map_or(text, |(at, _)| &text[at..])
}
