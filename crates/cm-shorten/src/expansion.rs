//! `--expand`: where short links of others lead, asked of their shorteners and of nobody else. In: a link. Out: where it leads;
//! or the link stays as it is, which is told.

use crate::settings::Settings;
use crate::tables::Tables;
use crate::target;
use crate::ways::{Asker, End, Way};
use anyhow::Result;
use cm_cli::Session;
use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};
use url::Url;

/// Hosts whose links are nothing but redirects.
#[rustfmt::skip]
const SHORTENERS: &[&str] = &[
    "t.co", "lnkd.in", "bit.ly", "j.mp", "tinyurl.com", "is.gd", "v.gd", "buff.ly", "ow.ly", "dlvr.it", "trib.al", "ift.tt",
    "fb.me", "goo.gl", "g.co", "amzn.to", "amzn.eu", "a.co", "wp.me", "rb.gy", "cutt.ly", "shorturl.at", "t.ly", "tiny.cc",
    "rebrand.ly", "bl.ink", "spr.ly", "hubs.ly", "hubs.li", "redd.it", "flip.it", "pin.it", "nyti.ms", "wapo.st", "reut.rs",
    "econ.st", "cnn.it", "gu.com", "bbc.in", "aka.ms", "git.io", "mzl.la", "kutt.it", "dub.sh", "short.gy", "x.gd", "u.to",
    "clck.ru", "vk.cc", "eepurl.com", "ebay.us", "etsy.me", "spoti.fi", "link.medium.com", "news.google.com", "go.bsky.app",
];

/// How long an answer counts: shorteners that allow it have their targets changed now and then.
const KEPT_MS: i64 = 30 * 86_400_000;
/// Between two questions to one shortener.
const PAUSE: Duration = Duration::from_millis(200);
/// A shortener that fails so often in a row is not asked any more in this run.
const FAILURES: u32 = 3;

/// Expands, and remembers.
#[derive(Debug)]
pub struct Expander {
    asker: Asker,
    /// Shorteners that a user named.
    named: Vec<String>,
    tables: Option<Tables>,
    runtime: tokio::runtime::Runtime,
    /// Of this run; `None`: it did not say.
    known: HashMap<String, Option<String>>,
    hosts: HashMap<String, Host>,
    now_ms: i64,
}

/// How a shortener was met in this run.
#[derive(Clone, Copy, Debug, Default)]
struct Host {
    asked: Option<Instant>,
    failures: u32,
}

impl Expander {
    /// With the store to remember in, where there is one.
    pub fn open(session: &Session, settings: &Settings, tables: Option<Tables>) -> Result<Expander> {
        Ok(Expander {
            asker: Asker::new(session, settings)?,
            named: settings.shorteners.iter().map(|host| host.to_ascii_lowercase()).collect(),
            tables,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            known: HashMap::new(),
            hosts: HashMap::new(),
            now_ms: session.now().timestamp_millis(),
        })
    }

    /// Where a link leads that is one of a shortener; `None` for every other link, and where the shortener did not say:
    /// that is told in one line, and the run will exit 3.
    pub fn expand(&mut self, session: &Session, given: &str) -> Result<Option<String>> {
        let Some(host) = of_shortener(given, &self.named) else { return Ok(None) };
        if let Some(known) = self.known.get(given) {
            return Ok(known.clone());
        }
        let since_ms = self.now_ms - KEPT_MS;
        let kept =
            self.tables.as_ref().map(|tables| tables.expansion(given, since_ms)).transpose()?.flatten();
        let found = match kept {
            Some(kept) => Ok(kept),
            None => self.ask(given, &host),
        };
        let place = match found {
            Ok(place) => Some(place),
            Err(why) => {
                session.failed("expand", format_args!("{} stays as it is: {why}", target::shown(given)))?;
                None
            }
        };
        if let (Some(place), Some(tables)) = (&place, &self.tables) {
            tables.keep_expansion(given, place, self.now_ms, since_ms)?;
        }
        self.known.insert(given.to_owned(), place.clone());
        Ok(place)
    }

    fn ask(&mut self, given: &str, host: &str) -> Result<String, String> {
        let met = self.hosts.entry(host.to_owned()).or_default();
        if met.failures >= FAILURES {
            return Err(format!("{host} did not answer {FAILURES} times"));
        }
        if let Some(rest) = met.asked.and_then(|asked| PAUSE.checked_sub(asked.elapsed())) {
            thread::sleep(rest);
        }
        let named = &self.named;
        let way = self.runtime.block_on(self.asker.follow(given, |url| is_short(url, named), true));
        met.asked = Some(Instant::now());
        met.failures = match &way.end {
            End::Failed(..) | End::Answered { status: 429 | 500..600, .. } => met.failures + 1,
            _ => 0,
        };
        read(way)
    }
}

/// The place to which a way led; a shortener's own page is none.
fn read(way: Way) -> Result<String, String> {
    let place = way.place().map(str::to_owned);
    match (way.end, place) {
        (End::Unasked, Some(place)) => Ok(place),
        (End::Answered { status, .. }, _) => {
            Err(format!("its shortener answers {status} and does not say where it leads"))
        }
        (End::Failed(_, why) | End::Refused(why) | End::Lost(why), _) => Err(why),
        (End::Unasked, None) => Err("it was not asked".to_owned()),
    }
}

/// The host of a link that a shortener may be asked about.
pub fn of_shortener(given: &str, named: &[String]) -> Option<String> {
    let url = Url::parse(given).ok().filter(|_| given.len() <= target::LONGEST)?;
    is_short(&url, named).then(|| url.host_str().unwrap_or_default().to_owned())
}

/// Whether an address is of a shortener: its host is one, and it has a path.
fn is_short(url: &Url, named: &[String]) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    url.path().len() > 1 && (SHORTENERS.contains(&host) || named.iter().any(|known| known == host))
}
