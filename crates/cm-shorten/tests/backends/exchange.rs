//! `import` from services and `export` to them: an outcome for each row, a second run that makes nothing, dry runs.

use crate::fakes::{Service, method, yourls::Row};
use crate::home::{Done, jsonl};
use crate::world::*;
use serde_json::{Value, json};

fn outcomes(done: &Done) -> Vec<String> {
    jsonl(&done.out).iter().map(|line| line["outcome"].as_str().unwrap().to_owned()).collect()
}

fn import<S: Service>(world: &World<S>, more: &[&str]) -> Done {
    world.home.run(&[&["import", "--from", world.name, "--allow-private"], &NOW[..], more].concat())
}

fn export<S: Service>(world: &World<S>, more: &[&str]) -> Done {
    world.home.run(&[&["export", "--to", world.name, "--allow-private"], &NOW[..], more].concat())
}

/// A list of so many links is taken over whole, once.
fn whole_list<S: Service>(world: &World<S>, count: usize) {
    let dry = import(world, &["--dry-run"]);
    assert_eq!((dry.code, outcomes(&dry).len()), (0, count), "{}: {}", world.name, dry.err);
    assert_eq!(world.home.run(&["list"]).out, "", "a dry run makes nothing");
    let done = import(world, &[]);
    assert_eq!(outcomes(&done), vec!["created"; count], "{}: {}", world.name, done.err);
    assert_eq!(world.home.run(&["list"]).out.lines().count(), count);
    let again = import(world, &[]);
    assert_eq!((again.code, outcomes(&again)), (0, vec!["exists".to_owned(); count]));
    let methods: Vec<String> =
        world.fake.server.asked().iter().map(|asked| method(asked).to_owned()).collect();
    let only = if world.name.starts_with("yourls") { "POST" } else { "GET" };
    assert!(methods.iter().all(|method| method == only), "nothing is changed there");
}

#[test]
fn yourls_lists_are_objects_with_numbered_names() {
    let world = yourls("");
    let row = |n: usize| Row {
        keyword: format!("y{n}"),
        url: format!("https://a.example/{n}"),
        title: format!("T{n}"),
        clicks: n as u64,
    };
    world.fake.state.lock().unwrap().rows.extend((0..250).map(row));
    whole_list(&world, 250);
    let list = jsonl(&world.home.run(&["list"]).out);
    let one = list.iter().find(|link| link["code"] == "y7").unwrap();
    assert_eq!((&one["url"], &one["title"]), (&json!("https://a.example/7"), &json!("T7")));
}

#[test]
fn shlink_pages() {
    let world = shlink();
    let row = |n: usize| {
        json!({"shortCode": format!("s{n}"), "shortUrl": format!("https://sh.example/s{n}"), "tags": ["a", "b"],
            "longUrl": format!("https://a.example/{n}"), "dateCreated": "2026-01-01T00:00:00+01:00",
            "visitsSummary": {"total": 3, "nonBots": 2, "bots": 1}, "meta": {"validUntil": "2027-01-01T00:00:00Z", "maxVisits": 5}})
    };
    world.fake.state.lock().unwrap().rows.extend((0..150).map(row));
    whole_list(&world, 150);
    let one = jsonl(&world.home.run(&["list"]).out).remove(0);
    assert_eq!((&one["tags"], &one["max_clicks"]), (&json!(["a", "b"]), &json!(3)), "{one}");
    assert_eq!(one["expires"], "2027-01-01T00:00:00Z");
}

#[test]
fn kutt_pages_of_fifty() {
    let world = kutt();
    let row = |n: usize| {
        json!({"id": n.to_string(), "address": format!("k{n}"), "link": format!("https://ku.example/k{n}"),
            "target": format!("https://a.example/{n}"), "description": "D", "visit_count": 4, "created_at": "2026-01-01T00:00:00.000Z"})
    };
    world.fake.state.lock().unwrap().rows.extend((0..120).map(row));
    whole_list(&world, 120);
}

