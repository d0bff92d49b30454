//! `wordpress:` against a real WordPress. `CM_TEST_WORDPRESS="http://127.0.0.1:18080 USER APPLICATION-PASSWORD"` names one
//! that may be filled with posts, comments and users (tests/peers starts such a blog); its user is an administrator.
//! Without it nothing is tested here, and a line says so.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod server;

use chrono::Utc;
use cm_net::services::{self, Account, Audience, Draft, Item, Means, Page, Password, Trouble, Vault, Wanted};
use cm_net::{Client, Delivery, Error, Found, Options, Outgoing, Publish, Read, Request};
use serde_json::{Value, json};
use server::{Asked, Server, reply as answer};
use std::collections::HashSet;
use std::io::{Read as _, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A word that was never said on that blog.
fn unheard() -> String {
    let n = COUNT.fetch_add(1, Ordering::SeqCst);
    format!("u{}n{}x{n}", Utc::now().timestamp_nanos_opt().unwrap(), std::process::id())
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

fn client() -> Client {
    Client::new(Options::new("cm-test", true), &mut |_| ()).unwrap()
}

struct Here;

impl Means for Here {
    fn client(&self) -> Result<Client, Error> {
        Ok(client())
    }
    fn vault(&self) -> Result<Arc<dyn Vault>, String> {
        Err("no vault".to_owned())
    }
}

/// The blog, as its administrator has it.
#[derive(Clone)]
struct Blog {
    url: String,
    user: String,
    password: String,
}

impl Blog {
    fn real() -> Option<Blog> {
        let said = std::env::var("CM_TEST_WORDPRESS").ok().filter(|said| !said.trim().is_empty());
        let Some(said) = said else {
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: no WordPress is tested: CM_TEST_WORDPRESS=\"URL USER PASSWORD\" names none"
            );
            return None;
        };
        let mut words = said.split_whitespace().map(str::to_owned);
        let mut next = || words.next().unwrap();
        let (url, user) = (next(), next());
        Some(Blog { url, user, password: words.collect::<Vec<_>>().join(" ") })
    }

    fn account(&self) -> Account {
        let password = self.password.clone();
        Account {
            url: Some(self.url.clone()),
            user: Some(self.user.clone()),
            password: Password::new(move || Ok(password.clone())),
            has_password: true,
            ..Account::new("wordpress:blog")
        }
    }

    fn writer(&self) -> Box<dyn Publish> {
        services::network("wordpress:blog").unwrap().publish.unwrap()(&self.account(), &Here).unwrap()
    }

    fn reader(&self) -> Box<dyn Read> {
        services::network("wordpress:blog").unwrap().read.unwrap()(&self.account(), &Here).unwrap()
    }

    /// As the administrator's browser would.
    fn ask(&self, route: &str, body: Option<Value>) -> Value {
        // Blogs with plain permalinks and others understand this.
        let route = route.replace('?', "&");
        let mut url: url::Url =
            format!("{}/?rest_route=/wp/v2/{route}", self.url.trim_end_matches('/')).parse().unwrap();
        url.set_username(&self.user).unwrap();
        url.set_password(Some(&self.password)).unwrap();
        let request = match body {
            Some(body) => Request::post(url, body.to_string()).header("content-type", "application/json"),
            None => Request::get(url),
        };
        let answer = run(client().send(request)).unwrap();
        assert!(answer.status < 300, "{route}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn post_with(&self, more: Value) -> u64 {
        let mut post = json!({"title": "Launch", "content": unheard(), "status": "publish"});
        post.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask("posts", Some(post))["id"].as_u64().unwrap()
    }

    fn post(&self) -> u64 {
        self.post_with(json!({}))
    }

    fn comment(&self, post: u64, more: Value) -> u64 {
        let mut comment = json!({"post": post, "content": unheard(), "status": "approved", "author_name": "Ann & \"Co\"",
            "author_email": "ann@planted.example", "author_url": "https://ann.example/"});
        comment.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask("comments", Some(comment))["id"].as_u64().unwrap()
    }

    fn set(&self, comment: u64, status: &str) {
        self.ask(&format!("comments/{comment}"), Some(json!({"status": status})));
    }

    fn delete(&self, comment: u64) {
        self.ask(&format!("comments/{comment}?_method=DELETE&force=true"), Some(json!({})));
    }

    /// A user of a role, with an application password.
    fn user(&self, role: &str) -> Blog {
        let name = unheard();
        let user = json!({"username": name, "email": format!("{name}@planted.example"), "password": unheard(), "roles": [role]});
        let id = self.ask("users", Some(user))["id"].clone();
        let made = self.ask(&format!("users/{id}/application-passwords"), Some(json!({"name": "cm"})));
        Blog { user: name, password: made["password"].as_str().unwrap().to_owned(), ..self.clone() }
    }

    /// Comments of ours under a post that are shown or held, and their words.
    fn said(&self, post: u64) -> Vec<Value> {
        let found = self.ask(
            &format!("comments?post={post}&status=all&per_page=100&context=edit&order=asc&orderby=id"),
            None,
        );
        found.as_array().unwrap().clone()
    }
}

fn outgoing(writer: &dyn Publish, text: &str, cm: Value) -> Outgoing {
    let id = format!("urn:cm:post:{}", unheard());
    let record = json!({"id": "urn:cm:draft:1", "_cm": cm});
    let draft = Draft { id: id.clone(), text: text.to_owned(), links: Vec::new(), record, at: Utc::now() };
    Outgoing { id, body: writer.freeze(&draft).unwrap(), since: Utc::now() }
}

fn reply(writer: &dyn Publish, post: u64, comment: u64, text: &str) -> Outgoing {
    let cm =
        json!({"in_reply_to": "urn:cm:item:1", "parent": {"native": {"post": post, "comment": comment}}});
    outgoing(writer, text, cm)
}

fn action(writer: &dyn Publish, post: u64, comment: u64, action: &str) -> Outgoing {
    let cm = json!({"action": action, "in_reply_to": "urn:cm:item:1", "parent": {"native": {"post": post, "comment": comment}}});
    outgoing(writer, "", cm)
}

fn url(delivery: Delivery) -> String {
    match delivery {
        Delivery::Published { url } => url.unwrap(),
        other => panic!("{other:?}"),
    }
}

fn refusal(delivery: Delivery) -> String {
    match delivery {
        Delivery::Refused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

/// All pages of a run, with what is done between them.
fn read_with(
    reader: &dyn Read,
    what: &str,
    mark: Option<&str>,
    mut between: impl FnMut(&Page),
) -> (Vec<Item>, String) {
    let wanted = Wanted { what: what.to_owned(), mark: mark.map(str::to_owned), ..Wanted::default() };
    let (mut items, mut cursor) = (Vec::new(), None);
    loop {
        let page = run(reader.page(&wanted, cursor.as_deref())).unwrap();
        assert_eq!(page.notes, Vec::<String>::new());
        between(&page);
        items.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return (items, page.mark.unwrap());
        }
    }
}

fn read(reader: &dyn Read, what: &str, mark: Option<&str>) -> (Vec<Item>, String) {
    read_with(reader, what, mark, |_| ())
}

fn item(items: &[Item], comment: u64) -> Option<Item> {
    let id = format!("comments/{comment}");
    let mut found = items.iter().filter(|item| item.id == id);
    let first = found.next().cloned();
    assert!(found.next().is_none(), "{id} came twice");
    first
}

#[test]
fn what_is_read() {
    let Some(blog) = Blog::real() else { return };
    let (post, private) = (blog.post(), blog.post_with(json!({"status": "private"})));
    let locked = blog.post_with(json!({"password": "open-sesame"}));
    let approved = blog.comment(post, json!({"date_gmt": "2019-02-03T04:05:06"}));
    let answer = blog.ask("comments", Some(json!({"post": post, "parent": approved, "content": unheard()})));
    let hidden = [blog.comment(private, json!({})), blog.comment(locked, json!({}))];
    let [held, spam, trash] = ["hold", "spam", "trash"].map(|status| {
        let id = blog.comment(post, json!({}));
        blog.set(id, status);
        id
    });
    let (items, _) = read(&*blog.reader(), "comments", None);
    let one = item(&items, approved).unwrap();
    let page = blog.ask(&format!("posts/{post}"), None)["link"].as_str().unwrap().to_owned();
    assert_eq!(one.url, Some(format!("{page}#comment-{approved}")));
    assert_eq!((one.thread.as_ref(), one.in_reply_to.as_ref()), (Some(&page), Some(&page)));
    assert_eq!(one.native, json!({"post": post, "comment": approved}));
    assert_eq!((one.kind, one.status.as_deref(), one.own), ("comment", Some("approved"), false));
    assert_eq!(one.audience, Some(Audience::Public));
    assert_eq!(one.published.unwrap().to_rfc3339(), "2019-02-03T04:05:06+00:00");
    let author = one.author.unwrap();
    assert_eq!(author.name.as_deref(), Some("Ann & \"Co\""));
    assert_eq!((author.url.as_deref(), author.handle), (Some("https://ann.example/"), None));
    assert!(author.avatar.unwrap().starts_with("http"));
    let two = item(&items, answer["id"].as_u64().unwrap()).unwrap();
    assert_eq!(
        (two.own, two.in_reply_to, two.thread),
        (true, Some(format!("comments/{approved}")), Some(page))
    );
    for id in hidden {
        assert_eq!(item(&items, id).unwrap().audience, None, "approved, but not for everybody");
    }
    for (what, id, status) in [("held", held, "held"), ("spam", spam, "spam"), ("trash", trash, "trash")] {
        assert_eq!(item(&items, id), None);
        let (items, _) = read(&*blog.reader(), what, None);
        let one = item(&items, id).unwrap();
        assert_eq!((one.status.as_deref(), one.audience), (Some(status), None));
        assert!(!format!("{items:?}").contains("planted.example"), "no e-mail addresses");
    }
    assert!(!format!("{items:?}").contains("planted.example"), "no e-mail addresses");
    let wanted = Wanted { what: "mentions".to_owned(), ..Wanted::default() };
    let refused = run(blog.reader().page(&wanted, None)).unwrap_err();
    assert!(refused.reason().contains("comments, held, spam, trash"), "{refused}");
}

/// Old number, old date: only that the sum has changed tells.
#[test]
fn what_was_approved_late_is_found() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let late = blog.comment(post, json!({"date_gmt": "2018-01-01T00:00:00", "status": "hold"}));
    let recent = blog.comment(post, json!({}));
    let (items, mark) = read(&*blog.reader(), "comments", None);
    assert_eq!((item(&items, late), item(&items, recent).is_some()), (None, true));
    blog.set(late, "approved");
    let new = blog.comment(post, json!({}));
    let (items, _) = read(&*blog.reader(), "comments", Some(&mark));
    for id in [late, recent, new] {
        assert!(item(&items, id).is_some(), "{id}");
    }
}

#[test]
fn what_left_the_queue_is_told() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let [approved, spam, trash, gone, stays] =
        [(); 5].map(|()| blog.comment(post, json!({"status": "hold"})));
    let (items, mark) = read(&*blog.reader(), "held", None);
    assert!([approved, spam, trash, gone, stays].iter().all(|id| item(&items, *id).is_some()));
    blog.set(approved, "approved");
    blog.set(spam, "spam");
    blog.set(trash, "trash");
    blog.delete(gone);
    let (items, mark) = read(&*blog.reader(), "held", Some(&mark));
    let status = |id| item(&items, id).unwrap().status;
    assert_eq!(status(approved).as_deref(), Some("approved"));
    assert_eq!(status(spam).as_deref(), Some("spam"));
    assert_eq!(status(trash).as_deref(), Some("trash"));
    assert_eq!(status(stays).as_deref(), Some("held"));
    assert!(item(&items, gone).unwrap().deleted);
    let (items, _) = read(&*blog.reader(), "held", Some(&mark));
    assert!([approved, spam, trash, gone].iter().all(|id| item(&items, *id).is_none()), "told once");
}

/// Of those that were handed out as approved. A user who may not moderate is not told how others stand.
#[test]
fn what_left_the_approved_ones_is_told() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let [spam, trash, gone, held, stays] = [(); 5].map(|()| blog.comment(post, json!({})));
    let readers = [blog.reader(), blog.user("author").reader(), blog.user("subscriber").reader()];
    let before = readers.each_ref().map(|reader| read(&**reader, "comments", None));
    for (items, _) in &before {
        assert!([spam, trash, gone, held, stays].iter().all(|id| item(items, *id).is_some()));
    }
    blog.set(spam, "spam");
    blog.set(trash, "trash");
    blog.set(held, "hold");
    blog.delete(gone);
    for (n, (_, mark)) in before.iter().enumerate() {
        let (items, mark) = read(&*readers[n], "comments", Some(mark));
        let status = |id| item(&items, id).and_then(|item| item.status);
        let told = |how: &str| (n == 0).then(|| how.to_owned());
        assert_eq!(
            [status(spam), status(trash), status(held)],
            [told("spam"), told("trash"), told("held")],
            "{n}"
        );
        assert_eq!(status(stays).as_deref(), Some("approved"));
        assert!(item(&items, gone).unwrap().deleted, "{n}");
        let (items, _) = read(&*readers[n], "comments", Some(&mark));
        assert!([spam, trash, gone, held].iter().all(|id| item(&items, *id).is_none()), "told once");
    }
}

