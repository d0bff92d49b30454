//! A visit: what a request tells in, a click as it is kept out. The address and the user agent end here.

use super::visitor::Visitors;
use crate::rows::Click;
use anyhow::Result;
use cm_web::{Agent, Family, Referrer, Verdict};
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, http::HeaderValue};
use std::net::IpAddr;
use url::{Host, Url};

/// What is looked at of a header's value, in bytes.
const LONGEST: usize = 1024;

/// A visit that is not classified yet; it lives in memory only.
pub struct Visit {
    code: String,
    at_ms: i64,
    is_head: bool,
    is_ahead: bool,
    agent: Box<str>,
    referrer: Box<str>,
    address: IpAddr,
}

/// Nothing of a visitor is ever written by way of debugging.
impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("code", &self.code).field("at_ms", &self.at_ms).finish_non_exhaustive()
    }
}

impl Visit {
    /// What a request for a link tells.
    pub fn of(code: String, at_ms: i64, method: &Method, headers: &HeaderMap, address: IpAddr) -> Visit {
        Visit {
            code,
            at_ms,
            is_head: method == Method::HEAD,
            is_ahead: is_ahead(headers),
            agent: start(headers.get(header::USER_AGENT)),
            referrer: start(headers.get(header::REFERER)),
            address,
        }
    }

    /// Whether a person opened the link.
    pub fn is_human(&self) -> bool {
        self.verdict().agent == Agent::Human
    }

    /// The class and what decided it. Browsers that fetch ahead show a preview; nobody reads a page by HEAD.
    fn verdict(&self) -> Verdict {
        let by_agent = cm_web::classify(&self.agent);
        match by_agent.agent {
            Agent::Human if self.is_ahead => Verdict { agent: Agent::Preview, rule: "fetched ahead" },
            Agent::Human if self.is_head => Verdict { agent: Agent::Bot, rule: "HEAD request" },
            _ => by_agent,
        }
    }

    /// The click that is kept. `domain` is our own host.
    pub fn click(self, domain: &str, visitors: &mut Visitors) -> Result<Click> {
        let verdict = self.verdict();
        let referrer = host(&self.referrer);
        let from = source(&self.referrer, referrer.is_some(), domain);
        let visitor = visitors.name(self.at_ms, domain, self.address, &self.agent)?;
        Ok(Click {
            at_ms: self.at_ms,
            class: verdict.agent.as_str().to_owned(),
            rule: verdict.rule.to_owned(),
            referrer,
            family: from.family.as_str().to_owned(),
            source: from.name,
            device: (verdict.agent == Agent::Human).then(|| device(&self.agent).to_owned()),
            visitor: Some(visitor),
            code: self.code,
        })
    }
}

/// Where the visit came from. What names no host is not repeated.
fn source(referrer: &str, has_host: bool, domain: &str) -> Referrer {
    if has_host || matches!(referrer.trim(), "" | "-") {
        cm_web::family(referrer, &[domain.to_owned()])
    } else {
        Referrer { family: Family::Site, name: "unknown".to_owned() }
    }
}

/// Browsers say when they fetch a page that nobody has opened yet.
fn is_ahead(headers: &HeaderMap) -> bool {
    const NAMES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
    NAMES.iter().filter_map(|name| headers.get(HeaderName::from_static(name))).any(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.starts_with(b"prefetch") || value.starts_with(b"preview")
    })
}

fn start(value: Option<&HeaderValue>) -> Box<str> {
    let bytes = value.map_or(&b""[..], HeaderValue::as_bytes);
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]).into()
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
fn device(agent: &str) -> &'static str {
    let has = |word: &str| agent.contains(word);
    if has("iPad") || has("Tablet") || has("Android") && !has("Mobile") {
        "tablet"
    } else if has("Mobi") || has("iPhone") || has("Android") {
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
        let visit = Visit::of("k".into(), 0, &method, &headers, [203, 0, 113, 9].into());
        visit.click("go.acme.example", &mut Visitors::default()).unwrap()
    }

    #[test]
    fn people_previews_and_robots() {
        let person = click(Method::GET, &[("user-agent", BROWSER), ("referer", "https://t.co/abc?secret=1")]);
        assert_eq!((person.class.as_str(), person.referrer.as_deref()), ("human", Some("t.co")));
        assert_eq!((person.family.as_str(), person.device.as_deref()), ("social", Some("desktop")));
        let head = click(Method::HEAD, &[("user-agent", BROWSER)]);
        assert_eq!((head.class.as_str(), head.rule.as_str(), head.device), ("bot", "HEAD request", None));
        let ahead = click(Method::GET, &[("user-agent", BROWSER), ("sec-purpose", "prefetch;prerender")]);
        assert_eq!((ahead.class.as_str(), ahead.rule.as_str()), ("preview", "fetched ahead"));
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
        assert_eq!((kept.family.as_str(), kept.source.as_str()), ("site", "unknown"));
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
    }
}
