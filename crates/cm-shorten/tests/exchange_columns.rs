//! `import` of tables whose columns have other names, of codes with their host, and of lists that are not whole.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;

use home::{Done, Home, jsonl};

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\n";

fn import(from: &str, content: &str) -> Done {
    let home = Home::new(CONFIG);
    home.pipe(&["import", "-", "--from", from], content)
}

fn codes(done: &Done) -> Vec<String> {
    let lines = jsonl(&done.out);
    lines.iter().map(|line| line["code"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn a_column_of_codes_is_known_by_many_names() {
    for (from, name) in [
        ("bitly", "custom_bitlink"),
        ("bitly", "custom_bitlinks"),
        ("bitly", "Custom Bitlinks"),
        ("bitly", "CUSTOM-BACK-HALVES"),
        ("csv", "slugs"),
        ("csv", "short"),
        ("csv", "path"),
        ("csv", "Short URLs"),
    ] {
        for cell in ["bit.ly/acme-c1", "https://bit.ly/acme-c1", "acme-c1", "/acme-c1"] {
            let text = format!(
                "long_url,{name},title,created_at\nhttps://a.example/,{cell},T,2024-05-01T12:00:00+0000\n"
            );
            let done = import(from, &text);
            assert_eq!(
                (codes(&done), done.code),
                (vec!["acme-c1".to_owned()], 0),
                "{name} {cell}: {}",
                done.err
            );
            assert_eq!(done.err, "", "{name}");
        }
    }
}

#[test]
fn both_codes_of_a_link_are_made() {
    for (link, own) in [
        ("https://bit.ly/3AbCdEf", "bit.ly/acme-spring"),
        ("bit.ly/3AbCdEf", "acme-spring"),
        ("bit.ly/3AbCdEf", "https://bit.ly/acme-spring"),
    ] {
        for names in ["Link,Custom Back-half", "short_url,slug"] {
            let done = import("bitly", &format!("Long URL,{names}\nhttps://a.example/,{link},{own}\n"));
            let mut codes = codes(&done);
            codes.sort();
            assert_eq!((codes.join(" ").as_str(), done.code), ("3AbCdEf acme-spring", 0), "{}", done.err);
        }
    }
    // Several in one cell.
    let done =
        import("bitly", "long_url,link,custom_bitlinks\nhttps://a.example/,bit.ly/3Ab,bit.ly/x|bit.ly/y\n");
    assert_eq!(codes(&done), ["3Ab", "x", "y"]);
    // One code told twice is one; parts of a path are no host.
    let done = import("dub", "key,Short link,url\nAbC,https://d.example/AbC,https://a.example/\n");
    assert_eq!((codes(&done).len(), done.code), (1, 0));
    assert_eq!(import("dub", "key,url\na.b1/c,https://a.example/\n").code, 3);
}

#[test]
fn columns_that_are_not_understood_are_named_once() {
    let rows = "https://a.example/,x,1\nhttps://b.example/,y,2\n";
    let done = import("csv", &format!("url,nickname,Colour\n{rows}"));
    assert_eq!(done.code, 0);
    let told = done.err.lines().filter(|line| line.contains("\"nickname\", \"Colour\"")).count();
    assert_eq!(told, 1, "{}", done.err);
    assert!(done.err.contains("no column gives a code"), "{}", done.err);
    let done = import("csv", "url,slug,Colour\nhttps://a.example/,x,red\n");
    assert!(done.err.contains("\"Colour\"") && !done.err.contains("gives a code"), "{}", done.err);
    // What says nothing of the link is no news, unless the code may be in it.
    let done = import(
        "yourls",
        "keyword,url,title,timestamp,ip,clicks\nx,https://a.example/,T,2024-05-01 12:00:00,1.2.3.4,7\n",
    );
    assert_eq!(done.err, "");
    // Our own export has no column that is not understood.
    let home = Home::new(CONFIG);
    assert_eq!(home.run(&["add", "https://a.example/", "--slug", "x"]).code, 0);
    let own = home.run(&["export", "--to", "csv"]).out;
    assert_eq!(import("csv", &own).err, "");
}

#[test]
fn one_page_of_a_list_does_not_pass_for_all_of_it() {
    let shlink = r#"{"shortUrls":{"data":[{"shortCode":"AbC","longUrl":"https://a.example/"}],
        "pagination":{"currentPage":5,"pagesCount":12,"itemsPerPage":10,"totalItems":115}}}"#;
    let kutt = r#"{"total":50,"limit":10,"skip":0,"data":[{"address":"a","target":"https://a.example/"},
        {"address":"b","target":"https://b.example/"}]}"#;
    let bitly = r#"{"links":[{"link":"https://bit.ly/3AbC","long_url":"https://a.example/","custom_bitlinks":["https://bit.ly/x"]}],
        "pagination":{"next":"https://api-ssl.bitly.com/v4/groups/x/bitlinks?search_after=y","total":120}}"#;
    let yourls = r#"{"links":{"link_1":{"shorturl":"http://y.example/abc","url":"https://a.example/"}},
        "stats":{"total_links":"50","total_clicks":"9"},"statusCode":200}"#;
    for (from, text, told) in [
        ("shlink", shlink, "page 5 of 12: 114 of 115 links are not in this file"),
        ("kutt", kutt, "48 of 50 links are not in this file"),
        ("bitly", bitly, "119 of 120 links are not in this file"),
        ("yourls", yourls, "49 of 50 links are not in this file"),
        (
            "bitly",
            r#"{"links":[{"link":"https://bit.ly/3AbC","long_url":"https://a.example/"}],"pagination":{"next":"x"}}"#,
            "a page follows",
        ),
    ] {
        let done = import(from, text);
        assert!(done.code == 3 && done.err.contains(told), "{from}: {} {}", done.code, done.err);
        assert!(done.err.contains(&format!("--from {from}:NAME")), "{}", done.err);
    }
    // All pages one after another are the whole.
    let page = |n: u32| {
        format!(
            r#"{{"shortUrls":{{"data":[{{"shortCode":"c{n}","longUrl":"https://a.example/{n}"}}],"pagination":{{"currentPage":{n},"pagesCount":2,"totalItems":2}}}}}}"#
        )
    };
    let done = import("shlink", &format!("{}\n{}\n", page(1), page(2)));
    assert_eq!((done.code, done.err.as_str()), (0, ""));
}

