//! The address guard: private, loopback, link-local and reserved addresses are refused when connecting.
//! In: addresses in URLs and what names resolve to. Out: the addresses, or a refusal before a packet leaves.
//!
//! The check stands inside name resolution, so that the addresses judged are the ones connected to: a name that
//! answers differently the second time gains nothing.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::error::Error as StdError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::{fmt, io};
use url::{Host, Url};

/// IPv4 blocks that are not on the public internet: first address and prefix length, from the IANA IPv4
/// Special-Purpose Address Registry, with multicast (RFC 5771). The two anycast addresses of 192.0.0.0/24 that are
/// globally reachable lead to one's own gateway and stay refused.
const NOT_PUBLIC_4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private use
    ([100, 64, 0, 0], 10),   // shared address space
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link local, cloud metadata
    ([172, 16, 0, 0], 12),   // private use
    ([192, 0, 0, 0], 24),    // IETF protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // 6to4 relays, deprecated
    ([192, 168, 0, 0], 16),  // private use
    ([198, 18, 0, 0], 15),   // benchmarking
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved
    ([255, 255, 255, 255], 32),
];

/// IPv6 blocks within global unicast (2000::/3) that are not on the public internet, from the IANA IPv6
/// Special-Purpose Address Registry. Everything outside 2000::/3 is refused but for embedded IPv4 addresses.
const NOT_PUBLIC_6: [([u16; 2], u32); 3] = [
    ([0x2001, 0x0000], 23), // IETF protocol assignments, Teredo among them
    ([0x2001, 0x0db8], 32), // documentation
    ([0x3fff, 0x0000], 20), // documentation
];

/// Whether an address is on the public internet (IANA special-purpose registries, RFC 6890; mapped, NAT64 and 6to4
/// forms are judged by the address within).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_4(v4),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public_4(v4),
            None => is_public_6(v6),
        },
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !NOT_PUBLIC_4.iter().any(|(first, length)| (bits ^ u32::from_be_bytes(*first)) >> (32 - length) == 0)
}

fn is_public_6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let head = u32::from(a) << 16 | u32::from(b);
    let within = |(first, length): &([u16; 2], u32)| {
        (head ^ (u32::from(first[0]) << 16 | u32::from(first[1]))) >> (32 - length) == 0
    };
    a >> 13 == 1 && !NOT_PUBLIC_6.iter().any(within)
}

/// The IPv4 address that an IPv6 address stands for: `::ffff:0:0/96` (mapped), `64:ff9b::/96` (NAT64, RFC 6052) and
/// `2002::/16` (6to4, RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let two = |high: u16, low: u16| Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => two(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => two(high, low),
        [0x2002, high, low, ..] => two(high, low),
        _ => None,
    }
}

/// How everything ends that is said of what only this guard keeps back, so that tools know it again, also in their stores.
pub const GUARDED: &str = "give --allow-private if that is meant";

/// An address that may not be connected to.
#[derive(Debug)]
pub(crate) struct Forbidden {
    host: String,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a public address: {GUARDED}", self.host)
    }
}

impl StdError for Forbidden {}

/// Refuses an address that is written in the URL itself, which never reaches the resolver, and `localhost` (RFC 6761, 6.3),
/// also where a proxy would resolve it.
pub(crate) fn check(url: &Url) -> Result<(), Forbidden> {
    match url.host() {
        Some(Host::Ipv4(v4)) => judge(IpAddr::V4(v4)),
        Some(Host::Ipv6(v6)) => judge(IpAddr::V6(v6)),
        Some(Host::Domain(name)) => {
            let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
            if last == "localhost" { Err(Forbidden { host: name.to_owned() }) } else { Ok(()) }
        }
        None => Ok(()),
    }
}

fn judge(address: IpAddr) -> Result<(), Forbidden> {
    if is_public(address) { Ok(()) } else { Err(Forbidden { host: address.to_string() }) }
}

