//! Where a term is looked for.

use cm_text::fold;

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
    /// `tag:`, a whole tag of the item.
    Tag,
    /// `kind:`, `article`, `mention` ...
    Kind,
    /// `source:`, the account or feed that it came from.
    Source,
}

const NAMES: [(&str, Field); 12] = [
    ("title", Field::Title),
    ("summary", Field::Summary),
    ("text", Field::Text),
    ("author", Field::Author),
    ("from", Field::From),
    ("site", Field::Site),
    ("url", Field::Url),
    ("links", Field::Links),
    ("lang", Field::Lang),
    ("tag", Field::Tag),
    ("kind", Field::Kind),
    ("source", Field::Source),
];

impl Field {
    /// The field of this name; the error is what to tell.
    pub(super) fn named(name: &str) -> Result<Field, String> {
        let folded = fold(name, false);
        if let Some((_, field)) = NAMES.iter().find(|(known, _)| *known == folded) {
            return Ok(*field);
        }
        let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
        Err(match folded.as_str() {
            "http" | "https" => {
                "to look for an address write links: or url: before it, or quote it".to_owned()
            }
            "date" | "since" | "until" => "to choose by time use --since and --until".to_owned(),
            _ => match cm_cli::nearest(&folded, &known) {
                Some(near) => format!("unknown field \"{name}\" (did you mean \"{near}\"?)"),
                None => format!("unknown field \"{name}\" (known: {}; or quote the words)", known.join(", ")),
            },
        })
    }

    /// `title:`, nothing for `Any`.
    pub(super) fn prefix(self) -> String {
        NAMES.iter().find(|(_, field)| *field == self).map_or(String::new(), |(name, _)| format!("{name}:"))
    }
}
