//! JSON in: lines of ours, and what the APIs of others answer, one page or several after another.

use super::fields::{Draft, Field, field};
use super::file::LONGEST_ROW;
use super::remarks::Remarks;
use super::row::{Bad, Row, Rows};
use anyhow::{Result, anyhow};
use serde_json::{Deserializer, Map, Value};
use std::collections::VecDeque;
use std::io::{BufRead, Read};

/// The largest document, in bytes.
const LONGEST_DOCUMENT: u64 = 512 << 20;
/// How deep the list of links may lie: `{"shortUrls":{"data":[...]}}`.
const DEPTH: usize = 4;

/// A link on each line.
pub fn lines<'a>(mut input: Box<dyn BufRead + 'a>) -> Rows<'a> {
    let mut number = 0;
    let mut line = Vec::new();
    let mut others = VecDeque::new();
    Box::new(std::iter::from_fn(move || {
        loop {
            if let Some(other) = others.pop_front() {
                return Some(Ok(Ok(other)));
            }
            line.clear();
            number += 1;
            match input.by_ref().take(LONGEST_ROW).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(anyhow!("line {number}: {error}"))),
            }
            if line.len() as u64 == LONGEST_ROW && line.last() != Some(&b'\n') {
                return Some(Err(anyhow!("line {number} is longer than {LONGEST_ROW} bytes")));
            }
            if !line.trim_ascii().is_empty() {
                let (row, more) = of_line(&line, number);
                others.extend(more);
                return Some(Ok(row));
            }
        }
    }))
}

/// The row of a line, and those of its further codes.
fn of_line(line: &[u8], number: u64) -> (Result<Row, Bad>, Vec<Row>) {
    let bad = |why: String| (Err(Bad { number, code: None, why }), Vec::new());
    match serde_json::from_slice(line) {
        Ok(Value::Object(members)) => draft(&members).finish(number),
        Ok(_) => bad("it is no JSON object".to_owned()),
        Err(error) => bad(format!("it is not JSON: {error}")),
    }
}

/// Documents one after another, each a list of links or an object with one in it.
pub fn documents<'a>(input: Box<dyn BufRead + 'a>, remarks: Remarks) -> Rows<'a> {
    let mut documents = Deserializer::from_reader(input.take(LONGEST_DOCUMENT)).into_iter::<Value>();
    let mut found = Found { remarks, number: 0, waiting: VecDeque::new() };
    let mut ended = false;
    Box::new(std::iter::from_fn(move || {
        loop {
            if let Some(row) = found.waiting.pop_front() {
                return Some(Ok(row));
            }
            if ended {
                return None;
            }
            match documents.next()? {
                Ok(document) => found.collect(None, &document, DEPTH),
                Err(error) => {
                    ended = true;
                    return Some(Err(anyhow!("after {} links: it is not JSON: {error}", found.number)));
                }
            }
        }
    }))
}

/// The links of a document.
struct Found {
    remarks: Remarks,
    number: u64,
    waiting: VecDeque<Result<Row, Bad>>,
}

impl Found {
    /// `name`: the member that the value stands in.
    fn collect(&mut self, name: Option<&str>, value: &Value, depth: usize) {
        match value {
            Value::Array(list) => {
                list.iter().for_each(|value| self.collect(Some(""), value, depth.saturating_sub(1)));
            }
            Value::Object(members) if is_link(members) => {
                self.number += 1;
                self.remarks.count();
                let (first, others) = draft(members).finish(self.number);
                self.waiting.push_back(first);
                self.waiting.extend(others.into_iter().map(Ok));
            }
            Value::Object(members) if depth > 0 => {
                self.remarks.paging(name, members);
                members.iter().for_each(|(name, value)| self.collect(Some(name), value, depth - 1));
            }
            _ => {}
        }
    }
}

fn is_link(members: &Map<String, Value>) -> bool {
    members.iter().any(|(name, value)| field(name) == Some(Field::Target) && value.is_string())
}

fn draft(members: &Map<String, Value>) -> Draft {
    let mut draft = Draft::default();
    fill(&mut draft, members, true);
    draft
}

fn fill(draft: &mut Draft, members: &Map<String, Value>, outermost: bool) {
    for (name, value) in members {
        match (field(name), value) {
            (Some(Field::Labels), Value::Array(list)) => {
                list.iter().filter_map(label).for_each(|text| draft.label(text))
            }
            (Some(Field::Codes), Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).for_each(|code| draft.set(Field::Codes, code));
            }
            (Some(field), Value::String(text)) => draft.set(field, text),
            (Some(field), Value::Number(_) | Value::Bool(_)) => draft.set(field, &value.to_string()),
            (Some(field @ Field::Lost(_)), Value::Object(inner)) if !inner.is_empty() => {
                draft.set(field, name)
            }
            // Shlink's.
            (None, Value::Object(inner)) if name == "meta" && outermost => fill(draft, inner, false),
            (None, Value::Object(inner)) if name == "visitsSummary" => {
                for (name, field) in [("total", Field::Clicks), ("nonBots", Field::People)] {
                    inner.get(name).into_iter().for_each(|count| draft.set(field, &count.to_string()));
                }
            }
            _ => {}
        }
    }
}

