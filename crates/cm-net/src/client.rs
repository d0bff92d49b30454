//! The one HTTP client: polite, bounded, guarded.

use crate::body::Room;
use crate::proxy::Via;
use crate::spill::Body;
use crate::transport::Transports;
use crate::{Admission, Error, error, exchange};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use cm_time::Clock;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
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
    /// Bytes of an answer to `send` after decompression.
    pub max_body: usize,
    /// Bytes of an answer to `fetch` after decompression.
    pub max_feed: usize,
    /// Bytes that all bodies together may hold in memory; what is beyond goes to temporary files.
    pub in_memory: usize,
    /// The slowest answers that are waited for.
    pub pace: Pace,
    /// Asked before every hop of `fetch`.
    pub admission: Option<Admission>,
    /// Redirects followed; where none are, a redirect is an answer like any other.
    pub max_redirects: usize,
    /// From which `Retry-After` is counted when posts are put off.
    pub clock: Clock,
}

impl Options {
    /// The usual bounds: 10 s to connect, 60 s in all, 16 MiB sent, decompressed 64 MiB or 16 MiB of a feed, 8 MiB in
    /// memory, 5 redirects, nobody asked for leave.
    pub fn new(tool: &str, allow_private: bool) -> Options {
        Options {
            user_agent: format!("{tool}/{}", env!("CARGO_PKG_VERSION")),
            allow_private,
            connect_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(60),
            max_compressed: 16 << 20,
            max_body: 64 << 20,
            max_feed: 16 << 20,
            in_memory: 8 << 20,
            pace: Pace::default(),
            admission: None,
            max_redirects: 5,
            clock: Clock::System,
        }
    }
}

/// The slowest answers that are waited for. Who drips a byte now and then holds a place no longer than `head`, and after
/// that `grace`.
#[derive(Clone, Debug)]
pub struct Pace {
    /// From a question of `fetch` to the end of the answer's headers, connecting included; each hop has it anew.
    pub head: Duration,
    /// Between two parts of a body.
    pub idle: Duration,
    /// What every body has without earning it.
    pub grace: Duration,
    /// What a body has to bring on average beyond that.
    pub bytes_per_second: u64,
}

impl Default for Pace {
    /// 30 s for the head, 15 s between two parts, 10 s of grace, 1 KiB a second.
    fn default() -> Pace {
        Pace {
            head: Duration::from_secs(30),
            idle: Duration::from_secs(15),
            grace: Duration::from_secs(10),
            bytes_per_second: 1 << 10,
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
    /// Headers whose values are secret, cookies among them; all are dropped when a redirect leaves the host.
    pub secrets: Vec<(String, SecretString)>,
    /// Who carries it.
    pub via: Via,
    /// HTTP/2 is not offered: there are hosts that answer only the elder one well.
    pub http1: bool,
    /// Body of a POST.
    pub body: Bytes,
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Request {
        let (headers, secrets) = (Vec::new(), Vec::new());
        Request {
            method: Method::Get,
            url,
            headers,
            secrets,
            via: Via::Environment,
            http1: false,
            body: Bytes::new(),
        }
    }
    /// A POST.
    pub fn post(url: Url, body: impl Into<Bytes>) -> Request {
        Request { method: Method::Post, body: body.into(), ..Request::get(url) }
    }
    /// Its address for a person: the path of a POST stays hidden, as it is often a webhook's password.
    pub fn shown(&self) -> String {
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
    /// With a header that nobody else may see (`Cookie`, `Authorization`, a key of the server's own).
    pub fn secret(mut self, name: &str, value: SecretString) -> Request {
        self.secrets.push((name.to_owned(), value));
        self
    }
    /// With `Authorization: Bearer`.
    pub fn bearer(self, token: &SecretString) -> Request {
        self.secret("authorization", format!("Bearer {}", token.expose_secret()).into())
    }
    /// With `Authorization: Basic` (RFC 7617), in UTF-8.
    pub fn basic(self, user: &str, password: &SecretString) -> Request {
        let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
        self.secret("authorization", format!("Basic {pair}").into())
    }
    /// Carried by a proxy of its own, or by none.
    pub fn via(mut self, via: Via) -> Request {
        self.via = via;
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

/// An answer, whole and bounded. Debug shows header names only, and no query. Of a refusal (any status but 2xx) that is
/// larger than 256 KiB the beginning is there.
#[derive(Clone)]
pub struct Response<B = Vec<u8>> {
    /// Status.
    pub status: u16,
    /// Headers as they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, decompressed.
    pub body: B,
    /// Where it came from in the end, without credentials.
    pub url: Url,
    /// The redirects on the way.
    pub redirects: Vec<Redirect>,
}

impl<B> fmt::Debug for Response<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &names(&self.headers))
            .field("url", &error::shown(&self.url))
            .field("redirects", &self.redirects)
            .finish_non_exhaustive()
    }
}

fn names(headers: &[(String, String)]) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).collect()
}

impl<B> Response<B> {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// Where a relation of its `Link` headers leads (RFC 8288): `next`, `hub`.
    pub fn link(&self, relation: &str) -> Option<Url> {
        let headers = self.headers.iter().filter(|(name, _)| name == "link");
        headers
            .filter_map(|(_, value)| crate::services::links::target(value, relation))
            .find_map(|to| self.url.join(to).ok())
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

pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) transports: Transports,
    pub(crate) room: Room,
}

impl Client {
    /// A client. `warn` gets one line when a proxy of the environment takes the guard's place. The system's roots are
    /// loaded by the first https address, and only that fails where there are none.
    pub fn new(options: Options, warn: &mut dyn FnMut(String)) -> Result<Client, Error> {
        let transports = Transports::new(&options)?;
        if let Some(warning) = transports.warning().filter(|_| !options.allow_private) {
            warn(warning);
        }
        Ok(Client { shared: Arc::new(Shared { room: Room::new(options.in_memory), options, transports }) })
    }

    /// What it was made with.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Sends, follows redirects where the method allows, reads the whole body into memory. Any status is an answer, not an
    /// error.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let shown = request.shown();
        let Response { status, headers, body, url, redirects } =
            exchange::exchange(&self.shared, request, exchange::Purpose::Api).await?;
        let body = body.into_bytes().map_err(|e| Error::disk(&shown, &e))?;
        Ok(Response { status, headers, body, url, redirects })
    }

    /// Like `send`, for many answers at a time: bodies beyond 64 KiB, or beyond what all may hold in memory, are in temporary
    /// files, and every hop (redirects and repeated questions too) waits for leave of the options' `admission`.
    pub async fn fetch(&self, request: Request) -> Result<Response<Body>, Error> {
        exchange::exchange(&self.shared, request, exchange::Purpose::Feed).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", self.options()).finish_non_exhaustive()
    }
}
