//! Queries in JSON, as interfaces of services give them and as people write them. In: a text. Out: its queries.

use super::input::{
    LANGUAGES, NAMES, Original, QUERIES, codes, is_limit, is_nothing, left_out, split_languages,
};
use serde_json::{Map, Value};

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
            let list =
                ["results", "queries", "searches", "alerts"].iter().find_map(|name| members.get(*name));
            let name = member(members, &NAMES).and_then(Value::as_str).map(str::to_owned);
            let mut told = Vec::new();
            match (query_in(members), list) {
                (Some((query, around)), _) => {
                    let beside: Vec<&Map<String, Value>> = std::iter::once(members).chain(around).collect();
                    let all = beside.iter().flat_map(|members| members.iter());
                    let limits = all.filter(|(name, value)| is_limit(name) && !is_empty(value));
                    told.extend(limits.map(|(name, _)| left_out(name)));
                    let languages = beside.iter().find_map(|members| member(members, &LANGUAGES));
                    let languages = codes(languages.map(texts).unwrap_or_default(), &mut told);
                    found.push(Original { name, query, languages, line, told, ..Original::default() });
                }
                (None, Some(list)) => objects(list, line, found),
                (None, None) if name.is_some() => {
                    told.push("this object holds no query: left out".to_owned());
                    found.push(Original { name, line, told, ..Original::default() });
                }
                (None, None) => {}
            }
        }
        _ => {}
    }
}

/// The first member of these names, whatever its case.
fn member<'a>(members: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    all_members(members, names).next()
}

fn all_members<'a>(members: &'a Map<String, Value>, names: &[&str]) -> impl Iterator<Item = &'a Value> {
    let named = |name: &&str| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    names.iter().filter_map(named).map(|(_, value)| value)
}

/// The query of the first member that holds one, and the object that it stands in where that member is one.
fn query_in(members: &Map<String, Value>) -> Option<(String, Option<&Map<String, Value>>)> {
    all_members(members, &QUERIES).find_map(|value| Some((query_of(value)?, value.as_object())))
}

/// Whether a member that excludes excludes nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => is_nothing(text),
        Value::Number(number) => is_nothing(&number.to_string()),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A query, a list of terms of which one is enough, or an object that holds either.
fn query_of(value: &Value) -> Option<String> {
    match value {
        Value::String(query) => Some(query.clone()).filter(|query| !query.trim().is_empty()),
        Value::Array(values) => {
            let terms: Vec<String> =
                values.iter().filter_map(query_of).map(|term| format!("({term})")).collect();
            Some(terms.join(" OR ")).filter(|query| !query.is_empty())
        }
        Value::Object(members) => query_in(members).map(|(query, _)| query),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_found_wherever_it_stands_or_told_as_missing() {
        for (text, query, wanted) in [
            (r#"{"name":"A","query":"","includedTerms":["roast"]}"#, "(roast)", 0),
            (r#"{"name":"A","query":{"boolean":"tea"}}"#, "tea", 0),
            (r#"{"name":"A","query":{"boolean":"tea","excludedTerms":["x"]},"exclusions":"y"}"#, "tea", 2),
            (r#"{"name":"A","query":{"id":7},"terms":[{"term":"roast"},"tea"]}"#, "(roast) OR (tea)", 0),
            (r#"{"name":"A","query":null}"#, "", 1),
            (r#"{"name":"A","query":{"id":7}}"#, "", 1),
        ] {
            let found = queries(text).unwrap();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].query, query, "{text}");
            assert_eq!(found[0].told.len(), wanted, "{text}");
        }
        let found = queries(r#"{"query":{"boolean":"tea","languages":["en"]}}"#).unwrap();
        assert_eq!(found[0].languages, ["en"]);
        for nothing in [r#"{"id":1}"#, r#"{"name":"of the list","results":[]}"#] {
            assert_eq!(queries(nothing).unwrap(), [], "{nothing}");
        }
    }
}
