//! Places as records say them: code points of the member's text, with a little of what stands around.
//! In: what a query found. Out: hits that borrow from the text; nothing is copied until they are written.

use crate::evaluate::Found;
use serde::Serialize;

/// How many code points stand around a hit.
const AROUND: usize = 12;
/// The most hits of one search in one item: a reader needs no more, and a record has to stay small.
const MOST: usize = 100;

/// A search that matched, as `_cm_scan` writes it (`cm_record::Match` reads it).
#[derive(Debug, PartialEq, Serialize)]
pub struct Match<'d> {
    /// Which of the searches, from 0.
    #[serde(skip)]
    pub number: usize,
    /// Its name, or the query itself when ad hoc.
    pub query: &'d str,
    /// How good an occasion it is, without what depends on the clock.
    pub score: f64,
    /// Where.
    pub hits: Vec<Hit<'d>>,
}

/// A place in a member, in Unicode code points; `end` is not included (W3C Web Annotation, text position and text quote
/// selectors).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit<'d> {
    /// The member.
    pub field: &'static str,
    /// First code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The words as they stand.
    pub exact: &'d str,
    /// The 12 code points before.
    pub prefix: &'d str,
    /// The 12 code points after.
    pub suffix: &'d str,
    /// The clause of the query that asked for it, with `--clauses`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
}

/// The places of a search in an item, in reading order, each once. Places that cannot be counted (in HTML) are left out.
pub fn hits<'d>(found: &mut Vec<Found<'d>>) -> Vec<Hit<'d>> {
    settle(found);
    found.iter().map(hit).collect()
}

/// Puts places in reading order, each once, those that can be counted, the first hundred.
pub fn settle(found: &mut Vec<Found>) {
    found.retain(|place| place.text.located);
    if found.len() > 1 {
        found.sort_by_key(reading_order);
        found.dedup_by_key(|place| reading_order(place));
        found.truncate(MOST);
    }
}

/// Title first, then the order in which the values stand, then the place. Addresses in memory tell only the values of one
/// list apart: how lists lie to each other is chance.
pub fn reading_order(place: &Found) -> (usize, bool, usize, usize, usize) {
    const FIELDS: [&str; 7] = ["title", "summary", "content_text", "tags", "authors", "url", "external_url"];
    let Found { text, start, end } = place;
    let field = FIELDS.iter().position(|field| *field == text.field).unwrap_or(FIELDS.len());
    (field, !text.is_running(), std::ptr::from_ref(*text).addr(), *start, *end)
}

fn hit<'d>(place: &Found<'d>) -> Hit<'d> {
    let Found { text, start, end } = *place;
    let whole: &'d str = &text.text;
    let exact = &whole[start..end];
    let first = text.code_points().at(whole, start);
    Hit {
        field: text.field,
        start: first,
        end: first + code_points_of(exact),
        exact,
        prefix: before(&whole[..start]),
        suffix: behind(&whole[end..]),
        clause: None,
    }
}

fn code_points_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

fn behind(text: &str) -> &str {
    match text.get(..AROUND) {
        Some(ascii) if ascii.is_ascii() => ascii,
        _ => text.char_indices().nth(AROUND).map_or(text, |(at, _)| &text[..at]),
    }
}

