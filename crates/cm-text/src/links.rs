//! Links found in running text.

/// A link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The address exactly as written.
    pub url: String,
}

/// The http and https links of a text, in order, without trailing punctuation and with balanced brackets.
pub fn find_links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("://")) {
        let colon = from + found;
        from = colon + "://".len();
        let Some(start) = scheme_start(text, colon) else { continue };
        let end = from
            + address_length(text.get(from..).unwrap_or_default(), text.get(..start).unwrap_or_default());
        if let Some(url) = text.get(start..end).filter(|_| end > from) {
            links.push(Link { start, end, url: url.to_owned() });
            from = end;
        }
    }
    links
}

/// Where the `http` or `https` before a `://` begins; not inside of a longer word.
fn scheme_start(text: &str, colon: usize) -> Option<usize> {
    let before = text.get(..colon)?;
    ["https", "http"].iter().find_map(|scheme| {
        let (rest, written) = before.split_at_checked(before.len().checked_sub(scheme.len())?)?;
        let inside_word = rest.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'));
        (written.eq_ignore_ascii_case(scheme) && !inside_word).then_some(rest.len())
    })
}

/// The most brackets that an address leaves open. One that is never closed ends the address, and what follows it is read
/// again: without a bound, a run of them would be read once for each.
const MAX_OPEN: usize = 16;

/// How many bytes after the scheme belong to the address; 0 when there is no host. The host is judged first, so that
/// no run of false starts is read more than once.
fn address_length(rest: &str, before: &str) -> usize {
    let host = match host(rest) {
        Some(Host::Whole) => rest,
        Some(Host::Ends(at)) => return rest.get(..at).unwrap_or_default().trim_end_matches(clings).len(),
        None => return 0,
    };
    let opening = before.chars().next_back().filter(|c| matches!(c, '\'' | '|'));
    let mut open = Vec::new();
    let mut end = host.len();
    let mut in_query = false;
    for (byte, c) in host.char_indices() {
        let closes = match c {
            '(' | '[' | '{' => {
                open.push((byte, c));
                open.len() > MAX_OPEN
            }
            ')' | ']' | '}' => open.pop_if(|(_, opener)| pairs(*opener, c)).is_none(),
            '\'' | '|' if opening == Some(c) => true,
            ',' | ';' | '|' => !in_query && begins_address(host, byte + 1),
            other => ends_address(other),
        };
        if closes {
            end = byte;
            break;
        }
        in_query |= c == '?';
    }
    let unclosed = open.first().map_or(end, |(byte, _)| (*byte).min(end));
    rest.get(..unclosed).unwrap_or_default().trim_end_matches(clings).len()
}

/// Whether the next link of a list begins there: `https://a.example/x,https://b.example/y`.
fn begins_address(text: &str, at: usize) -> bool {
    let starts = |scheme: &str| {
        let written = text.get(at..).and_then(|rest| rest.get(..scheme.len()));
        written.is_some_and(|written| written.eq_ignore_ascii_case(scheme))
    };
    starts("https://") || starts("http://")
}

/// The host that an address begins with.
enum Host {
    /// What follows it may belong to the address.
    Whole,
    /// The address ends with it, after so many bytes: what follows can be neither host nor port.
    Ends(usize),
}

/// The host of an address, if it begins with one that can exist: labels of 1 to 63 characters that no hyphen or
/// underscore begins or ends, no underscore in the last two, which somebody had to register, and no hyphen in a top domain.
fn host(rest: &str) -> Option<Host> {
    let ends = |c| matches!(c, '/' | '?' | '#' | '(' | ')' | '{' | '}') || ends_address(c);
    let authority = rest.split(ends).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if user.contains(['[', ']', '|', '\'']) {
        return None;
    }
    if let Some(address) = host.strip_prefix('[') {
        let (inner, _) = address.split_once(']')?;
        return inner.parse::<std::net::Ipv6Addr>().is_ok().then_some(Host::Whole);
    }
    let host =
        host.split(['[', ']', '\'', '|', ',', ';']).next().unwrap_or_default().trim_end_matches(clings);
    let end = possible(host);
    let name = host.get(..end)?.split(':').next().unwrap_or_default();
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut labels = name.rsplit('.').enumerate();
    let is_good = labels.all(|(place, label)| {
        (1..=63).contains(&label.chars().count())
            && !label.starts_with(['-', '_'])
            && !label.ends_with(['-', '_'])
            && (place > 1 || !label.contains('_'))
            && (place > 0 || label.len() == name.len() || !label.contains('-') || label.starts_with("xn--"))
    });
    let begin = authority.rfind('@').map_or(0, |at| at + 1);
    is_good.then_some(if end < host.len() { Host::Ends(begin + end) } else { Host::Whole })
}

