//! Proxies: those of the environment and those named for one request. In: an address. Out: who carries it there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use std::fmt;
use url::Url;

/// A proxy of the http kind, reached over TLS or not. Debug and Display show no credentials.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    uri: Uri,
    authorization: Option<HeaderValue>,
}

impl Proxy {
    /// `http://[USER:PASSWORD@]HOST[:PORT]`, or https; without a scheme it is http. The error says what is wrong, without
    /// the address, which may hold a password.
    pub fn parse(text: &str) -> Result<Proxy, String> {
        let text = text.trim();
        let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&url).map_err(|e| format!("no address of a proxy: {e}"))?;
        match url.scheme() {
            "http" | "https" => {}
            socks if socks.starts_with("socks") => {
                return Err("SOCKS proxies are not spoken: name one of the http or https kind".to_owned());
            }
            other => return Err(format!("no proxy is reached by {other}: give http:// or https://")),
        }
        let (user, password) = (decoded(url.username()), url.password().map(decoded));
        let authorization = (!user.is_empty() || password.is_some()).then(|| {
            let pair = [user, b":".to_vec(), password.unwrap_or_default()].concat();
            HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
        });
        let origin = url.origin().ascii_serialization();
        let uri = format!("{origin}/").parse().map_err(|e| format!("no address of a proxy: {e}"))?;
        Ok(Proxy { uri, authorization: authorization.transpose().ok().flatten().map(sensitive) })
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The value of `Proxy-Authorization`.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }
}

fn decoded(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.uri.authority().map_or("", |authority| authority.as_str()))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// Who carries a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// Whom the environment's proxy variables name for its address, else nobody.
    #[default]
    Environment,
    /// Nobody: straight to the host, whatever the environment says.
    Direct,
    /// This one.
    Proxy(Proxy),
}

/// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case, read once.
pub(crate) struct Proxies {
    matcher: Matcher,
    /// None is named: nothing needs to be looked up.
    none: bool,
}

/// The environment names a proxy of a kind that is not spoken here (SOCKS).
#[derive(Debug)]
pub(crate) struct Unspoken;

impl Proxies {
    /// As the environment says now.
    pub(crate) fn from_environment() -> Proxies {
        let matcher = Matcher::from_system();
        let none = any(&matcher).is_none();
        Proxies { matcher, none }
    }

    /// Who carries requests to an address.
    pub(crate) fn route(&self, uri: &Uri) -> Result<Option<Proxy>, Unspoken> {
        let Some(found) = (if self.none { None } else { self.matcher.intercept(uri) }) else {
            return Ok(None);
        };
        match found.uri().scheme_str() {
            Some("http" | "https") => Ok(Some(Proxy {
                uri: found.uri().clone(),
                authorization: found.basic_auth().cloned().map(sensitive),
            })),
            _ => Err(Unspoken),
        }
    }

    /// One line for a person when a proxy takes the guard's place for hosts at large: behind it, names are resolved
    /// where no check of ours can look.
    pub(crate) fn warning(&self) -> Option<String> {
        let proxy = any(&self.matcher)?;
        Some(format!(
            "names are not checked for the hosts that the proxy {proxy} serves: it decides what may be reached"
        ))
    }
}

/// The proxy that serves hosts at large.
fn any(matcher: &Matcher) -> Option<String> {
    let probe = |probe: &str| matcher.intercept(&probe.parse().ok()?);
    let proxy = ["http://any.invalid/", "https://any.invalid/"].into_iter().find_map(probe)?;
    Some(proxy.uri().authority()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_and_shown_without_their_password() {
        let proxy = Proxy::parse("http://ana:s3cr%65t@proxy.example:3128").unwrap();
        assert_eq!(proxy.uri().to_string(), "http://proxy.example:3128/");
        assert_eq!(proxy.authorization().unwrap(), "Basic YW5hOnMzY3JldA==");
        assert_eq!(format!("{proxy} {proxy:?}"), "proxy.example:3128 Proxy(proxy.example:3128)");
        assert_eq!(Proxy::parse("proxy.example").unwrap().uri().to_string(), "http://proxy.example/");
        assert!(Proxy::parse("https://proxy.example").unwrap().is_secure());
        for (text, why) in
            [("socks5h://p:1", "SOCKS"), ("ftp://p", "ftp"), ("http://", "no address"), ("a b", "no")]
        {
            assert!(Proxy::parse(text).unwrap_err().contains(why), "{text}");
        }
    }
}
