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

/// The handles of a text; none in its links, and none in mail addresses.
pub fn handles(text: &str, links: &[Link]) -> Vec<Handle> {
    let mut list = Vec::new();
    let mut links = links.iter().peekable();
    let mut at = 0;
    while let Some(found) = text[at..].find(['@', '＠']) {
        let start = at + found;
        let body = start + text[start..].chars().next().map_or(1, char::len_utf8);
        let end = handle_end(text, body);
        at = body.max(end);
        let joined =
            text[..start].chars().next_back().is_some_and(|c| is_handle(c) || matches!(c, '@' | '/' | '&'));
        while links.next_if(|link| link.end <= start).is_some() {}
        let linked = links.peek().is_some_and(|link| link.start <= start);
        if end > body && !joined && !linked {
            list.push(Handle { start, end, name: fold(&text[body..end], true) });
        }
    }
    list
}

fn is_handle(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// Where the handle ends whose name starts here, its host included; a full stop that ends the sentence is not part of it.
fn handle_end(text: &str, start: usize) -> usize {
    let run = |from: usize| {
        let length = text[from..].find(|c| !is_handle(c)).unwrap_or(text.len() - from);
        from + text[from..from + length].trim_end_matches(['.', '-']).len()
    };
    let name = run(start);
    match text[name..].strip_prefix('@') {
        Some(host) if name > start && host.starts_with(char::is_alphanumeric) => run(name + 1),
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
