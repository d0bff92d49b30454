//! Hosts and what is known of their wishes: those that the settings name, and those that everybody meets.
//! In: an address. Out: by what its host is known, how far apart its requests are, and what else holds for its sources.

use crate::manners::{Manners, settings};
use crate::turns::FAR;
use chrono::TimeDelta;
use cm_cli::Failure;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use url::{Host, Url};

settings! {
    /// `[fetch.hosts."reddit.com"]`: for that host and all under it.
    HostSettings {
        /// Between the beginnings of two requests.
        spacing: Option<crate::manners::Length>,
        /// Requests at a time.
        per_host: Option<usize>,
    }
    secrets: user: String, password_file: std::path::PathBuf, password_command: Vec<String>, cookie_file: std::path::PathBuf,
    header_file: std::path::PathBuf,
    proxy_file: std::path::PathBuf
}

/// A host that many read feeds from, and what became known of its manners.
#[derive(Debug)]
pub(crate) struct Known {
    /// Its name; those under it are the same host.
    name: &'static str,
    /// Seconds between two requests.
    spacing: u64,
    /// Minutes between two requests of one source.
    least: i64,
    /// It says 403 where it means 429.
    refuses_with_403: bool,
    /// What people should know.
    pub(crate) note: &'static str,
}

/// What is documented by the host itself or was met by many readers. Where nothing is said, a second lies between two
/// requests.
const KNOWN: [Known; 13] = [
    // API hosts have limits of their own, and say them in headers.
    Known { name: "oauth.reddit.com", spacing: 1, least: 0, refuses_with_403: false, note: "" },
    Known { name: "api.github.com", spacing: 1, least: 0, refuses_with_403: false, note: "" },
    Known {
        name: "reddit.com",
        spacing: 60,
        least: 30,
        refuses_with_403: true,
        note: "reddit.com lets an address ask for about one feed a minute, and says 403 where it means \"too many\": the \
               personal feed of reddit.com/prefs/feeds or an account is let in more often",
    },
    Known {
        name: "youtube.com",
        spacing: 2,
        least: 15,
        refuses_with_403: true,
        note: "youtube.com answers 404 and 500 in waves that pass: its feeds are never given up",
    },
    Known {
        name: "feedburner.com",
        spacing: 2,
        least: 15,
        refuses_with_403: true,
        note: "Google's hosts say 403 for a day to who asks too fast",
    },
    Known {
        name: "news.google.com",
        spacing: 2,
        least: 15,
        refuses_with_403: true,
        note: "Google's hosts say 403 for a day to who asks too fast",
    },
    Known {
        name: "news.ycombinator.com",
        spacing: 30,
        least: 0,
        refuses_with_403: true,
        note: "news.ycombinator.com asks for 30 s between two requests (its robots.txt)",
    },
    Known { name: "hnrss.org", spacing: 5, least: 5, refuses_with_403: false, note: "" },
    Known {
        name: "openrss.org",
        spacing: 10,
        least: 30,
        refuses_with_403: true,
        note: "openrss.org shuts out readers that ask for several feeds at once",
    },
    Known {
        name: "rsshub.app",
        spacing: 5,
        least: 30,
        refuses_with_403: true,
        note: "rsshub.app is shared by many: an instance of one's own is faster",
    },
    Known {
        name: "tumblr.com",
        spacing: 2,
        least: 15,
        refuses_with_403: false,
        note: "all blogs of tumblr.com share one limit",
    },
    Known { name: "medium.com", spacing: 2, least: 15, refuses_with_403: true, note: "" },
    Known { name: "github.com", spacing: 2, least: 0, refuses_with_403: false, note: "" },
];

/// Between two requests to one host where nobody says otherwise.
const USUAL_SPACING: Duration = Duration::from_secs(1);

/// All hosts, as far as settings and knowledge go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    all: Manners,
    spacing: Option<Duration>,
    per_host: usize,
    /// How long a feed may be, decompressed.
    pub(crate) max_feed: Option<usize>,
    set: BTreeMap<String, (HostSettings, Manners)>,
}

impl Hosts {
    /// Of `[fetch]`: what holds for all, and by host. Paths are relative to `folder`.
    pub(crate) fn new(
        all: Manners,
        spacing: Option<TimeDelta>,
        per_host: usize,
        hosts: &BTreeMap<String, HostSettings>,
        folder: &Path,
    ) -> Result<Hosts, Failure> {
        let mut set = BTreeMap::new();
        for (name, settings) in hosts {
            let wrong = |why: String| Failure::config(format!("[fetch.hosts.{name:?}]: {why}"));
            let host = name.to_ascii_lowercase();
            if host.is_empty() || host.contains(['/', ' ', '@']) {
                return Err(wrong("write a host, such as \"reddit.com\" or \"127.0.0.1:8080\"".to_owned()));
            }
            set.insert(host, (settings.clone(), settings.manners(folder).map_err(wrong)?));
        }
        Ok(Hosts {
            all,
            spacing: spacing.and_then(|s| s.to_std().ok()),
            per_host: per_host.max(1),
            max_feed: None,
            set,
        })
    }

