//! What the REST API answers: JSON, or the page of something that stands before it.
//! In: responses. Out: their JSON, or what is wrong, in a line that never repeats a page.
//!
//! Errors are `{"code", "message", "data": {"status"}}` (developer.wordpress.org, REST API handbook). Statuses 429 and
//! 503 ask to come back; WordPress sends 503 with Retry-After itself while it is updated.

use crate::Delivery;
use crate::client::Response;
use crate::error::origin;
use crate::services::Trouble;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// How much of an error's message is told, in characters.
const EXCERPT: usize = 200;

/// How to mend credentials that were not taken.
const MEND: &str = "make an application password for this user in WordPress under Users > Profile (the login password does not work \
     here); if it is right, the web server may keep the Authorization header from WordPress (docs/wordpress.md)";

/// JSON that was answered.
#[derive(Debug)]
pub(super) struct Said {
    /// Scheme, host and port.
    pub host: String,
    /// Status.
    pub status: u16,
    /// The body.
    pub json: Value,
    /// `X-WP-Total`: how many there are of what is listed.
    pub total: Option<u64>,
}

impl Said {
    /// Of an answer whose body is an object or an array.
    pub(super) fn from(answer: &Response) -> Option<Said> {
        // Plugins that were saved with a mark of byte order put it before everything.
        let body = answer.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&answer.body);
        let json: Value = serde_json::from_slice(body).ok()?;
        (json.is_object() || json.is_array()).then(|| Said {
            host: origin(&answer.url),
            status: answer.status,
            json,
            total: answer.header("x-wp-total").and_then(|total| total.trim().parse().ok()),
        })
    }

    /// An error's code, empty where there is none.
    pub(super) fn code(&self) -> &str {
        self.json.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// An error in the blog's words, without their markup.
    pub(super) fn reason(&self) -> String {
        let message = self.json.get("message").and_then(Value::as_str).unwrap_or_default();
        let message: String = plain(message).chars().take(EXCERPT).collect();
        let code = match self.code() {
            "" => String::new(),
            code => format!(" ({})", plain(code).chars().take(EXCERPT).collect::<String>()),
        };
        format!("{} answered {}: {message}{code}", self.host, self.status)
    }

    /// Whether the credentials were not taken. 401 is only said to who is not logged in; of the codes with 403, those are
    /// (wp-includes/rest-api.php, user.php).
    pub(super) fn refuses_credentials(&self) -> bool {
        let codes = ["incorrect_password", "invalid_username", "invalid_email"];
        self.status == 401
            || codes.contains(&self.code())
            || self.code().starts_with("application_passwords_disabled")
    }

    /// The credentials were not taken.
    pub(super) fn credentials(&self) -> Trouble {
        Trouble::Credentials(format!("{}: {MEND}", self.reason()))
    }

    /// Itself when all is well.
    pub(super) fn well(self) -> Result<Said, Trouble> {
        match self.status {
            200..=299 => Ok(self),
            _ if self.refuses_credentials() => Err(self.credentials()),
            _ => Err(Trouble::Refused(self.reason())),
        }
    }
}

/// The JSON of what was asked for by GET, whatever its status; all else is trouble.
pub(super) fn said(answer: &Response, now: DateTime<Utc>) -> Result<Said, Trouble> {
    if let Some(moved) = moved(answer) {
        return Err(Trouble::Refused(moved));
    }
    in_order(answer, now)?;
    Said::from(answer).ok_or_else(|| no_json(answer))
}

/// Whether the server works and has time for us.
pub(super) fn in_order(answer: &Response, now: DateTime<Utc>) -> Result<(), Trouble> {
    match answer.status {
        408 | 425 | 429 | 500.. => {
            Err(Trouble::Later { reason: short(answer), after: answer.retry_after(now) })
        }
        _ => Ok(()),
    }
}

/// What came of a POST whose answer says nothing that is particular to it.
pub(super) fn delivery(answer: &Response, now: DateTime<Utc>) -> Delivery {
    if let Some(reason) = moved(answer) {
        return Delivery::Refused { reason };
    }
    let (reason, after) = (short(answer), answer.retry_after(now));
    match (answer.status, Said::from(answer)) {
        (429, _) => Delivery::Later { reason, after },
        (503, _) if after.is_some() => Delivery::Later { reason, after },
        // Said by something on the way, which may have passed it on.
        (408 | 425, _) => Delivery::Unknown { reason },
        (400..=499, Some(said)) if said.refuses_credentials() => said.credentials().into(),
        (400..=499, Some(_)) => Delivery::Refused { reason },
        (401, None) => no_json(answer).into(),
        (400..=499, None) => Delivery::Refused { reason: instead(answer) },
        _ => Delivery::Unknown { reason },
    }
}

/// An answer without JSON.
pub(super) fn no_json(answer: &Response) -> Trouble {
    match answer.status {
        401 => Trouble::Credentials(format!(
            "{} answered 401 before WordPress was asked: its web server wants a password of its own",
            origin(&answer.url)
        )),
        _ => Trouble::Later { reason: instead(answer), after: None },
    }
}

/// Something else answered in WordPress's place.
fn instead(answer: &Response) -> String {
    format!(
        "{} answered {} with a page instead of JSON: a firewall, a challenge or a maintenance page stands before its \
         REST API",
        origin(&answer.url),
        answer.status
    )
}

/// The API answered from elsewhere. Credentials were not told to another host on the way.
fn moved(answer: &Response) -> Option<String> {
    let moved = !answer.redirects.is_empty() || (300..400).contains(&answer.status);
    moved.then(|| format!("{}: its REST API has moved: change the account's url", origin(&answer.url)))
}

/// The status, and what JSON says of it.
pub(super) fn short(answer: &Response) -> String {
    match Said::from(answer).filter(|said| !said.code().is_empty()) {
        Some(said) => said.reason(),
        None if answer.status == 503 => {
            format!("{} answered 503: it is being updated, or has too much to do", origin(&answer.url))
        }
        None => format!("{} answered {}", origin(&answer.url), answer.status),
    }
}

/// A message without tags and control characters, on one line.
fn plain(message: &str) -> String {
    let mut text = String::new();
    let mut within = false;
    for c in message.chars() {
        match c {
            '<' => within = true,
            '>' if within => within = false,
            _ if within => {}
            _ if c.is_control() => text.push(' '),
            _ => text.push(c),
        }
    }
    let text = super::comment::unescaped(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_markup() {
        assert_eq!(plain("<strong>Error:</strong> no\n\u{1b}such &amp; user."), "Error: no such & user.");
    }
}
