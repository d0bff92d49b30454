//! Where a record holds links: the members asked for in, their links in order and once each out.

use crate::args::Field;
use cm_record::Record;
use std::collections::HashSet;

impl Field {
    fn member(self) -> &'static str {
        match self {
            Field::Url => "url",
            Field::ExternalUrl => "external_url",
            Field::Title => "title",
            Field::Summary => "summary",
            Field::ContentText => "content_text",
        }
    }

    /// Whether its value is one link, not a text that may hold some.
    fn is_link(self) -> bool {
        matches!(self, Field::Url | Field::ExternalUrl)
    }
}

/// The links of a record exactly as they stand in it, each once.
pub fn links(record: &Record, fields: &[Field]) -> Vec<String> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for field in fields {
        let Some(value) = record.text(field.member()) else { continue };
        let links = if field.is_link() {
            vec![value.into_owned()]
        } else {
            cm_text::find_links(&value).into_iter().map(|link| link.url).collect()
        };
        for link in links {
            if !link.is_empty() && seen.insert(link.clone()) {
                found.push(link);
            }
        }
    }
    found
}

/// The members looked into: those asked for, else `url`, and in drafts the text too.
pub fn looked_into(asked: &[Field], is_draft: bool) -> &[Field] {
    match (asked, is_draft) {
        ([], false) => &[Field::Url],
        ([], true) => &[Field::Url, Field::ContentText],
        (asked, _) => asked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, fields: &[Field]) -> Vec<String> {
        links(&Record::parse(line).unwrap(), fields)
    }

    #[test]
    fn links_come_once_in_order_as_they_stand() {
        let line = r#"{"id":"1","url":"https://a.example/\u00e9","content_text":"See https://b.example/x, https:\/\/a.example/é and https://b.example/x."}"#;
        let draft = looked_into(&[], true);
        assert_eq!(of(line, draft), ["https://a.example/é", "https://b.example/x"]);
        assert_eq!(of(line, looked_into(&[], false)), ["https://a.example/é"]);
        assert_eq!(of(line, looked_into(&[Field::Title], true)), Vec::<String>::new());
    }

    #[test]
    fn a_text_with_very_many_links_is_bounded_by_its_line_only() {
        let text: String = (0..100_000).map(|i| format!("https://a.example/{i} ")).collect();
        let line = serde_json::json!({"id": "1", "content_text": text}).to_string();
        assert_eq!(of(&line, &[Field::ContentText]).len(), 100_000);
    }
}
