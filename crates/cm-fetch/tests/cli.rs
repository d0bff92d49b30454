//! cm-fetch as a black box, against a small site on loopback.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "the tests of accounts use the rest")]
mod site;

use serde_json::Value;
use site::{NOW, Page, Place, Run, Site, TODAY, rss};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

const OLD: &str = "Sun, 01 Nov 2026 08:00:00 GMT";

fn tagged(body: impl Into<Vec<u8>>, etag: &str) -> Page {
    Page::new(200, body).with("etag", etag).with("last-modified", "Sun, 22 Nov 2026 08:00:00 GMT")
}

fn health(place: &Place, clock: &str) -> Value {
    place.run_at(clock, &["health"]).quiet().items().remove(0)
}

#[test]
fn without_state_it_is_a_pure_function_in_the_given_order() {
    let place = Place::new();
    place.write("a.xml", rss(&[("a1", TODAY), ("a2", OLD)]));
    place.write("b.json", r#"{"version":"https://jsonfeed.org/version/1","items":[{"id":7,"content_html":"<p>x &amp; y</p>"},{}]}"#);
    let link = "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='https://a.example/f?token=Zx81Zx81Zx81Zx81'/>";
    place.write("own.xml", rss(&[("a1", TODAY)]).replace("<item>", &format!("{link}<item>")));
    let own = place.run(&["own.xml"]).quiet().out;
    assert!(own.contains("https://a.example/f?token=%7E") && !own.contains("Zx81"), "{own}");
    let first = place.run(&["b.json", "a.xml"]).quiet();
    let second = place.run(&["b.json", "a.xml"]).quiet();
    assert_eq!(first.out, second.out);
    assert_eq!(first.titles(), ["", "", "a1", "a2"]);
    let items = first.items();
    assert_eq!(
        (items[0]["content_text"].as_str(), items[1]["content_text"].as_str()),
        (Some("x & y"), Some(""))
    );
    assert_eq!(items[2]["url"], "https://news.example/a1");
    assert_eq!(items[2]["_cm"]["kind"], "article");
    assert!(!place.dir.path().join("state").exists(), "state was written");
    assert_eq!(
        place.run_with_stdin(&["-", "--limit", "1"], rss(&[("s", TODAY), ("t", TODAY)]).as_bytes()).titles(),
        ["s"]
    );
    assert_eq!(place.run(&["a.xml", "--since", "7d"]).quiet().titles(), ["a1"]);
    assert_eq!(place.run(&["a.xml", "--until", "2026-11-02"]).quiet().titles(), ["a2"]);
}

#[test]
fn output_order_does_not_depend_on_who_answers_first() {
    let (site, place) = (Site::start(), Place::new());
    let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
    let urls: Vec<String> = names.iter().map(|name| site.url(&format!("/{name}"))).collect();
    for name in &names {
        site.put(&format!("/{name}"), Page::new(200, rss(&[(name.as_str(), TODAY)])));
    }
    let args: Vec<&str> = urls.iter().map(String::as_str).collect();
    assert_eq!(place.run(&args).quiet().titles(), names);
}

#[test]
fn both_validators_are_sent_back_and_only_news_are_handed_out() {
    let (site, place) = (Site::start(), Place::new());
    let url = site.url("/feed");
    site.put("/feed", tagged(rss(&[("a", TODAY)]), "\"1\""));
    assert_eq!(place.run(&["--new", &url]).quiet().titles(), ["a"]);
    assert!(!site.seen()[0].headers.contains_key("if-none-match"));
    assert_eq!(place.run(&["--new", &url]).quiet().out, "");
    let asked = &site.seen()[0].headers;
    assert_eq!(asked["if-none-match"], "\"1\"");
    assert_eq!(asked["if-modified-since"], "Sun, 22 Nov 2026 08:00:00 GMT");
    assert!(asked["user-agent"].starts_with("cm-fetch/"));
    site.put("/feed", tagged(rss(&[("b", OLD), ("a", TODAY)]), "\"2\""));
    assert_eq!(place.run(&["--new", &url]).quiet().titles(), ["b"], "old dates count once a source is known");
    assert_eq!(health(&place, NOW)["items"], 2);
}

#[test]
fn the_first_time_is_seven_days_and_what_is_passed_over_is_said() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(200, rss(&[("new", TODAY), ("old", OLD), ("undated", "")])));
    let first = place.run(&["--new", "-v", &site.url("/feed")]);
    assert_eq!(first.titles(), ["new", "undated"]);
    assert!(first.err.contains("1 older items are passed over"), "{}", first.err);
    assert_eq!(place.run(&["--new", &site.url("/feed")]).quiet().out, "");
    let other = Place::new();
    assert_eq!(other.run(&["--new", "--backfill", "all", &site.url("/feed")]).quiet().titles().len(), 3);
    let third = Place::new();
    assert_eq!(third.run(&["--new", "--backfill", "4w", &site.url("/feed")]).quiet().titles().len(), 3);
}

#[test]
fn a_limit_leaves_the_rest_for_the_next_run() {
    let (site, place) = (Site::start(), Place::new());
    let feed = tagged(rss(&[("a", TODAY), ("b", TODAY), ("c", TODAY)]), "\"1\"");
    site.put("/feed", feed.with("cache-control", "max-age=3600"));
    let mut titles = Vec::new();
    for _ in 0..3 {
        titles.extend(place.run(&["--new", "--limit", "1", &site.url("/feed")]).quiet().titles());
    }
    assert_eq!(titles, ["a", "b", "c"]);
}

