//! Replies and approvals on a real WordPress: under fire (with the feature `failpoints`, which the tools need too), and
//! each refusal that a reply can meet.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::peers::{self, Said, WordPress, unique};
use cm_tests::{Home, Login};
use serde_json::{Value, json};

/// A draft that answers a comment, as cm-inbox makes it.
fn reply(post: u64, comment: u64, text: &str) -> String {
    draft(post, comment, &unique("reply"), json!({"kind": "reply", "audience": "public"}), text)
}

/// An action on a comment.
fn action(post: u64, comment: u64, action: &str) -> String {
    draft(post, comment, &format!("{}-{action}", unique("act")), json!({"action": action}), "")
}

fn draft(post: u64, comment: u64, name: &str, meta: Value, text: &str) -> String {
    let item = format!("urn:cm:item:{post}-{comment}");
    let mut cm = json!({"version": 1, "draft": true, "in_reply_to": item,
        "parent": {"id": item, "account": "wordpress:blog", "native": {"post": post, "comment": comment}}});
    cm.as_object_mut().unwrap().extend(meta.as_object().unwrap().clone());
    format!("{}\n", json!({"id": format!("urn:cm:draft:{name}"), "content_text": text, "_cm": cm}))
}

fn home(login: Login) -> Home {
    Home::with_accounts(&[login], "")
}

/// A blog with a post and an approved comment on it; `None` where there is no WordPress.
fn stage(title: &str) -> Option<(WordPress, u64, u64)> {
    let blog = peers::wordpress()?;
    let post = blog.post(title);
    let comment = blog.comment(&Said::new(post, "Ann", "When does it ship?"));
    Some((blog, post, comment))
}

