//! The ways out of a client: straight to hosts and through proxies, over connections that are kept and over new ones.
//! In: a request. Out: the HTTP client that may carry it.
//!
//! What a connection has read and nobody has taken yet is up to 400 KiB (hyper's bound, which reqwest does not let us
//! change), so `Lanes` bounds how many exchanges there are at a time, and how many of them carry large bodies.

use crate::client::{Options, Request};
use crate::guard::{Resolver, check};
use crate::proxy::{Proxies, Proxy, Via};
use crate::{Error, Kind};
use hyper::Uri;
use reqwest::{Client, ClientBuilder};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

/// How long an idle connection is kept. A run asks thousands of hosts once or twice each: kept for longer, their
/// connections would use up the memory and the files that a process may have.
const KEPT: Duration = Duration::from_secs(3);
/// Feeds that may leave a connection behind in that time.
const MOST_KEPT: usize = 64;
/// What a stream and a connection of HTTP/2 may have on the way to us unread.
const WINDOW: u32 = 128 << 10;
/// The headers of an answer over HTTP/2.
const HEADERS: u32 = 32 << 10;
/// Ways out beside the everyday one: as many as sources may name proxies.
const MOST_WAYS: usize = 64;
/// Exchanges of feeds at a time, whatever the concurrency.
const EXCHANGES: usize = 64;
/// Exchanges beside those that bring little or nothing for longer than `BRISK`.
const SLOW: usize = 64;
/// After so long an exchange leaves its place to the next, so that those who drip keep nobody waiting.
const BRISK: Duration = Duration::from_secs(2);
/// Bodies at a time that are beyond `Lanes::LARGE`.
const LARGE_AT_A_TIME: usize = 8;

/// Room for exchanges. Whoever waits for a place among the large ones holds another, and whoever holds both waits for
/// nobody, so all get through; how long a slow one may hold them is bounded by `Pace`.
pub(crate) struct Lanes {
    exchanges: Semaphore,
    slow: Semaphore,
    large: Semaphore,
}

/// The place of an exchange.
pub(crate) struct Lane<'a> {
    lanes: &'a Lanes,
    place: Option<SemaphorePermit<'a>>,
    since: Instant,
    is_slow: bool,
}

impl Lane<'_> {
    /// Waits for something that may not come for long.
    pub(crate) async fn wait<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = std::pin::pin!(what);
        loop {
            self.give_way();
            if self.is_slow {
                return what.await;
            }
            if let Ok(come) = tokio::time::timeout(BRISK, &mut what).await {
                return come;
            }
        }
    }

    /// Leaves its place to the next if it has had it for long and there is one among the slow.
    fn give_way(&mut self) {
        if !self.is_slow
            && self.since.elapsed() >= BRISK
            && let Ok(place) = self.lanes.slow.try_acquire()
        {
            (self.place, self.is_slow) = (Some(place), true);
        }
    }
}

impl Lanes {
    /// What a body may bring before it needs a place among the large ones, in bytes.
    pub(crate) const LARGE: usize = 64 << 10;

    /// All free.
    pub(crate) fn new() -> Lanes {
        let [exchanges, slow, large] = [EXCHANGES, SLOW, LARGE_AT_A_TIME].map(Semaphore::new);
        Lanes { exchanges, slow, large }
    }

    /// Waits for room for one more exchange of a feed.
    pub(crate) async fn exchange(&self) -> Lane<'_> {
        let place = self.exchanges.acquire().await.ok();
        Lane { lanes: self, place, since: Instant::now(), is_slow: false }
    }

    /// For what is not counted.
    pub(crate) fn unbounded(&self) -> Lane<'_> {
        Lane { lanes: self, place: None, since: Instant::now(), is_slow: true }
    }

    /// Waits for room for one more large body.
    pub(crate) async fn large(&self) -> Option<SemaphorePermit<'_>> {
        self.large.acquire().await.ok()
    }
}

/// All ways out of one client.
pub(crate) struct Transports {
    options: Options,
    proxies: Proxies,
    /// Straight to hosts without TLS, over kept connections.
    everyday: Client,
    others: Mutex<HashMap<Turn, Client>>,
    /// Since when, and how many times since, feeds were let onto connections that are kept.
    keeping: Mutex<(Instant, usize)>,
}

/// A client, and the proxy through which it asks, if any.
pub(crate) struct Way {
    pub(crate) client: Client,
    pub(crate) proxy: Option<Proxy>,
}

/// What makes a way another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Turn {
    proxy: Option<Proxy>,
    /// With TLS somewhere on it: without, http works where the system has no root certificates.
    secure: bool,
    /// A new connection for each request.
    fresh: bool,
    http1: bool,
}

