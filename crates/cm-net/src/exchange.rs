//! One exchange: a request, the redirects it leads through, and the answer at the end.
//! Every hop is guarded anew, and what was meant for one host is not told to another.

use crate::client::{Method, Options, Redirect, Request, Response};
use crate::transport::Transports;
use crate::{Error, Kind, body, credentials};
use bytes::Bytes;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// Sends a request and follows it to its end. `arrived` becomes true once its body may have left.
pub(crate) async fn exchange(
    options: &Options,
    transports: &Transports,
    mut request: Request,
    arrived: Arc<AtomicBool>,
) -> Result<Response, Error> {
    let mut redirects = Vec::new();
    loop {
        let mut answer = ask(transports, &request, &arrived).await?;
        let Some(to) = redirect(&request, &answer)? else {
            return respond(options, &request, &mut answer, redirects).await;
        };
        if redirects.len() == options.max_redirects {
            let why = format!("more than {} redirects", options.max_redirects);
            return Err(Error::after(Kind::Redirect, &request.shown(), why));
        }
        redirects.push(Redirect { status: answer.status().as_u16(), to: without_credentials(to.clone()) });
        request = next(request, to);
    }
}

/// One hop. A question that met a connection which the other side was just closing is asked once more on a new one; of a
/// POST, nobody could say whether it arrived, so it has a connection of its own from the start.
async fn ask(
    transports: &Transports,
    request: &Request,
    arrived: &Arc<AtomicBool>,
) -> Result<reqwest::Response, Error> {
    let post = request.method == Method::Post;
    match call(transports.to(request, post)?, request, arrived).await {
        Err(error) if error.kind == Kind::Broken && !post => {
            call(transports.to(request, true)?, request, arrived).await
        }
        answered => answered,
    }
}

async fn call(
    client: &reqwest::Client,
    request: &Request,
    arrived: &Arc<AtomicBool>,
) -> Result<reqwest::Response, Error> {
    let url = request.url.clone();
    let mut call = match request.method {
        Method::Get => client.get(url),
        Method::Head => client.head(url),
        Method::Post => client.post(url),
    };
    if !names(request, "accept-encoding") {
        call = call.header("accept-encoding", body::CODINGS);
    }
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    if request.method == Method::Post {
        call = call.header("content-length", request.body.len()).body(watched(request.body.clone(), arrived));
    }
    call.send().await.map_err(|e| Error::from_http(&e, &request.shown()))
}

/// A body that leaves word when it is taken up: from then on nobody can say that it was not sent. Being a stream, it
/// can't be repeated behind our back either.
fn watched(body: Bytes, arrived: &Arc<AtomicBool>) -> reqwest::Body {
    let arrived = Arc::clone(arrived);
    reqwest::Body::wrap_stream(futures_util::stream::once(async move {
        arrived.store(true, Ordering::SeqCst);
        Ok::<_, Infallible>(body)
    }))
}

/// Where an answer sends us, if it does and the method lets us go.
fn redirect(request: &Request, answer: &reqwest::Response) -> Result<Option<Url>, Error> {
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
    let mut headers = request.headers;
    if same_party(&request.url, &to) {
        if to.username().is_empty() && to.password().is_none() {
            lend_credentials(&request.url, &mut to);
        }
    } else {
        headers.retain(|(name, _)| FOR_ANYBODY.contains(&name.to_ascii_lowercase().as_str()));
        // A relative reference with only a host (`//other/path`) can't carry ours over; its own would be the server's.
        to = without_credentials(to);
    }
    Request { headers, url: to, ..request }
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
    options: &Options,
    request: &Request,
    answer: &mut reqwest::Response,
    redirects: Vec<Redirect>,
) -> Result<Response, Error> {
    let shown = request.shown();
    let status = answer.status().as_u16();
    let headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let sent = body::read(answer, options.max_compressed, &shown).await?;
    let body = body::decode(sent, &codings(&headers), options, &shown)?;
    let url = without_credentials(request.url.clone());
    let mut answer = Response { status, headers, body, url, redirects };
    credentials::blot_out(request, &mut answer);
    Ok(answer)
}

/// All Content-Encoding headers as one list.
fn codings(headers: &[(String, String)]) -> String {
    let values: Vec<&str> =
        headers.iter().filter(|(n, _)| n == "content-encoding").map(|(_, v)| v.as_str()).collect();
    values.join(",")
}

fn names(request: &Request, header: &str) -> bool {
    request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
}