/// All of what a name resolves to, or a refusal when any of it is not public: a name that has both is an attempt to get past
/// the guard, or a network that is not for strangers.
fn judged(found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Forbidden> {
    found.iter().try_for_each(|address| judge(address.ip())).map(|()| found)
}

/// A name that does not resolve.
#[derive(Debug)]
pub(crate) struct Unresolved(io::Error);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Unresolved {}

/// Resolves names with the system's resolver and, where it guards, judges what they resolve to. What it returns is what is
/// connected to.
#[derive(Clone, Copy)]
pub(crate) struct Resolver {
    pub(crate) guarded: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.guarded;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(Unresolved)?.collect();
            Ok(Box::new(if guarded { judged(found)? } else { found }.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every block of the two registries: first and last address within, and the public neighbours where there are any.
    #[test]
    fn registries() {
        let refused = [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "169.254.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.8",
            "192.0.0.170",
            "192.0.0.255",
            "192.0.2.0",
            "192.0.2.255",
            "192.88.99.0",
            "192.88.99.2",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.0",
            "198.51.100.255",
            "203.0.113.0",
            "203.0.113.255",
            "224.0.0.0",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
            "::",
            "::1",
            "::10.0.0.1",
            "::8.8.8.8",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "64:ff9b:1:ffff::8.8.8.8",
            "100::",
            "100:0:0:1::1",
            "2001::1",
            "2001:0:ffff::1",
            "2001:2::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2001:db8:ffff::1",
            "2002:a00:1::1",
            "2002:7f00:1::",
            "2002:c0a8:101::",
            "3fff::1",
            "3fff:fff:ffff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ffff:ffff::1",
        ];
        for text in refused {
            assert!(!is_public(text.parse().unwrap()), "{text} let through");
        }
        let public = [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.31.196.1",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "8.8.8.8",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2001:db7::1",
            "2001:db9::1",
            "2002:808:808::1",
            "2606:4700::1111",
            "3ffe:ffff::1",
            "3fff:1000::1",
            "2620:4f:8000::1",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text} refused");
        }
    }

    #[test]
    fn every_spelling_of_a_literal() {
        for text in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::ffff:a00:1]/",
            "http://127.1/",
            "http://0300.0250.1.1/",
            "http://0xa000001/",
            "http://10.1/",
            "http://0/",
            "http://[::]/",
            "http://[0:0:0:0:0:ffff:7f00:1]/",
            "http://[::ffff:0:10.0.0.1]/",
            "http://[64:ff9b::a00:1]/",
            "http://[2002:a00:1::1]/",
            "http://[fe80::1]/",
            "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
            "http://127\u{3002}0.0.1/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
        ] {
            assert!(check(&text.parse().unwrap()).is_err(), "{text}");
        }
        for text in [
            "http://8.8.8.8/",
            "http://news.example/",
            "http://localhost.example/",
            "http://[64:ff9b::808:808]/",
        ] {
            assert!(check(&text.parse().unwrap()).is_ok(), "{text}");
        }
    }

    /// Whatever the order: the one that is public does not open the door for the other.
    #[test]
    fn a_name_with_both_is_refused() {
        let found =
            |texts: &[&str]| texts.iter().map(|t| SocketAddr::new(t.parse().unwrap(), 0)).collect::<Vec<_>>();
        for mixed in [
            ["8.8.8.8", "127.0.0.1"],
            ["10.0.0.1", "8.8.8.8"],
            ["2606:4700::1111", "::ffff:10.0.0.1"],
            ["64:ff9b::7f00:1", "8.8.8.8"],
            ["8.8.8.8", "2002:c0a8:101::"],
        ] {
            assert!(judged(found(&mixed)).is_err(), "{mixed:?}");
        }
        let public = found(&["8.8.8.8", "2606:4700::1111"]);
        assert_eq!(judged(public.clone()).unwrap(), public, "what was judged is what is connected to");
    }
}
