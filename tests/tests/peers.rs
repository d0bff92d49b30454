//! The real servers answer, and the harness sees of them what tests are going to ask. One test a server; skipped, in one
//! loud line, where its packages cannot be installed.

use cm_tests::http::Request;
use cm_tests::peers::{self, Post, Said, eventually, unique};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

#[test]
fn wordpress_knows_its_users_and_keeps_every_comment() {
    let Some(blog) = peers::wordpress() else { return };
    let me = blog.admin.asks(Request::get(blog.api("wp/v2/users/me?context=edit"))).ok();
    assert_eq!(me["capabilities"]["moderate_comments"], true);
    let stranger = Request::get(blog.api("wp/v2/users/me")).basic("admin", "wrong").send();
    assert_eq!(stranger.status, 401, "{}", stranger.body);

    let (post, author) = (blog.post("Peers"), blog.user("author"));
    let old = Said { date: Some("2020-02-29T12:00:00"), ..Said::new(post, "Ann", r#"It's a "\" & an é"#) };
    let first = blog.comment(&old);
    blog.comment(&Said { status: "spam", parent: first, ..Said::new(post, "Eve", "pills") });
    // Long ago: who has just commented is refused for 15 seconds.
    blog.comment(&Said { user: Some(&author), date: old.date, ..Said::new(post, "", "I wrote it") });
    let reply = blog.reply(&author, post, first, "So I see");
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(blog.reply(&author, post, first, "And more").json()["code"], "comment_flood");
    let held = Said { status: "hold", ..Said::new(post, "Bob", "Later") };
    blog.moderate(blog.comment(&held), "trash");
    let got = blog.comments(post);
    let seen: Vec<(&str, &str, &str, bool)> = got
        .iter()
        .map(|c| (c.author.as_str(), c.content.as_str(), c.status.as_str(), c.parent == first))
        .collect();
    let who = author.name.as_str();
    let wanted = [
        ("Ann", r#"It's a "\" & an é"#, "approved", false),
        ("Eve", "pills", "spam", true),
        (who, "I wrote it", "approved", false),
        (who, "So I see", "approved", true),
        ("Bob", "Later", "trash", false),
    ];
    assert_eq!(seen, wanted);
    assert_eq!(got[0].date, "2020-02-29T12:00:00");
    assert_eq!((got[2].user, got[0].user), (author.id, 0));

    blog.discussion(post, "closed");
    let refused = blog.reply(&author, post, first, "Too late").json();
    assert_eq!(refused["code"], "rest_comment_closed");
}

/// What a browser sends is held, as a new blog holds what a stranger says.
#[test]
fn wordpress_holds_what_a_stranger_says() {
    let Some(blog) = peers::wordpress() else { return };
    let (post, name) = (blog.post("Strangers"), unique("stranger"));
    let reply = blog.visit(post, 0, &name, "Hello?");
    assert_eq!(reply.status, 302, "{}", reply.body);
    let got = blog.comments(post);
    assert_eq!((got.len(), got[0].author.as_str(), got[0].status.as_str()), (1, name.as_str(), "hold"));
}

#[test]
fn bluesky_lets_in_who_has_the_password_and_keeps_posts() {
    let Some(network) = peers::bluesky() else { return };
    let (ann, bob) = (network.account("ann"), network.account("bob"));
    let log_in = |password: &str| {
        let who = serde_json::json!({"identifier": ann.handle, "password": password});
        network.call("com.atproto.server.createSession", &who, None)
    };
    assert_eq!(log_in("wrong").status, 401);
    assert_eq!(log_in(&ann.app_password()).ok()["did"], ann.did);

    let first = ann.post(&Post::new("Fresh roast"));
    let reply = bob.post(&Post::new("Nice").reply(&first, &first));
    assert_eq!(bob.get(reply.rkey()).unwrap()["value"]["reply"]["root"]["uri"], first.uri);
    assert_eq!((ann.copies("roast"), ann.copies("tea"), bob.posts().len()), (1, 0, 1));
    bob.delete(&reply);
    assert_eq!(bob.get(reply.rkey()), None);
}

/// And a token that is born expired is refused, and refreshed.
#[test]
fn bluesky_with_the_appview_notifies_finds_and_expires() {
    let Some(network) = peers::bluesky_appview() else { return };
    let (ann, bob) = (network.account("ann"), network.account("bob"));
    let word = unique("roast");
    let first = ann.post(&Post::new(&format!("{word} is out")));
    bob.post(&Post::new("When?").reply(&first, &first));
    bob.post(&Post::new("Look").quote(&first));
    bob.post(&Post::new(&format!("Hello @{}", ann.handle)).mention(&ann));
    let reasons = eventually("three notifications", || {
        let all = ann.notifications();
        let mut reasons: Vec<String> = all.iter().map(|n| n["reason"].as_str().unwrap().to_owned()).collect();
        reasons.sort();
        (reasons.len() == 3).then_some(reasons)
    });
    assert_eq!(reasons, ["mention", "quote", "reply"]);
    let found = eventually("a search hit", || bob.search(&word).into_iter().next());
    assert_eq!(found["uri"], first.uri);

    ann.lifetimes(Some(0), None);
    let who = serde_json::json!({"identifier": ann.handle, "password": ann.password});
    let session = network.call("com.atproto.server.createSession", &who, None).ok();
    let ask = |token: &serde_json::Value| {
        network.query("app.bsky.notification.listNotifications", &[], token.as_str())
    };
    assert_eq!(ask(&session["accessJwt"]).json()["error"], "ExpiredToken");
    ann.lifetimes(None, None);
    let refresh = session["refreshJwt"].as_str();
    let fresh = network.call("com.atproto.server.refreshSession", &serde_json::json!({}), refresh);
    assert_eq!(fresh.status, 400, "the body of a refresh is empty");
    let url = format!("{}/xrpc/com.atproto.server.refreshSession", network.url);
    let fresh = Request::get(url).method("POST").bearer(refresh.unwrap()).send().ok();
    assert_eq!(ask(&fresh["accessJwt"]).status, 200);
}

#[test]
fn bluesky_with_limits_counts_logins() {
    let Some(network) = peers::bluesky_limited() else { return };
    let ann = network.account("ann");
    let who = serde_json::json!({"identifier": ann.handle, "password": ann.password});
    let mut replies = (0..31).map(|_| network.call("com.atproto.server.createSession", &who, None));
    let refused = replies.find(|reply| reply.status != 200).unwrap();
    assert_eq!((refused.status, refused.header("ratelimit-remaining")), (429, Some("0")));
}

#[test]
fn postgres_answers() {
    let Some(database) = peers::postgres() else { return };
    assert_eq!(database.psql("select 1, current_user"), "1|cm");
}

#[test]
fn the_mail_sink_keeps_a_mail() {
    let Some(sink) = peers::smtp_sink() else { return };
    let word = unique("mail");
    let mut stream = TcpStream::connect(&sink.address).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    let mail = format!("Subject: {word}\r\n\r\nHello\r\n.\r\n");
    let dialogue = [
        ("", "220"),
        ("HELO cm\r\n", "250"),
        ("MAIL FROM:<cm@example.com>\r\n", "250"),
        ("RCPT TO:<bounce@example.com>\r\n", "550"),
        ("RCPT TO:<ann@example.com>\r\n", "250"),
        ("DATA\r\n", "354"),
        (&mail, "250"),
    ];
    for (line, wanted) in dialogue {
        stream.write_all(line.as_bytes()).unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.starts_with(wanted), "{line}: {answer}");
    }
    assert_eq!(sink.mails(&word).len(), 1);
}

#[test]
fn nats_answers() {
    let Some(nats) = peers::nats() else { return };
    let address = nats.url.rsplit('@').next().unwrap();
    let mut info = String::new();
    BufReader::new(TcpStream::connect(address).unwrap()).read_line(&mut info).unwrap();
    assert!(info.starts_with("INFO {") && info.contains("\"jetstream\":true"), "{info}");
}
