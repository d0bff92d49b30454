//! Domains that nothing may lead to. In: a text with one domain a line, as people and public lists write it. Out: whether
//! a host is one of them or below one.

use std::collections::HashSet;
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
            let name =
                line.strip_prefix("0.0.0.0 ").or_else(|| line.strip_prefix("127.0.0.1 ")).unwrap_or(line);
            if !name.is_empty() {
                let wrong =
                    || (at + 1, format!("{name:?} is no domain: write one a line, such as bad.example"));
                domains.insert(domain(name.trim()).ok_or_else(wrong)?);
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
    fn a_line_that_is_no_domain_is_told() {
        for (text, line) in
            [("a.example\nhttps://b.example/", 2), ("a b", 1), ("\n\na.example:80", 3), ("b*d.example", 1)]
        {
            let (at, why) = BlockList::read(text).unwrap_err();
            assert_eq!(at, line, "{text:?}: {why}");
        }
    }
}
