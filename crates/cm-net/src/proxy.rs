//! Proxies from the environment: which hosts they serve, so that the guard stands down for those, and says so.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case, read once.
pub(crate) struct Proxies {
    matcher: Matcher,
}

/// Who carries a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Nobody: straight to the host.
    Direct,
    /// A proxy that is itself reached over TLS or not.
    Proxy { secure: bool },
    /// A proxy of a kind that is not spoken here (SOCKS).
    Unspoken,
}

impl Proxies {
    /// As the environment says now.
    pub(crate) fn from_environment() -> Proxies {
        Proxies { matcher: Matcher::from_system() }
    }

    /// Who carries requests to an address.
    pub(crate) fn route(&self, url: &Url) -> Route {
        let intercept = url.as_str().parse().ok().and_then(|uri| self.matcher.intercept(&uri));
        match intercept.as_ref().and_then(|proxy| proxy.uri().scheme_str()) {
            None => Route::Direct,
            Some("http") => Route::Proxy { secure: false },
            Some("https") => Route::Proxy { secure: true },
            Some(_) => Route::Unspoken,
        }
    }

    /// One line for a person when a proxy takes the guard's place for hosts at large: behind it, names are resolved
    /// where no check of ours can look.
    pub(crate) fn warning(&self) -> Option<String> {
        let proxy = ["http://any.invalid/", "https://any.invalid/"]
            .iter()
            .find_map(|probe| self.matcher.intercept(&probe.parse().ok()?))?;
        let host = proxy.uri().authority()?.to_string();
        Some(format!(
            "addresses are not checked for the hosts that the proxy {host} serves: it decides what may be reached"
        ))
    }
}