#[test]
fn a_dump_that_breaks_off_between_two_rows_is_told() {
    let done = import("yourls", "INSERT INTO `yourls_url` VALUES ('a','https://a.example/','',NULL,'',0),\n");
    assert!(done.code != 0 && done.err.contains("breaks off"), "{} {}", done.code, done.err);
    assert_eq!(codes(&done), ["a"]);
    assert!(!done.bytes.is_empty());
}

#[test]
fn what_a_link_has_not_here_is_told() {
    let home = Home::new(CONFIG);
    let link = |code: &str, more: &str| {
        format!(r#"{{"shortCode":"{code}","longUrl":"https://a.example/{code}",{more}}}"#)
    };
    let links = [
        link(
            "used",
            r#""visitsSummary":{"total":120,"nonBots":100},"meta":{"maxVisits":100,"validUntil":"2017-01-01T00:00:00Z"}"#,
        ),
        link(
            "later",
            r#""meta":{"validSince":"2027-01-01T00:00:00Z"},"forwardQuery":true,"hasRedirectRules":true"#,
        ),
        link("over", r#""meta":{"validUntil":"2026-11-22T07:00:00Z"}"#),
        link("plain", r#""meta":{"validSince":"2020-01-01T00:00:00Z"},"forwardQuery":false"#),
    ];
    let text = format!("[{}]", links.join(","));
    let args = ["import", "-", "--from", "shlink", "--clock", "2026-11-22T08:00:00Z"];
    let done = home.pipe(&args, text.as_str());
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.contains("3 links lose something, or ended already"), "{}", done.err);
    let lines = jsonl(&done.out);
    let lost = |at: usize| lines[at]["lost"].to_string();
    assert!(lost(0).contains("its 100 clicks are used up"), "{}", lost(0));
    let later = lost(1);
    assert!(
        later.contains("not from 2027-01-01") && later.contains("query") && later.contains("rules"),
        "{later}"
    );
    assert!(lost(2).contains("it has ended: 2026-11-22T07:00"), "{}", lost(2));
    assert!(lines[3].get("lost").is_none(), "{}", lines[3]);
    // It is there already: nothing is lost a second time.
    let again = home.pipe(&args, text.as_str());
    assert!(again.code == 0 && !again.out.contains("lost") && again.err.is_empty(), "{}", again.err);
}

#[test]
fn further_codes_of_a_link_have_what_it_has_left_and_its_tags_add_up() {
    let home = Home::new(CONFIG);
    let rows = r#"{"code":"a","url":"https://a.example/a","aliases":["b"],"maxClicks":10,"clicks":10}
{"code":"c","url":"https://a.example/c","aliases":["d"],"maxClicks":10,"clicks":4,"tags":["x","y","z"],"label":"z"}
"#;
    assert_eq!(home.pipe(&["import", "-", "--from", "jsonl"], rows).code, 0);
    let links = jsonl(&home.run(&["list"]).out);
    let of = |code: &str| links.iter().find(|link| link["code"] == code).unwrap();
    assert!(["a", "b"].iter().all(|code| of(code)["ended"] == true), "{links:?}");
    for code in ["c", "d"] {
        assert_eq!(of(code)["max_clicks"], 6);
        assert_eq!(of(code)["tags"], serde_json::json!(["z", "x", "y"]));
    }
    assert!(of("b").get("earlier").is_none() && of("d").get("earlier").is_none(), "clicks count once");
}

#[test]
fn a_day_is_good_until_it_is_over() {
    let home = Home::new(&format!("time_zone = 'Europe/Berlin'\n{CONFIG}"));
    let clock = ["--clock", "2026-11-23T11:00:00Z"];
    home.pipe(
        &[&["import", "-", "--from", "csv"], &clock[..]].concat(),
        "slug,url,expires\ni,https://a.example/,2026-12-31\nt,https://a.example/,2026-12-31 09:00\n",
    );
    for (slug, end) in [("a", "2026-12-31"), ("b", "2026-11-23"), ("c", "31/12/2026")] {
        let done = home
            .run(&[&["add", "https://a.example/", "--slug", slug, "--expires", end], &clock[..]].concat());
        if slug == "c" {
            assert!(done.code == 2 && done.err.contains("write 2026-12-31"), "{}", done.err);
        } else {
            assert_eq!(done.code, 0, "{}", done.err);
            assert!(done.out.contains("\"expires\":\"2026-1"), "{}", done.out);
        }
    }
    let links = jsonl(&home.run(&["export", "--to", "jsonl"]).out);
    let end = |code: &str| links.iter().find(|link| link["code"] == code).unwrap()["expires"].clone();
    assert_eq!(end("a"), "2026-12-31T23:00:00Z");
    assert_eq!(end("b"), "2026-11-23T23:00:00Z");
    assert_eq!(end("i"), "2026-12-31T23:00:00Z");
    assert_eq!(end("t"), "2026-12-31T09:00:00Z");
}

#[test]
fn a_code_beside_an_imported_one_and_tags_taken_off_are_told() {
    let home = Home::new(CONFIG);
    home.file("in", "long_url,link\nhttps://a.example/,bit.ly/3AbCdEf\n");
    home.run(&["import", "in", "--from", "bitly"]);
    let done = home.run(&["add", "https://b.example/", "--slug", "3abcdef"]);
    assert!(done.code == 0 && done.err.contains("3AbCdEf is a link too"), "{}", done.err);
    let done = home.run(&["add", "https://b.example/", "--slug", "other"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let done = home.run(&["add", "https://b.example/?utm_campaign=mine&utm_source=news", "-v"]);
    assert!(done.err.contains("utm_campaign, utm_source taken off: --existing-utm keep"), "{}", done.err);
    for word in ["delete", "remove", "rm", "disable"] {
        let done = home.run(&[word, "3AbCdEf"]);
        assert!(done.code == 2 && done.err.contains("edit CODE --expires now"), "{}", done.err);
    }
}
