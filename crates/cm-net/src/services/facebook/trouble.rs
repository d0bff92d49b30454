//! What refusals of the Graph API mean (<https://developers.facebook.com/docs/graph-api/guides/error-handling> and `/overview/rate-limiting`).
//! In: a fault, or the headers of an answer. Out: trouble in words for a person, and how much of the limits is used. Nearly every
//! refusal is a 400: its code says why.

use crate::services::api::{Fault, Said};
use crate::services::members::{count, list};
use crate::services::{Limit, Trouble};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// Limits that say no time are those of an hour that rolls on.
const HOUR: TimeDelta = TimeDelta::hours(1);
/// No longer wait is believed, in minutes.
const LONGEST: u64 = 31 * 24 * 60;

/// As trouble; `needs` names the permissions of what was asked for.
pub(super) fn trouble(fault: Fault, needs: &str, now: DateTime<Utc>) -> Trouble {
    let Fault::Said(said) = fault else { return fault.into() };
    let error = &said.value["error"];
    let with = |advice: &str| format!("{} ({advice})", said.reason);
    match count(&error["code"]) {
        Some(4 | 17 | 32 | 341 | 613 | 80_000..=80_014) => {
            Trouble::Later { reason: said.reason.clone(), after: Some(regained(&said, now)) }
        }
        Some(102 | 190 | 463 | 467) => {
            Trouble::Credentials(with("the token has expired or was taken back: make a new one for the page"))
        }
        // The token is good, and other lists may be open to it.
        Some(10 | 200..=299) => Trouble::Refused(with(&format!("the token needs {needs}"))),
        Some(100) if count(&error["error_subcode"]) == Some(33) => {
            Trouble::Refused(with("there is no such page, or the token may not see it"))
        }
        Some(1 | 2) => Trouble::Later { reason: said.reason, after: said.after },
        _ if error["is_transient"] == true => Trouble::Later { reason: said.reason, after: said.after },
        _ => (*said).into(),
    }
}

/// When the page may be asked for again.
fn regained(said: &Said, now: DateTime<Utc>) -> DateTime<Utc> {
    let minutes =
        uses(&said.headers).iter().filter_map(|used| count(&used["estimated_time_to_regain_access"])).max();
    let wait =
        minutes.filter(|minutes| *minutes > 0).map(|minutes| TimeDelta::minutes(minutes.min(LONGEST) as i64));
    said.after.unwrap_or(now + wait.unwrap_or(HOUR))
}

/// How much of the limits is left, in percent.
pub(super) fn limit(headers: &[(String, String)]) -> Option<Limit> {
    let names = ["call_count", "total_cputime", "total_time"];
    let used = uses(headers).iter().flat_map(|used| names.map(|name| count(&used[name]))).flatten().max()?;
    Some(Limit { limit: 100, remaining: 100_u64.saturating_sub(used), reset: None })
}

/// What both usage headers say, entry by entry.
fn uses(headers: &[(String, String)]) -> Vec<Value> {
    let read = |name: &str| {
        let value = &headers.iter().find(|(known, _)| known == name)?.1;
        serde_json::from_str::<Value>(value).ok()
    };
    let of_business = read("x-business-use-case-usage").unwrap_or_default();
    let of_business =
        of_business.as_object().into_iter().flat_map(|pages| pages.values()).flat_map(list).cloned();
    of_business.chain(read("x-app-usage")).chain(read("x-page-usage")).collect()
}
