//! `Client::fetch`: many answers at a time, each hop admitted, nothing large in memory, nobody waited for in vain.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod server;

use cm_net::{Admission, Body, Client, Error, Hop, Kind, Leave, Options, Pace, Request, Response};
use server::{Server, reply};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn options() -> Options {
    Options { deadline: Duration::from_secs(20), ..Options::new("cm-test", true) }
}

fn fetch_with(options: Options, request: Request) -> Result<Response<Body>, Error> {
    let client = Client::new(options, &mut |line| panic!("warned: {line}")).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(client.fetch(request))
}

fn text(response: Response<Body>) -> Vec<u8> {
    response.body.into_bytes().unwrap()
}

#[test]
fn bodies_of_any_size_come_whole_whatever_the_memory() {
    let sizes = [0, 1, 64 << 10, (64 << 10) + 1, 3 << 20];
    let server = Server::start(move |asked, out| {
        let size: usize = asked.path().split('/').nth(1).unwrap().parse().unwrap();
        let plain = b"morning ".iter().copied().cycle().take(size).collect::<Vec<u8>>();
        match asked.path().starts_with("zstd") {
            true => {
                let coded = zstd::encode_all(&plain[..], 3).unwrap();
                reply(out, "200 OK", "Content-Encoding: zstd\r\n", &coded)
            }
            false => reply(out, "200 OK", "", &plain),
        }
    });
    for in_memory in [0, 100, 16 << 20] {
        for (size, coding) in sizes.iter().flat_map(|size| [(*size, "zstd"), (*size, "none")]) {
            let request = Request::get(server.url(&format!("{coding}/{size}")));
            let answer = fetch_with(Options { in_memory, ..options() }, request).unwrap();
            assert_eq!(answer.body.len(), size as u64);
            assert!(b"morning ".iter().cycle().zip(&text(answer)).all(|(a, b)| a == b));
        }
    }
}

#[test]
fn a_feed_has_its_own_limit_and_a_refusal_is_cut() {
    let server = Server::start(|asked, out| {
        let status = if asked.path() == "refused" { "503 Later" } else { "200 OK" };
        reply(out, status, "", &vec![b'x'; 2 << 20])
    });
    let small = || Options { max_feed: 1 << 20, ..options() };
    let error = fetch_with(small(), Request::get(server.url("feed"))).unwrap_err();
    assert_eq!(error.kind, Kind::TooLarge, "{error}");
    let refused = fetch_with(small(), Request::get(server.url("refused"))).unwrap();
    assert_eq!(refused.status, 503);
    assert!(text(refused).len() <= 256 << 10);
    let client = Client::new(small(), &mut |_| ()).unwrap();
    let sent = tokio::runtime::Runtime::new().unwrap().block_on(client.send(Request::get(server.url("x"))));
    assert_eq!(sent.unwrap().body.len(), 2 << 20, "the networks have another limit");
}

/// A byte now and then, in the head and in the body, ends long before the deadline.
#[test]
fn who_drips_is_left_by_pace() {
    let server = Server::start(|asked, out| {
        let head: &[u8] =
            if asked.path() == "body" { b"HTTP/1.1 200 OK\r\n\r\n" } else { b"HTTP/1.1 200 OK\r\nX-" };
        out.write_all(head)?;
        loop {
            out.write_all(b"a")?;
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let short = Duration::from_millis(500);
    let pace = Pace { head: short, idle: short, grace: short, bytes_per_second: 1 << 10 };
    let patient = Options { deadline: Duration::from_secs(3600), pace, ..options() };
    for path in ["head", "body"] {
        let error = fetch_with(patient.clone(), Request::get(server.url(path))).unwrap_err();
        assert_eq!((error.kind, error.sent), (Kind::Timeout, true), "{path}: {error}");
    }
}

/// What a gate sees: each hop, why it is made, and how many hold leave at a time.
#[derive(Default)]
struct Gate {
    hops: Mutex<Vec<(String, Hop)>>,
    holding: AtomicUsize,
}

struct Held(Arc<Gate>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.holding.fetch_sub(1, Ordering::SeqCst);
    }
}

fn admission(gate: &Arc<Gate>, pause: Duration) -> Admission {
    let gate = Arc::clone(gate);
    Admission::new(move |url, hop| {
        let (gate, path) = (Arc::clone(&gate), url.path().to_owned());
        async move {
            tokio::time::sleep(pause).await;
            gate.hops.lock().unwrap().push((path.clone(), hop));
            if path == "/closed" {
                return Err("not asked after it was annoyed".to_owned());
            }
            assert_eq!(gate.holding.fetch_add(1, Ordering::SeqCst), 0, "a hop waits while it holds leave");
            Ok(Box::new(Held(gate)) as Leave)
        }
    })
}

#[test]
fn every_hop_is_admitted_and_waiting_costs_no_deadline() {
    let server = Server::start(|asked, out| match asked.path() {
        "a" => reply(out, "301 Moved", "Location: /b\r\n", b""),
        "b" => reply(out, "302 Found", "Location: /c\r\n", b""),
        "shut" => reply(out, "302 Found", "Location: /closed\r\n", b""),
        "silent" => Ok(()),
        _ => reply(out, "200 OK", "", b"here"),
    });
    let gate = Arc::new(Gate::default());
    let pause = Duration::from_millis(400);
    let admission = Some(admission(&gate, pause));
    let gated = Options { admission, deadline: Duration::from_secs(1), ..options() };
    let began = Instant::now();
    assert_eq!(text(fetch_with(gated.clone(), Request::get(server.url("a"))).unwrap()), b"here");
    assert!(began.elapsed() >= 3 * pause, "each hop waits its turn");
    let error = fetch_with(gated.clone(), Request::get(server.url("shut"))).unwrap_err();
    assert_eq!((error.kind, error.sent), (Kind::Held, false), "{error}");
    assert!(error.message.ends_with("/closed: not asked after it was annoyed"), "{error}");
    assert_eq!(fetch_with(gated, Request::get(server.url("silent"))).unwrap_err().kind, Kind::Broken);
    let hop = |path: &str, hop| (path.to_owned(), hop);
    let expected = [
        hop("/a", Hop::First),
        hop("/b", Hop::Redirect),
        hop("/c", Hop::Redirect),
        hop("/shut", Hop::First),
        hop("/closed", Hop::Redirect),
        hop("/silent", Hop::First),
    ];
    assert_eq!(*gate.hops.lock().unwrap(), expected);
    assert_eq!(gate.holding.load(Ordering::SeqCst), 0, "leave comes back");
    assert_eq!(server.asked().len(), 5, "the closed door was not knocked at, and the silent one once");
}
