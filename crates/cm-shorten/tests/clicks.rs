//! What `stats`, `list` and `clicks` tell of links: of several at once, of those on our domain, of clicks from elsewhere.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod home;

use home::{Home, jsonl};
use serde_json::{Value, json};

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\n";

fn home() -> Home {
    let home = Home::new(CONFIG);
    for slug in ["sale", "fair"] {
        assert_eq!(home.run(&["add", &format!("https://a.example/{slug}"), "--slug", slug]).code, 0);
    }
    home
}

#[test]
fn stats_of_several_links_are_a_line_for_each_or_none() {
    let home = home();
    let codes = |args: &[&str]| -> Vec<Value> {
        jsonl(&home.run(args).out).iter().map(|told| told["code"].clone()).collect()
    };
    assert_eq!(codes(&["stats", "sale", "https://go.acme.example/fair"]), [json!("sale"), json!("fair")]);
    assert_eq!(codes(&["stats", "sale"]), [json!("sale")]);
    assert_eq!(codes(&["stats"]), [Value::Null]);
    let done = home.run(&["stats", "sale", "none"]);
    assert_eq!((done.code, done.out.as_str()), (2, ""));
    assert!(done.err.contains("none: not a link of this store"), "{}", done.err);
}

#[test]
fn an_address_on_another_host_is_no_link_of_ours() {
    let home = home();
    for there in ["https://go.acme.example/sale", "http://GO.acme.example/SALE/", "sale"] {
        assert_eq!(home.run(&["stats", there]).code, 0, "{there}");
        assert_eq!(home.run(&["expand", there]).code, 0, "{there}");
    }
    for other in ["https://other.example/sale", "https://go.acme.example:8443/sale"] {
        for command in ["stats", "clicks", "history"] {
            let done = home.run(&[command, other]);
            assert_eq!(done.code, 2, "{command} {other}: {}", done.out);
            assert!(done.err.contains("not a link of this store"), "{}", done.err);
        }
        assert_eq!(home.run(&["expand", other]).code, 3, "{other}");
    }
    // Made under another domain than the one of now: both are this link's.
    home.file("config.toml", "[shorten]\ndomain = 'https://new.example'\n");
    for there in ["https://go.acme.example/sale", "https://new.example/sale"] {
        let done = home.run(&["--config", "config.toml", "stats", there]);
        assert_eq!(done.code, 0, "{there}: {}", done.err);
    }
}

#[test]
fn clicks_that_were_counted_elsewhere_are_told_apart_from_ours() {
    let home = home();
    home.file("old.csv", "code,url,clicks\nspring,https://a.example/spring,340\n");
    let done = home.run(&["import", "old.csv", "--from", "csv"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let list = jsonl(&home.run(&["list"]).out);
    let of = |code: &str| list.iter().find(|link| link["code"] == code).unwrap();
    assert_eq!(of("spring")["earlier"], json!({"clicks": 340, "source": "csv"}));
    assert_eq!(of("spring")["clicks"]["human"], 0);
    assert_eq!(of("sale").get("earlier"), None);
    let stats = |args: &[&str]| jsonl(&home.run(&[&["stats"], args].concat()).out).remove(0);
    assert_eq!(stats(&["spring"])["earlier"], json!({"clicks": 340, "source": "csv"}));
    assert_eq!(stats(&[])["earlier"], json!({"clicks": 340}));
    assert_eq!(stats(&["sale"]).get("earlier"), None);
}

#[test]
fn links_of_a_campaign_or_with_a_tag_are_summed_up_together() {
    let home = Home::new(CONFIG);
    for (slug, more) in [
        ("one", &["--campaign", "spring", "--tag", "poster"][..]),
        ("two", &["--campaign", "spring"]),
        ("other", &["--campaign", "autumn", "--tag", "poster"]),
    ] {
        let page = format!("https://a.example/{slug}");
        assert_eq!(home.run(&[&["add", &page, "--slug", slug], more].concat()).code, 0);
    }
    let line = |slug: &str, address: &str| {
        format!(
            "{address} - - [20/Nov/2026:08:15:01 +0000] \"GET /{slug} HTTP/1.1\" 302 0 \"https://t.co/x\" \"{}\"\n",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        )
    };
    let log =
        ["one", "two", "two", "other"].iter().zip(5..).map(|(slug, n)| line(slug, &format!("192.0.2.{n}")));
    home.file("access.log", &log.collect::<String>());
    let done = home.run(&["clicks", "import", "access.log"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let told = |args: &[&str]| {
        let stats = jsonl(&home.run(&[&["stats"], args].concat()).out).remove(0);
        let links: Vec<_> =
            stats["links"].as_array().into_iter().flatten().map(|link| link["code"].clone()).collect();
        (stats["clicks"]["human"].as_i64().unwrap(), stats["visitors"].as_i64().unwrap(), links)
    };
    assert_eq!(told(&["--campaign", "spring"]), (3, 3, vec![json!("two"), json!("one")]));
    assert_eq!(told(&["--tag", "poster"]), (2, 2, vec![json!("one"), json!("other")]));
    assert_eq!(told(&["--tag", "poster", "--campaign", "spring"]), (1, 1, vec![json!("one")]));
    let stats = jsonl(&home.run(&["stats", "--campaign", "spring"]).out).remove(0);
    assert_eq!((&stats["campaign"], &stats["sources"][0]["human"]), (&json!("spring"), &json!(3)));
    assert_eq!(stats["days"], json!([{"day": "2026-11-20", "clicks": {"human": 3, "preview": 0, "bot": 0}}]));
    for (args, why) in [
        (
            &["stats", "--campaign", "sprign"][..],
            "--campaign sprign: no link has this campaign; did you mean spring?",
        ),
        (&["stats", "--tag", "postr"], "--tag postr: no link has this tag; did you mean poster?"),
        (&["stats", "--tag", "poster", "--campaign", "none"], "--campaign none: no link has this campaign"),
    ] {
        let done = home.run(args);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{args:?}");
        assert!(done.err.contains(why), "{}", done.err);
    }
}