/// 230 comments; while they are read, some that were handed out go, and others come.
#[test]
fn nothing_is_passed_over_while_the_list_moves() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let spam: Vec<u64> = (0..230).map(|_| blog.comment(post, json!({"status": "spam"}))).collect();
    let mut pages = 0;
    let mut deleted = HashSet::new();
    let (items, _) = read_with(&*blog.reader(), "spam", None, |page| {
        pages += 1;
        // More than a page reaches back on the first, a few on the second.
        let some = if pages == 1 { 25 } else { 4 };
        for item in page.items.iter().filter(|item| item.native["post"] == post).take(some) {
            let id = item.native["comment"].as_u64().unwrap();
            blog.delete(id);
            deleted.insert(id);
        }
        blog.comment(post, json!({"status": "spam"}));
    });
    assert!(pages >= 3 && deleted.len() >= 29, "{pages} pages");
    for id in spam {
        assert!(item(&items, id).is_some(), "{id} was passed over");
    }
}

#[test]
fn a_reply_stands_once_under_its_comment_as_it_was_written() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let parent = blog.comment(post, json!({}));
    let writer = blog.writer();
    let text = format!(
        "{} <b>&amp; \"so\" it's \\n \\\\ 🎉 [gallery] 100 %41\n\nhttps://b.example/?a=1&b=2 -- end",
        unheard()
    );
    let post_ = reply(&*writer, post, parent, &text);
    assert_eq!(run(writer.find(&post_)), Found::No);
    let first = url(run(writer.send(&post_)));
    assert_eq!(run(writer.find(&post_)), Found::Yes { url: Some(first.clone()) });
    for _ in 0..2 {
        assert_eq!(url(run(blog.writer().send(&post_))), first, "a repeat leads to the same comment");
    }
    let said = blog.said(post);
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!((&said[1]["parent"], &said[1]["status"]), (&json!(parent), &json!("approved")));
    assert_eq!(said[1]["author_user_agent"], format!("cm/0.1.0 {}", post_.id));
    let html = said[1]["content"]["rendered"].as_str().unwrap();
    for shown in ["&lt;b&gt;&amp;amp;", "&#92;n &#92;&#92;", "🎉", "[gallery]", "%41", "?a=1&#038;b=2"] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    let (items, _) = read(&*blog.reader(), "comments", None);
    let ours = item(&items, said[1]["id"].as_u64().unwrap()).unwrap();
    assert!(ours.own && ours.in_reply_to == Some(format!("comments/{parent}")));
    // Trashed by somebody: it was there, and is not sent again.
    blog.ask(&format!("comments/{}?_method=DELETE", said[1]["id"]), Some(json!({})));
    assert!(matches!(run(writer.find(&post_)), Found::Yes { .. }));
    assert!(refusal(run(writer.send(&post_))).contains("as trash"));
    assert_eq!(blog.said(post).len(), 1);
}

