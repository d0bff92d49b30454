//! What an answer, or none, makes of a source: when it may be asked again, where, and how its health reads.
//! Pure: state and answer in, state out.

use crate::freshness::Headers;
use crate::get::{CREDENTIALS, Problem, Validators};
use crate::interval::{Reason, Said, longest_first, reasons};
use crate::manners::{Manners, Rule};
use crate::rhythm::Rhythm;
use crate::store::{Cooling, State};
use crate::wall::span;
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
/// Who says "gone for good" is asked once more after so long: an accident of a moment silences nobody.
const SURE_AFTER: TimeDelta = TimeDelta::days(1);
/// A server that has said "not modified" for so long is asked for the whole once: some say so whatever has changed.
const WHOLE_AFTER: TimeDelta = TimeDelta::days(30);

/// What an answer says beside its entries.
pub(crate) struct Word<'a> {
    /// Where permanent redirects led.
    pub(crate) moved_to: Option<String>,
    /// Its headers.
    pub(crate) headers: &'a Headers,
    /// Of a whole document; `None` is "not modified".
    pub(crate) rhythm: Option<&'a Rhythm>,
    /// How its source wants to be asked.
    pub(crate) manners: &'a Manners,
}

impl State {
    /// 410 twice, a day apart: not asked any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.class.as_deref() == Some("gone")
    }

    /// The address that is asked in place of the one that was given, when it has moved or stands behind a page.
    pub(crate) fn detour(&self) -> Option<&str> {
        let moved = self.moved_to.as_deref().filter(|_| self.moved_seen >= MOVED_AFTER);
        moved.or(self.feed_url.as_deref())
    }

    /// The validators to send: none where the whole has not come for long, or somebody asks for changes and it came
    /// last to who did not.
    pub(crate) fn validators(&self, changed: bool, now: DateTime<Utc>) -> Validators {
        let long = self.whole.is_some_and(|whole| now - whole >= WHOLE_AFTER);
        match long || (changed && self.unlooked) {
            true => Validators::default(),
            false => self.validators.clone(),
        }
    }

    /// After an answer: the longest of all the ways in which it asks to be left alone counts. "Not modified" leaves what
    /// the document and its `Cache-Control` said before as it was.
    pub(crate) fn answered(mut self, word: &Word, now: DateTime<Utc>) -> State {
        match word.moved_to.clone() {
            Some(to) if self.moved_to.as_ref() == Some(&to) => self.moved_seen += 1,
            Some(to) => (self.moved_to, self.moved_seen) = (Some(to), 1),
            // Asked at its new address it does not redirect any more.
            None if self.moved_seen >= MOVED_AFTER => {}
            None => (self.moved_to, self.moved_seen) = (None, 0),
        }
        let control = word.headers.control.clone();
        match word.rhythm {
            Some(rhythm) => self.said = Said { rhythm: rhythm.clone(), control },
            None => self.said.control = control.or(self.said.control),
        }
        let why = reasons(&self.said, word.headers, word.manners, now);
        State {
            next: why.first().map(|reason| reason.until),
            why,
            tried: Some(now),
            last_ok: Some(now),
            whole: if word.rhythm.is_some() { Some(now) } else { self.whole },
            failing_since: None,
            failures: 0,
            told: None,
            class: None,
            error: None,
            waits_since: None,
            asked: self.asked + 1,
            unchanged: self.unchanged + i64::from(word.rhythm.is_none()),
            ..self
        }
    }

    /// Where somebody waits for the rest of it: how long a document stays fresh says nothing to who has not had all of it.
    /// What its host asks for holds all the same.
    pub(crate) fn without_hints(mut self) -> State {
        self.why.retain(|reason| matches!(reason.rule, Rule::RetryAfter | Rule::MinInterval));
        State { next: self.why.first().map(|reason| reason.until), ..self }
    }

    /// After a failure. A server that was reached is left alone for as long as its document said, too.
    pub(crate) fn failed(
        mut self,
        key: &str,
        problem: &Problem,
        manners: &Manners,
        now: DateTime<Utc>,
    ) -> State {
        let failures = self.failures + 1;
        let mut class = problem.class.clone();
        let nowhere = matches!(class.as_str(), "gone" | "http-404" | "not-a-feed" | "page" | "redirect");
        let dead = self.failing_since.is_some_and(|since| now - since >= DETOUR_DEAD_AFTER);
        if self.detour().is_some() && (nowhere || dead) {
            // The detour leads nowhere: next time the address that was given is asked again, for all that it has: what the
            // other one was known by says nothing about it.
            (self.feed_url, self.moved_to, self.moved_seen) = (None, None, 0);
            self.validators = Validators::default();
            class = if class == "gone" { "http-410".to_owned() } else { class };
        }
        let mut why = problem.again(key, failures, manners, now);
        if class == "gone" && !self.was_gone(now) {
            class = "http-410".to_owned();
            let says = format!("gone for good, asked once more after {}", span(SURE_AFTER));
            why.push(Reason::new(Rule::Pause, says, now + SURE_AFTER));
        }
        if problem.answered {
            let said = Said { rhythm: self.said.rhythm.clone(), control: problem.headers.control.clone() };
            why.extend(reasons(
                &said,
                &Headers { retry_at: None, ..(*problem.headers).clone() },
                manners,
                now,
            ));
        }
        let why = if problem.needs_a_person() { Vec::new() } else { longest_first(why) };
        State {
            next: why.first().map(|reason| reason.until),
            why,
            tried: Some(now),
            failing_since: self.failing_since.or(Some(now)),
            failures,
            class: Some(class),
            error: Some(problem.message.clone()),
            waits_since: None,
            asked: self.asked + 1,
            ..self
        }
    }

    /// After an answer of which only a part could be read: whoever answers so every time fails, though what came counts.
    pub(crate) fn damaged(self, before: &State, problem: &Problem, now: DateTime<Utc>) -> State {
        State {
            failing_since: before.failing_since.or(Some(now)),
            failures: before.failures + 1,
            told: before.told,
            class: Some(problem.class.clone()),
            error: Some(problem.message.clone()),
            ..self
        }
    }

    /// Passed over because its host was shut before its turn came.
    pub(crate) fn passed_over(self, now: DateTime<Utc>) -> State {
        State { waits_since: self.waits_since.filter(|since| *since <= now).or(Some(now)), ..self }
    }

    /// Whether it has been passed over for so long, and nobody was told.
    pub(crate) fn is_starved(&self, now: DateTime<Utc>, after: TimeDelta) -> bool {
        let long = self.waits_since.filter(|since| now - *since >= after && self.failing_since.is_none());
        long.is_some_and(|since| self.told.is_none_or(|told| told < since))
    }

    /// Whether it was gone the last time, long enough ago.
    fn was_gone(&self, now: DateTime<Utc>) -> bool {
        let before = matches!(self.class.as_deref(), Some("http-410" | "gone"));
        before && self.tried.is_some_and(|tried| now - tried >= SURE_AFTER)
    }

    /// It was never read, nor tried in vain.
    pub(crate) fn is_new(&self) -> bool {
        self.last_ok.is_none() && self.failures == 0
    }

    /// Whether its failing is an error of the run by now.
    pub(crate) fn is_an_error(&self, now: DateTime<Utc>, after: TimeDelta, times: i64) -> bool {
        let long = self.failing_since.is_some_and(|since| now - since >= after);
        self.class.is_some() && (self.failures >= times || long || self.is_gone())
    }
}

