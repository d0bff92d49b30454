//! What docs/feeds.md promises, worked out anew from the log: for each source when it might be asked again, when it had to
//! be, where, and with which conditions. In: a source's settings, its requests, the times of the runs. Out: complaints.
//! It reads answers in its own simple way and shares no code with the program.

use crate::town::Asked;
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use std::collections::HashMap;

type Time = DateTime<Utc>;

/// From when on something may happen, and from when on it has to: pauses differ by a fifth.
#[derive(Clone, Copy, Default, Debug)]
struct Bound {
    may: Option<Time>,
    must: Option<Time>,
}

impl Bound {
    fn both(&mut self, until: Time) {
        self.between(until, until);
    }

    fn between(&mut self, may: Time, must: Time) {
        self.may = self.may.max(Some(may));
        self.must = self.must.max(Some(must));
    }
}

/// What is known of a host.
#[derive(Default)]
pub struct Host {
    bound: Bound,
    failures: u32,
    cooled_at: Option<Time>,
}

/// What is known of a source.
pub struct Oracle {
    settings: toml::Table,
    given: String,
    detour: Option<String>,
    sightings: (String, u32),
    etag: Option<String>,
    last_modified: Option<String>,
    document: String,
    control: Option<String>,
    failures: u32,
    bound: Bound,
    gone: bool,
    gone_at: Option<Time>,
    /// The number of the run in which it was last asked.
    run: Option<usize>,
    pub complaints: Vec<String>,
}

impl Oracle {
    pub fn new(settings: &str, given: &str) -> Oracle {
        Oracle {
            settings: settings.parse().unwrap(),
            given: given.to_owned(),
            detour: None,
            sightings: Default::default(),
            etag: None,
            last_modified: None,
            document: String::new(),
            control: None,
            failures: 0,
            bound: Bound::default(),
            gone: false,
            gone_at: None,
            run: None,
            complaints: Vec::new(),
        }
    }

    /// A run in which it was not asked.
    pub fn passed_over(&mut self, run: usize, at: Time, host: &Host) {
        if !self.gone && self.must(at, host) {
            let since =
                self.run.map_or_else(|| "never asked".to_owned(), |run| format!("asked in run {run}"));
            self.complaints.push(format!("run {run}, {at}: starved, {since}, bound {:?}", self.bound));
        }
    }

    /// A run in which it was asked: its requests, redirects and all.
    pub fn asked(&mut self, run: usize, requests: &[Asked], host: &mut Host) {
        let (first, last) = (&requests[0], &requests[requests.len() - 1]);
        let at = first.at;
        let mut complain = |why: String| self.complaints.push(format!("run {run}, {at}: {why}"));
        if self.gone {
            complain("asked though it is gone".to_owned());
        }
        if self.bound.may.is_some_and(|may| at < may) {
            complain(format!("too early: not before {:?}", self.bound.may));
        }
        if host.bound.may.is_some_and(|may| at < may) && host.cooled_at != Some(at) {
            complain(format!("its host cools down until {:?}", host.bound.may));
        }
        if self.run.is_some() && asleep(&self.settings, &self.document, at) {
            complain("at an hour or on a day that it skips".to_owned());
        }
        let expected = self.detour.clone().unwrap_or_else(|| self.given.clone());
        if first.path != expected {
            complain(format!("asked at {}, not {expected}", first.path));
        }
        let sent = (first.headers.get("if-none-match"), first.headers.get("if-modified-since"));
        if sent != (self.etag.as_ref(), self.last_modified.as_ref()) {
            complain(format!("conditions {sent:?}, kept were {:?} {:?}", self.etag, self.last_modified));
        }
        self.run = Some(run);
        self.bound = Bound::default();
        let conditional = self.etag.is_some() || self.last_modified.is_some();
        match last.page.status {
            200 if last.page.body.starts_with(b"<rss") => self.answered(requests, last, true, host),
            304 if conditional => self.answered(requests, last, false, host),
            _ => self.failed(last, host),
        }
    }

    fn must(&self, at: Time, host: &Host) -> bool {
        let free = |bound: &Bound| bound.must.is_none_or(|must| at >= must);
        free(&self.bound) && free(&host.bound) && !asleep(&self.settings, &self.document, at)
    }

