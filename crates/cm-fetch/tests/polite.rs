//! Days in the life of a guest: a town of sites with every signal of politeness and every fault, asked again and again by the
//! program itself in simulated time. The log of requests is held against what docs/feeds.md promises: nobody is asked too
//! early, nobody is forgotten, conditions are sent as they were kept, and `health` explains each source.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "polite/oracle.rs"]
mod oracle;
#[expect(dead_code, reason = "other tests use the rest")]
mod site;
#[path = "polite/sources.rs"]
mod sources;
#[path = "polite/town.rs"]
mod town;

use chrono::{DateTime, TimeDelta, Utc};
use oracle::{Host, Oracle};
use serde_json::Value;
use site::{Page, Place, rss};
use sources::Spec;
use std::collections::HashMap;
use std::sync::Arc;
use town::{Asked, Town};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The path of an address of a site.
fn site_path(location: &str) -> String {
    location.to_owned()
}

/// Four days from a Friday on, every 10 to 40 minutes. On the second day the clock goes back by two hours, on the third the
/// machine sleeps for seven.
fn runs() -> Vec<DateTime<Utc>> {
    let (mut now, mut runs) = (at("2026-11-20T00:07:03Z"), Vec::new());
    for n in 0.. {
        runs.push(now);
        now += TimeDelta::seconds([1203, 611, 1817, 2402, 907][n % 5]);
        if n == 90 {
            now -= TimeDelta::minutes(123);
        }
        if n == 150 {
            now += TimeDelta::hours(7);
        }
        if now > at("2026-11-24T01:00:00Z") {
            break;
        }
    }
    runs
}

fn set_up(town: &mut Town, place: &Place, specs: &[Spec]) {
    let mut list = String::new();
    for spec in specs {
        let host = town.host(spec.host);
        town.put(spec.name, Arc::clone(&spec.answer));
        list.push_str(&format!("[[source]]\nurl = \"http://{host}/{}\"\n{}\n", spec.name, spec.settings));
    }
    place.write("sources.toml", list);
    place.write("cm.toml", "sources = \"sources.toml\"\n");
}

#[test]
fn days_of_politeness() {
    let (mut town, place, specs) = (Town::default(), Place::new(), sources::all());
    set_up(&mut town, &place, &specs);
    let runs = runs();
    let mut ends = Vec::new();
    for now in &runs {
        town.set(*now);
        let run = place.run_at(&now.to_rfc3339(), &["--new", "--backfill", "all", "-q"]);
        assert!(matches!(run.code, Some(0 | 3)), "{run:?}");
        ends.push(town.log().len());
    }
    let log = town.log();
    let complaints = judge(&specs, &runs, &log, &ends);
    assert!(log.len() > 20 * specs.len(), "only {} requests", log.len());
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
    let last = runs[runs.len() - 1];
    let health = place.run_at(&last.to_rfc3339(), &["health"]).quiet().items();
    explained(&specs, &health, &log);
}

/// Holds the log against the oracles, run by run.
fn judge(specs: &[Spec], runs: &[DateTime<Utc>], log: &[Asked], ends: &[usize]) -> Vec<String> {
    let mut oracles: Vec<Oracle> =
        specs.iter().map(|spec| Oracle::new(spec.settings, &format!("/{}", spec.name))).collect();
    let mut hosts: HashMap<&str, Host> = HashMap::new();
    let mut begin = 0;
    for (n, (now, end)) in runs.iter().zip(ends).enumerate() {
        let mut requests: HashMap<&str, Vec<Asked>> = HashMap::new();
        for asked in &log[begin..*end] {
            assert_eq!(asked.at, *now);
            requests.entry(asked.source()).or_default().push(asked.clone());
        }
        begin = *end;
        for (spec, oracle) in specs.iter().zip(&mut oracles) {
            let host = hosts.entry(spec.host).or_default();
            match requests.get(spec.name) {
                Some(requests) => oracle.asked(n, requests, host),
                None => oracle.passed_over(n, *now, host),
            }
        }
    }
    let told = specs.iter().zip(oracles);
    told.flat_map(|(spec, oracle)| oracle.complaints.into_iter().map(|why| format!("{}: {why}", spec.name)))
        .collect()
}

