//! What a request tells in confidence, kept out of what comes back: a server, or something before it, may repeat what it
//! was sent (debugging pages do), and a refusal's words go into errors. In: a request and its answer. Out: the answer
//! with `***` where it repeats a password or a token. What succeeded is left as it is.

use crate::client::{Request, Response};
use crate::spill::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use std::io;

/// Headers whose value is a secret.
const SECRET: [&str; 3] = ["authorization", "cookie", "x-api-key"];
/// Shorter ones are words that stand in texts for other reasons.
const SHORTEST: usize = 6;

/// Takes a request's credentials out of a refusal.
pub(crate) fn blot_out(request: &Request, answer: &mut Response<Body>) -> io::Result<()> {
    let secrets = secrets(request);
    if (200..300).contains(&answer.status) || secrets.is_empty() {
        return Ok(());
    }
    let mut body = std::mem::replace(&mut answer.body, Vec::new().into()).into_bytes()?;
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
        for (_, value) in answer.headers.iter_mut().filter(|(_, value)| value.contains(secret)) {
            *value = value.replace(secret, "***");
        }
        body = without(&body, secret.as_bytes());
    }
    answer.body = body.into();
    Ok(())
}

/// Every form in which they travel, the longest first.
fn secrets(request: &Request) -> Vec<String> {
    let mut found = Vec::new();
    let open = request.headers.iter().filter(|(name, _)| SECRET.contains(&name.to_lowercase().as_str()));
    let open = open.map(|(name, value)| (name, value.as_str()));
    let secret = request.secrets.iter().map(|(name, value)| (name, value.expose_secret()));
    for (name, value) in open.chain(secret) {
        found.push(value.to_owned());
        let (scheme, token) = value.split_once(' ').unwrap_or_default();
        found.push(token.trim().to_owned());
        if scheme.eq_ignore_ascii_case("basic") {
            found.extend(password_within(token));
        }
        if name.eq_ignore_ascii_case("cookie") {
            found.extend(value.split(';').filter_map(|pair| Some(pair.split_once('=')?.1.trim().to_owned())));
        }
    }
    if let Some(encoded) = request.url.password() {
        let (user, password) = (decoded(request.url.username()), decoded(encoded));
        // As RFC 7617 has it: what follows the scheme, and what it holds.
        found.push(STANDARD.encode([user, b":".to_vec(), password.clone()].concat()));
        found.push(encoded.to_owned());
        found.push(String::from_utf8_lossy(&password).into_owned());
    }
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    found
}

/// The password that a token of `Basic` holds (RFC 7617).
fn password_within(token: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
    Some(pair.split_once(':')?.1.to_owned())
}

fn without(body: &[u8], secret: &[u8]) -> Vec<u8> {
    let (mut kept, mut rest) = (Vec::with_capacity(body.len()), body);
    while let Some(at) = rest.windows(secret.len()).position(|part| part == secret) {
        kept.extend_from_slice(&rest[..at]);
        kept.extend_from_slice(b"***");
        rest = &rest[at + secret.len()..];
    }
    kept.extend_from_slice(rest);
    kept
}

/// Percent-encoding (RFC 3986, 2.1) taken off.
fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    fn answer(status: u16, body: &str) -> Response<Body> {
        let url = Url::parse("https://blog.example/").unwrap();
        let headers = vec![("x-echo".to_owned(), body.to_owned())];
        Response { status, headers, body: body.as_bytes().to_vec().into(), url, redirects: Vec::new() }
    }

    fn said(request: &Request, status: u16, body: &str) -> String {
        let mut answer = answer(status, body);
        blot_out(request, &mut answer).unwrap();
        let text = String::from_utf8(answer.body.into_bytes().unwrap()).unwrap();
        assert_eq!(answer.headers[0].1, text);
        text
    }

    #[test]
    fn no_form_of_a_password_is_repeated() {
        let mut url = Url::parse("https://blog.example/").unwrap();
        url.set_username("ana").unwrap();
        url.set_password(Some("abcd efgh é")).unwrap();
        let request = Request::get(url);
        for form in ["abcd efgh é", "abcd%20efgh%20%C3%A9", "YW5hOmFiY2QgZWZnaCDDqQ=="] {
            assert_eq!(said(&request, 403, &format!("Basic {form}, {form}")), "Basic ***, ***", "{form}");
        }
        assert_eq!(said(&request, 200, "abcd efgh é"), "abcd efgh é", "an answer is left as it is");
    }

    #[test]
    fn no_token_is_repeated() {
        let url = Url::parse("https://pds.example/").unwrap();
        let request = Request::get(url).header("Authorization", "Bearer eyJ.abc.def");
        assert_eq!(said(&request, 400, "bad eyJ.abc.def (Bearer eyJ.abc.def)"), "bad *** (***)");
    }

    proptest! {
        #[test]
        fn whatever_the_password_it_is_not_in_a_refusal(password in "[ -$&-~é]{6,30}", before in "\\PC{0,9}", after in "\\PC{0,9}") {
            let mut url = Url::parse("https://blog.example/").unwrap();
            url.set_password(Some(&password)).unwrap();
            let body = format!("{before}{password}{after}");
            prop_assert!(!said(&Request::get(url), 401, &body).contains(&password));
        }
    }
}
