//! cm-shorten's sections of the configuration, checked: `[shorten]` and `[utm.NAME]`.

use crate::args::{Backend, backend};
use crate::block_list::BlockList;
use crate::rows::DAY_MS;
use crate::serve;
use crate::target::Guard;
use crate::utm::Template;
use cm_cli::{Failure, Session, beside, unreadable};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use url::Url;

/// Where `serve` listens and where short links lead when nobody said.
pub const LISTEN: &str = "127.0.0.1:8087";

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    domain: Option<String>,
    backend: Option<String>,
    default_utm: Option<String>,
    listen: Option<String>,
    proxies: Vec<String>,
    block_list: Option<String>,
    expand: Vec<String>,
    landing: Option<String>,
    country_db: Option<String>,
    keep_clicks: Option<String>,
    api: serve::Section,
}

/// The settings.
#[derive(Debug)]
pub struct Settings {
    /// What short links begin with.
    pub domain: Domain,
    /// Where no link may lead.
    pub guard: Guard,
    /// Whether nobody named a domain.
    pub domain_is_default: bool,
    /// Where links are made when nobody says.
    pub backend: Backend,
    /// The template to take with `--for` when none is named.
    pub default_utm: Option<String>,
    /// `host:port` for `serve`.
    pub listen: String,
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<String>,
    /// Where the server's `/` leads.
    pub landing: Option<String>,
    /// The file that tells the countries of addresses.
    pub country_db: Option<PathBuf>,
    /// How long single clicks are kept, ms; without it for ever.
    pub keep_clicks_ms: Option<i64>,
    /// `[shorten.api]`.
    pub api: serve::Section,
    /// The file that all this stands in, for paths relative to it.
    pub file: PathBuf,
    /// Hosts of further shorteners that `--expand` asks.
    pub shorteners: Vec<String>,
    /// `[utm.NAME]`.
    pub templates: BTreeMap<String, Template>,
}

impl Settings {
    /// Reads and checks them.
    pub fn read(session: &Session) -> Result<Settings, Failure> {
        let (config, allow_private) = (session.config(), session.allow_private());
        let (section, file) = config.section_at::<Section>("shorten")?.unwrap_or_default();
        let templates = config.tables::<Template>("utm")?;
        let listen = section.listen.unwrap_or_else(|| LISTEN.to_owned());
        let listens_at = listens_at(&listen)?;
        let domain = section.domain.as_deref().map_or(Ok(listens_at), Domain::read)?;
        let blocked = section.block_list.map(|list| block_list(&beside(&file, &list))).transpose()?;
        let read = |name: &str| backend(name).map_err(|e| Failure::config(format!("[shorten] backend: {e}")));
        Ok(Settings {
            guard: Guard { own: domain.clone(), blocked: blocked.unwrap_or_default(), allow_private },
            backend: section.backend.as_deref().map_or(Ok(Backend::Embedded), read)?,
            domain_is_default: section.domain.is_none(),
            domain,
            default_utm: section.default_utm,
            listen,
            proxies: section.proxies,
            shorteners: section.expand,
            landing: section.landing,
            country_db: section.country_db.map(|db| beside(&file, &db)),
            keep_clicks_ms: section.keep_clicks.as_deref().map(keep_clicks).transpose()?,
            api: section.api,
            templates: templates.into_iter().map(|(name, (template, _))| (name, template)).collect(),
            file,
        })
    }

    /// What to say when short links will lead to this machine only because nobody named a domain.
    pub fn local_domain(&self) -> Option<String> {
        self.domain_is_default.then(|| {
            let begin = self.domain.prefix();
            format!(
                "short links begin with {begin}, which only this machine reaches: set domain in [shorten]"
            )
        })
    }
}

/// What short links begin with that lead to where the server listens: `HOST:PORT`, as the system takes it.
fn listens_at(listen: &str) -> Result<Domain, Failure> {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let has_port = listen.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && is_port(port));
    let domain = Domain::read(&format!("http://{listen}")).ok().filter(|_| has_port);
    domain.ok_or_else(|| {
        Failure::config(format!("[shorten] listen {listen:?} is not HOST:PORT, such as \"{LISTEN}\""))
    })
}