/// Nobody waits for what a filter leaves, nor for an end that never comes.
#[test]
fn what_is_left_over_is_no_leave_to_hurry() {
    let (site, place) = (Site::start(), Place::new());
    let [whole, cut] = ["/whole", "/cut"].map(|path| site.url(path));
    let feed = || rss(&[("a", TODAY), ("b", OLD)]);
    site.put("/whole", Page::new(200, feed()).with("cache-control", "max-age=3600"));
    let page = Page::new(200, &feed()[..feed().len() - 20]);
    site.put("/cut", page.with("cache-control", "max-age=3600"));
    let args = ["--new", "--backfill", "all", "--since", "7d", &whole, &cut];
    assert_eq!(place.run(&args).titles().len(), 2);
    assert_eq!(site.seen().len(), 2);
    place.run(&args).quiet();
    assert_eq!(site.seen().len(), 0);
    let limit = |clock| place.run_at(clock, &["--new", "--limit", "1", &site.url("/slow")]).quiet().titles();
    let page = Page::new(200, rss(&[("a", TODAY), ("b", TODAY)])).with("cache-control", "max-age=36000");
    site.put("/slow", page.with("retry-after", "3600"));
    assert_eq!(limit("2026-11-22T12:00:00Z"), ["a"]);
    assert!(limit("2026-11-22T12:30:00Z").is_empty(), "what its server asks for holds all the same");
    assert_eq!(limit("2026-11-22T13:00:00Z"), ["b"]);
}

#[test]
fn who_asks_to_be_left_alone_is_told_with_until_when() {
    let (site, place) = (Site::start(), Place::new());
    place.write("cm.toml", "time_zone = \"UTC\"\n");
    site.put("/a", Page::new(429, "slow down").with("retry-after", "7200"));
    site.put("/b", Page::new(503, "").with("retry-after", "Sun, 22 Nov 2026 12:30:00 GMT"));
    let told = |path: &str| {
        let run = place.run(&[&site.url(path)]);
        assert_eq!(run.code, Some(3), "{run:?}");
        run.err
    };
    assert!(told("/a").contains("(HTTP 429), asks not to be asked before 14:00"), "{}", told("/a"));
    assert!(told("/b").contains("(HTTP 503), asks not to be asked before 12:30"), "{}", told("/b"));
}

#[test]
fn changed_items_come_again_when_asked_for() {
    let (site, place) = (Site::start(), Place::new());
    let url = site.url("/feed");
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    place.run(&["--new", &url]).quiet();
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)]).replace("About", "More about")));
    assert_eq!(place.run(&["--new", &url]).quiet().out, "");
    assert_eq!(place.run(&["--new", "--changed", &url]).quiet().items()[0]["content_text"], "More about a.");
    assert_eq!(place.run(&["--new", "--changed", &url]).quiet().out, "");
}

#[test]
fn a_change_waits_for_who_asks_though_the_server_says_that_nothing_has_changed() {
    let (site, place) = (Site::start(), Place::new());
    let url = site.url("/feed");
    let conditional = || site.seen().iter().filter(|seen| seen.headers.contains_key("if-none-match")).count();
    site.put("/feed", tagged(rss(&[("a", TODAY)]), "\"1\""));
    place.run(&["--new", &url]).quiet();
    assert_eq!(place.run(&["--new", "--changed", &url]).quiet().out, "");
    assert_eq!(conditional(), 1, "nothing can wait in what was met for the first time");
    site.put("/feed", tagged(rss(&[("a", TODAY)]).replace("About", "More about"), "\"2\""));
    for _ in 0..2 {
        assert_eq!(place.run(&["--new", &url]).quiet().out, "");
    }
    assert_eq!(conditional(), 2);
    assert_eq!(place.run(&["--new", "--changed", &url]).quiet().items()[0]["content_text"], "More about a.");
    assert_eq!(conditional(), 0);
    assert_eq!(place.run(&["--new", "--changed", &url]).quiet().out, "");
    assert_eq!(conditional(), 1);
}

#[test]
fn a_host_that_wants_to_be_left_alone_is_left_alone() {
    let (site, place) = (Site::start(), Place::new());
    let (a, b) = (site.url("/a"), site.url("/b"));
    site.put("/a", Page::new(429, "slow down").with("retry-after", "7200"));
    site.put("/b", Page::new(200, rss(&[("b", TODAY)])));
    let run = place.run(&[&a, &b]);
    assert_eq!((run.code, run.titles().len()), (Some(3), 1), "it may have meant that feed alone: {run:?}");
    site.seen();
    let run = place.run(&[&a, &a, &b]);
    assert!(run.err.contains(&format!("{b}: not asked after {a}: too many requests")), "{}", run.err);
    assert_eq!(site.seen().len(), 2, "but not when it says so again");
    assert_eq!(place.run(&["--new", &a]).code, Some(3), "the first time it is told");
    site.seen();
    assert_eq!(place.run_at("2026-11-22T13:59:59Z", &["--new", &a, &b]).quiet().out, "");
    assert_eq!(site.seen().len(), 0, "the whole host cools down");
    let sick = health(&place, "2026-11-22T13:00:00Z");
    assert_eq!(
        (sick["state"].as_str(), sick["next"].as_str()),
        (Some("failing"), Some("2026-11-22T14:00:00Z"))
    );
    site.put("/a", Page::new(200, rss(&[("a", TODAY)])));
    assert_eq!(place.run_at("2026-11-22T14:00:00Z", &["--new", &a, &b]).quiet().titles(), ["a", "b"]);
}

