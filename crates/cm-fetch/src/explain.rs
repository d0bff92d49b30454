//! How a source is, and why, in words. In: what the store knows of it, what holds it back, now. Out: its state, the reason,
//! what a person can do about it, and when it is asked next and by whose wish. Pure.

use crate::course::MOVED_AFTER;
use crate::health::without_source;
use crate::held::Held;
use crate::interval::Reason;
use crate::store::{Cooling, State};
use crate::wall::span;
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
        let passed = passed_over(state, now).map(|passed| format!("{passed}; ")).unwrap_or_default();
        ("cooling down", format!("{passed}its {whose}: {}", told(&cooling.error)))
    } else if let Some(passed) = passed_over(state, now) {
        let name = if state.last_ok.is_none() { "new" } else { "ok" };
        (name, format!("{passed}, as others of its host shut it before its turn"))
    } else if let Some(to) = state.moved_to.as_deref().filter(|_| state.moved_seen >= MOVED_AFTER) {
        ("moved", format!("to {to}, which is asked instead: change it in your sources"))
    } else if state.last_ok.is_none() {
        ("new", "not fetched yet".to_owned())
    } else {
        ("ok", state.moved_to.as_ref().map(|to| format!("redirects to {to}")).unwrap_or_default())
    };
    let advice = match name {
        "gone" | "failing" => advice(patient, now),
        _ => passed_over(state, now).map(|_| {
            "it is asked first once its host may be; ignore = [\"whole_host\"] for that host asks it all the same"
                .to_owned()
        }),
    };
    let reasons = if name == "gone" { Vec::new() } else { reasons };
    Health { state: name, why, advice, reasons, turn: None }
}

/// Of a source that was passed over for others of its host: since when nobody asked it.
fn passed_over(state: &State, now: DateTime<Utc>) -> Option<String> {
    state.waits_since?;
    let last = state.tried.filter(|tried| *tried <= now);
    Some(last.map_or("never read yet".to_owned(), |tried| format!("not asked for {}", span(now - tried))))
}

/// Whether an address that answers with a page is one at which people log in.
fn is_login(error: &str) -> bool {
    let address = error.split(": ").next().unwrap_or_default().to_lowercase();
    ["login", "signin", "sign-in", "sign_in", "log-in", "/auth", "sso"]
        .iter()
        .any(|word| address.contains(word))
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
        class if patient.note.is_some() && class.starts_with("http-") => {
            patient.note.unwrap_or_default().to_owned()
        }
        "http-403" => "another user_agent in its [[source]] may be let in".to_owned(),
        "http-404" | "http-410" | "dns" if lost => {
            format!(
                "for {days} days now: it will hardly come back, cm-fetch discover may find its new address"
            )
        }
        "page" if state.error.as_deref().is_some_and(is_login) => {
            "it leads to a page to log in: cookie_file in its [[source]], or user and password_file, may let it in"
                .to_owned()
        }
        "page" => "cm-fetch discover shows which feeds the page offers".to_owned(),
        "not-a-feed" => {
            "what it sends is no feed now: look at it in a browser, and if that lasts tell the site".to_owned()
        }
        "cut_off" => "whole entries are handed out all the same; tell the site that its feed ends too early".to_owned(),
        "http-404" => "check its address; cm-fetch discover of its site may find another".to_owned(),
        "http-429" => {
            "it was asked too often, perhaps by others at your address: a longer interval in its [[source]], or spacing for \
             its host"
                .to_owned()
        }
        class if class.starts_with("http-5") => "the server is in trouble: nothing can be done here but wait".to_owned(),
        "connect" => "nothing listens there now: check address and port; if they are right the server is down".to_owned(),
        "dns" => "check the spelling of its host; if it is right the name is gone, or your resolver is away".to_owned(),
        "timeout" => "the server does not answer in time: nothing can be done here but wait".to_owned(),
        _ => return None,
    };
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manners::Manners;

    #[test]
    fn what_fails_comes_with_advice() {
        let now: DateTime<Utc> = "2026-11-22T09:00:00Z".parse().unwrap();
        let told = |class: &str, error: &str| {
            let state = State {
                class: Some(class.into()),
                error: Some(error.into()),
                failing_since: Some(now),
                ..State::default()
            };
            let held =
                Held { state: &state, cooling: [None, None], manners: &Manners::default(), mended: false };
            let health = explain(&Patient { key: "k", held, refused: None, note: None }, now);
            health.advice.unwrap_or_default()
        };
        for (class, error, word) in [
            ("http-404", "x", "discover"),
            ("http-429", "x", "interval"),
            ("http-500", "x", "in trouble"),
            ("http-503", "x", "in trouble"),
            ("connect", "x", "port"),
            ("dns", "x", "spelling"),
            ("cut_off", "x", "too early"),
            ("page", "https://a.example/: a web page that names no feed", "discover"),
            ("page", "https://a.example/login: a web page that names no feed", "cookie_file"),
            ("not-a-feed", "https://a.example/: the document is empty", "browser"),
        ] {
            let advice = told(class, error);
            assert!(advice.contains(word), "{class}: {advice}");
            assert_eq!(advice.contains("discover"), word == "discover", "{class}: {advice}");
        }
    }
}
