//! What is said of a record beside its matches, each only where it was asked for.

use crate::document::Document;
use crate::sentiment::{Lexicon, sentiment};
use cm_cli::one_line;
use cm_record::{LanguageHint, SentimentHint};
use serde::Serialize;

/// Optional members of `_cm_scan`, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Marks {
    /// The id of the item that this one is a near-duplicate of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// How alike the two are, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// The language that the text seems to be in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageHint>,
    /// How the text seems to be meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<SentimentHint>,
}

/// So many words that decided are shown to people.
const SHOWN: usize = 5;

/// Which hints are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// `--detect-language`.
    pub language: bool,
    /// `--sentiment`: the words to go by.
    pub sentiment: Option<&'a Lexicon>,
}

impl Hints<'_> {
    /// Whether any is.
    pub fn any(self) -> bool {
        self.language || self.sentiment.is_some()
    }

    /// The hints on an item.
    pub fn of(self, document: &Document) -> Marks {
        Marks {
            language: document.language_guess().cloned(),
            sentiment: self.sentiment.and_then(|lexicon| sentiment(document, lexicon)),
            ..Marks::default()
        }
    }
}

impl Marks {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Marks::default()
    }

    /// About how many bytes its texts hold.
    pub fn size(&self) -> usize {
        let words = self.sentiment.iter().flat_map(|hint| &hint.words);
        let words: usize = words.map(|word| size_of_val(word) + word.word.len()).sum();
        self.duplicate_of.as_ref().map_or(0, String::len) + words
    }

    /// ` [copy of https://..., 92 % alike] [language: de?] [negative? good, awful]`
    pub fn for_people(&self) -> String {
        let copy = self.duplicate_of.as_ref().map(|id| {
            let alike = self.similarity.unwrap_or_default() * 100.0;
            format!(" [copy of {}, {alike:.0} % alike]", one_line(id))
        });
        let language = self.language.as_ref().map(|hint| format!(" [language: {}?]", hint.code));
        let sentiment = self.sentiment.as_ref().map(|hint| {
            let words: Vec<_> = hint.words.iter().take(SHOWN).map(|word| one_line(&word.word)).collect();
            let words = if words.is_empty() { String::new() } else { format!(" {}", words.join(", ")) };
            format!(" [{}?{words}]", hint.label)
        });
        [copy, language, sentiment].into_iter().flatten().collect()
    }

    /// Adds the members to a part that is written already: a JSON object with at least one member.
    pub fn add_to(&self, part: &mut String) {
        if self.is_empty() || !part.ends_with('}') {
            return;
        }
        if let Ok(marks) = serde_json::to_string(self) {
            part.pop();
            part.push(',');
            part.push_str(&marks[1..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_gets_the_members_that_were_asked_for() {
        let mut part = r#"{"matches":[]}"#.to_owned();
        Marks::default().add_to(&mut part);
        assert_eq!(part, r#"{"matches":[]}"#);
        let marks = Marks { duplicate_of: Some("a".into()), similarity: Some(0.9), ..Marks::default() };
        marks.add_to(&mut part);
        assert_eq!(part, r#"{"matches":[],"duplicate_of":"a","similarity":0.9}"#);
    }
}