impl Problem {
    /// When to try again: after a pause, and no earlier than the server asks for. `Retry-After: 0` is no leave to hammer.
    fn again(&self, seed: &str, failures: i64, manners: &Manners, now: DateTime<Utc>) -> Vec<Reason> {
        let pause = pause(seed, failures);
        let times = if failures == 1 { "a failure".to_owned() } else { format!("{failures} failures") };
        let mut all =
            vec![Reason::new(Rule::Pause, format!("a pause of {} after {times}", span(pause)), now + pause)];
        if let Some(at) = self.headers.retry_at {
            all.push(Reason::new(Rule::RetryAfter, format!("Retry-After {}", span(at - now)), at));
        }
        if let Some(at) = self.headers.limit_until {
            let says = format!("its limit of requests begins anew in {}", span(at - now));
            all.push(Reason::new(Rule::RateLimit, says, at));
        }
        all.retain(|reason| !manners.ignore.contains(&reason.rule));
        longest_first(all)
    }

    /// What waiting does not mend: it is told at once and tried again as soon as somebody asks.
    pub(crate) fn needs_a_person(&self) -> bool {
        let class = self.class.as_str();
        let local = matches!(class, "account" | "store" | "file" | "refused" | "bad-address" | "too-much");
        local || matches!(class, CREDENTIALS | "denied")
    }
}

