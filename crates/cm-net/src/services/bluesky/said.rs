//! What a server says: answers, and errors with their names (<https://atproto.com/specs/xrpc#error-responses>).
//! In: responses. Out: JSON, or why there is none, in words for a person.

use crate::client::Response;
use crate::services::api::words;
use crate::services::{Limit, Trouble, rates};
use crate::{Error, error};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// What was asked for.
pub(super) struct Answer {
    /// Its JSON.
    pub(super) value: Value,
    /// What is left of the server's limits, where it says so.
    pub(super) limit: Option<Limit>,
}

/// Why there is no answer.
pub(super) enum Fault {
    /// There is no session to ask with.
    Session(Trouble),
    /// It did not get there or back.
    Net(Error),
    /// The server said no.
    Said(Said),
}

/// A server's no.
pub(super) struct Said {
    /// HTTP status.
    pub(super) status: u16,
    /// The error's name: `ExpiredToken`, `InvalidSwap`; empty when it has none.
    pub(super) name: String,
    /// One line for a person, with the server's name.
    pub(super) reason: String,
    /// Not before, where it says so.
    pub(super) after: Option<DateTime<Utc>>,
}

impl Said {
    /// The token is no longer good: a new one may be. Servers say it with 400 (measured: `ExpiredToken`, `InvalidToken`);
    /// 401 is what the specification asks for.
    pub(super) fn wants_new_token(&self) -> bool {
        self.status == 401 || (self.status == 400 && matches!(&*self.name, "ExpiredToken" | "InvalidToken"))
    }

    /// The account is closed to us, whatever the token.
    pub(super) fn shuts_out(&self) -> bool {
        let names = [
            "AccountTakedown",
            "AccountSuspended",
            "AccountDeactivated",
            "RepoTakendown",
            "RepoSuspended",
            "RepoDeactivated",
        ];
        names.contains(&&*self.name)
    }
}

/// As an answer of the server; `secret` (where it is not empty) is not repeated.
pub(super) fn read(response: &Response, now: DateTime<Utc>, secret: &str) -> Result<Answer, Said> {
    let value = serde_json::from_slice::<Value>(&response.body).ok().filter(Value::is_object);
    match (response.status, value) {
        (200..=299, Some(value)) => Ok(Answer { value, limit: rates::limit(response, now) }),
        (status, value) => {
            let text = |name: &str| value.as_ref().and_then(|v| v[name].as_str()).unwrap_or_default();
            let hide =
                |text: &str| if secret.is_empty() { text.to_owned() } else { text.replace(secret, "***") };
            let (name, message) = (hide(text("error")), words(&hide(text("message"))));
            let host = error::origin(&response.url);
            let what = match (200..=299).contains(&status) {
                true => "something that is not what was asked for".to_owned(),
                false => [status.to_string(), words(&name)].join(" ").trim_end().to_owned(),
            };
            let says = if message.is_empty() { String::new() } else { format!(": {message}") };
            let reason = format!("{host} answered {what}{says}");
            Err(Said { status, name, reason, after: rates::after(response, now) })
        }
    }
}

/// How a server says that an account stands (`status`), in one word.
pub(super) fn standing(answer: &Value) -> &str {
    let word = |text: &&str| (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic());
    answer["status"].as_str().filter(word).unwrap_or("deactivated")
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        match fault {
            Fault::Session(trouble) => trouble,
            Fault::Net(error) => error.into(),
            Fault::Said(said) => said.into(),
        }
    }
}

impl From<Said> for Trouble {
    fn from(said: Said) -> Trouble {
        if said.shuts_out() || said.wants_new_token() {
            return Trouble::Credentials(said.reason);
        }
        match said.status {
            408 | 425 | 429 | 500.. | 0..=299 => Trouble::Later { reason: said.reason, after: said.after },
            403 => Trouble::Credentials(said.reason),
            300..=399 => {
                Trouble::Refused(format!("{}: the server has moved, change the account's url", said.reason))
            }
            _ => Trouble::Refused(said.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        Response {
            status,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.into(),
            url: "https://pds.example/xrpc/x?token=hush".parse().unwrap(),
            redirects: Vec::new(),
        }
    }

    fn said(status: u16, headers: &[(&str, &str)], body: &str) -> Said {
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        read(&response(status, headers, body), now, "hush").err().unwrap()
    }

    #[test]
    fn errors_are_told_on_one_line_without_secrets() {
        let token = "eyJ".repeat(40);
        let body = format!(r#"{{"error":"InvalidRequest","message":"bad\n\u001b[31m thing {token}"}}"#);
        assert_eq!(
            said(400, &[], &body).reason,
            "https://pds.example answered 400 InvalidRequest: bad [31m thing ***"
        );
        let echo = format!(r#"{{"error":"No","message":"{}hush"}}"#, "x ".repeat(98));
        assert!(!said(401, &[], &echo).reason.contains("hu"), "not even its beginning");
        assert_eq!(said(502, &[], "<html>").reason, "https://pds.example answered 502");
        assert_eq!(
            said(200, &[], "<html>").reason,
            "https://pds.example answered something that is not what was asked for"
        );
        assert!(said(400, &[], &format!(r#"{{"message":"{}"}}"#, "no ".repeat(9000))).reason.len() < 300);
    }

    #[test]
    fn a_limit_says_when_to_come_back() {
        let at = |headers: &[(&str, &str)]| said(429, headers, "").after.map(|at| at.to_rfc3339());
        assert_eq!(at(&[("ratelimit-reset", "1795338060")]).as_deref(), Some("2026-11-22T09:01:00+00:00"));
        assert_eq!(
            at(&[("retry-after", "30"), ("ratelimit-reset", "1795338060")]).as_deref(),
            Some("2026-11-22T09:00:30+00:00")
        );
        assert_eq!(at(&[("ratelimit-reset", "99999999999")]).as_deref(), Some("2026-12-23T09:00:00+00:00"));
        assert_eq!(at(&[("ratelimit-reset", "soon")]), None);
        let other = said(502, &[("ratelimit-reset", "1795338060")], "");
        assert_eq!(other.after, None, "only a limit is waited for");
    }

    #[test]
    fn what_an_error_means() {
        let trouble =
            |status, name: &str| Trouble::from(said(status, &[], &format!(r#"{{"error":"{name}"}}"#)));
        for (status, name) in [
            (400, "ExpiredToken"),
            (400, "InvalidToken"),
            (401, "AuthMissing"),
            (403, ""),
            (400, "AccountDeactivated"),
        ] {
            assert!(matches!(trouble(status, name), Trouble::Credentials(_)), "{status} {name}");
        }
        for (status, name) in [(429, "RateLimitExceeded"), (502, "UpstreamFailure"), (500, "")] {
            assert!(matches!(trouble(status, name), Trouble::Later { .. }), "{status} {name}");
        }
        for (status, name) in [(400, "InvalidRequest"), (404, ""), (308, "")] {
            assert!(matches!(trouble(status, name), Trouble::Refused(_)), "{status} {name}");
        }
    }
}
