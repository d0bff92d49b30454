//! The value of `_cm_scan`, written straight: a line with many hits is mostly this. In: matches. Out: JSON, to the byte what
//! serde makes of them.

use crate::hits::{Hit, Match};

/// About how long a match with a hit is.
const ONE: usize = 192;

/// The part of an item that matches.
pub fn write_part(matches: &[Match], json: &mut String) {
    let hits: usize = matches.iter().map(|found| found.hits.len()).sum();
    json.reserve((matches.len() + hits) * ONE / 2 + ONE);
    json.push_str(r#"{"matches":["#);
    for (number, found) in matches.iter().enumerate() {
        json.push_str(if number == 0 { r#"{"query":"# } else { r#",{"query":"# });
        string(found.query, json);
        json.push_str(r#","score":"#);
        points(found.score, json);
        json.push_str(r#","hits":["#);
        for (number, hit) in found.hits.iter().enumerate() {
            if number > 0 {
                json.push(',');
            }
            add_hit(hit, json);
        }
        json.push_str("]}");
    }
    json.push_str("]}");
}

fn add_hit(hit: &Hit, json: &mut String) {
    json.push_str(r#"{"field":""#);
    json.push_str(hit.field);
    json.push_str(r#"","start":"#);
    number(hit.start, json);
    json.push_str(r#","end":"#);
    number(hit.end, json);
    json.push_str(r#","exact":"#);
    string(hit.exact, json);
    json.push_str(r#","prefix":"#);
    string(hit.prefix, json);
    json.push_str(r#","suffix":"#);
    string(hit.suffix, json);
    if let Some(clause) = &hit.clause {
        json.push_str(r#","clause":"#);
        string(clause, json);
    }
    json.push('}');
}

fn string(text: &str, json: &mut String) {
    let is_escaped = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    // All are looked at, many at once: these texts are short.
    if text.as_bytes().iter().fold(false, |any, byte| any | is_escaped(byte)) {
        json.push_str(&serde_json::Value::from(text).to_string());
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

/// Scores are quarters, and none is below 0.
fn points(score: f64, json: &mut String) {
    let quarters = (score * 4.0) as usize;
    number(quarters / 4, json);
    json.push_str([".0", ".25", ".5", ".75"][quarters % 4]);
}

fn number(number: usize, json: &mut String) {
    if number >= 10 {
        self::number(number / 10, json);
    }
    json.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_serde_writes(
            texts in prop::collection::vec("\\PC{0,4}|[\\x00-\\x7f]{0,20}", 4),
            number: usize,
            quarters in 0_u32..40,
            clause: bool,
            counts in prop::collection::vec(0_usize..3, 0..3),
        ) {
            let hit = Hit {
                field: "content_text",
                start: number / 1000,
                end: number,
                exact: &texts[0],
                prefix: &texts[1],
                suffix: &texts[2],
                clause: clause.then(|| texts[3].clone()),
            };
            let found = |count: &usize| Match {
                number: 0,
                query: &texts[3],
                score: f64::from(quarters) / 4.0,
                hits: vec![hit.clone(); *count],
            };
            let matches: Vec<Match> = counts.iter().map(found).collect();
            let wanted = serde_json::json!({ "matches": &matches });
            let mut part = String::new();
            write_part(&matches, &mut part);
            let read: serde_json::Value = serde_json::from_str(&part).unwrap();
            prop_assert_eq!(read, wanted);
            prop_assert_eq!(part, format!("{{\"matches\":{}}}", serde_json::to_string(&matches).unwrap()));
        }
    }
}
