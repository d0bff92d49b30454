//! Where a term is looked for.

use super::habits;

/// A field of the query language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// No field was named: title, summary, content_text and tags.
    Any,
    /// `title:`
    Title,
    /// `summary:`
    Summary,
    /// `text:`, the content.
    Text,
    /// `author:`, names and handles, by words.
    Author,
    /// `from:`, the author's handle.
    From,
    /// `site:`, the host of the item's address, or one below it.
    Site,
    /// `url:`, the item's address and what it is about, by words.
    Url,
    /// `links:`, the links in the content, by words.
    Links,
    /// `lang:`, `en` also means `en-GB`.
    Lang,
    /// `date:`, when it was published.
    Date,
    /// `tag:`, a whole tag of the item.
    Tag,
    /// `kind:`, `article`, `mention` ...
    Kind,
    /// `source:`, the account or feed that it came from.
    Source,
}

const NAMES: [(&str, Field); 13] = [
    ("title", Field::Title),
    ("summary", Field::Summary),
    ("text", Field::Text),
    ("author", Field::Author),
    ("from", Field::From),
    ("site", Field::Site),
    ("url", Field::Url),
    ("links", Field::Links),
    ("lang", Field::Lang),
    ("date", Field::Date),
    ("tag", Field::Tag),
    ("kind", Field::Kind),
    ("source", Field::Source),
];

impl Field {
    /// The field of this name, in ASCII letters; the error is what to tell.
    pub(super) fn named(name: &str) -> Result<Field, String> {
        if let Some((_, field)) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Ok(*field);
        }
        let lower = name.to_ascii_lowercase();
        if matches!(lower.as_str(), "http" | "https") {
            return Err("to look for an address write links: or url: before it, or quote it".to_owned());
        }
        let name = habits::shown(name);
        if let Some(here) = habits::field(&lower) {
            return Err(format!("unknown field \"{name}\" (write {here})"));
        }
        let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
        Err(match cm_cli::nearest(&lower, &known) {
            Some(near) => format!("unknown field \"{name}\" (did you mean \"{near}\"?)"),
            None => format!("unknown field \"{name}\" (known: {}; or quote the words)", known.join(", ")),
        })
    }

    /// `title:`, nothing for `Any`.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Field::Any => "",
            Field::Title => "title:",
            Field::Summary => "summary:",
            Field::Text => "text:",
            Field::Author => "author:",
            Field::From => "from:",
            Field::Site => "site:",
            Field::Url => "url:",
            Field::Links => "links:",
            Field::Lang => "lang:",
            Field::Date => "date:",
            Field::Tag => "tag:",
            Field::Kind => "kind:",
            Field::Source => "source:",
        }
    }

    /// Whether words are looked for in it, in a row.
    pub(super) fn has_words(self) -> bool {
        self.has_running_words() || matches!(self, Field::Url | Field::Links)
    }

    /// Whether it holds what people write: NEAR and verbatim texts look there.
    pub(super) fn has_running_words(self) -> bool {
        matches!(self, Field::Any | Field::Title | Field::Summary | Field::Text | Field::Author)
    }

    /// Whether `#` means something in it.
    pub(super) fn has_hashtags(self) -> bool {
        matches!(self, Field::Any | Field::Title | Field::Summary | Field::Text)
    }

    /// Whether `@` means something in it.
    pub(super) fn has_handles(self) -> bool {
        self.has_running_words()
    }
}