/// The same words by other means, or as another post of ours: adopted, not repeated.
#[test]
fn the_same_words_are_not_said_twice() {
    let Some(blog) = Blog::real() else { return };
    let (post, writer) = (blog.post(), blog.writer());
    let parent = blog.comment(post, json!({}));
    let words = format!("{} it's \"so\" & -- yes <3 C:\\n", unheard());
    let first = url(run(writer.send(&reply(&*writer, post, parent, &words))));
    let again = reply(&*writer, post, parent, &words);
    assert_eq!(run(writer.find(&again)), Found::Yes { url: Some(first.clone()) });
    assert_eq!(url(run(writer.send(&again))), first);
    let elsewhere = reply(&*writer, post, blog.comment(post, json!({})), &words);
    assert_eq!(run(writer.find(&elsewhere)), Found::No, "under another comment it is another reply");
    assert_eq!(blog.said(post).len(), 3);
    // Somebody took it for spam: approved again by who may.
    blog.set(blog.said(post)[1]["id"].as_u64().unwrap(), "spam");
    assert_eq!(url(run(writer.send(&again))), first);
    assert_eq!(blog.said(post).len(), 3);
}

#[test]
fn what_wordpress_would_take_and_is_refused() {
    let Some(blog) = Blog::real() else { return };
    let (post, other) = (blog.post(), blog.post());
    let writer = blog.writer();
    let told = |post: u64, comment: u64| {
        refusal(run(blog.writer().send(&reply(&*writer, post, comment, &unheard()))))
    };
    for (status, why) in
        [("hold", "still held: approve it first"), ("spam", "marked as spam"), ("trash", "in the trash")]
    {
        let parent = blog.comment(post, json!({}));
        blog.set(parent, status);
        assert!(told(post, parent).contains(why), "{status}: {}", told(post, parent));
    }
    let gone = blog.comment(post, json!({}));
    blog.delete(gone);
    assert!(told(post, gone).contains("deleted"), "{}", told(post, gone));
    let parent = blog.comment(post, json!({}));
    assert!(told(other, parent).contains("belongs to post"), "{}", told(other, parent));
    for (how, why) in [
        (json!({"comment_status": "closed"}), "closed"),
        (json!({"status": "private"}), "not published (private)"),
        (json!({"status": "draft"}), "not published (draft)"),
        (json!({"password": "open-sesame"}), "password"),
    ] {
        let post = blog.post();
        let parent = blog.comment(post, json!({}));
        blog.ask(&format!("posts/{post}"), Some(how.clone()));
        assert!(told(post, parent).contains(why), "{how}: {}", told(post, parent));
        assert_eq!(blog.said(post).len(), 1, "{how}");
    }
    let post = blog.post();
    let parent = blog.comment(post, json!({}));
    blog.ask(&format!("posts/{post}?_method=DELETE"), Some(json!({})));
    assert!(told(post, parent).contains("not shown"), "{}", told(post, parent));
}

