//! `Link` headers (RFC 8288, 3). In: a header's value. Out: where a relation leads.

/// The target of the first link of a relation; targets are given as they stand, perhaps relative.
pub(crate) fn target<'v>(value: &'v str, relation: &str) -> Option<&'v str> {
    let mut rest = value;
    loop {
        let begin = rest.find('<')? + 1;
        let end = begin + rest[begin..].find('>')?;
        let (parameters, after) = unquoted(&rest[end + 1..], ',');
        if relations(parameters).any(|known| known.eq_ignore_ascii_case(relation)) {
            return Some(rest[begin..end].trim());
        }
        rest = after?;
    }
}

/// The relations of a link, from its `rel` parameter: words within quotes, or one without.
fn relations(parameters: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(parameters);
    let parameters = std::iter::from_fn(move || {
        let (parameter, after) = unquoted(rest?, ';');
        rest = after;
        Some(parameter)
    });
    let named = parameters.filter_map(|parameter| parameter.split_once('='));
    let rel = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
    rel.flat_map(|(_, value)| value.trim().trim_matches('"').split_ascii_whitespace())
}

/// What stands before the first `end` outside of quotes, and what stands behind it.
fn unquoted(text: &str, end: char) -> (&str, Option<&str>) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == end && !quoted => return (&text[..at], Some(&text[at + c.len_utf8()..])),
            _ => {}
        }
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const API: &str = "https://api.w.org/";

    #[test]
    fn among_others() {
        let value = r#"</feed>; rel="alternate"; title="a, <b>; \"c\"", <https://b.example/wp-json/>; rel="x https://api.w.org/""#;
        assert_eq!(target(value, API), Some("https://b.example/wp-json/"));
        assert_eq!(target(value, "alternate"), Some("/feed"));
        assert_eq!(
            target("<https://b.example/?rest_route=/>;REL=https://api.w.org/", API),
            Some("https://b.example/?rest_route=/")
        );
        for none in
            ["", "<", "<>", "<x", "<x>", r#"<x>; rel="api.w.org""#, r#"<x>; title="rel=https://api.w.org/""#]
        {
            assert_eq!(target(none, API), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[<>;,=\"\\\\ a-zé]{0,40}") {
            let _ = target(&text, API);
        }

        #[test]
        fn what_was_written_is_found(before in "[a-z/?=&.]{0,20}", path in "[a-z/?=&,;.]{1,20}", title in "[a-z<>,; ]{0,20}") {
            let value = format!("<{before}>; title=\"{title}\", <{path}>; title=\"{title}\"; rel=\"{API}\"");
            prop_assert_eq!(target(&value, API), Some(path.as_str()));
        }
    }
}
