//! A repository that lives while it is read: issues change, come and vanish between pages. Documented: `since`, `sort=updated`,
//! `direction=asc`, `per_page`, `page`, `Link`, `ETag`. Assumed: `since` takes in its own second.

use crate::desk::{Answer, parameter};
use crate::server::Asked;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Issues by number, with the second of their last change.
#[derive(Default)]
pub struct Repository {
    pub issues: BTreeMap<u64, i64>,
    /// The second of its clock.
    pub now: i64,
}

pub fn at(second: i64) -> DateTime<Utc> {
    "2026-11-22T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(second)
}

pub fn issue(number: u64, second: i64) -> Value {
    let date = at(second).to_rfc3339_opts(SecondsFormat::Secs, true);
    json!({
        "html_url": format!("https://github.com/acme/tea/issues/{number}"), "number": number, "title": format!("Issue {number}"),
        "body": "**no** steam", "body_text": "no steam", "body_html": "<p><b>no</b> steam</p>", "state": "open", "comments": 2, "node_id": "I_1",
        "user": {"login": "bob", "html_url": "https://github.com/bob", "avatar_url": "https://a.example/b.png", "type": "User"},
        "labels": [{"name": "bug"}, "kettle"], "reactions": {"total_count": 5, "+1": 3, "heart": 1, "-1": 1},
        "author_association": "NONE", "created_at": "2026-11-22T00:00:00Z", "updated_at": date,
    })
}

impl Repository {
    /// Answers as the lists by date of change do.
    pub fn answer(&mut self, asked: &Asked) -> Answer {
        let number = |name: &str| parameter(asked, name).and_then(|text| text.parse::<usize>().ok());
        let since: Option<DateTime<Utc>> = parameter(asked, "since").map(|text| text.parse().unwrap());
        let (each, page) = (number("per_page").unwrap(), number("page").unwrap_or(1));
        let mut all: Vec<(i64, u64)> =
            self.issues.iter().map(|(number, second)| (*second, *number)).collect();
        all.retain(|(second, _)| since.is_none_or(|since| at(*second) >= since));
        all.sort_unstable();
        let shown: Vec<Value> =
            all.iter().skip((page - 1) * each).take(each).map(|(second, n)| issue(*n, *second)).collect();
        let etag = format!("W/\"{:?}-{since:?}-{page}\"", all.iter().max());
        if asked.header("if-none-match") == Some(etag.as_str()) {
            return (304, format!("ETag: {etag}\r\n"), String::new());
        }
        let more = if all.len() > page * each {
            "Link: <https://api.github.com/repositories/1/issues?page=2>; rel=\"next\"\r\n"
        } else {
            ""
        };
        (200, format!("ETag: {etag}\r\n{more}"), Value::from(shown).to_string())
    }
}
