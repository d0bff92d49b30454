//! Other people's shorteners behind one small trait, a file each. In: an account, and links to be made or looked at.
//! Out: short links in one shape, or why there is none, in words for a person.
//!
//! Every link is asked for so that asking twice makes it once, where the service can: what it takes for the same link
//! stands in `Offers::once`. Nothing is repeated here: who asks decides, from the kind of `Setback`. What an answer says is
//! handed on as it is; whether it is what was asked for is for the asker to compare.

mod bitly;
mod desk;
mod dub;
mod isgd;
mod kutt;
mod shlink;
mod short;
mod tinyurl;
mod yourls;

pub use desk::Setback;
pub use short::{Clicks, Named, Page, Short, Wish};

use crate::Client;
use crate::services::Password;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use std::fmt;
use std::time::Duration;
use url::Url;

/// An account with a shortener. Debug shows its name only.
#[derive(Clone)]
pub struct Account {
    /// `yourls:blog`.
    pub name: String,
    /// The server, where it is one's own.
    pub url: Option<String>,
    /// The user, where the secret is a password and not a key.
    pub user: Option<String>,
    /// The domain of its short links: a host, perhaps with a port.
    pub domain: Option<String>,
    /// The group that new links belong to.
    pub group: Option<String>,
    /// Its secret; absent where the service asks for none.
    pub password: Option<Password>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Account {
    /// What stands before the colon of its name.
    fn kind(&self) -> &str {
        self.name.split_once(':').map_or(self.name.as_str(), |(kind, _)| kind)
    }

    /// The server, which must be named.
    fn server(&self) -> Result<Url, Setback> {
        let none = || Setback::Hopeless("no url: say where its server is".to_owned());
        server(self.url.as_deref().ok_or_else(none)?)
    }

    /// The server named, else the service's own.
    fn server_or(&self, usual: &str) -> Result<Url, Setback> {
        server(self.url.as_deref().unwrap_or(usual))
    }

    /// Its secret.
    fn secret(&self) -> Result<SecretString, Setback> {
        let none = || Setback::Credentials("no password_file or password_command".to_owned());
        self.password.as_ref().ok_or_else(none)?.ask().map_err(Setback::Credentials)
    }
}

/// An address without credentials, query and fragment. The error does not repeat it.
fn server(text: &str) -> Result<Url, Setback> {
    let wrong = |why: &str| Err(Setback::Hopeless(format!("the url {why}")));
    let Ok(url) = Url::parse(text) else { return wrong("is no address") };
    let bare = url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    match (url.scheme(), url.host()) {
        ("http" | "https", Some(_)) if bare && anonymous => Ok(url),
        ("http" | "https", Some(_)) => wrong("is the server's alone: no user name, password, ? or #"),
        _ => wrong("must begin with https:// or http://"),
    }
}

/// What makes two wishes one link at the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// The target, and whatever else makes a link there: asking again gives the same link.
    Target,
    /// A name of ours that goes with the link.
    Name,
    /// Nothing that is documented: a link that was asked for when a run was killed may exist twice.
    Nothing,
}

/// What a service can do. What it cannot is refused before it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Offers {
    /// The kind, as accounts are named.
    pub kind: &'static str,
    /// Links have names that people choose.
    pub slugs: bool,
    /// Links end at a time.
    pub expiry: bool,
    /// Links end after so many clicks.
    pub max_clicks: bool,
    /// Links have labels.
    pub tags: bool,
    /// It tells clicks.
    pub clicks: bool,
    /// It lists its links.
    pub lists: bool,
    /// What makes two wishes one link.
    pub once: Once,
    /// Hosts of its short links, where they are not one's own.
    pub hosts: &'static [&'static str],
    /// How long it is left alone after "too many requests" without a time.
    pub rest: Duration,
}

/// What came of asking.
pub type Asking<'a, T> = BoxFuture<'a, Result<T, Setback>>;

/// A shortener.
pub trait Shortener: Send + Sync {
    /// What it can do.
    fn offers(&self) -> &'static Offers;
    /// Makes a link, or finds the one that is there already.
    fn create<'a>(&'a self, wish: &'a Wish) -> Asking<'a, Short>;
    /// A link with its clicks, as far as the service tells them; `Setback::Unknown` where there is none.
    fn look<'a>(&'a self, named: &'a Named) -> Asking<'a, Short>;
    /// A page of its links; `cursor` is what the page before said, `None` at first.
    fn page<'a>(&'a self, cursor: Option<&'a str>) -> Asking<'a, Page>;
    /// Until when the service wants to be left alone, by the last answer's words, although that one succeeded.
    fn rest(&self) -> Option<DateTime<Utc>>;
}

type Open = fn(&Account, Client) -> Result<Box<dyn Shortener>, Setback>;

