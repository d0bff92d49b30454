//! Kutt 3, API v2. Read in source (docs/api/api.js, server/handlers): 201 for a new link, 200 when `reuse` found one, even a
//! banned one; a name that is taken is a 500; a search finds parts of addresses and targets; at most 50 a page. Assumed:
//! nothing.

use super::{Answer, Service, body, json, method, path, query};
use crate::server::Asked;
use serde_json::{Value, json};

pub const KEY: &str = "kutt-key-of-the-test";

#[derive(Default)]
pub struct Kutt {
    pub rows: Vec<Value>,
    made: usize,
}

/// `expire_in` as it is answered: an instant.
fn end(wish: &Value) -> Value {
    let now: chrono::DateTime<chrono::Utc> = crate::world::NOW[1].parse().unwrap();
    let minutes = wish["expire_in"].as_str().and_then(|text| text.strip_suffix(" minutes")?.parse().ok());
    minutes.map_or(Value::Null, |minutes| (now + chrono::TimeDelta::minutes(minutes)).to_rfc3339().into())
}

impl Kutt {
    fn create(&mut self, wish: &Value) -> Answer {
        if wish["reuse"] == true
            && let Some(row) = self.rows.iter().find(|row| row["target"] == wish["target"])
        {
            return json(200, row);
        }
        self.made += 1;
        let address = wish["customurl"].as_str().map_or_else(|| format!("ku{}", self.made), str::to_owned);
        if self.rows.iter().any(|row| row["address"] == address.as_str()) {
            return json(500, &json!({"error": "Custom URL is already in use."}));
        }
        let row = json!({"id": format!("00000000-0000-4000-8000-{:012}", self.made), "address": address,
            "link": format!("https://{}/{address}", wish["domain"].as_str().unwrap_or("ku.example")), "target": wish["target"],
            "domain": wish["domain"], "description": wish["description"], "banned": false, "password": false, "expire_in": end(wish),
            "visit_count": 0, "created_at": "2026-11-22T09:00:00.000Z", "updated_at": "2026-11-22T09:00:00.000Z"});
        self.rows.push(row.clone());
        json(201, &row)
    }
}

impl Service for Kutt {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("x-api-key") != Some(KEY) {
            return json(401, &json!({"error": "Unauthorized"}));
        }
        match (method(asked), path(asked)) {
            ("POST", "api/v2/links") => self.create(&body(asked)),
            ("GET", "api/v2/links") => {
                let query = query(asked);
                let number = |name: &str| query.get(name).and_then(|n| n.parse().ok()).unwrap_or(0);
                let (limit, skip) = (number("limit").min(50), number("skip"));
                let search = query.get("search").cloned().unwrap_or_default();
                let holds = |row: &&Value| {
                    ["address", "target"].iter().any(|name| row[*name].as_str().unwrap().contains(&search))
                };
                let found: Vec<&Value> = self.rows.iter().rev().filter(holds).collect();
                let data: Vec<&&Value> = found.iter().skip(skip).take(limit).collect();
                json(200, &json!({"total": found.len(), "limit": limit, "skip": skip, "data": data}))
            }
            _ => json(404, &json!({"error": "Not found."})),
        }
    }
}
