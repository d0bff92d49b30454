//! A visit: what a request tells in, a click as it is kept out. The address and the user agent end here.

use crate::countries::Countries;
use crate::memo::Memo;
use crate::rows::Click;
use crate::settings::Settings;
use crate::visitor::Visitors;
use anyhow::Result;
use cm_cli::Failure;
use cm_web::{Agent, Family, Referrer, Verdict};
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, http::HeaderValue};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

/// What is looked at of a header's value, in bytes.
const LONGEST: usize = 1024;
/// How a request that nobody reads the answer of is told in the log.
pub const HEAD: &str = "head";
/// How one that a browser makes before anybody opens the page is told in the log.
pub const AHEAD: &str = "ahead";

/// A visit that is not classified yet; it lives in memory only. All its texts are one piece of memory, for what is made on
/// one thread and given back on another is dear.
pub struct Visit {
    at_ms: i64,
    how: Option<&'static str>,
    /// The code, the referrer, the user agent (empty where the visitor named none), and an address that is no number.
    texts: Box<str>,
    /// Where the first three end.
    ends: [u16; 3],
    /// Whether it is known what user agent the visitor named: some logs do not tell.
    has_agent: bool,
    address: Option<IpAddr>,
}

/// The texts of a visit.
struct Texts<'a> {
    code: &'a str,
    referrer: &'a str,
    agent: Option<&'a str>,
    address: &'a str,
}

/// Nothing of a visitor is ever written by way of debugging.
impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.texts().code;
        f.debug_struct("Visit").field("code", &code).field("at_ms", &self.at_ms).finish_non_exhaustive()
    }
}

impl Visit {
    /// What a request for a link tells.
    pub fn of(code: &str, at_ms: i64, method: &Method, headers: &HeaderMap, address: IpAddr) -> Visit {
        let how = match () {
            () if is_ahead(headers) => Some(AHEAD),
            () => (method == Method::HEAD).then_some(HEAD),
        };
        let agent = start(headers.get(header::USER_AGENT));
        let referrer = start(headers.get(header::REFERER));
        let texts = Texts { code, referrer: &referrer, agent: Some(&agent), address: "" };
        Visit::new(at_ms, how, texts, Some(address.to_canonical()))
    }

    /// What a line of another server's log tells. `agent`: absent where the log has none.
    pub fn logged(
        code: &str,
        at_ms: i64,
        is_head: bool,
        agent: Option<&str>,
        referrer: &str,
        address: &str,
    ) -> Visit {
        let clip = |text| clip(text, LONGEST);
        let agent = agent.map(|agent| clip(if agent == "-" { "" } else { agent }));
        let number = address.parse::<IpAddr>().ok().map(|address| address.to_canonical());
        let address = if number.is_some() { "" } else { clip(address) };
        let how = is_head.then_some(HEAD);
        Visit::new(at_ms, how, Texts { code, referrer: clip(referrer), agent, address }, number)
    }

    fn new(at_ms: i64, how: Option<&'static str>, texts: Texts<'_>, address: Option<IpAddr>) -> Visit {
        let parts = [
            clip(texts.code, LONGEST),
            clip(texts.referrer, LONGEST),
            clip(texts.agent.unwrap_or_default(), LONGEST),
            clip(texts.address, LONGEST),
        ];
        let mut end = 0;
        let ends = [0, 1, 2].map(|part: usize| {
            end += u16::try_from(parts[part].len()).unwrap_or(0);
            end
        });
        Visit { at_ms, how, texts: parts.concat().into(), ends, has_agent: texts.agent.is_some(), address }
    }

    fn texts(&self) -> Texts<'_> {
        let [code, referrer, agent] = self.ends.map(usize::from);
        let part = |from, to| self.texts.get(from..to).unwrap_or_default();
        Texts {
            code: part(0, code),
            referrer: part(code, referrer),
            agent: self.has_agent.then(|| part(referrer, agent)),
            address: part(agent, self.texts.len()),
        }
    }

    /// Whether a person opened the link.
    pub fn is_human(&self) -> bool {
        judge(self.texts().agent, self.how).agent == Agent::Human
    }
}

/// The class and what decided it. Browsers that fetch ahead show a preview; nobody reads a page by HEAD.
pub fn judge(agent: Option<&str>, how: Option<&str>) -> Verdict {
    judge_by(agent.map(cm_web::classify), how)
}

