//! One exchange: a request, the redirects it leads through, and the answer at the end.
//! Every hop is guarded anew, and what was meant for one host is not told to another.

use crate::body::{self, Bounds};
use crate::client::{Method, Options, Redirect, Request, Response, Shared};
use crate::sent::Sent;
use crate::spill::Body;
use crate::transport::Lane;
use crate::{Error, Hop, Kind, Leave, credentials, headers};
use hyper::Uri;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

/// Headers that say what is wanted and nothing about who asks: all that another host is told.
const FOR_ANYBODY: [&str; 7] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "if-modified-since",
    "if-none-match",
    "range",
    "user-agent",
];

/// For whom an exchange is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Of one answer, by `max_body`.
    Api,
    /// Of one of many feeds, by `max_feed`: every hop is admitted, and its head has to come in time.
    Feed,
}

/// What came of a hop.
enum Came {
    Answer(Box<Response<Body>>),
    Elsewhere(u16, Url),
}

/// Sends a request and follows it to its end. Only what waits for the servers counts against the deadline.
pub(crate) async fn exchange(
    shared: &Shared,
    request: Request,
    purpose: Purpose,
) -> Result<Response<Body>, Error> {
    let asked = request.shown();
    let mut redirects = Vec::new();
    let followed = follow(shared, request, purpose, &mut redirects).await;
    followed.map_err(|error| {
        let led_to = redirects.last().and_then(|hop| hop.to.join("/").ok()).map(Box::new);
        match redirects.is_empty() || error.message.starts_with(&format!("{asked}: ")) {
            true => Error { led_to, ..error },
            // Who was asked is known by this address, whoever it leads to.
            false => Error { message: format!("{asked}: led to {}", error.message), led_to, ..error },
        }
    })
}

async fn follow(
    shared: &Shared,
    mut request: Request,
    purpose: Purpose,
    redirects: &mut Vec<Redirect>,
) -> Result<Response<Body>, Error> {
    let mut left = shared.options.deadline;
    let mut why = Hop::First;
    loop {
        let leave = admit(&shared.options, &request, why, purpose).await?;
        let lanes = &shared.room.lanes;
        let mut lane = if purpose == Purpose::Feed { lanes.exchange().await } else { lanes.unbounded() };
        let began = Instant::now();
        let came = hop(shared, &request, why == Hop::Again, purpose, left, &mut lane).await;
        drop((lane, leave));
        left = left.saturating_sub(began.elapsed());
        match came {
            Ok(Came::Answer(answer)) => {
                let redirects = std::mem::take(redirects);
                return Ok(Response { redirects, ..*answer });
            }
            Ok(Came::Elsewhere(..)) if redirects.len() == shared.options.max_redirects => {
                let why = format!("more than {} redirects", shared.options.max_redirects);
                return Err(Error::after(Kind::Redirect, &request.shown(), why));
            }
            Ok(Came::Elsewhere(status, to)) => {
                redirects.push(Redirect { status, to: without_credentials(to.clone()) });
                request = next(request, to);
                why = Hop::Redirect;
            }
            // A question that met a connection which the other side was just closing is asked once more on a new one; of a
            // POST, nobody could say whether it arrived, so it has a connection of its own from the start.
            Err(Failed { unanswered: true, .. }) if why != Hop::Again => why = Hop::Again,
            Err(Failed { error, .. }) => return Err(error),
        }
    }
}

async fn admit(
    options: &Options,
    request: &Request,
    why: Hop,
    purpose: Purpose,
) -> Result<Option<Leave>, Error> {
    match &options.admission {
        Some(admission) if purpose == Purpose::Feed => {
            let leave = admission.ask(&request.url, why).await;
            leave.map(Some).map_err(|why| Error::before(Kind::Held, &request.shown(), why))
        }
        _ => Ok(None),
    }
}

/// A failure, and whether the question was met by silence, so that it may be asked again.
struct Failed {
    error: Error,
    unanswered: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed { error, unanswered: false }
    }
}

async fn hop(
    shared: &Shared,
    request: &Request,
    fresh: bool,
    purpose: Purpose,
    left: Duration,
    lane: &mut Lane<'_>,
) -> Result<Came, Failed> {
    let options = &shared.options;
    let until = Instant::now() + left;
    let patience = if purpose == Purpose::Feed { left.min(options.pace.head) } else { left };
    let post = request.method == Method::Post;
    let arrived = Arc::new(AtomicBool::new(request.body.is_empty()));
    let kept = !fresh && !post && (purpose == Purpose::Api || shared.transports.may_keep(&request.url));
    let (through, question) = question(shared, request, !kept, &arrived)?;
    let mut answer = match lane.wait(timeout(patience, question)).await {
        Ok(Ok(answer)) => hyper::Response::from(answer),
        Ok(Err(error)) => {
            let error = Error::from_http(&error, &request.shown(), &through);
            return Err(Failed { unanswered: error.kind == Kind::Broken && kept, error });
        }
        Err(_) => {
            let why = format!("no answer{through} within {patience:.0?}");
            let sent = arrived.load(Ordering::SeqCst);
            return Err(Error { sent, ..Error::before(Kind::Timeout, &request.shown(), why) }.into());
        }
    };
    let to = if options.max_redirects == 0 { None } else { redirect(request, &answer)? };
    match to {
        Some(to) => Ok(Came::Elsewhere(answer.status().as_u16(), to)),
        None => {
            Ok(Came::Answer(Box::new(respond(shared, request, &mut answer, purpose, until, lane).await?)))
        }
    }
}

