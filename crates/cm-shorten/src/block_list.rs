//! Domains that nothing may lead to. In: a text with one domain a line, as people and public lists write it. Out: whether
//! a host is one of them or below one.

use std::collections::HashSet;
use std::net::IpAddr;
use url::Url;

/// The domains, in lower case and punycode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockList {
    domains: HashSet<String>,
}

impl BlockList {
    /// Reads a list: one domain or address a line, `#` begins a comment, and the form of a hosts file
    /// (`0.0.0.0 bad.example`) will do.
    /// Errors: the line, from 1, and what is wrong with it.
    pub fn read(text: &str) -> Result<BlockList, (usize, String)> {
        let mut domains = HashSet::new();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            let names = in_hosts_file(line).unwrap_or_else(|| vec![line]);
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                let wrong =
                    || (at + 1, format!("{name:?} is no domain: write one a line, such as bad.example"));
                domains.insert(domain(name).ok_or_else(wrong)?);
            }
        }
        Ok(BlockList { domains })
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// The listed domain that an address is on or below.
    pub fn holds(&self, url: &Url) -> Option<&str> {
        if self.domains.is_empty() {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.');
        let mut name = Some(host);
        while let Some(found) = name {
            if let Some(domain) = self.domains.get(found) {
                return Some(domain);
            }
            // Only names have something above them.
            name = found.split_once('.').map(|(_, rest)| rest).filter(|_| url.domain().is_some());
        }
        None
    }
}

/// The names of a line of a hosts file (an address, blanks, names) but for those of the machine itself, `localhost` and
/// its like, which have no dot.
fn in_hosts_file(line: &str) -> Option<Vec<&str>> {
    let (address, names) = line.split_once(char::is_whitespace)?;
    // `fe80::1%lo0`: an address may be of one interface.
    address.split('%').next()?.parse::<IpAddr>().ok()?;
    Some(names.split_whitespace().filter(|name| name.contains('.')).collect())
}

/// A domain as addresses have it.
fn domain(text: &str) -> Option<String> {
    let text = text.strip_prefix("*.").unwrap_or(text).trim_matches('.');
    let has_port = text.contains(':') && !text.starts_with('[');
    if text.is_empty() || has_port || text.contains(|c: char| c.is_whitespace() || "/@?#*\\".contains(c)) {
        return None;
    }
    let url = Url::parse(&format!("http://{text}/")).ok()?;
    url.port().is_none().then(|| url.host_str().map(str::to_owned)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_blocks_what_is_below_it() {
        let list = "\u{feff}# bad ones\nBad.Example\r\n0.0.0.0 ads.example # ads\n*.bücher.example\n.dot.example.\n203.0.113.9\n\n[2001:db8::1]\n";
        let list = BlockList::read(list).unwrap();
        let blocked = |address: &str| list.holds(&address.parse().unwrap()).map(str::to_owned);
        for address in [
            "https://bad.example/",
            "https://WWW.bad.example.:8443/x",
            "http://a.b.ads.example/",
            "https://bücher.example",
            "https://x.dot.example/",
            "http://203.0.113.9/",
            "http://3405803785/",
            "http://[2001:db8::1]:80/",
        ] {
            assert!(blocked(address).is_some(), "{address}");
        }
        for address in [
            "https://notbad.example/",
            "https://example/",
            "https://bad.example.org/",
            "http://203.0.113.90/",
        ] {
            assert_eq!(blocked(address), None, "{address}");
        }
        assert_eq!(BlockList::default().holds(&"https://bad.example/".parse().unwrap()), None);
    }

    #[test]
    fn a_hosts_file_is_taken_as_people_have_it() {
        let hosts = "127.0.0.1\tlocalhost localhost.localdomain\n255.255.255.255 broadcasthost\n::1 ip6-localhost\nfe80::1%lo0 localhost\n\
                     0.0.0.0\tads.example\tads2.example # two\n0.0.0.0  wide.example\n0.0.0.0 0.0.0.0\n:: six.example\n";
        let list = BlockList::read(hosts).unwrap();
        for blocked in ["ads.example", "x.ads2.example", "wide.example", "six.example"] {
            assert!(list.holds(&format!("https://{blocked}/").parse().unwrap()).is_some(), "{blocked}");
        }
        assert_eq!(list.holds(&"http://localhost/".parse().unwrap()), None);
    }

    #[test]
    fn a_line_that_is_no_domain_is_told() {
        for (text, line) in
            [("a.example\nhttps://b.example/", 2), ("a b", 1), ("\n\na.example:80", 3), ("b*d.example", 1)]
        {
            let (at, why) = BlockList::read(text).unwrap_err();
            assert_eq!(at, line, "{text:?}: {why}");
        }
    }
}