impl Transports {
    /// Nothing is connected yet.
    pub(crate) fn new(options: &Options) -> Result<Transports, Error> {
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        let everyday =
            way(options, &Turn::default()).map_err(|e| Error::from_http(&e, "the HTTP client", ""))?;
        let (options, proxies) = (options.clone(), Proxies::from_environment());
        Ok(Transports {
            options,
            proxies,
            everyday,
            others: Mutex::default(),
            keeping: Mutex::new((Instant::now(), 0)),
        })
    }

    /// What is to be said about proxies.
    pub(crate) fn warning(&self) -> Option<String> {
        self.proxies.warning()
    }

    /// The client that may carry a request to its address, on a fresh connection where that is asked for; chosen anew on
    /// every redirect.
    pub(crate) fn to(&self, request: &Request, uri: &Uri, fresh: bool) -> Result<Way, Error> {
        let url = &request.url;
        let before = |kind, why: &str| Error::before(kind, &request.shown(), why);
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(before(Kind::BadUrl, "only http and https addresses are asked"));
        }
        if !self.options.allow_private {
            check(url).map_err(|e| Error::before(Kind::Refused, &request.shown(), e))?;
        }
        let proxy = match &request.via {
            Via::Direct => None,
            Via::Proxy(proxy) => Some(proxy.clone()),
            Via::Environment => self.proxies.route(uri).map_err(|_| {
                before(Kind::Connect, "its proxy is not of the http kind: name another in HTTPS_PROXY")
            })?,
        };
        let secure = url.scheme() == "https" || proxy.as_ref().is_some_and(Proxy::is_secure);
        let way = self.along(Turn { proxy: proxy.clone(), secure, fresh, http1: request.http1 });
        way.map(|client| Way { client, proxy }).map_err(|_| {
            let why = "this system has no root certificates: install ca-certificates or name a file in SSL_CERT_FILE";
            before(Kind::Tls, why)
        })
    }

    /// Whether a feed may be asked for over a connection that is kept for the next one: where making it anew costs a handshake,
    /// and as long as few are kept. Thousands of hosts, one feed each, would hold some 30 KB and a file of the process each.
    pub(crate) fn may_keep(&self, url: &Url) -> bool {
        let mut keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        if keeping.0.elapsed() > KEPT {
            *keeping = (Instant::now(), 0);
        }
        let may = url.scheme() == "https" && keeping.1 < MOST_KEPT;
        keeping.1 += usize::from(may);
        may
    }

    fn along(&self, turn: Turn) -> reqwest::Result<Client> {
        if turn == Turn::default() {
            return Ok(self.everyday.clone());
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(&turn) {
            return Ok(known.clone());
        }
        if others.len() >= MOST_WAYS {
            others.clear();
        }
        let new = way(&self.options, &turn)?;
        Ok(others.entry(turn).or_insert(new).clone())
    }
}

fn way(options: &Options, turn: &Turn) -> reqwest::Result<Client> {
    let builder = base(options, turn).no_proxy();
    let builder = if turn.secure { builder } else { builder.tls_backend_preconfigured(without_roots()) };
    let builder = match &turn.proxy {
        // What a proxy may reach it decides itself, and its own address is the user's word.
        Some(proxy) => builder.proxy(through(proxy)?),
        None => builder.dns_resolver(Resolver { guarded: !options.allow_private }),
    };
    builder.build()
}

fn through(proxy: &Proxy) -> reqwest::Result<reqwest::Proxy> {
    let carried = reqwest::Proxy::all(proxy.uri().to_string())?;
    Ok(match proxy.authorization() {
        Some(authorization) => carried.custom_http_auth(authorization.clone()),
        None => carried,
    })
}

fn base(options: &Options, turn: &Turn) -> ClientBuilder {
    let builder = Client::builder()
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(KEPT)
        .pool_max_idle_per_host(if turn.fresh { 0 } else { usize::MAX })
        .tcp_nodelay(true)
        // Every wait has an end of its own: no probes are needed, and their settings cost five calls a connection.
        .tcp_keepalive(None)
        .tcp_keepalive_interval(None)
        .tcp_keepalive_retries(None)
        .tcp_user_timeout(None)
        // What browsers forgive as well.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http2_initial_stream_window_size(WINDOW)
        .http2_initial_connection_window_size(WINDOW)
        .http2_max_header_list_size(HEADERS)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if turn.http1 { builder.http1_only() } else { builder }
}

fn without_roots() -> rustls::ClientConfig {
    rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
