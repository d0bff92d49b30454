//! What may be kept of a user agent, so that a later table can classify it anew. In: a `User-Agent`. Out: a line that
//! hundreds share: the names of known browsers and apps with their major version, the family of the system, and the
//! names of products that nobody knows yet. No device, build, language, minor version, id, address or number is in it.
//!
//! It is written like a user agent (lower case, comments in parentheses), and `classify` reads it as one.

use crate::agent::is_mail_address;
use crate::agent_table::{COMPATIBLE, PLATFORMS};
use crate::{Agent, classify};
use std::fmt::Write;

/// The longest, in bytes.
const LONGEST: usize = 160;
/// What is looked at of a user agent, in bytes.
const LOOKED_AT: usize = 1024;
/// So many names that nobody knows are kept.
const UNKNOWN: usize = 4;

/// Browsers, apps and engines of people, kept with their major version.
#[rustfmt::skip] // words by the line, not one a line
const KNOWN: &[&str] = &[
    "chrome", "chromium", "firefox", "safari", "version", "edge", "edg", "edga", "edgios", "opera", "opr", "opios", "opt",
    "crios", "fxios", "gsa", "samsungbrowser", "vivaldi", "yabrowser", "ucbrowser", "ucweb", "miuibrowser", "huaweibrowser",
    "heytapbrowser", "vivobrowser", "silk", "duckduckgo", "ddg", "focus", "klar", "brave", "whale", "qqbrowser", "mqqbrowser",
    "micromessenger", "qq", "weibo", "line", "instagram", "barcelona", "fban", "fbav", "fb_iab", "twitter", "tiktok",
    "musical_ly", "bytelocale", "snapchat", "pinterest", "linkedinapp", "telegram", "whatsapp", "viber", "msie", "trident",
    "konqueror", "epiphany", "seamonkey", "palemoon", "waterfox", "librewolf", "iceweasel", "thunderbird", "lynx", "links",
    "elinks", "w3m", "dillo", "netsurf", "midori", "falkon", "electron", "cfnetwork", "darwin", "dalvik", "curl", "java",
    "go", "php", "ruby", "okhttp", "bluesky", "mastodon",
];

/// Words that say which system or kind of device it is, or how it reads; kept without a version.
#[rustfmt::skip] // words by the line, not one a line
const SYSTEMS: &[&str] = &[
    "windows", "macintosh", "mac", "x11", "linux", "ubuntu", "fedora", "cros", "android", "iphone", "ipad", "ipod", "ios",
    "mobile", "tablet", "tv", "smarttv", "wv", "compatible", "khtml", "webos", "tizen", "kaios", "playstation", "xbox",
    "nintendo", "freebsd", "openbsd", "netbsd", "blackberry", "symbian", "j2me", "midp", "headless",
];

/// Noise that every browser carries, and words that would tell more of a person than they say of the program.
#[rustfmt::skip] // words by the line, not one a line
const NOISE: &[&str] = &[
    "gecko", "applewebkit", "like", "build", "rv", "os", "cpu", "intel", "ppc", "arm", "arm64", "aarch64", "x86_64", "i686",
    "win64", "wow64", "x64", "nt", "u", "n", "i", "of", "the", "and", "release", "ver", "model", "scale", "locale",
];

