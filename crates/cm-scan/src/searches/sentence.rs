//! What a search must match and what it must miss.

use cm_record::{Item, Record};
use serde::Deserialize;

/// A sentence of a search, or an item where the query looks at more than a text.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Sentence {
    /// Taken as `content_text`.
    Text(String),
    /// Members of an item: `{ title = "...", language = "de" }`.
    Item(Box<Item>),
}

impl Sentence {
    /// The sentence as an item.
    pub fn record(&self) -> Option<Record> {
        let mut item = match self {
            Sentence::Text(text) => Item { content_text: Some(text.clone()), ..Item::default() },
            Sentence::Item(item) => (**item).clone(),
        };
        item.id = "sentence".to_owned();
        item.content_text.get_or_insert_default();
        Record::from_item(&item).ok()
    }

    /// The sentence as one shows it.
    pub fn shown(&self) -> String {
        match self {
            Sentence::Text(text) => format!("{text:?}"),
            Sentence::Item(item) => {
                let mut members = serde_json::to_value(item).unwrap_or_default();
                if let Some(members) = members.as_object_mut().filter(|_| item.id.is_empty()) {
                    members.remove("id");
                }
                members.to_string()
            }
        }
    }
}
