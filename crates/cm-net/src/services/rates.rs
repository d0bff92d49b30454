//! Rate headers of all networks, translated to one shape. In: an answer. Out: how many requests a window takes, how many
//! are left in this one, and when the next begins.
//!
//! Names differ by their beginning (`X-RateLimit-`, `RateLimit-`, `x-rate-limit-`), and `-Reset` differs by its meaning:
//! an ISO time on Mastodon, seconds since 1970 on GitHub, X and Bluesky, seconds from now on Reddit and in the IETF's
//! draft. Reddit says `-Used` in place of `-Limit`, and fractions (measured and documented: each network's API pages).

use super::Limit;
use crate::client::Response;
use chrono::{DateTime, TimeDelta, Utc};

const BEGINNINGS: [&str; 3] = ["x-ratelimit-", "ratelimit-", "x-rate-limit-"];
/// Nobody is waited for longer than this.
const LONGEST: TimeDelta = TimeDelta::days(31);
/// A reset beyond this many seconds is an instant, below it is a wait.
const INSTANT_FROM: f64 = 1e9;

/// What is left of a network's limits, where the answer says so.
pub(crate) fn limit<B>(response: &Response<B>, now: DateTime<Utc>) -> Option<Limit> {
    BEGINNINGS.iter().find_map(|beginning| {
        let text = |name: &str| response.header(&format!("{beginning}{name}"));
        let number = |name: &str| number(text(name)?);
        let remaining = number("remaining")?;
        let limit = number("limit").or_else(|| Some(number("used")? + remaining))?;
        let reset = text("reset").and_then(|text| reset(text, now));
        Some(Limit { limit: limit as u64, remaining: remaining as u64, reset })
    })
}

/// When to come back after "too many requests": `Retry-After`, else when the next window begins.
pub(crate) fn after<B>(response: &Response<B>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let used_up = || limit(response, now).filter(|limit| response.status == 429 || limit.remaining == 0);
    let reset = || BEGINNINGS.iter().find_map(|beginning| response.header(&format!("{beginning}reset")));
    response
        .retry_after(now)
        .or_else(|| used_up()?.reset)
        .or_else(|| (response.status == 429).then(reset)?.and_then(|text| self::reset(text, now)))
}

impl<B> Response<B> {
    /// Until when the server wants no more requests because its limit is used up: the next window begins then. Unlike
    /// `Retry-After`, it may stand on an answer that succeeded.
    pub fn limit_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let refused = self.status == 429;
        if let Some(limit) = limit(self, now) {
            return limit.reset.filter(|_| refused || limit.remaining == 0);
        }
        let (left, reset) = self.header("ratelimit").map(policies).unwrap_or_default();
        let used_up = refused || left.is_some_and(|left| left < 1.0);
        let other = || BEGINNINGS.iter().find_map(|beginning| self.header(&format!("{beginning}reset")));
        used_up.then(|| reset.or_else(other)).flatten().and_then(|text| self::reset(text, now))
    }
}

/// What is left and when it begins anew, of the one header that the IETF's draft has come to: `"hour";r=0;t=300`, before
/// that `limit=60, remaining=0, reset=300` (draft-ietf-httpapi-ratelimit-headers, 10 and 06). Of several limits the one
/// with the least left.
fn policies(header: &str) -> (Option<f64>, Option<&str>) {
    let split: &[char] = if header.contains("reset=") { &['\n'] } else { &[','] };
    let least = header.split(split).filter_map(|policy| {
        let parts = || policy.split([';', ',']).filter_map(|part| part.trim().split_once('='));
        let of = |names: [&str; 2]| {
            parts().find(|(name, _)| names.contains(&name.trim())).map(|(_, value)| value.trim())
        };
        Some((number(of(["r", "remaining"])?)?, of(["t", "reset"])))
    });
    let least = least.min_by(|a, b| a.0.total_cmp(&b.0));
    least.map_or((None, None), |(left, reset)| (Some(left), reset))
}

