//! What of a text changes from fetch to fetch without saying anything new: counters, "3 hours ago", related links, ads,
//! tracking, and the many ways to write a quotation mark. In: texts and HTML. Out: what remains, for comparing only.

use html5gum::{Token, Tokenizer};
use std::borrow::Cow;
use std::str::SplitWhitespace;

/// Words of classes and ids (`class="jp-relatedposts"`, split at `-` and `_`) of elements that are not the author's.
const CLASSES: [&str; 28] = [
    "ad",
    "ads",
    "adsbygoogle",
    "adsense",
    "advert",
    "advertisement",
    "addtoany",
    "avatar",
    "counter",
    "feedflare",
    "newsletter",
    "outbrain",
    "postviews",
    "promo",
    "recommendations",
    "recommended",
    "share",
    "sharebar",
    "sharebutton",
    "sharebuttons",
    "sharedaddy",
    "sharethis",
    "sharing",
    "sponsor",
    "sponsored",
    "taboola",
    "viewcount",
    "yarpp",
];
/// Beginnings of such words.
const CLASS_BEGINNINGS: [&str; 1] = ["related"];

/// Lines that begin so are the site's, not the author's; all in lower case.
const LINES: [&str; 10] = [
    "related:",
    "related posts",
    "read also:",
    "see also:",
    "more on this:",
    "you may also like",
    "also read:",
    "lesen sie auch:",
    "mehr zum thema:",
    "lire aussi",
];
/// The same, where they are all that a line says: with more words they may begin a sentence.
const WHOLE_LINES: [&str; 4] = ["advertisement", "anzeige", "werbung", "sponsored"];

/// Characters of the longest beginning, at least.
const LONGEST_LINE: usize = 24;

/// What is counted: a number before one of these words says how often, not what.
const COUNTED: [&str; 21] = [
    "view",
    "views",
    "read",
    "reads",
    "like",
    "likes",
    "share",
    "shares",
    "comment",
    "comments",
    "repl",
    "replies",
    "reply",
    "retweets",
    "boosts",
    "aufrufe",
    "kommentare",
    "kommentar",
    "vues",
    "commentaires",
    "comentarios",
];
const UNITS: [&str; 34] = [
    "s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h", "hr", "hrs",
    "hour", "hours", "d", "day", "days", "week", "weeks", "month", "months", "year", "years", "sekunden",
    "minuten", "stunde", "stunden", "tag", "tagen", "woche", "wochen", "heures", "jours",
];

/// A text for comparing: words as they are, one blank apart, in one spelling of quotation marks, dashes and blanks, without
/// counters, relative times and lines of the site.
pub(crate) fn essence(text: &str) -> String {
    let text = match text.contains('&') {
        true => Cow::Owned(cm_text::html_to_text(text, false)),
        false => Cow::Borrowed(text),
    };
    let mut out = String::with_capacity(text.len());
    let mut plain = String::new();
    for line in text.lines().filter(|line| !is_of_the_site(line)) {
        plain.clear();
        spell(line, &mut plain);
        let has_addresses = plain.contains("://");
        let mut words = plain.split_whitespace();
        while let Some(word) = words.next() {
            if let Some(more) = passing(word, &words) {
                words.nth(more - 1);
                continue;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            match has_addresses.then(|| page_of(word)).flatten() {
                Some(key) => out.push_str(&key),
                None => out.push_str(word),
            }
        }
    }
    out
}

/// An address in a text as the page that it leads to, without scheme and tracking.
fn page_of(word: &str) -> Option<String> {
    if !word.contains("://") {
        return None;
    }
    cm_web::key(word)?.split_once("://").map(|(_, rest)| rest.to_owned())
}

/// Writes a line in one spelling.
fn spell(line: &str, into: &mut String) {
    let mut rest = line;
    // Most of any text is spelled in one way only.
    while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii() || byte == b'`') {
        into.push_str(&rest[..at]);
        let mut chars = rest[at..].chars();
        match chars.next() {
            Some('…') => into.push_str("..."),
            other => into.extend(other.and_then(spelled)),
        }
        rest = chars.as_str();
    }
    into.push_str(rest);
}

/// One spelling of what is written in several ways; nothing of what cannot be seen.
fn spelled(c: char) -> Option<char> {
    Some(match c {
        '‘' | '’' | '‚' | '‛' | '′' | '`' | '´' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' => {
            return None;
        }
        other => other,
    })
}

