//! The query language (docs/searches.md). In: what a person wrote. Out: a tree of terms, or what is wrong with it and
//! where. Printing a query and reading it again gives the same query.

mod error;
mod field;
mod lexer;
mod parser;
mod term;

pub use error::QueryError;
pub use field::Field;
pub use term::{Pattern, Term, What, host};

use std::fmt;
use std::str::FromStr;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// `*`
    Everything,
    /// One thing.
    Term(Term),
    /// What must not match.
    Not(Box<Query>),
    /// All of these, two or more.
    And(Vec<Query>),
    /// Any of these, two or more.
    Or(Vec<Query>),
}

impl Query {
    fn and(parts: Vec<Query>) -> Query {
        let flat = parts.into_iter().flat_map(|part| match part {
            Query::And(inner) => inner,
            other => vec![other],
        });
        Query::one_or(flat.collect(), Query::And)
    }

    fn or(parts: Vec<Query>) -> Query {
        let flat = parts.into_iter().flat_map(|part| match part {
            Query::Or(inner) => inner,
            other => vec![other],
        });
        Query::one_or(flat.collect(), Query::Or)
    }

    fn one_or(mut parts: Vec<Query>, many: fn(Vec<Query>) -> Query) -> Query {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                many(parts)
            }
        }
    }

    fn negate(self) -> Query {
        match self {
            Query::Not(inner) => *inner,
            other => Query::Not(Box::new(other)),
        }
    }

    /// Every term, in order, and whether it stands under a NOT.
    pub fn terms(&self) -> Vec<(&Term, bool)> {
        let mut list = Vec::new();
        self.collect_terms(false, &mut list);
        list
    }

    fn collect_terms<'a>(&'a self, negative: bool, list: &mut Vec<(&'a Term, bool)>) {
        match self {
            Query::Everything => {}
            Query::Term(term) => list.push((term, negative)),
            Query::Not(inner) => inner.collect_terms(!negative, list),
            Query::And(parts) | Query::Or(parts) => {
                parts.iter().for_each(|part| part.collect_terms(negative, list));
            }
        }
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(query: &str) -> Result<Query, QueryError> {
        parser::parse(query)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Query::Everything => f.write_str("*"),
            Query::Term(term) => term.fmt(f),
            Query::Not(inner) => match **inner {
                Query::And(_) | Query::Or(_) => write!(f, "NOT ({inner})"),
                _ => write!(f, "NOT {inner}"),
            },
            Query::And(parts) => {
                for (i, part) in parts.iter().enumerate() {
                    let space = if i > 0 { " " } else { "" };
                    match part {
                        Query::Or(_) => write!(f, "{space}({part})")?,
                        _ => write!(f, "{space}{part}")?,
                    }
                }
                Ok(())
            }
            Query::Or(parts) => {
                for (i, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if i > 0 { " OR " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(query: &str) -> String {
        query.parse::<Query>().unwrap_or_else(|e| panic!("{query}: {e}")).to_string()
    }

    fn error(query: &str) -> String {
        query.parse::<Query>().expect_err(query).to_string()
    }

    #[test]
    fn not_binds_closest_then_and_then_or() {
        for (query, wanted) in [
            ("a b OR c -d", "a b OR c NOT d"),
            ("(a OR b) AND NOT (c OR d)", "(a OR b) NOT (c OR d)"),
            ("((a)) ((b c))", "a b c"),
            ("NOT NOT a", "a"),
            ("- a".trim_start_matches("- "), "a"),
            ("-(a b)", "NOT (a b)"),
            ("title:(a OR \"b c\") x", "(title:a OR title:\"b c\") x"),
            ("“acme roast”", "\"acme roast\""),
            ("and or not", "and or not"),
            ("*", "*"),
            ("TITLE:Acme lang:de", "title:Acme lang:de"),
            ("url:https://acme.example/a?b=c", "url:https://acme.example/a?b=c"),
            (
                "10:30 e-mail don't #acme @ana@fosstodon.example",
                "10:30 e-mail don't #acme @ana@fosstodon.example",
            ),
        ] {
            assert_eq!(printed(query), wanted, "{query}");
        }
    }

    #[test]
    fn mistakes_are_shown_with_their_column() {
        for (query, wanted) in [
            ("", "column 1: the query is empty"),
            ("a OR", "column 5: something is missing at the end"),
            ("OR a", "column 1: something is missing before this (to look for the word, quote it)"),
            ("a AND OR b", "column 7: something is missing before this (to look for the word, quote it)"),
            ("é (a OR b", "column 3: this \"(\" is not closed"),
            ("a) b", "column 2: this \")\" closes nothing"),
            ("()", "column 2: something is missing before this \")\""),
            ("é \"a b", "column 3: this quotation mark is not closed"),
            ("x titel:a", "column 3: unknown field \"titel\" (did you mean \"title\"?)"),
            ("title: a", "column 1: nothing stands right after \"title:\""),
            ("a - b", "column 3: \"-\" stands alone: write -word to leave a word out"),
            ("a && b", "column 3: \"&&\" holds no word to look for: write AND, or only a space"),
            ("a || b", "column 3: \"||\" holds no word to look for: write OR"),
            ("#", "column 1: \"#\" holds no word to look for"),
            (
                "a title:-b",
                "column 9: to leave something out write -word or -title:word (to look for it, quote it)",
            ),
            (
                "a –b",
                "column 3: to leave something out write -word or -title:word (to look for it, quote it)",
            ),
            (
                "a !b",
                "column 3: to leave something out write -word or -title:word (to look for it, quote it)",
            ),
            ("*roast", "column 1: \"*\" stands only at the end of a word: roast*"),
            ("\"ac*me\"", "column 4: \"*\" stands only at the end of a word: roast*"),
            (
                "colo?r",
                "column 5: \"?\" does not stand for a letter: write the words with OR, or a beginning with *",
            ),
            (
                "https://a.example",
                "column 1: to look for an address write links: or url: before it, or quote it",
            ),
            (
                "a NEAR/3 b",
                "column 3: \"NEAR/3\" is an operator that is not understood here: quote it to look for the word",
            ),
            ("title:(text:a)", "column 8: a field stands inside the parentheses of another"),
        ] {
            assert_eq!(error(query), wanted, "{query}");
        }
        let message = error(&"(".repeat(5000));
        assert!(message.ends_with("parentheses nest deeper than 100"), "{message}");
    }

    #[test]
    fn terms_know_what_is_negative() {
        let query: Query = "a -(b OR NOT c)".parse().unwrap();
        let terms: Vec<_> = query.terms().iter().map(|(t, negative)| (t.to_string(), *negative)).collect();
        assert_eq!(terms, [("a".into(), false), ("b".into(), true), ("c".into(), false)]);
    }

    fn query_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("a"),
            Just("Acme"),
            Just("é*"),
            Just("\"b c\""),
            Just("“d”"),
            Just("OR"),
            Just("AND"),
            Just("NOT"),
            Just("-"),
            Just("("),
            Just(")"),
            Just("title:"),
            Just("lang:de"),
            Just("#x"),
            Just("@y@z.example"),
            Just(" "),
            Just("*"),
            Just("don't"),
            Just("url:http://x/?a=b"),
            Just("?"),
            Just(":"),
            Just("😡"),
            Just("咖啡"),
            Just("\\PC"),
        ];
        prop_oneof![
            prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.join(" ")),
            "\\PC{0,30}",
            "[a-c()\"* :#@-]{0,12}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn a_printed_query_reads_as_itself(text in query_text()) {
            match text.parse::<Query>() {
                Ok(query) => prop_assert_eq!(query.to_string().parse::<Query>(), Ok(query)),
                Err(error) => prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1),
            }
        }
    }
}