/// A number that is not negative; lists (`100, 100;window=60`) say the narrowest first.
fn number(text: &str) -> Option<f64> {
    let first = text.split([',', ';']).next()?.trim();
    first.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

/// Never in the past, at most a month ahead.
fn reset(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = match number(text) {
        Some(instant) if instant >= INSTANT_FROM * 1000.0 => DateTime::from_timestamp_millis(instant as i64),
        Some(instant) if instant >= INSTANT_FROM => DateTime::from_timestamp(instant as i64, 0),
        Some(wait) => now.checked_add_signed(TimeDelta::try_seconds(wait.ceil() as i64)?),
        None => DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.to_utc()),
    };
    Some(at?.clamp(now, now + LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        Response {
            status,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: Vec::new(),
            url: "https://api.example/".parse().unwrap(),
            redirects: Vec::new(),
        }
    }

    #[test]
    fn each_networks_words_mean_the_same() {
        for (network, headers) in [
            (
                "mastodon",
                [
                    ("x-ratelimit-limit", "300"),
                    ("x-ratelimit-remaining", "12"),
                    ("x-ratelimit-reset", "2026-11-22T09:05:00.123Z"),
                ],
            ),
            (
                "github",
                [
                    ("x-ratelimit-limit", "300"),
                    ("x-ratelimit-remaining", "12"),
                    ("x-ratelimit-reset", "1795338300"),
                ],
            ),
            (
                "bluesky",
                [
                    ("ratelimit-limit", "300"),
                    ("ratelimit-remaining", "12"),
                    ("ratelimit-reset", "1795338300"),
                ],
            ),
            (
                "x",
                [
                    ("x-rate-limit-limit", "300"),
                    ("x-rate-limit-remaining", "12"),
                    ("x-rate-limit-reset", "1795338300"),
                ],
            ),
            (
                "reddit",
                [
                    ("x-ratelimit-used", "288"),
                    ("x-ratelimit-remaining", "12.0"),
                    ("x-ratelimit-reset", "300"),
                ],
            ),
            (
                "the draft",
                [
                    ("ratelimit-limit", "300, 300;window=600"),
                    ("ratelimit-remaining", "12"),
                    ("ratelimit-reset", "300"),
                ],
            ),
        ] {
            let limit = limit(&response(200, &headers), now()).unwrap();
            assert_eq!((limit.limit, limit.remaining), (300, 12), "{network}");
            assert_eq!((limit.reset.unwrap() - now()).num_seconds(), 300, "{network}");
        }
        assert_eq!(limit(&response(200, &[("x-ratelimit-limit", "300")]), now()), None);
    }

    #[test]
    fn when_to_come_back() {
        let wait = |status, headers: &[(&str, &str)]| {
            after(&response(status, headers), now()).map(|at| (at - now()).num_seconds())
        };
        let used_up =
            [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "90")];
        assert_eq!(wait(429, &used_up), Some(90));
        assert_eq!(wait(403, &used_up), Some(90), "GitHub says it so");
        assert_eq!(wait(429, &[("retry-after", "5"), ("x-ratelimit-reset", "90")]), Some(5));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "90")]), Some(90));
        assert_eq!(wait(502, &[("x-ratelimit-reset", "90")]), None);
        assert_eq!(wait(429, &[("x-ratelimit-reset", "-1")]), None);
    }

    #[test]
    fn a_used_up_limit_says_until_when() {
        let wait = |status, headers: &[(&str, &str)]| {
            response(status, headers).limit_until(now()).map(|at| (at - now()).num_seconds())
        };
        let reddit = |left| {
            [("x-ratelimit-used", "100"), ("x-ratelimit-remaining", left), ("x-ratelimit-reset", "90")]
        };
        assert_eq!((wait(200, &reddit("0.0")), wait(200, &reddit("3.0"))), (Some(90), None));
        assert_eq!(wait(429, &reddit("3.0")), Some(90), "it refuses all the same");
        for header in
            ["\"hour\";r=0;t=90", "\"day\";r=7;t=9999, \"hour\";r=0;t=90", "limit=60, remaining=0, reset=90"]
        {
            assert_eq!(wait(200, &[("ratelimit", header)]), Some(90), "{header}");
        }
        assert_eq!(wait(200, &[("ratelimit", "\"hour\";r=5;t=90")]), None);
        assert_eq!(wait(429, &[("x-ratelimit-reset", "90")]), Some(90));
        assert_eq!(wait(429, &[("ratelimit", "x;y=;=")]), None);
    }

    proptest! {
        #[test]
        fn no_limit_breaks_it(header in ".{0,60}", status in prop::sample::select(vec![200u16, 429])) {
            if let Some(at) = response(status, &[("ratelimit", &header)]).limit_until(now()) {
                prop_assert!(at >= now() && at <= now() + LONGEST);
            }
        }

        #[test]
        fn any_reset_is_within_bounds(text in ".{0,40}") {
            if let Some(at) = reset(&text, now()) {
                prop_assert!(at >= now() && at <= now() + LONGEST);
            }
        }
    }
}
