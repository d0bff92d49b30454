//! What GitHub's refusals mean (<https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api>).
//! In: a fault. Out: trouble in words for a person. Limits come as 403 or 429, the secondary ones with `Retry-After` or with
//! words alone: then a minute is waited. What may not be seen is "not found".

use crate::services::Trouble;
use crate::services::api::{Fault, Said};
use chrono::{DateTime, TimeDelta, Utc};

/// After a secondary limit that says no time ("at least one minute").
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// As trouble; `has_token` says which advice helps.
pub(super) fn trouble(fault: Fault, has_token: bool, now: DateTime<Utc>) -> Trouble {
    let Fault::Said(said) = fault else { return fault.into() };
    let limited = matches!(said.status, 403 | 429) && (said.after.is_some() || speaks_of_limits(&said));
    let with = |advice: &str| format!("{} ({advice})", said.reason);
    match said.status {
        _ if limited => {
            let advice = "a token raises the limit from 60 to 5,000 questions an hour";
            let reason = if has_token { said.reason.clone() } else { with(advice) };
            Trouble::Later { reason, after: said.after.or(Some(now + PAUSE)) }
        }
        401 => Trouble::Credentials(with("the token is wrong or has expired")),
        // After many wrong tokens right ones are shut out too.
        403 if said.value["message"].as_str().is_some_and(|why| why.contains("login attempts")) => {
            Trouble::Credentials(said.reason)
        }
        // The token is good, and other lists may be open to it.
        403 => Trouble::Refused(with("the token may not read this")),
        404 if has_token => Trouble::Refused(with("there is no such thing, or the token may not see it")),
        404 => Trouble::Refused(with("there is no such thing, or it is private: then a token is needed")),
        410 => Trouble::Refused(with("switched off in this repository")),
        451 => Trouble::Refused(with("taken down for legal reasons")),
        _ => (*said).into(),
    }
}

fn speaks_of_limits(said: &Said) -> bool {
    let words = said.value["message"].as_str().unwrap_or_default().to_ascii_lowercase();
    words.contains("rate limit") || words.contains("abuse detection")
}