fn before(text: &str) -> &str {
    match text.len().checked_sub(AROUND).and_then(|start| text.get(start..)) {
        Some(ascii) if ascii.is_ascii() => ascii,
        _ => text.char_indices().rev().nth(AROUND - 1).map_or(text, |(at, _)| &text[at..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::evaluate::evaluate;
    use cm_record::Record;
    use proptest::prelude::*;

    /// What a JSON string says, as an array of code points; half a surrogate pair is U+FFFD. Written for this test alone.
    fn decoded(json: &str) -> Vec<char> {
        let mut units = Vec::new();
        let mut rest = json.chars();
        while let Some(c) = rest.next() {
            let unit = match (c, (c == '\\').then(|| rest.next()).flatten()) {
                (_, Some('u')) => {
                    u16::from_str_radix(&rest.by_ref().take(4).collect::<String>(), 16).unwrap()
                }
                (_, Some('n')) => 10,
                (_, Some('t')) => 9,
                (_, Some(other)) => other as u16,
                (c, None) => {
                    units.extend(c.encode_utf16(&mut [0; 2]).iter().copied());
                    continue;
                }
            };
            units.push(unit);
        }
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// JSON strings of words, escapes, halves of pairs, emoji and marks.
    fn json_text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "acme",
            "Acme",
            "\\u0061cme",
            "A\\u0063ME",
            "ac\\u00ADme",
            "\\ud83d\\ude21",
            "😡",
            "\\ud800",
            "\\udc00",
            "\\n",
            "\\\"",
            "\\\\",
            "\\/",
            "é",
            "e\u{301}",
            "acme\u{301}",
            "ＡＣＭＥ",
            "𝐚𝐜𝐦𝐞",
            " ",
            " ",
            ",",
            "x",
            "咖啡",
            "👍🏽",
            "https://acme.example/x",
            "#acme",
            "\u{202e}",
            "ß",
        ]);
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn hits_select_what_they_say(title in json_text(), content in json_text(), tag in json_text()) {
            let line = format!(r#"{{"id":"1","title":"{title}","tags":["x","{tag}"],"content_text":"{content}"}}"#);
            let record = Record::parse(line).unwrap();
            let document = Document::of(&record);
            let mut found = Vec::new();
            evaluate(&"acme OR 😡 OR #acme OR links:acme OR 咖啡 OR café*".parse().unwrap(), &document, &mut found);
            let hits = hits(&mut found);
            for hit in &hits {
                let text = match hit.field {
                    "title" => decoded(&title),
                    "content_text" => decoded(&content),
                    _ if hit.exact == "x" => vec!['x'],
                    _ => decoded(&tag),
                };
                let select = |from: usize, to: usize| text[from..to].iter().collect::<String>();
                prop_assert_eq!(select(hit.start, hit.end), hit.exact);
                prop_assert_eq!(select(hit.start.saturating_sub(AROUND), hit.start), hit.prefix);
                prop_assert_eq!(select(hit.end, (hit.end + AROUND).min(text.len())), hit.suffix);
            }
            let places: Vec<_> = hits.iter().map(|hit| (hit.field != "title", hit.field == "tags", hit.start, hit.end)).collect();
            prop_assert!(places.is_sorted_by(|a, b| a < b) || hits.iter().any(|hit| hit.field == "tags"));
        }
    }

    #[test]
    fn the_order_does_not_depend_on_where_in_memory_texts_lie() {
        let line = r#"{"id":"1","url":"https://acme.example/","external_url":"https://acme.example/x",
            "content_html":"<p>acme <a href='https://acme.example/y'>more</a></p>"}"#;
        for query in ["links:acme OR url:acme OR acme", "acme OR url:acme OR links:acme"] {
            let record = Record::parse(line.to_owned()).unwrap();
            let document = Document::of(&record);
            let mut found = Vec::new();
            evaluate(&query.parse().unwrap(), &document, &mut found);
            found.sort_by_key(reading_order);
            let texts: Vec<_> =
                found.iter().map(|place| (place.text.field, place.text.is_running())).collect();
            let wanted =
                [("url", false), ("external_url", false), ("content_html", true), ("content_html", false)];
            assert_eq!(texts, wanted, "{query}");
        }
    }

    #[test]
    fn of_many_places_the_first_hundred_are_told() {
        let record =
            Record::parse(format!(r#"{{"id":"1","content_text":"{}"}}"#, "é acme ".repeat(300))).unwrap();
        let document = Document::of(&record);
        let mut found = Vec::new();
        evaluate(&"acme acm*".parse().unwrap(), &document, &mut found);
        let hits = hits(&mut found);
        assert_eq!((hits.len(), hits[99].start), (MOST, 99 * 7 + 2));
        assert_eq!((hits[0].prefix, hits[0].suffix), ("é ", " é acme é ac"));
    }
}
