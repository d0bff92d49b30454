//! What all services have in common: made once, kept, found again; one shape of results.

use crate::fakes::Service;
use crate::world::*;
use serde_json::{Value, json};

/// Everything that a service does alike; `slug`: the name of the second link that is made.
fn whole<S: Service>(world: &World<S>) {
    filter(world);
    plain(world);
    add(world);
}

fn filter<S: Service>(world: &World<S>) {
    let input =
        record("https://a.example/x?utm_source=n&id=7") + &record("https://A.example:443/x?id=7") + "";
    let first = world.filter(&[], &input);
    assert_eq!((first.code, first.err.as_str()), (0, ""), "{}", world.name);
    let made = links(&first);
    let short = made[0]["short_url"].as_str().unwrap();
    assert_eq!(made[0]["short_url"], made[1]["short_url"], "two spellings of a page are one link");
    assert!(short.starts_with("https://") && short.ends_with(made[0]["code"].as_str().unwrap()), "{short}");
    assert_eq!(made[0]["clean_url"], "https://a.example/x?id=7");
    let members: Vec<&String> = made[0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["clean_url", "code", "short_url", "url"], "the part is that of the embedded store");
    assert_eq!(world.fake.questions(), 1);
    let second = world.filter(&["--clock", "2027-01-01"][..0], &first.out);
    assert_eq!((second.out, second.code), (first.out.clone(), 0), "a second pass changes no byte");
    let anew = world.filter(&[], &input);
    assert_eq!((anew.out, world.fake.questions()), (first.out, 1), "a second run asks nothing");
}

fn plain<S: Service>(world: &World<S>) {
    let text = "See https://a.example/plain?fbclid=1 and ü\n\u{fe}";
    let first = world.filter(&["--plain"], text);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    assert!(first.out.starts_with("See https://") && !first.out.contains("a.example"), "{}", first.out);
    let questions = world.fake.questions();
    let second = world.filter(&["--plain"], &first.out);
    assert_eq!(
        (second.bytes, world.fake.questions()),
        (first.bytes, questions),
        "short links of the service pass"
    );
}

fn add<S: Service>(world: &World<S>) {
    let shape = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let made = one(&world.run(&["add", "https://b.example/", "--title", "B"]));
    assert_eq!(shape(&made), ["as_of", "backend", "clicks", "created", "short_url", "slug", "url"]);
    assert_eq!(shape(&made["clicks"]), ["bots", "humans", "total"]);
    assert_eq!((&made["created"], &made["backend"]), (&json!(true), &json!(world.name)), "{made}");
    assert_eq!(
        (&made["url"], &made["as_of"]),
        (&json!("https://b.example/"), &json!("2026-11-22T09:00:00Z"))
    );
    let questions = world.fake.questions();
    let again = one(&world.run(&["add", "https://b.example/"]));
    assert_eq!((&again["created"], &again["short_url"]), (&json!(false), &made["short_url"]));
    assert_eq!(world.fake.questions(), questions, "it is known");
    let named = one(&world.run(&["add", "https://c.example/", "--slug", "summer26"]));
    assert_eq!(named["slug"], "summer26", "{named}");
    let expanded = world.run(&["expand", "summer26"]);
    assert_eq!(one(&expanded)["url"], "https://c.example/");
    let unknown = world.run(&["stats", "nosuch"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""), "{}", unknown.err);
    assert_eq!(unknown.err.lines().count(), 1);
}

/// A name that is taken: by the same link it is that one, by another it is refused.
fn taken<S: Service>(world: &World<S>) {
    std::fs::remove_dir_all(world.home.path("state")).unwrap();
    let same = one(&world.run(&["add", "https://c.example/", "--slug", "summer26"]));
    assert_eq!((&same["slug"], &same["created"]), (&json!("summer26"), &json!(false)), "{same}");
    let other = world.run(&["add", "https://d.example/", "--slug", "summer26"]);
    assert_eq!((other.code, other.out.as_str()), (3, ""), "{}", other.err);
    assert_eq!(other.err.lines().count(), 1, "{}", other.err);
}

#[test]
fn yourls_whole() {
    let world = yourls("");
    whole(&world);
    taken(&world);
    assert_eq!(world.fake.state.lock().unwrap().fetched, 0, "it fetched no page for a title");
}

#[test]
fn shlink_whole() {
    let world = shlink();
    whole(&world);
    taken(&world);
}

#[test]
fn kutt_whole() {
    let world = kutt();
    whole(&world);
    taken(&world);
}

#[test]
fn dub_whole() {
    let world = dub();
    whole(&world);
    taken(&world);
}

#[test]
fn bitly_whole() {
    whole(&bitly(""));
}

#[test]
fn tinyurl_whole() {
    whole(&tinyurl());
}

#[test]
fn is_gd_whole() {
    let world = isgd("");
    whole(&world);
    taken(&world);
}

