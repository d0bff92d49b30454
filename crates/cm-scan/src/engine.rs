//! Many searches against one item at a time. In: a document. Out: the searches that match, in their order.

use crate::anchor::{Anchor, anchors, vocabulary};
use crate::document::Document;
use crate::evaluate::evaluate;
use crate::hits::{Match, hits};
use crate::query::Query;
use crate::score::{Score, Standing};
use crate::searches::{Limits, Refusal};
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

/// Up to so many searches, trying each is cheaper than choosing.
const FEW: usize = 8;

/// The searches of a run, prepared.
pub struct Engine {
    searches: Vec<(String, Query)>,
    /// Which items each search looks at; shorter where the rest have no limits.
    limits: Vec<Option<Limits>>,
    /// Which searches a word is an anchor of.
    by_word: HashMap<String, Vec<usize>>,
    /// Which searches the beginning of a word is an anchor of.
    by_prefix: HashMap<String, Vec<usize>>,
    /// The lengths of those beginnings, in bytes.
    prefix_lengths: BTreeSet<usize>,
    /// Searches without an anchor: these are always tried.
    always: Vec<usize>,
}

impl Engine {
    /// Prepares named queries.
    pub fn new(searches: Vec<(String, Query)>) -> Engine {
        let mut engine = Engine {
            searches: Vec::new(),
            limits: Vec::new(),
            by_word: HashMap::new(),
            by_prefix: HashMap::new(),
            prefix_lengths: BTreeSet::new(),
            always: Vec::new(),
        };
        for (number, (_, query)) in searches.iter().enumerate() {
            match anchors(query) {
                Some(anchors) => anchors.into_iter().for_each(|anchor| engine.hang(number, anchor)),
                None => engine.always.push(number),
            }
        }
        engine.searches = searches;
        engine
    }

    /// With the limits of its searches, in their order.
    pub fn limited(self, limits: Vec<Option<Limits>>) -> Engine {
        Engine { limits, ..self }
    }

    /// Why a search does not look at an item, by the search's number.
    pub fn refusal(&self, number: usize, document: &Document) -> Option<Refusal> {
        self.limits.get(number)?.as_ref()?.refuse(document)
    }

    fn hang(&mut self, number: usize, anchor: Anchor) {
        let numbers = match anchor {
            Anchor::Word(word) => self.by_word.entry(word),
            Anchor::Prefix(prefix) => {
                self.prefix_lengths.insert(prefix.len());
                self.by_prefix.entry(prefix)
            }
        };
        numbers.or_default().push(number);
    }

    /// Name and query of every search.
    pub fn searches(&self) -> &[(String, Query)] {
        &self.searches
    }

    /// The searches that match.
    pub fn matches<'d>(&'d self, document: &'d Document) -> Vec<Match<'d>> {
        let standing = OnceCell::new();
        let candidates = self.candidates(document).into_iter();
        candidates.filter_map(|number| self.try_one(number, document, &standing)).collect()
    }

    fn try_one<'d>(
        &'d self,
        number: usize,
        document: &'d Document,
        standing: &OnceCell<Standing>,
    ) -> Option<Match<'d>> {
        if self.refusal(number, document).is_some() {
            return None;
        }
        let (name, query) = &self.searches[number];
        let mut found = Vec::new();
        evaluate(query, document, &mut found).then(|| {
            let hits = hits(found);
            let standing = standing.get_or_init(|| document.record().map(Standing::of).unwrap_or_default());
            Match { number, query: name, score: Score::of(&hits).with(*standing).total(), hits }
        })
    }

    /// The searches that could match, by number. Leaving out one that matches would be a defect; a test compares.
    fn candidates(&self, document: &Document) -> Vec<usize> {
        if self.searches.len() <= FEW {
            return (0..self.searches.len()).collect();
        }
        let mut numbers = self.always.clone();
        for word in vocabulary(document) {
            numbers.extend(self.by_word.get(word.as_ref()).into_iter().flatten());
            let beginnings = self
                .prefix_lengths
                .iter()
                .map_while(|length| (*length <= word.len()).then(|| word.get(..*length)));
            numbers
                .extend(beginnings.flatten().filter_map(|beginning| self.by_prefix.get(beginning)).flatten());
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;
    use proptest::prelude::*;

    fn term() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "acme",
            "roast",
            "café",
            "cafe",
            "\"acme roast\"",
            "#acmeroast",
            "#café",
            "tag:beans",
            "tag:\"acme roast\"",
            "acm*",
            "title:acme",
            "text:roast",
            "@an*",
            "@ana@x.example",
            "#acme*",
            "caf*",
            "café*",
            "tag:acm*",
            "\"acme roas*\"",
            "@ana",
            "lang:en",
            "-acme",
            "-(roast beans)",
            "l'eau",
            "eau",
            "e-mail",
            "url:acme",
            "*",
            "😡",
            "author:ana",
        ])
    }

    fn query() -> impl Strategy<Value = String> {
        prop::collection::vec((term(), prop::sample::select(vec![" ", " OR "])), 1..5).prop_map(|parts| {
            let text: String = parts.into_iter().map(|(term, joint)| format!("{term}{joint}")).collect();
            text.trim_end_matches(" OR ").trim().to_owned()
        })
    }

    fn words() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec![
            "Acme",
            "roast",
            "CAFÉ",
            "cafe",
            "#AcmeRoast",
            "#cafe",
            "beans",
            "l'eau",
            "e-mail",
            "@ana",
            "😡",
            "https://acme.example",
            "@ana@x.example",
            "cafeteria",
            "@anab",
        ]);
        prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn choosing_candidates_never_loses_a_match(
            queries in prop::collection::vec(query(), 9..40), title in words(), content in words(), tags in prop::collection::vec(prop::sample::select(vec!["Acme Roast", "CAFÉ", "beans", "l'eau"]), 0..3),
        ) {
            let item = serde_json::json!({"id": "1", "title": title, "content_text": content, "tags": tags, "language": "en-GB"});
            let record = Record::parse(item.to_string()).unwrap();
            let document = Document::of(&record);
            let searches = queries.iter().enumerate().map(|(i, q)| (i.to_string(), q.parse().unwrap())).collect();
            let engine = Engine::new(searches);
            let all: Vec<_> = (0..queries.len()).filter_map(|number| engine.try_one(number, &document, &OnceCell::new())).collect();
            prop_assert_eq!(engine.matches(&document), all);
        }
    }
}
