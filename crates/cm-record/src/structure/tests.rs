//! The fast scanner against the slow one.

use super::*;
use crate::json;
use proptest::prelude::*;

/// What holds of any line: no doubt only where the slow scanner finds the same members; doubt at a good line only for
/// its names.
fn agree(line: &str) {
    let slow = json::members(line);
    for level in [Level::new(), Level::baseline()] {
        let mut scanner = Scanner { level, ..Scanner::default() };
        let mut members = Vec::new();
        if scanner.scan(line, &mut members) {
            assert_eq!(slow.as_ref(), Ok(&members), "{line}");
        } else if let Ok(slow) = &slow {
            let odd = |member: &Member| line[member.name.clone()].contains('\\');
            assert!(slow.len() > MAX_MEMBERS || slow.iter().any(odd), "doubted: {line}");
        }
    }
}

/// Pieces of grammar, and runs that make them cross the ends of blocks.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\\\",
        "\\\"",
        " ",
        "\t",
        "\r",
        "\n",
        "\u{1}",
        "é",
        "\u{feff}",
        "\"a\"",
        "\"id\"",
        "\"b\":",
        "\"c\":1,",
        "\"\\ud800\"",
        "\"\\u00e9\\n\"",
        "\\u12",
        "0",
        "-",
        "1.5",
        "1E5",
        "e+",
        ".",
        "00",
        "true",
        "false",
        "nul",
        "null",
        "[[]]",
        "{\"k\":[1,{}]}",
        "\"x\":{\"y\":[]}",
        ", ",
        ": ",
        "{}",
        "[]",
    ]);
    let run = (
        prop::sample::select(vec![" ", "x", "\\", "\\\\", "é", "[", "{\"a\":", "1", "\"", "]"]),
        1usize..140,
    );
    prop_oneof![8 => fixed.prop_map(str::to_owned), 1 => run.prop_map(|(text, times)| text.repeat(times))]
}

/// Good JSON of many shapes, with and without white space.
fn good() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<f64>().prop_map(|f| serde_json::json!(f).to_string()),
        any::<i64>().prop_map(|i| i.to_string()),
        "(\\PC|[\"\\\\\n]){0,90}".prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    let space = || prop::sample::select(vec!["", "", "", " ", "\t\r\n "]);
    let value = leaf.prop_recursive(5, 40, 6, move |inner| {
        let list = prop::collection::vec((inner.clone(), space(), space()), 0..6).prop_map(|values| {
            let values: Vec<_> = values.into_iter().map(|(value, a, b)| format!("{a}{value}{b}")).collect();
            format!("[{}]", values.join(","))
        });
        prop_oneof![list, object(inner)]
    });
    object(value.boxed())
}

fn object(value: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let space = || prop::sample::select(vec!["", "", "", " ", "\t\r\n "]);
    let member = ("[a-z]{0,3}|[a-z\"\\\\]{1,80}", value, space(), space(), space());
    prop::collection::vec(member, 0..8)
        .prop_map(|members| {
            let member = |(name, value, a, b, c): (String, String, &str, &str, &str)| {
                format!("{a}{}{b}:{c}{value}{a}", serde_json::Value::from(name))
            };
            format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(","))
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn pieces_of_grammar(pieces in prop::collection::vec(piece(), 0..14), inside in any::<bool>()) {
        let value = pieces.concat();
        agree(&if inside { format!(r#"{{"id":"1","v":{value}}}"#) } else { value });
    }
}

proptest! {
    #[test]
    fn good_lines_and_what_one_byte_makes_of_them(line in good(), at in any::<prop::sample::Index>(), byte in prop::sample::select(b"{}[]:,\"\\ x1-e.\t\x01".to_vec()), cut in any::<bool>()) {
        agree(&line);
        let mut bytes = line.into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.remove(at); } else { bytes[at] = byte; }
        if let Ok(line) = String::from_utf8(bytes) {
            agree(&line);
        }
    }
}

#[test]
fn every_token_at_every_place_of_a_block() {
    for pad in 0..130 {
        let (spaces, text) = (" ".repeat(pad), "x".repeat(pad));
        for value in [
            "1",
            "-0.5e-7",
            "true",
            "null",
            "\"\"",
            "\"\\\"\"",
            "\"\\\\\"",
            "\"\\u00Ff\"",
            "[]",
            "{}",
            "[1,\"a\",[],{}]",
            "{\"a\":{\"b\":[[\"\\\\\"]]}}",
            "01",
            "1.",
            "tru",
            "truee",
            "\"\\x\"",
            "\"\\u00g0\"",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{1:2}",
            "[1 2]",
            "[1:2]",
            "\"a\" \"b\"",
            "\"\t\"",
            "[}",
            "{]",
            "]",
            "}",
            "\"",
            "\\",
            "{\"a\":1 \"b\":2}",
            "{\"a\" 1}",
            "[\"a\":1]",
            "1\"a\"",
            "\"a\"1",
            "é",
            "1\u{1}",
            "{\"a\"::1}",
            "{,}",
            "[[]",
        ] {
            agree(&format!("{{{spaces}\"{text}\"{spaces}:{spaces}{value}{spaces}}}"));
            agree(&format!("{spaces}{{\"a\":\"{text}\",\"b\":{value},\"c\":\"{text}\\\\\"}}{spaces}"));
            agree(&format!("{{\"{text}\":{value}}}{value}"));
        }
    }
}

#[test]
fn depth_and_many_members() {
    let deep = |n: usize| format!("{{\"a\":{}{}}}", "[{\"b\":".repeat(n), "1}]".repeat(n));
    agree(&deep(100_000));
    agree(&deep(100)[1..]);
    let many = |n: usize| (0..n).map(|i| format!("\"m{i}\":{i}")).collect::<Vec<_>>().join(",");
    for n in [255, 256, 257, 300] {
        agree(&format!("{{{}}}", many(n)));
        agree(&format!("{{{},\"m7\":1}}", many(n)));
    }
}

/// Names of one length with the same ends would each be compared with all before them.
#[test]
fn too_many_members_are_not_looked_at() {
    let names = (0..1000).map(|i| format!("\"a{i:03}b\":1")).collect::<Vec<_>>();
    let mut members = Vec::new();
    assert!(!Scanner::default().scan(&format!("{{{}}}", names.join(",")), &mut members));
    assert_eq!(members, []);
    assert!(Scanner::default().scan(&format!("{{{}}}", names[..MAX_MEMBERS].join(",")), &mut members));
    assert_eq!(members.len(), MAX_MEMBERS);
}
