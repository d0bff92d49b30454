//! What goes wrong in the API, as it is answered: `{"error":{"code":...,"message":...}}`.

use crate::serve::page::{self, Answer};
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde_json::json;
use std::time::Duration;

/// The type of every body.
pub const JSON: &str = "application/json";

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    status: StatusCode,
    code: &'static str,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Trouble {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Trouble {
        Trouble { status, code, message: message.into(), header: None }
    }

    fn with(self, name: HeaderName, value: HeaderValue) -> Trouble {
        Trouble { header: Some((name, value)), ..self }
    }

    /// No token, or none that is known.
    pub fn unauthorized() -> Trouble {
        Trouble::new(StatusCode::UNAUTHORIZED, "unauthorized", "send a token: Authorization: Bearer TOKEN")
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// Too many requests.
    pub fn too_many(wait: Duration) -> Trouble {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Trouble::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("too many requests: ask again in {seconds} s"),
        )
        .with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The body cannot be read.
    pub fn unreadable(why: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::BAD_REQUEST, "bad_request", why)
    }

    /// The body took too long.
    pub fn slow() -> Trouble {
        Trouble::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body took too long to come")
    }

    /// The body is too long.
    pub fn too_large(most: usize) -> Trouble {
        Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("a body has at most {most} bytes"))
    }

    /// The body is of another type.
    pub fn no_json() -> Trouble {
        Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "send Content-Type: application/json")
    }

    /// Refused as the command line would, in its words.
    pub fn refused(message: &str) -> Trouble {
        let message = message.trim_start_matches('-');
        match message.contains(": that code is taken") {
            true => Trouble::new(StatusCode::CONFLICT, "taken", message),
            false => Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", message),
        }
    }

    /// There is no such thing.
    pub fn unknown() -> Trouble {
        Trouble::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here")
    }

    /// Another method than it has.
    pub fn method(allowed: &'static str) -> Trouble {
        Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "method", format!("only {allowed}"))
            .with(header::ALLOW, HeaderValue::from_static(allowed))
    }

    /// Not now.
    pub fn busy() -> Trouble {
        Trouble::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too much to do: ask again in a moment")
            .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// Something failed that who asked cannot mend.
    pub fn failed() -> Trouble {
        Trouble::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed",
            "the server failed: it says why where it runs",
        )
    }

    /// As an answer.
    pub fn answer(self) -> Answer {
        let body = json!({"error": {"code": self.code, "message": self.message}});
        let mut answer = page::text(self.status, JSON, format!("{body}\n"));
        if let Some((name, value)) = self.header {
            answer.headers_mut().insert(name, value);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_taken_is_told_from_what_is_refused() {
        let status = |message| Trouble::refused(message).answer().status().as_u16();
        assert_eq!(status("--slug sale: that code is taken, it leads to https://b.example/"), 409);
        assert_eq!(status("ftp://a.example is not shortened: ftp: is not http or https"), 422);
        assert_eq!(Trouble::refused("--slug x: no").message, "slug x: no");
    }

    #[test]
    fn nobody_is_asked_to_come_again_too_soon() {
        let wait =
            |ms| Trouble::too_many(Duration::from_millis(ms)).answer().headers()["retry-after"].clone();
        assert_eq!([wait(1), wait(1000), wait(1001)], ["1", "1", "2"]);
    }
}
