//! Handles in running text: `@ana`, `@ana@fosstodon.example`, `@acme.bsky.example`.

use cm_text::{Link, fold};

/// A handle where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The first byte: that of its `@`.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Without the first `@`, folded.
    pub name: String,
}

/// The handles of a text; none in its links, and none in mail addresses. A name is what all networks allow: ASCII letters,
/// digits and low lines, with full stops and hyphens inside (twitter-text allows no more, Mastodon's `MENTION_RE` these,
/// on Bluesky it is a domain); the host behind it may be of any letters.
pub fn handles(text: &str, links: &[Link]) -> Vec<Handle> {
    let mut list = Vec::new();
    let mut links = links.iter().peekable();
    let mut at = 0;
    while let Some(start) = next_sign(text, at) {
        let body = start + text[start..].chars().next().map_or(1, char::len_utf8);
        let end = handle_end(text, body);
        at = body.max(end);
        while links.next_if(|link| link.end <= start).is_some() {}
        let linked = links.peek().is_some_and(|link| link.start <= start);
        if end > body && !linked && begins(&text[..start], &text[body..end]) && ends(&text[end..]) {
            list.push(Handle { start, end, name: fold(&text[body..end], true) });
        }
    }
    list
}

/// Where the next `@` or `＠` stands.
fn next_sign(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_sign = |at: usize| match bytes[at] {
        b'@' => true,
        0xEF => text[at..].starts_with('＠'),
        _ => false,
    };
    (from..bytes.len()).find(|at| is_sign(*at))
}

/// Whether a handle can begin behind this: not in a mail address or a word. Scripts that set no spaces may stand right
/// before it, and so may the `RT` of old.
fn begins(before: &str, name: &str) -> bool {
    let Some(last) = before.chars().next_back() else { return true };
    let joined = last.is_alphanumeric() && last < '\u{E00}'
        || matches!(last, '_' | '!' | '#' | '$' | '%' | '&' | '*' | '@' | '＠' | '/' | '=' | '+');
    !joined || !name.contains('.') && is_repeat(before)
}

/// Whether a text ends with the word `RT`.
fn is_repeat(before: &str) -> bool {
    let start = before.len().saturating_sub(2);
    let Some((rest, word)) = before.split_at_checked(start) else { return false };
    let parted = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '+' | '~' | '.' | '-');
    word.eq_ignore_ascii_case("rt") && rest.chars().next_back().is_none_or(parted)
}

/// Whether a handle can end before this: `@http://` is none, nor is `@aliceì`, in NFC or NFD (`latinAccentChars` of
/// twitter-text).
fn ends(after: &str) -> bool {
    let latin =
        |c: char| c.is_alphabetic() && c < '\u{250}' || matches!(c, '\u{300}'..='\u{36F}' | 'Ḁ'..='ỿ');
    !after.starts_with("://") && !after.starts_with(latin) && !after.starts_with(['@', '＠'])
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn is_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// Where the handle ends whose name starts here, its host included; a full stop that ends the sentence is not part of it.
fn handle_end(text: &str, start: usize) -> usize {
    let run = |from: usize, belongs: fn(char) -> bool| {
        let length = text[from..].find(|c| !belongs(c)).unwrap_or(text.len() - from);
        from + text[from..from + length].trim_end_matches(['.', '-']).len()
    };
    if text[start..].starts_with(['.', '-']) {
        return start;
    }
    let name = run(start, is_name);
    match text[name..].strip_prefix('@') {
        Some(host) if name > start && host.starts_with(char::is_alphanumeric) => run(name + 1, is_host),
        _ => name,
    }
}

/// Whether a handle is the one meant; the name alone means it on any host.
pub fn means(wanted: &crate::query::Pattern, handle: &str) -> bool {
    wanted.is(handle) || handle.split_once('@').is_some_and(|(name, _)| wanted.is(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn handles_as_networks_write_them() {
        let names = |text: &str| handles(text, &[]).into_iter().map(|h| h.name).collect::<Vec<_>>();
        assert_eq!(
            names("@Ana and @bo@x.example. (@c.bsky.example)"),
            ["ana", "bo@x.example", "c.bsky.example"]
        );
        assert_eq!(names("mail ana@acme.example or @ or @@x https://a.example/@ana"), [""; 0]);
        assert_eq!(names(".@ana の@boに cc:＠cy RT@dee “@e_f”"), ["ana", "bo", "cy", "dee", "e_f"]);
        assert_eq!(names("@ana@müller.example, @a@café.example."), ["ana@müller.example", "a@café.example"]);
        assert_eq!(names("f!@kn é@x.example art@x.example @_@ @http://x @aliceì @.x rt@x.example"), [""; 0]);
        let text = "é @ana!";
        let found = &handles(text, &[])[0];
        assert_eq!(&text[found.start..found.end], "@ana");
    }

    proptest! {
        #[test]
        fn any_text_is_harmless(text in "\\PC*|[@a.＠é-]*") {
            for handle in handles(&text, &[]) {
                prop_assert!(text[handle.start..handle.end].starts_with(['@', '＠']));
            }
        }
    }
}