#[test]
fn freshness_is_honoured_unless_forced() {
    let (site, place) = (Site::start(), Place::new());
    let url = site.url("/feed");
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])).with("cache-control", "max-age=3600"));
    place.run(&["--new", &url]).quiet();
    site.seen();
    place.run_at("2026-11-22T12:59:59Z", &["--new", &url]).quiet();
    assert_eq!(site.seen().len(), 0);
    place.run_at("2026-11-22T12:59:59Z", &["--new", "--force", &url]).quiet();
    assert_eq!(site.seen().len(), 1);
    place.run_at("2026-11-22T14:00:00Z", &["--new", &url]).quiet();
    assert_eq!(site.seen().len(), 1);
}

#[test]
fn failures_are_told_at_once_without_state_and_late_with_it() {
    let (site, place) = (Site::start(), Place::new());
    let (good, bad) = (site.url("/good"), site.url("/bad"));
    site.put("/good", Page::new(200, rss(&[("a", TODAY)])));
    site.put("/bad", Page::new(500, "oops"));
    let run = place.run(&[&bad, &good]);
    assert_eq!((run.code, run.titles()), (Some(3), vec!["a".to_owned()]));
    assert_eq!(run.err, format!("cm-fetch: {bad}: the server is in trouble (HTTP 500)\n"));
    // A source that was never met is told of at once: its address may be misspelt.
    let first = place.run_at("2026-11-22T11:00:00Z", &["--new", "--force", &bad]);
    assert_eq!((first.code, first.err), (Some(3), run.err));
    for day in 2..=4 {
        let clock = format!("2026-11-22T1{day}:00:00Z");
        place.run_at(&clock, &["--new", "--force", &bad]).quiet();
    }
    let fifth = place.run_at("2026-11-22T15:00:00Z", &["--new", "--force", &bad]);
    assert_eq!(fifth.code, Some(3));
    assert!(fifth.err.contains("failed 5 times since 11:00"), "{}", fifth.err);
    let sick = health(&place, NOW);
    assert_eq!((sick["state"].as_str(), sick["class"].as_str()), (Some("failing"), Some("http-500")));
    // Cron mails it once a day, not every ten minutes.
    for clock in ["2026-11-22T15:10:00Z", "2026-11-23T14:50:00Z"] {
        place.run_at(clock, &["--new", "--force", &bad]).quiet();
    }
    let next_day = place.run_at("2026-11-23T15:10:00Z", &["--new", "--force", &bad]);
    assert!(next_day.code == Some(3) && next_day.err.contains("failed 8 times since"), "{next_day:?}");
    site.put("/bad", Page::new(200, rss(&[("b", TODAY)])));
    let mended = place.run_at("2026-11-23T16:00:00Z", &["--new", "-v", "--force", &bad]);
    assert!(
        mended.code == Some(0) && mended.err.contains("answers again, after 8 failures since"),
        "{mended:?}"
    );
    site.put("/bad", Page::new(410, "gone"));
    place.run_at("2026-11-23T16:10:00Z", &["--new", "--force", &bad]).quiet();
    let gone = place.run_at("2026-11-24T16:10:00Z", &["--new", &bad]);
    assert!(gone.code == Some(3) && gone.err.contains("gone for good"), "{gone:?}");
    place.run_at("2026-11-24T16:20:00Z", &["--new", &bad]).quiet();
}

/// Whoever reads a failure finds the row of the list that it is of, and where that has led.
#[test]
fn a_failure_names_its_source_and_where_that_led() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/cookie.xml", Page::new(302, "").with("location", "/login.html"));
    site.put("/login.html", Page::new(200, "<html><title>Log in</title></html>"));
    site.put("/lost.xml", Page::new(302, "").with("location", "/nowhere"));
    site.put("/shut.xml", Page::new(401, "no"));
    place.write("hush", "hush-hush\n");
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(place.dir.path().join("hush"), PermissionsExt::from_mode(0o600)).unwrap();
    let row = |name: &str, path: &str, more: &str| {
        format!("[[source]]\nname = \"{name}\"\nurl = \"{}\"\n{more}\n", site.url(path))
    };
    let told = |rows: &str| {
        place.write("list.toml", rows);
        let run = place.run(&["--sources", "list.toml"]);
        (run.code, run.err.replace(&site.url(""), "U"))
    };
    let led = |of: &str, why: &str| (Some(3), format!("cm-fetch: {of}: led to {why}\n"));
    assert_eq!(
        told(&row("My members area", "/cookie.xml", "")),
        led("My members area (U/cookie.xml)", "U/login.html: a web page that names no feed")
    );
    assert_eq!(
        told(&row("Lost", "/lost.xml", "")),
        led("Lost (U/lost.xml)", "U/nowhere: not found (HTTP 404)")
    );
    let needed =
        "Shut (U/shut.xml): credentials are needed (HTTP 401): give user and password_file, or cookie_file";
    let (code, err) = told(&row("Shut", "/shut.xml", ""));
    assert!(code == Some(4) && err.contains(needed), "{err}");
    let (code, err) = told(&row("Shut", "/shut.xml", "user = \"acme\"\npassword_file = \"hush\""));
    assert!(
        code == Some(4) && err.contains("were refused (HTTP 401)") && !err.contains("hush-hush"),
        "{err}"
    );
    let proxy = "proxy = \"http://127.0.0.1:1\"";
    let (code, err) = told(&row("Far", "/far.xml", proxy));
    assert!(
        code == Some(3) && err.contains("Far (U/far.xml): no connection through the proxy 127.0.0.1:1: "),
        "{err}"
    );
}

