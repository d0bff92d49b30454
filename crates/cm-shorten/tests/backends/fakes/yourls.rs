//! YOURLS 1.10. Measured on 1.10.5-dev: the bodies, the codes as texts, 400 for a URL that is there, private addresses taken.
//! Read in source: keywords lose what their character set lacks (base 36 knows lower case and digits only), XML unless asked
//! for, 403 without the right signature, `error:concurrency`. Measured on releases before 1.9.1: 200 for a URL that is there.
//! Assumed: nothing.

use super::{Answer, Service, form, json, path};
use crate::server::Asked;
use serde_json::{Value, json};

pub const TOKEN: &str = "0123456789abcdef-signature";

#[derive(Clone, Debug)]
pub struct Row {
    pub keyword: String,
    pub url: String,
    pub title: String,
    pub clicks: u64,
}

#[derive(Default)]
pub struct Yourls {
    pub rows: Vec<Row>,
    /// Says 200 for a URL that is there, and numbers as numbers, as before 1.9.1.
    pub elder: bool,
    /// Pages that it fetched to find a title, because none was sent.
    pub fetched: usize,
}

impl Yourls {
    fn short(&self, keyword: &str) -> String {
        format!("https://s.example/{keyword}")
    }

    fn status(&self, status: u16) -> Value {
        if self.elder { status.into() } else { status.to_string().into() }
    }

    fn shorturl(&mut self, url: &str, keyword: Option<&String>, title: Option<&String>) -> Answer {
        if title.is_none_or(String::is_empty) {
            self.fetched += 1;
        }
        if url.starts_with("https://s.example/") {
            return json(
                400,
                &json!({"status": "fail", "code": "error:noloop", "message": "URL is a short URL",
                "errorCode": self.status(400), "statusCode": self.status(400)}),
            );
        }
        if let Some(row) = self.rows.iter().find(|row| row.url == url) {
            let status = if self.elder { 200 } else { 400 };
            return json(
                status,
                &json!({"status": "fail", "code": "error:url",
                "url": {"keyword": row.keyword, "url": row.url, "title": row.title, "date": "2026-11-22 08:00:00",
                    "ip": "192.0.2.1", "clicks": row.clicks.to_string()},
                "message": format!("{url} already exists in database"), "title": row.title,
                "shorturl": self.short(&row.keyword), "errorCode": self.status(400), "statusCode": self.status(400)}),
            );
        }
        // Base 36: what it does not know is dropped without a word.
        let sane = |text: &String| {
            text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>()
        };
        let keyword = keyword.map(sane).unwrap_or_else(|| format!("{}", self.rows.len() + 1));
        if self.rows.iter().any(|row| row.keyword == keyword) {
            return json(
                400,
                &json!({"status": "fail", "code": "error:keyword",
                "message": format!("Short URL {keyword} already exists in database or is reserved"),
                "errorCode": self.status(400), "statusCode": self.status(400)}),
            );
        }
        let title = title.cloned().unwrap_or_default();
        self.rows.push(Row {
            keyword: keyword.clone(),
            url: url.to_owned(),
            title: title.clone(),
            clicks: 0,
        });
        json(
            200,
            &json!({"status": "success", "code": "", "message": format!("{url} added to database"),
            "errorCode": "", "statusCode": self.status(200), "title": title, "shorturl": self.short(&keyword),
            "url": {"keyword": keyword, "url": url, "title": title, "date": "2026-11-22 08:00:00", "ip": "192.0.2.1"}}),
        )
    }

    fn link(&self, row: &Row) -> Value {
        json!({"shorturl": self.short(&row.keyword), "url": row.url, "title": row.title,
            "timestamp": "2026-11-22 08:00:00", "ip": "192.0.2.1", "clicks": row.clicks.to_string()})
    }

    fn stats(&self, limit: usize, start: usize) -> Answer {
        let rows: Vec<&Row> = self.rows.iter().rev().skip(start).take(limit).collect();
        let links: serde_json::Map<String, Value> =
            rows.iter().enumerate().map(|(n, row)| (format!("link_{}", n + 1), self.link(row))).collect();
        json(
            200,
            &json!({"links": links, "statusCode": self.status(200), "message": "success",
            "stats": {"total_links": self.rows.len().to_string(), "total_clicks": "0"}}),
        )
    }
}

impl Service for Yourls {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let form = form(asked);
        let get = |name: &str| form.get(name);
        if !path(asked).ends_with("yourls-api.php") {
            return Answer(404, String::new(), b"<html>not found".to_vec());
        }
        if get("format").is_none_or(|format| format != "json") {
            let xml = "<?xml version=\"1.0\"?><result><status>success</status></result>";
            return Answer(200, "Content-Type: application/xml\r\n".into(), xml.into());
        }
        if get("signature").is_none_or(|signature| signature != TOKEN) {
            return json(403, &json!({"message": "Please log in", "errorCode": "403", "callback": ""}));
        }
        match get("action").map(String::as_str) {
            Some("shorturl") => {
                let url = get("url").cloned().unwrap_or_default();
                self.shorturl(&url, get("keyword"), get("title"))
            }
            Some("url-stats") => {
                let keyword = get("shorturl").cloned().unwrap_or_default();
                match self.rows.iter().find(|row| row.keyword == keyword) {
                    Some(row) => json(
                        200,
                        &json!({"statusCode": self.status(200), "message": "success", "link": self.link(row)}),
                    ),
                    None => json(
                        404,
                        &json!({"statusCode": self.status(404), "message": "Error: short URL not found"}),
                    ),
                }
            }
            Some("stats") => {
                let number = |name: &str| get(name).and_then(|n| n.parse().ok()).unwrap_or(0);
                self.stats(number("limit"), number("start"))
            }
            _ => {
                json(400, &json!({"message": "Unknown or missing \"action\" parameter", "errorCode": "400"}))
            }
        }
    }
}