/// The request on its way, and through whom, in words.
fn question(
    shared: &Shared,
    request: &Request,
    fresh: bool,
    arrived: &Arc<AtomicBool>,
) -> Result<(String, impl Future<Output = reqwest::Result<reqwest::Response>>), Error> {
    let bad = |e: &dyn std::fmt::Display| {
        Error::before(Kind::BadUrl, &request.shown(), format!("cannot be asked: {e}"))
    };
    let url = bare(&request.url);
    let uri: Uri = url.as_str().parse().map_err(|e| bad(&e))?;
    let way = shared.transports.to(request, &uri, fresh)?;
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
    };
    let mut question = reqwest::Request::new(method, url.into_owned());
    *question.headers_mut() = headers::of(request, &shared.options.user_agent).map_err(|e| bad(&e))?;
    if request.method == Method::Post {
        *question.body_mut() = Some(reqwest::Body::wrap(Sent::new(request.body.clone(), arrived)));
    }
    let through = way.proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
    Ok((through, way.client.execute(question)))
}

/// The address without credentials, which travel in a header.
fn bare(url: &Url) -> Cow<'_, Url> {
    match url.username().is_empty() && url.password().is_none() {
        true => Cow::Borrowed(url),
        false => Cow::Owned(without_credentials(url.clone())),
    }
}

/// Where an answer sends us, if it does and the method lets us go.
fn redirect(request: &Request, answer: &hyper::Response<reqwest::Body>) -> Result<Option<Url>, Error> {
    if request.method == Method::Post || !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let lost = |why: &str| Error::after(Kind::Redirect, &request.shown(), why);
    let location =
        answer.headers().get("location").ok_or_else(|| lost("redirected to nowhere: no Location"))?;
    let location = String::from_utf8_lossy(location.as_bytes());
    let to =
        request.url.join(location.trim()).map_err(|e| lost(&format!("redirected to no address: {e}")))?;
    match to.scheme() {
        "http" | "https" => Ok(Some(to)),
        other => Err(lost(&format!("redirected to a {other} address"))),
    }
}

/// The request at the next address, without what was for the last host only.
fn next(request: Request, mut to: Url) -> Request {
    let (mut headers, mut secrets) = (request.headers, request.secrets);
    if same_party(&request.url, &to) {
        if to.username().is_empty() && to.password().is_none() {
            lend_credentials(&request.url, &mut to);
        }
    } else {
        headers.retain(|(name, _)| FOR_ANYBODY.contains(&name.to_ascii_lowercase().as_str()));
        secrets.clear();
        // A relative reference with only a host (`//other/path`) can't carry ours over; its own would be the server's.
        to = without_credentials(to);
    }
    Request { headers, secrets, url: to, ..request }
}

/// The same origin, or the same host gone over from http to https.
fn same_party(from: &Url, to: &Url) -> bool {
    let upgraded =
        from.scheme() == "http" && to.scheme() == "https" && from.port().is_none() && to.port().is_none();
    from.origin() == to.origin() || (upgraded && from.host() == to.host())
}

fn lend_credentials(from: &Url, to: &mut Url) {
    // Both have hosts, so neither can fail.
    let _ = to.set_username(from.username());
    let _ = to.set_password(from.password());
}

fn without_credentials(mut url: Url) -> Url {
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

async fn respond(
    shared: &Shared,
    request: &Request,
    answer: &mut hyper::Response<reqwest::Body>,
    purpose: Purpose,
    until: Instant,
    lane: &mut Lane<'_>,
) -> Result<Response<Body>, Error> {
    let (shown, options) = (request.shown(), &shared.options);
    let status = answer.status().as_u16();
    let headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let refused = !(200..300).contains(&status);
    let most = if purpose == Purpose::Feed { options.max_feed } else { options.max_body };
    let bounds = Bounds::new(options, most, refused, until);
    let body = body::read(answer.body_mut(), &codings(&headers), bounds, &shared.room, lane, &shown).await?;
    let url = without_credentials(request.url.clone());
    let mut answer = Response { status, headers, body, url, redirects: Vec::new() };
    if refused {
        credentials::blot_out(request, &mut answer).map_err(|e| Error::disk(&shown, &e))?;
    }
    Ok(answer)
}

/// All Content-Encoding headers as one list.
fn codings(headers: &[(String, String)]) -> String {
    let values: Vec<&str> =
        headers.iter().filter(|(n, _)| n == "content-encoding").map(|(_, v)| v.as_str()).collect();
    values.join(",")
}