#[test]
fn dub_pages() {
    let world = dub();
    let row = |n: usize| {
        json!({"id": format!("link_{n}"), "domain": "dub.sh", "key": format!("d{n}"), "clicks": 2,
            "shortLink": format!("https://dub.sh/d{n}"), "url": format!("https://a.example/{n}"), "tags": [{"name": "x"}],
            "expiresAt": "2027-01-01T00:00:00Z", "expiredUrl": "https://a.example/over"})
    };
    world.fake.state.lock().unwrap().rows.extend((0..200).map(row));
    whole_list(&world, 200);
    let one = jsonl(&world.home.run(&["list"]).out).remove(0);
    assert_eq!(one["fallback"], "https://a.example/over", "where it leads once it has ended comes along");
}

fn bitlinks(count: usize) -> impl Iterator<Item = Value> {
    (0..count).map(|n| {
        json!({"id": format!("bit.ly/b{n}"), "link": format!("https://bit.ly/b{n}"), "title": "B",
            "long_url": format!("https://a.example/{n}"), "created_at": "2026-01-01T00:00:00+0000", "tags": []})
    })
}

#[test]
fn bitly_pages_of_the_only_group() {
    let world = bitly("");
    world.fake.state.lock().unwrap().rows.extend(bitlinks(5));
    whole_list(&world, 5);
}

#[test]
fn of_several_groups_one_must_be_named() {
    let world = bitly("");
    world.fake.state.lock().unwrap().groups.push("G2");
    let done = import(&world, &[]);
    assert!(done.code == 3 && done.err.contains("G1 (Group G1), G2 (Group G2)"), "{}", done.err);
    let world = bitly("group = 'G1'\n");
    world.fake.state.lock().unwrap().rows.extend(bitlinks(1));
    assert_eq!(outcomes(&import(&world, &[])), ["created"]);
}

#[test]
fn a_page_that_leads_to_itself_or_to_another_server_is_not_followed() {
    let world = bitly("group = 'G1'\n");
    let link = bitlinks(1).next().unwrap();
    let next = world.fake.server.url("v4/groups/G1/bitlinks?page=9");
    for _ in 0..3 {
        world.fake.say(200, "", &json!({"links": [link], "pagination": {"next": next}}).to_string());
    }
    let done = import(&world, &[]);
    assert_eq!((done.code, world.fake.questions()), (0, 2), "{}", done.err);
    let (world, thief) = (bitly("group = 'G1'\n"), bitly(""));
    let next = thief.fake.server.url("v4/groups/G1/bitlinks?page=2");
    world.fake.say(200, "", &json!({"links": [link], "pagination": {"next": next}}).to_string());
    let done = import(&world, &[]);
    assert_eq!((done.code, thief.fake.questions(), outcomes(&done)), (3, 0, vec!["created".to_owned()]));
    assert!(done.err.contains("leads to another server"), "{}", done.err);
}

#[test]
fn a_bad_row_costs_no_other_and_a_limit_keeps_what_came() {
    let world = kutt();
    let good =
        json!({"id": "1", "address": "k1", "link": "https://ku.example/k1", "target": "https://a.example/1"});
    let bad =
        json!({"id": "2", "address": "k2", "link": "javascript:alert(1)", "target": "https://a.example/2"});
    let elsewhere =
        json!({"id": "3", "address": "k3", "link": "https://ku.example/k3", "target": "javascript:alert(1)"});
    world.fake.say(200, "", &json!({"total": 9, "data": [good, bad, elsewhere]}).to_string());
    world.fake.say(429, "Retry-After: 3600\r\n", "{}");
    let done = import(&world, &[]);
    assert_eq!(
        (done.code, outcomes(&done)),
        (3, ["created", "refused", "refused"].map(str::to_owned).to_vec())
    );
    assert!(done.err.contains("what came before is taken in"), "{}", done.err);
    assert_eq!(world.home.run(&["list"]).out.lines().count(), 1);
}

