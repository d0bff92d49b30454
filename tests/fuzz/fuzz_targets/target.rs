//! Any address: what is not refused is written as one header line that leads every program to the same public host.
#![no_main]

use cm_shorten::probe::location;
use libfuzzer_sys::fuzz_target;
use std::net::IpAddr;

fuzz_target!(|text: &str| {
    for given in [text.to_owned(), format!("https://{text}"), format!("http:/{text}")] {
        let Some(location) = location(&given) else { continue };
        assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
        let (scheme, rest) = location.split_once("://").expect("it is whole");
        assert!(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        assert!(!authority.is_empty() && !authority.contains(['@', '\\']));
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            assert!(cm_net::is_public(address));
        }
        assert!(!authority.eq_ignore_ascii_case("go.acme.example"));
    }
});
