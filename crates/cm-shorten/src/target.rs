//! Where short links may lead: what is refused after parsing, and how a target is written into a `Location`.

use crate::block_list::BlockList;
use crate::settings::Domain;
use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

/// The longest link that is shortened, in bytes: what servers and browsers take in one header line.
pub const LONGEST: usize = 8192;

/// Why a link is not shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not an address, or holds control characters.
    Malformed,
    /// Another scheme than http and https.
    Scheme(String),
    /// A user name or password in it.
    Credentials,
    /// A private, loopback or reserved address, or a name of such.
    Private(String),
    /// Our own domain: a short link to a short link.
    Own,
    /// On or below this domain of the block list.
    Blocked(String),
    /// Longer than `LONGEST`.
    Long(usize),
}

/// What lets a private address pass: for those at the prompt, not for those who ask the server.
pub const MEANT: &str = " (--allow-private if that is meant)";

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Malformed => f.write_str("it is not a web address"),
            Refusal::Scheme(scheme) => write!(f, "{}: is not http or https", shown(scheme)),
            Refusal::Credentials => f.write_str("it holds a user name or password"),
            Refusal::Private(host) => {
                write!(f, "{} is not on the public internet{MEANT}", shown(host))
            }
            Refusal::Blocked(domain) => write!(f, "{} is on the block list", shown(domain)),
            Refusal::Own => f.write_str("it leads to our own short links"),
            Refusal::Long(bytes) => write!(f, "it is {bytes} bytes long, more than {LONGEST}"),
        }
    }
}

/// What no link may lead to in this run.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Our own domain.
    pub own: Domain,
    /// Domains that people named.
    pub blocked: BlockList,
    /// Whether private addresses are meant.
    pub allow_private: bool,
}

impl Guard {
    /// Checks an address as browsers understand it, whatever way it is written. Names are not resolved: this is offline.
    pub fn check(&self, address: &str) -> Result<(), Refusal> {
        let url = parse(address, &self.own, self.allow_private)?;
        self.blocked.holds(&url).map_or(Ok(()), |domain| Err(Refusal::Blocked(domain.to_owned())))
    }
}

fn parse(address: &str, own: &Domain, allow_private: bool) -> Result<Url, Refusal> {
    if address.len() > LONGEST {
        return Err(Refusal::Long(address.len()));
    }
    // The parser drops tabs and line ends without a word; what is stored would then not be what was checked.
    if address.chars().any(char::is_control) {
        return Err(Refusal::Malformed);
    }
    let url = Url::parse(address).map_err(|_| Refusal::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::Scheme(url.scheme().to_owned()));
    }
    // The parser drops an empty user name (`https://@host/`), which other programs may read otherwise.
    let (start, end) = authority(address);
    if !url.username().is_empty() || url.password().is_some() || address[start..end].contains('@') {
        return Err(Refusal::Credentials);
    }
    if own.holds(&url) {
        return Err(Refusal::Own);
    }
    match url.host() {
        None => Err(Refusal::Malformed),
        Some(host) if !allow_private && is_private(&host) => Err(Refusal::Private(host.to_string())),
        Some(_) => Ok(url),
    }
}

/// Whether it is one of our short links already.
pub fn is_short(address: &str, own: &Domain) -> bool {
    address.len() <= LONGEST && Url::parse(address).is_ok_and(|url| own.holds(&url))
}

fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(v4) => !cm_net::is_public(IpAddr::V4(*v4)),
        Host::Ipv6(v6) => !cm_net::is_public(IpAddr::V6(*v6)),
        Host::Domain(name) => is_private_name(name.trim_end_matches('.')),
    }
}

/// Names that never lead to the public internet: no dot in them, or a special-use domain (RFC 6761, RFC 6762,
/// RFC 8375, and ICANN's `internal`).
fn is_private_name(name: &str) -> bool {
    let Some((_, top)) = name.rsplit_once('.') else { return true };
    matches!(top, "localhost" | "local" | "internal") || name.ends_with(".home.arpa")
}

/// A target as a `Location`: as given where it is printable ASCII and whole, else as browsers would write it. One
/// without its slashes (`https:a.example`) would be read as relative to the short link, and a `\` in the host's place
/// (`https://a.example\@b.example`) leads browsers to one host and other programs to another.
pub fn location(target: &str) -> Option<String> {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let whole = target.split_once("://").is_some_and(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
            && !authority.is_empty()
            && !authority.contains('\\')
    });
    if plain(target) && whole {
        return Some(target.to_owned());
    }
    let written = String::from(Url::parse(target).ok()?);
    plain(&written).then_some(written)
}

/// An address as a message may repeat it: without credentials, on one line, and not at any length.
pub fn shown(address: &str) -> String {
    let (start, end) = authority(address);
    let host = address[start..end].rfind('@').map_or(start, |at| start + at + 1);
    let hidden = if host > start { "***@" } else { "" };
    let anonymous = format!("{}{hidden}{}", &address[..start], &address[host..]);
    let anonymous = anonymous.replace(char::is_control, "\u{fffd}");
    match anonymous.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &anonymous[..at]),
        None => anonymous,
    }
}

/// A refused address as a message may repeat it: where a password stands in it, perhaps in the address that it wraps,
/// nothing that follows its host.
pub fn shown_refused(address: &str, why: &Refusal) -> String {
    let (_, end) = authority(address);
    match why {
        Refusal::Credentials if end < address.len() => format!("{}/…", shown(&address[..end])),
        _ => shown(address),
    }
}

