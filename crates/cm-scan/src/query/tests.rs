//! The language as a whole: what binds closest, what is one and the same, searches
//! that name others, and that a printed query reads as itself.

use super::context::Names;
use super::{Context, Query};
use chrono::Utc;
use cm_time::Zone;
use proptest::prelude::*;

fn printed(query: &str) -> String {
    query.parse::<Query>().unwrap_or_else(|e| panic!("{query}: {e}")).to_string()
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
        ("-a NEAR/3 b", "NOT a NEAR/3 b"),
        ("-(a NEAR b)", "NOT a NEAR/4 b"),
        ("a NEAR/3 b c", "a NEAR/3 b c"),
        ("a NEAR/0 (b OR (\"c d\" OR e*)) ONEAR/100 #f", "a NEAR/0 (b OR \"c d\" OR e*) ONEAR/100 #f"),
        ("title:(a NEAR/007 {B C})", "title:a NEAR/7 title:{B C}"),
        ("NEARLY NEARBY ORANGE", "NEARLY NEARBY ORANGE"),
        ("ATLEAST/2(a, -b (c d) (e,f), g,h)", "ATLEAST/2(a NOT b (c d) (e,f) g h)"),
        ("ATLEAST/1 ( a NEAR/1 \"b, c\" )", "ATLEAST/1(a NEAR/1 \"b, c\")"),
        ("-ATLEAST/2(a b) c", "NOT ATLEAST/2(a b) c"),
        ("„a b“~3", "\"a b\"~3"),
        ("a(b)c{D}e\"f\"g", "a b c {D} e \"f\" g"),
        ("title:{C++} text:#x author:@ana", "title:{C++} text:#x author:@ana"),
        ("a\u{3000}b\u{a0}c", "a b c"),
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
fn terms_know_what_is_negative() {
    let query: Query = "a -(b OR NOT c)".parse().unwrap();
    let terms: Vec<_> = query.terms().iter().map(|(t, negative)| (t.to_string(), *negative)).collect();
    assert_eq!(terms, [("a".into(), false), ("b".into(), true), ("c".into(), false)]);
}

#[derive(Debug)]
struct Saved(Vec<(&'static str, String)>);

impl Names for Saved {
    fn query_of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, query)| query.as_str())
    }

    fn nearest(&self, name: &str) -> Option<String> {
        self.0.iter().map(|(known, _)| (*known).to_owned()).find(|known| known.starts_with(&name[..1]))
    }
}

fn with_names(query: &str, saved: &Saved, itself: Option<&str>) -> Result<String, String> {
    let context = Context { names: Some(saved), itself, now: Utc::now(), zone: &Zone::utc() };
    Query::read(query, &context).map(|query| query.to_string()).map_err(|error| error.to_string())
}

#[test]
fn a_name_stands_for_the_query_of_that_search() {
    let saved = Saved(vec![
        ("brand", "acme OR \"acme roast\"".into()),
        ("brand/acme", "acme -jobs".into()),
        ("our brand", "@brand OR #acme".into()),
        ("circle", "a @round".into()),
        ("round", "b OR @circle".into()),
        ("itself", "@itself".into()),
        ("its/elf", "@its/elf".into()),
        ("wrong", "a OR".into()),
        ("on wrong", "(é @wrong)".into()),
        ("apostrophe", "'a".into()),
    ]);
    for (query, wanted) in [
        ("@brand x", Ok("(acme OR \"acme roast\") x")),
        ("@brand/acme", Ok("acme NOT jobs")),
        ("@brand NEAR/3 beans", Ok("(acme OR \"acme roast\") NEAR/3 beans")),
        ("@\"our brand\"", Ok("acme OR \"acme roast\" OR #acme")),
        ("-@brand", Ok("NOT (acme OR \"acme roast\")")),
        ("@brands text:@brand from:brand", Ok("@brands text:@brand from:brand")),
        ("\"@brand\"", Ok("\"@brand\"")),
        ("x @brand/acm", Err("column 3: no search is named \"brand/acm\" (did you mean @brand?)")),
        ("x @\"a\"", Err("column 3: no search is named \"a\" (did you mean @apostrophe?)")),
        ("@circle", Err("column 1: searches name each other in a circle: @circle -> @round -> @circle")),
        ("@itself x", Ok("@itself x")),
        ("@its/elf", Err("column 1: searches name each other in a circle: @its/elf -> @its/elf")),
        ("x @\"on wrong\"", Err("column 3: in @wrong: column 5: something is missing at the end")),
        ("@apostrophe b'", Err("column 13: a phrase stands in double quotation marks: \"acme roast\"")),
        (
            "title:(@\"brand\")",
            Err("column 8: a search stands for a query of its own: take it out of the field"),
        ),
    ] {
        let wanted = wanted.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(with_names(query, &saved, None), wanted, "{query}");
    }
    let circle = "column 3: searches name each other in a circle: @circle -> @round -> @circle";
    assert_eq!(with_names("a @round", &saved, Some("circle")), Err(circle.to_owned()));
}

#[test]
fn names_of_names_are_bounded() {
    let names: &[&str] = &std::array::from_fn::<_, 150, _>(|n| &*format!("s{n}").leak());
    let next = |n: usize| names.get(n + 1).copied().unwrap_or("a");
    let deep = Saved((0..150).map(|n| (names[n], format!("a @{}", next(n)))).collect());
    assert!(with_names("@s60", &deep, None).is_ok());
    let error = with_names("@s0", &deep, None).unwrap_err();
    assert_eq!(
        error,
        "column 1: searches name each other more than 100 deep: @s0 -> @s1 -> ... -> @s99 -> @s100"
    );
    // Twice as much at every step.
    let wide = Saved((0..30).map(|n| (names[n], format!("@{0} OR @{0}", next(n)))).collect());
    assert!(with_names("@s0", &wide, None).unwrap_err().contains("longer than 1000000 bytes"));
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
        Just("NEAR"),
        Just("NEAR/3"),
        Just("ONEAR/0"),
        Just("ATLEAST/2("),
        Just("(a,b)"),
        Just("\"a, b\"~2"),
        Just("{C++, x}"),
        Just("ro*st"),
        Just("?b*"),
        Just("'c"),
        Just("d'"),
        Just("date:2026-11..today"),
        Just("date:>2h"),
        Just("tag:\"x y\""),
        Just("author:@ana"),
    ];
    prop_oneof![
        prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.join(" ")),
        "\\PC{0,30}",
        "[a-c()\"* :#@{}~,?'-]{0,12}",
        // Likely to be well-formed, and deep.
        well_formed(),
    ]
}

fn well_formed() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a",
        "Bé*",
        "\"c d\"",
        "\"c, d\"~2",
        "{E,+}",
        "#f",
        "@g",
        "title:h",
        "lang:de",
        "*",
        "i,j",
        "?k",
        "date:2026",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" "))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" OR "))),
            prop::collection::vec(inner.clone(), 2..5)
                .prop_map(|items| format!("ATLEAST/2({})", items.join(" "))),
            inner.clone().prop_map(|inner| format!("-{inner}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} NEAR/2 {b}")),
            inner.prop_map(|inner| format!("text:({inner})")),
        ]
    })
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
