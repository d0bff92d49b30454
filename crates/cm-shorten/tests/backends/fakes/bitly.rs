//! Bitly v4. Documented: 201 for a new link and 200 for an old one, the error names, groups, custom back-halves, the summary
//! of clicks. Assumed: `pagination.next` is a whole address; a name
//! that is taken is a 400; a short link as a target is 400
//! `ALREADY_A_BITLY_LINK`; a custom back-half is asked for by itself like any other link.

use super::{Answer, Service, body, json, method, path, query};
use crate::server::Asked;
use serde_json::{Value, json};

pub const TOKEN: &str = "bitly-token-of-the-test";

#[derive(Default)]
pub struct Bitly {
    pub rows: Vec<Value>,
    /// Groups that the token sees.
    pub groups: Vec<&'static str>,
}

fn error(status: u16, message: &str) -> Answer {
    json(
        status,
        &json!({"message": message, "resource": "bitlinks", "description": "The value provided is invalid."}),
    )
}

impl Bitly {
    fn shorten(&mut self, wish: &Value) -> Answer {
        let target = wish["long_url"].as_str().unwrap_or_default();
        if target.starts_with("https://bit.ly/") {
            return error(400, "ALREADY_A_BITLY_LINK");
        }
        if let Some(row) = self.rows.iter().find(|row| row["long_url"] == target) {
            return json(200, row);
        }
        let id = format!("bit.ly/bi{}", self.rows.len() + 1);
        let row = json!({"created_at": "2026-11-22T09:00:00+0000", "id": id, "link": format!("https://{id}"),
            "custom_bitlinks": [], "long_url": target, "archived": false, "tags": [], "deeplinks": [],
            "references": {"group": "https://api-ssl.bitly.com/v4/groups/G1"}});
        self.rows.push(row.clone());
        json(201, &row)
    }
}

impl Service for Bitly {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return error(403, "FORBIDDEN");
        }
        let path = path(asked);
        match (method(asked), path) {
            ("POST", "v4/shorten") => self.shorten(&body(asked)),
            ("POST", "v4/custom_bitlinks") => {
                let wish = body(asked);
                if self.rows.iter().any(|row| row["id"] == wish["custom_bitlink"]) {
                    return error(400, "KEYWORD_ALREADY_TAKEN");
                }
                let mut named = self.rows.iter().find(|row| row["id"] == wish["bitlink_id"]).unwrap().clone();
                named["id"] = wish["custom_bitlink"].clone();
                self.rows.push(named);
                json(
                    200,
                    &json!({"custom_bitlink": format!("https://{}", wish["custom_bitlink"].as_str().unwrap()),
                    "bitlink": {"id": wish["bitlink_id"]}}),
                )
            }
            ("GET", "v4/groups") => {
                let groups: Vec<Value> = self
                    .groups
                    .iter()
                    .map(|guid| json!({"guid": guid, "name": format!("Group {guid}")}))
                    .collect();
                json(200, &json!({"groups": groups}))
            }
            ("GET", "v4/groups/G1/bitlinks") => {
                let page: usize = query(asked).get("page").and_then(|n| n.parse().ok()).unwrap_or(1);
                let rows: Vec<&Value> = self.rows.iter().rev().skip((page - 1) * 2).take(2).collect();
                let host = asked.header("host").unwrap();
                let more = page * 2 < self.rows.len();
                let next =
                    if more { format!("http://{host}/{path}?page={}", page + 1) } else { String::new() };
                json(200, &json!({"links": rows, "pagination": {"next": next, "total": self.rows.len()}}))
            }
            ("GET", path) => {
                let id = path.strip_prefix("v4/bitlinks/").unwrap_or_default();
                let (id, summary) = id.strip_suffix("/clicks/summary").map_or((id, false), |id| (id, true));
                match self.rows.iter().find(|row| row["id"] == id) {
                    Some(_) if summary => {
                        json(200, &json!({"total_clicks": 7, "unit": "month", "units": -1}))
                    }
                    Some(row) => json(200, row),
                    None => error(404, "NOT_FOUND"),
                }
            }
            _ => error(404, "NOT_FOUND"),
        }
    }
}
