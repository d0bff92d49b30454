//! Until when a source is left alone, and why: the longest of all that its publisher, its server and its settings ask for.
//! In: what the document and the headers said, the settings, now. Out: every reason with its time, the longest first. Pure.

use crate::freshness::{Control, Headers};
use crate::manners::{Manners, Rule};
use crate::rhythm::Rhythm;
use crate::wall::span;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// `Cache-Control`, `Expires` and `ttl` keep us away no longer than this: they are often meant for browsers, or written in
/// seconds where minutes are meant, and a feed shows only its newest entries.
const LONGEST_HINT: TimeDelta = TimeDelta::days(1);
/// `sy:update*` no longer than this: nobody writes "weekly" by mistake.
const LONGEST_UPDATE: TimeDelta = TimeDelta::days(7);

/// What a source said the last time, for the times at which it says nothing: a "not modified", a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    /// Its document.
    pub(crate) rhythm: Rhythm,
    /// Its `Cache-Control`.
    pub(crate) control: Option<Control>,
}

/// One reason to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reason {
    /// Who asks for it.
    pub(crate) rule: Rule,
    /// In a few words: `ttl 60 min`.
    pub(crate) says: String,
    /// Not before.
    pub(crate) until: DateTime<Utc>,
}

impl Reason {
    /// A reason.
    pub(crate) fn new(rule: Rule, says: impl Into<String>, until: DateTime<Utc>) -> Reason {
        Reason { rule, says: says.into(), until }
    }
}

/// Every reason that lasts beyond now, the longest first. Hours and days that are skipped are not among them: they are
/// looked up when the source would be asked (`awake`).
pub(crate) fn reasons(said: &Said, headers: &Headers, manners: &Manners, now: DateTime<Utc>) -> Vec<Reason> {
    let mut all = Vec::new();
    match manners.interval {
        Some(interval) => push(&mut all, Rule::Interval, "interval", interval, now),
        None => {
            let hint = manners.max_interval.unwrap_or(LONGEST_HINT);
            let update = manners.max_interval.unwrap_or(LONGEST_UPDATE);
            freshness(&mut all, said, headers, hint, now);
            if let Some(ttl) = said.rhythm.ttl() {
                capped(&mut all, Rule::Ttl, "ttl", ttl, hint, now);
            }
            if let Some(next) = said.rhythm.next_update(now) {
                let every = said.rhythm.update().map(span).unwrap_or_default();
                capped(
                    &mut all,
                    Rule::Updates,
                    &format!("sy:update every {every}, the next in"),
                    next - now,
                    update,
                    now,
                );
            }
        }
    }
    if let Some(least) = manners.min_interval {
        push(&mut all, Rule::MinInterval, "min_interval", least, now);
    }
    if let Some(at) = headers.retry_at {
        push(&mut all, Rule::RetryAfter, "Retry-After", at - now, now);
    }
    all.retain(|reason| !manners.ignore.contains(&reason.rule));
    longest_first(all)
}

/// In the order of their times, the longest first.
pub(crate) fn longest_first(mut reasons: Vec<Reason>) -> Vec<Reason> {
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.until));
    reasons
}

fn freshness(all: &mut Vec<Reason>, said: &Said, headers: &Headers, most: TimeDelta, now: DateTime<Utc>) {
    let control = said.control.clone().unwrap_or_default();
    if control.uncached {
        return;
    }
    let left = |lifetime: TimeDelta| lifetime.checked_sub(&headers.age).unwrap_or(lifetime);
    if let Some(max_age) = control.max_age {
        let lifetime = TimeDelta::try_seconds(max_age).unwrap_or(TimeDelta::MAX);
        let what = match headers.age > TimeDelta::zero() {
            true => format!("Cache-Control: max-age {} less Age {}, left", span(lifetime), span(headers.age)),
            false => "Cache-Control: max-age".to_owned(),
        };
        capped(all, Rule::CacheControl, &what, left(lifetime), most, now);
    } else if let Some(lifetime) = headers.expires_after {
        capped(all, Rule::Expires, "Expires in", left(lifetime), most, now);
    }
}

/// A reason that lasts no longer than `most`, and says so where it would.
fn capped(
    all: &mut Vec<Reason>,
    rule: Rule,
    what: &str,
    length: TimeDelta,
    most: TimeDelta,
    now: DateTime<Utc>,
) {
    if length <= most {
        return push(all, rule, what, length, now);
    }
    let says = format!("{what} {}, cut to {}", span(length), span(most));
    all.extend(now.checked_add_signed(most).map(|until| Reason::new(rule, says, until)));
}

fn push(all: &mut Vec<Reason>, rule: Rule, what: &str, length: TimeDelta, now: DateTime<Utc>) {
    if length > TimeDelta::zero() {
        let says = format!("{what} {}", span(length));
        all.extend(now.checked_add_signed(length).map(|until| Reason::new(rule, says, until)));
    }
}

