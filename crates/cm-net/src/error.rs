//! What can go wrong on the way, and whether anything may have been sent.

use crate::guard::{Forbidden, Unresolved};
use std::error::Error as StdError;
use url::{Position, Url};

/// The class of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The address is private, loopback or link-local and `--allow-private` was not given.
    Refused,
    /// The address or a header cannot be used.
    BadUrl,
    /// The name does not resolve.
    Dns,
    /// No connection.
    Connect,
    /// TLS failed (certificate, no system roots).
    Tls,
    /// The deadline passed.
    Timeout,
    /// Too many redirects, or one to nowhere.
    Redirect,
    /// More bytes than allowed, compressed or decompressed.
    TooLarge,
    /// The answer was cut off or is not HTTP.
    Broken,
    /// Whoever admits requests did not admit this one: it was not sent.
    Held,
    /// The answer is too large for memory and could not be kept in a temporary file.
    Disk,
}

/// A failure, told without secrets: addresses are shown without credentials and query, those of a POST without their
/// path too (a webhook's path is often its password).
#[derive(Clone, Debug)]
pub struct Error {
    /// Its class.
    pub kind: Kind,
    /// One line for a person: what, where, how to mend it.
    pub message: String,
    /// True when the request may have reached the server: what it asked for may have happened.
    pub sent: bool,
    /// Where it failed, when redirects led there: scheme, host and port only.
    pub led_to: Option<Box<Url>>,
}

impl Error {
    /// A failure before anything was sent.
    pub(crate) fn before(kind: Kind, shown: &str, why: impl std::fmt::Display) -> Error {
        Error { kind, message: format!("{shown}: {why}"), sent: false, led_to: None }
    }

    /// A failure after the request may have arrived.
    pub(crate) fn after(kind: Kind, shown: &str, why: impl std::fmt::Display) -> Error {
        Error { kind, message: format!("{shown}: {why}"), sent: true, led_to: None }
    }

    /// An answer that a temporary file would not take or give back.
    pub(crate) fn disk(shown: &str, error: &std::io::Error) -> Error {
        let folder = std::env::temp_dir();
        let why = format!(
            "its answer cannot be kept in {}: {error}: set TMPDIR to a folder with room",
            folder.display()
        );
        Error::after(Kind::Disk, shown, why)
    }

    /// Classes why there is no head of an answer; `through` names the proxy on the way (` through the proxy a:1`), as who
    /// cannot be reached may be that one.
    pub(crate) fn from_http(error: &reqwest::Error, shown: &str, through: &str) -> Error {
        let why = innermost(error).to_string();
        let any = |test: fn(&(dyn StdError + 'static)) -> bool| causes(error).any(test);
        match () {
            () if any(|e| e.is::<Forbidden>()) => Error::before(Kind::Refused, shown, why),
            () if any(|e| e.is::<Unresolved>()) => {
                Error::before(Kind::Dns, shown, format!("the name does not resolve: {why}"))
            }
            () if error.is_builder() => Error::before(Kind::BadUrl, shown, format!("cannot be asked: {why}")),
            () if !error.is_connect() => Error::broken(error, shown),
            () if error.is_timeout() => {
                Error::before(Kind::Connect, shown, format!("no connection{through} in time"))
            }
            () if any(|e| e.is::<rustls::Error>()) => {
                Error::before(Kind::Tls, shown, format!("no secure connection{through}: {why}"))
            }
            () => Error::before(Kind::Connect, shown, format!("no connection{through}: {why}")),
        }
    }

    /// An answer that broke off, or never was one.
    pub(crate) fn broken(error: &(dyn StdError + 'static), shown: &str) -> Error {
        let why = innermost(error);
        Error::after(Kind::Broken, shown, format!("the answer was cut off or is not HTTP: {why}"))
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Longer parts of a path are no words: tokens.
const LONGEST_PART: usize = 80;

/// An address for a person: scheme, host, port and path, nothing that may be secret.
pub(crate) fn shown(url: &Url) -> String {
    let parts = url[Position::BeforePath..Position::AfterPath].split('/');
    let parts: Vec<&str> = parts.map(|part| if part.len() > LONGEST_PART { "***" } else { part }).collect();
    format!("{}{}", origin(url), parts.join("/"))
}

/// Scheme, host and port.
pub(crate) fn origin(url: &Url) -> String {
    format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::AfterPort])
}

/// An error and everything beneath it.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |e| cause(*e))
}

/// `io::Error` hides the error that it wraps from `source`.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    causes(error).last().unwrap_or(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_secrets() {
        let url: Url = "https://ana:s3cret@blog.example:8443/feed?token=hush#frag".parse().unwrap();
        assert_eq!(shown(&url), "https://blog.example:8443/feed");
        assert_eq!(origin(&url), "https://blog.example:8443");
        let token = "x".repeat(100);
        let url: Url = format!("https://forum.example/feeds/inbox/{token}.xml").parse().unwrap();
        assert_eq!(shown(&url), "https://forum.example/feeds/inbox/***");
    }
}