/// Every source is explained, by its state, its class and its reasons; and what was asked is counted right.
fn explained(specs: &[Spec], health: &[Value], log: &[Asked]) {
    assert_eq!(health.len(), specs.len());
    let mut wrong = Vec::new();
    for (spec, row) in specs.iter().zip(health) {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        assert!(text("source").ends_with(&format!("/{}", spec.name)));
        let [state, class, why, next] = spec.health;
        let told = (state.is_empty() || text("state") == state)
            && (class.is_empty() || text("class") == class)
            && text("why").contains(why)
            && text("next_why").contains(next);
        // Whoever waits says until when and for whom; the first reason is the one that counts.
        let waits = row["next"].is_null() == row["interval"].as_array().unwrap().is_empty()
            && row["next"] == row["interval"][0]["until"]
            && row["next_why"] == row["interval"][0]["says"];
        let failing =
            text("state") != "failing" || (!text("why").is_empty() && !text("failing_since").is_empty());
        let requests = log.iter().filter(|asked| asked.source() == spec.name).count();
        let counted = row["asked"].as_u64().unwrap() as usize <= requests && row["asked"].as_u64() > Some(0);
        if !(told && waits && failing && counted) {
            wrong.push(format!("{}: {row}, and {requests} requests", spec.name));
        }
    }
    assert!(wrong.is_empty(), "{} not explained:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn people_read_why_and_until_when() {
    let (mut town, place) = (Town::default(), Place::new());
    let host = town.host("a");
    let answers: [(&str, Page); 3] = [
        ("ttl", Page::new(200, rss(&[]).replace("<title>", "<ttl>60</ttl><title>"))),
        ("wall", Page::new(403, "<html>Just a moment...")),
        ("gone", Page::new(410, "")),
    ];
    let mut list = String::new();
    for (name, page) in answers {
        town.put(name, Arc::new(move |_| page.clone()));
        list.push_str(&format!("[[source]]\nname = \"{name}\"\nurl = \"http://{host}/{name}\"\n"));
    }
    place.write("sources.toml", list);
    place.write("cm.toml", "sources = \"sources.toml\"\ntime_zone = \"UTC\"\n");
    town.set(at("2026-11-22T12:00:00Z"));
    let run = place.run(&["--new"]);
    assert_eq!((run.code, run.err.lines().count()), (Some(3), 2), "told when it is first met: {run:?}");
    assert_eq!(place.run(&["--new"]).quiet().out, "", "and then not for long");
    let health = place.run(&["health"]).quiet().items();
    assert_eq!(health[0]["next"], "2026-11-22T13:00:00Z");
    assert_eq!(health[0]["interval"][0]["rule"], "ttl");
    assert_eq!(health[1]["class"], "challenge");
    assert!(health[1]["advice"].as_str().unwrap().contains("cookie_file"), "{}", health[1]);
    // An accident of a moment silences nobody.
    assert_eq!(
        (&health[2]["state"], &health[2]["next"]),
        (&"failing".into(), &"2026-11-23T12:00:00Z".into())
    );
    assert!(health[2]["next_why"].as_str().unwrap().contains("asked once more"), "{}", health[2]);
    place.run_at("2026-11-23T11:59:00Z", &["--new"]);
    assert_eq!(town.log().iter().filter(|asked| asked.source() == "gone").count(), 1);
    let run = place.run_at("2026-11-23T12:00:00Z", &["--new"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.err.contains(&format!("gone (http://{host}/gone): gone for good (HTTP 410)")), "{run:?}");
    let health = place.run_at("2026-11-23T12:00:00Z", &["health"]).quiet().items();
    assert_eq!(health[2]["state"], "gone");
    assert!(health[2]["advice"].as_str().unwrap().contains("--force"), "{}", health[2]);
    let asked = town.log().len();
    place.run_at("2026-12-22T12:00:00Z", &["--new"]);
    assert!(!town.log()[asked..].iter().any(|asked| asked.source() == "gone"));
    town.put("gone", Arc::new(|_| Page::new(200, rss(&[]))));
    place.run_at("2026-12-22T12:00:00Z", &["--new", "--force", &format!("http://{host}/gone")]).quiet();
    assert_eq!(place.run_at("2026-12-22T12:00:00Z", &["health"]).quiet().items()[2]["state"], "ok");
}

/// A file that only its owner can read.
fn private(place: &Place, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    place.write(name, text);
    let path = place.dir.path().join(name);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn what_a_source_carries_is_sent_to_it_alone_and_shown_to_nobody() {
    let (mut town, place) = (Town::default(), Place::new());
    let (own, other) = (town.host("own"), town.host("other"));
    let away = format!("http://{other}/away");
    town.put("feed", Arc::new(move |_| Page::new(302, "").with("location", &away)));
    town.put("away", Arc::new(|_| Page::new(401, "hunter2 t0ken c00kie")));
    private(&place, "pw", "hunter2\n");
    private(&place, "headers", "X-Token: t0ken\n");
    private(&place, "jar", "session=c00kie\n");
    let source = format!("[[source]]\nname = \"s\"\nurl = \"http://{own}/feed\"\nuser_agent = \"Me/1\"\n");
    let secrets =
        "user = \"ana\"\npassword_file = \"pw\"\nheader_file = \"headers\"\ncookie_file = \"jar\"\n";
    place.write("sources.toml", format!("{source}{secrets}headers = {{ \"X-Plain\" = \"yes\" }}\n"));
    place.write("cm.toml", "sources = \"sources.toml\"\n");
    town.set(at("2026-11-22T12:00:00Z"));
    let mut shown = String::new();
    for args in
        [&["--new", "-v"][..], &["--new", "-v", "--force"], &["health"], &["--show-config"], &["opml"]]
    {
        let run = place.run(args);
        shown.push_str(&format!("{run:?}"));
    }
    for secret in ["hunter2", "t0ken", "c00kie", "YW5hOmh1bnRlcjI="] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    let log = town.log();
    let sent = |asked: &Asked, name: &str| asked.headers.get(name).cloned().unwrap_or_default();
    let names = ["authorization", "x-token", "cookie", "x-plain", "user-agent"];
    let first = names.map(|name| sent(&log[0], name));
    assert_eq!(first, ["Basic YW5hOmh1bnRlcjI=", "t0ken", "session=c00kie", "yes", "Me/1"]);
    assert_eq!(
        names.map(|name| sent(&log[1], name)),
        ["", "", "", "", "Me/1"],
        "another host is told nothing"
    );

    // It fails; changed settings are tried at once, unchanged ones are not.
    let asked = town.log().len();
    place.run(&["--new"]);
    assert_eq!(town.log().len(), asked);
    private(&place, "pw", "hunter3\n");
    place.run(&["--new"]);
    assert_eq!(town.log().len(), asked + 2);
    std::fs::remove_file(place.dir.path().join("pw")).unwrap();
    let run = place.run(&["--new"]);
    assert!(run.code == Some(4) && run.err.contains("cannot read password_file"), "{run:?}");
}

#[test]
fn a_misspelt_key_is_told_with_what_was_meant() {
    let place = Place::new();
    let refused = |cm: &str, source: &str| {
        place.write("cm.toml", format!("sources = \"sources.toml\"\n{cm}"));
        place.write("sources.toml", format!("[[source]]\nurl = \"http://127.0.0.1:1/\"\n{source}"));
        let run = place.run(&["--new"]);
        (run.code, run.err)
    };
    for (cm, source, why) in [
        (
            "",
            "intervall = \"6h\"\n",
            "sources.toml:3: unknown key \"intervall\" (did you mean \"interval\"?)",
        ),
        ("", "ignore = [\"skip_hour\"]\n", "unknown value \"skip_hour\" (did you mean \"skip_hours\"?)"),
        ("", "interval = \"often\"\n", "sources.toml:3: \"often\" is not a length of time"),
        ("[fetch]\nspaceing = \"1s\"\n", "", "unknown key \"spaceing\" (did you mean \"spacing\"?)"),
        (
            "[fetch.hosts.\"a.example\"]\nspacin = \"1s\"\n",
            "",
            "unknown key \"spacin\" (did you mean \"spacing\"?)",
        ),
        ("[fetch.hosts.\"a.example\"]\nheaders = { Cookie = \"x\" }\n", "", "Cookie is a secret"),
    ] {
        let (code, err) = refused(cm, source);
        assert!(code == Some(2) && err.contains(why), "{code:?} {err}");
    }
}

#[test]
fn a_host_that_takes_a_request_now_and_then_is_asked_in_turns() {
    let (mut town, place) = (Town::default(), Place::new());
    let host = town.host("slow");
    let names = ["a", "b", "c", "d"];
    let mut list = String::new();
    for name in names {
        town.put(name, Arc::new(|_| Page::new(200, rss(&[]))));
        list.push_str(&format!("http://{host}/{name}\n"));
    }
    place.write("list", list);
    place.write("cm.toml", format!("sources = \"list\"\n[fetch.hosts.\"{host}\"]\nspacing = \"10m\"\n"));
    let mut now = at("2026-11-22T12:00:00Z");
    for run in 0..16 {
        town.set(now);
        let before = town.log().len();
        place.run_at(&now.to_rfc3339(), &["--new"]).quiet();
        let log = town.log();
        let asked: Vec<&str> = log[before..].iter().map(Asked::source).collect();
        // Every five minutes there is a run, every ten a turn, and who waits longest has it.
        let expected = if run % 2 == 0 { vec![names[run / 2 % 4]] } else { Vec::new() };
        assert_eq!(asked, expected, "run {run}");
        now += TimeDelta::minutes(5);
    }
    let told = place.run_at(&now.to_rfc3339(), &["--new", "-v"]).err;
    assert!(told.contains("takes a request every 10 min: its turn comes in a later run"), "{told}");
    let health = place.run_at(&now.to_rfc3339(), &["health"]).quiet().items();
    assert!(health[1]["turn"].as_str().unwrap().contains("every 10 min"), "{}", health[1]);
}

#[test]
fn who_stands_late_in_a_long_list_has_its_turn_too() {
    let (mut town, place) = (Town::default(), Place::new());
    let (slow, other) = (town.host("slow"), town.host("other"));
    let names = ["a", "b", "c", "d"];
    names.iter().for_each(|name| town.put(name, Arc::new(|_| Page::new(200, rss(&[])))));
    town.put("rest", Arc::new(|_| Page::new(200, rss(&[])).with("cache-control", "max-age=86400")));
    let of = |name: &str| format!("http://{slow}/{name}\n");
    let rest: String = (0..140).map(|n| format!("http://{other}/rest/{n}\n")).collect();
    place.write("list", format!("{}{}{rest}{}{}", of("a"), of("b"), of("c"), of("d")));
    place.write("cm.toml", format!("sources = \"list\"\n[fetch.hosts.\"{slow}\"]\nspacing = \"10m\"\n"));
    let mut turns = Vec::new();
    for run in 0..4 {
        let now = at("2026-11-22T12:00:00Z") + TimeDelta::minutes(10 * run);
        town.set(now);
        let before = town.log().len();
        place.run_at(&now.to_rfc3339(), &["--new"]).quiet();
        turns.extend(
            town.log()[before..].iter().map(Asked::source).filter(|name| *name != "rest").map(str::to_owned),
        );
    }
    assert_eq!(turns, names);
}

/// Who is in trouble cools down, not who led there; and nobody leads to who cools down.
#[test]
fn trouble_is_of_the_host_that_has_it() {
    let (mut town, place) = (Town::default(), Place::new());
    let (front, busy, own) = (town.host("front"), town.host("busy"), town.host("own"));
    let to = format!("http://{busy}/busy");
    for (name, to) in [("gate", to.clone()), ("door", to), ("nowhere", "http://127.0.0.99:1/".to_owned())] {
        town.put(name, Arc::new(move |_| Page::new(302, "").with("location", &to)));
    }
    town.put("beside", Arc::new(|_| Page::new(200, rss(&[]))));
    town.put("busy", Arc::new(|_| Page::new(429, "").with("retry-after", "7200")));
    let links = format!("<html><link rel=alternate type=application/rss+xml href=http://{busy}/busy></html>");
    town.put("page", Arc::new(move |_| Page::new(200, links.clone())));
    let run = |clock: &str, sources: &[String]| {
        town.set(at(clock));
        let before = town.log().len();
        let args: Vec<&str> = ["--new", "-v"].into_iter().chain(sources.iter().map(String::as_str)).collect();
        let run = place.run_at(clock, &args);
        let asked: Vec<String> = town.log()[before..].iter().map(|asked| asked.source().to_owned()).collect();
        (asked, run.err)
    };
    let [gate, nowhere, beside] = ["gate", "nowhere", "beside"].map(|name| format!("http://{front}/{name}"));
    let mut asked = run("2026-11-22T12:00:00Z", &[gate, nowhere]).0;
    asked.sort();
    assert_eq!(asked, ["busy", "gate", "nowhere"]);
    assert_eq!(run("2026-11-22T12:01:00Z", &[beside]).0, ["beside"], "its host is in no trouble");
    let (asked, told) = run("2026-11-22T12:02:00Z", &[format!("http://{own}/door")]);
    assert_eq!(asked, ["door"], "{told}");
    assert!(told.contains("cools down, after") && told.contains("too many requests"), "{told}");
    assert_eq!(run("2026-11-22T12:03:00Z", &[format!("http://{own}/page")]).0, ["page"]);
    assert_eq!(run("2026-11-22T14:03:00Z", &[format!("http://{own}/door")]).0, ["door", "busy"]);
}

/// Two that fail shut their host; the others of it come all the same, whatever their place in the list.
#[test]
fn who_is_well_is_not_starved_by_who_is_not() {
    for status in [429, 503] {
        let (mut town, place) = (Town::default(), Place::new());
        let host = town.host("shared");
        let names = ["bad1", "bad2", "good1", "good2"];
        for name in names {
            let page = match name.starts_with("bad") {
                true => Page::new(status, "").with("retry-after", "600"),
                false => Page::new(200, rss(&[])),
            };
            town.put(name, Arc::new(move |_| page.clone()));
        }
        place.write("list", names.map(|name| format!("http://{host}/{name}\n")).concat());
        place.write("cm.toml", "sources = \"list\"\n");
        for day in 0..6 {
            let now = at("2026-11-20T06:00:00Z") + TimeDelta::days(day);
            town.set(now);
            let before = town.log().len();
            place.run_at(&now.to_rfc3339(), &["--new"]);
            let log = town.log();
            let mut asked: Vec<&str> = log[before..].iter().map(Asked::source).collect();
            let order = asked.clone();
            asked.sort_unstable();
            if day == 0 {
                assert_eq!(asked, ["bad1", "bad2"], "nothing is known yet");
                let health = place.run_at(&now.to_rfc3339(), &["health"]).quiet().items();
                assert!(health[2]["why"].as_str().unwrap().contains("never read yet"), "{}", health[2]);
            } else {
                assert_eq!(asked, names, "day {day}: {order:?}");
                assert!(order[0].starts_with("good") && order[1].starts_with("good"), "day {day}: {order:?}");
            }
        }
    }
}

/// More of a host fail than it takes to shut it, and one was never read: it is told once, with what to do.
#[test]
fn who_is_starved_is_told_once_by_name() {
    let (mut town, place) = (Town::default(), Place::new());
    let host = town.host("shared");
    let names: Vec<String> = (0..8).map(|n| format!("s{n}")).collect();
    for name in &names {
        town.put(name, Arc::new(|_| Page::new(429, "").with("retry-after", "600")));
    }
    place.write("list", names.iter().map(|name| format!("http://{host}/{name}\n")).collect::<String>());
    place.write("cm.toml", "sources = \"list\"\n");
    let mut told = Vec::new();
    for day in 0..4 {
        let now = at("2026-11-20T06:00:00Z") + TimeDelta::days(day);
        town.set(now);
        let run = place.run_at(&now.to_rfc3339(), &["--new"]);
        let starved = |line: &&str| line.contains("whole_host");
        told.push(run.err.lines().filter(starved).map(str::to_owned).collect::<Vec<_>>());
    }
    let count: Vec<usize> = told.iter().map(Vec::len).collect();
    assert_eq!(count, [0, 4, 0, 0], "{told:?}");
    assert!(told[1][0].contains("/s4: not asked since 20 Nov"), "{told:?}");
    let asked: Vec<String> = town.log().iter().map(|asked| asked.source().to_owned()).collect();
    assert_eq!(asked, names, "each has its turn");
}

#[test]
fn who_is_well_is_not_starved_in_a_long_list_either() {
    let (mut town, place) = (Town::default(), Place::new());
    let (shared, other) = (town.host("shared"), town.host("other"));
    for name in ["bad1", "bad2"] {
        town.put(name, Arc::new(|_| Page::new(429, "").with("retry-after", "600")));
    }
    ["good", "rest"].iter().for_each(|name| town.put(name, Arc::new(|_| Page::new(200, rss(&[("a", "")])))));
    let bad: String = ["bad1", "bad2"].map(|name| format!("http://{shared}/{name}\n")).concat();
    let rest: String = (0..300).map(|n| format!("http://{other}/rest/{n}\n")).collect();
    place.write("list", format!("{bad}{rest}http://{shared}/good\n"));
    place.write("cm.toml", "sources = \"list\"\n");
    let mut asked = Vec::new();
    for day in 0..3 {
        let now = at("2026-11-20T06:00:00Z") + TimeDelta::days(day);
        town.set(now);
        let before = town.log().len();
        place.run_at(&now.to_rfc3339(), &["--new"]);
        let log = town.log();
        assert!(log.len() - before >= 302, "day {day}: {}", log.len() - before);
        asked.push(log[before..].iter().any(|asked| asked.source() == "good"));
    }
    assert_eq!(asked, [false, true, true]);
}
