//! What an answer, or none, makes of a source: when it may be asked again, where, and how its health reads.
//! Pure: state and answer in, state out.

use crate::get::{CREDENTIALS, Problem, Validators};
use crate::store::{Cooling, State};
use chrono::{DateTime, TimeDelta, Utc};
use cm_record::hash_id;

/// A permanent redirect is believed when it was seen so often.
pub(crate) const MOVED_AFTER: i64 = 3;
/// A detour that has failed for so long, whatever the reason, is given up. No earlier: our own network may be away, and the
/// address that was given may be no more.
const DETOUR_DEAD_AFTER: TimeDelta = TimeDelta::days(14);
/// The first pause after a failure; it doubles with each further one.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(5);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(12);
/// How long credentials that were refused are not tried again.
const REFUSED_PAUSE: TimeDelta = TimeDelta::minutes(15);
/// No publisher's hint keeps us away longer than this.
const LONGEST_INTERVAL: TimeDelta = TimeDelta::days(1);

impl State {
    /// 410: not asked any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.class.as_deref() == Some("gone")
    }

    /// The address that is asked in place of the one that was given, when it has moved or stands behind a page.
    pub(crate) fn detour(&self) -> Option<&str> {
        let moved = self.moved_to.as_deref().filter(|_| self.moved_seen >= MOVED_AFTER);
        moved.or(self.feed_url.as_deref())
    }

    /// After an answer. `until` is what the publisher asks for, the longest of all its ways to say so.
    pub(crate) fn answered(
        mut self,
        moved_to: Option<String>,
        until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> State {
        match moved_to {
            Some(to) if self.moved_to.as_ref() == Some(&to) => self.moved_seen += 1,
            Some(to) => (self.moved_to, self.moved_seen) = (Some(to), 1),
            // Asked at its new address it does not redirect any more.
            None if self.moved_seen >= MOVED_AFTER => {}
            None => (self.moved_to, self.moved_seen) = (None, 0),
        }
        State {
            next: until.map(|until| until.min(now + LONGEST_INTERVAL)),
            tried: Some(now),
            last_ok: Some(now),
            failing_since: None,
            failures: 0,
            class: None,
            error: None,
            ..self
        }
    }

    /// After a failure.
    pub(crate) fn failed(mut self, key: &str, problem: &Problem, now: DateTime<Utc>) -> State {
        let failures = self.failures + 1;
        let mut class = problem.class.clone();
        let nowhere = matches!(class.as_str(), "gone" | "http-404" | "not-a-feed" | "page");
        let dead = self.failing_since.is_some_and(|since| now - since >= DETOUR_DEAD_AFTER);
        if self.detour().is_some() && (nowhere || dead) {
            // The detour leads nowhere: next time the address that was given is asked again, for all that it has: what the
            // other one was known by says nothing about it.
            (self.feed_url, self.moved_to, self.moved_seen) = (None, None, 0);
            self.validators = Validators::default();
            class = if class == "gone" { "http-410".to_owned() } else { class };
        }
        State {
            next: if problem.needs_a_person() { None } else { Some(problem.again(key, failures, now)) },
            tried: Some(now),
            failing_since: self.failing_since.or(Some(now)),
            failures,
            class: Some(class),
            error: Some(problem.message.clone()),
            ..self
        }
    }

    /// Whether its failing is an error of the run by now.
    pub(crate) fn is_an_error(&self, now: DateTime<Utc>, after: TimeDelta, times: i64) -> bool {
        let long = self.failing_since.is_some_and(|since| now - since >= after);
        self.class.is_some() && (self.failures >= times || long || self.is_gone())
    }
}

impl Problem {
    /// When to try again: after a pause, and no earlier than the server asks for. `Retry-After: 0` is no leave to hammer.
    fn again(&self, seed: &str, failures: i64, now: DateTime<Utc>) -> DateTime<Utc> {
        let after = now + pause(seed, failures);
        self.retry_at.map_or(after, |asked| asked.max(after))
    }

    /// What waiting does not mend: it is told at once and tried again as soon as somebody asks.
    pub(crate) fn needs_a_person(&self) -> bool {
        let class = self.class.as_str();
        let local = matches!(class, "account" | "store" | "file" | "refused" | "bad-address" | "too-much");
        local || matches!(class, CREDENTIALS | "denied")
    }
}

