//! What must hold of what cm-shorten reads of other shorteners, whatever it is given. In: any bytes. The fuzz targets call
//! these with bytes of their own making; crates/cm-shorten/tests/corpus.rs replays what is in the corpus.

use cm_net::probe::short_link;
use cm_net::shorteners::Named;
use cm_shorten::probe;

/// A target and what it checks.
pub type Check = (&'static str, fn(&[u8]));

/// All of them.
pub const CHECKS: [Check; 2] = [("import", import), ("shorteners", shorteners)];

/// A byte that chooses the product, then any file: it is read to an end, twice the same, and its rows are not more than its
/// bytes.
pub fn import(bytes: &[u8]) {
    let Some((from, file)) = bytes.split_first() else { return };
    let found = probe::import(file, *from);
    assert_eq!(probe::import(file, *from), found);
    assert!(found.0 + found.1 <= file.len());
}

/// A byte that chooses the service, then any answer: a link that is read of it has a short address that may be shown, and
/// a name; and any bytes as the name of a link stay within their segment of a path.
pub fn shorteners(bytes: &[u8]) {
    let Some((which, answer)) = bytes.split_first() else { return };
    if let Some(short) = short_link(answer, usize::from(*which)) {
        assert!(short.short_url.to_ascii_lowercase().starts_with("http") && short.short_url.len() <= 512);
        assert!(!short.short_url.chars().any(|c| c.is_control() || c.is_whitespace()));
        assert!(!short.slug.is_empty() && !short.url.is_empty());
    }
    if let Some(named) = Named::read(&String::from_utf8_lossy(answer)) {
        assert!(!named.slug.is_empty() && !named.slug.split('/').any(|part| matches!(part, "" | "." | "..")));
    }
}
