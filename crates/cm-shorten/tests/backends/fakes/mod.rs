//! Shorteners that answer as their documentation and sources say, and as servers do on bad days. One file each; its head
//! says what is measured, read in source, documented or assumed. None of the real ones was asked.

pub mod bitly;
pub mod dub;
pub mod isgd;
pub mod kutt;
pub mod shlink;
pub mod tinyurl;
pub mod yourls;

use crate::server::{Asked, Server, reply};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Status, headers, body.
#[derive(Clone, Debug)]
pub struct Answer(pub u16, pub String, pub Vec<u8>);

pub fn json(status: u16, value: &Value) -> Answer {
    Answer(status, "Content-Type: application/json\r\n".to_owned(), value.to_string().into_bytes())
}

/// How the next question is answered instead.
#[derive(Clone, Debug)]
pub enum Mood {
    Say(Answer),
    /// Does what is asked, but the answer breaks off in the middle.
    Cut,
    /// Does what is asked, and answers much later.
    Slow(Duration),
    /// A body of so many bytes.
    Huge(usize),
    /// Does what is asked, and tells this header with it.
    With(String),
}

/// A service's mind.
pub trait Service: Send + 'static {
    fn answer(&mut self, asked: &Asked) -> Answer;
}

pub struct Fake<S> {
    pub server: Server,
    pub state: Arc<Mutex<S>>,
    moods: Arc<Mutex<VecDeque<Mood>>>,
}

impl<S: Service> Fake<S> {
    pub fn start(service: S) -> Fake<S> {
        let state = Arc::new(Mutex::new(service));
        let moods: Arc<Mutex<VecDeque<Mood>>> = Arc::default();
        let (mind, mood) = (Arc::clone(&state), Arc::clone(&moods));
        let server = Server::start(move |asked, out| {
            let next = mood.lock().unwrap().pop_front();
            let think = || mind.lock().unwrap().answer(asked);
            match next {
                None => send(out, &think()),
                Some(Mood::Say(answer)) => send(out, &answer),
                Some(Mood::With(header)) => {
                    let Answer(status, headers, body) = think();
                    send(out, &Answer(status, format!("{headers}{header}\r\n"), body))
                }
                Some(Mood::Slow(wait)) => {
                    let answer = think();
                    std::thread::sleep(wait);
                    send(out, &answer)
                }
                Some(Mood::Cut) => {
                    let Answer(status, headers, body) = think();
                    let length = body.len();
                    write!(out, "HTTP/1.1 {status} Cut\r\n{headers}Content-Length: {length}\r\n\r\n")?;
                    out.write_all(&body[..length / 2])
                }
                Some(Mood::Huge(bytes)) => {
                    write!(out, "HTTP/1.1 200 Huge\r\nContent-Length: {bytes}\r\n\r\n")?;
                    let part = vec![b' '; 64 << 10];
                    (0..bytes / part.len()).try_for_each(|_| out.write_all(&part))
                }
            }
        });
        Fake { server, state, moods }
    }

    pub fn next(&self, mood: Mood) {
        self.moods.lock().unwrap().push_back(mood);
    }

    pub fn say(&self, status: u16, headers: &str, body: &str) {
        self.next(Mood::Say(Answer(status, headers.to_owned(), body.as_bytes().to_vec())));
    }

    /// How many questions came.
    pub fn questions(&self) -> usize {
        self.server.asked().len()
    }

    pub fn url(&self) -> String {
        self.server.url("").as_str().trim_end_matches('/').to_owned()
    }
}

fn send(out: &mut std::net::TcpStream, Answer(status, headers, body): &Answer) -> std::io::Result<()> {
    reply(out, &format!("{status} Said"), headers, body)
}

/// The path of what was asked, without its query.
pub fn path(asked: &Asked) -> &str {
    asked.path().split('?').next().unwrap()
}

pub fn method(asked: &Asked) -> &str {
    asked.line.split(' ').next().unwrap()
}

/// The query's or the form's pairs.
pub fn query(asked: &Asked) -> HashMap<String, String> {
    pairs(asked.path().split_once('?').map_or("", |(_, query)| query).as_bytes())
}

pub fn form(asked: &Asked) -> HashMap<String, String> {
    pairs(&asked.body)
}

fn pairs(bytes: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

pub fn body(asked: &Asked) -> Value {
    serde_json::from_slice(&asked.body).unwrap()
}
