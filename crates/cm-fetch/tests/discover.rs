//! `cm-fetch discover` on pages and files: every feed that is offered, none asked for in vain without end.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "the black-box tests use the rest")]
mod site;

use serde_json::Value;
use site::{Page, Place, Site, TODAY, rss};

fn feed(name: &str) -> Page {
    Page::new(200, rss(&[(name, TODAY)]))
}

fn paths(found: &[Value], site: &Site) -> Vec<String> {
    found.iter().map(|row| row["url"].as_str().unwrap().replace(&site.url(""), "")).collect()
}

#[test]
fn all_that_a_page_offers_with_reasons() {
    let (site, place) = (Site::start(), Place::new());
    let html = "<html><head><meta name=generator content='Discourse 3'>
        <link rel=alternate type=application/rss+xml href=/comments/feed><link rel=feed href=/main>
        <script type='application/ld+json'>{\"webFeed\": \"/pod\"}</script></head>
        <a href=/hidden>RSS</a><a href=/nothing.rss>dead</a></html>";
    site.put("/", Page::new(200, html));
    for path in ["/comments/feed", "/main", "/pod", "/latest.rss", "/hidden"] {
        site.put(path, feed(path));
    }
    let found = place.run(&["discover", &site.url("/")]).quiet().items();
    assert_eq!(paths(&found, &site), ["/main", "/comments/feed", "/pod", "/latest.rss", "/hidden"]);
    assert_eq!(found[3]["why"], "Discourse: latest topics");
    let row = &found[0];
    assert_eq!(
        (&row["title"], &row["home_page_url"], &row["entries"]),
        (&"News".into(), &"https://news.example/".into(), &1.into())
    );
    assert_eq!(row["newest"], "2026-11-22T08:00:00Z");
    // The feed itself.
    let itself = place.run(&["discover", &site.url("/main")]).quiet().items();
    assert_eq!((paths(&itself, &site), itself.len()), (vec!["/main".to_owned()], 1));
}

#[test]
fn who_shows_programs_no_page_may_have_feeds_for_them() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/@acme", Page::new(403, "no"));
    site.put("/@acme.rss", feed("toot"));
    let profile = site.url("/@acme");
    let found = place.run(&["discover", &profile]).quiet().items();
    assert_eq!(
        (paths(&found, &site), &found[0]["why"]),
        (vec!["/@acme.rss".to_owned()], &"Mastodon: a profile".into())
    );
    let items = place.run(&["--new", &profile]).quiet().items();
    assert_eq!(items[0]["_cm"]["source"], site.url("/@acme.rss"));
    site.seen();
    assert_eq!(place.run(&["--new", &profile]).quiet().out, "");
    assert_eq!(site.seen()[0].path, "/@acme.rss", "the way is remembered");
}

#[test]
fn a_feed_that_fails_is_not_taken_for_another_of_its_site() {
    let (site, place) = (Site::start(), Place::new());
    let page = "<html><head><link rel=alternate type=application/rss+xml href=/feed></head></html>";
    let one = site.url("/topic/one/feed/");
    site.put("/feed", feed("everything"));
    site.put("/topic/one/feed/", feed("one"));
    assert_eq!(place.run(&["--new", &one]).quiet().titles(), ["one"]);
    site.put("/topic/one/feed/", Page::new(200, page));
    assert_eq!(place.run(&["--new", &one]).out, "");
    let health = place.run(&["health"]).quiet().items();
    assert_eq!((&health[0]["state"], &health[0]["class"]), (&"failing".into(), &"page".into()));
    assert_eq!(Place::new().run(&["--new", &one]).quiet().titles(), ["everything"], "first met");
}

#[test]
fn nothing_is_asked_in_vain_without_end() {
    let (site, place) = (Site::start(), Place::new());
    let links: String = (0..500)
        .map(|n| format!("<link rel=alternate type=application/rss+xml href=/{n}><a href=/a{n}>RSS</a>"))
        .collect();
    site.put("/", Page::new(200, format!("<html>{links}")));
    let run = place.run(&["discover", &site.url("/")]);
    assert!(run.code == Some(3) && run.err.contains("offers no feed"), "{run:?}");
    assert!(site.seen().len() <= 17);
    let run = place.run(&[&site.url("/")]);
    assert_eq!(run.code, Some(3));
    assert!(site.seen().len() <= 4);
}

#[test]
fn pages_and_feeds_in_files() {
    let (site, place) = (Site::start(), Place::new());
    site.put("/b/far", feed("far"));
    place.write("near.xml", rss(&[("near", TODAY)]));
    let page = "<html><link rel=alternate type=application/rss+xml href=near.xml>
        <link rel=alternate type=application/rss+xml href=/etc/passwd>";
    place.write("saved.html", format!("{page}<link rel=feed href='{}'>", site.url("/b/far")));
    let found = place.run(&["discover", "saved.html"]).quiet().items();
    let urls: Vec<&str> = found.iter().map(|row| row["url"].as_str().unwrap()).collect();
    assert!(urls.len() == 2 && urls[0].ends_with("/near.xml") && urls[1] == site.url("/b/far"), "{urls:?}");
    place.write(
        "kept.html",
        format!("<html><link rel=canonical href='{}'><link rel=feed href=far>", site.url("/b/page")),
    );
    let found = place.run(&["discover", "kept.html"]).quiet().items();
    assert_eq!(found[0]["url"], site.url("/b/far"));
    assert_eq!(place.run(&["discover", "near.xml"]).quiet().items()[0]["url"], "near.xml");
}
