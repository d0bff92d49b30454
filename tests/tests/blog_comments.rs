//! Comments of a real WordPress, by its API and by the feeds that its posts name: approved, held, approved late with an old
//! date, edited, threaded; each arrives once. Skipped, in one loud line, where it cannot be started.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::peers::{self, Said, WordPress, unique};
use cm_tests::{Answer, Home, Server};
use serde_json::Value;

/// What a run brings of the comments with a word, by the numbers that end their addresses.
fn fetch(home: &Home, args: &[&str], word: &str) -> Vec<(u64, Value)> {
    let text = home.run("cm-fetch", &[&["--new", "--force"], args].concat(), "").exits(0).text();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let with = records.filter(|record| record["content_text"].as_str().unwrap().contains(word));
    with.map(|record| (number(record["url"].as_str().unwrap()), record)).collect()
}

fn number(address: &str) -> u64 {
    address.rsplit_once("#comment-").unwrap().1.parse().unwrap()
}

fn numbers(came: &[(u64, Value)]) -> Vec<u64> {
    let mut numbers: Vec<u64> = came.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    numbers
}

/// Five comments of a post, as a source shows them; `answers` is what a comment names that it answers.
fn each_arrives_once(blog: &WordPress, home: &Home, source: &str, post: u64, word: &str, tells_edits: bool) {
    let say = |text: &str, more: Said<'static>| {
        let content = format!("{text} {word}");
        blog.comment(&Said { post, content: &content, ..more })
    };
    let vera = || Said::new(post, "Vera", "");
    let approved = say("Does it ship?", vera());
    let held = say("Is it blue?", Said { status: "hold", ..vera() });
    let late = say("Is it old?", Said { status: "hold", date: Some("2026-01-02T03:04:05"), ..vera() });
    let threaded = say("And where to?", Said { parent: approved, ..vera() });
    let args = ["--backfill", "all", source];

    let first = fetch(home, &args, word);
    assert_eq!(numbers(&first), [approved, threaded], "{source}");
    let find = |number: u64| first.iter().find(|(other, _)| *other == number).unwrap().1.clone();
    assert_eq!(find(threaded)["_cm"]["in_reply_to"], find(approved)["id"], "{source}");
    assert_eq!(find(threaded)["_cm"]["thread"], find(approved)["_cm"]["thread"]);
    assert_eq!(find(approved)["_cm"]["in_reply_to"], find(approved)["_cm"]["thread"]);
    assert!(first.iter().all(|(_, record)| record["_cm"]["kind"] == "comment"));
    assert_eq!(numbers(&fetch(home, &args, word)), [0; 0], "{source}: nothing twice");

    blog.moderate(held, "approved");
    blog.moderate(late, "approved");
    let mut both = [held, late];
    both.sort_unstable();
    assert_eq!(numbers(&fetch(home, &args, word)), both, "{source}: an old date is no matter");

    if tells_edits {
        blog.edit(approved, &format!("Does it ship to Norway? {word}"));
        assert_eq!(numbers(&fetch(home, &args, word)), [0; 0], "{source}: an edit is no news by itself");
        let changed = fetch(home, &["--changed", source], word);
        assert_eq!(numbers(&changed), [approved], "{source}");
        assert!(changed[0].1["content_text"].as_str().unwrap().contains("Norway"));
    }
    assert_eq!(numbers(&fetch(home, &["--changed", source], word)), [0; 0], "{source}: nothing twice");
}

#[test]
fn by_the_api() {
    let Some(blog) = peers::wordpress() else { return };
    let (user, word) = (blog.desk(), unique("kettle"));
    let post = blog.post_of(&user, "Comments by the API");
    let home = Home::with_accounts(&[blog.login_of("wordpress:blog", &user)], "");
    let sources = "wordpress:blog/comments";
    each_arrives_once(&blog, &home, sources, post, &word, true);
}