fn is_of_the_site(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['-', '*', '•', ' ']);
    let bare = line.trim_matches(|c: char| !c.is_alphanumeric());
    // No other letter becomes one of these in lower case.
    if !bare.starts_with(['a', 'A', 'l', 'L', 'm', 'M', 'r', 'R', 's', 'S', 't', 'T', 'w', 'W', 'y', 'Y']) {
        return false;
    }
    let end = line.char_indices().nth(LONGEST_LINE).map_or(line.len(), |(at, _)| at);
    let beginning = line[..end].to_lowercase();
    LINES.iter().any(|of_the_site| beginning.starts_with(of_the_site))
        || WHOLE_LINES.iter().any(|whole| bare.eq_ignore_ascii_case(whole))
        || (beginning.starts_with("the post ") && line.to_lowercase().contains(" appeared first on "))
}

/// How many words after this one say with it only how often or how long ago; `None` where it says something.
fn passing(word: &str, rest: &SplitWhitespace<'_>) -> Option<usize> {
    // A look at one letter spares most words everything else.
    let begins = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let may = |c: char| matches!(c, '0'..='9' | 'v' | 'V' | 'h' | 'H' | 'i' | 'I');
    if !begins.starts_with(may) && !word.ends_with(':') {
        return None;
    }
    let first = bare(word);
    let mut rest = rest.clone();
    let mut next = || rest.next().map(bare).unwrap_or_default();
    let unit = |word: &str| UNITS.contains(&word);
    let counted = |word: &str| COUNTED.contains(&word);
    if is_number(&first) {
        let second = next();
        if unit(&second) && next() == "ago" {
            return Some(2);
        }
        return counted(&second).then_some(1);
    }
    // "3h ago"
    let digits = first.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if is_number(digits) && unit(&first[digits.len()..]) {
        return (next() == "ago").then_some(1);
    }
    match &*first {
        "vor" | "hace" => (is_number(&next()) && unit(&next())).then_some(2),
        "il" => (next() == "y" && next() == "a" && is_number(&next())).then_some(4),
        // "Views: 123"
        _ => (word.ends_with(':') && counted(&first) && is_number(&next())).then_some(1),
    }
}

fn bare(word: &str) -> Cow<'_, str> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    match word.bytes().any(|byte| !byte.is_ascii() || byte.is_ascii_uppercase()) {
        true => Cow::Owned(word.to_lowercase()),
        false => Cow::Borrowed(word),
    }
}

/// `1234`, `1,234`, `1.2k`, `3m` is no number.
fn is_number(word: &str) -> bool {
    let digits = word.strip_suffix('k').unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '\''))
}

/// HTML without the elements whose class or id says that they are the site's: related posts, share buttons, ads, avatars.
/// `None` where there are none, or where more than half of the text would go: then the author's words stand in them.
pub(crate) fn without_blocks(html: &str) -> Option<String> {
    if !["class=", "id="]
        .iter()
        .any(|name| html.match_indices(name).any(|(at, _)| is_noisy(value_at(html, at))))
    {
        return None;
    }
    let (mut out, mut kept, mut dropped) = (String::new(), 0, 0);
    // The element that is left out, and how deep we are in elements of its name.
    let mut inside: Option<(Vec<u8>, usize)> = None;
    for token in Tokenizer::new(html) {
        match token {
            Ok(Token::StartTag(tag)) => {
                if let Some((name, depth)) = &mut inside {
                    *depth += usize::from(**name == *tag.name.0 && !tag.self_closing);
                    continue;
                }
                let marked = |(name, value): (&html5gum::HtmlString, &[u8])| {
                    matches!(&name.0[..], b"class" | b"id") && is_noisy(&String::from_utf8_lossy(value))
                };
                let void = tag.self_closing
                    || matches!(&tag.name.0[..], b"img" | b"br" | b"hr" | b"input" | b"source");
                if tag.attributes.iter().any(|(name, value)| marked((name, &value[..]))) {
                    inside = (!void).then(|| (tag.name.0.clone(), 1));
                    continue;
                }
                let alt = tag.attributes.iter().find(|(name, _)| name.0 == b"alt");
                let alt = alt.map_or(String::new(), |(_, alt)| format!(" alt=\"{}\"", escaped(&alt[..])));
                out.push_str(&format!("<{}{alt}>", String::from_utf8_lossy(&tag.name)));
            }
            Ok(Token::EndTag(tag)) => match &mut inside {
                Some((name, depth)) if **name == *tag.name.0 => {
                    *depth -= 1;
                    if *depth == 0 {
                        inside = None;
                    }
                }
                Some(_) => {}
                None => out.push_str(&format!("</{}>", String::from_utf8_lossy(&tag.name))),
            },
            Ok(Token::String(text)) if inside.is_some() => dropped += text.len(),
            Ok(Token::String(text)) => {
                kept += text.len();
                out.push_str(&escaped(&text[..]));
            }
            _ => {}
        }
    }
    (inside.is_none() && kept >= dropped).then_some(out)
}

