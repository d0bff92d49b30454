//! Whose address a request has: the peer's, or behind proxies that the configuration names what the last of them says.

use cm_cli::Failure;
use hyper::header::{HeaderMap, HeaderName};
use std::net::IpAddr;

/// The proxies that are believed.
#[derive(Debug, Default)]
pub struct Proxies(Vec<Network>);

/// An address with the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Proxies {
    /// Reads `proxies`: addresses and networks such as `10.0.0.0/8`.
    pub fn read(names: &[String]) -> Result<Proxies, Failure> {
        let wrong = |name: &String| {
            Failure::config(format!(
                "[shorten] proxies: {name:?} is not an address or network, such as 10.0.0.1 or 10.0.0.0/8"
            ))
        };
        names
            .iter()
            .map(|name| Network::read(name).ok_or_else(|| wrong(name)))
            .collect::<Result<_, _>>()
            .map(Proxies)
    }

    /// The client's address. `X-Forwarded-For` is read from its end, where our own proxies wrote; what a client put
    /// before that is never reached.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if self.0.is_empty() {
            return client;
        }
        let values: Vec<_> = headers.get_all(HeaderName::from_static("x-forwarded-for")).iter().collect();
        let hops = values.iter().rev().flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
        let hops = hops.map(|hop| std::str::from_utf8(hop).unwrap_or_default());
        for hop in hops {
            if !self.0.iter().any(|network| network.holds(client)) {
                break;
            }
            match address(hop.trim()) {
                Some(before) => client = before,
                None => break,
            }
        }
        client
    }
}

/// An address as proxies write it: bare, with a port, in brackets.
fn address(hop: &str) -> Option<IpAddr> {
    let inner = hop.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let bare = inner.unwrap_or(hop);
    let found =
        bare.parse().ok().or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()));
    found.map(|address: IpAddr| address.to_canonical())
}

impl Network {
    fn read(text: &str) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse::<IpAddr>().ok()?, prefix.parse().ok()?),
            None => {
                let address = text.parse::<IpAddr>().ok()?;
                (address, if address.is_ipv4() { 32 } else { 128 })
            }
        };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        (prefix <= longest).then_some(Network { address, prefix })
    }

    fn holds(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.prefix,
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.prefix,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    fn client(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let names: Vec<String> = proxies.iter().map(|name| (*name).to_owned()).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Proxies::read(&names).unwrap().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_named_proxies_are_believed() {
        assert_eq!(client(&[], "10.0.0.1", &["203.0.113.9"]), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.1"], "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_the_client_wrote_itself_is_not_reached() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1", "203.0.113.9", "10.0.0.2"]),
            "203.0.113.9"
        );
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1, nonsense"]), "10.0.0.1");
        // Some proxies put what they saw behind whatever the client sent.
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1, é, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1", "é"]), "10.0.0.1");
        assert_eq!(client(&["fd00::/8"], "fd00::1", &["[2606:4700::1]:80"]), "2606:4700::1");
    }

    #[test]
    fn networks_are_checked() {
        for wrong in ["", "10.0.0.0/33", "x", "10.0.0/8", "::/129"] {
            assert!(Proxies::read(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
        assert_eq!(client(&["0.0.0.0/0"], "1.2.3.4", &["5.6.7.8"]), "5.6.7.8");
    }

    proptest! {
        #[test]
        fn any_header_is_read(hops in "[0-9a-f:.,\\[\\] ]{0,60}") {
            let _ = client(&["0.0.0.0/0", "::/0"], "10.0.0.1", &[&hops]);
        }
    }
}