#[test]
fn by_the_feeds_of_its_posts() {
    let Some(blog) = peers::wordpress() else { return };
    let (user, word) = (blog.desk(), unique("kettle"));
    let post = blog.post_of(&user, &format!("Comments by feed {word}"));
    let quiet = blog.post_of(&user, &format!("Nobody says a thing {word}"));
    let home = Home::with_accounts(&[], "");
    // Of this test's posts alone: others post meanwhile.
    let source = format!("comments+{}/?s={word}&feed=rss2", blog.url.trim_end_matches('/'));
    // Edits are met again when there is another comment, or the next day.
    each_arrives_once(&blog, &home, &source, post, &word, false);
    blog.comment(&Said::new(quiet, "Vera", &format!("First! {word}")));
    let came = fetch(&home, &[&source], &word);
    assert_eq!(came.len(), 1);
    assert_ne!(came[0].1["_cm"]["thread"], "");
    let feed = format!("{}/?s={word}&feed=rss2", blog.url.trim_end_matches('/'));
    let posts = home.run("cm-fetch", &[&feed], "").exits(0).text();
    let posts: Vec<Value> = posts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        posts.iter().any(|post| post["id"] == came[0].1["_cm"]["thread"]),
        "a comment names the record of its post"
    );
}

/// A blog of three posts: one without comments, one with two, one that does not count them.
#[test]
fn no_more_is_asked_than_there_can_be_news() {
    use std::sync::{Arc, Mutex};
    let count = Arc::new(Mutex::new(2));
    let held = Arc::clone(&count);
    let server = Server::start(move |asked| {
        let host = asked.header("host").unwrap();
        let count = *held.lock().unwrap();
        let rss = |items: String| {
            let text = format!(
                "<rss version=\"2.0\" xmlns:wfw=\"http://wellformedweb.org/CommentAPI/\" xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\"><channel><title>Blog</title>{items}</channel></rss>"
            );
            Answer::ok("application/rss+xml", text)
        };
        let post = |name: &str, counted: &str| {
            format!(
                "<item><guid>https://blog.example/{name}</guid><title>{name}</title><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate><wfw:commentRss>http://{host}/{name}/feed</wfw:commentRss>{counted}</item>"
            )
        };
        let counted = |count: u64| format!("<slash:comments>{count}</slash:comments>");
        match asked.target() {
            "/feed" => rss([post("a", &counted(0)), post("b", &counted(count)), post("c", "")].concat()),
            "/c/feed" if asked.header("if-none-match").is_some() => Answer::status("304 Not Modified"),
            "/c/feed" => {
                let mut answer = rss("<item><guid>1</guid><title>x</title><link>https://blog.example/c#comment-1</link></item>".to_owned());
                answer.headers.push("ETag: \"c\"".to_owned());
                answer
            }
            "/b/feed" => {
                let item = |n: u64| {
                    format!(
                        "<item><guid>{n}</guid><title>x</title><link>https://blog.example/b#comment-{n}</link></item>"
                    )
                };
                rss((1..=count).map(item).collect())
            }
            _ => Answer::status("404 Not Found"),
        }
    });
    let home = Home::with_accounts(&[], "");
    home.write(
        "sources.toml",
        format!("[[source]]\nname = \"blog\"\nurl = \"{}\"\ncomments = true\n", server.url("feed")),
    );
    let run = |clock: &str| {
        let before = server.asked().len();
        let args = ["--new", "--clock", clock, "--sources", "sources.toml"];
        let text = home.run("cm-fetch", &args, "").exits(0).text();
        let kinds: Vec<String> = text
            .lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["_cm"]["kind"].as_str().unwrap().to_owned()
            })
            .collect();
        let mut asked: Vec<String> =
            server.asked()[before..].iter().map(|asked| asked.target().to_owned()).collect();
        asked.sort_unstable();
        (
            kinds.iter().filter(|kind| *kind == "article").count(),
            kinds.iter().filter(|kind| *kind == "comment").count(),
            asked.join(" "),
        )
    };
    // The feed is asked for twice: as a feed, and for its counts.
    assert_eq!(run("2026-11-22T09:00:00Z"), (3, 3, "/b/feed /c/feed /feed /feed".to_owned()));
    assert_eq!(run("2026-11-22T10:00:00Z"), (0, 0, "/feed /feed".to_owned()));
    *count.lock().unwrap() = 3;
    assert_eq!(run("2026-11-22T11:00:00Z"), (0, 1, "/b/feed /feed /feed".to_owned()));
    assert_eq!(run("2026-11-23T11:00:00Z"), (0, 0, "/b/feed /c/feed /feed /feed".to_owned()), "once a day");
    assert_eq!(
        run("2026-12-30T11:00:00Z"),
        (0, 0, "/feed /feed".to_owned()),
        "old posts by their counts only"
    );
}

