//! A request in, its answer out: a redirect for a link, and plain pages that say why not.

use super::api::{self, Desk, Limits};
use super::log::Log;
use super::manner::Manner;
use super::packed::Entry;
use super::page::{self, Answer};
use super::table::{Found, Table};
use crate::slug;
use crate::visit::Visit;
use bytes::Bytes;
use cm_time::Clock;
use http_body_util::Full;
use hyper::body::Body;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::error::Error;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

/// What every request is answered with.
#[derive(Debug)]
pub struct Server {
    /// The links.
    pub table: Table,
    /// The click log.
    pub log: Log,
    /// The clock.
    pub clock: Clock,
    /// What the configuration says; another one after SIGHUP.
    pub manner: RwLock<Arc<Manner>>,
    /// Where the API has links made.
    pub desk: Desk,
    /// How often who asks the API.
    pub limits: Limits,
}

impl Server {
    /// What the configuration says now.
    pub fn manner(&self) -> Arc<Manner> {
        Arc::clone(&self.manner.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers one request of a peer.
    pub async fn answer<B>(self: &Arc<Self>, request: Request<B>, peer: IpAddr) -> Answer
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        if request.uri().path().starts_with(api::PREFIX) {
            let manner = self.manner();
            if let Some(tokens) = &manner.tokens {
                let address = manner.proxies.client(peer, request.headers());
                // Kept apart, so that a redirect's future is small: it is moved about.
                return Box::pin(self.api(request, tokens, address)).await;
            }
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return page::only_read();
        }
        match request.uri().path() {
            "/" => match &self.manner().landing {
                Some(landing) => redirect(StatusCode::FOUND, landing.clone(), 0),
                None => page::landing(request.headers()),
            },
            "/robots.txt" => page::robots(request.headers()),
            "/favicon.ico" => page::favicon(),
            "/healthz" => page::health(self.log.is_well()),
            path => match code(path) {
                Some(code) => self.link(code, &request, peer).await,
                None => page::unknown(),
            },
        }
    }

    async fn link<B>(self: &Arc<Self>, typed: &str, request: &Request<B>, peer: IpAddr) -> Answer {
        let found = match self.table.find(typed) {
            Some(found) => Some(found),
            None => {
                if Box::pin(Table::refresh(self, |server| &server.table)).await.is_err() {
                    return page::unavailable();
                }
                self.table.find(typed)
            }
        };
        match found {
            Some(found) => self.follow(found, request.method(), request.headers(), peer).await,
            None => page::unknown(),
        }
    }

    /// Redirects and logs the click; a link that has ended leads to its fallback, and that is no click.
    async fn follow(&self, found: Found, method: &Method, headers: &HeaderMap, peer: IpAddr) -> Answer {
        let at_ms = self.clock.now().timestamp_millis();
        let address = self.manner().proxies.client(peer, headers);
        let visit = Visit::of(&found.code, at_ms, method, headers, address);
        if !found.take(at_ms, || visit.is_human()) {
            return match found.entry.fallback {
                Some(fallback) => redirect(StatusCode::FOUND, fallback, 0),
                None => page::ended(),
            };
        }
        self.log.record(visit).await;
        let Entry { status, location, max_age, .. } = found.entry;
        redirect(status, location, max_age)
    }
}

/// The code in a path; a slash at the end is forgiven. Whatever else stands there is no code of ours.
pub fn code(path: &str) -> Option<&str> {
    let code = path.strip_prefix('/')?;
    let code = code.strip_suffix('/').unwrap_or(code);
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!code.is_empty() && code.len() <= slug::LONGEST && code.bytes().all(good)).then_some(code)
}

/// A redirect, kept so many seconds by the browser alone, most often none: a kept one loses clicks and freezes the target.
/// Preconditions of the request do not count: they are for answers that would be 2xx (RFC 9110, 13.2.1).
fn redirect(status: StatusCode, location: HeaderValue, max_age: u32) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.reserve(7);
    headers.insert(header::LOCATION, location);
    let kept = match max_age {
        0 => None,
        seconds => HeaderValue::try_from(format!("private, max-age={seconds}")).ok(),
    };
    let kept = kept.unwrap_or(HeaderValue::from_static("private, max-age=0"));
    headers.insert(header::CACHE_CONTROL, kept);
    page::guard(headers);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_a_single_plain_segment_is_a_code() {
        assert_eq!(
            (code("/k7qmtd"), code("/K7/"), code("/a-b_c")),
            (Some("k7qmtd"), Some("K7"), Some("a-b_c"))
        );
        let long = format!("/{}", "x".repeat(65));
        for path in ["", "/", "//", "k", "/a/b", "/../etc/passwd", "/%2e%2e", "/a%00", "/.env", "/a b", &long]
        {
            assert_eq!(code(path), None, "{path}");
        }
    }

    #[test]
    fn a_redirect_is_kept_by_nobody_unless_that_is_asked_for() {
        let to = HeaderValue::from_static("https://a.example/");
        let answer = redirect(StatusCode::FOUND, to.clone(), 0);
        assert_eq!(answer.status(), 302);
        assert_eq!(answer.headers()["cache-control"], "private, max-age=0");
        assert_eq!(answer.headers()["location"], "https://a.example/");
        let answer = redirect(StatusCode::PERMANENT_REDIRECT, to, 90);
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["cache-control"]),
            (308, &HeaderValue::from_static("private, max-age=90"))
        );
    }

    proptest! {
        #[test]
        fn any_path_has_an_answer(path in ".{0,80}") {
            let _ = code(&path);
        }
    }
}
