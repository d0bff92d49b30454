//! LinkedIn's little text format (<https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format>):
//! `@[Acme](urn:li:organization:42)` is a mention, `{hashtag|\#|tea}` a tag, and a backslash takes the meaning of the next character away.
//! In: such a text. Out: what people read, and its tags.

/// What people read, and tags without `#`.
pub(super) fn plain(text: &str) -> (String, Vec<String>) {
    let (mut said, mut tags) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((name, after)) = mention(rest) {
            said.push_str(&unescaped(name));
            rest = after;
        } else if let Some((tag, after)) = hashtag(rest) {
            let tag = unescaped(tag);
            said.push('#');
            said.push_str(&tag);
            tags.push(tag);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('\\').filter(|after| !after.is_empty()) {
            let escaped = after.chars().next().unwrap_or_default();
            said.push(escaped);
            rest = &after[escaped.len_utf8()..];
        } else {
            said.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    (said, tags)
}

/// `@[name](urn)`.
fn mention(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = until(text.strip_prefix("@[")?, ']')?;
    let (_urn, rest) = until(rest.strip_prefix('(')?, ')')?;
    Some((name, rest))
}

/// `{hashtag|\#|tag}`.
fn hashtag(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = until(text.strip_prefix("{hashtag|")?, '}')?;
    Some((until(inside, '|')?.1, rest))
}

/// What stands before a character that nothing takes the meaning of, and after it.
fn until(text: &str, end: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == end => return Some((&text[..at], &text[at + c.len_utf8()..])),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut chars = text.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_read() {
        for (text, read, tags) in [
            (r"hot \(very\) \#1 \\o/", r"hot (very) #1 \o/", &[][..]),
            (r"ask @[Acme \[Tea\]](urn:li:organization:42)!", "ask Acme [Tea]!", &[]),
            (r"so {hashtag|\#|tea_time} it is", "so #tea_time it is", &["tea_time"]),
            ("@[open", "@[open", &[]),
            ("{hashtag|x}", "{hashtag|x}", &[]),
            ("@bob \\", "@bob \\", &[]),
        ] {
            assert_eq!(
                plain(text),
                (read.to_owned(), tags.iter().map(|tag| (*tag).to_owned()).collect()),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[@{}\\[\\]()|#\\\\a-zé]{0,40}") {
            let _ = plain(&text);
        }
        #[test]
        fn what_was_escaped_comes_back(text in "\\PC{0,30}") {
            let escaped: String = text.chars().flat_map(|c| if c.is_alphanumeric() { vec![c] } else { vec!['\\', c] }).collect();
            prop_assert_eq!(plain(&escaped).0, text);
        }
    }
}
