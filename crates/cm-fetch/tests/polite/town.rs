//! A town of web sites on loopback, each at an address of its own, that live in simulated time. In: what each path answers.
//! Out: the log of every request with the simulated time at which it came, and the answer that it got.

use crate::site::Page;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request, as an answer is made to it.
pub struct Question<'a> {
    /// How many requests its source had before.
    pub n: usize,
    /// The simulated time.
    pub at: DateTime<Utc>,
    pub path: &'a str,
    pub headers: &'a HashMap<String, String>,
}

/// What answers for a source, whose name is the first part of its paths.
pub type Answer = Arc<dyn Fn(&Question) -> Page + Send + Sync>;

/// A request that came, and what it got.
#[derive(Clone)]
pub struct Asked {
    pub at: DateTime<Utc>,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub page: Page,
}

impl Asked {
    /// The source that it is for.
    pub fn source(&self) -> &str {
        first_part(&self.path)
    }
}

#[derive(Default)]
struct Shared {
    now: DateTime<Utc>,
    answers: HashMap<String, Answer>,
    log: Vec<Asked>,
    /// How many each source had.
    counts: HashMap<String, usize>,
}

/// The town.
#[derive(Default)]
pub struct Town {
    shared: Arc<Mutex<Shared>>,
    hosts: Vec<(String, String)>,
}

impl Town {
    /// Where a host is, which comes to be when it is first named.
    pub fn host(&mut self, name: &str) -> String {
        if let Some((_, at)) = self.hosts.iter().find(|(known, _)| known == name) {
            return at.clone();
        }
        let number = self.hosts.len() + 1;
        let listener =
            TcpListener::bind(format!("127.0.{}.{}:0", 1 + number / 200, 1 + number % 200)).unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, &shared));
            }
        });
        self.hosts.push((name.to_owned(), at.clone()));
        at
    }

    /// What answers for a source.
    pub fn put(&self, source: &str, answer: Answer) {
        self.shared.lock().unwrap().answers.insert(source.to_owned(), answer);
    }

    /// The time of requests from now on.
    pub fn set(&self, now: DateTime<Utc>) {
        self.shared.lock().unwrap().now = now;
    }

    /// All requests, in the order in which they came.
    pub fn log(&self) -> Vec<Asked> {
        self.shared.lock().unwrap().log.clone()
    }
}

fn first_part(path: &str) -> &str {
    path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default()
}

fn answer(mut stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let page = {
        let mut shared = shared.lock().unwrap();
        let source = first_part(&path);
        let count = shared.counts.entry(source.to_owned()).or_default();
        let n = std::mem::replace(count, *count + 1);
        let question = Question { n, at: shared.now, path: &path, headers: &headers };
        let page =
            shared.answers.get(source).map_or_else(|| Page::new(404, "no"), |answer| answer(&question));
        let at = shared.now;
        shared.log.push(Asked { at, path, headers, page: page.clone() });
        page
    };
    let length = page.body.len();
    let mut head = format!("HTTP/1.1 {} x\r\nconnection: close\r\ncontent-length: {length}\r\n", page.status);
    for (name, value) in &page.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(&page.body)?;
    stream.flush()
}
