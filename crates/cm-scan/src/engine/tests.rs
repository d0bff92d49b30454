//! Choosing candidates against trying every search.

use super::*;
use cm_record::{Checker, Record};
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
        "#acme-roast",
        "#メ～テレ",
        "#don",
        "#咖啡店",
        "🇩🇪",
        "£",
        "🤷",
        "\"oui non\"",
        "acme NEAR/2 roast",
        "acme ONEAR (roast OR beans)",
        "\"acme beans\"~3",
        "ATLEAST/2(acme roast beans)",
        "ATLEAST/1(acme -roast)",
        "{Acme}",
        "{C++}",
        "{l'eau}",
        "{Café}",
        "ac*me",
        "*oast",
        "ro?st",
        "don't*",
        "コー*",
        "from:ana",
        "site:acme.example",
        "links:acme",
        "links:caf*",
        "date:2026",
        "kind:article",
        "istanbul",
        "strasse",
        "brand",
        "3.5",
        "acme_roast",
        "acmeroastacmeroast",
        "acmeroastacmeroastbeans*",
        "bold",
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
        "#acme-roast#beans",
        "#メ～テレ",
        "#don’t",
        "咖啡店#咖啡店",
        "🇩🇪",
        "5£",
        "🤷🏽‍♀️",
        "Oui\u{202F}non",
        "İstanbul",
        "STRASSE Straße",
        "brand’s",
        "C++",
        "3.5",
        "Cafe\u{301}",
        "ＡＣＭＥ",
        "𝐛𝐨𝐥𝐝",
        "ac\u{AD}me",
        "acme\u{200D}roast",
        "コーヒーacme",
        "ｺｰﾋｰ",
        "acme_roast",
        "acmeroastacmeroast",
        "AcmeRoastAcmeRoastBeansAndMoreAcmeRoastAcmeRoastBeansAndMoreAcmeRoastAcmeRoast",
        "https://é.example/caf%C3%A9/café",
        "http://acme.example/a…roast",
    ]);
    let joint = prop::sample::select(vec![
        " ", " ", " ", "", ", ", "\n", "\t", "_", ".", "'", "’", "\u{200B}", "…", "é", "\"", "\\", "/", "🤷",
    ]);
    prop::collection::vec((word, joint), 0..8)
        .prop_map(|parts| parts.into_iter().flat_map(|(a, b)| [a, b]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn choosing_candidates_never_loses_a_match(
        queries in prop::collection::vec(query(), 1..40),
        title in words(),
        content in words(),
        html: bool,
        source in prop::sample::select(vec!["mastodon:x", "bluesky:x", "x"]),
        tags in prop::collection::vec(prop::sample::select(vec!["Acme Roast", "CAFÉ", "beans", "l'eau"]), 0..3),
        rare: u32,
    ) {
        let content_member = if html { "content_html" } else { "content_text" };
        let item = serde_json::json!({
            "id": "1", "title": title, content_member: content, "tags": tags, "language": "en-GB",
            "_cm": {"version": 1, "source": source},
            "url": "https://acme.example/café", "authors": [{"name": "Ana Núñez", "_cm": {"handle": "@ana@x.example"}}],
        });
        let line = item.to_string();
        let by_number: String = line.chars().map(|c| if c.is_ascii() && c != '#' { c.to_string() } else { escape(c) }).collect();
        let engine = Engine::new(Searches::of_queries(&queries).unwrap()).unwrap();
        for line in [line, by_number] {
            let record = Record::parse(line).unwrap();
            let document = Document::of(&record);
            let all = engine.matches_of_all(&document);
            prop_assert_eq!(&engine.matches(&document), &all);
            let mut scratch = Scratch::default();
            prop_assert!(engine.candidates(&Members::of(record.checked()), &mut scratch) || all.is_empty());
            prop_assert_eq!(&engine.matches_of(&document, &mut scratch), &all);
            let (focus, html_text) = (engine.focus(&mut scratch), scratch.take_html_text());
            let focused = Document::of(&record).knowing_html_text(html_text.as_deref()).focusing(focus.as_ref());
            prop_assert_eq!(engine.matches_of(&focused, &mut scratch), all);
            // Whatever words turn out to be rare.
            let cost = |atom: u32| (rare >> (atom % 32) & 3) as f32;
            let _ = engine.learned.set(Hanging::new(&engine.programs, engine.terms.len(), cost));
        }
    }
}

fn escape(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// Few searches are looked for by their first letters, many by all; words stand at every place of a block of 64 bytes, at
/// the beginning and the end of texts, and before every kind of other letter.
#[test]
fn any_number_of_searches_finds_words_at_any_place() {
    let mut queries = vec!["acme".to_owned(), "strasse".into(), "roasteriesandmorethansixteen".into()];
    queries.extend((0..997).map(|number| format!("other{number}*")));
    for count in [1, 3, 10, 1000] {
        let engine = Engine::new(Searches::of_queries(&queries[..count]).unwrap()).unwrap();
        let mut scratch = Scratch::default();
        for before in (0..20).chain(48..68).chain(120..130) {
            for words in [
                "Acme Straße RoasteriesAndMoreThanSixteen",
                "acme\nSTRASSE\troasteriesandmorethansixteen",
                "ＡＣＭＥ ſtrasse roasteriesandmorethansixteeN é",
                "other1 acme’s other2x strasse",
            ] {
                let text = format!("{}{words}", ".".repeat(before));
                let record =
                    Record::parse(serde_json::json!({"id": "1", "content_text": text}).to_string()).unwrap();
                let document = Document::of(&record);
                let all = engine.matches_of_all(&document);
                assert!(!all.is_empty());
                let mut checker = Checker::default();
                let members = Members::of(checker.check(record.line().as_bytes()).unwrap());
                assert!(engine.candidates(&members, &mut scratch));
                assert_eq!(engine.matches_of(&document, &mut scratch), all, "{count} searches: {text:?}");
            }
        }
    }
}

/// Items are told apart by a number of 32 bits.
#[test]
fn after_four_billion_items_nothing_is_missed() {
    let engine = Engine::new(Searches::of_queries(&["acme"]).unwrap()).unwrap();
    let record = Record::parse(r#"{"id":"1","content_text":"acme"}"#).unwrap();
    for now in [u32::MAX - 1, u32::MAX] {
        let mut scratch = Scratch::default();
        assert!(engine.candidates(&Members::of(record.checked()), &mut scratch));
        scratch.atoms.fill(0);
        scratch.searches.fill(0);
        scratch.now = now;
        assert!(engine.candidates(&Members::of(record.checked()), &mut scratch), "{now}");
    }
}

/// Short words that nobody writes are rarer than a long one in every item.
#[test]
fn searches_are_hung_anew_on_what_turns_out_to_be_rare() {
    let queries = ["responsibility (xx OR yy)", "responsibility zz", "responsibility"];
    let engine = Engine::new(Searches::of_queries(&queries).unwrap()).unwrap();
    let item = |text: &str| Record::parse(serde_json::json!({"id": "1", "content_text": text}).to_string());
    let matches = |scratch: &mut Scratch, text: &str| {
        let record = item(text).unwrap();
        engine.candidates(&Members::of(record.checked()), scratch);
        scratch.candidates.clone()
    };
    let mut scratch = Scratch::default();
    for _ in 0..600 {
        assert_eq!(matches(&mut scratch, "Responsibility"), [2]);
    }
    let learned = engine.learned.get().expect("600 items are enough");
    let long = engine.guessed.on(0).len();
    assert!(learned.on(0).len() < long, "{long} hung on the common word before");
    assert_eq!(matches(&mut scratch, "zz yy responsibility"), [0, 1, 2]);
}

/// What a search cannot do without, and what is always tried.
#[test]
fn only_what_nothing_is_known_of_is_always_tried() {
    for (query, wanted) in [
        ("acme -roast", false),
        ("-acme", true),
        ("acme OR -roast", true),
        ("*", true),
        ("*roast", true),
        ("*roast acme", false),
        ("ro?st", false),
        ("acme NEAR/3 (roast OR *x)", false),
        ("ATLEAST/2(acme roast -beans)", false),
        ("ATLEAST/1(acme roast -beans)", true),
        ("{C++}", false),
        ("{++}", true),
        ("café*", false),
        ("й*", true),
        ("from:ana", false),
        ("site:acme.example", false),
        ("lang:en kind:note", true),
        ("date:2026", true),
        ("😡", false),
    ] {
        assert_eq!(always_tried(&query.parse().unwrap()), wanted, "{query}");
    }
}