/// `keep_clicks`: whole days, so that what is added up of a day is complete when its clicks go.
fn keep_clicks(text: &str) -> Result<i64, Failure> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok()).filter(|days| *days >= 2);
    let wrong = || {
        Failure::config(format!(
            "[shorten] keep_clicks {text:?} is not a number of days, 2 or more, such as \"90d\""
        ))
    };
    Ok(i64::from(days.ok_or_else(wrong)?) * DAY_MS)
}

/// A failure with the setting that it comes of.
pub fn of(setting: &str, failure: Failure) -> Failure {
    Failure { message: format!("{setting}: {}", failure.message), ..failure }
}

fn block_list(path: &Path) -> Result<BlockList, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| of("[shorten] block_list", unreadable(path, &e)))?;
    BlockList::read(&text).map_err(|(line, why)| Failure::config(format!("{}:{line}: {why}", path.display())))
}

/// What short links begin with: `https://go.acme.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    prefix: String,
    url: Url,
}

impl Domain {
    /// Reads `domain`: http or https, a host, perhaps a port, nothing else.
    pub fn read(text: &str) -> Result<Domain, Failure> {
        let wrong = || {
            Failure::config(format!(
                "[shorten] domain {text:?} is not one: write a scheme and a host, such as \"https://go.acme.example\""
            ))
        };
        let url = Url::parse(text).map_err(|_| wrong())?;
        if url.path().len() > 1 && matches!(url.scheme(), "http" | "https") {
            let host = url.origin().ascii_serialization();
            return Err(Failure::config(format!(
                "[shorten] domain {text:?} has a path: short links stand at the root of a host, such as \"{host}\""
            )));
        }
        let bare = url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !bare || !anonymous {
            return Err(wrong());
        }
        Ok(Domain { prefix: url.as_str().trim_end_matches('/').to_owned(), url })
    }

    /// Without a slash at the end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Its host, in lower case.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The short link of a code.
    pub fn short_url(&self, code: &str) -> String {
        format!("{}/{code}", self.prefix)
    }

    /// Whether an address is on this domain, by http or https.
    pub fn holds(&self, url: &Url) -> bool {
        let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
        host(url) == host(&self.url) && url.port() == self.url.port()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_server_listens_is_a_host_and_a_port() {
        for (listen, begin) in [
            ("127.0.0.1:8087", "http://127.0.0.1:8087"),
            ("localhost:9000", "http://localhost:9000"),
            ("[::1]:8087", "http://[::1]:8087"),
            ("0.0.0.0:0", "http://0.0.0.0:0"),
        ] {
            assert_eq!(listens_at(listen).unwrap().prefix(), begin);
        }
        for wrong in [
            "8087",
            ":8087",
            "nowhere at all",
            "localhost",
            "::1",
            "a:99999",
            "a:+1",
            "a:",
            "u@a:1",
            "http://a:1",
            "",
        ] {
            assert!(listens_at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn domains_are_a_scheme_and_a_host() {
        assert_eq!(
            Domain::read("https://GO.acme.example/").unwrap().short_url("k"),
            "https://go.acme.example/k"
        );
        assert_eq!(Domain::read("http://127.0.0.1:8087").unwrap().prefix(), "http://127.0.0.1:8087");
        for wrong in [
            "go.acme.example",
            "https://a.example/go",
            "ftp://a.example",
            "https://u@a.example",
            "https://a.example?x",
        ] {
            assert!(Domain::read(wrong).is_err(), "{wrong}");
        }
        let told = Domain::read("https://acme.example/s/").unwrap_err().to_string();
        assert!(told.contains("at the root of a host, such as \"https://acme.example\""), "{told}");
    }

    #[test]
    fn a_domain_is_ours_by_http_and_https_but_not_on_another_port() {
        let domain = Domain::read("https://go.acme.example").unwrap();
        let holds = |text: &str| domain.holds(&text.parse().unwrap());
        assert!(holds("http://go.acme.example/x") && holds("https://GO.acme.example.:443/"));
        assert!(!holds("https://go.acme.example:8443/") && !holds("https://acme.example/"));
    }
}