/// The signature of a user agent.
pub fn signature(user_agent: &str) -> String {
    let start = user_agent.get(..user_agent.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
    let agent = start.to_ascii_lowercase();
    let verdict = classify(user_agent);
    let mut kept = Kept { is_person: verdict.agent == Agent::Human, ..Kept::default() };
    kept.read(&agent);
    let mut text = kept.text;
    if text.is_empty() && !agent.trim_matches([' ', '-']).is_empty() {
        text.push('+');
    }
    // The word that decided stays, however it stood: it is one of our own table's. Of a person, only that it is one.
    if classify(&text).agent != verdict.agent {
        if kept.is_person {
            return "mozilla (browser)".to_owned();
        }
        let _ = write!(text, " ({})", verdict.rule);
    }
    // A rule of shape is no word of the table: what decided by shape is kept as the plainest of its kind.
    if classify(&text).agent != verdict.agent {
        return "mozilla (compatible; unnamed)".to_owned();
    }
    text
}

#[derive(Default)]
struct Kept {
    text: String,
    is_person: bool,
    unknown: usize,
}

impl Kept {
    /// Keeps what may be kept of each part: outside of parentheses, and inside.
    fn read(&mut self, agent: &str) {
        let is_mozilla = agent.starts_with("mozilla");
        if is_mozilla {
            self.text.push_str("mozilla");
        }
        let mut rest = agent.strip_prefix("mozilla").map_or(agent, |rest| {
            rest.trim_start_matches(|c: char| c == '/' || c == '.' || c.is_ascii_digit())
        });
        while !rest.is_empty() {
            let (outside, after) = rest.split_once(['(', '[']).unwrap_or((rest, ""));
            outside
                .split([' ', ';', ',', ')', ']'])
                .for_each(|word| self.word(word, !is_mozilla || word.contains('/')));
            let (inside, after) = after.split_once([')', ']']).unwrap_or((after, ""));
            self.comment(inside);
            rest = after;
        }
    }

    /// A comment tells of the device: only what is known of it is kept, and who says to be `compatible`.
    fn comment(&mut self, inside: &str) {
        if inside.is_empty() {
            return;
        }
        let mut inner = Kept { is_person: self.is_person, unknown: self.unknown, text: String::new() };
        let named = inside.trim_start().starts_with("compatible") || !self.is_person;
        let words = inside.split([' ', ';', ',', '(']);
        words.for_each(|word| inner.word(word, named && !word.starts_with(|c: char| c.is_ascii_digit())));
        self.unknown = inner.unknown;
        if self.text.len() + inner.text.len() + 3 <= LONGEST {
            let gap = if self.text.is_empty() { "" } else { " " };
            let inner = inner.text.replacen("compatible ", "compatible; ", 1);
            let _ = write!(self.text, "{gap}({inner})");
        }
    }

    fn word(&mut self, word: &str, may_be_unknown: bool) {
        if word.contains("://") || word.starts_with("+www.") || word.starts_with("www.") {
            self.push("http://", "");
        } else if is_mail_address(word.trim_start_matches('+')) {
            self.push("name@host.example", "");
        } else {
            let (name, version) = word.split_once(['/', ':']).unwrap_or((word, ""));
            self.product(name, version, may_be_unknown);
        }
    }

    fn product(&mut self, name: &str, version: &str, may_be_unknown: bool) {
        let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if name.is_empty() || NOISE.contains(&name) {
            return;
        }
        if SYSTEMS.contains(&name) {
            self.push(name, "");
        } else if KNOWN.contains(&name) {
            self.push(name, major(version));
        } else if let Some(family) =
            SYSTEMS.iter().find(|family| family.len() > 3 && name.starts_with(*family))
        {
            self.push(family, "");
        } else if may_be_unknown && self.unknown < UNKNOWN && is_name(name) {
            self.unknown += 1;
            self.push(name, if self.is_person { "" } else { major(version) });
        } else if PLATFORMS.contains(&name) || COMPATIBLE.contains(&name) {
            self.push(name, "");
        }
    }

    fn push(&mut self, name: &str, version: &str) {
        let there = self.text.split([' ', '(', ')']).any(|word| word.split('/').next() == Some(name));
        if there || self.text.len() + name.len() + version.len() + 2 > LONGEST {
            return;
        }
        let gap = if self.text.is_empty() { "" } else { " " };
        let slash = if version.is_empty() { "" } else { "/" };
        let _ = write!(self.text, "{gap}{name}{slash}{version}");
    }
}

/// The first number of a version; more than three digits are a build or a date.
fn major(version: &str) -> &str {
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    if (1..=3).contains(&end) { &version[..end] } else { "" }
}

/// A product's name: letters, perhaps joined; digits tell one device from another.
fn is_name(name: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphabetic());
    // `en-us` and `de_de` are languages.
    let is_language = name.len() == 5 && matches!(name.as_bytes()[2], b'-' | b'_') || name.len() < 3;
    (3..=32).contains(&name.len()) && !is_language && name.split(['-', '_', '.', '+', '!']).all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_kept() {
        for (user_agent, kept) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "mozilla (x11 linux) firefox/140",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-X910 Build/AP3A.240905; de-de) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.7390.55 Mobile Safari/537.36",
                "mozilla (linux android) (khtml) chrome/141 mobile safari/537",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 390.0.0.28 (iPhone14,5; iOS 18_6; de_DE; scale=3.00; 1170x2532; 760243981)",
                "mozilla (iphone mac) (khtml) mobile instagram (iphone ios)",
            ),
            ("curl/8.5.0", "curl/8"),
            (
                "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
                "slackbot-linkexpanding (http://)",
            ),
            ("Mozilla/5.0 (compatible; Nobody-Knows/1.0)", "mozilla (compatible; nobody-knows/1)"),
            ("Visitor (ana.b@visits.example)", "visitor (name@host.example)"),
            (
                "Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 NewProgram/2.1 8f3a9c77-11ab",
                "mozilla (windows) chrome/141 newprogram",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko; compatible; BW/1.2) Chrome/124.0 Safari/537.36",
                "mozilla (compatible; unnamed)",
            ),
            ("", ""),
            ("-", ""),
            ("12345678", "+"),
        ] {
            assert_eq!(signature(user_agent), kept, "{user_agent}");
        }
    }

    proptest! {
        #[test]
        fn a_signature_is_short_has_no_long_number_and_no_address(user_agent in "\\PC*|[a-zA-Z0-9/(); @.:+-]{0,300}") {
            let kept = signature(&user_agent);
            prop_assert!(kept.len() <= LONGEST + 40 && kept.is_ascii(), "{}", kept);
            let mut digits = 0;
            for byte in kept.bytes() {
                digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
                prop_assert!(digits <= 3, "{}", kept);
            }
            prop_assert_eq!(classify(&kept).agent, classify(&user_agent).agent, "{}", &kept);
            prop_assert!(!kept.contains('@') || kept.contains("name@host.example"), "{}", kept);
        }
    }
}
