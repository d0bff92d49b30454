//! The one HTTP client: polite, bounded, guarded.

use crate::transport::Transports;
use crate::{Error, Kind, error, exchange};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use cm_time::Clock;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use url::Url;

/// Bounds and manners.
#[derive(Clone, Debug)]
pub struct Options {
    /// `cm-fetch/0.1 (+https://...)`.
    pub user_agent: String,
    /// Private addresses are allowed.
    pub allow_private: bool,
    /// To connect.
    pub connect_timeout: Duration,
    /// For the whole exchange, redirects included.
    pub deadline: Duration,
    /// Bytes as sent.
    pub max_compressed: usize,
    /// Bytes after decompression.
    pub max_body: usize,
    /// Redirects followed.
    pub max_redirects: usize,
    /// From which `Retry-After` is counted when posts are put off.
    pub clock: Clock,
}

impl Options {
    /// The usual bounds: 10 s to connect, 60 s in all, 16 MiB sent, 64 MiB decompressed, 5 redirects.
    pub fn new(tool: &str, allow_private: bool) -> Options {
        Options {
            user_agent: format!("{tool}/{}", env!("CARGO_PKG_VERSION")),
            allow_private,
            connect_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(60),
            max_compressed: 16 << 20,
            max_body: 64 << 20,
            max_redirects: 5,
            clock: Clock::System,
        }
    }
}

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET; redirects are followed.
    Get,
    /// HEAD; redirects are followed.
    Head,
    /// POST; redirects are not followed.
    Post,
}

/// A request. Debug shows header names only.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Address.
    pub url: Url,
    /// Further headers; credentials among them are dropped when a redirect leaves the host.
    pub headers: Vec<(String, String)>,
    /// Body of a POST.
    pub body: Bytes,
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Request {
        Request { method: Method::Get, url, headers: Vec::new(), body: Bytes::new() }
    }
    /// A POST.
    pub fn post(url: Url, body: impl Into<Bytes>) -> Request {
        Request { method: Method::Post, url, headers: Vec::new(), body: body.into() }
    }
    /// Its address for a person: the path of a POST stays hidden, as it is often a webhook's password.
    pub(crate) fn shown(&self) -> String {
        match self.method {
            Method::Get | Method::Head => error::shown(&self.url),
            Method::Post => error::origin(&self.url),
        }
    }
    /// With a header, beside the client's own (User-Agent, Accept-Encoding), which it replaces.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.shown())
            .field("headers", &names(&self.headers))
            .field("body", &self.body.len())
            .finish()
    }
}

/// A redirect that was followed. Debug leaves the query out.
#[derive(Clone, PartialEq, Eq)]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    /// Where it led, without credentials.
    pub to: Url,
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = error::shown(&self.to);
        f.debug_struct("Redirect").field("status", &self.status).field("to", &to).finish()
    }
}

/// An answer, whole and bounded. Debug shows header names only, and no query.
#[derive(Clone)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers as they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, decompressed.
    pub body: Vec<u8>,
    /// Where it came from in the end, without credentials.
    pub url: Url,
    /// The redirects on the way.
    pub redirects: Vec<Redirect>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &names(&self.headers))
            .field("body", &self.body.len())
            .field("url", &error::shown(&self.url))
            .field("redirects", &self.redirects)
            .finish()
    }
}

fn names(headers: &[(String, String)]) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).collect()
}

impl Response {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// `Retry-After` as an instant.
    pub fn retry_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.header("retry-after").and_then(|v| crate::retry_after(v, now))
    }
}

/// A client; cheap to clone, its clones share connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    transports: Transports,
}

impl Client {
    /// A client. `warn` gets one line when a proxy of the environment takes the guard's place. The system's roots are
    /// loaded by the first https address, and only that fails where there are none.
    pub fn new(options: Options, warn: &mut dyn FnMut(String)) -> Result<Client, Error> {
        let transports = Transports::new(&options)?;
        if let Some(warning) = transports.warning().filter(|_| !options.allow_private) {
            warn(warning);
        }
        Ok(Client { shared: Arc::new(Shared { options, transports }) })
    }

    /// What it was made with.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Sends, follows redirects where the method allows, reads the whole body. Any status is an answer, not an error.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let Shared { options, transports } = &*self.shared;
        let arrived = Arc::new(AtomicBool::new(request.body.is_empty()));
        let shown = request.shown();
        let whole = exchange::exchange(options, transports, request, Arc::clone(&arrived));
        tokio::time::timeout(options.deadline, whole).await.unwrap_or_else(|_| {
            let why = format!("no whole answer within {:?}", options.deadline);
            Err(Error { sent: arrived.load(Ordering::SeqCst), ..Error::before(Kind::Timeout, &shown, why) })
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", self.options()).finish_non_exhaustive()
    }
}
