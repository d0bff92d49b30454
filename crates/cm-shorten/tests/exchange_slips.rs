//! `import` and `export` when the user slips: files in the way, tags that nobody has, readers that leave, odd rows.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;

use home::{Home, jsonl};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\n";

fn home_with(rows: usize) -> Home {
    let home = Home::new(CONFIG);
    let rows: String = (0..rows).map(|n| format!("c{n},https://a.example/{n},spring\n")).collect();
    home.file("in.csv", &format!("slug,url,tags\n{rows}"));
    assert_eq!(home.run(&["import", "--from", "csv", "in.csv"]).code, 0);
    home
}

#[test]
fn a_file_that_no_export_wrote_is_never_replaced() {
    let home = home_with(3);
    for to in ["netlify", "cloudflare", "csv", "jsonl"] {
        home.file("mine", "/old /new 301\n");
        let done = home.run(&["export", "--to", to, "-o", "mine"]);
        assert_eq!(done.code, 2, "{to}: {}", done.err);
        assert!(done.err.contains("mine is there already") && done.err.lines().count() == 1, "{}", done.err);
        assert_eq!(fs::read_to_string(home.path("mine")).unwrap(), "/old /new 301\n");
        for name in [to, to] {
            let done = home.run(&["export", "--to", to, "-o", name]);
            assert_eq!(done.code, 0, "what an export wrote is replaced: {to}: {}", done.err);
        }
        fs::write(home.path(to), "").unwrap();
        assert_eq!(
            home.run(&["export", "--to", to, "-o", to]).code,
            0,
            "an empty file holds nothing to lose"
        );
        assert!(fs::read_to_string(home.path(to)).unwrap().contains("https://a.example/2"));
    }
}

