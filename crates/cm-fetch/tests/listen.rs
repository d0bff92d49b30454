//! `cm-fetch listen` as a black box, against a hub that is played here.
//!
//! Documented (WebSub, W3C Recommendation of 23 January 2018): the forms of requests, asking back with a challenge, denials,
//! `X-Hub-Signature`, 410 for what nobody wants. Assumed: nothing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "other tests use the rest")]
mod site;

use ring::hmac;
use serde_json::Value;
use site::{NOW, Page, Place, Site, TODAY, rss};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A listening cm-fetch with what it has printed.
struct Listening {
    child: Child,
    lines: Receiver<String>,
    words: Receiver<String>,
    port: u16,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

impl Listening {
    fn start(place: &Place) -> Listening {
        let sources = ["listen", "-v", "--sources", "sources.txt", "--archive", "archive"];
        let here = ["--listen", "127.0.0.1:0", "--callback", "http://cm.example/push"];
        let mut command = place.command(&[&sources[..], &here[..]].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let mut listening = Listening { child, lines: lines(out), words: lines(err), port: 0 };
        let said = listening.word("listening on");
        listening.port = said.rsplit(':').next().unwrap().parse().unwrap();
        listening
    }

    /// The next record.
    fn item(&self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(PATIENCE).unwrap()).unwrap()
    }

    fn nothing(&self) {
        assert_eq!(self.lines.recv_timeout(Duration::from_millis(300)).ok(), None);
    }

    /// Waits for words on stderr.
    fn word(&self, wanted: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let line = self.words.recv_timeout(until.saturating_duration_since(Instant::now())).unwrap();
            if line.contains(wanted) {
                return line;
            }
        }
    }

    /// Sends a request to the callback; status and body.
    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        if method == "POST" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn deliver(&self, asked: &HashMap<String, String>, body: &str) -> u16 {
        let signature = signed(&asked["hub.secret"], body);
        let headers = [("content-type", "application/rss+xml"), ("x-hub-signature", signature.as_str())];
        self.call("POST", &path(asked), &headers, body).0
    }

    /// Asks back, as a hub does.
    fn ask_back(&self, asked: &HashMap<String, String>, mode: &str, topic: &str) -> (u16, String) {
        let query = format!("hub.mode={mode}&hub.topic={topic}&hub.challenge=c1&hub.lease_seconds=864000");
        self.call("GET", &format!("{}?{query}", path(asked)), &[], "")
    }
}