/// The first moment from `at` on at which a document wants visits, where nobody wants that ignored.
pub(crate) fn awake(rhythm: &Rhythm, manners: &Manners, at: DateTime<Utc>) -> DateTime<Utc> {
    let mut rhythm = rhythm.clone();
    if manners.ignore.contains(&Rule::SkipHours) {
        rhythm = rhythm.at_any_hour();
    }
    if manners.ignore.contains(&Rule::SkipDays) {
        rhythm = rhythm.on_any_day();
    }
    rhythm.awake(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Head;
    use cm_net::Response;

    fn now() -> DateTime<Utc> {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    /// The minutes until it is asked again, and why.
    fn waits(headers: &[(&str, &str)], head: &Head, manners: &Manners) -> Option<(i64, String)> {
        let response = Response {
            status: 200,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: Vec::<u8>::new(),
            url: "https://a.example/feed".parse().unwrap(),
            redirects: Vec::new(),
        };
        let headers = Headers::of(&response, now());
        let said = Said { rhythm: Rhythm::of(head), control: headers.control.clone() };
        let all = reasons(&said, &headers, manners, now());
        all.first().map(|first| ((first.until - now()).num_minutes(), first.says.clone()))
    }

    #[test]
    fn the_longest_wish_counts() {
        let head = |ttl| Head { ttl_minutes: ttl, ..Head::default() };
        let wait = |headers: &[(&str, &str)], ttl| waits(headers, &head(ttl), &Manners::default());
        let some = |minutes, says: &str| Some((minutes, says.to_owned()));
        let an_hour = ("cache-control", "public, max-age=3600");
        let half = ("expires", "Sun, 22 Nov 2026 09:30:00 GMT");
        assert_eq!(wait(&[an_hour], Some(30)), some(60, "Cache-Control: max-age 60 min"));
        assert_eq!(wait(&[an_hour], Some(90)), some(90, "ttl 90 min"));
        assert_eq!(wait(&[an_hour, half], None), some(60, "Cache-Control: max-age 60 min"));
        assert_eq!(wait(&[half], None), some(30, "Expires in 30 min"));
        assert_eq!(wait(&[half, ("cache-control", "max-age=0")], None), None, "max-age wins");
        assert_eq!(wait(&[("cache-control", "no-cache, max-age=60")], Some(5)), some(5, "ttl 5 min"));
        assert_eq!(
            wait(&[an_hour, ("age", "3000")], None),
            some(10, "Cache-Control: max-age 60 min less Age 50 min, left 10 min")
        );
        assert_eq!(wait(&[an_hour, ("age", "3600")], None), None);
        assert_eq!(wait(&[("expires", "0")], None), None);
        assert_eq!(wait(&[("retry-after", "7200")], Some(60)), some(120, "Retry-After 2 h"));
    }

    #[test]
    fn a_slip_of_the_pen_silences_nobody() {
        let far = waits(&[("cache-control", "max-age=31536000")], &Head::default(), &Manners::default());
        assert_eq!(far, Some((24 * 60, "Cache-Control: max-age 365 days, cut to 24 h".to_owned())));
        for minutes in [86_400, u64::MAX] {
            let head = Head { ttl_minutes: Some(minutes), ..Head::default() };
            assert_eq!(waits(&[], &head, &Manners::default()).unwrap().0, 24 * 60);
        }
        let yearly = Head { update_period: Some("yearly".into()), ..Head::default() };
        assert_eq!(waits(&[], &yearly, &Manners::default()).unwrap().0, 7 * 24 * 60);
        let patient = Manners { max_interval: Some(TimeDelta::days(30)), ..Manners::default() };
        assert_eq!(
            waits(&[("cache-control", "max-age=31536000")], &yearly, &patient).unwrap().0,
            30 * 24 * 60
        );
    }

    #[test]
    fn settings_come_in_place_of_wishes() {
        let head = Head { ttl_minutes: Some(60), update_period: Some("daily".into()), ..Head::default() };
        let minutes = |manners: &Manners| {
            waits(&[("cache-control", "max-age=7200")], &head, manners).map(|wait| wait.0)
        };
        let ignore = |rules: &[Rule]| Manners { ignore: rules.to_vec(), ..Manners::default() };
        assert_eq!(minutes(&Manners::default()), Some(24 * 60));
        assert_eq!(minutes(&ignore(&[Rule::Updates])), Some(120));
        assert_eq!(minutes(&ignore(&[Rule::Updates, Rule::CacheControl])), Some(60));
        assert_eq!(minutes(&ignore(&[Rule::Updates, Rule::CacheControl, Rule::Ttl])), None);
        let every = Manners { interval: Some(TimeDelta::minutes(20)), ..Manners::default() };
        assert_eq!(minutes(&every), Some(20));
        let least = Manners { min_interval: Some(TimeDelta::hours(30)), ..Manners::default() };
        assert_eq!(minutes(&least), Some(30 * 60));
    }
}