/// A run that waits for a slow source keeps no other source from the next run.
#[test]
fn what_a_long_run_passes_over_is_free_for_the_next() {
    let (site, place) = (Site::start(), Place::new());
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let slow = format!("http://{}/feed", silent.local_addr().unwrap());
    let fresh = site.url("/fresh");
    site.put("/fresh", Page::new(200, rss(&[("a", TODAY)])).with("cache-control", "max-age=3600"));
    place.run(&["--new", &fresh]).quiet();
    site.seen();
    let mut long = place.command(&["--new", &fresh, &slow]).spawn().unwrap();
    let waiting = silent.accept().unwrap();
    let asked = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        place.run_at("2026-11-22T14:00:00Z", &["--new", &fresh]);
        !site.seen().is_empty()
    });
    let ended = long.try_wait().unwrap().is_some();
    long.kill().unwrap();
    long.wait().unwrap();
    drop(waiting);
    assert!(asked && !ended, "asked: {asked}, the long run had ended: {ended}");
}

/// What a terminal shows: how many are done, what was found, and who is waited for.
#[test]
fn whoever_watches_sees_who_is_waited_for() {
    let (site, place) = (Site::start(), Place::new());
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let slow = format!("http://localhost:{}/feed", silent.local_addr().unwrap().port());
    site.put("/a", Page::new(200, rss(&[("a", TODAY), ("b", TODAY)])));
    site.put("/b", Page::new(500, "oops"));
    // It answers once the bar has said that it is waited for.
    let (answer, may_answer) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let (mut stream, _) = silent.accept().unwrap();
        let _ = may_answer.recv();
        let body = rss(&[("c", TODAY)]);
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    });
    place.write("list", format!("{}\n{}\n{slow}\n", site.url("/a"), site.url("/b")));
    let binary = env!("CARGO_BIN_EXE_cm-fetch");
    let plain = place.command(&[]);
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &format!("{binary} --new --sources list > out"), "/dev/null"]);
    script
        .current_dir(place.dir.path())
        .env_clear()
        .envs(plain.get_envs().filter_map(|(n, v)| Some((n, v?))));
    script.env("TERM", "xterm").stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    let (mut shown, mut part) = (String::new(), [0; 4096]);
    let mut terminal = child.stdout.take().unwrap();
    let mut answered = false;
    while let Ok(count) = terminal.read(&mut part) {
        if count == 0 {
            break;
        }
        shown.push_str(&String::from_utf8_lossy(&part[..count]));
        if !answered && shown.contains("waiting for localhost") {
            answered = answer.send(()).is_ok();
        }
    }
    child.wait().unwrap();
    assert!(answered, "{shown}");
    assert!(shown.contains("2/3") && shown.contains("2 items, 1 failed; waiting for localhost"), "{shown}");
    let out = std::fs::read_to_string(place.dir.path().join("out")).unwrap();
    assert_eq!(out.lines().count(), 3);
}

#[test]
fn moved_for_good_is_believed_at_the_third_time_and_gone_is_gone() {
    let (site, place) = (Site::start(), Place::new());
    let url = site.url("/old");
    site.put("/old", Page::new(301, "").with("location", "/new"));
    site.put("/new", Page::new(200, rss(&[("a", TODAY)])));
    for _ in 0..3 {
        place.run(&["--new", &url]).quiet();
    }
    site.seen();
    place.run(&["--new", &url]).quiet();
    assert_eq!(site.seen().iter().map(|seen| seen.path.as_str()).collect::<Vec<_>>(), ["/new"]);
    assert_eq!(health(&place, NOW)["state"], "moved");
    let lost = site.url("/gone");
    site.put("/gone", Page::new(410, ""));
    assert_eq!(place.run(&["--new", &lost]).code, Some(3));
    let run = place.run_at("2026-11-23T12:00:00Z", &["--new", &lost]);
    assert!(run.code == Some(3) && run.err.contains("gone for good"), "{run:?}");
    site.seen();
    place.run_at("2027-11-22T12:00:00Z", &["--new", &lost]).quiet();
    assert_eq!(site.seen().len(), 0);
    let gone = place.run(&["health"]).quiet();
    assert!(gone.items().iter().any(|row| row["state"] == "gone"), "{gone:?}");
}

