//! How a source is, and why, in words. In: what the store knows of it, what holds it back, now. Out: its state, the reason,
//! what a person can do about it, and when it is asked next and by whose wish. Pure.

use crate::course::MOVED_AFTER;
use crate::health::without_source;
use crate::held::Held;
use crate::interval::Reason;
use crate::store::Cooling;
use chrono::{DateTime, TimeDelta, Utc};

/// What cannot be found for so long will hardly come back by itself.
const LOST_AFTER: TimeDelta = TimeDelta::days(14);

/// How a source is.
#[derive(Debug, PartialEq)]
pub(crate) struct Health {
    /// `ok`, `new`, `failing`, `gone`, `moved`, `cooling down`.
    pub(crate) state: &'static str,
    /// Why.
    pub(crate) why: String,
    /// What a person can do, or should know.
    pub(crate) advice: Option<String>,
    /// Why it is not asked now, the longest reason first.
    pub(crate) reasons: Vec<Reason>,
    /// Where nothing else holds it back: whose requests are far apart, so that it is asked in its turn.
    pub(crate) turn: Option<String>,
}

impl Health {
    /// When it is asked next, where that is not any time.
    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        self.reasons.first().map(|reason| reason.until)
    }
}

/// A source and what surrounds it.
pub(crate) struct Patient<'a> {
    /// As it is known.
    pub(crate) key: &'a str,
    /// What can keep it from being asked.
    pub(crate) held: Held<'a>,
    /// The cool-down of its account while its credentials are refused.
    pub(crate) refused: Option<&'a Cooling>,
    /// What is known of its host.
    pub(crate) note: Option<&'static str>,
}

/// How it is.
pub(crate) fn explain(patient: &Patient, now: DateTime<Utc>) -> Health {
    let Patient { key, held, .. } = patient;
    let state = held.state;
    let mut reasons = held.reasons(now);
    let refused = patient.refused.filter(|refused| refused.until > now);
    reasons.extend(refused.map(|refused| {
        Reason::new(crate::manners::Rule::WholeHost, "its account's credentials were refused", refused.until)
    }));
    let reasons = crate::interval::longest_first(reasons);
    let told = |error: &str| without_source(error, key, &state.name).to_owned();
    let cooling = held.cooling.into_iter().flatten().find(|cooling| cooling.until > now);
    let error = || told(state.error.as_deref().unwrap_or_default());
    let (name, why) = if state.is_gone() {
        ("gone", error())
    } else if state.failing_since.is_some() {
        ("failing", error())
    } else if let Some(refused) = patient.refused {
        ("failing", format!("its account: {}", told(&refused.error)))
    } else if let Some(cooling) = cooling {
        let whose = if cooling.whose.starts_with("account ") { "account" } else { "host" };
        ("cooling down", format!("its {whose}: {}", told(&cooling.error)))
    } else if let Some(to) = state.moved_to.as_deref().filter(|_| state.moved_seen >= MOVED_AFTER) {
        ("moved", format!("to {to}, which is asked instead: change it in your sources"))
    } else if state.last_ok.is_none() {
        ("new", "not fetched yet".to_owned())
    } else {
        ("ok", state.moved_to.as_ref().map(|to| format!("redirects to {to}")).unwrap_or_default())
    };
    let advice = if matches!(name, "gone" | "failing") { advice(patient, now) } else { None };
    let reasons = if name == "gone" { Vec::new() } else { reasons };
    Health { state: name, why, advice, reasons, turn: None }
}

fn advice(patient: &Patient, now: DateTime<Utc>) -> Option<String> {
    let state = patient.held.state;
    let days = state.failing_since.map_or(0, |since| (now - since).num_days());
    let lost = state.failing_since.is_some_and(|since| now - since >= LOST_AFTER);
    let said = match state.class.as_deref()? {
        "gone" => {
            "take it out of your sources, or ask once more with cm-fetch --new --force ADDRESS".to_owned()
        }
        "challenge" => {
            "user_agent, cookie_file or proxy in its [[source]] may get past it, else ask the site".to_owned()
        }
        "http-401" => "give user and password_file, or cookie_file, in its [[source]]".to_owned(),
        class if patient.note.is_some() && class.starts_with("http-") => {
            patient.note.unwrap_or_default().to_owned()
        }
        "http-403" => "another user_agent in its [[source]] may be let in".to_owned(),
        "http-404" | "http-410" | "dns" if lost => {
            format!(
                "for {days} days now: it will hardly come back, cm-fetch discover may find its new address"
            )
        }
        "page" | "not-a-feed" => "cm-fetch discover shows which feeds the page offers".to_owned(),
        _ => return None,
    };
    Some(said)
}
