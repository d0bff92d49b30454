//! X as it bills: every answer is charged by its posts, users and media, once a day of UTC. Documented: `since_id` and
//! `until_id` leave out that post itself, lists come newest first, `max_results` is at least 5 (searches: 10), `next_token`.
//! Assumed: what comes along is charged too, the worst that may be.

use crate::desk::{Answer, parameter};
use crate::server::Asked;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Posts by number, with the number of the author.
#[derive(Default)]
pub struct World {
    pub posts: BTreeMap<u64, u64>,
    pub charged: HashSet<(i64, String)>,
    /// Millionths of a dollar.
    pub bill: u64,
    pub now: DateTime<Utc>,
}

/// The number of a post of an instant.
pub fn number(at: DateTime<Utc>, n: u64) -> u64 {
    (((at.timestamp_millis() - 1_288_834_974_657) as u64) << 22) + n
}

pub fn post(number: u64, author: u64) -> Value {
    json!({
        "id": number.to_string(), "text": "a &amp; b https://t.co/x", "author_id": author.to_string(), "conversation_id": "7",
        "created_at": "2026-11-22T08:00:00.000Z", "lang": "en", "edit_history_tweet_ids": [number.to_string()],
        "public_metrics": {"reply_count": 1, "like_count": 2, "retweet_count": 3, "quote_count": 4, "impression_count": 5},
    })
}

pub fn user(number: u64) -> Value {
    json!({
        "id": number.to_string(), "username": format!("u{number}"), "name": "U", "profile_image_url": "https://a.example/u.png",
        "public_metrics": {"followers_count": 9, "following_count": 8, "tweet_count": 7, "listed_count": 6},
    })
}

impl World {
    pub fn charge(&mut self, thing: String, price: u64) {
        let day = self.now.timestamp() / 86_400;
        if self.charged.insert((day, thing)) {
            self.bill += price;
        }
    }

    /// Answers as lists do.
    pub fn answer(&mut self, asked: &Asked) -> Answer {
        let number = |name: &str| parameter(asked, name).map(|text| text.parse::<u64>().unwrap());
        let most = number("max_results").unwrap();
        assert!((5..=100).contains(&most), "{most}");
        let start: Option<DateTime<Utc>> = parameter(asked, "start_time").map(|text| text.parse().unwrap());
        let floor = number("since_id").or_else(|| start.map(|at| self::number(at, 0))).unwrap_or_default();
        let token = parameter(asked, "pagination_token").or_else(|| parameter(asked, "next_token"));
        let below = token.map(|token| token.trim_start_matches('t').parse::<u64>().unwrap());
        let below = below.or_else(|| number("until_id")).unwrap_or(u64::MAX);
        let reachable: Vec<(u64, u64)> = self.posts.iter().rev().take(800).map(|(n, a)| (*n, *a)).collect();
        let found = reachable.into_iter().filter(|(n, _)| *n > floor && *n < below);
        let found: Vec<(u64, u64)> = found.collect();
        let page: Vec<(u64, u64)> = found.iter().copied().take(most as usize).collect();
        let authors: std::collections::BTreeSet<u64> = page.iter().map(|(_, author)| *author).collect();
        page.iter().for_each(|(n, _)| self.charge(format!("p{n}"), 5_000));
        authors.iter().for_each(|author| self.charge(format!("u{author}"), 10_000));
        let mut meta = json!({"result_count": page.len()});
        if found.len() > page.len() {
            meta["next_token"] = format!("t{}", page.last().unwrap().0).into();
        }
        let users: Vec<Value> = authors.into_iter().map(user).collect();
        let mut body = json!({"meta": meta, "includes": {"users": users}});
        if !page.is_empty() {
            body["data"] = page.iter().map(|(n, author)| post(*n, *author)).collect();
        }
        let headers =
            "x-rate-limit-limit: 300\r\nx-rate-limit-remaining: 299\r\nx-rate-limit-reset: 1795338300\r\n";
        (200, headers.to_owned(), body.to_string())
    }

    /// So many posts within the last minutes, by a few people.
    pub fn write(&mut self, count: u64, seed: u64) {
        for n in 0..count {
            let at = self.now - TimeDelta::seconds(((n * 37 + seed) % 600) as i64);
            self.posts.insert(number(at, n + seed % 1000), 100 + n % 7);
        }
    }
}