#[test]
fn a_page_leads_to_its_feed() {
    let (site, place) = (Site::start(), Place::new());
    let html = "<html><head><link rel=alternate type=application/rss+xml href=/comments/feed><link rel=alternate type=application/atom+xml href=/atom></head></html>";
    site.put("/", Page::new(200, html));
    site.put("/atom", tagged(rss(&[("a", TODAY)]), "\"1\""));
    site.put("/comments/feed", Page::new(200, rss(&[("c", TODAY)])));
    let page = site.url("/");
    let first = place.run(&["--new", &page]).quiet();
    assert_eq!(first.items()[0]["_cm"]["source"], site.url("/atom"));
    site.seen();
    assert_eq!(place.run(&["--new", &page]).quiet().out, "");
    assert_eq!(site.seen()[0].path, "/atom", "the way is remembered");
    let found = place.run(&["discover", &page]).quiet().items();
    assert_eq!(
        (found.len(), found[0]["url"].as_str(), &found[0]["entries"]),
        (2, Some(site.url("/atom").as_str()), &1.into())
    );
    site.put("/bare", Page::new(200, "<html>"));
    site.put("/feed.xml", Page::new(200, rss(&[("usual", TODAY)])));
    let bare = site.url("/bare");
    assert_eq!(place.run(&[&bare]).quiet().titles(), ["usual"]);
    let told = format!("the page names no feed, {} was found", site.url("/feed.xml"));
    for args in [&["-v", &bare][..], &["-v", "--new", &bare]] {
        let run = place.run(args);
        assert!(run.code == Some(0) && run.err.contains(&told), "{run:?}");
    }
    assert!(place.run(&["-v", "discover", &bare]).err.contains("names no feed"));
    assert!(!place.run(&["-v", &page]).err.contains("names no feed"));
}

#[test]
fn compressed_answers_and_challenges() {
    let (site, place) = (Site::start(), Place::new());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(rss(&[("packed", TODAY)]).as_bytes()).unwrap();
    site.put("/gz", Page::new(200, packed.finish().unwrap()).with("content-encoding", "gzip"));
    assert_eq!(place.run(&[&site.url("/gz")]).quiet().titles(), ["packed"]);
    let wall = "<!DOCTYPE html><html><title>Just a moment...</title></html>";
    for status in [200, 403, 503] {
        site.put("/wall", Page::new(status, wall));
        let run = place.run(&["--errors", "json", &site.url("/wall")]);
        let error: Value = serde_json::from_str(run.err.trim()).unwrap();
        assert_eq!((run.code, error["code"].as_str()), (Some(3), Some("challenge")));
    }
}

#[test]
fn private_addresses_are_refused_unless_allowed() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    let mut command = place.command(&[&site.url("/feed")]);
    let run = Run::of(command.env_remove("CM_ALLOW_PRIVATE").output().unwrap());
    assert_eq!((run.code, run.out.as_str()), (Some(3), ""));
    assert!(run.err.contains("--allow-private"), "{}", run.err);
    assert_eq!(site.seen().len(), 0);
    let mut command = place.command(&["--new", &site.url("/feed")]);
    assert_eq!(command.env_remove("CM_ALLOW_PRIVATE").output().unwrap().status.code(), Some(3));
    assert_eq!(
        place.run(&["--new", &site.url("/feed")]).quiet().titles(),
        ["a"],
        "allowed, it is read at once"
    );
}

#[test]
fn a_file_that_is_missing_is_told_every_time_and_read_once_it_is_there() {
    let place = Place::new();
    place.write("sources.toml", "[[source]]\nfile = \"later.xml\"\n");
    for _ in 0..2 {
        let run = place.run(&["--new", "--sources", "sources.toml"]);
        assert!(run.code == Some(3) && run.err.starts_with("cm-fetch: later.xml: no such file"), "{run:?}");
    }
    place.write("later.xml", rss(&[("a", TODAY)]));
    assert_eq!(place.run(&["--new", "--sources", "sources.toml"]).quiet().titles(), ["a"]);
}

#[test]
fn a_document_that_is_cut_off_gives_what_is_whole() {
    let (site, place) = (Site::start(), Place::new());
    let feed = rss(&[("a", TODAY), ("b", TODAY), ("c", TODAY)]);
    let cut = &feed[..feed.find("About c").unwrap()];
    site.put("/feed", tagged(cut, "\"1\""));
    let run = place.run(&[&site.url("/feed")]);
    assert!(run.code == Some(3) && run.err.contains("is cut off after 3 entries"), "{run:?}");
    let run = |clock: &str| place.run_at(clock, &["--new", &site.url("/feed")]);
    assert_eq!(run("2026-11-22T12:00:00Z").quiet().titles(), ["a", "b"]);
    // It is told as other failures are: at the threshold, then once a day.
    for minute in 1..4 {
        run(&format!("2026-11-22T12:0{minute}:00Z")).quiet();
    }
    let told = run("2026-11-22T12:04:00Z");
    assert!(told.code == Some(3) && told.err.contains("is cut off after 2 entries"), "{told:?}");
    assert!(told.err.contains("failed 5 times since"), "{told:?}");
    run("2026-11-22T12:05:00Z").quiet();
    let sick = health(&place, "2026-11-22T12:05:00Z");
    assert_eq!((&sick["state"], &sick["class"]), (&"failing".into(), &"cut_off".into()));
    assert!(sick["why"].as_str().unwrap().contains("cut off after 2 entries"), "{sick}");
    assert!(sick["advice"].is_string(), "{sick}");
    site.put("/feed", tagged(feed, "\"1\""));
    assert_eq!(
        place.run(&["--new", &site.url("/feed")]).quiet().titles(),
        ["c"],
        "its validators were not kept"
    );
}