/// One comment feed says "too many requests": what came before it is handed out, the host is left alone as long as it asks,
/// and then the rest comes, nothing twice.
#[test]
fn a_host_in_trouble_is_left_alone_and_nothing_is_lost() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let busy = Arc::new(AtomicBool::new(true));
    let held = Arc::clone(&busy);
    let server = Server::start(move |asked| {
        let host = asked.header("host").unwrap();
        let rss = |items: String| {
            let spaces = "xmlns:wfw=\"http://wellformedweb.org/CommentAPI/\"";
            Answer::ok(
                "application/rss+xml",
                format!("<rss version=\"2.0\" {spaces}><channel><title>Blog</title>{items}</channel></rss>"),
            )
        };
        let post = |name: &str| {
            format!(
                "<item><guid>https://blog.example/{name}</guid><title>{name}</title><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate><wfw:commentRss>http://{host}/{name}/feed</wfw:commentRss></item>"
            )
        };
        match asked.target() {
            "/feed" => rss([post("b"), post("c"), post("d")].concat()),
            "/c/feed" if held.load(Ordering::SeqCst) => Answer {
                headers: vec!["Retry-After: 3600".to_owned()],
                ..Answer::status("429 Too Many Requests")
            },
            "/d/feed" => Answer::status("404 Not Found"),
            target => rss(format!(
                "<item><guid>https://blog.example{target}#comment-1</guid><title>x</title></item>"
            )),
        }
    });
    let home = Home::with_accounts(&[], "");
    let source = format!("comments+{}", server.url("feed"));
    let run = |clock: &str| {
        let before = server.asked().len();
        let done = home.run("cm-fetch", &["--new", "--clock", clock, &source], "");
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let ids: Vec<Value> = done
            .text()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone())
            .collect();
        (ids, server.asked().len() - before, done.stderr)
    };
    let (b, c) = ("https://blog.example/b/feed#comment-1", "https://blog.example/c/feed#comment-1");
    let (ids, _, _) = run("2026-11-22T09:00:00Z");
    assert_eq!(ids, [b]);
    let (ids, asked, _) = run("2026-11-22T09:30:00Z");
    assert_eq!((ids.len(), asked), (0, 0), "it asked for an hour");
    busy.store(false, Ordering::SeqCst);
    let (ids, _, told) = run("2026-11-22T10:30:00Z");
    assert_eq!(ids, [c]);
    assert!(told.contains("/d/feed: not found"), "{told}");
    let (ids, asked, told) = run("2026-11-22T11:00:00Z");
    assert_eq!((ids.len(), asked, told.as_str()), (0, 1, ""), "none is asked for again before the next day");
}

/// Comments may be kept elsewhere: what opens the blog is not shown there.
#[test]
fn what_opens_a_blog_is_not_for_who_keeps_its_comments() {
    use std::os::unix::fs::PermissionsExt;
    let rss = |items: String| {
        let spaces = "xmlns:wfw=\"http://wellformedweb.org/CommentAPI/\"";
        Answer::ok(
            "application/rss+xml",
            format!("<rss version=\"2.0\" {spaces}><channel><title>Blog</title>{items}</channel></rss>"),
        )
    };
    let elsewhere = Server::start(move |_| rss("<item><guid>1</guid><title>x</title></item>".to_owned()));
    let comments = elsewhere.url("a/feed");
    let blog = Server::start(move |_| {
        rss(format!(
            "<item><guid>https://blog.example/a</guid><title>a</title><wfw:commentRss>{comments}</wfw:commentRss></item>"
        ))
    });
    let home = Home::with_accounts(&[], "");
    let secret = home.write("blog.secret", "hush-hush\n");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    home.write("sources.toml", format!("[[source]]\nurl = \"{}\"\ncomments = true\nuser = \"ana\"\npassword_file = \"blog.secret\"\nheaders = {{ X-Reader = \"cm\" }}\n", blog.url("feed")));
    let text = home.run("cm-fetch", &["--sources", "sources.toml"], "").exits(0).text();
    assert_eq!(text.lines().count(), 2, "an article and its comment");
    let carries = |server: &Server, header: &str| {
        let asked = server.asked();
        (asked.len(), asked.iter().filter(|asked| asked.header(header).is_some()).count())
    };
    assert_eq!((carries(&blog, "authorization"), carries(&elsewhere, "authorization")), ((2, 2), (1, 0)));
    assert_eq!((carries(&blog, "x-reader"), carries(&elsewhere, "x-reader")), ((2, 2), (1, 0)));
}
