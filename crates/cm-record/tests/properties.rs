//! What holds for any line: the scanner agrees with serde_json, and setting a part changes nothing else.

use cm_record::{Reason, Record};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// Text that is nearly JSON: pieces of grammar in any order.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\\"),
        Just(" "),
        Just("\t"),
        Just("\r"),
        Just("\u{1}"),
        Just("é"),
        Just("\"a\""),
        Just("\"id\":\"1\""),
        Just("\"\\ud800\""),
        Just("\"\\u00e9\\n\""),
        Just("\\u12"),
        Just("0"),
        Just("-"),
        Just("1.5"),
        Just("1E5"),
        Just("e+"),
        Just("."),
        Just("00"),
        Just("true"),
        Just("nul"),
        Just("null"),
        Just("[[]]"),
        Just("{\"k\":[1,{}]}"),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|f| json!(f)),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(".*", inner, 0..5).prop_map(Value::from_iter),
        ]
    })
}

fn agrees(line: &str) {
    let valid = serde_json::from_str::<IgnoredAny>(line).is_ok() && line.trim_ascii().starts_with('{');
    match Record::parse(line) {
        Ok(_) => assert!(valid, "accepted: {line}"),
        Err(Reason::NotObject(why)) => assert!(!valid, "refused ({why}): {line}"),
        Err(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_scanner_agrees_with_serde_json(value in nearly_json(), inside in any::<bool>()) {
        agrees(&if inside { format!(r#"{{"id":"1","content_text":"","v":{value}}}"#) } else { value });
    }

    #[test]
    fn any_text_is_harmless(line in ".*") {
        agrees(&line);
    }
}

proptest! {
    #[test]
    fn a_part_changes_nothing_else(members in prop::collection::hash_map("[a-z\"\\\\é]{1,4}", any_json(), 0..6), part in any_json(), other in any_json()) {
        let mut object = json!({"id": "1", "content_text": "t"});
        for (name, value) in members {
            object[name] = value;
        }
        object["id"] = "1".into();
        let line = object.to_string();
        let mut record = Record::parse(line.clone()).unwrap();
        record.set_part("_cm_x", &part);
        prop_assert!(record.line().starts_with(&line[..line.len() - 1]));
        prop_assert_eq!(&Record::parse(record.line()).unwrap(), &record);
        let once = record.clone();
        prop_assert!(!record.set_part("_cm_x", &part));
        prop_assert_eq!(&record, &once);
        record.set_part("_cm_x", &other);
        prop_assert_eq!(&Record::parse(record.line()).unwrap(), &record);
        prop_assert!(record.remove_part("_cm_x"));
        prop_assert_eq!(record.line(), line);
    }
}