    fn answered(&mut self, requests: &[Asked], last: &Asked, whole: bool, host: &mut Host) {
        let header = |name: &str| header(last, name);
        self.failures = 0;
        let moved = requests.iter().take_while(|one| matches!(one.page.status, 301 | 308)).last();
        match moved.map(|one| crate::site_path(&header_of(one, "location"))) {
            Some(to) if self.sightings.0 == to => self.sightings.1 += 1,
            Some(to) => self.sightings = (to, 1),
            None if self.sightings.1 >= 3 => {}
            None => self.sightings = Default::default(),
        }
        self.detour = (self.sightings.1 >= 3).then(|| self.sightings.0.clone());
        if whole {
            self.document = String::from_utf8(last.page.body.clone()).unwrap();
            (self.etag, self.last_modified, self.control) = (None, None, None);
        }
        self.etag = header("etag").or(self.etag.take());
        let made = header("date").map_or(last.at, |date| http_date(&date).max(last.at));
        let modified = header("last-modified").filter(|text| http_date(text) <= made);
        self.last_modified = modified.or(self.last_modified.take());
        self.control = header("cache-control").or(self.control.take());
        if !self.document.contains("</rss>") {
            (self.etag, self.last_modified) = (None, None);
        }
        if host.cooled_at != Some(last.at) {
            (host.bound, host.failures) = (Bound::default(), 0);
        }
        if header("x-ratelimit-remaining").as_deref() == Some("0") && !self.ignores("rate_limit") {
            let reset: i64 = header("x-ratelimit-reset").unwrap().parse().unwrap();
            host.bound.both(last.at + TimeDelta::seconds(reset));
            host.cooled_at = Some(last.at);
        }
        if let Some(at) = header("retry-after").filter(|_| !self.ignores("retry_after")) {
            self.bound.both(retry_after(&at, last.at));
        }
        let control = self.control.clone();
        self.wishes(last, control.as_deref());
    }

    fn failed(&mut self, last: &Asked, host: &mut Host) {
        self.failures += 1;
        let status = last.page.status;
        let page = last.page.body.starts_with(b"<html")
            && !last.page.body.windows(13).any(|w| w == b"Just a moment");
        let nowhere = matches!(status, 404 | 410 | 301) || (status == 200 && page);
        let lost = self.detour.is_some() && nowhere;
        if lost {
            (self.detour, self.etag, self.last_modified) = (None, None, None);
            self.sightings = Default::default();
        }
        // Gone is who says so twice, a day apart.
        let day = last.at - TimeDelta::days(1);
        let gone = status == 410 && !lost;
        self.gone = gone && self.gone_at.is_some_and(|at| at <= day);
        self.gone_at = Some(last.at).filter(|_| gone);
        let retry = header(last, "retry-after").filter(|_| !self.ignores("retry_after"));
        let retry = retry.map(|text| retry_after(&text, last.at));
        let reset = header(last, "ratelimit-reset").filter(|_| !self.ignores("rate_limit"));
        let reset = reset.map(|seconds| last.at + TimeDelta::seconds(seconds.parse().unwrap()));
        let own = pause(last.at, self.failures, retry.max(reset));
        self.bound.between(own.0, own.1);
        if gone {
            self.bound.both(last.at + TimeDelta::days(1));
        }
        let whole_host = status == 429 || (status == 503 && header(last, "retry-after").is_some());
        if whole_host && !self.ignores("whole_host") {
            host.failures += 1;
            let (may, must) = pause(last.at, host.failures, retry.max(reset));
            host.bound = Bound { may: Some(may), must: host.bound.must.max(Some(must)) };
            host.cooled_at = Some(last.at);
        }
        let control = header(last, "cache-control");
        self.wishes(last, control.as_deref());
    }

