//! Publishing half of `webhook:`. In: frozen posts. Out: one POST each, with `Content-Type: application/json` and
//! `Idempotency-Key: <the post's id>`. What is in the body: `../payload.rs`.
//!
//! | answer | taken as |
//! |---|---|
//! | 2xx | published; `Location`, where given, is its address |
//! | 401, 403 | the account's credentials were refused |
//! | 408, 425, 429; 503 with Retry-After | nothing was done: later, not before Retry-After |
//! | 409 | unknown: the key is being worked on, or the post is there already |
//! | 301, 307, 308 | refused: the address moved; a POST is not sent to where an answer points |
//! | other 4xx | refused |
//! | anything else (other 3xx, 5xx) | unknown: the receiver may have acted before it failed |
//! | no connection, name, TLS; address refused | nothing was sent: later |
//! | deadline or cut after sending | unknown |
//!
//! Documented: status codes (RFC 9110, 6585, 8470), 409 for a key at work (draft-ietf-httpapi-idempotency-key-header).
//! Assumed: a receiver that sends 503 with Retry-After did not act; the key is sent bare, as receivers in use take it.

use super::LONGEST;
use crate::client::Response;
use crate::services::{Draft, Standing, Trouble, payload, too_long};
use crate::{Client, Delivery, Error, Found, Guarantee, Method, Outgoing, Publish, Request, error};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use std::fmt;
use url::Url;

/// How much of a refusal's body is told, in characters.
const EXCERPT: usize = 200;
/// Shorter parts of an address are words such as `hooks`, in bytes.
const SHORTEST_SECRET: usize = 6;

/// An address that takes posts as JSON. Debug shows its host only: the path is often its password.
#[derive(Clone)]
pub struct Webhook {
    /// Where.
    pub url: Url,
    /// The receiver promises to honour `Idempotency-Key` for ever (`idempotent = true` in the account's settings).
    pub idempotent: bool,
    /// Through which client.
    pub client: Client,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = error::origin(&self.url);
        f.debug_struct("Webhook")
            .field("url", &url)
            .field("idempotent", &self.idempotent)
            .finish_non_exhaustive()
    }
}

impl Publish for Webhook {
    fn guarantee(&self) -> Guarantee {
        if self.idempotent { Guarantee::SameKey } else { Guarantee::None }
    }

    fn freeze(&self, draft: &Draft) -> Result<Vec<u8>, String> {
        too_long(&draft.text, LONGEST)?;
        payload::freeze(draft)
    }

    fn send<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Delivery> {
        Box::pin(async move {
            let request = Request::post(self.url.clone(), post.body.clone())
                .header("content-type", "application/json")
                .header("idempotency-key", &post.id);
            match self.client.send(request).await {
                Ok(answer) => delivery(&answer, self.client.options().clock.now()),
                Err(error) => undelivered(error),
            }
        })
    }

    /// A webhook can't be asked.
    fn find<'a>(&'a self, _post: &'a Outgoing) -> BoxFuture<'a, Found> {
        Box::pin(async { Found::Unknown })
    }

    /// Any answer of its server will do. The hook itself is not asked: it may take anything for a post.
    fn check<'a>(&'a self) -> BoxFuture<'a, Result<Standing, Trouble>> {
        Box::pin(async move {
            let mut url = self.url.clone();
            url.set_path("/");
            url.set_query(None);
            let request = Request { method: Method::Head, ..Request::get(url) };
            self.client.send(request).await?;
            Ok(Standing::default())
        })
    }
}

fn delivery(answer: &Response, now: DateTime<Utc>) -> Delivery {
    let reason = reason(answer);
    let after = answer.retry_after(now);
    match answer.status {
        200..=299 => Delivery::Published { url: location(answer) },
        401 | 403 => Delivery::Credentials { reason },
        408 | 425 | 429 => Delivery::Later { reason, after },
        503 if after.is_some() => Delivery::Later { reason, after },
        409 => Delivery::Unknown { reason },
        301 | 307 | 308 => {
            Delivery::Refused { reason: format!("{reason}: the address has moved, change the account's url") }
        }
        400..=499 => Delivery::Refused { reason },
        _ => Delivery::Unknown { reason },
    }
}

fn undelivered(error: Error) -> Delivery {
    match error.sent {
        true => Delivery::Unknown { reason: error.message },
        false => Delivery::Later { reason: error.message, after: None },
    }
}

/// The post's address, unless it would tell the hook's: `Location: 7` is read relative to that.
fn location(answer: &Response) -> Option<String> {
    let url = answer.url.join(answer.header("location")?).ok()?;
    let told = String::from(url.clone());
    let tells = without_secrets(&told, &answer.url) != told;
    (matches!(url.scheme(), "http" | "https") && !tells).then_some(told)
}

/// The status and the beginning of what was said with it, on one line.
fn reason(answer: &Response) -> String {
    let said = String::from_utf8_lossy(&answer.body[..answer.body.len().min(EXCERPT * 4)]);
    let said = without_secrets(&said, &answer.url);
    let words: Vec<&str> =
        said.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let said: String = words.join(" ").chars().take(EXCERPT).collect();
    let host = error::origin(&answer.url);
    match said.is_empty() {
        true => format!("{host} answered {}", answer.status),
        false => format!("{host} answered {}: {said}", answer.status),
    }
}

/// Many a server repeats what it was asked (`Cannot POST /hooks/...`), and there the password often stands.
fn without_secrets(said: &str, url: &Url) -> String {
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let segments = url.path_segments().into_iter().flatten().map(str::to_owned);
    let secrets = segments.chain(values).filter(|part| part.len() >= SHORTEST_SECRET);
    secrets.fold(said.to_owned(), |said, secret| said.replace(&secret, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_would_tell_the_hooks_is_none() {
        let location = |given: &str| {
            let answer = Response {
                status: 201,
                headers: vec![("location".to_owned(), given.to_owned())],
                body: Vec::new(),
                url: "https://chat.example/in/T0-s3cret/B1?key=k-s3cret".parse().unwrap(),
                redirects: Vec::new(),
            };
            location(&answer)
        };
        assert_eq!(location("/posts/7").as_deref(), Some("https://chat.example/posts/7"));
        assert_eq!(location("https://www.example/7").as_deref(), Some("https://www.example/7"));
        for tells in ["7", "", "#7", "?id=7", "/in/T0-s3cret/B1/7", "/7?of=k-s3cret", "javascript:alert(1)"] {
            assert_eq!(location(tells), None, "{tells}");
        }
    }
}
