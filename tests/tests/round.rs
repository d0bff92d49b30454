//! The whole round on real servers: somebody says something, it is fetched and listed, let through and answered; our
//! answer is fetched back, the item leaves the list, and the report says how soon. Skipped, in one loud line, where a
//! server cannot be started.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::peers::{self, Post, Said, eventually, unique};
use cm_tests::{Home, Login};
use serde_json::Value;

/// A desk with one account, what is read from it, and a search.
fn desk(login: Login, sources: &str) -> Home {
    let home = Home::with_accounts(&[login], "sources = \"sources.txt\"\nsearches = \"searches.toml\"");
    home.write("sources.txt", sources);
    home.write("searches.toml", "[[search]]\nname = \"shipping\"\nquery = \"ship*\"\n");
    home
}

fn records(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the inbox lists of the items with a word.
fn listed(home: &Home, args: &[&str], word: &str) -> Vec<Value> {
    records(&home.run("cm-inbox", &[&["list", word], args].concat(), "").exits(0).text())
}

/// Lines of bash that must end well; what they print.
#[track_caller]
fn shell(home: &Home, script: &str) -> String {
    home.shell(script).exits(0).text()
}

/// A number of the report.
fn value(report: &Value, section: &str, metric: &str) -> Value {
    report["sections"][section]["metrics"][metric]["value"].clone()
}

/// What the report says of one source: people asked there, were answered, and how soon.
fn answers(report: &Value, source: &str) -> (Value, Value, Value) {
    let rows = report["sections"]["people"]["tables"]["answers"]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["source"] == source).unwrap();
    (row["asked"].clone(), row["answered"].clone(), row["response_median_s"].clone())
}

fn instant(text: &Value) -> chrono::DateTime<chrono::FixedOffset> {
    chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap()
}

fn report(home: &Home) -> Value {
    serde_json::from_str(
        &home.run("cm-report", &["--since", "today", "--format", "json"], "").exits(0).text(),
    )
    .unwrap()
}

#[test]
fn a_held_comment_is_let_through_answered_and_counted() {
    let Some(blog) = peers::wordpress() else { return };
    let (user, word) = (blog.desk(), unique("kettle"));
    let post = blog.post_of(&user, "The whole round");
    let sources = "wordpress:blog/held\nwordpress:blog/comments\n";
    let home = desk(blog.login_of("wordpress:blog", &user), sources);

    assert_eq!(blog.visit(post, 0, "Vera", &format!("Does the {word} ship to Norway?")).status, 302);
    shell(&home, "cm-fetch --new | cm-scan --all | cm-inbox");
    let items = listed(&home, &["--held"], &word);
    assert_eq!((items.len(), &items[0]["_cm_fetch"]["status"]), (1, &"held".into()));
    let number = items[0]["_cm_inbox"]["number"].to_string();

    let said = home.run("cm-inbox", &["--dry-run", "reply", &number, "-m", "x"], "").exits(0).stderr;
    let page = items[0]["_cm"]["thread"].as_str().unwrap();
    let whom = format!("answering Vera on {page} through wordpress:blog");
    assert!(said.contains("still held") && said.contains(&whom), "{said}");
    shell(&home, &format!("cm-inbox approve {number} | cm-schedule add --now | cm-inbox"));
    assert_eq!(listed(&home, &["--held"], &word).len(), 0);
    assert_eq!(listed(&home, &[], &word).len(), 1, "who was let through still waits");
    let reply = format!("cm-inbox reply {number} -m 'The {word} does, from Monday.' | cm-schedule add --now");
    shell(&home, &reply);

    let all = blog.comments(post);
    let ours: Vec<_> = all.iter().filter(|comment| comment.parent > 0).collect();
    assert_eq!((all.len(), ours.len(), all[0].status.as_str()), (2, 1, "approved"), "{all:#?}");
    assert_eq!((ours[0].parent, ours[0].status.as_str()), (all[0].id, "approved"));
    assert_eq!(listed(&home, &[], &word).len(), 1, "not seen there yet");

    let fetched = shell(&home, "cm-fetch --new | tee fetched.jsonl | cm-inbox >/dev/null; cat fetched.jsonl");
    let own: Vec<Value> =
        records(&fetched).into_iter().filter(|record| record["_cm"]["own"] == true).collect();
    assert!(own.iter().any(|record| record["_cm"]["in_reply_to"] == items[0]["id"]), "{fetched}");
    assert_eq!(listed(&home, &[], &word), Vec::<Value>::new());
    let item = &records(&home.run("cm-inbox", &["get", &number], "").exits(0).text())[0];
    assert_eq!(item["_cm_inbox"]["state"], "answered");

    let report = report(&home);
    assert_eq!(
        (value(&report, "posts", "replies_published"), value(&report, "posts", "actions_done")),
        (1.into(), 1.into())
    );
    let rows = &report["sections"]["people"]["tables"]["waiting"]["rows"];
    assert!(!rows.to_string().contains(&word), "{rows}");
    let reply = own.iter().find(|record| record["_cm"]["in_reply_to"] == items[0]["id"]).unwrap();
    let waited = instant(&reply["date_published"]) - instant(&item["date_published"]);
    let expected = (1.into(), 1.into(), waited.num_seconds().into());
    assert_eq!(answers(&report, "wordpress:blog"), expected, "by the dates that both have on the blog");
    // And again, from all that the blog has now: nothing is asked twice, nothing said twice.
    shell(&home, "cm-fetch wordpress:blog/comments wordpress:blog/held | cm-inbox >/dev/null");
    assert_eq!(listed(&home, &[], &word), Vec::<Value>::new());
    assert_eq!(blog.comments(post).len(), 2);
}

