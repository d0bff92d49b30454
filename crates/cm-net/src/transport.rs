//! The connections beneath: guarded ones straight to hosts, unguarded ones through a proxy, each with TLS and without.
//! In: an address. Out: the HTTP client that may carry a request there.

use crate::client::Options;
use crate::guard::{Guarded, check_literal};
use crate::proxy::{Proxies, Route};
use crate::{Error, Kind};
use reqwest::{Client, ClientBuilder};
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

/// How long an idle connection is kept. A run asks thousands of hosts once or twice each: kept for reqwest's minute and a
/// half, their connections would use up the files that a process may open.
const KEPT: Duration = Duration::from_secs(10);

/// All ways out of one client.
pub(crate) struct Transports {
    options: Options,
    proxies: Proxies,
    plain: Pair,
    secure: OnceLock<Result<Pair, NoRoots>>,
}

/// The system's root certificates could not be loaded.
struct NoRoots;

/// With the guard, and through a proxy.
struct Pair {
    direct: Client,
    proxied: Client,
}

impl Transports {
    /// Plain connections only; TLS is set up by the first address that needs it, so that http works without roots.
    pub(crate) fn new(options: &Options) -> Result<Transports, Error> {
        install_provider();
        let plain = pair(options, || base(options).tls_backend_preconfigured(without_roots()));
        let plain = plain.map_err(|e| Error::from_http(&e, "the HTTP client"))?;
        let proxies = Proxies::from_environment();
        Ok(Transports { options: options.clone(), proxies, plain, secure: OnceLock::new() })
    }

    /// What is to be said about proxies.
    pub(crate) fn warning(&self) -> Option<String> {
        self.proxies.warning()
    }

    /// The client that may carry a request to an address; asked anew on every redirect.
    pub(crate) fn to(&self, url: &Url, shown: &str) -> Result<&Client, Error> {
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(Error::before(Kind::BadUrl, shown, "only http and https addresses are asked"));
        }
        let https = url.scheme() == "https";
        match self.proxies.route(url) {
            Route::Proxy { secure } => Ok(&self.pair(https || secure, shown)?.proxied),
            Route::Unspoken => Err(Error::before(
                Kind::Connect,
                shown,
                "its proxy is not of the http kind: name another in HTTPS_PROXY",
            )),
            Route::Direct => {
                if !self.options.allow_private {
                    check_literal(url).map_err(|e| Error::before(Kind::Refused, shown, e))?;
                }
                Ok(&self.pair(https, shown)?.direct)
            }
        }
    }

    fn pair(&self, secure: bool, shown: &str) -> Result<&Pair, Error> {
        if !secure {
            return Ok(&self.plain);
        }
        let with_roots = || pair(&self.options, || base(&self.options)).map_err(|_| NoRoots);
        self.secure.get_or_init(with_roots).as_ref().map_err(|NoRoots| {
            let why = "this system has no root certificates: install ca-certificates or name a file in SSL_CERT_FILE";
            Error::before(Kind::Tls, shown, why)
        })
    }
}

fn pair(options: &Options, base: impl Fn() -> ClientBuilder) -> reqwest::Result<Pair> {
    let direct = base().no_proxy();
    let direct = if options.allow_private { direct } else { direct.dns_resolver(Guarded) };
    Ok(Pair { direct: direct.build()?, proxied: base().build()? })
}

fn base(options: &Options) -> ClientBuilder {
    Client::builder()
        .user_agent(&options.user_agent)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(KEPT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
}

/// The process has one cryptography provider; whoever came first has chosen it.
fn install_provider() {
    let _already_there = rustls::crypto::ring::default_provider().install_default();
}

fn without_roots() -> rustls::ClientConfig {
    rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
