//! What refusals of X mean (<https://docs.x.com/x-api/fundamentals/response-codes-and-errors>). In: a fault. Out: trouble in words
//! for a person.

use crate::services::Trouble;
use crate::services::api::{Fault, Said};
use chrono::{DateTime, TimeDelta, Utc};

/// As trouble.
pub(super) fn trouble(fault: Fault, now: DateTime<Utc>) -> Trouble {
    let Fault::Said(said) = fault else { return fault.into() };
    let with = |advice: &str| format!("{} ({advice})", said.reason);
    match said.status {
        401 => Trouble::Credentials(with("the token is wrong or was taken back")),
        402 => Trouble::Refused(with(
            "no credits are left: buy some at console.x.com, or wait for the month to end",
        )),
        // The token is good, and other lists may be open to it.
        403 => Trouble::Refused(with("the plan of the app or the token does not allow this")),
        429 if is_cap(&said) => {
            let after = said.after.or(Some(now + TimeDelta::days(1)));
            Trouble::Later { reason: with("the month's reads are used up"), after }
        }
        _ => (*said).into(),
    }
}

fn is_cap(said: &Said) -> bool {
    let title = said.value["title"].as_str().unwrap_or_default();
    title == "UsageCapExceeded"
        || said.value["type"].as_str().is_some_and(|kind| kind.ends_with("usage-capped"))
}

/// Whether a failed question was certainly not charged: the server said no.
pub(super) fn is_free(fault: &Fault) -> bool {
    matches!(fault, Fault::Said(said) if !(200..=299).contains(&said.status))
}
