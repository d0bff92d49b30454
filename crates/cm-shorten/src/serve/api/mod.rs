//! The JSON API: links made and read by programs that hold a token. `POST /api/v1/links` and `GET /api/v1/links/CODE`.
//! Without a token in the configuration there is none of this.

mod desk;
mod limits;
mod tokens;
mod trouble;
mod wish;

pub use desk::{Desk, work};
pub use limits::Limits;
pub use tokens::{Section, Tokens};
pub use wish::read as read_wish;

use super::answer::{Server, code};
use super::page::{self, Answer};
use bytes::Bytes;
use desk::{Task, Told};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode};
use limits::Who;
use std::error::Error;
use std::net::IpAddr;
use std::time::{Duration, Instant};
use trouble::{JSON, Trouble};

/// Under which all of it is.
pub const PREFIX: &str = "/api/";
const LINKS: &str = "/api/v1/links";
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What an address pays for a token that is none: guessing is slow.
const GUESS: f64 = 6.0;

impl Server {
    /// Answers a request under `PREFIX`.
    pub async fn api<B>(&self, request: Request<B>, tokens: &Tokens, address: IpAddr) -> Answer
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let asked = request.headers().clone();
        match self.admitted(request, tokens, address).await {
            Ok(told) => written(told, &asked),
            Err(trouble) => trouble.answer(),
        }
    }

    async fn admitted<B>(
        &self,
        request: Request<B>,
        tokens: &Tokens,
        address: IpAddr,
    ) -> Result<Told, Trouble>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let now = Instant::now();
        let take = |who, much| self.limits.take(who, much, tokens.per_minute, now).map_err(Trouble::too_many);
        take(Who::at(address), 1.0)?;
        let given = request.headers().get(header::AUTHORIZATION);
        let Some(name) = given.and_then(|given| tokens.name(given.as_bytes())) else {
            take(Who::at(address), GUESS - 1.0)?;
            return Err(Trouble::unauthorized());
        };
        take(Who::Token(name.to_owned()), 1.0)?;
        let path = request.uri().path();
        if path == LINKS {
            if request.method() != Method::POST {
                return Err(Trouble::method("POST"));
            }
            let add = wish::read(&body(request).await?).map_err(Trouble::unreadable)?;
            return self.desk.ask(Task::Make(Box::new(add))).await;
        }
        let code = path.strip_prefix(LINKS).and_then(code).ok_or_else(Trouble::unknown)?.to_owned();
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return Err(Trouble::method("GET, HEAD"));
        }
        self.desk.ask(Task::Read(code)).await
    }
}

/// The whole body, within its bounds.
async fn body<B>(request: Request<B>) -> Result<Bytes, Trouble>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let kind = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    if !kind.eq_ignore_ascii_case(JSON.as_bytes()) {
        return Err(Trouble::no_json());
    }
    let whole = Limited::new(request.into_body(), wish::LONGEST);
    match tokio::time::timeout(PATIENCE, Box::pin(whole.collect())).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Trouble::too_large(wish::LONGEST)),
        Ok(Err(_)) => Err(Trouble::unreadable("the body broke off")),
        Err(_) => Err(Trouble::slow()),
    }
}

/// A link, or that it is as it was when it was last read (`If-None-Match`).
fn written(told: Told, asked: &HeaderMap) -> Answer {
    let body = format!("{}\n", told.json);
    let tag = page::tag_of(body.as_bytes());
    let mut answer = page::text(told.status, JSON, body);
    if told.status == StatusCode::OK && page::has_already(asked, &tag) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.body_mut() = Full::default();
    }
    let headers = answer.headers_mut();
    // It may be kept, by who asked alone, but must be asked for again each time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    if let (StatusCode::CREATED, Ok(place)) =
        (told.status, HeaderValue::try_from(format!("{LINKS}/{}", told.code)))
    {
        headers.insert(header::LOCATION, place);
    }
    answer
}