/// The cool-down of a host or an account after a problem that is its own.
pub(crate) fn cooled(
    whose: &str,
    before: Option<&Cooling>,
    problem: &Problem,
    manners: &Manners,
    now: DateTime<Utc>,
) -> Cooling {
    let failures = before.map_or(0, |cooling| cooling.failures) + 1;
    let until = problem.again(whose, failures, manners, now).first().map_or(now, |reason| reason.until);
    Cooling {
        until,
        failures,
        error: problem.message.clone(),
        settings: None,
        at: Some(now),
        whose: whose.to_owned(),
    }
}

/// The cool-down of a host that has answered and has no requests left for us.
pub(crate) fn used_up(
    host: &str,
    headers: &Headers,
    manners: &Manners,
    now: DateTime<Utc>,
) -> Option<Cooling> {
    let until =
        headers.limit_until.filter(|until| *until > now && !manners.ignore.contains(&Rule::RateLimit))?;
    let error = format!("{host}: its limit of requests is used up");
    Some(Cooling { until, failures: 0, error, settings: None, at: Some(now), whose: host.to_owned() })
}

/// Of an account whose credentials were refused: many tries lock it. Settings that cannot even be read cost no try.
pub(crate) fn refused(account: &str, problem: &Problem, now: DateTime<Utc>) -> Option<Cooling> {
    let settings = Some(problem.settings.clone().filter(|_| problem.class == CREDENTIALS)?);
    let (until, error) = (now + REFUSED_PAUSE, problem.message.clone());
    Some(Cooling { until, failures: 1, error, settings, at: Some(now), whose: account.to_owned() })
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

    /// Answered, or failed, in the usual manner.
    impl State {
        fn ok(self, moved_to: Option<&str>, now: DateTime<Utc>) -> State {
            let (headers, manners) = (Headers::default(), Manners::default());
            let moved_to = moved_to.map(str::to_owned);
            let rhythm = Rhythm::default();
            self.answered(
                &Word { moved_to, headers: &headers, rhythm: Some(&rhythm), manners: &manners },
                now,
            )
        }

        fn bad(self, class: &str, now: DateTime<Utc>) -> State {
            self.failed("k", &Problem::new(class, "x"), &Manners::default(), now)
        }
    }

    #[test]
    fn a_move_is_believed_at_the_third_sighting_and_forgotten_when_it_fails() {
        let mut state = State::default();
        for n in 1..=3 {
            assert_eq!(state.detour(), None, "{n}");
            state = state.ok(Some("https://b.example/"), now());
        }
        assert_eq!(state.detour(), Some("https://b.example/"));
        let state = state.ok(None, now());
        assert_eq!(state.detour(), Some("https://b.example/"));
        let mut dead = State {
            validators: Validators { etag: Some("\"b\"".into()), last_modified: Some("x".into()) },
            ..state.clone()
        };
        for day in [0, 13, 14] {
            assert!(dead.detour().is_some() && dead.validators.etag.is_some(), "{day}");
            dead = dead.bad("dns", now() + TimeDelta::days(day));
        }
        assert_eq!((dead.detour(), &dead.validators), (None, &Validators::default()));
        let state = state.bad("gone", now());
        assert_eq!((state.detour(), state.is_gone()), (None, false));
        let given = state.bad("gone", now() + TimeDelta::minutes(5));
        assert!(!given.is_gone() && given.next == Some(given.tried.unwrap() + SURE_AFTER));
        assert!(given.bad("gone", now() + TimeDelta::days(2)).is_gone());
    }

    #[test]
    fn moves_go_back_go_round_and_lead_to_parked_pages() {
        let moved = || (0..3).fold(State::default(), |state, _| state.ok(Some("https://b.example/"), now()));
        let back = moved().ok(Some("https://a.example/"), now());
        assert_eq!(back.detour(), None, "the new address leads back: the one that was given is asked");
        for nowhere in ["page", "not-a-feed", "http-404", "redirect", "gone"] {
            assert_eq!(moved().bad(nowhere, now()).detour(), None, "{nowhere}");
        }
        for passing in ["http-500", "timeout", "http-429", "challenge", "connect"] {
            assert!(moved().bad(passing, now()).detour().is_some(), "{passing}");
        }
        let flapping =
            State::default().ok(Some("https://b.example/"), now()).ok(Some("https://b.example/"), now());
        assert_eq!(flapping.ok(None, now()).moved_seen, 0);
    }

    #[test]
    fn a_failing_source_becomes_an_error_late() {
        let mut state = State::default();
        for n in 1..=5 {
            state = state.bad("http-500", now());
            assert_eq!(state.is_an_error(now(), TimeDelta::days(1), 5), n == 5);
        }
        let once = State::default().bad("http-500", now() - TimeDelta::hours(25));
        assert!(once.is_an_error(now(), TimeDelta::days(1), 5));
        assert_eq!(once.ok(None, now()).failures, 0);
    }

    fn told(retry_at: DateTime<Utc>) -> Problem {
        let headers = Box::new(Headers { retry_at: Some(retry_at), ..Headers::default() });
        Problem { headers, whole_host: true, answered: true, ..Problem::new("http-429", "x") }
    }

    #[test]
    fn the_server_says_when() {
        let until = now() + TimeDelta::hours(3);
        let manners = Manners::default();
        let state = State::default().failed("k", &told(until), &manners, now());
        assert_eq!((state.next, state.why[0].says.as_str()), (Some(until), "Retry-After 3 h"));
        assert_eq!(cooled("h", None, &told(until), &manners, now()).until, until);
        let next = State::default().failed("k", &told(now()), &manners, now()).next.unwrap();
        assert!(next >= now() + FIRST_PAUSE * 4 / 5, "{next}");
        let deaf = Manners { ignore: vec![Rule::RetryAfter], ..Manners::default() };
        assert!(State::default().failed("k", &told(until), &deaf, now()).next.unwrap() < until);
        assert!(cooled("h", None, &told(until), &deaf, now()).until < until);
    }

    fn with_ttl(minutes: u64) -> State {
        let head = crate::feed::Head { ttl_minutes: Some(minutes), ..Default::default() };
        let (headers, manners, rhythm) = (Headers::default(), Manners::default(), Rhythm::of(&head));
        let word = Word { moved_to: None, headers: &headers, rhythm: Some(&rhythm), manners: &manners };
        State::default().answered(&word, now())
    }

    #[test]
    fn what_a_document_said_holds_after_a_not_modified_and_after_a_failure() {
        let (headers, manners) = (Headers::default(), Manners::default());
        let nothing = Word { moved_to: None, headers: &headers, rhythm: None, manners: &manners };
        let later = now() + TimeDelta::hours(1);
        let state = with_ttl(60).answered(&nothing, later);
        assert_eq!((state.next, state.unchanged, state.asked), (Some(later + TimeDelta::hours(1)), 1, 2));
        let failed = |answered| {
            let problem = Problem { answered, ..Problem::new("http-500", "x") };
            with_ttl(60).failed("k", &problem, &manners, later).next.unwrap() - later
        };
        assert_eq!(failed(true), TimeDelta::hours(1));
        assert!(failed(false) < TimeDelta::minutes(7), "who was not reached was not asked");
    }

    #[test]
    fn the_whole_is_asked_for_now_and_then() {
        let validators = Validators { etag: Some("x".into()), last_modified: None };
        let state = State { validators: validators.clone(), ..State::default().ok(None, now()) };
        assert_eq!(state.validators(true, now() + TimeDelta::days(29)), validators);
        assert_eq!(state.validators(false, now() + TimeDelta::days(30)), Validators::default());
    }

    proptest! {
        #[test]
        fn pauses_are_bounded(seed in ".*", failures in 0i64..10_000) {
            let pause = pause(&seed, failures);
            prop_assert!(pause >= FIRST_PAUSE * 4 / 5 && pause <= LONGEST_PAUSE * 6 / 5);
        }
    }
}
