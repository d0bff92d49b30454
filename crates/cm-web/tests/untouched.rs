//! Of 100,000 links with nothing to strip, none is altered by a byte: links as people paste them, made from a fixed seed.

use cm_web::{clean, key};

/// A small generator, so that every run tries the same links (Marsaglia's xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn text(&mut self, letters: &str, longest: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        (0..self.below(longest) + 1).map(|_| letters[self.below(letters.len())]).collect()
    }
}

const HOSTS: &[&str] = &[
    "shop.example",
    "www.news.example",
    "Blog.Example",
    "bücher.example",
    "例え.example",
    "🍵.example",
    "a.example:8443",
    "en.wikipedia.org",
    "github.com",
    "docs.google.com",
    "www.youtube.com",
    "youtu.be",
    "www.amazon.de",
    "www.reddit.com",
    "x.com",
    "www.facebook.com",
    "www.linkedin.com",
    "medium.com",
    "open.spotify.com",
    "www.bing.com",
    "8.8.8.8",
    "[2606:4700::1]",
    "xn--bcher-kva.example",
    "a-b.c-d.co.uk",
    "sub_domain.example.org",
    "example.com.",
];
const SEGMENTS: &[&str] = &[
    "watch",
    "dp",
    "B000TEST",
    "Primer_(film)",
    "a%2Fb",
    "%C3%A4",
    "%e4",
    "ä",
    "100%",
    "%zz",
    "tea;v=2",
    "~user",
    "a+b",
    "@ana",
    "item=mbk-59",
    ".well-known",
    "..",
    "",
    "x,y",
    "r",
    "comments",
    "index.php",
    "It's",
    "{id}",
    "a:b",
    "ref",
    "utm_source=x",
];
/// Names that look like tracking and are none, or not on every site.
const NAMES: &[&str] = &[
    "id",
    "q",
    "page",
    "ref",
    "source",
    "medium",
    "campaign",
    "utm",
    "utm_",
    "xutm_source",
    "s",
    "t",
    "tag",
    "th",
    "v",
    "list",
    "index",
    "fbid",
    "clid",
    "gcl",
    "mkt",
    "spm",
    "cmpid",
    "xtor",
    "_ga",
    "__s",
    "awc",
    "token",
    "sig",
    "X-Amz-Signature",
    "filter[a][]",
    "a%5Bb%5D",
    "größe",
    "redirect_uri",
    "code",
    "state",
    "sk",
    "unlocked_article_code",
    "raw",
    "context",
    "story_fbid",
    "gl",
    "hl",
    "psc",
    "amp;utm_source",
    "unfurl%3Futm_source",
    "returnUrl",
    "lang",
    "type",
    "cid",
    "aff",
];
const VALUES: &[&str] = &[
    "",
    "=",
    "1",
    "a+b",
    "a%20b",
    "%2B",
    "%",
    "%zz",
    "ä",
    "YVpg+TLL/Ow==",
    "eyJhbGciOiJub25lIn0.e30.",
    "1;b=2",
    "a?b=c",
    "https://b.example/?utm_source=x",
    "https%3A%2F%2Fb.example%2F%3Futm_source%3Dx",
    "{\"a\":[1]}",
    "(x)",
    "it's",
    "a|b",
    "1,2,3",
    "2026-11-23T10:00:00+01:00",
    "//b.example",
    "utm_source",
    "\\",
    "~",
    "*",
    "$",
    "🍵",
];
const FRAGMENTS: &[&str] = &[
    "top",
    "/route?utm_source=a",
    "!/inbox",
    ":~:text=a&b",
    "L10-L20",
    "",
    "a=1",
    "access_token=x&state=y",
    "?utm_source=x",
    "%23",
    "ä",
    "section/utm_source=x",
    "t=42",
];

fn link(chance: &mut Chance) -> String {
    let mut link = chance.of(&["https://", "https://", "http://", "HTTPS://"]).to_owned() + chance.of(HOSTS);
    for _ in 0..chance.below(5) {
        link.push('/');
        match chance.below(3) {
            0 => link += &chance.text("abcdefghij0123456789-_.~", 12),
            _ => link += chance.of(SEGMENTS),
        }
    }
    if chance.below(4) > 0 {
        link.push('?');
        for at in 0..chance.below(5) {
            link += chance.of(&["&", "&", "&", "&&", ";"]).get(..usize::from(at > 0)).unwrap_or_default();
            link += chance.of(NAMES);
            if chance.below(4) == 0 {
                continue;
            }
            link.push('=');
            match chance.below(3) {
                0 => link += &chance.text("abcXYZ019%+-_.~!*'()/:@,;", 16),
                _ => link += chance.of(VALUES),
            }
        }
        link += chance.of(&["", "", "", "&", "?"]);
    }
    if chance.below(4) == 0 {
        link.push('#');
        link += chance.of(FRAGMENTS);
    }
    link
}

/// Names that are tracking on the very hosts above: such links have something to strip.
fn has_something(link: &str) -> bool {
    let Some((head, rest)) = link.split_once('?') else { return false };
    let names: &[&str] = match head.split('/').nth(2).unwrap_or_default() {
        "x.com" => &["s", "t"],
        "www.bing.com" => &["sk"],
        "medium.com" => &["source"],
        _ => return false,
    };
    let query = rest.split('#').next().unwrap_or_default();
    query.split('&').any(|segment| names.contains(&segment.split('=').next().unwrap_or_default()))
}

#[test]
fn of_100_000_links_with_nothing_to_strip_none_is_altered() {
    let mut chance = Chance(0x2545_F491_4F6C_DD1D);
    let mut altered = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while seen.len() < 100_000 {
        let link = link(&mut chance);
        if has_something(&link) || !seen.insert(link.clone()) {
            continue;
        }
        let cleaned = clean(&link);
        if cleaned.url != link || !cleaned.removed.is_empty() || !cleaned.unwrapped.is_empty() {
            altered.push((link, cleaned));
        }
    }
    assert!(
        altered.is_empty(),
        "{} altered: {:#?}",
        altered.len(),
        altered.iter().take(10).collect::<Vec<_>>()
    );
}

/// The same links with tracking among their parameters: what is left is the very link.
#[test]
fn what_was_added_goes_and_nothing_else() {
    const TRACKING: &[&str] = &[
        "utm_source=news%20letter",
        "fbclid=IwAR0-x_y",
        "utm_medium",
        "GCLID=1",
        "mtm_campaign=a+b",
        "msclkid=",
    ];
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for _ in 0..20_000 {
        let link = link(&mut chance);
        let (page, fragment) =
            link.split_once('#').map_or((link.as_str(), String::new()), |(p, f)| (p, format!("#{f}")));
        let separator = if page.contains('?') { "&" } else { "?" };
        let tracked = format!("{page}{separator}{}&{}{fragment}", chance.of(TRACKING), chance.of(TRACKING));
        let cleaned = clean(&tracked).url;
        // A `?` with nothing but separators after it goes with the tracking that stood there.
        let (head, query) = page.split_once('?').unwrap_or((page, ""));
        let rest = if query.chars().all(|c| c == '&') { head } else { page };
        assert_eq!(cleaned, clean(&format!("{rest}{fragment}")).url, "{tracked}");
        assert_eq!(key(&cleaned), key(&tracked), "{tracked}");
    }
}