fn judge_by(agent: Option<Verdict>, how: Option<&str>) -> Verdict {
    let by_agent = agent.unwrap_or(Verdict { agent: Agent::Human, rule: "the log names no user agents" });
    match (by_agent.agent, how) {
        (Agent::Human, Some(AHEAD)) => Verdict { agent: Agent::Preview, rule: "fetched ahead" },
        (Agent::Human, Some(HEAD)) => Verdict { agent: Agent::Bot, rule: "HEAD request" },
        _ => by_agent,
    }
}

/// What makes clicks of visits.
#[derive(Default)]
pub struct Keeper {
    /// Our own host.
    pub domain: String,
    /// The visitors of today, or of a log.
    pub visitors: Visitors,
    /// The user's table of networks.
    pub countries: Option<Arc<Countries>>,
    /// What was made of user agents lately.
    agents: Memo<Known>,
    /// And of referrers.
    referrers: Memo<From>,
}

/// What is made of a user agent.
#[derive(Clone)]
struct Known {
    verdict: Verdict,
    device: &'static str,
    signature: String,
}

impl Known {
    fn of(agent: &str) -> Known {
        Known { verdict: cm_web::classify(agent), device: device(agent), signature: cm_web::signature(agent) }
    }
}

impl Keeper {
    /// One for a log; reads the table of networks, if the settings name one.
    pub fn of(settings: &Settings) -> Result<Keeper, Failure> {
        let mut keeper = Keeper::default();
        keeper.obey(settings, Countries::of_settings(settings)?);
        Ok(keeper)
    }

    /// Obeys settings and their table of networks from now on; it goes on knowing today's visitors.
    pub fn obey(&mut self, settings: &Settings, countries: Option<Arc<Countries>>) {
        settings.domain.host().clone_into(&mut self.domain);
        // What is our own and what is another site's may have changed.
        self.referrers = Memo::default();
        self.countries = countries;
    }

    /// The click that is kept of a visit.
    pub fn keep(&mut self, visit: &Visit) -> Result<Click> {
        let Texts { code, referrer, agent, address } = visit.texts();
        let known = agent.map(|agent| self.agents.get(agent, Known::of));
        let verdict = judge_by(known.as_ref().map(|known| known.verdict), visit.how);
        let domain = self.domain.as_str();
        let from = self.referrers.get(referrer, |referrer| From::of(referrer, domain));
        let number = visit.address.map(|address| address.to_string());
        let address = number.as_deref().unwrap_or(address);
        let who = [domain, address, agent.unwrap_or_default()];
        let visitor = self.visitors.name(visit.at_ms, who, code, visit.how.is_none())?;
        let is_human = verdict.agent == Agent::Human;
        Ok(Click {
            at_ms: visit.at_ms,
            class: verdict.agent.as_str().into(),
            rule: verdict.rule.into(),
            referrer: from.host,
            family: from.family.as_str().into(),
            source: from.name,
            device: known.as_ref().filter(|_| is_human).map(|known| known.device.into()),
            country: self.countries.as_ref().and_then(|countries| countries.of(address)),
            agent: known.map(|known| known.signature),
            how: visit.how.map(str::to_owned),
            visitor: Some(visitor.name),
            first_here: visitor.first_here,
            first_of_all: visitor.first_of_all,
            code: code.to_owned(),
        })
    }
}

/// What is made of a referrer.
#[derive(Clone)]
struct From {
    host: Option<String>,
    family: Family,
    name: String,
}

impl From {
    /// What names no host is not repeated.
    fn of(referrer: &str, domain: &str) -> From {
        let host = host(referrer);
        if host.is_some() || matches!(referrer.trim(), "" | "-") {
            let Referrer { family, name } = cm_web::family(referrer, &[domain.to_owned()]);
            From { host, family, name }
        } else {
            From { host, family: Family::Site, name: "unknown".to_owned() }
        }
    }
}

/// Browsers say when they fetch a page that nobody has opened yet.
fn is_ahead(headers: &HeaderMap) -> bool {
    static NAMES: [HeaderName; 4] = [
        HeaderName::from_static("sec-purpose"),
        HeaderName::from_static("purpose"),
        HeaderName::from_static("x-purpose"),
        HeaderName::from_static("x-moz"),
    ];
    NAMES.iter().filter_map(|name| headers.get(name)).any(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.starts_with(b"prefetch") || value.starts_with(b"preview")
    })
}