/// The services that are known, by kind.
const KINDS: [(&Offers, Open); 8] = [
    (&yourls::OFFERS, yourls::open),
    (&shlink::OFFERS, shlink::open),
    (&kutt::OFFERS, kutt::open),
    (&dub::OFFERS, dub::open),
    (&bitly::OFFERS, bitly::open),
    (&tinyurl::OFFERS, tinyurl::open),
    (&isgd::IS_GD, isgd::open),
    (&isgd::V_GD, isgd::open),
];

/// The names of all kinds.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(offers, _)| offers.kind)
}

type Read = fn(&serde_json::Value) -> Result<Short, Setback>;

/// What a service's answer says of a link, for fuzz targets; `which` is its place among those that answer with JSON.
pub(crate) fn read(which: usize, value: &serde_json::Value) -> Result<Short, Setback> {
    const READERS: [Read; 6] =
        [yourls::link, shlink::link, kutt::link, dub::link, bitly::link, tinyurl::link];
    READERS[which % READERS.len()](value)
}

/// Opens an account; nobody is asked yet, but a program may be run for its secret. What the account
/// lacks is told in words that follow its name.
pub fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let known = KINDS.iter().find(|(offers, _)| offers.kind == account.kind());
    let (_, open) = known.ok_or_else(|| {
        let known: Vec<&str> = kinds().collect();
        Setback::Hopeless(format!("no such kind of shortener (known: {})", known.join(", ")))
    })?;
    open(account, client)
}

/// Where an account's short links stand, as host and path (`s.example/`, `acme.example/s/`): on its own domain, and on its
/// own server or the service's hosts.
pub fn places(account: &Account) -> Vec<String> {
    let usual = KINDS.iter().find(|(offers, _)| offers.kind == account.kind());
    let usual = usual.map_or(&[][..], |(offers, _)| offers.hosts);
    let own = account.server().ok().filter(|_| usual.is_empty());
    let own = own.map(|url| format!("{}{}/", short::authority(&url), site(&url)));
    let hosts = account.domain.iter().map(String::as_str).chain(usual.iter().copied());
    own.into_iter().chain(hosts.map(|host| format!("{host}/"))).collect()
}

/// The path of a server without its end: YOURLS may be named by its script.
fn site(url: &Url) -> &str {
    let path = url.path().trim_end_matches('/');
    path.strip_suffix(yourls::SCRIPT).unwrap_or(path).trim_end_matches('/')
}

/// Whether an address is in one of these places.
pub fn holds(places: &[String], url: &Url) -> bool {
    let address = format!("{}{}", short::authority(url), url.path());
    places.iter().any(|place| address.starts_with(place.as_str()))
}

/// The place of a short link: all but its name.
pub fn place_of(short_url: &str) -> Option<String> {
    let url = Url::parse(short_url).ok().filter(Url::has_host)?;
    let end = url.path().rfind('/')?;
    Some(format!("{}{}/", short::authority(&url), &url.path()[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_links_stand_where_the_service_puts_them_and_not_beside() {
        let account = |name: &str, url: Option<&str>, domain: Option<&str>| Account {
            name: name.to_owned(),
            url: url.map(str::to_owned),
            user: None,
            domain: domain.map(str::to_owned),
            group: None,
            password: None,
        };
        let holds = |account: &Account, url: &str| holds(&places(account), &url.parse().unwrap());
        let folder = account("yourls:x", Some("https://Acme.example/s/yourls-api.php"), None);
        assert!(holds(&folder, "http://acme.example/s/k7") && holds(&folder, "https://ACME.example./s/k7?x"));
        assert!(
            !holds(&folder, "https://acme.example/shop") && !holds(&folder, "https://acme.example:8443/s/k7")
        );
        let bitly = account("bitly:x", Some("http://127.0.0.1:1"), Some("go.acme.example"));
        assert!(holds(&bitly, "https://bit.ly/x") && holds(&bitly, "https://go.acme.example/x"));
        assert!(!holds(&bitly, "http://127.0.0.1:1/x"), "its url is the API's");
        assert_eq!(place_of("https://Acme.example/s/k7").as_deref(), Some("acme.example/s/"));
    }

    proptest! {
        #[test]
        fn any_answer_gives_a_link_that_may_be_shown_or_none(short in ".{0,30}|https?://.{0,30}", url in ".{0,20}", which in 0usize..6) {
            let names = ["shorturl", "shortUrl", "link", "shortLink", "tiny_url", "url", "longUrl", "target", "long_url"];
            let said: serde_json::Map<_, _> = names.iter().enumerate().map(|(n, name)| {
                ((*name).to_owned(), if n < 5 { short.clone() } else { url.clone() }.into())
            }).collect();
            let mut value = serde_json::Value::Object(said);
            value["data"] = value.clone();
            if let Ok(link) = read(which, &value) {
                prop_assert!(Url::parse(&link.short_url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")));
                prop_assert!(!link.short_url.chars().any(|c| c.is_control() || c.is_whitespace()));
                prop_assert!(!link.slug.is_empty() && !link.url.is_empty());
            }
        }
    }
}
