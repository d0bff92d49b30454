//! TinyURL. Documented and read in clients' tests: `data` is an object or, on failure, an empty list beside `code` and
//! `errors`. Assumed: 422 for an alias that is taken, 404 for one that is not there, and a new link for every question.

use super::{Answer, Service, body, json, method, path};
use crate::server::Asked;
use serde_json::{Value, json};

pub const TOKEN: &str = "tinyurl-token-of-the-test";

#[derive(Default)]
pub struct TinyUrl {
    pub rows: Vec<Value>,
}

fn failed(status: u16, code: u64, error: &str) -> Answer {
    json(status, &json!({"data": [], "code": code, "errors": [error]}))
}

impl Service for TinyUrl {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return failed(401, 1, "Unauthenticated.");
        }
        if method(asked) == "GET" {
            let alias = path(asked).strip_prefix("alias/tinyurl.com/").unwrap_or_default();
            let found = self.rows.iter().find(|row| row["alias"] == alias);
            return found.map_or_else(
                || failed(404, 6, "Alias not found."),
                |row| json(200, &json!({"data": row, "code": 0, "errors": []})),
            );
        }
        let wish = body(asked);
        let alias =
            wish["alias"].as_str().map_or_else(|| format!("ti{}", self.rows.len() + 1), str::to_owned);
        if self.rows.iter().any(|row| row["alias"] == alias.as_str()) {
            return failed(422, 5, "Alias is not available.");
        }
        let row = json!({"domain": "tinyurl.com", "alias": alias, "deleted": false, "archived": false,
            "analytics": {"enabled": true, "public": false}, "tags": [], "created_at": "2026-11-22T09:00:00+00:00",
            "expires_at": null, "tiny_url": format!("https://tinyurl.com/{alias}"), "url": wish["url"]});
        self.rows.push(row.clone());
        json(200, &json!({"data": row, "code": 0, "errors": []}))
    }
}