#[test]
fn moderation() {
    let Some(blog) = Blog::real() else { return };
    let (post, writer) = (blog.post(), blog.writer());
    let sender = json!({"status": "hold", "author_ip": "203.0.113.9", "author_user_agent": "Lynx/2"});
    let comment = blog.comment(post, sender.clone());
    let act = |what: &str| {
        let post_ = action(&*writer, post, comment, what);
        let before = run(writer.find(&post_));
        let said = run(blog.writer().send(&post_));
        assert!(matches!(run(writer.find(&post_)), Found::Yes { .. }), "{what}");
        (before, url(said))
    };
    let status = || blog.ask(&format!("comments/{comment}"), None)["status"].as_str().unwrap().to_owned();
    for (what, then) in [
        ("approve", "approved"),
        ("spam", "spam"),
        ("trash", "trash"),
        ("approve", "approved"),
        ("trash", "trash"),
        ("spam", "spam"),
    ] {
        let (before, link) = act(what);
        assert_eq!((before, status().as_str()), (Found::No, then), "{what}");
        assert!(link.contains(&format!("#comment-{comment}")), "{link}");
        assert!(matches!(act(what).0, Found::Yes { .. }), "{what} again");
        let kept = blog.ask(&format!("comments/{comment}?context=edit"), None);
        for name in ["author_ip", "author_user_agent"] {
            assert_eq!(kept[name], sender[name], "{what}: who wrote it is not written over");
        }
    }
    let foreign = action(&*writer, blog.post(), comment, "approve");
    assert!(refusal(run(writer.send(&foreign))).contains("belongs to post"));
    blog.delete(comment);
    let post_ = action(&*writer, post, comment, "approve");
    assert_eq!(run(writer.find(&post_)), Found::No);
    assert!(refusal(run(writer.send(&post_))).contains("deleted"));
}

