//! A server in the middle that loses answers. Documented facts it stands on: HTTP/1.1 framing (RFC 9112); `Connection:
//! close` makes the end of the answer the end of the connection. Assumed: requests have a Content-Length or no body.
//! Addresses of the server in its answers become the proxy's, of the same length, so that whoever follows them stays here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a server is still at it after the client has lost the connection.
const LATE: Duration = Duration::from_millis(1_500);

/// What happens to the first request that publishes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// The server acts, and its answer is lost.
    AnswerLost,
    /// The connection is lost first, and the server acts a while later.
    DoneLate,
}

/// A running proxy; it ends with the process.
pub struct Proxy {
    /// Where it listens, written as the server's address is.
    pub url: String,
    struck: Arc<AtomicUsize>,
    working: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Route {
    /// `127.0.0.1:18080`.
    server: String,
    /// The proxy's own address, of the same length.
    here: String,
    fault: Fault,
    publishes: fn(&str) -> bool,
    struck: Arc<AtomicUsize>,
    working: Arc<AtomicUsize>,
}

impl Proxy {
    /// Before the server at an `http://` address; `publishes` knows the request lines of publishing requests.
    pub fn start(url: &str, fault: Fault, publishes: fn(&str) -> bool) -> Proxy {
        let server = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let host = server.split(':').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = format!("{host}:{}", listener.local_addr().unwrap().port());
        assert_eq!(here.len(), server.len(), "ports of five digits");
        let (struck, working) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let proxy = Proxy { url: format!("http://{here}"), struck: struck.clone(), working: working.clone() };
        let route = Route { server, here, fault, publishes, struck, working };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let route = route.clone();
                std::thread::spawn(move || route.serve(stream));
            }
        });
        proxy
    }

    /// How many requests met the fault.
    pub fn struck(&self) -> usize {
        self.struck.load(Ordering::SeqCst)
    }

    /// Waits until nothing is on its way to the server.
    pub fn rest(&self) {
        while self.working.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Route {
    fn serve(&self, mut client: TcpStream) -> Option<()> {
        let (line, request) = self.read(&client)?;
        let strikes = (self.publishes)(&line) && self.struck.fetch_add(1, Ordering::SeqCst) == 0;
        if !strikes {
            let answer = self.forward(&request)?;
            return client.write_all(&answer).ok();
        }
        self.working.fetch_add(1, Ordering::SeqCst);
        if self.fault == Fault::DoneLate {
            drop(client);
            std::thread::sleep(LATE);
            self.forward(&request);
        } else {
            self.forward(&request);
            drop(client);
        }
        self.working.fetch_sub(1, Ordering::SeqCst);
        Some(())
    }

    /// The request line, and the request as it is handed on.
    fn read(&self, client: &TcpStream) -> Option<(String, Vec<u8>)> {
        let mut reader = BufReader::new(client);
        let (mut line, mut head, mut length) = (String::new(), String::new(), 0);
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok().filter(|read| *read > 0)?;
            let lower = header.to_ascii_lowercase();
            if header == "\r\n" {
                break;
            }
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            // Packed answers could not be read for addresses.
            if !["connection:", "host:", "accept-encoding:"].iter().any(|name| lower.starts_with(name)) {
                head.push_str(&header);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let head = format!("{line}Host: {}\r\nConnection: close\r\n{head}\r\n", self.server);
        Some((line, [head.into_bytes(), body].concat()))
    }

    fn forward(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut server = TcpStream::connect(&self.server).ok()?;
        server.write_all(request).ok()?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).ok()?;
        let (from, to) = (self.server.as_bytes(), self.here.as_bytes());
        let mut at = 0;
        while at + from.len() <= answer.len() {
            if answer[at..].starts_with(from) {
                answer[at..at + to.len()].copy_from_slice(to);
            }
            at += 1;
        }
        Some(answer)
    }
}