    /// By what the host of an address is known: one name for all that share its limits; with its port, where that is not
    /// the usual one.
    pub(crate) fn name(&self, url: &Url) -> String {
        let host = exact(url);
        match (self.set_for(&host), known(&host)) {
            (Some((name, _)), Some(known)) if known.name.len() > name.len() => known.name.to_owned(),
            (Some((name, _)), _) => name.clone(),
            (None, Some(known)) => known.name.to_owned(),
            (None, None) => host,
        }
    }

    /// What holds for a source at this address that has settings of its own.
    pub(crate) fn manners(&self, url: &Url, own: &Manners) -> Manners {
        let host = exact(url);
        let least = known(&host)
            .map(|known| TimeDelta::minutes(known.least))
            .filter(|least| *least > TimeDelta::zero());
        let known = Manners { min_interval: least, ..Manners::default() };
        let set = self.set_for(&host).map(|(_, (_, manners))| manners.clone()).unwrap_or_default();
        // Whoever says how often does not want what we know; for all sources that is not meant.
        let own = own.over(&set);
        let below = if own.interval.is_some() { self.all.clone() } else { known.over(&self.all) };
        own.over(&below)
    }

    /// What holds for a source without an address.
    pub(crate) fn anywhere(&self, own: &Manners) -> Manners {
        own.over(&self.all)
    }

    /// Between the beginnings of two requests.
    pub(crate) fn spacing(&self, url: &Url) -> Duration {
        let host = exact(url);
        let set = self.set_for(&host).and_then(|(_, (settings, _))| settings.spacing);
        if let Some(spacing) = set {
            return spacing.0.to_std().unwrap_or_default();
        }
        let usual = self.spacing.unwrap_or(if is_own_machine(url) { Duration::ZERO } else { USUAL_SPACING });
        known(&host).map_or(usual, |known| usual.max(Duration::from_secs(known.spacing)))
    }

    /// Between two requests, where they are so far apart that a host is asked in turns.
    pub(crate) fn turns(&self, url: &Url) -> Option<TimeDelta> {
        TimeDelta::from_std(self.spacing(url)).ok().filter(|spacing| *spacing >= FAR)
    }

    /// Requests at a time.
    pub(crate) fn per_host(&self, url: &Url) -> usize {
        let host = exact(url);
        let set = self.set_for(&host).and_then(|(_, (settings, _))| settings.per_host);
        set.unwrap_or(if known(&host).is_some() { 1 } else { self.per_host }).max(1)
    }

    /// Whether a host says 403 where it means "too many requests".
    pub(crate) fn refuses_with_403(&self, url: &Url) -> bool {
        known(&exact(url)).is_some_and(|known| known.refuses_with_403)
    }

    /// What people should know of a host.
    pub(crate) fn note(&self, url: &Url) -> Option<&'static str> {
        known(&exact(url)).map(|known| known.note).filter(|note| !note.is_empty())
    }

    /// The settings of the longest name that this host is, or stands under; one without a port holds for all ports that
    /// have none of their own.
    fn set_for(&self, host: &str) -> Option<(&String, &(HostSettings, Manners))> {
        let longest = |host: &str| {
            self.set.iter().filter(|(name, _)| is_under(host, name)).max_by_key(|(name, _)| name.len())
        };
        longest(host).or_else(|| longest(without_port(host)))
    }
}

fn known(host: &str) -> Option<&'static Known> {
    KNOWN.iter().filter(|known| is_under(host, known.name)).max_by_key(|known| known.name.len())
}

