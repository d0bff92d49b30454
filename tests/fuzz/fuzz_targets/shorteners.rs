//! A byte that chooses the service, then any answer: a link that is read of it has a short address that may be shown, and
//! a name; and any bytes as the name of a link stay within their segment of a path.
#![no_main]

use cm_net::probe::short_link;
use cm_net::shorteners::Named;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, answer)) = bytes.split_first() else { return };
    if let Some(short) = short_link(answer, usize::from(*which)) {
        assert!(short.short_url.to_ascii_lowercase().starts_with("http") && short.short_url.len() <= 512);
        assert!(!short.short_url.chars().any(|c| c.is_control() || c.is_whitespace()));
        assert!(!short.slug.is_empty() && !short.url.is_empty());
    }
    if let Some(named) = Named::read(&String::from_utf8_lossy(answer)) {
        assert!(!named.slug.is_empty() && !named.slug.split('/').any(|part| matches!(part, "" | "." | "..")));
    }
});