/// Some of what stands behind a name of an attribute.
fn value_at(html: &str, at: usize) -> &str {
    let rest = &html[at..];
    let rest = &rest[rest.find('=').map_or(0, |at| at + 1)..];
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest.find(|c| quote.map_or(c == ' ' || c == '>', |quote| c == quote));
    &rest[..end.unwrap_or(rest.len())]
}

fn is_noisy(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        CLASSES.contains(&word) || CLASS_BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
    })
}

fn escaped(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn noise_is_no_difference() {
        for (a, b) in [
            ("It’s “new” – really…", "It's \"new\" - really..."),
            ("Tea  and\n\n coffee", "Tea and coffee"),
            ("Fish &amp; chips", "Fish & chips"),
            ("Posted 3 hours ago by Ana", "Posted 2 days ago by Ana"),
            ("Posted 3h ago by Ana", "Posted 5h ago by Ana"),
            ("vor 3 Stunden: Tee", "vor 14 Stunden: Tee"),
            ("Tea. 1,204 views", "Tea. 1.3k views"),
            ("Tea. Views: 7", "Tea. Views: 8"),
            ("See https://a.example/x?utm_source=rss now", "See http://a.example/x?utm_source=mail now"),
            ("Tea\nRelated: Coffee", "Tea\nRelated: Milk"),
            ("Tea\nThe post Tea appeared first on Blog.", "Tea"),
            ("so\u{AD}da\u{200B}", "soda"),
            ("Tea\n- Anzeige -", "Tea"),
        ] {
            assert_eq!(essence(a), essence(b), "{a} | {b}");
        }
    }

    #[test]
    fn words_and_numbers_that_say_something_are_differences() {
        for (a, b) in [
            ("It costs 3 euros", "It costs 4 euros"),
            ("We ship on Monday", "We do not ship on Monday"),
            ("Acme", "acme"),
            ("See https://a.example/x", "See https://a.example/y"),
            ("opens in 3 days", "opens in 4 days"),
            ("Anzeige gegen Acme erstattet", "Anzeige gegen Acme eingestellt"),
            ("Sponsored cyclists win", "Sponsored cyclists lose"),
            ("", "x"),
        ] {
            assert_ne!(essence(a), essence(b), "{a} | {b}");
        }
    }

    #[test]
    fn blocks_of_the_site_go_and_the_author_stays() {
        let page = |related: &str| {
            format!(
                "<p class='lead'>Tea is <b>hot</b> and good for you &amp; me</p><div id=\"jp-relatedposts\"><div>{related}</div></div>"
            )
        };
        let text = |html: &str| cm_text::html_to_text(&without_blocks(html).unwrap(), false);
        assert_eq!(text(&page("A")), text(&page("B")));
        assert_eq!(text(&page("A")).trim(), "Tea is hot and good for you & me");
        assert_eq!(without_blocks("<p class=lead>x</p>"), None);
        // Drupal puts fields into these, and shareholders are no share buttons.
        for name in ["views-field views-field-body", "shareholder-letter"] {
            assert_eq!(without_blocks(&format!("<p>Long words</p><div class='{name}'>more</div>")), None);
        }
        assert_eq!(
            without_blocks("<div class='share-wrap'><p>All the words</p></div>x"),
            None,
            "the author's words"
        );
        assert_eq!(without_blocks("<p>Some words</p><div class=ads>never closed"), None);
        assert!(without_blocks("<p>Some words</p><img class='avatar' src=x>").is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_read(html in "(<div|<img| class=|'|ads|>|</div>| |é|3 views|&amp;){0,40}") {
            let _ = without_blocks(&html);
            prop_assert!(!essence(&html).contains("  "));
        }
    }
}
