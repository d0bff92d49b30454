//! Deterministic ids (docs/record.md, "Ids"): the same thing met twice has the same id, on any machine.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// US, the unit separator: it stands in no id, address or text that people write.
const SEPARATOR: &[u8] = &[0x1F];

/// The id of an item that has a native id: the native id itself when it is a URI, else `urn:cm:item:` and 32 hex digits
/// of SHA-256 over `source US native_id`.
pub fn item_id(source: &str, native_id: &str) -> String {
    if is_uri(native_id) { native_id.to_owned() } else { hash_id(&[source, native_id]) }
}

/// `urn:cm:item:` and 32 hex digits of SHA-256 over the parts joined by US (0x1F).
pub fn hash_id(parts: &[&str]) -> String {
    made("urn:cm:item:", parts)
}

/// The id of a draft: `urn:cm:draft:` and the hash over parent id, account and text.
pub fn draft_id(parent: &str, account: &str, text: &str) -> String {
    made("urn:cm:draft:", &[parent, account, text])
}

/// The id of a post: `urn:cm:post:` and the hash over record id, account and purpose (`share`, `reply` or an action).
pub fn post_id(record: &str, account: &str, purpose: &str) -> String {
    made("urn:cm:post:", &[record, account, purpose])
}

fn made(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            hash.update(SEPARATOR);
        }
        hash.update(part.as_bytes());
    }
    let mut id = prefix.to_owned();
    for byte in &hash.finalize()[..16] {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// An absolute URI that fits an id: a scheme of two or more characters (one letter is a drive), a colon, something
/// after it, and nothing that RFC 3986 and 3987 forbid everywhere.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.is_empty()
        && text.len() <= crate::checked::MAX_ID
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_are_the_documented_ones() {
        let parent = "https://fosstodon.example/users/ana/statuses/113012345678901234";
        let draft = draft_id(parent, "mastodon:acme", "Sorry Ana, fixed now: https://acme.example/shop?id=7");
        assert_eq!(draft, "urn:cm:draft:b34d3a11e598ef37fd85ab6e80ee759f");
        assert_eq!(post_id(&draft, "mastodon:acme", "reply"), "urn:cm:post:7f7f913d611549183e3963d2f11fdcd4");
    }

    #[test]
    fn uris_are_kept_and_other_native_ids_hashed() {
        for uri in
            ["https://a.example/1", "tag:a.example,2026:1", "at://did:plc:x/app.bsky.feed.post/3k", "urn:x:y"]
        {
            assert_eq!(item_id("wordpress:blog", uri), uri);
        }
        for other in ["4711", "a b: c", "C:\\x", "", "note:", "é:x", "https://a.example/<b>"] {
            let id = item_id("wordpress:blog", other);
            assert!(id.starts_with("urn:cm:item:") && id.len() == 44, "{other}: {id}");
            assert_eq!(id, hash_id(&["wordpress:blog", other]));
        }
        assert_ne!(item_id("a", "4711"), item_id("b", "4711"));
        assert!(item_id("a", &format!("urn:{}", "x".repeat(4000))).starts_with("urn:cm:item:"));
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(hash_id(&["ab", "c"]), hash_id(&["a", "bc"]));
    }
}