/// A wrong password looks like an anonymous 200 on what is public: it must not.
#[test]
fn wrong_credentials_are_seen_everywhere() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let parent = blog.comment(post, json!({}));
    for wrong in [
        Blog { password: "planted s3cret".to_owned(), ..blog.clone() },
        Blog { user: "nobody".to_owned(), ..blog.clone() },
    ] {
        let (writer, reader) = (wrong.writer(), wrong.reader());
        let said = run(writer.check()).unwrap_err();
        let Trouble::Credentials(why) = &said else { panic!("{said:?}") };
        assert!(why.contains("Users > Profile") && why.contains("Authorization"), "{why}");
        let Delivery::Credentials { reason } = run(writer.send(&reply(&*writer, post, parent, "x"))) else {
            panic!()
        };
        assert_eq!(run(writer.find(&reply(&*writer, post, parent, "x"))), Found::Unknown);
        let wanted = Wanted { what: "comments".to_owned(), ..Wanted::default() };
        let read = run(reader.page(&wanted, None)).unwrap_err();
        assert!(matches!(read, Trouble::Credentials(_)), "{read:?}");
        for told in [format!("{said:?} {reason} {read:?}"), format!("{:?}", wrong.account())] {
            assert!(!told.contains("planted"), "{told}");
        }
    }
    assert_eq!(blog.said(post).len(), 1);
}