fn is_under(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The host that an address asks, with its port where that is not the usual one.
pub(crate) fn exact(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default().to_ascii_lowercase();
    url.port().map_or_else(|| name.clone(), |port| format!("{name}:{port}"))
}

fn without_port(host: &str) -> &str {
    let port = |port: &str| port.bytes().all(|digit| digit.is_ascii_digit());
    host.rsplit_once(':').filter(|(_, after)| port(after)).map_or(host, |(before, _)| before)
}

fn is_own_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Hosts {
        let set: BTreeMap<String, HostSettings> = toml::from_str(text).unwrap();
        let all = Manners { max_interval: Some(TimeDelta::hours(12)), ..Manners::default() };
        Hosts::new(all, None, 2, &set, Path::new("/etc/cm")).unwrap()
    }

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn who_shares_limits_has_one_name() {
        let hosts = hosts("[\"blogs.example\"]\nspacing = \"9s\"\n[\"old.reddit.com\"]\n");
        let name = |text: &str| hosts.name(&url(text));
        assert_eq!(name("https://www.reddit.com/r/tea.rss"), "reddit.com");
        assert_eq!(name("https://oauth.reddit.com/r/tea"), "oauth.reddit.com");
        assert_eq!(name("https://old.reddit.com/"), "old.reddit.com");
        assert_eq!(
            (name("https://a.blogs.example/"), name("https://notblogs.example/")),
            ("blogs.example".into(), "notblogs.example".into())
        );
        assert_eq!(name("http://127.0.0.1:8080/x"), "127.0.0.1:8080");
    }

    #[test]
    fn spacing_is_the_hosts_and_none_is_kept_at_home() {
        let hosts = hosts(
            "[\"blogs.example\"]\nspacing = \"9s\"\n[\"127.0.0.1:8080\"]\nspacing = \"2s\"\nper_host = 7\n[\"youtube.com\"]\nspacing = \"0s\"\n",
        );
        let seconds = |text: &str| hosts.spacing(&url(text)).as_secs();
        let all = [
            "https://a.blogs.example/",
            "https://www.reddit.com/",
            "https://b.example/",
            "http://127.0.0.1/",
            "http://127.0.0.1:8080/",
            "https://www.youtube.com/x",
        ];
        assert_eq!(all.map(seconds), [9, 60, 1, 0, 2, 0]);
        let at_once = |text: &str| hosts.per_host(&url(text));
        assert_eq!(
            (
                at_once("http://127.0.0.1:8080/"),
                at_once("https://b.example/"),
                at_once("https://reddit.com/")
            ),
            (7, 2, 1)
        );
    }

    #[test]
    fn a_bare_host_holds_for_all_its_ports() {
        let hosts = hosts(
            "[\"127.0.0.1\"]\nspacing = \"9s\"\n[\"127.0.0.1:8080\"]\nspacing = \"2s\"\n[\"[::1]\"]\nspacing = \"3s\"\n",
        );
        let seconds = |text: &str| hosts.spacing(&url(text)).as_secs();
        let all = [
            "http://127.0.0.1/",
            "http://127.0.0.1:9100/",
            "http://127.0.0.1:8080/",
            "http://[::1]:9100/",
            "http://[::2]:9100/",
        ];
        assert_eq!(all.map(seconds), [9, 9, 2, 3, 1]);
        assert_eq!(hosts.name(&url("http://127.0.0.1:9100/")), "127.0.0.1");
    }

    #[test]
    fn what_stands_nearer_to_a_source_wins() {
        let hosts = hosts(
            "[\"reddit.com\"]\nignore = [\"ttl\"]\nheaders = { \"X-A\" = \"host\" }\ncookie_file = \"jar\"\n",
        );
        let own = Manners {
            headers: [("x-a".to_owned(), "own".to_owned())].into(),
            ignore: vec![crate::manners::Rule::SkipDays],
            ..Manners::default()
        };
        let manners = hosts.manners(&url("https://www.reddit.com/r/tea.rss"), &own);
        assert_eq!(
            (manners.min_interval, manners.max_interval),
            (Some(TimeDelta::minutes(30)), Some(TimeDelta::hours(12)))
        );
        assert_eq!(
            (manners.ignore.len(), manners.headers.len(), manners.headers["x-a"].as_str()),
            (2, 1, "own")
        );
        assert_eq!(manners.secrets.cookie_file.as_deref(), Some(Path::new("/etc/cm/jar")));
        let often = Manners { interval: Some(TimeDelta::minutes(5)), ..Manners::default() };
        assert_eq!(hosts.manners(&url("https://reddit.com/"), &often).min_interval, None);
    }

    #[test]
    fn settings_are_checked() {
        let refused = |text: &str| {
            let set: BTreeMap<String, HostSettings> = toml::from_str(text).map_err(|e| e.to_string())?;
            Hosts::new(Manners::default(), None, 1, &set, Path::new(""))
                .map(drop)
                .map_err(|failure| failure.message)
        };
        for (text, why) in [
            ("[\"a.example\"]\nheaders = { Cookie = \"hunter2\" }", "Cookie is a secret"),
            ("[\"a.example\"]\nheaders = { Host = \"b\" }", "set by cm-fetch itself"),
            ("[\"a.example\"]\nproxy = \"http://u:hunter2@p.example\"", "give the address as proxy_file"),
            ("[\"a.example\"]\nproxy = \"socks5://p.example\"", "SOCKS"),
            ("[\"a.example\"]\nheaders = { \"X Y\" = \"b\" }", "no name of a header"),
            ("[\"a.example\"]\nuser_agent = \"x\\ny\"", "control character"),
            ("[\"https://a.example/\"]\n", "write a host"),
            ("[\"a.example\"]\nignore = [\"pause\"]", "no wishes of a publisher"),
            ("[\"a.example\"]\nmin_interval = \"2h\"\nmax_interval = \"1h\"", "longer than"),
            ("[\"a.example\"]\nspacing = \"soon\"", "not a length of time"),
        ] {
            let told = refused(text).unwrap_err();
            assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
        }
    }
}
