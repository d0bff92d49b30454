//! What is answered beside redirects: pages of one sentence, all of it ours, and the few files that are asked for.
//! Nothing of a request is repeated.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use sha2::{Digest, Sha256};

/// An answer.
pub type Answer = Response<Full<Bytes>>;

/// How long the pages that stay may be kept.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");
const NEVER: HeaderValue = HeaderValue::from_static("no-store");

/// `/` where no landing page is set.
pub fn landing(asked: &HeaderMap) -> Answer {
    kept(page(StatusCode::OK, "This host serves short links."), asked)
}

/// `/robots.txt`: preview robots ask before they look, and all may.
pub fn robots(asked: &HeaderMap) -> Answer {
    kept(text(StatusCode::OK, "text/plain; charset=utf-8", "User-agent: *\nAllow: /\n"), asked)
}

/// `/favicon.ico`: there is none, and nobody has to ask again for an hour.
pub fn favicon() -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer.headers_mut().insert(header::CACHE_CONTROL, KEPT);
    guard(answer.headers_mut());
    answer
}

/// `/healthz`: whether clicks reach the store.
pub fn health(is_well: bool) -> Answer {
    match is_well {
        true => text(StatusCode::OK, "text/plain; charset=utf-8", "ok\n"),
        false => text(
            StatusCode::SERVICE_UNAVAILABLE,
            "text/plain; charset=utf-8",
            "the store takes no clicks at the moment\n",
        ),
    }
}

/// No such link.
pub fn unknown() -> Answer {
    page(StatusCode::NOT_FOUND, "There is no such short link. Is it typed right?")
}

/// A link that has ended.
pub fn ended() -> Answer {
    page(StatusCode::GONE, "This short link has ended.")
}

/// The store could not be asked.
pub fn unavailable() -> Answer {
    let mut answer = page(StatusCode::SERVICE_UNAVAILABLE, "Please try again in a minute.");
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    answer
}

/// Another method than links have.
pub fn only_read() -> Answer {
    let mut answer = page(StatusCode::METHOD_NOT_ALLOWED, "Short links are only read.");
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    answer
}

/// A body of any kind that nobody keeps.
pub fn text(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, NEVER);
    guard(headers);
    answer
}

/// What every answer has.
pub fn guard(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(ROBOTS_TAG, HeaderValue::from_static("noindex"));
}

/// Whether who asks has what carries this tag already (RFC 9110, 13.1.2: weak comparison).
pub fn has_already(asked: &HeaderMap, tag: &str) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}

/// The tag of a body.
pub fn tag_of(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let number = hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("\"{number:016x}\"")
}

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

/// An answer that may be kept, or that who asks has kept. There are two of them, and their lengths tell them apart.
fn kept(mut answer: Answer, asked: &HeaderMap) -> Answer {
    let tag = format!("\"{}\"", answer.body().size_hint().lower());
    if has_already(asked, &tag) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.body_mut() = Full::default();
        answer.headers_mut().remove(header::CONTENT_TYPE);
    }
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, KEPT);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tags: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_NONE_MATCH, tags.parse().unwrap())])
    }

    #[test]
    fn who_has_a_page_is_not_sent_it_again() {
        let first = robots(&HeaderMap::new());
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert_ne!(first.headers()["etag"], landing(&HeaderMap::new()).headers()["etag"]);
        for tags in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = robots(&asked(&tags));
            assert_eq!((again.status().as_u16(), again.headers().get("content-type")), (304, None), "{tags}");
            assert_eq!(again.headers()["etag"].to_str().unwrap(), tag);
        }
        assert_eq!(robots(&asked("\"other\"")).status(), 200);
    }

    #[test]
    fn every_answer_is_guarded() {
        let none = HeaderMap::new();
        for answer in [
            landing(&none),
            robots(&none),
            favicon(),
            health(true),
            health(false),
            unknown(),
            ended(),
            unavailable(),
            only_read(),
        ] {
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert_eq!(answer.headers()["x-frame-options"], "DENY");
            assert!(answer.headers().contains_key("cache-control"));
        }
    }
}
