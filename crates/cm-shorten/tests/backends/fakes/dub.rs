//! Dub. Read in source (app/api/links, lib/api/links): a second link with the same `externalId` is 409 `conflict`, and so is
//! a key that is taken, which is looked at first; `links/info` finds by `externalId=ext_...` or by domain and key.
//! Documented: the limit's headers. Assumed: that the limit is told with every answer.

use super::{Answer, Service, body, json, method, path, query};
use crate::server::Asked;
use serde_json::{Value, json};

pub const KEY: &str = "dub_keyofthetest";

#[derive(Default)]
pub struct Dub {
    pub rows: Vec<Value>,
    made: usize,
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    json(
        status,
        &json!({"error": {"code": code, "message": message, "doc_url": "https://dub.co/docs/errors"}}),
    )
}

impl Dub {
    fn create(&mut self, wish: &Value) -> Answer {
        self.made += 1;
        let key = wish["key"].as_str().map_or_else(|| format!("du{}", self.made), str::to_owned);
        if self.rows.iter().any(|row| row["key"] == key.as_str()) {
            return error(409, "conflict", "Duplicate key: This short link already exists.");
        }
        let name = &wish["externalId"];
        if name.is_string() && self.rows.iter().any(|row| row["externalId"] == *name) {
            return error(409, "conflict", "A link with this externalId already exists in this workspace.");
        }
        let row = json!({"id": format!("link_{}", self.made), "domain": "dub.sh", "key": key, "url": wish["url"],
            "shortLink": format!("https://dub.sh/{key}"), "externalId": name, "comments": wish["comments"],
            "tags": [], "expiresAt": wish["expiresAt"], "clicks": 0, "leads": 0, "sales": 0,
            "createdAt": "2026-11-22T09:00:00.000Z"});
        self.rows.push(row.clone());
        json(200, &row)
    }
}

impl Service for Dub {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("authorization") != Some(&format!("Bearer {KEY}")) {
            return error(401, "unauthorized", "Unauthorized: Invalid API key.");
        }
        let query = query(asked);
        match (method(asked), path(asked)) {
            ("POST", "links") => self.create(&body(asked)),
            ("GET", "links/info") => {
                let is =
                    |row: &&Value, name: &str| query.get(name).is_some_and(|said| row[name] == said.as_str());
                let ours = |row: &&Value| {
                    let name = query.get("externalId").and_then(|name| name.strip_prefix("ext_"));
                    name.is_some_and(|name| row["externalId"] == name)
                };
                let found = self.rows.iter().find(|row| ours(row) || (is(row, "domain") && is(row, "key")));
                found.map_or_else(|| error(404, "not_found", "Link not found."), |row| json(200, row))
            }
            ("GET", "links") => {
                let number = |name: &str| query.get(name).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
                let (page, size) = (number("page"), number("pageSize"));
                let rows: Vec<&Value> = self.rows.iter().skip((page - 1) * size).take(size).collect();
                json(200, &json!(rows))
            }
            _ => error(404, "not_found", "Not found."),
        }
    }
}
