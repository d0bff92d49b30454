//! A webhook's receiver on loopback that notes every post it takes, and answers as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A receiver; its thread ends with the test's process.
#[derive(Clone)]
pub struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// It honours `Idempotency-Key`.
    keyed: bool,
    /// The answers to come; then 201.
    answers: VecDeque<Answer>,
    /// How often each key took effect, and with which bytes.
    effects: BTreeMap<String, u32>,
    /// Every request's key and body.
    requests: Vec<(String, Vec<u8>)>,
}

/// How a request is answered.
#[derive(Clone)]
pub enum Answer {
    /// With this status line and headers; only a 2xx takes effect.
    Status(&'static str),
    /// It takes effect, and the connection ends without an answer.
    TakeAndHangUp,
}

impl Receiver {
    pub fn start(keyed: bool) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { keyed, ..State::default() }));
        let receiver = Receiver { port, state };
        let server = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let server = server.clone();
                std::thread::spawn(move || server.serve(stream));
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub fn answer(&self, answers: &[Answer]) {
        self.state.lock().unwrap().answers.extend(answers.iter().cloned());
    }

    /// How often each key took effect.
    pub fn effects(&self) -> BTreeMap<String, u32> {
        self.state.lock().unwrap().effects.clone()
    }

    pub fn requests(&self) -> Vec<(String, Vec<u8>)> {
        self.state.lock().unwrap().requests.clone()
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        // A sender that was killed in the middle of a request has sent none.
        while let Some((key, body)) = request(&mut reader) {
            match self.take(key, body) {
                Answer::TakeAndHangUp => return,
                Answer::Status(head) => {
                    let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n");
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn take(&self, key: String, body: Vec<u8>) -> Answer {
        let mut state = self.state.lock().unwrap();
        let answer = state.answers.pop_front().unwrap_or(Answer::Status("201 Created\r\nLocation: /posts/1"));
        let effective = !matches!(&answer, Answer::Status(head) if !head.starts_with('2'));
        state.requests.push((key.clone(), body));
        if effective && !(state.keyed && state.effects.contains_key(&key)) {
            *state.effects.entry(key).or_default() += 1;
        }
        answer
    }
}

/// Reads one request: its key and body.
fn request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut key, mut length, mut line) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).ok()? > 0 {
        let (name, value) = line.split_once(':').unwrap_or((line.trim(), ""));
        match name.to_ascii_lowercase().as_str() {
            "" => {
                let mut body = vec![0; length];
                reader.read_exact(&mut body).ok()?;
                return Some((key, body));
            }
            "idempotency-key" => key = value.trim().to_owned(),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
        line.clear();
    }
    None
}