fn state(out: &str) -> String {
    let record: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    record["_cm_schedule"]["posts"][0]["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_reply_stands_under_its_comment_once_however_often_it_is_sent() {
    let Some((blog, post, comment)) = stage("Reply") else { return };
    let home = home(blog.login("wordpress:blog"));
    let draft = reply(post, comment, "On Monday & not before: see https://acme.example/a?b=1&c=2");
    for _ in 0..2 {
        let done = home.run("cm-schedule", &["add", "--now"], &draft).exits(0).silent();
        assert_eq!(state(&done.text()), "published");
    }
    let all = blog.comments(post);
    let ours: Vec<_> = all.iter().filter(|c| c.parent == comment).collect();
    assert_eq!((all.len(), ours.len()), (2, 1), "{all:#?}");
    assert_eq!((ours[0].author.as_str(), ours[0].status.as_str()), (blog.admin.name.as_str(), "approved"));
}

#[test]
fn an_approval_and_the_answer_behind_it_go_out_in_one_pipe() {
    let Some((blog, post, _)) = stage("Approve and answer") else { return };
    let held = blog.comment(&Said { status: "hold", ..Said::new(post, "Bob", "Is there a free tier?") });
    let home = home(blog.login("wordpress:blog"));
    let pipe = action(post, held, "approve") + &reply(post, held, "There is.");
    home.run("cm-schedule", &["add", "--now"], &pipe).exits(0).silent();
    let all = blog.comments(post);
    assert!(all.iter().any(|c| c.id == held && c.status == "approved"), "{all:#?}");
    assert_eq!(all.iter().filter(|c| c.parent == held && c.status == "approved").count(), 1);
    // And the other way round, by the clock: the answer waits for its action.
    let held = blog.comment(&Said { status: "hold", ..Said::new(post, "Cem", "And a student one?") });
    let pipe = reply(post, held, "Too.") + &action(post, held, "approve");
    home.run("cm-schedule", &["add", "--at", "now"], &pipe).exits(0);
    home.run("cm-schedule", &["publish"], "").exits(0).silent();
    assert_eq!(blog.comments(post).iter().filter(|c| c.parent == held && c.status == "approved").count(), 1);
}

#[test]
fn spam_and_trash_end_where_they_belong() {
    let Some((blog, post, comment)) = stage("Moderate") else { return };
    let other = blog.comment(&Said::new(post, "Eve", "pills"));
    let home = home(blog.login("wordpress:blog"));
    let pipe = action(post, comment, "trash") + &action(post, other, "spam");
    home.run("cm-schedule", &["add", "--now"], &pipe).exits(0).silent();
    let states: Vec<String> = blog.comments(post).into_iter().map(|c| c.status).collect();
    assert_eq!(states, ["trash", "spam"]);
}

#[test]
fn replies_that_cannot_stand_are_refused_with_a_reason_and_nothing_is_sent() {
    let Some((blog, post, comment)) = stage("Refused") else { return };
    let home = home(blog.login("wordpress:blog"));
    let said = |status: &'static str| blog.comment(&Said { status, ..Said::new(post, "Bob", &unique("x")) });
    let elsewhere = blog.comment(&Said::new(blog.post("Another"), "Ann", "Hm"));
    let parents = [
        (said("hold"), "approve"),
        (said("spam"), "spam"),
        (said("trash"), "trash"),
        (elsewhere, "belongs to post"),
        (99_999_999, ""),
    ];
    let before = blog.comments(post).len();
    for (parent, word) in parents {
        let done = home.run("cm-schedule", &["add", "--now"], reply(post, parent, &unique("no "))).exits(3);
        assert_eq!(state(&done.text()), "failed", "{parent}: {}", done.stderr);
        assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
    }
    blog.discussion(post, "closed");
    let done = home.run("cm-schedule", &["add", "--now"], reply(post, comment, "late")).exits(3);
    assert!(done.stderr.contains("closed"), "{}", done.stderr);
    assert_eq!(blog.comments(post).len(), before, "nothing was sent");
}

#[test]
fn what_wordpress_has_not_is_refused_before_it_is_queued() {
    let Some((blog, post, comment)) = stage("Lint") else { return };
    let home = home(blog.login("wordpress:blog"));
    let foreign =
        reply(post, comment, "x").replace("\"account\":\"wordpress:blog\"", "\"account\":\"bluesky:acme\"");
    let private = reply(post, comment, "x").replace("\"public\"", "\"direct\"");
    for (args, input, words) in [
        (&["add", "--now"][..], action(post, comment, "boost"), "wordpress:blog"),
        (&["add", "--now", "--to", "wordpress:blog"], foreign, "the item came through bluesky:acme"),
        (&["add", "--now", "--private"], private, "what is posted to wordpress:blog is"),
        (&["add", "--now"], reply(post, comment, &"x".repeat(70_000)), "the text makes 70000"),
    ] {
        let done = home.run("cm-schedule", args, &input).exits(3);
        assert!(
            done.stderr.contains("not posted: ") && done.stderr.contains(words),
            "{words}: {}",
            done.stderr
        );
    }
    assert_eq!(home.run("cm-schedule", &["list", "--state", "all"], "").text(), "");
    assert_eq!(blog.comments(post).len(), 1);
}

#[test]
fn a_wrong_password_is_seen_as_wrong_and_the_post_waits() {
    let Some((blog, post, comment)) = stage("Password") else { return };
    let home = home(Login::new("wordpress:blog", &blog.url, &blog.admin.name, "not the password"));
    let done = home.run("cm-schedule", &["add", "--now"], reply(post, comment, "Hello")).exits(4);
    assert!(!done.stderr.contains("not the password"), "{}", done.stderr);
    assert_eq!((state(&done.text()).as_str(), blog.comments(post).len()), ("queued", 1));
    home.run("cm-schedule", &["accounts", "--check"], "").exits(4);
}

#[test]
fn accounts_check_says_as_whom_it_posts() {
    let Some((blog, ..)) = stage("Check") else { return };
    let subscriber = blog.user("subscriber");
    for (login, who) in [
        (blog.login("wordpress:blog"), blog.admin.name.clone()),
        (blog.login_of("wordpress:blog", &subscriber), subscriber.name.clone()),
    ] {
        let done = home(login).run("cm-schedule", &["accounts", "--check"], "").exits(0).silent();
        let account: Value = serde_json::from_str(&done.text()).unwrap();
        assert!(account["posts_as"].as_str().unwrap().contains(&who), "{account}");
        let lacks = account["lacks"].as_array().unwrap().len();
        assert_eq!(lacks > 0, who == subscriber.name, "{account}");
    }
}

#[cfg(feature = "failpoints")]
mod fire;

#[cfg(feature = "failpoints")]
mod under_fire {
    use super::fire::{self, Batch, Fault, Proxy, WANTED};
    use super::{Value, action, home, peers, reply, stage, unique};
    use cm_tests::peers::{Said, WordPress};

    /// Replies to one comment, counted in the table of comments, whatever their status but the trash, and there too.
    fn replies(blog: &WordPress) -> Batch {
        replies_to(blog, blog.post("Under fire"))
    }

    /// The same where WordPress itself does not mind the same words twice: all there is then is the looking.
    fn twins(blog: &WordPress) -> Batch {
        replies_to(blog, blog.post("Under fire, twins allowed"))
    }

    fn replies_to(blog: &WordPress, post: u64) -> Batch {
        let comment = blog.comment(&Said::new(post, "Ann", "When does it ship?"));
        let texts: Vec<String> = (0..WANTED).map(|_| unique("On Monday ")).collect();
        let input = texts.iter().map(|text| reply(post, comment, text)).collect();
        let (server, again) = (blog.clone(), blog.clone());
        let copies = move || {
            let seen: Vec<_> = server.comments(post).into_iter().filter(|c| c.status != "trash").collect();
            texts.iter().map(|text| seen.iter().filter(|c| c.content.contains(text)).count()).collect()
        };
        let withdrawn = move || again.comments(post).iter().filter(|c| c.status == "trash").count();
        let login = blog.login("wordpress:blog");
        Batch { login, input, copies: Box::new(copies), withdrawn: Box::new(withdrawn) }
    }

    /// Held comments to be approved; one that is counts as one copy, as more than that cannot be seen.
    fn approvals(blog: &WordPress) -> Batch {
        let post = blog.post("Held under fire");
        let hold = |_| blog.comment(&Said { status: "hold", ..Said::new(post, "Bob", &unique("May I? ")) });
        let held: Vec<u64> = (0..WANTED).map(hold).collect();
        let input = held.iter().map(|comment| action(post, *comment, "approve")).collect();
        let server = blog.clone();
        let copies = move || {
            let all = server.comments(post);
            let approved = |id: &u64| all.iter().filter(|c| c.id == *id && c.status == "approved").count();
            held.iter().map(approved).collect()
        };
        let login = blog.login("wordpress:blog");
        Batch { login, input, copies: Box::new(copies), withdrawn: Box::new(|| 0) }
    }

    fn proxied(blog: &WordPress, fault: Fault, batch: fn(&WordPress) -> Batch) -> (Proxy, Batch) {
        let publishes = |line: &str| line.starts_with("POST ") && line.contains("/comments");
        let proxy = Proxy::start(&blog.url, fault, publishes);
        let mut batch = batch(blog);
        batch.login.url.clone_from(&proxy.url);
        (proxy, batch)
    }

    #[test]
    fn replies_killed_at_every_stop() {
        let Some(blog) = peers::wordpress() else { return };
        fire::killed("WordPress reply", || replies(&blog));
    }

    #[test]
    fn replies_frozen_at_every_stop() {
        let Some(blog) = peers::wordpress() else { return };
        fire::frozen("WordPress reply", || replies(&blog));
    }

    #[test]
    fn replies_by_two_senders_at_once() {
        let Some(blog) = peers::wordpress() else { return };
        fire::two_at_once("WordPress reply", || replies(&blog));
    }

    #[test]
    fn replies_by_a_sleeper_that_wakes_as_its_replacement_sends() {
        let Some(blog) = peers::wordpress() else { return };
        fire::woken_together("WordPress reply", || replies(&blog));
    }

    #[test]
    fn replies_whose_answers_are_lost() {
        let Some(blog) = peers::wordpress() else { return };
        fire::unanswered("WordPress reply", |fault| proxied(&blog, fault, replies));
    }

    #[test]
    fn twins_killed_at_every_stop() {
        let Some(blog) = peers::wordpress() else { return };
        fire::killed("WordPress, no guard", || twins(&blog));
    }

    #[test]
    fn twins_frozen_at_every_stop() {
        let Some(blog) = peers::wordpress() else { return };
        fire::frozen("WordPress, no guard", || twins(&blog));
    }

    #[test]
    fn twins_by_two_senders_at_once() {
        let Some(blog) = peers::wordpress() else { return };
        fire::two_at_once("WordPress, no guard", || twins(&blog));
    }

    #[test]
    fn twins_by_a_sleeper_that_wakes_as_its_replacement_sends() {
        let Some(blog) = peers::wordpress() else { return };
        fire::woken_together("WordPress, no guard", || twins(&blog));
    }

    #[test]
    fn twins_whose_answers_are_lost() {
        let Some(blog) = peers::wordpress() else { return };
        fire::unanswered("WordPress, no guard", |fault| proxied(&blog, fault, twins));
    }

    /// Who may not moderate is not told the marker: their reply is known by its words when it is shown, and is not sent again
    /// on a guess when it is not.
    #[test]
    fn the_reply_of_an_author_is_found_by_its_words_or_waits() {
        let Some((blog, post, comment)) = stage("Authors under fire") else { return };
        for (stop, state, copies) in [("outbox.sent", "published", 1), ("outbox.intent", "sending", 0)] {
            let author = blog.user("author");
            let before =
                Said { user: Some(&author), date: Some("2020-01-01T12:00:00"), ..Said::new(post, "", "Hi") };
            blog.comment(&before);
            let home = home(blog.login_of("wordpress:blog", &author)).with("CM_LEASE_MS", "300");
            let text = unique("It's on Monday - & \"not\" before... ");
            home.killed(stop, "cm-schedule", &["add", "--now"], reply(post, comment, &text));
            std::thread::sleep(std::time::Duration::from_millis(400));
            home.run("cm-schedule", &["publish"], "");
            let listed = home.run("cm-schedule", &["list", "--state", "all"], "").text();
            assert!(listed.contains(&format!("\"state\":\"{state}\"")), "{stop}: {listed}");
            let ours = blog.comments(post).into_iter().filter(|c| c.user == author.id && c.parent == comment);
            assert_eq!(ours.count(), copies, "{stop}");
        }
    }

    /// Comments are closed between the run that was killed and the next: what is out is known to be, and what is not has
    /// certainly failed.
    #[test]
    fn what_is_refused_after_a_kill_is_failed_only_when_it_is_not_there() {
        for (stop, state, copies) in [("outbox.sent", "published", 1), ("outbox.intent", "failed", 0)] {
            let Some((blog, post, comment)) = stage("Closed under fire") else { return };
            let home = home(blog.login("wordpress:blog")).with("CM_LEASE_MS", "300");
            home.killed(stop, "cm-schedule", &["add", "--now"], reply(post, comment, "On Monday"));
            blog.discussion(post, "closed");
            std::thread::sleep(std::time::Duration::from_millis(400));
            let told = home.run("cm-schedule", &["publish"], "").stderr;
            assert_eq!(told.contains("comments are closed"), state == "failed", "{stop}: {told}");
            let listed = home.run("cm-schedule", &["list", "--state", "all"], "").text();
            assert!(listed.contains(&format!("\"state\":\"{state}\"")), "{stop}: {listed}");
            assert_eq!(blog.comments(post).iter().filter(|c| c.parent == comment).count(), copies);
        }
    }

    /// What a killed sender left is looked for before anything else: found, it is not even begun again.
    #[test]
    fn what_is_found_after_a_kill_is_not_sent_again() {
        for (stop, attempts) in [("outbox.sent", 1), ("outbox.intent", 2)] {
            let Some((blog, post, comment)) = stage("Reconciled, twins allowed") else { return };
            let home = home(blog.login("wordpress:blog")).with("CM_LEASE_MS", "300");
            home.killed(stop, "cm-schedule", &["add", "--now"], reply(post, comment, "On Monday"));
            std::thread::sleep(std::time::Duration::from_millis(400));
            home.run("cm-schedule", &["publish"], "").exits(0).silent();
            let listed = home.run("cm-schedule", &["list", "--state", "all"], "").text();
            let listed: Value = serde_json::from_str(&listed).unwrap();
            assert_eq!(
                (listed["state"].as_str(), &listed["attempts"]),
                (Some("published"), &attempts.into()),
                "{stop}"
            );
            assert_eq!(blog.comments(post).iter().filter(|c| c.parent == comment).count(), 1, "{stop}");
        }
    }

    /// A password that was changed between the run that was killed and the next is told as that, and the account rests.
    #[test]
    fn what_cannot_be_looked_for_says_why() {
        let Some((blog, post, comment)) = stage("Password under fire") else { return };
        let home = home(blog.login("wordpress:blog")).with("CM_LEASE_MS", "300");
        home.killed("outbox.sent", "cm-schedule", &["add", "--now"], reply(post, comment, "On Monday"));
        home.write("secret-0", "another password\n");
        std::thread::sleep(std::time::Duration::from_millis(400));
        let told = home.run("cm-schedule", &["publish"], "").exits(4).stderr;
        assert!(told.contains("may be out") && told.contains("password"), "{told}");
        home.run("cm-schedule", &["publish"], "").exits(0).silent();
        home.write("secret-0", &blog.admin.password);
        let later = (chrono::Utc::now() + chrono::TimeDelta::minutes(20)).to_rfc3339();
        home.run("cm-schedule", &["publish", "--clock", &later], "").exits(0).silent();
        assert_eq!(blog.comments(post).iter().filter(|c| c.parent == comment).count(), 1);
    }

    #[test]
    fn approvals_killed_at_every_stop() {
        let Some(blog) = peers::wordpress() else { return };
        fire::killed("WordPress approve", || approvals(&blog));
    }

    #[test]
    fn approvals_frozen_at_every_stop() {
        let Some(blog) = peers::wordpress() else { return };
        fire::frozen("WordPress approve", || approvals(&blog));
    }

    #[test]
    fn approvals_by_two_senders_at_once() {
        let Some(blog) = peers::wordpress() else { return };
        fire::two_at_once("WordPress approve", || approvals(&blog));
    }

    #[test]
    fn approvals_whose_answers_are_lost() {
        let Some(blog) = peers::wordpress() else { return };
        fire::unanswered("WordPress approve", |fault| proxied(&blog, fault, approvals));
    }
}
