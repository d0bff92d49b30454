//! `cm-fetch listen` with a real hub (Flask-WebSub): what a publisher tells it is handed out the moment it comes.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::peers::{eventually, unique, websub_hub};
use cm_tests::{Answer, Home, Server};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Listening(Child);

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines that come, as far as they have come.
fn lines(from: impl Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    let all: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&all);
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            kept.lock().unwrap().push(line);
        }
    });
    all
}

fn feed(titles: &[&str]) -> String {
    let item = |title: &&str| {
        format!(
            "<item><title>{title}</title><guid isPermaLink='false'>{title}</guid><description>About it.</description></item>"
        )
    };
    let items: String = titles.iter().map(item).collect();
    format!(
        "<rss version='2.0'><channel><title>News</title><link>http://news.example/</link>{items}</channel></rss>"
    )
}

/// A publisher tells the hub, which fetches the feed and delivers it to whoever has subscribed.
fn publish(hub: &str, topic: &str) {
    let address = hub.trim_start_matches("http://").trim_end_matches("/hub");
    let body = format!("hub.mode=publish&hub.topic={topic}");
    let head = format!(
        "POST /hub HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
}

#[test]
fn a_real_hub_subscribes_us_and_delivers_once() {
    let Some(hub) = websub_hub() else { return };
    let (home, path) = (Home::new(), format!("/{}", unique("feed")));
    let said = Arc::new(Mutex::new(feed(&["first"])));
    let own: Arc<Mutex<String>> = Arc::default();
    let (saying, owned, named) = (Arc::clone(&said), Arc::clone(&own), hub.clone());
    let site = Server::start(move |_| {
        let mut answer = Answer::ok("application/rss+xml", saying.lock().unwrap().clone());
        answer
            .headers
            .push(format!("link: <{named}>; rel=\"hub\", <{}>; rel=\"self\"", owned.lock().unwrap()));
        answer
    });
    let topic = site.url(&path);
    own.lock().unwrap().clone_from(&topic);
    home.write("sources.txt", format!("{topic}\n"));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (here, callback) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}/push"));
    let mut child = home
        .command("cm-fetch")
        .args(["listen", "--allow-private", "--sources", "sources.txt", "--archive", "archive"])
        .args(["--listen", &here, "--callback", &callback])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = lines(child.stdout.take().unwrap());
    let _listening = Listening(child);
    let title = |n: usize| {
        let lines = out.lock().unwrap();
        let record: serde_json::Value = serde_json::from_str(lines.get(n)?).unwrap();
        Some(record["title"].as_str().unwrap().to_owned())
    };
    assert_eq!(eventually("what is there already", || title(0)), "first");
    eventually("the hub has asked back", || {
        let health = home.command("cm-fetch").args(["health", "--sources", "sources.txt"]).output().unwrap();
        let health: serde_json::Value = serde_json::from_slice(&health.stdout).ok()?;
        health["push"]["until"].as_str().map(str::to_owned)
    });

    *said.lock().unwrap() = feed(&["second", "first"]);
    publish(&hub, &topic);
    assert_eq!(eventually("the delivery", || title(1)), "second");
    publish(&hub, &topic);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(out.lock().unwrap().len(), 2, "nothing comes twice");
}