/// How much of a host can be one, where the writing goes on without a blank: `a.example:80だよ`, `a.exampleだよ`. No top
/// domain begins in ASCII and goes on in another script than Latin.
fn possible(host: &str) -> usize {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let dot = name.strip_suffix('.').unwrap_or(name).rfind('.');
    let top = dot.and_then(|dot| name.get(dot + 1..)).unwrap_or_default();
    let is_foreign = |c: char| c > '\u{24f}';
    match (top.find(is_foreign), port) {
        (Some(at), _) if at > 0 => name.len() - top.len() + at,
        (_, None) => name.len(),
        (_, Some(port)) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            name.len() + if digits > 0 { 1 + digits } else { 0 }
        }
    }
}

fn pairs(opener: char, closer: char) -> bool {
    matches!((opener, closer), ('(', ')') | ('[', ']') | ('{', '}'))
}

/// White space, what RFC 3986 leaves out to delimit addresses in text, quotes, marks of direction, and the punctuation of
/// scripts that set no space after a sentence.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`' | '\\' | '…' | '«' | '»' | '‹' | '›' | '⟨' | '⟩' | '\u{2018}'..='\u{201f}')
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}')
        || matches!(c, '\u{feff}' | '\u{fffc}' | '\u{fffd}')
        || matches!(c, '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}') // 。、「」『』【】《》 and the like
        || matches!(c, '！' | '（' | '）' | '，' | '．' | '：' | '；' | '？' | '［' | '］' | '｛' | '｝' | '｡' | '､' | '｢' | '｣')
}