    /// What document and headers ask for, and what the settings make of it.
    fn wishes(&mut self, last: &Asked, control: Option<&str>) {
        let at = last.at;
        let set = |name: &str| self.settings.get(name).and_then(toml::Value::as_str).map(hours);
        if let Some(least) = set("min_interval") {
            self.bound.both(at + least);
        }
        if let Some(interval) = set("interval") {
            self.bound.both(at + interval);
            return;
        }
        let day = set("max_interval").unwrap_or(TimeDelta::days(1));
        let week = set("max_interval").unwrap_or(TimeDelta::days(7));
        let mut wishes: Vec<(&str, TimeDelta, TimeDelta)> = Vec::new();
        let words: Vec<String> =
            control.unwrap_or_default().to_lowercase().split(',').map(|w| w.trim().to_owned()).collect();
        let max_age = words.iter().find_map(|word| word.strip_prefix("max-age="));
        let age: i64 = header(last, "age").map_or(0, |age| age.parse().unwrap());
        if !words.iter().any(|word| word == "no-cache" || word == "no-store") {
            if let Some(max_age) = max_age {
                let seconds: i64 = max_age.trim_matches('"').parse().unwrap_or(0);
                wishes.push(("cache_control", TimeDelta::seconds(seconds - age), day));
            } else if let Some(expires) = header(last, "expires") {
                let date = header(last, "date").map_or(at, |date| http_date(&date));
                wishes.push(("expires", http_date(&expires) - date, day));
            }
        }
        if let Some(minutes) = element(&self.document, "ttl") {
            wishes.push(("ttl", TimeDelta::minutes(minutes.parse().unwrap()), day));
        }
        if let Some(period) = element(&self.document, "sy:updatePeriod") {
            let period = HashMap::from([("hourly", 1), ("daily", 24), ("weekly", 168)])[period.as_str()];
            let often: i32 =
                element(&self.document, "sy:updateFrequency").map_or(1, |often| often.parse().unwrap());
            let length = TimeDelta::hours(period) / often;
            let base = element(&self.document, "sy:updateBase").map(|base| base.parse::<Time>().unwrap());
            // The next whole number of updates after the base.
            let next =
                base.map(|base| (0..).map(|n| base + length * n).find(|next| *next > at).unwrap() - at);
            wishes.push(("sy_update", next.unwrap_or(length), week));
        }
        for (name, length, most) in wishes {
            if !self.ignores(name) && length > TimeDelta::zero() {
                self.bound.both(at + length.min(most));
            }
        }
    }

    fn ignores(&self, rule: &str) -> bool {
        ignores(&self.settings, rule)
    }
}

fn ignores(settings: &toml::Table, rule: &str) -> bool {
    let ignored = settings.get("ignore").and_then(toml::Value::as_array);
    ignored.into_iter().flatten().any(|ignored| ignored.as_str() == Some(rule))
}

fn asleep(settings: &toml::Table, document: &str, at: Time) -> bool {
    let hours: Vec<String> = elements(document, "hour");
    let days: Vec<String> = elements(document, "day");
    let hour = |hour: &String| hour.parse::<u32>().unwrap() % 24 == at.hour();
    let day = |day: &String| *day == at.format("%A").to_string();
    let asleep_by_hour = hours.len() < 24 && hours.iter().any(hour) && !ignores(settings, "skip_hours");
    asleep_by_hour || (days.len() < 7 && days.iter().any(day) && !ignores(settings, "skip_days"))
}

/// Five minutes, doubled with every failure, at most 12 hours, give or take a fifth; no earlier than was asked for.
fn pause(at: Time, failures: u32, asked: Option<Time>) -> (Time, Time) {
    let pause = TimeDelta::minutes(5 * 2i64.pow(failures.clamp(1, 9) - 1)).min(TimeDelta::hours(12));
    let (least, most) = (at + pause * 4 / 5, at + pause * 6 / 5);
    (asked.map_or(least, |asked| asked.max(least)), asked.map_or(most, |asked| asked.max(most)))
}

fn elements(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    document
        .split(open.as_str())
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(close.as_str())?.0.to_owned()))
        .collect()
}

fn element(document: &str, name: &str) -> Option<String> {
    elements(document, name).into_iter().next()
}

fn header(asked: &Asked, name: &str) -> Option<String> {
    let all: Vec<&str> =
        asked.page.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn header_of(asked: &Asked, name: &str) -> String {
    header(asked, name).unwrap_or_default()
}

/// An unreadable date is in the past.
fn http_date(text: &str) -> Time {
    DateTime::parse_from_rfc2822(text).map_or(DateTime::UNIX_EPOCH, |at| at.to_utc())
}

fn retry_after(text: &str, at: Time) -> Time {
    text.parse().map_or_else(|_| http_date(text), |seconds| at + TimeDelta::seconds(seconds))
}

fn hours(text: &str) -> TimeDelta {
    TimeDelta::hours(text.strip_suffix('h').unwrap().parse().unwrap())
}

/// `Mon, 16 Nov 2026 00:00:00 GMT`.
pub fn rfc(at: Time) -> String {
    assert!(at.year() > 2000);
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
