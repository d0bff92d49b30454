//! One polite request for a feed. In: an address and the validators it last came with. Out: a document, "not modified",
//! or a problem with its class.

use crate::arrival::Arrived;
use crate::carried::Carried;
use crate::feed::is_challenge;
use crate::freshness::Headers;
use crate::source::public;
use crate::token;
use chrono::{DateTime, Utc};
use cm_net::{Body, Client, Kind, Redirect, Request, Response};
use std::io::Read;
use url::Url;

const ACCEPT: &str = "application/feed+json, application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, \
                      text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1";
/// How much of an answer is looked at for a bot wall.
const HEAD: u64 = 64 << 10;
/// The class of refused or missing credentials.
pub(crate) const CREDENTIALS: &str = "credentials";
/// Longer validators are not kept.
const LONGEST_VALIDATOR: usize = 4096;

/// What a server gave to tell whether something changed; both are kept, both are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    /// `ETag`, as it came.
    pub(crate) etag: Option<String>,
    /// `Last-Modified`, as it came.
    pub(crate) last_modified: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None`: not modified.
    pub(crate) document: Option<Arrived>,
    /// To be sent next time; after "not modified" the ones that were sent where it brought none.
    pub(crate) validators: Validators,
    /// The address that answered, without credentials.
    pub(crate) from: String,
    /// Where permanent redirects led, when every redirect up to there was permanent.
    pub(crate) moved_to: Option<String>,
    /// What its headers say of when to come back.
    pub(crate) headers: Box<Headers>,
    /// How long its body was, decompressed.
    pub(crate) bytes: usize,
    /// The hub and the feed's own address that its `Link` headers name (WebSub, 4).
    pub(crate) links: [Option<String>; 2],
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// A short name of its class: `dns`, `timeout`, `http-404`, `challenge`, `gone` ...
    pub(crate) class: String,
    /// One line for a person.
    pub(crate) message: String,
    /// What the answer's headers say of when to come back.
    pub(crate) headers: Box<Headers>,
    /// The server was reached.
    pub(crate) answered: bool,
    /// The address that answered.
    pub(crate) from: Option<Box<Url>>,
    /// The whole host is in trouble or annoyed, not this address alone.
    pub(crate) whole_host: bool,
    /// Where that is so: of the account that asked, not of all who ask there.
    pub(crate) of_account: bool,
    /// By what the account's settings that were refused are known again.
    pub(crate) settings: Option<String>,
}

impl Problem {
    /// A problem with a class and a line.
    pub(crate) fn new(class: &str, message: impl Into<String>) -> Problem {
        let (class, message) = (class.to_owned(), message.into());
        let headers = Box::default();
        let (answered, whole_host, of_account) = (false, false, false);
        Problem { class, message, headers, answered, from: None, whole_host, of_account, settings: None }
    }

    /// Where the host is in trouble for this run: whether it could be reached. One that lets us wait a minute for an answer
    /// is, though its other addresses are asked again in the next run.
    pub(crate) fn reached_host(&self) -> Option<bool> {
        match self.class.as_str() {
            "timeout" => Some(true),
            class => self.whole_host.then(|| class.starts_with("http")),
        }
    }

    /// Until when its server asks to be left alone.
    pub(crate) fn asks_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.headers.retry_at.max(self.headers.limit_until).filter(|until| *until > now)
    }

    /// Credentials are missing or were refused.
    pub(crate) fn wants_credentials(&self) -> bool {
        matches!(self.class.as_str(), CREDENTIALS | "http-401")
    }

    /// A page is not shown, to programs at least; where a server is in trouble it is no use to ask it for more.
    pub(crate) fn refuses_programs(&self) -> bool {
        let class = self.class.as_str();
        !self.whole_host && matches!(class, "http-401" | "http-403" | "http-404" | "http-406" | "challenge")
    }
}

/// Asks for a feed, with what its source's requests carry.
pub(crate) async fn get(
    client: &Client,
    url: &Url,
    validators: &Validators,
    carried: &Carried,
) -> Result<Answer, Problem> {
    let mut request = Request::get(url.clone());
    if !carried.headers.iter().any(|(name, _)| name == "accept") {
        request = request.header("accept", ACCEPT);
    }
    request = carried.put_on(request);
    if let Some(etag) = &validators.etag {
        request = request.header("if-none-match", etag);
    }
    if let Some(last_modified) = &validators.last_modified {
        request = request.header("if-modified-since", last_modified);
    }
    let mut response = client.fetch(request).await.map_err(|error| unreachable(&error))?;
    let now = client.options().clock.now();
    match response.status {
        200..=299 => Ok(answer(url, response, validators, now, true)),
        // Nothing was named that could be unmodified otherwise: a source that answers so would be silent for ever.
        304 if *validators != Validators::default() => Ok(answer(url, response, validators, now, false)),
        _ => {
            let mut head = Vec::new();
            let read = response.body.reader().and_then(|body| body.take(HEAD).read_to_end(&mut head));
            // Why it is refused is in its status, should the disk fail.
            let _ = read;
            Err(refused(url, &response, &head, carried, now))
        }
    }
}

fn answer(url: &Url, response: Response<Body>, sent: &Validators, now: DateTime<Utc>, whole: bool) -> Answer {
    let header = |name| response.header(name).map(str::to_owned);
    let last_modified = header("last-modified").filter(|text| !is_ahead(text, &response, now));
    let mut validators = Validators {
        etag: header("etag").filter(|text| fits(text)),
        last_modified: last_modified.filter(|text| fits(text)),
    };
    if !whole {
        validators.etag = validators.etag.or_else(|| sent.etag.clone());
        validators.last_modified = validators.last_modified.or_else(|| sent.last_modified.clone());
    }
    let base = header("content-location")
        .and_then(|at| response.url.join(&at).ok())
        .unwrap_or_else(|| response.url.clone());
    Answer {
        validators,
        from: public(&response.url),
        moved_to: permanent(&response.redirects)
            // Remembered without its token it would let nobody in.
            .filter(|to| !token::is_in(to))
            .map(public)
            .filter(|to| *to != public(url)),
        headers: Box::new(Headers::of(&response, now)),
        bytes: usize::try_from(response.body.len()).unwrap_or(usize::MAX),
        links: ["hub", "self"].map(|relation| response.link(relation).map(String::from)),
        document: whole.then(|| Arrived {
            charset: charset(&response),
            base: Some(base),
            body: response.body,
        }),
    }
}

/// The end of the permanent redirects at the beginning of the way.
fn permanent(redirects: &[Redirect]) -> Option<&Url> {
    redirects.iter().take_while(|hop| matches!(hop.status, 301 | 308)).last().map(|hop| &hop.to)
}

fn charset(response: &Response<Body>) -> Option<String> {
    charset_of(response.header("content-type")?)
}

/// The charset that a `Content-Type` names.
pub(crate) fn charset_of(content_type: &str) -> Option<String> {
    let content_type = content_type.to_ascii_lowercase();
    let value = content_type.split("charset=").nth(1)?;
    Some(value.split(';').next()?.trim().trim_matches(['"', '\'']).to_owned())
}

/// A validator that can be sent back.
fn fits(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_VALIDATOR
}

/// A `Last-Modified` that lies ahead of the server's own clock is no time of a change (RFC 9110, 8.8.2.1), and whoever sends
/// it back hears of none until then.
fn is_ahead(last_modified: &str, response: &Response<Body>, now: DateTime<Utc>) -> bool {
    let date = response.header("date").and_then(crate::dates::parse).unwrap_or(now);
    crate::dates::parse(last_modified).is_some_and(|at| at > date.max(now))
}

fn unreachable(error: &cm_net::Error) -> Problem {
    let (class, whole_host) = match error.kind {
        Kind::Refused => ("refused", false),
        Kind::BadUrl => ("bad-address", false),
        Kind::Dns => ("dns", true),
        Kind::Connect => ("connect", true),
        Kind::Tls => ("tls", true),
        Kind::Timeout => ("timeout", false),
        Kind::Redirect => ("redirect", false),
        Kind::TooLarge => ("too-large", false),
        Kind::Broken => ("broken", false),
        Kind::Held => ("cooling", false),
        Kind::Disk => ("disk", false),
    };
    let from = error.led_to.clone();
    Problem { whole_host, answered: error.sent, from, ..Problem::new(class, &error.message) }
}

fn refused(
    url: &Url,
    response: &Response<Body>,
    head: &[u8],
    carried: &Carried,
    now: DateTime<Utc>,
) -> Problem {
    let mut shown = shown(url);
    let at = self::shown(&response.url);
    if at != shown {
        shown = format!("{shown}: led to {at}");
    }
    let headers = Box::new(Headers::of(response, now));
    let retry_at = headers.retry_at;
    let from = Some(Box::new(response.url.clone()));
    if response.header("cf-mitigated").is_some() || is_challenge(&String::from_utf8_lossy(head)) {
        let message =
            format!("{shown}: a bot wall stands before it (HTTP {}, a challenge page)", response.status);
        return Problem { headers, answered: true, from, ..Problem::new("challenge", message) };
    }
    // Others are told no secret.
    let here = response.url.host() == url.host();
    let (why, whole_host) = match response.status {
        401 if here && (url.password().is_some() || carried.knows("authorization")) => {
            ("its user and password, or token, were refused", false)
        }
        401 if here && carried.knows("cookie") => ("its cookies were refused", false),
        401 | 407 => ("credentials are needed", false),
        403 => ("the server refuses us", false),
        404 => ("not found", false),
        304 => ("says that nothing changed, without being asked", false),
        410 => ("gone for good", false),
        429 => ("too many requests", true),
        500..=599 => ("the server is in trouble", response.status == 503 && retry_at.is_some()),
        _ => ("no feed", false),
    };
    let class = if response.status == 410 { "gone".to_owned() } else { format!("http-{}", response.status) };
    let hint = match (response.status, why) {
        (401, "credentials are needed") => ": give user and password_file, or cookie_file, in its [[source]]",
        (401, _) => ": check the files that its [[source]] names",
        (407, _) => ": give the address of the proxy with user and password in a proxy_file",
        _ => "",
    };
    let message = format!("{shown}: {why} (HTTP {}){hint}", response.status);
    Problem { headers, answered: true, from, whole_host, ..Problem::new(&class, message) }
}

/// An address for a message: without credentials and query.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    public(&url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)]) -> Response<Body> {
        Response {
            status: 200,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: Vec::new().into(),
            url: "https://a.example/feed".parse().unwrap(),
            redirects: Vec::new(),
        }
    }

    #[test]
    fn a_change_that_lies_ahead_is_not_kept() {
        let now: DateTime<Utc> = "2026-11-22T09:00:00Z".parse().unwrap();
        let url = "https://a.example/feed".parse().unwrap();
        let kept = |headers: &[(&str, &str)]| {
            answer(&url, response(headers), &Validators::default(), now, true)
                .validators
                .last_modified
                .is_some()
        };
        assert!(kept(&[("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT")]));
        assert!(kept(&[("last-modified", "not a date, but theirs")]));
        let ahead = ("last-modified", "Sun, 22 Nov 2026 09:00:01 GMT");
        assert!(!kept(&[ahead]) && !kept(&[("last-modified", "")]));
        assert!(kept(&[ahead, ("date", "Sun, 22 Nov 2026 09:05:00 GMT")]), "our clock is slow");
    }

    #[test]
    fn what_a_problem_says_of_its_host() {
        let whole = |class| Problem { whole_host: true, ..Problem::new(class, "x") };
        assert_eq!(whole("dns").reached_host(), Some(false));
        assert_eq!(whole("http-429").reached_host(), Some(true));
        assert_eq!(Problem::new("timeout", "x").reached_host(), Some(true));
        assert_eq!(Problem::new("http-404", "x").reached_host(), None);
    }

    #[test]
    fn a_not_modified_keeps_the_validators_it_does_not_renew() {
        let sent = Validators { etag: Some("\"1\"".into()), last_modified: Some("x".into()) };
        let url = "https://a.example/feed".parse().unwrap();
        let kept = answer(&url, response(&[("etag", "\"2\"")]), &sent, Utc::now(), false).validators;
        assert_eq!(kept, Validators { etag: Some("\"2\"".into()), last_modified: Some("x".into()) });
        let fresh = answer(&url, response(&[("etag", "\"2\"")]), &sent, Utc::now(), true).validators;
        assert_eq!(fresh.last_modified, None);
    }

    #[test]
    fn only_permanent_redirects_from_the_start_move_a_source() {
        let hop = |status, to: &str| Redirect { status, to: to.parse().unwrap() };
        let a = hop(301, "https://b.example/");
        assert_eq!(permanent(&[a.clone(), hop(302, "https://c.example/")]), Some(&a.to));
        assert_eq!(permanent(&[hop(302, "https://c.example/"), a]), None);
    }
}
