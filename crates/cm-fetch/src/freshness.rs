//! What an answer's headers say of when to come back. In: status and headers. Out: how long the answer stays fresh, and
//! until when the server wants to be left alone. Pure.
//!
//! Freshness as a private cache reckons it (RFC 9111, 4.2): `s-maxage` is not for us, `max-age` wins over `Expires`, what
//! an intermediary has kept already (`Age`) counts, and an `Expires` is read against the server's own `Date`, so that a
//! server whose clock is wrong says what it means. `immutable` and `stale-*` add nothing to that.

use chrono::{DateTime, TimeDelta, Utc};
use cm_net::Response;
use serde::{Deserialize, Serialize};

/// `Cache-Control`. Kept from run to run, since a "not modified" may leave it out (RFC 9111, 3.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Control {
    /// In seconds.
    pub(crate) max_age: Option<i64>,
    /// `no-cache` or `no-store`: it may be asked at any time.
    pub(crate) uncached: bool,
}

/// What the headers of an answer say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers {
    /// `None`: not a word of it.
    pub(crate) control: Option<Control>,
    /// How long after the answer was made it expires; negative when it had expired before. An unreadable `Expires` is one
    /// in the past (RFC 9111, 5.3).
    pub(crate) expires_after: Option<TimeDelta>,
    /// How old it was when it came.
    pub(crate) age: TimeDelta,
    /// `Retry-After`.
    pub(crate) retry_at: Option<DateTime<Utc>>,
    /// When the host's limit of requests begins anew, where none are left.
    pub(crate) limit_until: Option<DateTime<Utc>>,
    /// By what the host is known that sent them, or did not answer: redirects may have led to another.
    pub(crate) host: Option<String>,
}

impl Headers {
    /// Reads them.
    pub(crate) fn of<B>(response: &Response<B>, now: DateTime<Utc>) -> Headers {
        let date = response.header("date").and_then(crate::dates::parse).unwrap_or(now);
        let expires =
            response.header("expires").map(|text| crate::dates::parse(text).unwrap_or(DateTime::UNIX_EPOCH));
        let age = response.header("age").and_then(|age| seconds(age.trim()));
        Headers {
            control: control(response),
            expires_after: expires.map(|expires| expires - date),
            age: age.and_then(TimeDelta::try_seconds).unwrap_or_default(),
            retry_at: response.retry_after(now),
            limit_until: response.limit_until(now),
            host: None,
        }
    }
}

/// All `Cache-Control` lines as one list; of two equal directives the first counts. A `max-age` that is no number makes the
/// answer stale at once (RFC 9111, 4.2.1).
fn control<B>(response: &Response<B>) -> Option<Control> {
    let lines: Vec<&str> = response
        .headers
        .iter()
        .filter(|(name, _)| name == "cache-control")
        .map(|(_, value)| value.as_str())
        .collect();
    let all = lines.join(",").to_ascii_lowercase();
    let directives = || all.split(',').map(str::trim).filter(|one| !one.is_empty());
    directives().next()?;
    let named =
        |name: &str| directives().find_map(|one| one.strip_prefix(name)?.trim_start().strip_prefix('='));
    let max_age = named("max-age").map(|value| seconds(value.trim().trim_matches('"')).unwrap_or(0));
    let uncached = directives().any(|one| matches!(one, "no-cache" | "no-store"));
    Some(Control { max_age, uncached })
}

/// Digits only; more than fit are very many.
fn seconds(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::from(u32::MAX)).min(i64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response(headers: &[(&str, &str)]) -> Response {
        Response {
            status: 200,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: Vec::new(),
            url: "https://a.example/feed".parse().unwrap(),
            redirects: Vec::new(),
        }
    }

    fn read(headers: &[(&str, &str)]) -> Headers {
        Headers::of(&response(headers), "2026-11-22T09:00:00Z".parse().unwrap())
    }

    #[test]
    fn cache_control_is_one_list() {
        let control = |headers: &[(&str, &str)]| read(headers).control.map(|c| (c.max_age, c.uncached));
        let one = |value| control(&[("cache-control", value)]);
        assert_eq!(one("public, Max-Age=3600, s-maxage=99"), Some((Some(3600), false)));
        assert_eq!(one("max-age=\"60\", max-age=7"), Some((Some(60), false)));
        assert_eq!(one("s-maxage=600"), Some((None, false)));
        assert_eq!(one("No-Store, max-age=60"), Some((Some(60), true)));
        assert_eq!(one("max-age=-1, immutable"), Some((Some(0), false)), "stale");
        assert_eq!(one("max-age=99999999999999999999"), Some((Some(u32::MAX.into()), false)));
        assert_eq!(one(" , "), None);
        let two = [("cache-control", "public"), ("x", "y"), ("cache-control", "max-age=5")];
        assert_eq!(control(&two), Some((Some(5), false)));
    }

    #[test]
    fn expires_is_read_against_the_servers_own_date() {
        let after = |headers: &[(&str, &str)]| read(headers).expires_after.map(|after| after.num_minutes());
        let expires = ("expires", "Sun, 22 Nov 2026 09:30:00 GMT");
        assert_eq!(after(&[expires]), Some(30));
        assert_eq!(
            after(&[expires, ("date", "Sun, 22 Nov 2026 08:00:00 GMT")]),
            Some(90),
            "its clock is slow"
        );
        assert!(after(&[("expires", "0")]).unwrap() < 0);
        assert_eq!(after(&[("cache-control", "max-age=1")]), None);
        assert_eq!(read(&[("age", "120")]).age.num_seconds(), 120);
        assert_eq!(read(&[("age", "-5")]).age.num_seconds(), 0);
    }

    proptest! {
        #[test]
        fn no_header_breaks_it(name in "cache-control|expires|date|age|retry-after|ratelimit", value in ".{0,60}") {
            let read = read(&[(&name, &value), ("cache-control", "max-age=9")]);
            prop_assert!(read.age >= TimeDelta::zero());
            prop_assert!(read.control.is_some());
        }
    }
}