/// Where user, host and port stand in an address. Browsers read `https:\\u@h` and `https:u@h` as `https://u@h`, and pass
/// over tabs and line ends.
fn authority(address: &str) -> (usize, usize) {
    let is_slash = |c: char| matches!(c, '/' | '\\') || c.is_control();
    let scheme = address.find(':').map_or(0, |at| at + 1);
    let start = address.len() - address[scheme..].trim_start_matches(is_slash).len();
    let end = address[start..].find(['/', '?', '#', '\\']).map_or(address.len(), |at| start + at);
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(address: &str, allow_private: bool) -> Result<(), Refusal> {
        let own = Domain::read("https://go.acme.example").unwrap();
        let blocked = BlockList::read("bad.example").unwrap();
        Guard { own, blocked, allow_private }.check(address)
    }

    #[test]
    fn what_is_refused() {
        let why = |address: &str| check(address, false).unwrap_err();
        for address in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.example/",
            "mailto:a@b.example",
            "file:///etc/passwd",
        ] {
            assert!(matches!(why(address), Refusal::Scheme(_)), "{address}");
        }
        for address in [
            "https://u:p@a.example/",
            "https://u@a.example/",
            "https://:p@a.example",
            "https://@a.example",
            "https:@.'.",
            "https:\\\\u@a.example",
        ] {
            assert_eq!(why(address), Refusal::Credentials, "{address}");
        }
        for address in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://10.1.2.3/",
            "http://169.254.169.254/latest",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://x.localhost:3000/",
            "http://intranet/",
            "http://nas.local/",
            "http://db.internal/",
            "http://router.home.arpa/",
            "http://①②⑦.⓪.⓪.①/",
        ] {
            assert!(matches!(why(address), Refusal::Private(_)), "{address}");
        }
        for address in [
            "https://go.acme.example/x",
            "http://GO.acme.example./",
            "//go.acme.example",
            "https://%67o.acme.example/",
        ] {
            assert!(matches!(why(address), Refusal::Own | Refusal::Malformed), "{address}");
        }
        for address in
            ["", "x", "https://", "https:///", "https://a.example/\r\nSet-Cookie: x", "https://a.exa\tmple/"]
        {
            assert!(check(address, false).is_err(), "{address:?}");
        }
        assert_eq!(why(&format!("https://a.example/{}", "x".repeat(100_000))), Refusal::Long(100_018));
    }

    #[test]
    fn what_is_let_through() {
        for address in [
            "https://a.example",
            "HTTP://a.example:8080/%zz?q=%",
            "https://bücher.example/ü",
            "http://8.8.8.8/",
            "https://a.example/a b",
        ] {
            assert_eq!(check(address, false), Ok(()), "{address}");
        }
        assert_eq!(check("http://127.0.0.1:1/", true), Ok(()));
    }

    #[test]
    fn messages_never_repeat_credentials() {
        assert_eq!(shown("https://u:p@a@h.example/x@y"), "https://***@h.example/x@y");
        assert_eq!(shown("https://h.example/x@y"), "https://h.example/x@y");
        for odd in [
            "https:\\\\u:secret@h.example/x",
            "https:u:secret@h.example",
            "https:/u:secret@h.example",
            "https:/\t/u:secret@h.example",
            "https:///u:secret@h.example",
            "//u:secret@h.example/x",
            "ftp://u:secret@h.example/x",
        ] {
            assert!(!shown(odd).contains("secret") && shown(odd).contains("***@h.example"), "{odd}");
        }
        let wrapped = "https://l.facebook.com/l.php?u=https%3A%2F%2Fu%3Asecret%40h.example";
        assert_eq!(shown_refused(wrapped, &Refusal::Credentials), "https://l.facebook.com/…");
        assert_eq!(shown_refused("https://u:p@h.example", &Refusal::Credentials), "https://***@h.example");
        assert_eq!(shown_refused("https://h.example/x", &Refusal::Own), "https://h.example/x");
        assert_eq!(shown(&"é".repeat(1000)).chars().count(), 201);
    }

    #[test]
    fn a_location_is_whole() {
        for (target, written) in [
            ("https://a.example/%zz?q=\\", "https://a.example/%zz?q=\\"),
            ("HTTP://A.example", "HTTP://A.example"),
            ("https:a.example/x", "https://a.example/x"),
            ("https:///a.example/x", "https://a.example/x"),
            ("https:\\\\a.example\\x", "https://a.example/x"),
            ("https:a.example?u=https://b.example", "https://a.example/?u=https://b.example"),
            ("https://a.example\\@b.example/", "https://a.example/@b.example/"),
        ] {
            assert_eq!(location(target).as_deref(), Some(written));
        }
    }

    proptest! {
        #[test]
        fn a_target_that_passes_has_a_location_that_is_one_header_line(address in "https?:[/\\\\]{0,3}.{0,60}|.{0,60}") {
            if check(&address, false).is_ok() {
                let location = location(&address).unwrap();
                prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
                let given = Url::parse(&address).unwrap();
                let authority = location.split("://").nth(1).unwrap().split(['/', '?', '#']).next().unwrap();
                prop_assert!(!authority.contains(['@', '\\']));
                for short in ["http://go.acme.example/k", "https://go.acme.example/k"] {
                    let written = Url::parse(short).unwrap().join(&location).unwrap();
                    prop_assert_eq!(written.host_str(), given.host_str());
                }
            }
        }
    }
}