/// A label is a text, of Dub an object with a name.
fn label(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("name")?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::From;

    fn read(text: &str, from: From) -> Vec<Result<Row, Bad>> {
        super::super::file::rows(text.as_bytes(), from, &Remarks::default())
            .unwrap()
            .map(|row| row.unwrap())
            .collect()
    }

    #[test]
    fn answers_of_each_api() {
        let shlink = r#"{"shortUrls":{"data":[{"shortCode":"AbC","shortUrl":"https://s.example/AbC","longUrl":"https://a.example/",
            "dateCreated":"2024-05-01T12:00:00+00:00","visitsSummary":{"total":9,"nonBots":5,"bots":4},"tags":["x","y"],
            "meta":{"validSince":null,"validUntil":"2030-01-01T00:00:00+00:00","maxVisits":100},"domain":null,"title":"T"}],
            "pagination":{"currentPage":1,"pagesCount":1}}}"#;
        let row = read(shlink, From::Shlink).remove(0).unwrap();
        assert_eq!(
            (row.code.as_deref(), row.clicks, row.people, row.max_clicks),
            (Some("AbC"), Some(9), Some(5), Some(100))
        );
        assert_eq!(
            (row.labels, row.expires_ms),
            (vec!["x".to_owned(), "y".to_owned()], Some(1_893_456_000_000))
        );

        let kutt = r#"{"total":2,"limit":50,"skip":0,"data":[{"id":"0f","address":"AbC","link":"https://k.example/AbC",
            "target":"https://a.example/","description":"D","banned":false,"password":false,"expire_in":null,"visit_count":3,
            "created_at":"2024-05-01T12:00:00.000Z"},{"address":"p","target":"https://b.example/","password":true}]}"#;
        let rows = read(kutt, From::Kutt);
        let row = rows[0].as_ref().unwrap();
        assert_eq!((row.note.as_deref(), row.clicks), (Some("D"), Some(3)));
        assert!(rows[1].as_ref().unwrap_err().why.contains("password"));

        let bitly = r#"{"links":[{"created_at":"2024-05-01T12:00:00+0000","id":"bit.ly/3AbC","link":"https://bit.ly/3AbC",
            "custom_bitlinks":["https://bit.ly/our-word"],"long_url":"https://a.example/","title":"T","tags":["x"]}],
            "pagination":{"next":"","total":1}}"#;
        let codes: Vec<_> =
            read(bitly, From::Bitly).into_iter().map(|row| row.unwrap().code.unwrap()).collect();
        assert_eq!(codes, ["3AbC", "our-word"]);

        let yourls = r#"{"links":{"link_1":{"shorturl":"http://y.example/abc","url":"https://a.example/","title":"T",
            "timestamp":"2024-05-01 12:00:00","ip":"1.2.3.4","clicks":"7"}},"stats":{"total_links":"1"},"statusCode":200}"#;
        assert_eq!(read(yourls, From::Yourls)[0].as_ref().unwrap().clicks, Some(7));

        let dub = r#"[{"id":"l","domain":"d.example","key":"AbC","url":"https://a.example/","shortLink":"https://d.example/AbC",
            "tags":[{"id":"t","name":"x"}],"expiresAt":null,"expiredUrl":"https://b.example/","clicks":2,"comments":"C"}]"#;
        let row = read(dub, From::Dub).remove(0).unwrap();
        assert_eq!((row.fallback.as_deref(), row.labels), (Some("https://b.example/"), vec!["x".to_owned()]));
    }

    #[test]
    fn further_codes_of_a_line_are_rows_of_their_own() {
        let text = r#"{"url":"https://a.example/","code":"a","aliases":["b","c"],"clicks":7}"#;
        let rows: Vec<Row> = read(&format!("{text}\n{{\"url\":\"https://b.example/\"}}"), From::Jsonl)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let told: Vec<_> = rows.iter().map(|row| (row.number, row.code.as_deref(), row.clicks)).collect();
        assert_eq!(
            told,
            [(1, Some("a"), Some(7)), (1, Some("b"), None), (1, Some("c"), None), (2, None, None)]
        );
    }

    #[test]
    fn a_bad_line_costs_no_other_and_a_broken_document_keeps_what_came_before() {
        let rows =
            read("{\"url\":\"https://a.example/\"}\n{\n[]\n\n{\"url\":\"https://b.example/\"}", From::Jsonl);
        let good: Vec<bool> = rows.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, false, true]);
        let page = r#"{"data":[{"target":"https://a.example/","address":"a"}]}"#;
        let rows: Vec<_> =
            super::super::file::rows(format!("{page}\n{page}{{").as_bytes(), From::Kutt, &Remarks::default())
                .unwrap()
                .map(|row| row.is_ok())
                .collect();
        assert_eq!(rows, [true, true, false]);
    }
}
