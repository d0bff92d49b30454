//! Addresses of records: `at://DID/COLLECTION/RKEY` (<https://atproto.com/specs/at-uri-scheme>) and the pages of posts.

/// An address's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AtUri<'a> {
    /// DID, or handle.
    pub(super) repo: &'a str,
    /// `app.bsky.feed.post`.
    pub(super) collection: &'a str,
    /// The record's key.
    pub(super) rkey: &'a str,
}

impl AtUri<'_> {
    /// Reads the address of a record; nothing after its key.
    pub(super) fn parse(uri: &str) -> Option<AtUri<'_>> {
        let mut parts = uri.strip_prefix("at://")?.split('/');
        let (repo, collection, rkey) = (parts.next()?, parts.next()?, parts.next()?);
        // What the specification allows in keys, and with `%` in DIDs.
        let sound = |part: &str| {
            !part.is_empty()
                && part.len() <= 2048
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:~-%".contains(&b))
        };
        let whole = parts.next().is_none() && [repo, collection, rkey].into_iter().all(sound);
        whole.then_some(AtUri { repo, collection, rkey })
    }

    /// The page of a post on the web; by DID where the author's handle does not hold, or is not known.
    pub(super) fn page(&self, handle: Option<&str>) -> Option<String> {
        let who = handle.filter(|handle| holds(handle)).unwrap_or(self.repo);
        (self.collection == POSTS).then(|| format!("{}/post/{}", profile(who), self.rkey))
    }
}

/// The collection of posts.
pub(super) const POSTS: &str = "app.bsky.feed.post";

/// Whether a handle is one; servers write `handle.invalid` for a handle that no longer leads to its account.
pub(super) fn holds(handle: &str) -> bool {
    !handle.is_empty()
        && handle != "handle.invalid"
        && !handle.contains(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-')
}

/// The page of an account, by handle or DID.
pub(super) fn profile(who: &str) -> String {
    format!("https://bsky.app/profile/{who}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pages_of_posts() {
        let uri = AtUri::parse("at://did:plc:abc/app.bsky.feed.post/3k2a").unwrap();
        assert_eq!(uri.page(Some("ana.example")).unwrap(), "https://bsky.app/profile/ana.example/post/3k2a");
        for handle in [None, Some("handle.invalid"), Some(""), Some("a/../b")] {
            assert_eq!(uri.page(handle).unwrap(), "https://bsky.app/profile/did:plc:abc/post/3k2a");
        }
        assert_eq!(AtUri::parse("at://did:plc:abc/app.bsky.feed.like/3k2a").unwrap().page(None), None);
    }

    #[test]
    fn what_is_no_record() {
        for text in [
            "",
            "at://",
            "at://did:plc:a",
            "at://did:plc:a/app.bsky.feed.post",
            "at://a/b/c/d",
            "at://a//c",
            "https://a/b/c",
            "at://a/b/c?d",
            "at://a b/b/c",
        ] {
            assert_eq!(AtUri::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(at://)?\\PC{0,60}") {
            let _ = AtUri::parse(&text).map(|uri| uri.page(None));
        }
    }
}
