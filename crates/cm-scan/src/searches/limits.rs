//! Which items a search looks at, whatever its query says: `languages` and `sources`.

use crate::document::Document;
use crate::evaluate::evaluate;
use crate::query::Query;

/// The languages and sources of a search; none of a kind is no limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    languages: Vec<Query>,
    sources: Vec<Query>,
}

/// Why a search does not look at an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The item names another language.
    Language,
    /// The item comes from elsewhere.
    Source,
}

impl Refusal {
    /// The reason as one line shows it.
    pub fn shown(self) -> &'static str {
        match self {
            Refusal::Language => "its language is none of the search's `languages`",
            Refusal::Source => "its source is none of the search's `sources`",
        }
    }
}

impl Limits {
    /// Limits as written. They compare as `lang:` and `source:` do.
    pub(super) fn of<S: AsRef<str>>(languages: &[S], sources: &[S]) -> Result<Limits, String> {
        let each = |field: &str, values: &[S], example: &str| -> Result<Vec<Query>, String> {
            let parsed = values.iter().map(|value| {
                let value = value.as_ref();
                let plain = !value.contains(['"', '“', '”', '„', '«', '»'])
                    && (field != "lang" || !value.contains(char::is_whitespace));
                let query = format!("{field}:\"{value}\"").parse().ok().filter(|_| plain);
                query.ok_or_else(|| format!("{value:?} is none of {field}: write it as in {field}:{example}"))
            });
            parsed.collect()
        };
        Ok(Limits {
            languages: each("lang", languages, "en")?,
            sources: each("source", sources, "mastodon:acme")?,
        })
    }

    /// The languages, as terms.
    pub fn languages(&self) -> &[Query] {
        &self.languages
    }

    /// Why an item is not looked at. One that names no language is let in: most say nothing about it.
    pub fn refuse(&self, document: &Document) -> Option<Refusal> {
        let one_of = |terms: &[Query]| terms.iter().any(|term| evaluate(term, document, &mut Vec::new()));
        let named = document.language().is_some_and(|language| !language.trim().is_empty());
        if !self.languages.is_empty() && named && !one_of(&self.languages) {
            return Some(Refusal::Language);
        }
        (!self.sources.is_empty() && !one_of(&self.sources)).then_some(Refusal::Source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;

    #[test]
    fn items_of_other_languages_and_sources_are_left_out() {
        let refusal = |limits: &Limits, item: &str| {
            let record = Record::parse(item.to_owned()).unwrap();
            limits.refuse(&Document::of(&record))
        };
        let item = |members: &str| format!("{{\"id\":\"1\",\"content_text\":\"x\"{members}}}");
        let english = Limits::of(&["en", "de"], &[]).unwrap();
        for (members, wanted) in [
            ("", None),
            (",\"language\":\"\"", None),
            (",\"language\":\"en-GB\"", None),
            (",\"language\":\"DE\"", None),
            (",\"language\":\"fr\"", Some(Refusal::Language)),
        ] {
            assert_eq!(refusal(&english, &item(members)), wanted, "{members}");
        }
        let ours = Limits::of(&[], &["mastodon:acme"]).unwrap();
        for (members, wanted) in [
            ("", Some(Refusal::Source)),
            (",\"_cm\":{\"version\":1,\"source\":\"mastodon:acme\"}", None),
            (",\"_cm\":{\"version\":1,\"source\":\"mastodon:other\"}", Some(Refusal::Source)),
        ] {
            assert_eq!(refusal(&ours, &item(members)), wanted, "{members}");
        }
        assert!(Limits::of(&["en glish"], &[]).unwrap_err().contains("lang:en"));
        assert!(Limits::of(&[""], &[]).is_err() && Limits::of(&[], &["a\"b"]).is_err());
    }
}