#[test]
fn a_tag_that_no_link_has_empties_nothing() {
    let home = home_with(3);
    assert_eq!(home.run(&["export", "--to", "html", "-o", "site", "--tag", "spring"]).code, 0);
    let done = home.run(&["export", "--to", "html", "-o", "site", "--tag", "sprnig"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("no link has this tag; did you mean spring?"), "{}", done.err);
    assert!(home.path("site/c2/index.html").exists());
}

#[test]
fn a_dry_run_of_files_changes_nothing() {
    let home = home_with(3);
    for (to, output) in [("html", "site"), ("nginx", "conf"), ("netlify", "_redirects"), ("csv", "out.csv")] {
        let done = home.run(&["export", "--to", to, "-o", output, "-n", "-v"]);
        assert!(done.code == 0 && done.err.contains("3 links would be written"), "{to}: {}", done.err);
        assert!(!home.path(output).exists(), "{to}");
    }
    let done = home.run(&["export", "--to", "csv", "-n"]);
    assert!(done.code == 0 && done.bytes.is_empty());
    home.file("_redirects", "mine");
    assert_eq!(home.run(&["export", "--to", "netlify", "-o", "_redirects", "-n"]).code, 2);
}

/// Runs it, reads one line, leaves.
fn left_early(home: &Home, args: &[&str]) -> (i32, String) {
    let mut child = home.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::with_capacity(64, child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    let done = child.wait_with_output().unwrap();
    (done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
}

#[test]
fn who_stops_reading_neither_stops_an_import_nor_is_told_of_a_pipe() {
    let home = home_with(5000);
    for to in ["csv", "jsonl", "netlify"] {
        assert_eq!(left_early(&home, &["export", "--to", to]), (0, String::new()), "{to}");
    }
    let other = Home::new(CONFIG);
    fs::copy(home.path("in.csv"), other.path("in.csv")).unwrap();
    let (code, err) = left_early(&other, &["import", "--from", "csv", "in.csv", "-v"]);
    assert!(code == 0 && err.contains("5000 rows: 5000 created"), "{code} {err}");
    assert_eq!(jsonl(&other.run(&["export", "--to", "jsonl"]).out).len(), 5000);
}

#[test]
fn odd_rows_are_told_and_no_terminal_obeys_what_came_in() {
    let home = Home::new(CONFIG);
    let rows = "{\"code\":\"a\",\"url\":\"https://a.example/\",\"created\":\"nonsense\",\"title\":\"x\\u001b[2Jy\"}\n\
                {\"code\":\"b\",\"url\":\"https://b.example/\",\"created\":\"2999-01-01\",\"note\":\"1\\u0007\\n2\"}\n\
                {\"code\":\"c\",\"url\":\"https://c.example/\",\"created\":\"31.12.2020\"}\n";
    home.file("in.jsonl", rows);
    let done = home.run(&["import", "--from", "jsonl", "in.jsonl"]);
    assert!(done.code == 0 && done.err.contains("2 rows say that they were made"), "{}", done.err);
    let links = jsonl(&home.run(&["export", "--to", "jsonl"]).out);
    let of = |code: &str| links.iter().find(|link| link["code"] == code).unwrap();
    assert_eq!((&of("a")["title"], &of("b")["note"]), (&"x[2Jy".into(), &"1\n2".into()));
    assert_eq!(of("c")["created"], "2020-12-31T00:00:00Z");
    let done = home.pipe(&["import", "--from", "csv", "-"], "");
    assert!(done.code == 0 && done.err.contains("there is no row in it"), "{}", done.err);
}

#[test]
fn a_quote_that_is_never_closed_costs_its_row_and_is_told() {
    let home = Home::new(CONFIG);
    home.file(
        "in.csv",
        "slug,url,title\na,https://a.example/,x\nb,https://b.example/,\"open\nc,https://c.example/,y\n",
    );
    let done = home.run(&["import", "--from", "csv", "in.csv"]);
    assert_eq!(done.code, 3, "{}", done.err);
    let lines = jsonl(&done.out);
    assert_eq!(lines.len(), 2);
    assert!(lines[1]["reason"].as_str().unwrap().contains("never closed"), "{}", lines[1]);
}

#[test]
fn what_a_link_answers_for_is_not_what_a_file_says() {
    let home = Home::new(CONFIG);
    let page = "{\"id\":\"1\",\"url\":\"https://a.example/\",\"content_text\":\"x\"}\n";
    home.pipe(&[], page);
    let own = home.run(&["export", "--to", "jsonl"]).out;
    let identity = jsonl(&own)[0]["identity"].as_str().unwrap().to_owned();
    // A stranger's file says that its link is the one for our page.
    let other = Home::new(CONFIG);
    let line = format!("{{\"code\":\"k\",\"url\":\"https://evil.example/\",\"identity\":\"{identity}\"}}\n");
    other.file("in.jsonl", &line);
    assert_eq!(other.run(&["import", "--from", "jsonl", "in.jsonl"]).code, 0);
    let made = jsonl(&other.pipe(&[], page).out)[0]["_cm_shorten"]["links"][0]["code"].clone();
    assert_ne!(made, "k", "the filter gives it out for no other page");
    // What our own export says still holds.
    let again = Home::new(CONFIG);
    again.file("in.jsonl", &own);
    assert_eq!(again.run(&["import", "--from", "jsonl", "in.jsonl"]).code, 0);
    let met = jsonl(&again.pipe(&[], page).out)[0]["_cm_shorten"]["links"][0]["code"].clone();
    assert_eq!(met, jsonl(&own)[0]["code"]);
}

#[test]
fn an_export_goes_to_the_end_of_what_the_shell_has_open() {
    let home = home_with(2);
    home.file("log", "before\n");
    let log = fs::File::options().append(true).open(home.path("log")).unwrap();
    let mut command = home.command(&["export", "--to", "csv", "-o", "/dev/stdout"]);
    assert!(command.stdout(log).status().unwrap().success());
    let text = fs::read_to_string(home.path("log")).unwrap();
    assert!(text.starts_with("before\ncode,domain,") && text.lines().count() == 4, "{text}");
}

#[test]
fn a_map_that_was_made_a_hash_stays_one() {
    let home = home_with(2);
    let export = || assert_eq!(home.run(&["export", "--to", "apache", "-o", "web"]).code, 0);
    export();
    let conf = home.path("web/links.conf");
    let text = fs::read_to_string(&conf).unwrap();
    let hash = text.replace("\"txt:", "\"dbm:").replace("links.txt\"", "links.map\"");
    assert_ne!(hash, text);
    fs::write(&conf, &hash).unwrap();
    export();
    assert_eq!(fs::read_to_string(&conf).unwrap(), hash);
}

#[test]
fn a_folder_may_have_any_name_that_the_server_can_read() {
    let home = home_with(1);
    let export = |to: &str, folder: &str| home.run(&["export", "--to", to, "-o", folder]);
    let conf = |path: &str| fs::read_to_string(home.path(path)).unwrap();
    for (folder, written) in [("a$b", "/a$b/"), ("a[1]*", "/a[[]1][*]/"), ("a\\b", "/a\\\\b/")] {
        for (to, file) in [("nginx", "long.conf"), ("apache", "long.conf")] {
            let place = format!("{to}/{folder}");
            assert_eq!(export(to, &place).code, 0);
            let text = conf(&format!("{place}/links.conf"));
            assert!(text.contains(&format!("{written}{file}\"")), "{text}");
        }
    }
    let refused = export("apache", "${HOME}");
    assert!(refused.code == 2 && refused.err.contains("${"), "{}", refused.err);
}

#[test]
fn the_links_of_two_domains_in_one_store_are_told_apart() {
    let home = home_with(1);
    let other = "https://two.example";
    home.file(
        "more.jsonl",
        &format!("{{\"code\":\"two\",\"domain\":\"{other}\",\"url\":\"https://b.example/\"}}\n"),
    );
    assert_eq!(home.run(&["import", "--from", "jsonl", "more.jsonl"]).code, 0);
    let codes = |args: &[&str]| {
        let done = home.run(args);
        assert_eq!(done.code, 0, "{}", done.err);
        jsonl(&done.out).iter().map(|link| link["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for command in [&["list"][..], &["export", "--to", "jsonl"]] {
        assert_eq!(codes(&[command, &["--domain", "GO.acme.example"]].concat()), ["c0"]);
        assert_eq!(codes(&[command, &["--domain", other]].concat()), ["two"]);
        assert_eq!(codes(command).len(), 2);
    }
    let done = home.run(&["export", "--to", "html", "-o", "site", "--domain", "three.example"]);
    assert!(
        done.code == 2 && done.err.contains("known: https://go.acme.example, https://two.example"),
        "{}",
        done.err
    );
}