/// Marks of emphasis and sentences that cling to an address's end, and characters that nobody sees. A joiner may stand
/// inside: emoji and words of some scripts need it.
fn clings(c: char) -> bool {
    matches!(c, '*' | '_' | '~' | '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '|')
        || matches!(c, '–' | '—' | '•' | '·' | '・' | '･' | '～' | '〜' | '‼' | '⁇' | '⁈' | '⁉')
        || matches!(
            c,
            '،' | '؛' | '؟' | '۔' | '।' | '॥' | '։' | '՞' | '՜' | '\u{200c}' | '\u{200d}' | '\u{ad}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn urls(text: &str) -> Vec<String> {
        find_links(text).into_iter().map(|link| link.url).collect()
    }

    /// What might be read again from every start: these would take minutes.
    #[test]
    fn no_run_of_starts_is_read_again_and_again() {
        assert_eq!(urls(&"http://-".repeat(400_000)), [""; 0]);
        for open in ["http://a.example/(", "http://[::1]([{"] {
            let found = urls(&open.repeat(20_000));
            assert_eq!(found.len(), 20_000);
            assert_eq!(found[7], open.trim_end_matches(['(', '[', '{']));
        }
    }

    #[test]
    fn punctuation_around_a_link_is_not_the_link() {
        for (text, expected) in [
            ("See https://a.example/b_(c). Next", "https://a.example/b_(c)"),
            ("(https://a.example/x)", "https://a.example/x"),
            ("<https://a.example/x>", "https://a.example/x"),
            ("\"https://a.example/x\"", "https://a.example/x"),
            ("[text](https://a.example/x)", "https://a.example/x"),
            ("**https://a.example/x**", "https://a.example/x"),
            ("https://a.example/x…", "https://a.example/x"),
            ("„https://a.example/x“", "https://a.example/x"),
            ("看https://a.example/路径。次", "https://a.example/路径"),
            ("HTTPS://A.Example/X", "HTTPS://A.Example/X"),
            ("https://müller.example/ü?q=ß", "https://müller.example/ü?q=ß"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://127.0.0.1:8087/k7qmtd ok", "http://127.0.0.1:8087/k7qmtd"),
            ("https://a.example/?a=1&b=2#c", "https://a.example/?a=1&b=2#c"),
            ("_https://a.example/x_ and", "https://a.example/x"),
            ("'https://a.example/x's", "https://a.example/x"),
            ("https://a.example/it's", "https://a.example/it's"),
            ("http://sub_domain.a.example/", "http://sub_domain.a.example/"),
            ("https://a.example/x(y", "https://a.example/x"),
            ("({https://a.example/[x]})", "https://a.example/[x]"),
            ("https://a.example/x?to=https://b.example/y", "https://a.example/x?to=https://b.example/y"),
            ("https://🍵.example/x", "https://🍵.example/x"),
            (
                "https://👨\u{200d}👩.example/👨\u{200d}👩\u{200d}",
                "https://👨\u{200d}👩.example/👨\u{200d}👩",
            ),
            ("https://i❤\u{fe0f}.example/", "https://i❤\u{fe0f}.example/"),
            ("‹https://a.example/x›", "https://a.example/x"),
            ("‚https://a.example/x‘", "https://a.example/x"),
            ("\u{2066}https://a.example/x\u{202c}\u{2069}", "https://a.example/x"),
            ("https://a.example/x\u{2060}y", "https://a.example/x"),
            ("https://a.example/x\u{ad}", "https://a.example/x"),
            ("https://a.example/x؟", "https://a.example/x"),
            ("https://a.example/x– and", "https://a.example/x"),
            ("https://a.example/Hatfield–McCoy", "https://a.example/Hatfield–McCoy"),
            ("https://a.example/レ・ミゼラブル・", "https://a.example/レ・ミゼラブル"),
            ("|https://a.example/x|b|", "https://a.example/x"),
            ("||https://a.example/x||", "https://a.example/x"),
            ("https://a.example/x?p=1|0||2", "https://a.example/x?p=1|0||2"),
            ("https://a.exampleだよ", "https://a.example"),
            ("https://u@a.exampleだよ/x", "https://u@a.example"),
            ("https://a.example🍵", "https://a.example"),
            ("https://a.example:8080だよ", "https://a.example:8080"),
            ("https://a.example:だよ", "https://a.example"),
            ("https://exampleこれは.com/x", "https://exampleこれは.com/x"),
            ("https://a.vermögensberatung/x", "https://a.vermögensberatung/x"),
            ("https://a.みんな/x", "https://a.みんな/x"),
            (
                "https://web.a.example/web/2020/https://b.example/",
                "https://web.a.example/web/2020/https://b.example/",
            ),
            (
                "https://a.example/?all=https://b.example,https://c.example",
                "https://a.example/?all=https://b.example,https://c.example",
            ),
        ] {
            assert_eq!(urls(text), [expected], "{text}");
        }
        let list = "https://a.example/x,1,https://b.example;HTTP://c.example|https://d.example";
        assert_eq!(
            urls(list),
            ["https://a.example/x,1", "https://b.example", "HTTP://c.example", "https://d.example"]
        );
        for text in [
            "a.example/x",
            "www.a.example",
            "ftp://a.example/",
            "mailto:a@b.example",
            "https://",
            "http://a.example-that-had-no-blank",
            "http:///x",
            "https://…",
            "xhttp:/y",
            "xhttps://y.example",
            "git+https://a.example",
        ] {
            assert_eq!(urls(text), [""; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_link_stands_where_it_says_and_is_found_alone(text in "(https?://|[a-z.]{1,5}|[ ()<>…。*\\[\\]/?#&]|\\PC){0,30}") {
            let mut last = 0;
            for link in find_links(&text) {
                prop_assert!(link.start >= last);
                prop_assert_eq!(&text[link.start..link.end], link.url.as_str());
                prop_assert_eq!(urls(&link.url), [link.url.clone()]);
                last = link.end;
            }
        }
    }
}