#[test]
fn what_has_no_list_says_so() {
    for done in [import(&tinyurl(), &[]), import(&isgd(""), &[])] {
        assert!(done.code == 2 && done.err.contains("lists no links"), "{}", done.err);
    }
    let world = kutt();
    assert_eq!(world.home.run(&["import", "x.csv", "--from", "kutt:x"]).code, 2);
    assert_eq!(world.home.run(&["import", "--from", "csv"]).code, 2);
    let typo = world.home.run(&["import", "--from", "shlnk", "x"]);
    assert!(typo.code == 2 && typo.err.contains("did you mean shlink?"), "{}", typo.err);
}

#[test]
fn what_asked_for_a_password_there_is_not_opened_to_all_here() {
    let kutts = kutt();
    let row = |name: &str, password: bool, banned: bool| {
        json!({"address": name, "link": format!("https://ku.example/{name}"), "target": "https://a.example/",
            "password": password, "banned": banned})
    };
    let rows = [row("open", false, false), row("shut", true, false), row("bad", false, true)];
    kutts.fake.state.lock().unwrap().rows.extend(rows);
    let done = import(&kutts, &[]);
    assert_eq!(
        (done.code, outcomes(&done)),
        (3, ["refused", "refused", "created"].map(str::to_owned).to_vec())
    );
    assert!(
        done.out.contains("shut: it asks for a password") && done.out.contains("bad: it was banned there")
    );

    let dubs = dub();
    let row = |name: &str, password: Value| {
        json!({"key": name, "shortLink": format!("https://dub.sh/{name}"), "url": "https://a.example/",
            "password": password})
    };
    dubs.fake.state.lock().unwrap().rows.extend([row("open", Value::Null), row("shut", json!("hush"))]);
    let done = import(&dubs, &[]);
    assert_eq!(outcomes(&done), ["created", "refused"]);
    assert!(!done.out.contains("hush") && !done.err.contains("hush"));
}

#[test]
fn bitlys_names_of_ones_own_come_too() {
    let world = bitly("");
    let mut row = bitlinks(1).next().unwrap();
    row["custom_bitlinks"] = json!(["https://bit.ly/our-word", "bit.ly/b0"]);
    world.fake.state.lock().unwrap().rows.push(row);
    assert_eq!(outcomes(&import(&world, &[])), ["created"; 2]);
    let leads = world.home.run(&["expand", "our-word"]);
    assert_eq!(one(&leads)["url"], "https://a.example/0");
}

/// A store with these links, each with its code.
fn store<S: Service>(world: &World<S>, count: usize) {
    let rows: String = (0..count).map(|n| format!("e{n},https://a.example/{n}\n")).collect();
    world.home.file("links.csv", &format!("code,url\n{rows}"));
    assert_eq!(world.home.run(&["import", "links.csv", "--from", "csv"]).code, 0);
}

fn handed_over<S: Service>(world: &World<S>) {
    store(world, 30);
    let dry = export(world, &["--dry-run"]);
    assert_eq!(
        (dry.code, outcomes(&dry)),
        (0, vec!["created".to_owned(); 30]),
        "{}: {}",
        world.name,
        dry.err
    );
    let looked = world.fake.questions();
    let done = export(world, &[]);
    assert_eq!(
        (done.code, outcomes(&done)),
        (0, vec!["created".to_owned(); 30]),
        "{}: {}",
        world.name,
        done.err
    );
    let asked = world.fake.questions();
    assert!(asked >= looked + 30);
    let again = export(world, &[]);
    assert_eq!((again.code, outcomes(&again)), (0, vec!["exists".to_owned(); 30]));
    assert_eq!(world.fake.questions(), asked, "a second run asks nothing");
}

