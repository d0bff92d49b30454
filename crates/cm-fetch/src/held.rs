//! What keeps a source from being asked now. In: what is known of it, of its host and of its account, its settings, now.
//! Out: every reason with its time, the longest first; none where it may be asked. Pure.

use crate::interval::{Reason, awake, longest_first};
use crate::manners::{Manners, Rule};
use crate::rhythm::Rhythm;
use crate::store::{Cooling, State, ms};
use chrono::{DateTime, TimeDelta, Utc};

/// A clock that was set back further than this was wrong: what was decided by it is forgotten.
pub(crate) const SET_BACK: TimeDelta = TimeDelta::days(1);

/// All that can keep a source from being asked.
pub(crate) struct Held<'a> {
    /// The source.
    pub(crate) state: &'a State,
    /// Cool-downs of its host and of its account.
    pub(crate) cooling: [Option<&'a Cooling>; 2],
    /// How it wants to be asked.
    pub(crate) manners: &'a Manners,
    /// Its settings have changed since it failed: whoever has mended something does not wait for what was wrong with it.
    pub(crate) mended: bool,
}

impl Held<'_> {
    /// Why it is not asked now, the longest reason first; none where it may be asked. What a clock that was wrong has
    /// decided counts for nothing.
    pub(crate) fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let state = self.state;
        let astray = state.tried.is_some_and(|tried| tried > now + SET_BACK);
        let own = state.next.filter(|_| !self.mended && !astray).map(|next| {
            // A time is kept in milliseconds, a reason as it was.
            let said = state.why.first().filter(|reason| ms(reason.until) == ms(next));
            said.cloned().unwrap_or_else(|| Reason::new(Rule::Pause, "a pause", next))
        });
        let [host, account] = self.cooling;
        let host = host.filter(|_| !self.manners.ignore.contains(&Rule::WholeHost));
        let cooling = host.into_iter().chain(account);
        let cooling = cooling.filter(|cooling| cooling.at.is_none_or(|at| at <= now + SET_BACK));
        let cooling = cooling.map(|cooling| {
            Reason::new(Rule::WholeHost, format!("{} cools down", cooling.whose), cooling.until)
        });
        let mut all: Vec<Reason> =
            own.into_iter().chain(cooling).filter(|reason| reason.until > now).collect();
        let from = all.iter().map(|reason| reason.until).max().unwrap_or(now);
        let until = awake(&state.said.rhythm, self.manners, from);
        if until > from {
            all.push(sleeps(&state.said.rhythm, self.manners, from, until));
        }
        longest_first(all)
    }
}

/// The reason of a source that skips the hours or days from one moment to another.
fn sleeps(rhythm: &Rhythm, manners: &Manners, from: DateTime<Utc>, until: DateTime<Utc>) -> Reason {
    let by_hours = awake(&rhythm.clone().on_any_day(), manners, from) > from;
    match by_hours {
        true => {
            let hours: Vec<String> = rhythm.skipped_hours().iter().map(u32::to_string).collect();
            Reason::new(Rule::SkipHours, format!("skipHours {} (GMT)", hours.join(", ")), until)
        }
        false => {
            Reason::new(Rule::SkipDays, format!("skipDays {} (GMT)", rhythm.skipped_days().join(", ")), until)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::Said;

    fn now() -> DateTime<Utc> {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn held<'a>(state: &'a State, cooling: Option<&'a Cooling>, manners: &'a Manners) -> Held<'a> {
        Held { state, cooling: [cooling, None], manners, mended: false }
    }

    #[test]
    fn a_clock_that_was_wrong_keeps_nobody_waiting() {
        let manners = Manners::default();
        let ahead = now() + TimeDelta::days(900);
        let state = State { tried: Some(now()), next: Some(now() + TimeDelta::hours(1)), ..State::default() };
        let astray = State { tried: Some(ahead), next: Some(ahead + TimeDelta::hours(1)), ..state.clone() };
        let cooling = Cooling { at: Some(ahead), until: ahead, ..Cooling::default() };
        assert!(held(&astray, Some(&cooling), &manners).reasons(now()).is_empty());
        let little = held(&state, None, &manners).reasons(now() - TimeDelta::hours(2));
        assert_eq!(little.len(), 1, "set back by little, it waits for what was decided");
    }

    #[test]
    fn a_reason_is_known_again_on_a_clock_with_fractions() {
        let until: DateTime<Utc> = "2026-11-22T09:30:00.123456789Z".parse().unwrap();
        let kept = crate::store::time(Some(ms(until)));
        let why = vec![Reason::new(Rule::Ttl, "ttl 60 min", until)];
        let state = State { next: kept, why, ..State::default() };
        let reasons = held(&state, None, &Manners::default()).reasons(now());
        assert_eq!((reasons[0].rule, reasons[0].says.as_str()), (Rule::Ttl, "ttl 60 min"));
    }

    #[test]
    fn who_ignores_the_trouble_of_others_is_not_held_by_it() {
        let cooling = Cooling { until: now() + TimeDelta::hours(1), ..Cooling::default() };
        let (state, manners) = (State::default(), Manners::default());
        assert_eq!(held(&state, Some(&cooling), &manners).reasons(now()).len(), 1);
        let deaf = Manners { ignore: vec![Rule::WholeHost], ..Manners::default() };
        assert!(held(&state, Some(&cooling), &deaf).reasons(now()).is_empty());
    }

    #[test]
    fn skipped_hours_are_added_to_whatever_else_holds() {
        let head = crate::feed::Head { skip_hours: vec![9, 10], ..Default::default() };
        let state = State {
            next: Some(now() + TimeDelta::minutes(30)),
            said: Said { rhythm: Rhythm::of(&head), control: None },
            ..State::default()
        };
        let manners = Manners::default();
        let reasons = held(&state, None, &manners).reasons(now());
        let first = (reasons[0].rule, reasons[0].until, reasons[0].says.as_str());
        assert_eq!(first, (Rule::SkipHours, now() + TimeDelta::hours(2), "skipHours 9, 10 (GMT)"));
        let deaf = Manners { ignore: vec![Rule::SkipHours], ..Manners::default() };
        assert_eq!(held(&state, None, &deaf).reasons(now())[0].rule, Rule::Pause);
        assert!(held(&state, None, &manners).reasons(now() + TimeDelta::hours(2)).is_empty());
    }
}
