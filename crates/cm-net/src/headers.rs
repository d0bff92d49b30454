//! The headers of a request. In: what it asks for, and who asks. Out: what is sent.

use crate::client::{Method, Request};
use crate::coding::CODINGS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, HeaderName, HeaderValue, USER_AGENT,
};
use secrecy::ExposeSecret;

/// All headers; an error is one line and names no value.
pub(crate) fn of(request: &Request, user_agent: &str) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::with_capacity(8);
    for (name, text) in &request.headers {
        headers.append(key(name)?, value(name, text)?);
    }
    for (name, text) in &request.secrets {
        headers.append(key(name)?, secret(value(name, text.expose_secret())?));
    }
    if let Some(basic) = basic(request).filter(|_| !headers.contains_key(AUTHORIZATION)) {
        headers.insert(AUTHORIZATION, secret(value("authorization", &basic)?));
    }
    if !headers.contains_key(USER_AGENT) {
        headers.insert(USER_AGENT, value("user-agent", user_agent)?);
    }
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(CODINGS));
    if request.method == Method::Post {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    Ok(headers)
}

fn key(name: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(name).map_err(|_| format!("{name:?} is no name of a header"))
}

fn value(name: &str, text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| format!("the header {name} has a value that cannot be sent"))
}

fn secret(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

/// The credentials of the address (RFC 7617), percent-encoding taken off.
fn basic(request: &Request) -> Option<String> {
    let url = &request.url;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let pair = [decoded(url.username()), b":".to_vec(), decoded(url.password().unwrap_or_default())].concat();
    Some(format!("Basic {}", STANDARD.encode(pair)))
}