#[test]
fn files_of_sources() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    let url = site.url("/feed");
    place.write(
        "sources.toml",
        format!("[[source]]\nname = \"news\"\nurl = \"{url}\"\ntags = [\"industry\"]\n"),
    );
    place.write("cm.toml", "sources = \"sources.toml\"\n");
    let run = place.run(&[]).quiet();
    assert_eq!(run.items()[0]["tags"][0], "industry");
    place.write("bad.toml", format!("[[source]]\nurl = \"{url}\"\ntag = [\"x\"]\n"));
    let run = place.run(&["--sources", "bad.toml"]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (Some(2), "cm-fetch: bad.toml:3: unknown key \"tag\" (did you mean \"tags\"?)\n")
    );
    place.write("list", format!("# mine\n{url} # daily\nnonsense.example\n"));
    let run = place.run(&["--sources", "list"]);
    assert_eq!((run.code, run.titles().len()), (Some(3), 1));
    assert!(run.err.starts_with("cm-fetch: list:3: nonsense.example: no such file"), "{}", run.err);
    let opml = place.run(&["opml"]).quiet().out;
    place.write("out.opml", opml);
    assert_eq!(place.run(&["--sources", "out.opml"]).quiet().items()[0]["tags"][0], "industry");
    place.write("bad.opml", format!("<opml>\n<body>\n<outline text='x'><outline xmlUrl='ftp://x'/><outline xmlUrl='{url}'/></outline></body></opml>"));
    let run = place.run(&["--sources", "bad.opml"]);
    assert_eq!((run.code, run.titles().len()), (Some(3), 1));
    assert!(run.err.starts_with("cm-fetch: bad.opml: outline 2: ftp://x"), "{}", run.err);
    let account = place.run(&["telegram:acme/mentions"]);
    assert!(
        account.code == Some(3) && account.err.contains("telegram:acme/mentions: this version"),
        "{account:?}"
    );
}

#[test]
fn a_list_that_is_cut_off_or_empty_is_told() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    let url = site.url("/feed");
    for (name, text, why) in [
        ("b.opml", "<opml><body><outline xmlUrl=", "cut off before its first source"),
        ("e.opml", "<opml><body></body></opml>", "holds no sources"),
        ("list", "# none yet\n", "holds no sources"),
        ("none", "", "holds no sources"),
        ("s.toml", "# none yet\n", "holds no sources"),
    ] {
        place.write(name, text);
        let run = place.run(&["--new", "--sources", name]);
        assert_eq!((run.code, run.err), (Some(2), format!("cm-fetch: {name}: {why}\n")));
    }
    place.write("part.opml", format!("<opml><body><outline xmlUrl='{url}'/><outline xmlUrl="));
    let run = place.run(&["--sources", "part.opml"]);
    assert_eq!((run.code, run.titles().len()), (Some(3), 1));
    assert_eq!(run.err, "cm-fetch: part.opml: cut off after 1 source\n");
    place.write("bad", "nonsense.example\n");
    let run = place.run(&["--sources", "bad"]);
    assert_eq!((run.code, run.err.lines().count()), (Some(2), 1), "{run:?}");
}

#[test]
fn a_list_on_standard_input_and_a_list_taken_for_a_feed() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    let list = format!("{}\n", site.url("/feed"));
    assert_eq!(place.run_with_stdin(&["--sources", "-"], list.as_bytes()).quiet().titles(), ["a"]);
    let both = place.run(&["-", "--sources", "-"]);
    assert!(both.code == Some(2) && both.err.contains("not both"), "{both:?}");
    place.write("o.opml", "<?xml version='1.0'?><opml><head><title>x</title></head><body></body></opml>");
    place.write("s.toml", "[[source]]\nurl = \"https://a.example/\"\n");
    for name in ["o.opml", "s.toml"] {
        let run = place.run(&[name]);
        assert!(run.code == Some(3) && run.err.contains("--sources FILE reads one"), "{run:?}");
    }
}

#[test]
fn comments_are_told_from_articles_and_a_source_may_say_what_it_is() {
    let (site, place) = (Site::start(), Place::new());
    let comment = "<item><title>By: Ana</title><link>https://a.example/ships/#comment-7</link><dc:creator>Ana</dc:creator><description>Norway?</description></item>";
    let feed = format!(
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Comments for A</title>{comment}</channel></rss>"
    );
    site.put("/comments.xml", Page::new(200, feed.replace("Comments for A", "A")));
    site.put("/talk", Page::new(200, feed));
    for path in ["/comments.xml", "/talk"] {
        let item = &place.run(&[&site.url(path)]).quiet().items()[0];
        assert_eq!((&item["_cm"]["kind"], &item["authors"][0]["name"]), (&"comment".into(), &"Ana".into()));
        assert_eq!(item["_cm"]["in_reply_to"], "https://a.example/ships/");
    }
    let row = format!("[[source]]\nurl = \"{}\"\nkind = ", site.url("/talk"));
    place.write("s.toml", format!("{row}\"article\"\n"));
    let item = &place.run(&["--sources", "s.toml"]).quiet().items()[0];
    assert_eq!((&item["_cm"]["kind"], &item["_cm"]["in_reply_to"]), (&"article".into(), &Value::Null));
    place.write("s.toml", format!("{row}\"xyz\"\n"));
    let run = place.run(&["--sources", "s.toml"]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (
            Some(2),
            "cm-fetch: s.toml:3: unknown value \"xyz\" (known: article, note, comment, reply, mention, review, event)\n"
        )
    );
}

