//! The connections beneath: guarded ones straight to hosts, unguarded ones through a proxy, each with TLS and without.
//! In: an address. Out: the HTTP client that may carry a request there.

use crate::client::{Options, Request};
use crate::guard::{Guarded, check_literal};
use crate::proxy::{Proxies, Route};
use crate::{Error, Kind};
use reqwest::{Client, ClientBuilder};
use std::sync::OnceLock;
use std::time::Duration;

/// How long an idle connection is kept. A run asks thousands of hosts once or twice each: kept for reqwest's minute and a
/// half, their connections would use up the files that a process may open.
const KEPT: Duration = Duration::from_secs(10);

/// All ways out of one client.
pub(crate) struct Transports {
    options: Options,
    proxies: Proxies,
    /// By connections that are kept for the next request.
    kept: Ways,
    /// By a new connection for each request.
    fresh: Ways,
}

/// Without TLS and with it.
struct Ways {
    idle: usize,
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
        let ways = |idle| {
            let plain = pair(options, || base(options, idle).tls_backend_preconfigured(without_roots()));
            let plain = plain.map_err(|e| Error::from_http(&e, "the HTTP client"))?;
            Ok(Ways { idle, plain, secure: OnceLock::new() })
        };
        let (kept, fresh) = (ways(usize::MAX)?, ways(0)?);
        Ok(Transports { options: options.clone(), proxies: Proxies::from_environment(), kept, fresh })
    }

    /// What is to be said about proxies.
    pub(crate) fn warning(&self) -> Option<String> {
        self.proxies.warning()
    }

    /// The client that may carry a request to its address, on a fresh connection where that is asked for; chosen anew on
    /// every redirect.
    pub(crate) fn to(&self, request: &Request, fresh: bool) -> Result<&Client, Error> {
        let (url, shown) = (&request.url, &request.shown());
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(Error::before(Kind::BadUrl, shown, "only http and https addresses are asked"));
        }
        let https = url.scheme() == "https";
        let ways = if fresh { &self.fresh } else { &self.kept };
        match self.proxies.route(url) {
            Route::Proxy { secure } => Ok(&ways.pair(https || secure, &self.options, shown)?.proxied),
            Route::Unspoken => Err(Error::before(
                Kind::Connect,
                shown,
                "its proxy is not of the http kind: name another in HTTPS_PROXY",
            )),
            Route::Direct => {
                if !self.options.allow_private {
                    check_literal(url).map_err(|e| Error::before(Kind::Refused, shown, e))?;
                }
                Ok(&ways.pair(https, &self.options, shown)?.direct)
            }
        }
    }
}

impl Ways {
    fn pair(&self, secure: bool, options: &Options, shown: &str) -> Result<&Pair, Error> {
        if !secure {
            return Ok(&self.plain);
        }
        let with_roots = || pair(options, || base(options, self.idle)).map_err(|_| NoRoots);
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

fn base(options: &Options, idle: usize) -> ClientBuilder {
    Client::builder()
        .user_agent(&options.user_agent)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(KEPT)
        .pool_max_idle_per_host(idle)
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
