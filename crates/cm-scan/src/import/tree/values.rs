//! Values and fields of another service's query in our terms: what each field means, and whether our language reads it.

use super::{Reader, Tree};
use crate::import::dialect::Meaning;
use crate::import::pieces::Piece;
use crate::query::Query;
use cm_cli::one_line;

impl Reader<'_> {
    pub(super) fn in_field(&mut self, place: usize, name: &str) -> Tree {
        let meaning = self.dialect.meaning(name);
        let before = self.field;
        let field = match meaning {
            Meaning::Field(field) => Some(field),
            Meaning::Nearly(field, why) => {
                self.tell(place, format!("{name}: is nearly {field}: here: {why}"));
                Some(field)
            }
            Meaning::Rest(field) => {
                self.field = Some(field);
                let rest = self.all();
                self.field = before;
                return rest;
            }
            Meaning::Hashtag | Meaning::Handle => return self.sign(meaning == Meaning::Hashtag),
            Meaning::Date(operator) => return self.date(place, operator),
            Meaning::Nothing => {
                self.tell(
                    place,
                    format!("{name}: has no counterpart and is left out: this finds more, or less where it stood in an OR or under a NOT"),
                );
                // The value goes with it.
                let told = self.told.len();
                self.unit();
                self.told.truncate(told);
                return Tree::Nothing;
            }
        };
        self.field = field;
        let value = self.unit();
        self.field = before;
        value
    }

    /// `hashtag:acme`, `at_mentions:acme`.
    fn sign(&mut self, hashtag: bool) -> Tree {
        let sign = if hashtag { '#' } else { '@' };
        let place = self.place();
        match self.next() {
            Some(Piece::Word(name) | Piece::Phrase(name)) => {
                let name: String = name.trim_start_matches(sign).split_whitespace().collect();
                self.checked(place, None, format!("{sign}{name}"))
            }
            _ => {
                self.at -= 1;
                self.tell(place, format!("{sign} takes one name here: what follows is looked for as words"));
                self.unit()
            }
        }
    }

    fn date(&mut self, place: usize, operator: &str) -> Tree {
        match self.next() {
            Some(Piece::Word(day) | Piece::Phrase(day)) => {
                self.checked(place, Some("date"), format!("{operator}{}", day.replace('/', "-")))
            }
            _ => {
                self.at -= 1;
                self.tell(place, "one day is expected here: left out");
                let told = self.told.len();
                self.unit();
                self.told.truncate(told);
                Tree::Nothing
            }
        }
    }

    pub(super) fn value(&mut self, place: usize, word: &str) -> Tree {
        if word.contains("..") && word.chars().any(|c| c.is_ascii_digit()) && self.field.is_none() {
            self.tell(
                place,
                format!("{word:?}: ranges of numbers have no counterpart: left out, which finds more"),
            );
            return Tree::Nothing;
        }
        if word.contains(';') {
            self.tell(
                place,
                format!("{word:?}: \";\" parts nothing in a query; a table begins with a line that names its column query"),
            );
        }
        if word.starts_with('!') {
            self.tell(place, format!("{word:?}: \"!\" is taken for a sign: for NOT write NOT"));
        }
        if word.contains("://") && self.field.is_none() {
            return self.checked(place, Some("links"), format!("\"{word}\""));
        }
        if self.field == Some("site") && word.contains('/') {
            let (host, path) =
                word.split_once("://").map_or(word, |(_, rest)| rest).split_once('/').unwrap_or((word, ""));
            let site = self.checked(place, Some("site"), host.to_owned());
            let url = if path.is_empty() {
                Tree::Nothing
            } else {
                self.checked(place, Some("url"), format!("\"{host}/{path}\""))
            };
            return Tree::and(vec![site, url]);
        }
        let below = word.strip_prefix("*.").filter(|_| self.field == Some("site"));
        if below.is_some() {
            self.tell(place, format!("{word}: here the host itself counts too, as those below it"));
        }
        let tree = self.checked(place, self.field, self.below(below.unwrap_or(word)).to_owned());
        self.boosts();
        tree
    }

    /// An address without the `/*` behind it: what is below it is found anyway.
    fn below<'v>(&self, value: &'v str) -> &'v str {
        let is_address = matches!(self.field, Some("links" | "url"));
        value.strip_suffix("/*").filter(|_| is_address).unwrap_or(value)
    }

    pub(super) fn phrase(&mut self, place: usize, phrase: &str) -> Tree {
        let within = match self.peek() {
            Some(Piece::Tilde(within)) => Some(*within),
            _ => None,
        };
        if let Some(within) = within {
            self.at += 1;
            let within = self.reach(Some(within), place);
            return self.checked(place, self.field, format!("\"{phrase}\"~{within}"));
        }
        self.boosts();
        let phrase = self.below(phrase);
        if phrase.split_whitespace().any(|word| word == "*") {
            return self.gaps(place, phrase);
        }
        self.checked(place, self.field, format!("\"{phrase}\""))
    }

    /// `"from * to Graz"`: a word of any kind between.
    fn gaps(&mut self, place: usize, phrase: &str) -> Tree {
        self.tell(place, "\"*\" between words of a phrase: up to three words may stand there");
        let words: Vec<&str> = phrase.split_whitespace().collect();
        let parts: Vec<Tree> = words
            .split(|word| *word == "*")
            .filter(|part| !part.is_empty())
            .map(|part| self.checked(place, self.field, format!("\"{}\"", part.join(" "))))
            .collect();
        let mut parts = parts.into_iter().filter(|part| *part != Tree::Nothing);
        let first = parts.next().unwrap_or(Tree::Nothing);
        let steps: Vec<_> = parts.map(|part| (true, 3, part)).collect();
        if steps.is_empty() { first } else { Tree::Near(Box::new(first), steps) }
    }

    pub(super) fn exact(&mut self, place: usize, text: &str) -> Tree {
        if text.contains('}') {
            self.tell(place, format!("{text:?}: a \"}}\" cannot be looked for"));
        }
        let tree = self.checked(place, self.field, format!("{{{}}}", text.replace('}', "")));
        if matches!(self.peek(), Some(Piece::Tilde(_))) {
            self.at += 1;
        }
        tree
    }

    /// `ATLEAST/2(a, b, c)`; of a single word, so many times.
    pub(super) fn at_least(&mut self, place: usize, n: usize) -> Tree {
        if self.peek() != Some(&Piece::Open) {
            return match self.unit() {
                Tree::Value(field, word) if n > 1 && !word.starts_with(['"', '{', '#', '@']) => {
                    self.tell(place, format!("{n} times {word} is asked for within 100 other words"));
                    self.checked(place, field, format!("\"{}\"~100", vec![word; n].join(" ")))
                }
                other => {
                    self.tell(place, "ATLEAST counts only single words and lists: once is enough here");
                    other
                }
            };
        }
        self.at += 1;
        let mut parts = Vec::new();
        while !matches!(self.peek(), None | Some(Piece::Close)) {
            match self.peek() {
                Some(Piece::Comma | Piece::Or | Piece::And) => self.at += 1,
                _ => {
                    let part = self.negated();
                    parts.push(part);
                }
            }
        }
        self.at += 1;
        parts.retain(|part| *part != Tree::Nothing);
        if n == 0 || n > parts.len() {
            self.tell(place, format!("ATLEAST/{n} of {} things: all are asked for", parts.len()));
            return Tree::and(parts);
        }
        Tree::AtLeast(n, parts)
    }

    /// A value, if our language can read it.
    fn checked(&mut self, place: usize, field: Option<&'static str>, value: String) -> Tree {
        // A word of ours that is an operator, and signs that mean something here only, are quoted.
        let quoted = format!("\"{}\"", value.replace(['"', '“', '”', '„', '«', '»'], " "));
        let own = Tree::Value(field, value);
        let alone = |tree: &Tree| tree.written().parse::<Query>();
        let error = match alone(&own) {
            Ok(Query::Term(_)) => return own,
            Ok(Query::Everything) => "by itself it stands for anything".to_owned(),
            Ok(_) => "it is no single value here".to_owned(),
            Err(error) => error.message,
        };
        let in_quotes = Tree::Value(field, quoted);
        if matches!(alone(&in_quotes), Ok(Query::Term(_))) {
            return in_quotes;
        }
        self.tell(place, format!("{} is left out: {error}", one_line(&own.written())));
        Tree::Nothing
    }
}
