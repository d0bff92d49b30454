//! The ways out of a client: straight to hosts and through proxies, over connections that are kept and over new ones.
//! In: a request. Out: the HTTP client that may carry it, and what its proxy wants to be shown.

use crate::client::{Options, Request};
use crate::connector::Connector;
use crate::guard::check;
use crate::proxy::{Proxies, Proxy, Via};
use crate::sent::Sent;
use crate::tls::Tls;
use crate::{Error, Kind};
use hyper::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an idle connection is kept. A run asks thousands of hosts once or twice each: kept for a minute, their
/// connections would use up the files that a process may open.
const KEPT: Duration = Duration::from_secs(10);
/// What a connection may hold of what it reads, its answer's headers among it: hundreds of connections stay in bounds.
const READ_BUFFER: usize = 32 << 10;
/// What a stream and a connection of HTTP/2 may have on the way to us unread.
const WINDOW: u32 = 128 << 10;
/// Ways out beside the everyday one: as many as sources may name proxies.
const MOST_WAYS: usize = 64;

/// An HTTP client along one way.
pub(crate) type Way = Client<Connector, Sent>;

/// All ways out of one client.
pub(crate) struct Transports {
    options: Options,
    proxies: Proxies,
    tls: Arc<Tls>,
    /// Straight to hosts, over kept connections: nearly every request.
    everyday: Way,
    others: Mutex<HashMap<Turn, Way>>,
}

/// What makes a way another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Turn {
    proxy: Option<Proxy>,
    /// A new connection for each request.
    fresh: bool,
    http1: bool,
}

impl Transports {
    /// Nothing is connected or loaded yet.
    pub(crate) fn new(options: &Options) -> Transports {
        let tls = Arc::default();
        let everyday = way(options, &tls, Turn::default());
        let (options, proxies) = (options.clone(), Proxies::from_environment());
        Transports { options, proxies, tls, everyday, others: Mutex::default() }
    }

    /// What is to be said about proxies.
    pub(crate) fn warning(&self) -> Option<String> {
        self.proxies.warning()
    }

    /// The client that may carry a request to its address, on a fresh connection where that is asked for, and the proxy on
    /// the way; chosen anew on every redirect.
    pub(crate) fn to(
        &self,
        request: &Request,
        uri: &Uri,
        fresh: bool,
    ) -> Result<(Way, Option<Proxy>), Error> {
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
        if secure && self.tls.config(false).is_none() {
            let why = "this system has no root certificates: install ca-certificates or name a file in SSL_CERT_FILE";
            return Err(before(Kind::Tls, why));
        }
        Ok((self.along(Turn { proxy: proxy.clone(), fresh, http1: request.http1 }), proxy))
    }

    fn along(&self, turn: Turn) -> Way {
        if turn == Turn::default() {
            return self.everyday.clone();
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if others.len() >= MOST_WAYS && !others.contains_key(&turn) {
            others.clear();
        }
        others.entry(turn.clone()).or_insert_with(|| way(&self.options, &self.tls, turn)).clone()
    }
}

fn way(options: &Options, tls: &Arc<Tls>, turn: Turn) -> Way {
    let Turn { proxy, fresh, http1 } = turn;
    let guarded = !options.allow_private;
    let connector = Connector::new(proxy, guarded, http1, Arc::clone(tls), options.connect_timeout);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(KEPT)
        .pool_max_idle_per_host(if fresh { 0 } else { usize::MAX })
        .http1_max_buf_size(READ_BUFFER)
        // What browsers forgive as well.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http2_initial_stream_window_size(WINDOW)
        .http2_initial_connection_window_size(WINDOW)
        .http2_max_header_list_size(READ_BUFFER as u32)
        .build(connector)
}
