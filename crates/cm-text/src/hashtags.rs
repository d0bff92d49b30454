//! Hashtags found in running text, by the rule of the network that it stands on.

use crate::links::Link;
use unicode_normalization::char::is_combining_mark;

/// Whose rule says where a hashtag begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashtagRule {
    /// twitter-text, which most networks follow: letters, marks, digits and a few joiners, with at least one letter.
    TwitterText,
    /// Mastodon (`HASHTAG_RE` of app/models/tag.rb): letters, marks, digits, low lines and middle dots, not only digits.
    Mastodon,
    /// Bluesky (`TAG_REGEX` of @atproto/api, rich-text/util.ts): everything up to a blank, without the punctuation at its
    /// end, at most 64 UTF-16 units.
    Bluesky,
}

/// A hashtag where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashtag {
    /// The first byte: that of its `#`.
    pub start: usize,
    /// The first byte of its name.
    pub name: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The hashtags of a text, in order; none in its links. Deliberately stricter than the networks where a `&` stands before
/// (`&#x27;` is a character that was written twice as HTML).
pub fn find_hashtags(text: &str, links: &[Link], rule: HashtagRule) -> Vec<Hashtag> {
    let mut found = Vec::new();
    let mut links = links.iter().peekable();
    let mut from = 0;
    while let Some(start) = next_sign(text, from) {
        let name = start + sign_length(text, start);
        from = name;
        while links.next_if(|link| link.end <= start).is_some() {}
        let (before, after) = (&text[..start], &text[name..]);
        if links.peek().is_some_and(|link| link.start <= start) || !rule.begins(before) {
            continue;
        }
        let length = if is_keycap(after) { 0 } else { rule.length(after) };
        if length > 0 {
            from = name + length;
            found.push(Hashtag { start, name, end: from });
        }
    }
    found
}

/// Where the next `#` or `＃` stands.
fn next_sign(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_sign = |at: usize| match bytes[at] {
        b'#' => true,
        0xEF => text[at..].starts_with('＃'),
        _ => false,
    };
    (from..bytes.len()).find(|at| is_sign(*at))
}

fn sign_length(text: &str, start: usize) -> usize {
    text[start..].chars().next().map_or(1, char::len_utf8)
}

impl HashtagRule {
    /// Whether a hashtag can begin behind this.
    fn begins(self, before: &str) -> bool {
        let Some(last) = before.chars().next_back() else { return true };
        match self {
            HashtagRule::TwitterText => {
                matches!(last, '\u{FE0E}' | '\u{FE0F}')
                    || !is_twitter(last) && last != '&' && !is_address(before)
            }
            HashtagRule::Mastodon => !last.is_alphanumeric() && !matches!(last, '=' | '/' | ')' | '&'),
            HashtagRule::Bluesky => last.is_whitespace(),
        }
    }

    /// The length of the name that a text begins with; 0 where that is none.
    fn length(self, text: &str) -> usize {
        match self {
            HashtagRule::TwitterText => twitter_text(text),
            HashtagRule::Mastodon => mastodon(text),
            HashtagRule::Bluesky => bluesky(text),
        }
    }
}

/// The most bytes of a host, by RFC 1035: further back no full stop is looked for.
const HOST: usize = 253;

/// Whether a text ends as an address without a scheme: `acme.example/`.
fn is_address(before: &str) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(HOST))..];
    let run = near.rsplit(char::is_whitespace).next().unwrap_or_default();
    before.ends_with('/') && run.contains('.')
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !belongs(c)).unwrap_or(text.len())]
}

fn twitter_text(text: &str) -> usize {
    let name = run(text, is_twitter);
    let ends = !text[name.len()..].starts_with(['#', '＃']) && !text[name.len()..].starts_with("://");
    if ends && name.contains(is_letter) { name.len() } else { 0 }
}

/// `#️⃣` is a picture.
fn is_keycap(text: &str) -> bool {
    text.starts_with(['\u{FE0F}', '\u{20E3}'])
}

/// The marks of Unicode (General_Category M), as they follow their letters in decomposed text.
pub fn is_mark(c: char) -> bool {
    is_combining_mark(c)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c)
}

/// Letters, digits, and what twitter-text calls special characters of hashtags.
fn is_twitter(c: char) -> bool {
    is_letter(c)
        || is_digit(c)
        || matches!(
            c,
            '_' | '\u{200C}'
                | '\u{200D}'
                | '\u{A67E}'
                | '\u{5BE}'
                | '\u{5F3}'
                | '\u{5F4}'
                | '～'
                | '〜'
                | '\u{309B}'
                | '\u{309C}'
                | '゠'
                | '・'
                | '〃'
                | '\u{F0B}'
                | '\u{F0C}'
                | '·'
        )
}

/// Decimal digits; not the other numbers: superscripts, fractions, circled numbers.
fn is_digit(c: char) -> bool {
    c.is_numeric()
        && !c.is_alphabetic()
        && !matches!(c, '²' | '³' | '¹' | '¼'..='¾' | '⁰'..='⅟' | '①'..='⒛' | '⓪'..='⓿' | '❶'..='➓' | '㈠'..='㋿')
}

