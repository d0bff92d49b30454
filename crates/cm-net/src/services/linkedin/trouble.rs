//! What LinkedIn's refusals mean (<https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling>). In: a fault. Out:
//! trouble in words for a person. Quotas are of a day, end at midnight UTC, and are told by no header.

use crate::services::Trouble;
use crate::services::api::Fault;
use chrono::{DateTime, Days, NaiveTime, Utc};

/// As trouble; `version` is what was asked for.
pub(super) fn trouble(fault: Fault, version: &str, now: DateTime<Utc>) -> Trouble {
    let Fault::Said(said) = fault else { return fault.into() };
    let with = |advice: &str| format!("{} ({advice})", said.reason);
    let code = said.value["code"].as_str().unwrap_or_default();
    match said.status {
        426 => Trouble::Refused(ended(&said.reason, version)),
        400.. if code == "NONEXISTENT_VERSION" => Trouble::Refused(ended(&said.reason, version)),
        401 => Trouble::Credentials(with("the token has ended, as it does after 60 days, or was taken back")),
        // The token is good, and other lists may be open to it.
        403 => Trouble::Refused(with(
            "the token needs r_organization_social and rw_organization_admin of a member who administers the page",
        )),
        429 => {
            let midnight = now.date_naive().checked_add_days(Days::new(1));
            let midnight = midnight.map(|day| day.and_time(NaiveTime::MIN).and_utc());
            Trouble::Later { reason: with("the day's quota is used up"), after: said.after.or(midnight) }
        }
        _ => (*said).into(),
    }
}

fn ended(reason: &str, version: &str) -> String {
    format!(
        "{reason} (version {version} of the API is not served any more: set api_version to a newer one, such as \"YYYYMM\" of this year)"
    )
}