#[test]
fn who_may_not_moderate() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let parent = blog.comment(post, json!({}));
    for role in ["author", "contributor", "subscriber"] {
        let user = blog.user(role);
        let standing = run(user.writer().check()).unwrap();
        assert_eq!(standing.who, Some(format!("{} ({role})", user.user)));
        assert!(standing.lacks[0].contains("may not moderate"), "{standing:?}");
        let (items, _) = read(&*user.reader(), "comments", None);
        assert!(item(&items, parent).is_some(), "{role}");
        let wanted = Wanted { what: "held".to_owned(), ..Wanted::default() };
        let refused = run(user.reader().page(&wanted, None)).unwrap_err();
        assert!(
            matches!(refused, Trouble::Refused(_)) && refused.reason().contains("may not moderate"),
            "{refused:?}"
        );
        let writer = user.writer();
        let words = format!("{} it's \"so\" -- yes", unheard());
        let one = reply(&*writer, post, parent, &words);
        assert_eq!(run(writer.find(&one)), Found::Unknown, "{role}: nobody can say that it is not there");
        let link = url(run(writer.send(&one)));
        // Its first comment is held, as the blog wants comments of the unknown approved.
        let ours = blog
            .said(post)
            .into_iter()
            .find(|c| c["author_user_agent"] == format!("cm/0.1.0 {}", one.id))
            .unwrap();
        assert_eq!(ours["status"], "hold", "{role}");
        if role != "subscriber" {
            assert_eq!(run(writer.find(&one)), Found::Yes { url: Some(link.clone()) }, "{role}");
            assert_eq!(url(run(writer.send(&one))), link, "{role}: said twice, there once");
        }
        let Delivery::Later { after, .. } = run(writer.send(&reply(&*writer, post, parent, &unheard())))
        else {
            panic!("{role}: not too fast")
        };
        assert!(after.unwrap() > Utc::now(), "{role}");
        let trash = action(&*writer, post, parent, "trash");
        assert!(matches!(run(writer.send(&trash)), Delivery::Refused { .. }), "{role}");
    }
    let editor = blog.user("editor");
    let standing = run(editor.writer().check()).unwrap();
    assert_eq!(standing.lacks, Vec::<String>::new());
    // An editor is not told who else moderates, but sees who wrote the post.
    let by =
        |who: &Blog| who.ask("comments", Some(json!({"post": post, "content": unheard()})))["id"].as_u64();
    let (author, colleague) = (by(&blog).unwrap(), by(&blog.user("editor")).unwrap());
    blog.set(colleague, "approved");
    let (items, _) = read(&*editor.reader(), "comments", None);
    let own = [parent, author, colleague].map(|id| item(&items, id).unwrap().own);
    assert_eq!(own, [false, true, false]);
    let (items, _) = read(&*blog.reader(), "comments", None);
    assert!(item(&items, colleague).unwrap().own, "an administrator is told");
}