fn signed(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

fn path(asked: &HashMap<String, String>) -> String {
    let callback = &asked["hub.callback"];
    callback[callback.find("/push/").unwrap()..].to_owned()
}

/// The next form that the hub was sent.
fn asked(site: &Site) -> HashMap<String, String> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let seen = site.seen();
        if let Some(hub) = seen.iter().find(|seen| seen.path == "/hub") {
            return url::form_urlencoded::parse(hub.body.as_bytes()).into_owned().collect();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the hub was not asked");
}

/// A site with a feed that names its hub, both in its document and in its headers.
fn world(hub: &str) -> (Site, Place, String) {
    let (site, place) = (Site::start(), Place::new());
    let feed = site.url("/feed");
    site.put("/hub", Page::new(202, ""));
    let link = format!("<{}>; rel=\"hub\", <{feed}>; rel=self", site.url(hub));
    site.put("/feed", Page::new(200, rss(&[("first", TODAY)])).with("link", &link));
    place.write("sources.txt", format!("{feed}\n"));
    (site, place, feed)
}

#[test]
fn what_is_signed_is_handed_out_and_what_is_not_is_not() {
    let (site, place, feed) = world("/hub");
    let listening = Listening::start(&place);
    assert_eq!(listening.item()["title"], "first", "everything is read once at the start");
    let form = asked(&site);
    assert_eq!((form["hub.mode"].as_str(), &form["hub.topic"]), ("subscribe", &feed));
    assert!(form["hub.secret"].len() == 32);
    // The hub asks back, for what was asked only.
    assert_eq!(listening.ask_back(&form, "subscribe", "https://other.example/").0, 404);
    assert_eq!(listening.ask_back(&form, "unsubscribe", &feed).0, 404);
    assert_eq!(listening.ask_back(&form, "subscribe", &feed), (200, "c1".to_owned()));

    let news = rss(&[("second", TODAY)]);
    assert_eq!(listening.deliver(&form, &news), 202);
    assert_eq!(listening.item()["title"], "second");
    assert_eq!(listening.deliver(&form, &news), 202);
    listening.nothing();

    let forged = [("x-hub-signature", "sha256=00")];
    assert_eq!(listening.call("POST", &path(&form), &forged, &rss(&[("forged", TODAY)])).0, 202);
    listening.word("without a good signature");
    assert_eq!(listening.call("POST", &path(&form), &[], &rss(&[("forged", TODAY)])).0, 202);
    listening.nothing();
    assert_eq!(listening.deliver(&form, "no feed"), 202);
    listening.word("delivered no feed");

    let unknown = "0".repeat(32);
    assert_eq!(listening.call("POST", &format!("/push/{unknown}"), &[], "x").0, 410);
    assert_eq!(listening.call("POST", "/", &[], "x").0, 404);
    assert_eq!(listening.call("PUT", &path(&form), &[], "").0, 405);

    // What a hub delivered is not new to the next run of cron; what it did not deliver is.
    site.put("/feed", Page::new(200, rss(&[("third", TODAY), ("second", TODAY), ("first", TODAY)])));
    let run = place.run(&["--new", "--sources", "sources.txt", "--archive", "archive", "--force"]).quiet();
    assert_eq!(run.titles(), ["third"]);
    let titles: Vec<Value> = place.archived().iter().map(|item| item["title"].clone()).collect();
    assert_eq!(titles, ["first", "second", "third"]);
}

#[test]
fn subscriptions_last_beyond_the_process_and_end_with_their_source() {
    let (site, place, feed) = world("/hub");
    let first = {
        let listening = Listening::start(&place);
        let form = asked(&site);
        assert_eq!(listening.ask_back(&form, "subscribe", &feed).0, 200);
        form
    };
    let listening = Listening::start(&place);
    assert_eq!(listening.deliver(&first, &rss(&[("later", TODAY)])), 202);
    assert_eq!(listening.item()["title"], "later");
    assert!(
        site.seen().iter().all(|seen| seen.path != "/hub"),
        "a subscription that holds is not asked for again"
    );
    drop(listening);

    place.write("sources.txt", format!("{}\n", site.url("/other")));
    site.put("/other", Page::new(200, rss(&[])));
    let listening = Listening::start(&place);
    let form = asked(&site);
    assert_eq!((form["hub.mode"].as_str(), path(&form)), ("unsubscribe", path(&first)));
    assert_eq!(listening.deliver(&first, &rss(&[("x", TODAY)])), 410);
    assert_eq!(listening.ask_back(&form, "unsubscribe", &feed), (200, "c1".to_owned()));
    assert_eq!(listening.ask_back(&form, "unsubscribe", &feed).0, 410, "forgotten");
    listening.nothing();
}

#[test]
fn a_hub_that_refuses_is_told_and_asked_again_another_day() {
    let (site, place, feed) = world("/hub");
    site.put("/hub", Page::new(500, "out of\norder"));
    let listening = Listening::start(&place);
    let form = asked(&site);
    assert!(listening.word("its hub answered 500").ends_with("out of order"), "in its words, on one line");
    assert_eq!(listening.ask_back(&form, "denied", &feed).0, 200);
    listening.word("its hub refuses us");
    drop(listening);
    let _ = site.seen();
    let listening = Listening::start(&place);
    listening.call("GET", "/", &[], "");
    std::thread::sleep(Duration::from_millis(500));
    assert!(site.seen().iter().all(|seen| seen.path != "/hub"));
}

#[test]
fn one_listens_at_a_time_and_says_what_it_needs() {
    let (_site, place, _feed) = world("/hub");
    let run = place.run(&["listen", "--sources", "sources.txt"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("give --callback https://"), "{}", run.err);
    let listening = Listening::start(&place);
    let args = [
        "listen",
        "--sources",
        "sources.txt",
        "--callback",
        "http://127.0.0.1:1/",
        "--listen",
        "127.0.0.1:0",
    ];
    let second = place.run(&args);
    assert!(second.err.contains("another cm-fetch listen runs on this store"), "{second:?}");
    // An orderly end.
    let pid = rustix::process::Pid::from_raw(i32::try_from(listening.child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut listening = listening;
    let until = Instant::now() + PATIENCE;
    while listening.child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(listening.child.wait().unwrap().code(), Some(0));
    let health = place.run_at(NOW, &["health", "--sources", "sources.txt"]).quiet();
    assert_eq!(health.items()[0]["push"]["error"], "its hub does not ask back yet");
}

#[test]
fn what_a_hub_delivers_says_nothing_of_when_the_feed_may_be_asked() {
    let (site, place, feed) = world("/hub");
    place.write("cm.toml", "[fetch]\nmax_feed = \"64 KiB\"\n");
    let link = format!("<{}>; rel=\"hub\", <{feed}>; rel=self", site.url("/hub"));
    let page = Page::new(200, rss(&[("first", TODAY)])).with("link", &link);
    site.put("/feed", page.with("cache-control", "max-age=36000"));
    let listening = Listening::start(&place);
    let form = asked(&site);
    listening.item();
    assert_eq!(listening.deliver(&form, &rss(&[("second", TODAY)])), 202);
    assert_eq!(listening.item()["title"], "second");
    assert_eq!(listening.deliver(&form, &"x".repeat(100 << 10)), 413, "longer than a feed may be");
    drop(listening);
    let _ = site.seen();
    let run = place.run_at("2026-11-22T13:00:00Z", &["--new", "-v", "--sources", "sources.txt"]);
    assert!(run.err.contains("max-age 10 h"), "{}", run.err);
    assert!(site.seen().is_empty(), "it is asked when it said so");
}

#[test]
fn a_hint_is_looked_into_unless_the_host_wants_to_be_left_alone() {
    let (site, place, feed) = world("/hub");
    let form = {
        let listening = Listening::start(&place);
        listening.item();
        asked(&site)
    };
    // As of a hub that is not reached over https: nothing that it sends is signed.
    let store = place.dir.path().join("state/cm/cm.db").display().to_string();
    let store = cm_store::Store::open(&store, cm_store::Mode::Write).unwrap();
    store.write(|tx| tx.execute("UPDATE fetch_pushes SET secret = NULL", &[])).unwrap();
    drop(store);
    let listening = Listening::start(&place);
    let _ = site.seen();
    site.put("/feed", Page::new(200, rss(&[("second", TODAY), ("first", TODAY)])));
    let forged = rss(&[("forged", TODAY)]);
    assert_eq!(listening.call("POST", &path(&form), &[], &forged).0, 202);
    assert_eq!(listening.item()["title"], "second", "asked of {feed} itself");
    assert_eq!(site.seen().iter().filter(|seen| seen.path == "/feed").count(), 1);
    drop(listening);

    site.put("/feed", Page::new(503, "").with("retry-after", "7200"));
    place.run(&["--new", "--sources", "sources.txt", "--force"]);
    let listening = Listening::start(&place);
    let _ = site.seen();
    assert_eq!(listening.call("POST", &path(&form), &[], &forged).0, 202);
    listening.word("wants to be left alone");
    assert!(site.seen().iter().all(|seen| seen.path != "/feed"));
}

#[test]
fn a_hub_that_has_moved_is_followed_and_one_that_is_away_is_waited_for_once() {
    let (site, place, feed) = world("/old-hub");
    site.put("/old-hub", Page::new(307, "").with("location", "/hub"));
    let away = format!("<http://127.0.0.1:1/hub>; rel=hub, <{}>; rel=self", site.url("/feed"));
    for path in ["/a", "/b"] {
        site.put(path, Page::new(200, rss(&[])).with("link", &away));
    }
    place.write("sources.txt", format!("{feed}\n{}\n{}\n", site.url("/a"), site.url("/b")));
    let listening = Listening::start(&place);
    assert_eq!(asked(&site)["hub.topic"], feed);
    assert!(!listening.word("its hub: not asked after ").contains("after its hub"));
}