/// The cool-down of a host after a problem that is the host's.
pub(crate) fn cooled(host: &str, before: Option<&Cooling>, problem: &Problem, now: DateTime<Utc>) -> Cooling {
    let failures = before.map_or(0, |cooling| cooling.failures) + 1;
    let until = problem.again(host, failures, now);
    Cooling { until, failures, error: problem.message.clone(), settings: None }
}

/// Of an account whose credentials were refused: many tries lock it. Settings that cannot even be read cost no try.
pub(crate) fn refused(problem: &Problem, now: DateTime<Utc>) -> Option<Cooling> {
    let settings = Some(problem.settings.clone().filter(|_| problem.class == CREDENTIALS)?);
    Some(Cooling { until: now + REFUSED_PAUSE, failures: 1, error: problem.message.clone(), settings })
}

/// Doubles with each failure, and differs by up to a fifth between sources, so that they do not come back in step.
fn pause(seed: &str, failures: i64) -> TimeDelta {
    let doublings = i32::try_from(failures.clamp(1, 9) - 1).unwrap_or(8);
    let pause = (FIRST_PAUSE * 2i32.pow(u32::try_from(doublings).unwrap_or(8))).min(LONGEST_PAUSE);
    let hash = hash_id(&[seed, &failures.to_string()]);
    let dice = i32::from_str_radix(&hash[hash.len() - 4..], 16).unwrap_or(0);
    pause + pause * (dice % 401 - 200) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_move_is_believed_at_the_third_sighting_and_forgotten_when_it_fails() {
        let mut state = State::default();
        for n in 1..=3 {
            assert_eq!(state.detour(), None, "{n}");
            state = state.answered(Some("https://b.example/".into()), None, now());
        }
        assert_eq!(state.detour(), Some("https://b.example/"));
        let state = state.answered(None, None, now());
        assert_eq!(state.detour(), Some("https://b.example/"));
        let mut dead = State {
            validators: Validators { etag: Some("\"b\"".into()), last_modified: Some("x".into()) },
            ..state.clone()
        };
        for day in [0, 13, 14] {
            assert!(dead.detour().is_some() && dead.validators.etag.is_some(), "{day}");
            dead = dead.failed("k", &Problem::new("dns", "x"), now() + TimeDelta::days(day));
        }
        assert_eq!((dead.detour(), &dead.validators), (None, &Validators::default()));
        let state = state.failed("k", &Problem::new("gone", "x"), now());
        assert_eq!((state.detour(), state.is_gone()), (None, false));
        let state = state.failed("k", &Problem::new("gone", "x"), now());
        assert!(state.is_gone());
    }

    #[test]
    fn a_failing_source_becomes_an_error_late() {
        let mut state = State::default();
        for n in 1..=5 {
            state = state.failed("k", &Problem::new("http-500", "x"), now());
            assert_eq!(state.is_an_error(now(), TimeDelta::days(1), 5), n == 5);
        }
        let once = State::default().failed("k", &Problem::new("http-500", "x"), now() - TimeDelta::hours(25));
        assert!(once.is_an_error(now(), TimeDelta::days(1), 5));
        assert_eq!(once.answered(None, None, now()).failures, 0);
    }

    #[test]
    fn the_server_says_when() {
        let until = now() + TimeDelta::hours(3);
        let problem = Problem { retry_at: Some(until), whole_host: true, ..Problem::new("http-429", "x") };
        assert_eq!(State::default().failed("k", &problem, now()).next, Some(until));
        assert_eq!(cooled("h", None, &problem, now()).until, until);
        let hasty = Problem { retry_at: Some(now()), ..problem };
        let next = State::default().failed("k", &hasty, now()).next.unwrap();
        assert!(next >= now() + FIRST_PAUSE * 4 / 5, "{next}");
    }

    proptest! {
        #[test]
        fn pauses_are_bounded(seed in ".*", failures in 0i64..10_000) {
            let pause = pause(&seed, failures);
            prop_assert!(pause >= FIRST_PAUSE * 4 / 5 && pause <= LONGEST_PAUSE * 6 / 5);
        }
    }
}
