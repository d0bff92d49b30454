//! One way from an address to where it leads: HEAD, and GET where HEAD is refused; every hop is checked before it is asked.

use super::refresh;
use crate::settings::Settings;
use crate::target::{self, Guard};
use anyhow::Result;
use chrono::{DateTime, Utc};
use cm_cli::{Failure, Session};
use cm_net::{Client, Error, Kind, Method, Options, Request, Response};
use cm_time::Clock;
use std::time::Duration;
use url::Url;

/// Hops of one way: browsers give up at 20, shorteners put one or two behind each other.
const MOST_HOPS: usize = 8;
/// How long one hop is waited for, and how much of an answer is read.
const PATIENCE: Duration = Duration::from_secs(15);
const LARGEST: usize = 256 << 10;

/// Asks; cheap to clone, its clones share connections.
#[derive(Clone, Debug)]
pub struct Asker {
    client: Client,
    guard: Guard,
    clock: Clock,
}

/// A step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Of the redirect; 200 for a page that leads on.
    pub status: u16,
    /// Where it leads, as the answer wrote it where that is a whole address.
    pub to: String,
}

/// How a way ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With an answer that leads no further.
    Answered {
        /// Its status.
        status: u16,
        /// When the server wants to be asked again.
        retry_after: Option<DateTime<Utc>>,
    },
    /// At an address that was not to be asked.
    Unasked,
    /// At one that may not be asked: why.
    Refused(String),
    /// Without an answer.
    Failed(Kind, String),
    /// In a circle, or further than anybody follows.
    Lost(String),
}

/// A way from an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Step by step.
    pub hops: Vec<Hop>,
    /// How it ended.
    pub end: End,
}

impl Way {
    /// Where it ended, if it left at all.
    pub fn place(&self) -> Option<&str> {
        self.hops.last().map(|hop| hop.to.as_str())
    }
}

impl Asker {
    /// With the guard of the settings and the bounds above.
    pub fn new(session: &Session, settings: &Settings) -> Result<Asker, Failure> {
        let options = Options {
            deadline: PATIENCE,
            max_compressed: LARGEST,
            max_body: LARGEST,
            max_redirects: 0,
            clock: session.clock(),
            ..Options::new(session.name(), session.allow_private())
        };
        let client = Client::new(options, &mut |warning| session.say(warning))
            .map_err(|error| Failure::config(error.message))?;
        Ok(Asker { client, guard: settings.guard.clone(), clock: session.clock() })
    }

    /// Follows an address as long as `asks` says that the next one is to be asked; `reads`: pages that lead on are read.
    /// What our guard refuses, our own short links among it, is never asked.
    pub async fn follow(&self, start: &str, asks: impl Fn(&Url) -> bool, reads: bool) -> Way {
        let mut hops: Vec<Hop> = Vec::new();
        let mut at = start.to_owned();
        loop {
            let end = match self.step(&at, &asks, reads).await {
                Ok(Ok(hop)) if hops.len() == MOST_HOPS => {
                    End::Lost(format!("more than {MOST_HOPS} redirects, {}", hop.status))
                }
                Ok(Ok(hop))
                    if hop.to == at || hop.to == start || hops.iter().any(|earlier| earlier.to == hop.to) =>
                {
                    End::Lost("it redirects in a circle".to_owned())
                }
                Ok(Ok(hop)) => {
                    at.clone_from(&hop.to);
                    hops.push(hop);
                    continue;
                }
                Ok(Err(end)) => end,
                Err(error) if error.kind == Kind::TooLarge => {
                    End::Answered { status: 200, retry_after: None }
                }
                Err(error) => End::Failed(error.kind, error.message),
            };
            return Way { hops, end };
        }
    }

    /// The next hop, or the end.
    async fn step(
        &self,
        at: &str,
        asks: &impl Fn(&Url) -> bool,
        reads: bool,
    ) -> Result<Result<Hop, End>, Error> {
        let refused = |why: String| Ok(Err(End::Refused(why)));
        let Ok(url) = Url::parse(at) else { return refused("it is not a web address".to_owned()) };
        if let Err(why) = self.guard.check(at) {
            return refused(format!("{}: {why}", target::shown(at)));
        }
        if !asks(&url) {
            return Ok(Err(End::Unasked));
        }
        let answer = self.ask(&url, Method::Head).await;
        let answer = match answer {
            Ok(answer) if location(&answer).is_none() && (is_no_to_head(answer.status) || reads) => {
                self.ask(&url, Method::Get).await?
            }
            Err(error) if error.kind == Kind::Broken => self.ask(&url, Method::Get).await?,
            answer => answer?,
        };
        if let Some(written) = location(&answer) {
            return Ok(match next(&url, written) {
                Some(to) => Ok(Hop { status: answer.status, to }),
                None => Err(End::Lost("it redirects to what is not a web address".to_owned())),
            });
        }
        let led = if reads && answer.status == 200 { refresh::leads_to(&url, &answer.body) } else { None };
        if let Some(to) = led.and_then(|written| next(&url, &written)) {
            return Ok(Ok(Hop { status: 200, to }));
        }
        let retry_after = answer.retry_after(self.clock.now());
        Ok(Err(End::Answered { status: answer.status, retry_after }))
    }

    async fn ask(&self, url: &Url, method: Method) -> Result<Response, Error> {
        let request = Request { method, ..Request::get(url.clone()) };
        self.client.send(request.header("accept", "text/html, */*;q=0.5")).await
    }
}

/// What servers say to HEAD that answer GET otherwise.
fn is_no_to_head(status: u16) -> bool {
    matches!(status, 400 | 403 | 404 | 405 | 406 | 410 | 501)
}

/// Where an answer redirects to, as it writes it.
pub fn location(answer: &Response) -> Option<&str> {
    matches!(answer.status, 301 | 302 | 303 | 307 | 308).then(|| answer.header("location").map(str::trim))?
}

/// The next address: as written where it is a whole one; a fragment goes along where the new one has none (RFC 9110, 10.2.2).
pub fn next(from: &Url, written: &str) -> Option<String> {
    let to = from.join(written).ok().filter(|to| matches!(to.scheme(), "http" | "https"))?;
    let whole = Url::parse(written).is_ok()
        && written.contains("://")
        && written.bytes().all(|b| b.is_ascii_graphic());
    let mut text = if whole { written.to_owned() } else { String::from(to.clone()) };
    if let Some(fragment) = from.fragment().filter(|_| to.fragment().is_none()) {
        text.push('#');
        text.push_str(fragment);
    }
    (text.len() <= target::LONGEST).then_some(text)
}

/// Whether two addresses are on one host, `www.` or not.
pub fn same_host(a: &Url, b: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    host(a) == host(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_address_stays_as_it_was_written() {
        let from: Url = "https://s.example/a?x#part".parse().unwrap();
        for (written, to) in [
            ("https://A.example/%7e?q=a+b&c", Some("https://A.example/%7e?q=a+b&c#part")),
            ("https://a.example/#own", Some("https://a.example/#own")),
            ("/b", Some("https://s.example/b#part")),
            ("//b.example", Some("https://b.example/#part")),
            ("https://a.example/ü b", Some("https://a.example/%C3%BC%20b#part")),
            ("javascript:alert(1)", None),
            ("http://", None),
        ] {
            assert_eq!(next(&from, written).as_deref(), to, "{written}");
        }
        assert_eq!(next(&from, &format!("https://a.example/{}", "x".repeat(target::LONGEST))), None);
    }
}