fn start(value: Option<&HeaderValue>) -> Cow<'_, str> {
    let bytes = value.map_or(&b""[..], HeaderValue::as_bytes);
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)])
}

fn clip(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The host of a referrer, without `www.`. One that is an address may be the visitor's own and is not kept.
fn host(referrer: &str) -> Option<String> {
    let url = Url::parse(referrer).ok()?;
    match url.host()? {
        Host::Domain(name) if name.len() <= 253 && !looks_like_address(name) => {
            Some(name.strip_prefix("www.").unwrap_or(name).to_owned())
        }
        _ => None,
    }
}

/// Schemes such as android-app: leave an IPv4 address unparsed.
fn looks_like_address(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok()
}

/// `mobile`, `tablet` or `desktop`: no more of the user agent than that is kept.
pub fn device(agent: &str) -> &'static str {
    let agent = agent.to_ascii_lowercase();
    let has = |word: &str| agent.contains(word);
    if has("ipad") || has("tablet") || has("android") && !has("mobile") {
        "tablet"
    } else if has("mobi") || has("iphone") || has("android") {
        "mobile"
    } else {
        "desktop"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    fn click(method: Method, pairs: &[(&'static str, &str)]) -> Click {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let visit = Visit::of("k", 0, &method, &headers, [203, 0, 113, 9].into());
        Keeper { domain: "go.acme.example".into(), ..Keeper::default() }.keep(&visit).unwrap()
    }

    #[test]
    fn people_previews_and_robots() {
        let person = click(Method::GET, &[("user-agent", BROWSER), ("referer", "https://t.co/abc?secret=1")]);
        assert_eq!((&*person.class, person.referrer.as_deref()), ("human", Some("t.co")));
        assert_eq!((&*person.family, person.device.as_deref()), ("social", Some("desktop")));
        let head = click(Method::HEAD, &[("user-agent", BROWSER)]);
        assert_eq!((&*head.class, &*head.rule, head.device), ("bot", "HEAD request", None));
        let ahead = click(Method::GET, &[("user-agent", BROWSER), ("sec-purpose", "prefetch;prerender")]);
        assert_eq!((&*ahead.class, &*ahead.rule), ("preview", "fetched ahead"));
        assert_eq!(
            click(
                Method::HEAD,
                &[("user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")]
            )
            .class,
            "preview"
        );
        assert_eq!(click(Method::GET, &[("user-agent", "curl/8.5.0")]).class, "bot");
        assert_eq!(click(Method::GET, &[]).family, "direct");
        let unknown = Visit::logged("k", 0, false, None, "-", "203.0.113.9");
        let unknown = Keeper::default().keep(&unknown).unwrap();
        assert_eq!((&*unknown.class, unknown.agent), ("human", None));
    }

    #[test]
    fn nothing_of_the_visitor_is_kept() {
        let kept = click(
            Method::GET,
            &[
                ("user-agent", BROWSER),
                ("referer", "http://203.0.113.9/private?x"),
                ("x-forwarded-for", "203.0.113.9"),
            ],
        );
        assert_eq!((&*kept.family, kept.source.as_str()), ("site", "unknown"));
        let written = format!("{kept:?}");
        assert!(
            !written.contains("203.0.113") && !written.contains("Gecko") && !written.contains("private"),
            "{written}"
        );
        assert_eq!(host("https://www.News.example/path?u=me"), Some("news.example".into()));
        for none in ["", "-", "http://[::1]/", "android-app://10.0.0.1/", "about:blank", "\u{fffd}"] {
            assert_eq!(host(none), None, "{none}");
        }
    }

    #[test]
    fn devices() {
        assert_eq!(device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148"), "mobile");
        assert_eq!(device("Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/141.0 Safari/537.36"), "tablet");
        assert_eq!(
            device("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/141.0 Mobile Safari/537.36"),
            "mobile"
        );
        assert_eq!(device(BROWSER), "desktop");
        // Clicks that turn out to be people's later have a device too.
        for agent in
            [BROWSER, "Mozilla/5.0 (iPad; CPU OS 18_0)", "Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile"]
        {
            assert_eq!(device(&cm_web::signature(agent)), device(agent));
        }
    }
}
