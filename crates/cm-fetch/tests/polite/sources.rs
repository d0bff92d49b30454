//! The sources of the town: each with a signal or a fault, and how `health` has to tell of it in the end.

use crate::oracle::rfc;
use crate::site::Page;
use crate::town::{Answer, Question};
use chrono::{TimeDelta, Timelike};
use std::sync::Arc;

/// A source.
pub struct Spec {
    /// The first part of its paths.
    pub name: &'static str,
    /// Sources that name the same host share it.
    pub host: &'static str,
    /// Its keys in `[[source]]`.
    pub settings: &'static str,
    pub answer: Answer,
    /// State, class, and parts of its reason and of the reason for its next time.
    pub health: [&'static str; 4],
}

fn spec(
    name: &'static str,
    health: [&'static str; 4],
    answer: impl Fn(&Question) -> Page + Send + Sync + 'static,
) -> Spec {
    Spec { name, host: name, settings: "", answer: Arc::new(answer), health }
}

impl Spec {
    fn on(self, host: &'static str) -> Spec {
        Spec { host, ..self }
    }

    fn set(self, settings: &'static str) -> Spec {
        Spec { settings, ..self }
    }
}

/// A feed whose channel says this too.
fn feed(says: &str) -> Page {
    let item = "<item><guid>a</guid><title>a</title></item>";
    Page::new(200, format!("<rss version='2.0'><channel><title>t</title>{says}{item}</channel></rss>"))
}

/// 304 where the ETag is known.
fn unless_known(question: &Question, page: Page) -> Page {
    let etag = page.headers.iter().find(|(name, _)| name == "etag").map(|(_, value)| value);
    match etag.is_some() && question.headers.get("if-none-match") == etag {
        true => Page { status: 304, body: Vec::new(), ..page },
        false => page,
    }
}

fn each(tag: &str, values: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    values.into_iter().map(|value| format!("<{tag}>{value}</{tag}>")).collect()
}

const OK: [&str; 4] = ["ok", "", "", ""];

fn ok(next: &'static str) -> [&'static str; 4] {
    ["ok", "", "", next]
}

fn failing(class: &'static str, why: &'static str, next: &'static str) -> [&'static str; 4] {
    ["failing", class, why, next]
}

/// All of them.
pub fn all() -> Vec<Spec> {
    [fresh(), documents(), validators(), limits(), failures(), ways(), overridden()]
        .into_iter()
        .flatten()
        .collect()
}

fn fresh() -> Vec<Spec> {
    let control = |value: &'static str| move |_: &Question| feed("").with("cache-control", value);
    vec![
        spec("plain", OK, |_| feed("")),
        spec("max-age", ok("Cache-Control: max-age 60 min"), control("public, max-age=3600")),
        spec("s-maxage", OK, control("s-maxage=3600")),
        spec("no-cache", OK, control("no-cache, max-age=3600")),
        spec("no-store", OK, control("No-Store")),
        spec("immutable", ok("Cache-Control: max-age 2 h"), control("max-age=7200, immutable")),
        spec("quoted", ok("Cache-Control: max-age 90 min"), control("max-age=\"5400\"")),
        spec("nonsense", OK, control("max-age=soon")),
        spec("a-year", ok("Cache-Control: max-age 365 days, cut to 24 h"), control("max-age=31536000")),
        spec("aged", ok("less Age 50 min, left 70 min"), |_| {
            feed("").with("cache-control", "max-age=7200").with("age", "3000")
        }),
        spec("two-lines", ok("Cache-Control: max-age 60 min"), |_| {
            feed("").with("cache-control", "public").with("cache-control", "max-age=3600")
        }),
        spec("expires", ok("Expires in 2 h"), |q| {
            // Its clock is five hours slow, and it means two hours.
            let date = q.at - TimeDelta::hours(5);
            feed("").with("date", &rfc(date)).with("expires", &rfc(date + TimeDelta::hours(2)))
        }),
        spec("expired", OK, |_| feed("").with("expires", "0")),
        spec("max-age-wins", OK, |q| {
            feed("").with("cache-control", "max-age=0").with("expires", &rfc(q.at + TimeDelta::hours(3)))
        }),
        spec("fresh-304", ok("Cache-Control: max-age 3 h"), |q| {
            // The control of the whole holds for a 304 that says nothing, until one says something else.
            let page = unless_known(q, feed("").with("etag", "\"1\""));
            match (page.status, q.n % 4) {
                (200, _) => page.with("cache-control", "max-age=3600"),
                (_, 3) => page.with("cache-control", "max-age=10800"),
                _ => page,
            }
        }),
        spec("retry-when-well", ok("Retry-After 2 h"), |_| feed("").with("retry-after", "7200")),
    ]
}

fn documents() -> Vec<Spec> {
    let says = |text: String| move |_: &Question| feed(&text);
    let hourly = "<sy:updatePeriod>hourly</sy:updatePeriod>";
    let daily = "<sy:updatePeriod>daily</sy:updatePeriod>";
    vec![
        spec("ttl", ok("ttl 90 min"), says("<ttl>90</ttl>".into())),
        spec("ttl-0", OK, says("<ttl>0</ttl>".into())),
        spec("ttl-seconds", ok("ttl 60 days, cut to 24 h"), says("<ttl>86400</ttl>".into())),
        spec("ttl-304", ok("ttl 2 h"), |q| unless_known(q, feed("<ttl>120</ttl>").with("etag", "\"1\""))),
        spec("ttl-and-age", ok("ttl 3 h"), |_| feed("<ttl>180</ttl>").with("cache-control", "max-age=3600")),
        spec("ttl-flapping", ["", "", "", ""], |q| {
            if q.n % 3 == 1 { Page::new(500, "oops") } else { feed("<ttl>60</ttl>") }
        }),
        spec("sy-hourly", ok("sy:update every 60 min, the next in"), says(hourly.into())),
        spec(
            "sy-4-a-day",
            ok("sy:update every 6 h"),
            says(format!("{daily}<sy:updateFrequency>4</sy:updateFrequency>")),
        ),
        spec(
            "sy-base",
            ok("sy:update every 24 h, the next in"),
            says(format!("{daily}<sy:updateBase>2026-11-01T06:00:00Z</sy:updateBase>")),
        ),
        spec(
            "sy-weekly",
            ok("sy:update every 7 days"),
            says("<sy:updatePeriod>weekly</sy:updatePeriod>".into()),
        ),
        spec(
            "night",
            ok(""),
            says(format!("<skipHours>{}</skipHours>", each("hour", [23, 24, 1, 2, 3, 4, 5]))),
        ),
        spec(
            "office",
            ok("skipDays tuesday, saturday (GMT)"),
            says(format!("<skipDays>{}</skipDays>", each("day", ["Saturday", "Tuesday"]))),
        ),
        spec("never", OK, says(format!("<skipHours>{}</skipHours>", each("hour", 0..24)))),
        spec(
            "night-ttl",
            ["ok", "", "", ""],
            says(format!("<ttl>150</ttl><skipHours>{}</skipHours>", each("hour", [8, 9, 12, 13, 20]))),
        ),
        spec("night-304", ["ok", "", "", ""], |q| {
            let says = format!("<skipHours>{}</skipHours>", each("hour", 0..9));
            unless_known(q, feed(&says).with("etag", "W/\"1\""))
        }),
        spec("night-failing", failing("http-500", "HTTP 500", ""), |q| match q.n {
            0 => feed(&format!("<skipHours>{}</skipHours>", each("hour", 0..20))),
            _ => Page::new(500, "oops"),
        }),
    ]
}

fn validators() -> Vec<Spec> {
    let monday = "Mon, 02 Nov 2026 10:00:00 GMT";
    vec![
        spec("etag-moves", OK, move |q| {
            // The tag changes every hour, the date stays: only the tag tells.
            unless_known(
                q,
                feed("").with("etag", &format!("\"{}\"", q.at.hour())).with("last-modified", monday),
            )
        }),
        spec("new-tag", OK, |q| feed("").with("etag", &format!("\"{}\"", q.n))),
        spec("weak", OK, |q| unless_known(q, feed("").with("etag", "W/\"x\""))),
        spec("gzip-tag", OK, |q| unless_known(q, feed("").with("etag", "\"x-gzip\""))),
        spec("frozen", OK, |q| feed("").with("last-modified", &rfc(q.at + TimeDelta::days(400)))),
        spec("frozen-tag", OK, |q| {
            let ahead = rfc(q.at + TimeDelta::days(400));
            unless_known(
                q,
                feed("").with("etag", &format!("\"{}\"", q.at.hour() / 6)).with("last-modified", &ahead),
            )
        }),
        spec("date-only", OK, move |q| match q.headers.get("if-modified-since").map(String::as_str) {
            Some(known) if known == monday => Page::new(304, ""),
            _ => feed("").with("last-modified", monday),
        }),
        spec("renewed", OK, |q| {
            // A 304 may bring another tag.
            let status = if q.headers.contains_key("if-none-match") { 304 } else { 200 };
            Page { status, ..feed("") }.with("etag", &format!("\"{}\"", q.n))
        }),
        spec("cut-off", ["failing", "cut_off", "is cut off after", ""], |_| {
            let page = feed("").with("etag", "\"1\"");
            Page { body: page.body[..page.body.len() - 16].to_vec(), ..page }
        }),
        spec("304-to-nothing", failing("http-304", "without being asked", "a pause of"), |_| {
            Page::new(304, "")
        }),
    ]
}

fn limits() -> Vec<Spec> {
    let sometimes = |every: usize, page: fn(&Question) -> Page| {
        move |q: &Question| if q.n % every == every - 1 { page(q) } else { feed("") }
    };
    let quiet = |_: &Question| feed("");
    vec![
        spec("429-once", ["", "", "", ""], sometimes(5, |_| Page::new(429, "").with("retry-after", "7200")))
            .on("busy"),
        spec("429-sibling", ["", "", "", ""], quiet).on("busy"),
        spec(
            "429-date",
            ["", "", "", ""],
            sometimes(4, |q| Page::new(429, "").with("retry-after", &rfc(q.at + TimeDelta::hours(5)))),
        )
        .on("busy-2"),
        spec("429-date-sibling", ["", "", "", ""], quiet).on("busy-2"),
        // It goes on refusing when the host is asked again, beside a sibling that is let in.
        spec("429-twice", ["", "", "", ""], |q| match q.n % 6 {
            0..=2 => feed(""),
            _ => Page::new(429, "").with("retry-after", "6000"),
        })
        .on("busy-3"),
        spec("429-twice-sibling", ["", "", "", ""], quiet).on("busy-3"),
        spec("429-hasty", failing("http-429", "too many requests", ""), |_| {
            Page::new(429, "").with("retry-after", "0")
        }),
        spec("429-mute", failing("http-429", "too many requests", ""), |_| Page::new(429, "")),
        spec("429-reset", failing("http-429", "too many requests", ""), |_| {
            Page::new(429, "").with("ratelimit-reset", "9000")
        }),
        spec("503-host", ["", "", "", ""], sometimes(6, |_| Page::new(503, "").with("retry-after", "10000")))
            .on("weak-host"),
        spec("503-sibling", ["", "", "", ""], quiet).on("weak-host"),
        spec("503-alone", failing("http-503", "in trouble", ""), |_| Page::new(503, "")).on("half"),
        spec("503-beside", OK, quiet).on("half"),
        spec(
            "used-up",
            ["", "", "", ""],
            sometimes(3, |_| {
                feed("")
                    .with("x-ratelimit-used", "100")
                    .with("x-ratelimit-remaining", "0")
                    .with("x-ratelimit-reset", "3000")
            }),
        )
        .on("counted"),
        spec("used-up-sibling", ["", "", "", ""], quiet).on("counted"),
    ]
}

fn failures() -> Vec<Spec> {
    let status = |status| move |_: &Question| Page::new(status, "no");
    let wall = "<html><title>Just a moment...</title></html>";
    vec![
        spec("500", failing("http-500", "in trouble (HTTP 500)", ""), status(500)),
        spec("500-flapping", ["", "", "", ""], |q| if q.n % 2 == 0 { Page::new(500, "") } else { feed("") }),
        spec("500-says", failing("http-500", "HTTP 500", ""), |_| {
            Page::new(500, "").with("cache-control", "max-age=14400")
        }),
        spec("404", failing("http-404", "not found (HTTP 404)", ""), status(404)),
        spec(
            "404-waves",
            ["", "", "", ""],
            |q| if q.at.hour() % 8 < 3 { Page::new(404, "") } else { feed("") },
        ),
        spec("403", failing("http-403", "the server refuses us (HTTP 403)", ""), status(403)),
        spec("401", failing("http-401", "credentials are needed (HTTP 401)", ""), status(401)),
        spec("410", ["gone", "gone", "gone for good (HTTP 410)", ""], status(410)),
        spec("410-later", ["gone", "gone", "gone for good (HTTP 410)", ""], |q| {
            if q.n < 7 { feed("") } else { Page::new(410, "") }
        }),
        spec("wall", failing("challenge", "a bot wall stands before it", ""), move |_| Page::new(200, wall)),
        spec("wall-403", failing("challenge", "a challenge page", ""), move |_| Page::new(403, wall)),
        spec("no-feed", failing("not-a-feed", "not a feed", ""), |_| Page::new(200, "just words")),
        spec("empty", failing("not-a-feed", "empty", ""), |_| Page::new(200, "")),
    ]
}

/// Redirects.
fn ways() -> Vec<Spec> {
    let to = |status: u16, path: &str| Page::new(status, "").with("location", path);
    vec![
        spec("301", ["moved", "", "/301/new, which is asked instead", ""], move |q| match q.path {
            "/301" => to(301, "/301/new"),
            _ => feed("").with("etag", "\"n\""),
        }),
        spec("308-ttl", ["moved", "", "/308-ttl/new", "ttl 2 h"], move |q| match q.path {
            "/308-ttl" => to(308, "/308-ttl/new"),
            _ => feed("<ttl>120</ttl>"),
        }),
        spec("302", OK, move |q| if q.path == "/302" { to(302, "/302/now") } else { feed("") }),
        spec("loop", failing("redirect", "more than 5 redirects", ""), move |_| to(301, "/loop")),
        spec("moved-dead", ["", "", "", ""], move |q| match q.path {
            "/moved-dead" if q.n < 12 => to(301, "/moved-dead/new"),
            "/moved-dead" => feed(""),
            _ if q.n < 12 => feed("").with("etag", "\"n\""),
            _ => Page::new(404, ""),
        }),
        spec("moved-parked", ["", "", "", ""], move |q| match q.path {
            "/moved-parked" if q.n < 12 => to(301, "/moved-parked/new"),
            "/moved-parked" => feed(""),
            _ if q.n < 12 => feed(""),
            _ => Page::new(200, "<html><title>This domain is for sale</title></html>"),
        }),
        spec("moved-back", OK, move |q| match (q.path, q.n < 12) {
            ("/moved-back", true) => to(301, "/moved-back/new"),
            ("/moved-back", false) | (_, true) => feed(""),
            (_, false) => to(301, "/moved-back"),
        }),
    ]
}

/// Settings that come in place of wishes.
fn overridden() -> Vec<Spec> {
    let hinted = |_: &Question| feed("<ttl>30</ttl>").with("cache-control", "max-age=1800");
    vec![
        spec("every-6-h", ok("interval 6 h"), hinted).set("interval = \"6h\""),
        spec("at-least", ok("min_interval 4 h"), hinted).set("min_interval = \"4h\""),
        spec("at-most", ok("cut to 60 min"), |_| feed("<ttl>600</ttl>")).set("max_interval = \"1h\""),
        spec("deaf", OK, hinted).set("ignore = [\"ttl\", \"cache_control\"]"),
        spec("sleepless", OK, |_| feed(&format!("<skipHours>{}</skipHours>", each("hour", 0..20))))
            .set("ignore = [\"skip_hours\"]"),
        spec("deaf-429", failing("http-429", "too many requests", ""), |_| {
            Page::new(429, "").with("retry-after", "86400")
        })
        .set("ignore = [\"retry_after\", \"whole_host\"]")
        .on("deaf-host"),
        spec("deaf-sibling", OK, |_| feed("")).on("deaf-host"),
    ]
}