/// Runs that woke up late send what others send: whatever WordPress lets through, one stays. It lets through everything that
/// has a backslash, so in every other round one is put where freezing had escaped it.
#[test]
fn of_replies_that_race_one_stays() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let (mut copies, mut rounds) = (0, 0);
    for round in 0..12 {
        let parent = blog.comment(post, json!({}));
        let writer = blog.writer();
        let said = if round % 2 == 0 { unheard() } else { format!(r"\{}", unheard()) };
        let mut one = reply(&*writer, post, parent, &said);
        one.body = String::from_utf8(one.body).unwrap().replace("&#92;", r"\\").into_bytes();
        let told: Vec<Delivery> = std::thread::scope(|scope| {
            let sending: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let writer = blog.writer();
                        // Let in first, so that all send at the same moment.
                        run(async {
                            writer.check().await.unwrap();
                            writer.send(&one).await
                        })
                    })
                })
                .collect();
            sending.into_iter().map(|sent| sent.join().unwrap()).collect()
        });
        let all = blog.ask(&format!("comments?post={post}&parent={parent}&status=any&context=edit"), None);
        let all = all.as_array().unwrap();
        let alive: Vec<&Value> = all.iter().filter(|c| c["status"] == "approved").collect();
        assert_eq!(alive.len(), 1, "{all:?}");
        for delivery in told {
            assert!(matches!(delivery, Delivery::Published { .. }), "{delivery:?}");
        }
        assert_eq!(run(writer.find(&one)), Found::Yes { url: alive[0]["link"].as_str().map(str::to_owned) });
        (copies, rounds) = (copies + all.len() - 1, rounds + usize::from(all.len() > 1));
    }
    let _ =
        writeln!(std::io::stderr(), "racing replies: {copies} copies in {rounds} of 12 rounds, none stayed");
}

/// What stands between us and the blog, and loses every POST to a list of comments or what is answered to it, in turn.
fn lossy(blog: &Blog) -> Server {
    let real: url::Url = blog.url.parse().unwrap();
    let there = real.socket_addrs(|| None).unwrap()[0];
    let turn = AtomicU64::new(0);
    Server::start(move |asked, out| {
        if asked.line.starts_with("HEAD ") {
            return answer(out, "200 OK", "Link: </?rest_route=/>; rel=\"https://api.w.org/\"\r\n", b"");
        }
        match if creates(asked) { turn.fetch_add(1, Ordering::SeqCst) % 4 } else { 3 } {
            0 => Ok(()),
            1 => forward(&real, there, asked).map(|_lost| ()),
            2 => forward(&real, there, asked).and_then(|whole| out.write_all(&whole[..whole.len() / 2])),
            _ => forward(&real, there, asked).and_then(|whole| out.write_all(&whole)),
        }
    })
}

fn creates(asked: &Asked) -> bool {
    asked.line.starts_with("POST ") && asked.path().ends_with("comments")
}

/// The whole answer of the blog, whose address may have a folder.
fn forward(real: &url::Url, there: std::net::SocketAddr, asked: &Asked) -> std::io::Result<Vec<u8>> {
    let line = asked.line.replacen(" /", &format!(" {}/", real.path().trim_end_matches('/')), 1);
    let kept =
        asked.headers.iter().filter(|line| !line.starts_with("host:") && !line.starts_with("connection:"));
    let headers: String = kept.map(|line| format!("{line}\r\n")).collect();
    let mut blog = TcpStream::connect(there)?;
    write!(blog, "{line}\r\nHost: {there}\r\nConnection: close\r\n{headers}\r\n")?;
    blog.write_all(&asked.body)?;
    let mut whole = Vec::new();
    blog.read_to_end(&mut whole)?;
    Ok(whole)
}

/// As the outbox goes on: what is unknown is looked for, and sent again when it is certainly not there.
#[test]
fn where_answers_are_lost_each_reply_still_stands_once() {
    let Some(blog) = Blog::real() else { return };
    let post = blog.post();
    let lossy = lossy(&blog);
    let through = Blog { url: lossy.url("").to_string(), ..blog.clone() };
    let (mut unknown, mut found) = (0, 0);
    for n in 0..12 {
        let parent = blog.comment(post, json!({}));
        let one = reply(&*through.writer(), post, parent, &format!("{} {}", unheard(), ["", r"\"][n % 2]));
        let link = loop {
            match run(through.writer().send(&one)) {
                Delivery::Published { url } => break url,
                Delivery::Unknown { .. } => unknown += 1,
                other => panic!("{other:?}"),
            }
            match run(through.writer().find(&one)) {
                Found::Yes { url } => {
                    found += 1;
                    break url;
                }
                Found::No => {}
                Found::Unknown => panic!("it can be read"),
            }
        };
        let all = blog.ask(&format!("comments?post={post}&parent={parent}&status=any&context=edit"), None);
        let all = all.as_array().unwrap();
        assert_eq!((all.len(), all[0]["link"].as_str()), (1, link.as_deref()), "{all:?}");
    }
    let sent: Vec<Asked> = lossy.asked().into_iter().filter(creates).collect();
    assert!(unknown > found && found > 0, "{unknown} of {} sent, {found} found", sent.len());
    assert!(sent.iter().all(|asked| asked.header("authorization").is_some()));
}
