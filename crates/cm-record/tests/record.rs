//! Records: what is accepted, what is kept, what a part changes.

#![expect(clippy::panic, clippy::expect_used, reason = "in tests a panic is the report")]

use cm_record::{Audience, FetchPart, Item, Reason, Record};
use serde_json::{Value, json};

fn parse(line: &str) -> Record {
    Record::parse(line).unwrap_or_else(|reason| panic!("{line}: {reason}"))
}

fn reason(line: &str) -> Reason {
    Record::parse(line).expect_err(line)
}

/// Members that a rewriting tool would damage.
const ODD: &str = r#"{"id":"1","content_text":"t","n":123456789012345678901234567890,"e":1E5,"f":1.10,"u":"\ud800 \u0041\/","x" : [ 1 , {} ] }"#;

#[test]
fn odd_members_pass_untouched() {
    let mut record = parse(ODD);
    assert_eq!(record.raw("n"), Some("123456789012345678901234567890"));
    assert_eq!(record.raw("e"), Some("1E5"));
    assert_eq!(record.raw("x"), Some("[ 1 , {} ]"));
    assert_eq!(record.text("u"), None, "a lone surrogate is no text");
    assert_eq!(record.text_lossy("u").unwrap(), "\u{fffd} A/");
    assert!(record.item().is_ok());
    assert!(record.set_part("_cm_scan", &json!({"matches": []})));
    assert_eq!(record.line(), ODD.replace("{} ] }", r#"{} ],"_cm_scan":{"matches":[]} }"#));
    assert!(record.remove_part("_cm_scan"));
    assert_eq!(record.line(), ODD);
    assert_eq!(record, parse(ODD));
}

#[test]
fn a_hundred_thousand_levels_are_harmless() {
    let deep = format!(
        r#"{{"id":"1","content_text":"t","_x":{}{}}}"#,
        "[{\"a\":".repeat(50_000),
        "1".to_owned() + &"}]".repeat(50_000)
    );
    let mut record = parse(&deep);
    assert!(record.item().is_ok());
    assert!(record.set_part("_cm_fetch", &FetchPart::default()));
    assert!(record.line().starts_with(deep.strip_suffix('}').unwrap()));
    assert!(matches!(reason(&deep.replace('1', "")), Reason::NotObject(_)));
    assert!(matches!(reason(&"[".repeat(1 << 20)), Reason::NotObject(_)));
    assert!(matches!(reason(&format!("{{\"a\":{}", "[".repeat(1 << 20))), Reason::NotObject(_)));
}

#[test]
fn bom_cr_and_white_space_are_kept() {
    let line = "\u{feff} \t{ \"id\" : \"1\" , \"content_html\" : \"\" } \r";
    let mut record = parse(line);
    assert_eq!(record.line(), line);
    assert_eq!(record.item().unwrap().id, "1");
    record.set_part("_cm_x", &1);
    assert_eq!(record.line(), "\u{feff} \t{ \"id\" : \"1\" , \"content_html\" : \"\",\"_cm_x\":1 } \r");
}

#[test]
fn names_are_compared_decoded() {
    let mut record = parse(r#"{"\u0069d":"1","content_text":"t","\u005fcm_scan":{"matches":[]}}"#);
    assert_eq!(record.id(), "1");
    assert!(!record.set_part("_cm_scan", &json!({"matches": []})));
    assert!(record.remove_part("_cm_scan"));
    assert_eq!(record.line(), r#"{"\u0069d":"1","content_text":"t"}"#);
    assert_eq!(reason(r#"{"id":"1","content_text":"t","i\u0064":"2"}"#), Reason::DuplicateName("id".into()));
    assert_eq!(
        reason(r#"{"😀":1,"id":"1","content_text":"t","\ud83d\uDE00":2}"#),
        Reason::DuplicateName("😀".into())
    );
    let halves = parse(r#"{"id":"1","content_text":"é\ud800\udbff\ud83d\ude00\udc00x"}"#);
    assert_eq!(halves.text_lossy("content_text").unwrap(), "é\u{fffd}\u{fffd}😀\u{fffd}x");
    parse(r#"{"id":"1","content_text":"t","\ud800":1,"\udc00":2,"\\ud800":3}"#);
    assert!(matches!(
        reason(r#"{"id":"1","content_text":"t","\ud800":1,"\uD800":2}"#),
        Reason::DuplicateName(_)
    ));
}

#[test]
fn bad_lines_say_why() {
    let cases = [
        ("", "not one JSON object: expected '{' at its end, byte 1"),
        ("[]", "not one JSON object: expected '{' at byte 1"),
        ("{}", "no \"id\""),
        (r#"{"id":1,"content_text":""}"#, "\"id\" is not a string"),
        (r#"{"id":"","content_text":""}"#, "\"id\" is empty"),
        (r#"{"id":"\ud800","content_text":""}"#, "\"id\" is not Unicode text"),
        (r#"{"id":"1"}"#, "no \"content_text\" or \"content_html\""),
        (r#"{"id":"1","content_text":null}"#, "no \"content_text\" or \"content_html\""),
        (r#"{"id":"1","content_text":"a"#, "not one JSON object: expected '\"' at its end, byte 28"),
        (
            r#"{"id":"1","content_text":"a"} {}"#,
            "not one JSON object: expected the end of the line at byte 31",
        ),
        (r#"{"id":"1","content_text":"a",}"#, "not one JSON object: expected a name in quotes at byte 30"),
        (r#"{"id":"1","content_text":"a","id":"1"}"#, "the member \"id\" stands twice"),
        (r#"{"id":"1","x":01}"#, "not one JSON object: expected ',' or '}' at byte 16"),
        (r#"{"id":"\x"}"#, "not one JSON object: expected an escape at byte 9"),
        ("{\"id\":\"\t\"}", "not one JSON object: expected no raw control character in a string at byte 8"),
    ];
    for (line, wanted) in cases {
        assert_eq!(reason(line).to_string(), wanted, "{line}");
    }
}

#[test]
fn ids_are_bounded_after_decoding() {
    let line = |id: &str| format!(r#"{{"id":"{id}","content_text":""}}"#);
    assert_eq!(parse(&line(&"\\u0061".repeat(2048))).id(), "a".repeat(2048));
    assert_eq!(reason(&line(&"a".repeat(2049))), Reason::Id("\"id\" is longer than 2048 bytes"));
}

#[test]
fn members_are_bounded_but_parts_have_room() {
    let line = |n: usize| {
        let others: String = (2..n).map(|i| format!(r#","x{i}":{i}"#)).collect();
        format!(r#"{{"id":"1","content_text":""{others}}}"#)
    };
    assert_eq!(reason(&line(257)), Reason::TooManyMembers);
    let mut record = parse(&line(256));
    assert!(record.set_part("_cm_scan", &1));
    assert_eq!(parse(record.line()), record);
    let parts: String = (0..300).map(|i| format!(r#","_cm_{i}":{i}"#)).collect();
    assert_eq!(reason(&line(2).replace('}', &format!("{parts}}}"))), Reason::TooManyMembers);
}

#[test]
fn a_part_equal_but_for_its_time_is_kept() {
    let mut record = parse(r#"{"id":"1","_cm_x":{ "at":"A","n":1 },"content_text":"","z":[1,2]}"#);
    let before = record.clone();
    assert!(!record.set_part("_cm_x", &json!({"n": 1, "at": "B"})));
    assert_eq!(record, before);
    assert!(record.set_part("_cm_x", &json!({"at": "B", "n": 2, "long": "longer than before"})));
    assert_eq!(
        record.line(),
        r#"{"id":"1","_cm_x":{"at":"B","long":"longer than before","n":2},"content_text":"","z":[1,2]}"#
    );
    assert_eq!(record.raw("z"), Some("[1,2]"));
    assert_eq!(record, parse(record.line()));
    assert!(record.set_part("_cm_x", &json!({"in": {"at": "B"}})));
    assert!(
        record.set_part("_cm_x", &json!({"in": {"at": "C"}})),
        "only the part's own time is beside the point"
    );
}

#[test]
fn a_part_goes_with_one_comma() {
    let cases = [
        (r#"{"_p":1 , "id":"1","content_text":""}"#, r#"{"id":"1","content_text":""}"#),
        (r#"{ "id":"1" , "_p" : 1 , "content_text":""}"#, r#"{ "id":"1" , "content_text":""}"#),
        (r#"{"id":"1","content_text":"", "_p":{} }"#, r#"{"id":"1","content_text":"" }"#),
    ];
    for (line, wanted) in cases {
        let mut record = parse(line);
        assert!(record.remove_part("_p"));
        assert_eq!(record.line(), wanted);
        assert_eq!(record, parse(wanted));
        assert!(!record.remove_part("_p"));
    }
}

#[test]
fn what_holds_without_and_with_cm() {
    let plain = parse(r#"{"id":"1","content_text":""}"#);
    let meta = plain.meta().unwrap();
    assert_eq!(
        (meta.version, meta.kind.as_deref(), meta.audience),
        (1, Some("article"), Some(Audience::Public))
    );
    assert_eq!(plain.item().unwrap().meta(), meta);
    let social = parse(r#"{"id":"1","content_text":"","_cm":{"version":3,"kind":"note"}}"#);
    assert_eq!(social.meta().unwrap().audience, None);
    assert_eq!((social.version(), plain.version()), (3, 1));
}

#[test]
fn a_wrong_type_is_named() {
    let record = parse(r#"{"id":"1","content_text":"","tags":["a",1],"_cm":{"version":"x"}}"#);
    assert_eq!(record.item().unwrap_err(), r#""tags": invalid type: integer `1`, expected a string"#);
    assert_eq!(record.meta().unwrap_err(), r#""_cm": invalid type: string "x", expected i64"#);
    assert_eq!(record.get::<Vec<Value>>("tags").unwrap().unwrap().len(), 2);
    assert_eq!(record.get::<String>("nothing"), Ok(None));
    assert_eq!(record.version(), 1);
}

#[test]
fn null_is_absent() {
    let record = parse(r#"{"id":"1","content_text":"","tags":null,"authors":null,"url":null,"_cm":null}"#);
    let item = record.item().unwrap();
    assert_eq!((item.tags.len(), item.url, item.cm), (0, None, None));
    assert_eq!(record.meta().unwrap().kind.as_deref(), Some("article"));
}

#[test]
fn a_made_record_is_as_lean_as_its_item() {
    let item = Item { id: "1".into(), content_text: Some("\"é\"".into()), ..Item::default() };
    let record = Record::from_item(&item).unwrap();
    assert_eq!(record.line(), r#"{"id":"1","content_text":"\"é\""}"#);
    assert_eq!(record.text("content_text").unwrap(), "\"é\"");
    assert_eq!(Record::from_item(&Item::default()), Err(Reason::Id("\"id\" is empty")));
}