#[test]
fn links_are_handed_over_with_their_codes() {
    let world = shlink();
    handed_over(&world);
    assert!(world.fake.state.lock().unwrap().rows.iter().any(|row| row["shortCode"] == "e7"));
    world.home.run(&["add", "https://a.example/labelled", "--slug", "labelled", "--tag", "poster"]);
    assert_eq!(export(&world, &[]).code, 0);
    assert_eq!(world.fake.state.lock().unwrap().rows.last().unwrap()["tags"], json!(["poster"]));
    handed_over(&yourls(""));
    handed_over(&dub());
    handed_over(&kutt());
    handed_over(&tinyurl());
    handed_over(&isgd(""));
    handed_over(&bitly(""));
}

#[test]
fn what_cannot_be_kept_there_is_refused_and_what_is_taken_is_told() {
    let world = yourls("");
    store(&world, 2);
    world.home.run(&["add", "https://b.example/", "--slug", "ending", "--expires", "2026-12-01"]);
    world.fake.state.lock().unwrap().rows.push(Row {
        keyword: "e1".into(),
        url: "https://other.example/".into(),
        title: String::new(),
        clicks: 0,
    });
    let dry = export(&world, &["-n"]);
    assert_eq!(outcomes(&dry), ["created", "taken", "refused"], "{}", dry.err);
    let done = export(&world, &[]);
    assert_eq!(
        (done.code, outcomes(&done)),
        (3, ["created", "refused", "refused"].map(str::to_owned).to_vec())
    );
    let lines = jsonl(&done.out);
    assert!(lines[1]["reason"].as_str().unwrap().contains("already exists"), "{}", lines[1]);
    assert!(lines[2]["reason"].as_str().unwrap().contains("knows no links with an end"), "{}", lines[2]);
    let dry = world.home.run(&["export", "--to", "csv", "--dry-run"]);
    assert_eq!((dry.code, dry.out.as_str()), (0, ""));
}

#[test]
fn what_a_link_loses_on_the_way_is_told_once_and_before() {
    let world = dub();
    store(&world, 1);
    let all = ["--fallback", "https://b.example/", "--status", "301", "--tag", "poster", "--note", "n"];
    world.home.run(&[&["add", "https://b.example/all", "--slug", "e9"], &all[..]].concat());
    for (more, lost) in [(&["--dry-run"][..], 4), (&[], 4), (&[], 0)] {
        let done = export(&world, more);
        let lines = jsonl(&done.out);
        assert!(done.code == 0 && lines[0].get("lost").is_none(), "{} {}", done.out, done.err);
        assert_eq!(lines[1]["lost"].as_array().map_or(0, Vec::len), lost, "{}", done.out);
        assert_eq!(done.err.contains("1 link loses something"), lost > 0, "{}", done.err);
    }
}

#[test]
fn a_limit_in_the_middle_leaves_the_rest_for_the_next_run() {
    let world = dub();
    store(&world, 20);
    let done = export(&world, &["--tag", "none"]);
    assert_eq!((done.code, world.fake.questions()), (2, 0), "no link has that tag");
    world.fake.say(429, "Retry-After: 7200\r\n", "{}");
    let done = export(&world, &[]);
    assert_eq!((done.code, outcomes(&done), world.fake.questions()), (3, vec!["refused".to_owned(); 20], 1));
    let args = ["export", "--to", "dub:x", "--allow-private", "--clock", "2026-11-22T12:00:00Z"];
    assert_eq!(outcomes(&world.home.run(&args)), vec!["created"; 20]);
}

#[test]
fn a_rehearsal_leaves_no_store_behind() {
    let world = dub();
    let row = json!({"id": "l", "domain": "dub.sh", "key": "d", "url": "https://a.example/", "shortLink": "https://dub.sh/d"});
    world.fake.state.lock().unwrap().rows.push(row);
    let done = import(&world, &["--dry-run"]);
    assert!(done.code == 0 && done.out.contains("created"), "{} {}", done.out, done.err);
    let looked = world.run(&["stats", "d"]);
    assert_eq!(looked.code, 0, "{}", looked.err);
    assert!(!world.home.path("state").exists());
}