fn mastodon(text: &str) -> usize {
    let is_separator = |c: char| matches!(c, '_' | '·' | '・' | '\u{200C}');
    let is_word = |c: char| is_letter(c) || is_digit(c) || c == '_';
    let whole = run(text, |c| is_word(c) || is_separator(c)).trim_end_matches(|c| !is_word(c));
    let mut chars = whole.chars();
    let joined = chars.next().is_some_and(is_word)
        && chars.next_back().is_some()
        && chars.any(|c| is_letter(c) || is_separator(c));
    if joined {
        return whole.len();
    }
    let name = run(text, is_word);
    if name.contains(is_letter) { name.len() } else { 0 }
}

fn bluesky(text: &str) -> usize {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '\u{AD}' | '\u{2060}' | '\u{200A}'..='\u{200D}' | '\u{20E2}')
    };
    let name = run(text, |c| !ends(c)).trim_end_matches(is_punctuation);
    let says_something = name.contains(|c: char| !is_digit(c) && !is_punctuation(c));
    let short = name.encode_utf16().count() <= 64;
    if says_something && short { name.len() } else { 0 }
}

/// The punctuation of Unicode (General_Category P), as far as it ends words in living scripts.
fn is_punctuation(c: char) -> bool {
    match c {
        '\0'..='\x7f' => {
            c.is_ascii_punctuation() && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')
        }
        _ => {
            matches!(c, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{37E}' | '\u{387}' | '\u{55A}'..='\u{55F}'
            | '\u{589}'..='\u{58A}' | '\u{5BE}' | '\u{5C0}' | '\u{5C3}' | '\u{5F3}'..='\u{5F4}' | '\u{60C}'..='\u{60D}'
            | '\u{61B}' | '\u{61D}'..='\u{61F}' | '\u{66A}'..='\u{66D}' | '\u{6D4}' | '\u{964}'..='\u{965}'
            | '\u{970}' | '\u{E4F}' | '\u{E5A}'..='\u{E5B}' | '\u{F04}'..='\u{F12}' | '\u{104A}'..='\u{104F}'
            | '\u{1361}'..='\u{1368}' | '\u{17D4}'..='\u{17D6}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}'
            | '\u{2045}'..='\u{2051}' | '\u{2053}'..='\u{205E}' | '\u{2308}'..='\u{230B}' | '\u{2329}'..='\u{232A}'
            | '\u{2768}'..='\u{2775}' | '\u{27E6}'..='\u{27EF}' | '\u{2983}'..='\u{2998}' | '\u{2E00}'..='\u{2E2E}'
            | '\u{2E30}'..='\u{2E4F}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}'
            | '\u{3030}' | '\u{303D}' | '゠' | '・' | '\u{FE10}'..='\u{FE19}' | '\u{FE30}'..='\u{FE61}' | '\u{FF01}'..='\u{FF03}'
            | '\u{FF05}'..='\u{FF0A}' | '\u{FF0C}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF1B}' | '\u{FF1F}'..='\u{FF20}'
            | '\u{FF3B}'..='\u{FF3D}' | '\u{FF3F}' | '\u{FF5B}' | '\u{FF5D}' | '\u{FF5F}'..='\u{FF65}')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find_links;
    use proptest::prelude::*;

    fn tags(text: &str, rule: HashtagRule) -> String {
        let found = find_hashtags(text, &find_links(text), rule);
        found.iter().map(|tag| &text[tag.name..tag.end]).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_network_has_its_rule() {
        for (text, twitter, mastodon, bluesky) in [
            ("a #Tag, (#b) ＃c.", "Tag b c", "Tag b c", "Tag c"),
            ("#1 #1a #_ #1_2", "1a", "1a 1_2", "1a"),
            ("#col·lecció #a· b", "col·lecció a·", "col·lecció a", "col·lecció a"),
            ("C#sharp &#39; &#x27; a#b", "", "", ""),
            ("https://x.example/#frag x.example/#frag (#ok #ok", "ok ok", "ok ok", "ok"),
            ("#咖啡店。#don’t", "咖啡店 don", "咖啡店 don", "咖啡店。#don’t"),
            ("😡#tag #️⃣tag", "tag", "tag", ""),
            ("#a#b #with,comma! ##c", "with c", "a with c", "a#b with,comma #c"),
            ("\u{200f}#שלום #می\u{200c}خواهم", "שלום می\u{200c}خواهم", "שלום می\u{200c}خواهم", "می"),
        ] {
            assert_eq!(tags(text, HashtagRule::TwitterText), twitter, "{text}");
            assert_eq!(tags(text, HashtagRule::Mastodon), mastodon, "{text}");
            assert_eq!(tags(text, HashtagRule::Bluesky), bluesky, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_harmless(text in "\\PC*|[#＃a1_·é & \u{301}\u{fe0f}.]*", rule in prop::sample::select(vec![
            HashtagRule::TwitterText, HashtagRule::Mastodon, HashtagRule::Bluesky,
        ])) {
            let mut last = 0;
            for tag in find_hashtags(&text, &[], rule) {
                prop_assert!(tag.start >= last && tag.name < tag.end);
                prop_assert!(matches!(&text[tag.start..tag.name], "#" | "＃"));
                last = tag.end;
            }
        }
    }
}
