//! Every operator of the language, from a query at the prompt to the places in the record that comes out.

use super::room::Room;

const ITEM: &str = r#"{"id":"1","title":"Acme moves","content_text":"We left Acme for another roast; C++ and c. See https://x.example/y now :) ok","date_published":"2026-11-19T23:30:00Z","tags":["Cold Brew"],"authors":[{"name":"Ana","_cm":{"handle":"@ana@x.example"}}]}"#;

#[test]
fn every_operator_finds_its_places() {
    let room = Room::new();
    room.write("cm.toml", "time_zone = \"Europe/Berlin\"\n");
    for (query, wanted) in [
        ("left NEAR/3 roast", "left|roast"),
        ("left NEAR/2 roast", "no"),
        ("roast NEAR left", "left|roast"),
        ("roast ONEAR left", "no"),
        ("see NEAR/1 now", "See|now"),
        ("see NEAR/0 now", "no"),
        ("title:(acme NEAR/0 moves)", "Acme|moves"),
        ("moves NEAR/100 left", "no"),
        ("we NEAR/1 (acme OR roast) ONEAR/2 roast", "We|Acme|roast"),
        ("\"roast acme\"~2", "Acme for another roast"),
        ("\"roast acme\"~1", "no"),
        ("ATLEAST/2(moves, nothing, #coldbrew)", "moves|Cold Brew"),
        ("ATLEAST/3(moves nothing #coldbrew)", "no"),
        ("{C++} {c}", "C++|c"),
        ("{ACME}", "no"),
        ("{:)} NEAR/0 ok", ":)|ok"),
        ("{x.example}", "no"),
        ("r?ast *oth*", "another|roast"),
        ("author:@ana", "@ana@x.example"),
        ("date:2026-11-20", ""),
        ("date:2026-11-19", "no"),
        ("date:<=2026-11-20 date:>2026-11-19", ""),
        ("left NOT (acme NEAR/0 roast)", "left"),
    ] {
        let run = room.run(&["--lockstep", "--", query], ITEM);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{query}");
        let out: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let hits = |found: &serde_json::Value| {
            let hits = found["hits"].as_array().unwrap().iter();
            hits.map(|hit| hit["exact"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("|")
        };
        let matches = out["_cm_scan"]["matches"].as_array().unwrap();
        assert_eq!(matches.first().map_or("no".to_owned(), hits), wanted, "{query}");
    }
}
