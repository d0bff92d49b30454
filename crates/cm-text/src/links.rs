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
    if !has_host(rest) {
        return 0;
    }
    let quoted = before.ends_with('\'');
    let mut open = Vec::new();
    let mut end = rest.len();
    for (byte, c) in rest.char_indices() {
        let closes = match c {
            '(' | '[' | '{' => {
                open.push((byte, c));
                open.len() > MAX_OPEN
            }
            ')' | ']' | '}' => open.pop_if(|(_, opener)| pairs(*opener, c)).is_none(),
            '\'' => quoted,
            other => ends_address(other),
        };
        if closes {
            end = byte;
            break;
        }
    }
    let unclosed = open.first().map_or(end, |(byte, _)| (*byte).min(end));
    rest.get(..unclosed).unwrap_or_default().trim_end_matches(clings).len()
}

/// Whether an address begins with a host that can exist: labels of 1 to 63 characters that no hyphen or underscore
/// begins or ends, and no underscore in the last two, which somebody had to register.
fn has_host(rest: &str) -> bool {
    let ends = |c| matches!(c, '/' | '?' | '#' | '(' | ')' | '{' | '}') || ends_address(c);
    let authority = rest.split(ends).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if let Some(address) = host.strip_prefix('[') {
        return address.split_once(']').is_some_and(|(inner, _)| inner.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let host = host.split(['[', ']', '\'']).next().unwrap_or_default().trim_end_matches(clings);
    let name = host.split(':').next().unwrap_or_default();
    let mut labels = name.strip_suffix('.').unwrap_or(name).rsplit('.').enumerate();
    labels.all(|(place, label)| {
        (1..=63).contains(&label.chars().count())
            && !label.starts_with(['-', '_'])
            && !label.ends_with(['-', '_'])
            && (place > 1 || !label.contains('_'))
    })
}

fn pairs(opener: char, closer: char) -> bool {
    matches!((opener, closer), ('(', ')') | ('[', ']') | ('{', '}'))
}

/// White space, what RFC 3986 leaves out to delimit addresses in text, and the punctuation of scripts that set no space
/// after a sentence.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`' | '\\' | '…' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' | '\u{200b}' | '\u{feff}')
        || matches!(c, '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}') // 。、「」『』【】《》 and the like
        || matches!(c, '！' | '（' | '）' | '，' | '．' | '：' | '；' | '？' | '［' | '］' | '｛' | '｝' | '｡' | '､')
}

/// Marks of emphasis and sentences that cling to an address's end.
fn clings(c: char) -> bool {
    matches!(c, '*' | '_' | '~' | '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '|')
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
        ] {
            assert_eq!(urls(text), [expected], "{text}");
        }
        for text in [
            "a.example/x",
            "ftp://a.example/",
            "mailto:a@b.example",
            "https://",
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