#[test]
fn what_was_not_flushed_is_not_seen() {
    let (site, place) = (Site::start(), Place::new());
    let big: String = "x".repeat(300_000);
    site.put("/feed", Page::new(200, rss(&[("a", TODAY), ("b", TODAY)]).replace("About a", &big)));
    let mut child = place
        .command(&["--new", &site.url("/feed")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(place.run(&["--new", &site.url("/feed")]).quiet().titles(), ["a", "b"]);
}

#[test]
fn two_runs_at_once_hand_out_each_item_once() {
    let (site, place) = (Site::start(), Place::new());
    let names: Vec<String> = (0..30).map(|n| format!("n{n:02}")).collect();
    for name in &names {
        site.put(&format!("/{name}"), Page::new(200, rss(&[(name.as_str(), TODAY)])));
    }
    place.write("list", names.iter().map(|name| site.url(&format!("/{name}\n"))).collect::<String>());
    let start = || {
        place
            .command(&["--new", "--sources", "list", "--archive", "archive"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (a, b) = (start(), start());
    let (a, b) = (Run::of(a.wait_with_output().unwrap()), Run::of(b.wait_with_output().unwrap()));
    assert_eq!((a.code, b.code), (Some(0), Some(0)));
    let mut titles = [a.titles(), b.titles()].concat();
    titles.extend(place.run(&["--new", "--sources", "list", "--archive", "archive"]).quiet().titles());
    titles.sort();
    assert_eq!(titles, names);
    let mut archived: Vec<String> =
        place.archived().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    archived.sort();
    assert_eq!(archived, names);
}

#[test]
fn every_reader_of_the_archive_gets_every_record() {
    let (site, place) = (Site::start(), Place::new());
    let early = place.run(&["read", "--as", "one", "--archive", "nowhere"]);
    assert_eq!((early.code, early.out.as_str()), (Some(0), ""));
    assert!(early.err.contains("nowhere: no archive yet"), "{}", early.err);
    place.write("cm.toml", "archive = \"archive\"\n");
    site.put("/feed", Page::new(200, rss(&[("a", TODAY), ("b", TODAY)])));
    let handed = place.run(&["--new", &site.url("/feed")]).quiet();
    assert_eq!(place.run(&["read", "--as", "one"]).quiet().out, handed.out);
    assert_eq!(place.run(&["read", "--as", "one"]).quiet().out, "");
    assert_eq!(place.run(&["read", "--as", "two", "--", "cat"]).quiet().out, handed.out);
    assert_eq!(place.run(&["read", "--as", "two", "--", "cat"]).quiet().out, "");
    assert_eq!(place.run(&["read", "--as", "two", "--rewind", "1h"]).quiet().out, handed.out);
    assert_eq!(place.run(&["read", "--as", "two", "--rewind", "2026-11-22T12:00:01Z"]).quiet().out, "");
}

#[test]
fn a_command_that_fails_gets_the_same_records_again() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    place.run(&["--new", "--archive", "archive", &site.url("/feed")]).quiet();
    let read = |command: &[&str]| {
        place.run(&[&["read", "--as", "x", "--archive", "archive", "--"], command].concat())
    };
    let failed = read(&["sh", "-c", "cat; exit 7"]);
    assert_eq!((failed.code, failed.titles().len()), (Some(3), 1));
    assert!(failed.err.contains("it will get the same records again"), "{}", failed.err);
    let killed = read(&["sh", "-c", "kill -9 $$"]);
    assert_eq!(killed.code, Some(3));
    let missing = read(&["no-such-command"]);
    assert_eq!(missing.code, Some(2));
    assert_eq!(read(&["true"]).code, Some(0), "it need not read them");
    assert_eq!(read(&["cat"]).quiet().out, "");
}

#[test]
fn one_reader_of_a_name_at_a_time() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    place.run(&["--new", "--archive", "archive", &site.url("/feed")]).quiet();
    place.write("hold", "");
    let wait = "echo started; while [ -e hold ]; do sleep 0.02; done";
    let args = ["read", "--as", "x", "--archive", "archive", "--", "sh", "-c", wait];
    let mut first = place.command(&args).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(first.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let second = place.run(&["read", "--as", "x", "--archive", "archive"]);
    std::fs::remove_file(place.dir.path().join("hold")).unwrap();
    assert!(first.wait().unwrap().success());
    assert_eq!(second.code, Some(5), "{second:?}");
    assert_eq!(place.run(&["read", "--as", "x", "--archive", "archive"]).quiet().out, "");
}

#[test]
fn the_help_begins_with_an_example() {
    let run = Place::new().run(&["-h"]).quiet();
    assert!(run.out.starts_with("Example:\n  cm-fetch "), "{}", run.out);
    assert!(!run.out.contains("--concurrency") && run.out.lines().count() < 45);
}

/// The way back is never a way past what a reader has not had yet.
#[test]
fn rewinding_passes_nothing_over() {
    let (site, place) = (Site::start(), Place::new());
    let url = site.url("/feed");
    let fetch = |clock: &str, names: &[(&str, &str)]| {
        site.put("/feed", Page::new(200, rss(names)));
        place.run_at(clock, &["--new", "--archive", "archive", &url]).quiet();
    };
    let read = |clock: &str, more: &[&str]| {
        place.run_at(clock, &[&["read", "--as", "x", "--archive", "archive"], more].concat()).quiet().titles()
    };
    fetch("2026-11-22T09:00:00Z", &[("a", TODAY)]);
    assert_eq!(read("2026-11-22T09:30:00Z", &[]), ["a"]);
    fetch("2026-11-22T10:00:00Z", &[("b", TODAY), ("a", TODAY)]);
    fetch("2026-11-24T10:00:00Z", &[("c", TODAY), ("b", TODAY), ("a", TODAY)]);
    assert_eq!(read("2026-11-24T10:30:00Z", &["--rewind", "1h"]), ["b", "c"], "b was not read yet");
    assert_eq!(read("2026-11-24T10:30:00Z", &["--rewind", "1h"]), ["c"]);
    let failed = place.run_at(
        "2026-11-24T10:30:00Z",
        &["read", "--as", "x", "--archive", "archive", "--rewind", "1h", "--", "false"],
    );
    assert!(failed.code == Some(3) && failed.err.contains("again with the same --rewind"), "{failed:?}");
}

/// What a remembered address was known by is not said to another one.
#[test]
fn a_way_that_ends_takes_its_validators_with_it() {
    let (site, place) = (Site::start(), Place::new());
    let page = site.url("/");
    site.put("/", Page::new(200, "<html><link rel=alternate type=application/rss+xml href=/a>"));
    site.put("/a", tagged(rss(&[("a", TODAY)]), "\"1\""));
    assert_eq!(place.run(&["--new", &page]).quiet().titles(), ["a"]);
    site.put("/a", Page::new(404, "no"));
    site.put("/", tagged("<html><link rel=alternate type=application/rss+xml href=/b>", "\"1\""));
    site.put("/b", tagged(rss(&[("b", TODAY), ("a", TODAY)]), "\"1\""));
    place.run_at("2026-11-22T13:00:00Z", &["--new", &page]).quiet();
    assert_eq!(
        place.run_at("2026-11-22T14:00:00Z", &["--new", &page]).quiet().titles(),
        ["b"],
        "a is known by its words"
    );
}

#[test]
fn credentials_go_along_to_a_remembered_address_of_the_same_place() {
    let (site, place) = (Site::start(), Place::new());
    let given = site.url("/old").replace("http://", "http://ana:pw@");
    site.put("/old", Page::new(301, "").with("location", "/new"));
    site.put("/new", Page::new(200, rss(&[("a", TODAY)])));
    for _ in 0..4 {
        place.run(&["--new", &given]).quiet();
    }
    let last = site.seen().pop().unwrap();
    assert_eq!((last.path.as_str(), last.headers["authorization"].as_str()), ("/new", "Basic YW5hOnB3"));
    assert!(!place.run(&["health"]).quiet().out.contains("pw@"));
}

/// The advice to change an address that has moved does not bring everything again.
#[test]
fn an_address_that_is_changed_in_the_list_keeps_what_was_seen() {
    let (site, place) = (Site::start(), Place::new());
    let (old, new) = (site.url("/old"), site.url("/new"));
    site.put("/old", Page::new(301, "").with("location", "/new"));
    site.put("/new", Page::new(200, rss(&[("a", TODAY)])));
    assert_eq!(place.run(&["--new", &old]).quiet().titles(), ["a"]);
    site.put("/new", Page::new(200, rss(&[("b", TODAY), ("a", TODAY), ("old", OLD)])));
    assert_eq!(place.run(&["--new", &new]).quiet().titles(), ["b"]);
    assert_eq!(place.run(&["--new", &new]).quiet().out, "");
    let other = Place::new();
    assert_eq!(other.run(&["--new", &new]).quiet().titles(), ["b", "a"], "another store has not seen it");
}

#[test]
fn not_modified_is_no_answer_to_who_has_nothing() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/feed", Page::new(304, ""));
    let run = place.run(&[&site.url("/feed")]);
    assert!(run.code == Some(3) && run.err.contains("without being asked (HTTP 304)"), "{run:?}");
    assert_eq!(place.run(&["--new", &site.url("/feed")]).code, Some(3));
    assert_eq!(health(&place, NOW)["state"], "failing");
}

#[test]
fn opml_says_what_it_leaves_out_and_reads_what_others_write() {
    let place = Place::new();
    place.write(
        "latin.opml",
        b"<?xml version='1.0' encoding='ISO-8859-1'?><opml><body><outline text='Caf\xe9 & bar'><outline text='A' xmlUrl='https://a.example/f'/></outline></body></opml>",
    );
    let run = place.run(&["opml", "latin.opml"]).quiet();
    assert!(run.out.contains("category=\"Caf\u{e9} &amp; bar\""), "{}", run.out);
    place.write("again.opml", &run.out);
    assert_eq!(place.run(&["opml", "again.opml"]).quiet().out, run.out);
    let rows = "[[source]]\nurl = \"https://ana:pw@a.example/f\"\n[[source]]\naccount = \"wordpress:blog/comments\"\n[[source]]\nurl = \"https://b.example/f\"\nids = \"url\"\n";
    place.write("sources.toml", rows);
    let run = place.run(&["opml", "sources.toml"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.err.contains("1 accounts and files are left out")
            && run.err.contains("2 sources have settings or credentials"),
        "{}",
        run.err
    );
    assert!(run.out.contains("https://a.example/f") && !run.out.contains("pw"), "{}", run.out);
}
