//! A server that answers in all the ways that servers do, by the path. It is every host of 127.0.0.0/8 at once, so that
//! pages can be on hosts of their own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub struct Site {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub fn new() -> Site {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let site = Site { port: listener.local_addr().unwrap().port(), asked: Arc::default() };
        let asked = Arc::clone(&site.asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = Arc::clone(&asked);
                std::thread::spawn(move || answer(stream, &asked));
            }
        });
        site
    }

    /// A page on host 127.0.0.`host`.
    pub fn on(&self, host: u8, path: &str) -> String {
        format!("http://127.0.0.{host}:{}/{path}", self.port)
    }

    /// `HEAD /path` of every question so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    while lines.next().is_some_and(|line| !line.is_empty()) {}
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap_or_default());
    let count = {
        let mut asked = asked.lock().unwrap();
        asked.push(format!("{method} {path}"));
        asked.iter().filter(|line| line.ends_with(path)).count()
    };
    let to = |status: u16, to: &str| (status, format!("Location: {to}\r\n"), String::new());
    let plain = |status: u16| (status, String::new(), String::new());
    let elsewhere = format!("http://127.0.0.7:{}", stream.local_addr().unwrap().port());
    let hop: u32 = path.trim_start_matches("/long").parse().unwrap_or_default();
    let (status, headers, body) = match (path, method) {
        ("/no-head", "HEAD") => plain(405),
        ("/wrong-head", "HEAD") => plain(404),
        ("/gone" | "/new/gone", _) => plain(404),
        ("/moved", _) => to(301, "/new/place?a=b+c"),
        ("/front", _) => to(301, "/"),
        ("/temporary", _) => to(302, "/today"),
        ("/loop", _) => to(301, "/loop"),
        (path, _) if path.starts_with("/long") => to(302, &format!("/long{}", hop + 1)),
        ("/endless", "HEAD") => plain(403),
        ("/broken", _) => return,
        ("/script", _) => to(302, "javascript:alert(1)"),
        ("/own", _) => to(301, "https://go.acme.example/x"),
        ("/forbidden", _) => plain(403),
        ("/trouble", _) => plain(503),
        ("/busy" | "/busy-too" | "/busy-three", _) => {
            (429, "Retry-After: 3600\r\n".to_owned(), String::new())
        }
        ("/soon", _) if count == 1 => (503, "Retry-After: 1\r\n".to_owned(), String::new()),
        ("/s/moved", _) => to(301, &format!("{elsewhere}/article?id=7&x=%7E")),
        ("/s/chain", _) => to(302, "/s/moved"),
        ("/s/meta", "GET") => {
            (200, String::new(), format!("<meta http-equiv=refresh content='0;URL={elsewhere}/article?m=1'>"))
        }
        ("/s/dead", _) => plain(404),
        _ => (200, String::new(), "<p>here</p>".to_owned()),
    };
    let length = if path == "/endless" { 1 << 30 } else { body.len() };
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes());
    if method == "GET" {
        let _ = stream.write_all(body.as_bytes());
        while path == "/endless" && stream.write_all(&[b'x'; 65_536]).is_ok() {}
    }
}
