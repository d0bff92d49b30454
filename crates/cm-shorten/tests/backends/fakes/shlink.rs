//! Shlink 5, REST v3. Read in source (docs/swagger, module/Rest): 200 for new and old links alike, `findIfExists` compares
//! target, tags, limits and slug, errors as problem+json with a type, labels in lower case. Assumed: nothing.

use super::{Answer, Service, body, json, method, path, query};
use crate::server::Asked;
use serde_json::{Value, json};

pub const KEY: &str = "shlink-key-of-the-test";

#[derive(Default)]
pub struct Shlink {
    pub rows: Vec<Value>,
    made: usize,
    /// Its clock goes on by a minute with each wish.
    minute: usize,
}

impl Shlink {
    fn create(&mut self, wish: &Value) -> Answer {
        self.minute += 1;
        let date = format!(
            "Content-Type: application/json\r\nDate: Sun, 22 Nov 2026 09:{:02}:01 GMT\r\n",
            self.minute % 60
        );
        const SAME: [&str; 4] = ["longUrl", "validUntil", "maxVisits", "tags"];
        let same = |row: &Value| {
            SAME.iter().all(|name| row["wish"][*name] == wish[*name])
                && wish["customSlug"].as_str().is_none_or(|slug| row["shortCode"] == slug)
        };
        if wish["findIfExists"] == true
            && let Some(row) = self.rows.iter().find(|row| same(row))
        {
            return Answer(200, date, row.to_string().into());
        }
        self.made += 1;
        let slug = wish["customSlug"].as_str().map_or_else(|| format!("sh{}", self.made), str::to_owned);
        if self.rows.iter().any(|row| row["shortCode"] == slug.as_str()) {
            let problem = json!({"type": "https://shlink.io/api/error/non-unique-slug", "title": "Invalid custom slug",
                "detail": format!("Provided slug \"{slug}\" is already in use."), "status": 400, "customSlug": slug});
            return Answer(
                400,
                "Content-Type: application/problem+json\r\n".into(),
                problem.to_string().into(),
            );
        }
        let row = json!({"shortCode": slug, "shortUrl": format!("https://sh.example/{slug}"),
            "longUrl": wish["longUrl"], "dateCreated": format!("2026-11-22T09:{:02}:00+00:00", self.minute % 60),
            "visitsSummary": {"total": 0, "nonBots": 0, "bots": 0}, "tags": wish["tags"],
            "meta": {"validSince": null, "validUntil": wish["validUntil"], "maxVisits": wish["maxVisits"]},
            "domain": null, "title": wish["title"], "crawlable": false, "forwardQuery": true,
            "hasRedirectRules": false, "wish": wish});
        self.rows.push(row.clone());
        Answer(200, date, row.to_string().into())
    }
}

impl Service for Shlink {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("x-api-key") != Some(KEY) {
            return json(
                401,
                &json!({"type": "https://shlink.io/api/error/invalid-api-key", "title": "Invalid API key",
                "detail": "Provided API key does not exist or is invalid.", "status": 401}),
            );
        }
        match (method(asked), path(asked)) {
            ("POST", "rest/v3/short-urls") => self.create(&body(asked)),
            ("GET", "rest/v3/short-urls") => {
                let query = query(asked);
                let number =
                    |name: &str, usual| query.get(name).and_then(|n| n.parse().ok()).unwrap_or(usual);
                let (page, size): (usize, usize) = (number("page", 1), number("itemsPerPage", 10));
                let rows: Vec<&Value> = self.rows.iter().skip((page - 1) * size).take(size).collect();
                let pages = self.rows.len().div_ceil(size);
                json(
                    200,
                    &json!({"shortUrls": {"data": rows, "pagination": {"currentPage": page, "pagesCount": pages,
                    "itemsPerPage": size, "itemsInCurrentPage": rows.len(), "totalItems": self.rows.len()}}}),
                )
            }
            ("GET", path) => {
                let slug = path.strip_prefix("rest/v3/short-urls/").unwrap_or_default();
                match self.rows.iter().find(|row| row["shortCode"] == slug) {
                    Some(row) => json(200, row),
                    None => json(
                        404,
                        &json!({"type": "https://shlink.io/api/error/short-url-not-found",
                        "title": "Short URL not found", "detail": "No URL found", "status": 404}),
                    ),
                }
            }
            _ => json(405, &json!({"title": "Method not allowed", "status": 405})),
        }
    }
}
