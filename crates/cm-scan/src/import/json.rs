//! Queries in JSON, as interfaces of services give them and as people write them. In: a text. Out: its queries.

use super::input::{LANGUAGES, NAMES, Original, QUERIES, codes, is_limit, left_out, split_languages};
use serde_json::Value;

/// Whether a text that begins with a bracket or a brace is JSON: a `{` may also begin `{BT} AND ...`.
pub(super) fn is_json(text: &str) -> bool {
    let rest = text.trim_start()[1..].trim_start();
    rest.starts_with(['"', '{', ']', '}', '[']) && text.contains('"')
}

/// A list of objects, one in `results`, `queries` or `searches`, an object, or JSON lines.
pub(super) fn queries(text: &str) -> Result<Vec<Original>, String> {
    let mut found = Vec::new();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    loop {
        let before = values.byte_offset();
        let Some(value) = values.next() else { return Ok(found) };
        let value = value.map_err(|error| error.to_string())?;
        let skipped = text[before..].len() - text[before..].trim_start().len();
        let line = text[..before + skipped].bytes().filter(|byte| *byte == b'\n').count() + 1;
        objects(&value, line, &mut found);
    }
}

fn objects(value: &Value, line: usize, found: &mut Vec<Original>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| objects(value, line, found)),
        Value::String(query) => found.push(Original { query: query.clone(), line, ..Original::default() }),
        Value::Object(members) => {
            let member = |names: &[&str]| {
                let named = |name: &&str| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                names.iter().find_map(named).map(|(_, value)| value)
            };
            let list =
                ["results", "queries", "searches", "alerts"].iter().find_map(|name| members.get(*name));
            match (member(&QUERIES).and_then(query_of), list) {
                (Some(query), _) => {
                    let limits = members.iter().filter(|(name, value)| is_limit(name) && !is_empty(value));
                    let mut told: Vec<String> = limits.map(|(name, _)| left_out(name)).collect();
                    found.push(Original {
                        name: member(&NAMES).and_then(Value::as_str).map(str::to_owned),
                        query,
                        languages: codes(member(&LANGUAGES).map(texts).unwrap_or_default(), &mut told),
                        line,
                        told,
                        ..Original::default()
                    });
                }
                (None, Some(list)) => objects(list, line, found),
                (None, None) => {}
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A query, or a list of terms of which one is enough.
fn query_of(value: &Value) -> Option<String> {
    match value {
        Value::String(query) => Some(query.clone()).filter(|query| !query.trim().is_empty()),
        Value::Array(_) => {
            let terms: Vec<String> = texts(value).iter().map(|term| format!("({term})")).collect();
            Some(terms.join(" OR ")).filter(|query| !query.is_empty())
        }
        _ => None,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => split_languages(text),
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