#[test]
fn clicks_are_what_the_service_tells_and_null_is_what_it_does_not() {
    let world = yourls("");
    let short = one(&world.run(&["add", "https://a.example/"]))["slug"].as_str().unwrap().to_owned();
    world.fake.state.lock().unwrap().rows[0].clicks = 12;
    let clicks = one(&world.run(&["stats", &short]))["clicks"].clone();
    assert_eq!(clicks, json!({"total": 12, "humans": null, "bots": null}));

    let world = shlink();
    world.run(&["add", "https://a.example/"]);
    world.fake.state.lock().unwrap().rows[0]["visitsSummary"] = json!({"total": 12, "nonBots": 9, "bots": 3});
    let clicks = one(&world.run(&["stats", "sh1"]))["clicks"].clone();
    assert_eq!(clicks, json!({"total": 12, "humans": 9, "bots": 3}));

    let world = kutt();
    world.run(&["add", "https://a.example/"]);
    world.fake.state.lock().unwrap().rows[0]["visit_count"] = json!("4");
    let clicks = one(&world.run(&["stats", "https://ku.example/ku1"]))["clicks"].clone();
    assert_eq!(clicks, json!({"total": 4, "humans": 4, "bots": null}));

    let world = bitly("");
    world.run(&["add", "https://a.example/"]);
    let clicks = one(&world.run(&["stats", "https://bit.ly/bi1"]))["clicks"].clone();
    assert_eq!(clicks, json!({"total": 7, "humans": null, "bots": null}));

    let world = isgd("");
    world.run(&["add", "https://a.example/"]);
    let done = world.run(&["stats", "is1"]);
    assert_eq!(one(&done)["clicks"], json!({"total": null, "humans": null, "bots": null}));
    assert!(done.err.contains("does not tell clicks"), "{}", done.err);
}

#[test]
fn a_short_address_says_whose_it_is() {
    let world = kutt();
    let done = world.home.run(&["stats", "--allow-private", "https://ku.example/ku1"]);
    assert!(done.code == 2 && world.fake.questions() == 0, "nobody knows that domain yet: {}", done.err);
    world.run(&["add", "https://a.example/"]);
    let done = world.home.run(&["stats", "--allow-private", "https://ku.example/ku1"]);
    assert_eq!(one(&done)["backend"], "kutt:x", "it is a link of ours");
    assert_eq!(world.run(&["stats", "ku1", "--since", "2d"]).code, 2, "there is no span of time");
}

#[test]
fn what_a_service_cannot_do_is_said_before_it_is_asked() {
    for (code, args) in [(2, ["--expires", "2w"]), (2, ["--max-clicks", "5"])] {
        let world = yourls("");
        let done = world.run(&[&["add", "https://a.example/"][..], &args].concat());
        assert_eq!((done.code, world.fake.questions()), (code, 0), "{}", done.err);
    }
    let world = shlink();
    let done =
        world.run(&["add", "https://a.example/", "--expires", "2026-12-01T00:00:00Z", "--max-clicks", "5"]);
    assert_eq!(one(&done)["created"], true);
    let row = world.fake.state.lock().unwrap().rows[0].clone();
    assert_eq!(
        row["meta"],
        json!({"validSince": null, "validUntil": "2026-12-01T00:00:00Z", "maxVisits": 5})
    );
}

#[test]
fn links_for_two_accounts_are_two_where_the_service_can_tell_them_apart() {
    let args = ["--for", "mastodon:acme,bluesky:acme", "--utm", "none", "--campaign", "Spring 26"];
    let world = shlink();
    let made = links(&world.filter(&args, &record("https://a.example/")));
    assert_ne!(made[0]["short_url"], made[1]["short_url"]);
    assert_eq!(world.fake.state.lock().unwrap().rows[0]["tags"], json!(["mastodon:acme", "spring-26"]));
    world.run(&["add", "https://b.example/", "--tag", "poster"]);
    assert_eq!(world.fake.state.lock().unwrap().rows.last().unwrap()["tags"], json!(["poster"]));
    let world = kutt();
    let made = links(&world.filter(&args, &record("https://a.example/")));
    assert_eq!(made[0]["short_url"], made[1]["short_url"], "as docs/shorteners.md says");
}

#[test]
fn links_on_the_domains_of_configured_shorteners_pass_whoever_makes_the_links() {
    let world = yourls("domain = 's.example'\n");
    let text = "https://s.example/abc https://S.example/def?x=1 ";
    for backend in ["embedded", "none", "yourls:x"] {
        let done = world.home.pipe(&["--allow-private", "--plain", "--backend", backend], text);
        assert_eq!((done.code, done.out.as_str()), (0, text), "{backend}: {}", done.err);
    }
    let other = world.home.pipe(&["--plain", "--backend", "embedded"], "https://s.example.org/x");
    assert!(other.out.starts_with("https://go.acme.example/"), "{}", other.out);
    assert_eq!(world.fake.questions(), 0);
}
