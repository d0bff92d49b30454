//! A request in, its answer out: a redirect for a link, and plain pages that say why not.

use super::forwarded::Proxies;
use super::log::Log;
use super::table::Table;
use super::visit::Visit;
use crate::slug;
use bytes::Bytes;
use cm_time::Clock;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::net::IpAddr;
use std::sync::Arc;

/// What every request is answered with.
#[derive(Debug)]
pub struct Server {
    /// The links.
    pub table: Table,
    /// The click log.
    pub log: Log,
    /// The clock.
    pub clock: Clock,
    /// Whose word on addresses is taken.
    pub proxies: Proxies,
}

type Answer = Response<Full<Bytes>>;

impl Server {
    /// Answers one request of a peer.
    pub async fn answer<B>(self: &Arc<Self>, request: &Request<B>, peer: IpAddr) -> Answer {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut answer = page(StatusCode::METHOD_NOT_ALLOWED, "Short links are only read.");
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return answer;
        }
        match request.uri().path() {
            "/" => page(StatusCode::OK, "This host serves short links."),
            // Preview robots ask before they look: all may.
            "/robots.txt" => text(StatusCode::OK, "text/plain; charset=utf-8", "User-agent: *\nAllow: /\n"),
            path => match code(path) {
                Some(code) => self.link(code, request, peer).await,
                None => unknown(),
            },
        }
    }

    async fn link<B>(self: &Arc<Self>, typed: &str, request: &Request<B>, peer: IpAddr) -> Answer {
        let found = match self.table.find(typed) {
            Some(found) => Some(found),
            None => {
                if Table::refresh(self, |server| &server.table).await.is_err() {
                    return unavailable();
                }
                self.table.find(typed)
            }
        };
        let Some((code, entry)) = found else { return unknown() };
        let at_ms = self.clock.now().timestamp_millis();
        let address = self.proxies.client(peer, request.headers());
        let visit = Visit::of(code, at_ms, request.method(), request.headers(), address);
        let open = entry.end.as_ref().is_none_or(|end| end.take(at_ms, visit.is_human()));
        if !open {
            return page(StatusCode::GONE, "This short link has ended.");
        }
        self.log.record(visit);
        redirect(entry.location)
    }
}

/// The code in a path; a slash at the end is forgiven. Whatever else stands there is no code of ours.
fn code(path: &str) -> Option<&str> {
    let code = path.strip_prefix('/')?;
    let code = code.strip_suffix('/').unwrap_or(code);
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!code.is_empty() && code.len() <= slug::LONGEST && code.bytes().all(good)).then_some(code)
}

/// A temporary redirect that nobody keeps: a cached one loses clicks and freezes the target.
fn redirect(location: HeaderValue) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::FOUND;
    let headers = answer.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=0"));
    guard(headers);
    answer
}

fn unknown() -> Answer {
    page(StatusCode::NOT_FOUND, "There is no such short link. Is it typed right?")
}

fn unavailable() -> Answer {
    let mut answer = page(StatusCode::SERVICE_UNAVAILABLE, "Please try again in a minute.");
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    answer
}

/// A page that says one sentence, all of it ours: nothing of the request is repeated.
fn page(status: StatusCode, sentence: &'static str) -> Answer {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{sentence}</title><p>{sentence}</p></html>\n"
    );
    let mut answer = text(status, "text/html; charset=utf-8", html);
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

fn text(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    guard(headers);
    answer
}

fn guard(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
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
    fn a_redirect_is_kept_by_nobody() {
        let answer = redirect(HeaderValue::from_static("https://a.example/"));
        assert_eq!(answer.status(), 302);
        assert_eq!(answer.headers()["cache-control"], "private, max-age=0");
        assert_eq!(answer.headers()["location"], "https://a.example/");
    }

    proptest! {
        #[test]
        fn any_path_has_an_answer(path in ".{0,80}") {
            let _ = code(&path);
        }
    }
}
