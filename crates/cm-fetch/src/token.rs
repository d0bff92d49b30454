//! Addresses of personal feeds, which are passwords: whoever has them reads what is only for one. In: an address. Out: the
//! same without its token, so that records, messages and the store do not have it.
//!
//! | feed | its token | what stands in its place |
//! |---|---|---|
//! | Reddit (`reddit.com/prefs/feeds`) | `feed=` beside `user=` | nothing: the user says whose it is |
//! | GitHub, GitLab, Gitea, Patreon, podcast hosts and others | a long `token=`, `feed_token=`, `auth=`, `key=` ... | its hash |
//! | Lemmy (`/feeds/inbox/TOKEN.xml`, the same of `front`, `modlog`, `notifications`) | in the path | a hash, as nothing else says whose it is |

use cm_record::hash_id;
use url::Url;

/// Characters of the hash: enough to tell one's own accounts apart.
const SHOWN: usize = 8;
/// Members of a query that let somebody in, where their value is long enough to be no number or name.
const NAMES: [&str; 11] = [
    "token",
    "feed_token",
    "rss_token",
    "access_token",
    "auth_token",
    "private_token",
    "auth",
    "api_key",
    "apikey",
    "key",
    "secret",
];
const LONG: usize = 16;

/// Whether an address has a token.
pub(crate) fn is_in(url: &Url) -> bool {
    in_query(url) || in_path(url).is_some()
}

/// Takes the token out.
pub(crate) fn veil(url: &mut Url) {
    if in_query(url) {
        let kept = url.query_pairs().filter(|(name, _)| !(is_reddit(url) && name == "feed"));
        let kept = kept.map(|(name, value)| match is_token(&name, &value) {
            true => (name.into(), format!("~{}", short(&value))),
            false => (name.into(), value.into()),
        });
        let kept: Vec<(String, String)> = kept.collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }
    if let Some(path) = in_path(url) {
        url.set_path(&path);
    }
}

fn in_query(url: &Url) -> bool {
    let mut pairs = url.query_pairs();
    pairs.any(|(name, value)| (is_reddit(url) && name == "feed") || is_token(&name, &value))
}

fn is_reddit(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host == "reddit.com" || host.ends_with(".reddit.com"))
}

fn is_token(name: &str, value: &str) -> bool {
    value.len() >= LONG && NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn short(token: &str) -> String {
    let hash = hash_id(&[token]);
    hash[hash.len() - SHOWN..].to_owned()
}

/// The path without the token that it has. Tokens are JWTs: three parts and two dots.
fn in_path(url: &Url) -> Option<String> {
    let (before, name) = url.path().rsplit_once('/')?;
    let token = name.strip_suffix(".xml").unwrap_or(name);
    let is_feed = before.rsplit_once('/').is_some_and(|(above, _)| above.ends_with("/feeds"));
    (is_feed && token.starts_with("ey") && token.matches('.').count() == 2)
        .then(|| format!("{before}/~{}.xml", short(token)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn veiled(text: &str) -> String {
        let mut url: Url = text.parse().unwrap();
        veil(&mut url);
        url.into()
    }

    #[test]
    fn tokens_are_taken_out_and_nothing_else() {
        let jwt = "eyJ0eXAi.eyJzdWIi.c2lnbmF0dXJl";
        assert_eq!(
            veiled("https://old.reddit.com/.rss?feed=hush&user=acme&limit=9"),
            "https://old.reddit.com/.rss?user=acme&limit=9"
        );
        assert_eq!(veiled("https://www.reddit.com/.rss?feed=hush"), "https://www.reddit.com/.rss");
        let inbox = veiled(&format!("https://lemmy.example/feeds/inbox/{jwt}.xml?sort=New"));
        assert!(
            inbox.starts_with("https://lemmy.example/feeds/inbox/~") && inbox.ends_with(".xml?sort=New"),
            "{inbox}"
        );
        for kind in ["front", "modlog", "notifications"] {
            let feed = veiled(&format!("https://lemmy.example/feeds/{kind}/{jwt}.xml"));
            assert!(feed.contains("/~") && !feed.contains("eyJ"), "{feed}");
        }
        assert!(!inbox.contains("eyJ") && veiled(&inbox) == inbox);
        for other in [
            "https://a.example/?feed=rss2",
            "https://lemmy.example/feeds/c/tea.xml",
            "https://notreddit.com/?feed=x&b=%20+",
        ] {
            assert_eq!(veiled(other), other);
            assert!(!is_in(&other.parse().unwrap()));
        }
    }

    #[test]
    fn long_keys_of_queries_are_tokens_wherever_they_stand() {
        let patron = veiled("https://pods.example/rss/acme?auth=Zx81Zx81Zx81Zx81&show=7");
        assert!(patron.starts_with("https://pods.example/rss/acme?auth=%7E") && patron.ends_with("&show=7"));
        assert!(!patron.contains("Zx81") && veiled(&patron) == patron, "{patron}");
        let other = veiled("https://pods.example/rss/acme?auth=Zx81Zx81Zx81Zx82&show=7");
        assert_ne!(other, patron, "told apart");
        for plain in ["https://a.example/feed?key=tea", "https://a.example/feed?tokens=Zx81Zx81Zx81Zx81"] {
            assert_eq!(veiled(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn no_token_is_left(token in "[a-zA-Z0-9]{20,60}", user in "[a-z]{1,9}") {
            let reddit = format!("https://www.reddit.com/r/tea/new/.rss?user={user}&feed={token}");
            prop_assert!(!veiled(&reddit).contains(&token));
            let lemmy = format!("https://lemmy.example/feeds/inbox/ey{token}.{token}.{token}.xml");
            prop_assert!(!veiled(&lemmy).contains(&token));
        }
    }
}
