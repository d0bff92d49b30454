//! A small web site on loopback, and a folder in which cm-fetch runs against it.

pub mod blog;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

/// What the site answers for a path.
#[derive(Clone, Default)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Page {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Page {
        Page { status, headers: Vec::new(), body: body.into() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Page {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// A request that the site received.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

#[derive(Default)]
struct Shared {
    pages: HashMap<String, Page>,
    seen: Vec<Seen>,
}

/// The site. A request whose `If-None-Match` is the page's ETag gets a 304.
pub struct Site {
    port: u16,
    shared: Arc<Mutex<Shared>>,
}

impl Site {
    pub fn start() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Site { port: listener.local_addr().unwrap().port(), shared: Arc::default() };
        let shared = Arc::clone(&site.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let _ = answer(stream, &shared);
                });
            }
        });
        site
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A path that ends in `*` answers for all that begin like it and have no answer of their own.
    pub fn put(&self, path: &str, page: Page) {
        self.shared.lock().unwrap().pages.insert(path.into(), page);
    }

    /// The requests since the last time it was asked.
    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.lock().unwrap().seen)
    }
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
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut shared = shared.lock().unwrap();
    shared.seen.push(Seen { path: path.clone(), headers: headers.clone(), body });
    let begins = |key: &str| key.strip_suffix('*').is_some_and(|beginning| path.starts_with(beginning));
    let alike = || shared.pages.iter().filter(|(key, _)| begins(key)).max_by_key(|(key, _)| key.len());
    let found = shared.pages.get(&path).or_else(|| Some(alike()?.1));
    let mut page = found.cloned().unwrap_or_else(|| Page::new(404, "no"));
    drop(shared);
    let etag = page.headers.iter().find(|(n, _)| n == "etag").map(|(_, v)| v.clone());
    if etag.is_some() && etag.as_ref() == headers.get("if-none-match") {
        page = Page { status: 304, body: Vec::new(), ..page };
    }
    let mut head =
        format!("HTTP/1.1 {} x\r\nconnection: close\r\ncontent-length: {}\r\n", page.status, page.body.len());
    for (name, value) in &page.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(&page.body)?;
    stream.flush()
}

/// Now, for every run that does not say otherwise.
pub const NOW: &str = "2026-11-22T12:00:00Z";

/// A folder with a store, an archive and nothing else.
pub struct Place {
    pub dir: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place { dir: tempfile::tempdir().unwrap() }
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cm-fetch"));
        command.args(args).current_dir(self.dir.path()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.dir.path()).env("CM_ALLOW_PRIVATE", "1").env("CM_CLOCK", NOW);
        command
            .env("XDG_STATE_HOME", self.dir.path().join("state"))
            .env("PATH", std::env::var_os("PATH").unwrap());
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }

    pub fn run_at(&self, clock: &str, args: &[&str]) -> Run {
        Run::of(self.command(args).env("CM_CLOCK", clock).output().unwrap())
    }

    pub fn run_with_stdin(&self, args: &[&str], stdin: &[u8]) -> Run {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(stdin).unwrap();
        Run::of(child.wait_with_output().unwrap())
    }

    /// The lines of the archive's files, in order.
    pub fn archived(&self) -> Vec<serde_json::Value> {
        let mut files: Vec<_> =
            std::fs::read_dir(self.dir.path().join("archive")).unwrap().map(|f| f.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|ext| ext == "jsonl"));
        files.sort();
        let mut text = String::new();
        for file in files {
            std::fs::File::open(file).unwrap().read_to_string(&mut text).unwrap();
        }
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// What a run did.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub fn items(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn titles(&self) -> Vec<String> {
        self.items().iter().map(|item| item["title"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Asserts exit 0 and silence on stderr.
    pub fn quiet(self) -> Run {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{self:?}");
        self
    }
}

/// An RSS feed with one item per (guid, date).
pub fn rss(items: &[(&str, &str)]) -> String {
    let items: String = items
        .iter()
        .map(|(name, date)| {
            format!("<item><title>{name}</title><guid isPermaLink='false'>{name}</guid><link>/{name}</link><pubDate>{date}</pubDate><description>About {name}.</description></item>")
        })
        .collect();
    format!(
        "<rss version='2.0'><channel><title>News</title><link>https://news.example/</link>{items}</channel></rss>"
    )
}

/// Days that the seven days reach.
pub const TODAY: &str = "Sun, 22 Nov 2026 08:00:00 GMT";
