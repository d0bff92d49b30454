//! A loopback HTTP server of a few lines: a closure answers, and what was asked is kept.
//! Documented facts it stands on: HTTP/1.1 framing (RFC 9112), one request a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request: its line, its headers in lower case, its body.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `GET /feed HTTP/1.1`.
    pub line: String,
    /// `name: value`, names in lower case.
    pub headers: Vec<String>,
    /// By Content-Length.
    pub body: Vec<u8>,
}

impl Asked {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// What was asked for: path and query.
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or("")
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `200 OK`.
    pub status: &'static str,
    /// Header lines without their ends.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// 200 with a body.
    pub fn ok(content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status: "200 OK", headers: vec![format!("Content-Type: {content_type}")], body: body.into() }
    }

    /// Only a status.
    pub fn status(status: &'static str) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new() }
    }
}

/// A running server; it ends with the process.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts one on a free port of 127.0.0.1; each request is answered on a thread of its own.
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let (log, answer) = (Arc::clone(&server.asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        server
    }

    /// An address on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Everything asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Answer) {
    let Some(asked) = read(&mut stream) else { return };
    log.lock().unwrap().push(asked.clone());
    let Answer { status, headers, body } = answer(&asked);
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // A client that was killed closes: that is what some tests are about.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let line = lines.next()?;
    let headers = lines
        .map(|h| h.split_once(": ").map_or_else(|| h.clone(), |(n, v)| format!("{}: {v}", n.to_lowercase())))
        .collect();
    let mut asked = Asked { line, headers, body: Vec::new() };
    asked.body.resize(asked.header("content-length").map_or(0, |n| n.parse().unwrap_or(0)), 0);
    reader.read_exact(&mut asked.body).ok()?;
    Some(asked)
}
