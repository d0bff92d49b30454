//! What a hub asks of the callback with GET (WebSub, 5.3: verification of intent; 5.2: denial). In: a query and the
//! subscription that the address names. Out: what is answered, and what becomes of the subscription.

use super::subscription::Subscription;
use chrono::{DateTime, TimeDelta, Utc};

/// Longer challenges are nobody's.
const LONGEST_CHALLENGE: usize = 4 << 10;
/// A hub's words that are kept.
const LONGEST_REASON: usize = 200;
/// Leases are taken as they are given, within these bounds.
const SHORTEST_LEASE: TimeDelta = TimeDelta::minutes(1);
const LONGEST_LEASE: TimeDelta = TimeDelta::days(366);

/// What becomes of a hub's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// We asked for it: the challenge goes back, and the subscription holds until then.
    Holds {
        /// To be sent back.
        challenge: String,
        /// The end of the lease.
        until: DateTime<Utc>,
    },
    /// We want to be rid of it: the challenge goes back.
    Ends {
        /// To be sent back.
        challenge: String,
    },
    /// The hub does not want us: why.
    Denied(String),
    /// We did not ask for that.
    NotOurs,
}

/// Judges a question.
pub(crate) fn judge(query: &str, subscription: &Subscription, now: DateTime<Utc>) -> Verdict {
    let value = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    if value("hub.topic").is_none_or(|topic| topic != subscription.topic) {
        return Verdict::NotOurs;
    }
    let challenge = value("hub.challenge").filter(|text| !text.is_empty() && text.len() <= LONGEST_CHALLENGE);
    match (value("hub.mode").as_deref(), challenge) {
        (Some("subscribe"), Some(challenge)) if !subscription.leaving => {
            let lease = value("hub.lease_seconds").and_then(|seconds| seconds.trim().parse().ok());
            let lease = lease.and_then(TimeDelta::try_seconds).unwrap_or(super::LEASE);
            Verdict::Holds { challenge, until: now + lease.clamp(SHORTEST_LEASE, LONGEST_LEASE) }
        }
        (Some("unsubscribe"), Some(challenge)) if subscription.leaving => Verdict::Ends { challenge },
        (Some("denied"), _) => {
            let reason = value("hub.reason").unwrap_or_default();
            Verdict::Denied(subscription.said(&reason, LONGEST_REASON))
        }
        _ => Verdict::NotOurs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn subscription(leaving: bool) -> Subscription {
        Subscription { topic: "https://a.example/feed?x=1&y=2".into(), leaving, ..Subscription::default() }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-23T09:00:00Z".parse().unwrap()
    }

    fn verdict(leaving: bool, mode: &str, rest: &str) -> Verdict {
        let query = format!("hub.mode={mode}&hub.topic=https%3A%2F%2Fa.example%2Ffeed%3Fx%3D1%26y%3D2{rest}");
        judge(&query, &subscription(leaving), now())
    }

    #[test]
    fn what_we_asked_for_is_confirmed() {
        let challenge = "a b+c".to_owned();
        let holds =
            |until: &str| Verdict::Holds { challenge: challenge.clone(), until: until.parse().unwrap() };
        let asked = "&hub.challenge=a%20b%2Bc";
        assert_eq!(
            verdict(false, "subscribe", &format!("{asked}&hub.lease_seconds=3600")),
            holds("2026-11-23T10:00:00Z")
        );
        assert_eq!(verdict(false, "subscribe", asked), holds("2026-12-03T09:00:00Z"), "ten days, as asked");
        assert_eq!(
            verdict(false, "subscribe", &format!("{asked}&hub.lease_seconds=99999999999999")),
            holds("2027-11-24T09:00:00Z")
        );
        assert_eq!(verdict(true, "unsubscribe", asked), Verdict::Ends { challenge });
    }

    #[test]
    fn what_we_did_not_ask_for_is_not() {
        let asked = "&hub.challenge=x";
        for (leaving, mode, rest) in [
            (true, "subscribe", asked),
            (false, "unsubscribe", asked),
            (false, "subscribe", ""),
            (false, "", asked),
        ] {
            assert_eq!(verdict(leaving, mode, rest), Verdict::NotOurs, "{leaving} {mode} {rest}");
        }
        let other = "hub.mode=subscribe&hub.topic=https://b.example/&hub.challenge=x";
        assert_eq!(judge(other, &subscription(false), now()), Verdict::NotOurs);
        let long = format!("&hub.challenge={}", "x".repeat(5000));
        assert_eq!(verdict(false, "subscribe", &long), Verdict::NotOurs);
    }

    #[test]
    fn a_denial_is_kept_on_one_line() {
        let said = verdict(false, "denied", "&hub.reason=no%0Aroom%1B%5B31m");
        assert_eq!(said, Verdict::Denied("no room [31m".into()));
        assert_eq!(verdict(false, "denied", ""), Verdict::Denied(String::new()));
    }

    proptest! {
        #[test]
        fn any_query_is_judged(query in "(hub\\.(mode|topic|challenge|lease_seconds|reason)|=|&|%|\\PC){0,60}") {
            let _ = judge(&query, &subscription(false), now());
        }
    }
}