/// Colleagues work in the dashboard at the same time; what they did is what counts.
#[test]
fn what_is_moderated_elsewhere_is_seen_here() {
    let Some(blog) = peers::wordpress() else { return };
    let (user, word) = (blog.desk(), unique("kettle"));
    let post = blog.post_of(&user, "Colleagues");
    let sources =
        ["held", "comments", "spam", "trash"].map(|what| format!("wordpress:blog/{what}\n")).concat();
    let home = desk(blog.login_of("wordpress:blog", &user), &sources);
    let fetch = || shell(&home, "cm-fetch --new | cm-inbox >/dev/null");
    let comment =
        blog.comment(&Said { status: "hold", ..Said::new(post, "Vera", &format!("Is the {word} blue?")) });
    let status = || blog.comments(post)[0].status.clone();
    let approve = |number: &Value| {
        shell(&home, &format!("cm-inbox approve {number} | cm-schedule add --now >/dev/null"))
    };
    fetch();
    let number = listed(&home, &["--held"], &word)[0]["_cm_inbox"]["number"].clone();
    for round in ["first", "again"] {
        approve(&number);
        assert_eq!(status(), "approved", "{round}");
        fetch();
        assert_eq!(
            (listed(&home, &["--held"], &word).len(), listed(&home, &[], &word).len()),
            (0, 1),
            "{round}"
        );
        blog.moderate(comment, "hold");
        // What was fetched is told from what was fetched before by the second: people are slower than that.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        fetch();
        assert_eq!(listed(&home, &["--held"], &word).len(), 1, "held by a colleague, {round}");
    }
    for gone in ["spam", "trash"] {
        blog.moderate(comment, gone);
        fetch();
        assert_eq!(listed(&home, &[], &word).len(), 0, "{gone}");
        blog.moderate(comment, "approved");
        fetch();
        let items = listed(&home, &[], &word);
        assert_eq!((items.len(), &items[0]["_cm_inbox"]["number"]), (1, &number), "rescued from {gone}");
    }
    blog.reply(&blog.admin, post, comment, "It is.").ok();
    fetch();
    assert_eq!(listed(&home, &[], &word).len(), 0, "answered in the dashboard");
    let reply = blog.comments(post).into_iter().find(|other| other.parent == comment).unwrap();
    blog.moderate(reply.id, "trash");
    fetch();
    assert_eq!(listed(&home, &[], &word).len(), 1, "the answer is in the trash");
}

#[test]
fn a_mention_on_bluesky_is_answered_and_counted() {
    let Some(network) = peers::bluesky_appview() else { return };
    let (acme, ana, word) = (network.account("acme"), network.account("ana"), unique("kettle"));
    let sources = "bluesky:acme/notifications\nbluesky:acme/posts\nbluesky:acme/replies\n";
    let home = desk(acme.login("bluesky:acme"), sources);
    let question = ana.post(&Post::new(&format!("@{} does the {word} ship?", acme.handle)).mention(&acme));
    eventually("the mention", || (!acme.notifications().is_empty()).then_some(()));

    shell(&home, "cm-fetch --new | cm-scan --all | cm-inbox >/dev/null");
    let items = listed(&home, &["--lane", "answer"], &word);
    assert_eq!((items.len(), &items[0]["id"]), (1, &question.uri.clone().into()));
    let said = home
        .shell(&format!(
            "cm-inbox reply 1 -m 'The {word} does, see https://acme.example/shipping' | cm-schedule add --now"
        ))
        .exits(0)
        .stderr;
    assert!(said.contains(&format!("answering @{} through bluesky:acme", ana.handle)), "{said}");
    assert_eq!(acme.copies(&word), 1);
    let answer = &acme.posts()[0];
    assert_eq!(answer["value"]["reply"]["parent"]["uri"], question.uri.as_str());
    assert_eq!(listed(&home, &[], &word).len(), 1, "not seen there yet");

    eventually("our own reply, fetched back", || {
        shell(&home, "cm-fetch --new | cm-inbox >/dev/null");
        listed(&home, &[], &word).is_empty().then_some(())
    });
    let report = report(&home);
    let (asked, answered, median) = answers(&report, "bluesky:acme");
    assert_eq!((asked, answered), (1.into(), 1.into()));
    let store = records(&home.run("cm-inbox", &["get", &question.uri], "").exits(0).text());
    let waited = instant(&answer["value"]["createdAt"]) - instant(&store[0]["date_published"]);
    assert_eq!(median.as_i64(), Some(waited.num_seconds()), "by the dates that both have on the network");
    assert_eq!(value(&report, "people", "waiting"), 0);
    shell(&home, "cm-schedule publish && cm-fetch --new | cm-inbox >/dev/null");
    assert_eq!(acme.copies(&word), 1);
}
