//! The language as a whole: what binds closest, what is refused, and that a printed query reads as itself.

use super::Query;
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
        ("a –b", "column 3: to leave something out write -word or -title:word (to look for it, quote it)"),
        ("a !b", "column 3: to leave something out write -word or -title:word (to look for it, quote it)"),
        ("https://a.example", "column 1: to look for an address write links: or url: before it, or quote it"),
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
