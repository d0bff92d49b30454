//! One HTTP exchange, for talking to real servers beside the tools: HTTP/1.0 (RFC 1945), so that the answer ends with the
//! connection and comes in one piece. Redirects are not followed; nothing is verified.

use base64::Engine;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No answer may take longer: a test that waits for ever says nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    url: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// 200.
    pub status: u16,
    /// `name: value`, names in lower case.
    pub headers: Vec<String>,
    /// The body as text.
    pub body: String,
}

impl Request {
    /// GET of an `http://` address.
    pub fn get(url: impl Into<String>) -> Request {
        Request { method: "GET", url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// POST with JSON.
    pub fn post(url: impl Into<String>, body: &Value) -> Request {
        let request = Request { method: "POST", body: body.to_string().into_bytes(), ..Request::get(url) };
        request.header("Content-Type", "application/json")
    }

    /// POST of a form.
    pub fn form(url: impl Into<String>, fields: &[(&str, &str)]) -> Request {
        let request = Request { method: "POST", body: query(fields).into_bytes(), ..Request::get(url) };
        request.header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// The same with another method.
    pub fn method(mut self, method: &'static str) -> Request {
        self.method = method;
        self
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push(format!("{name}: {value}\r\n"));
        self
    }

    /// With `Authorization: Basic`.
    pub fn basic(self, user: &str, password: &str) -> Request {
        let pair = base64(format!("{user}:{password}").as_bytes());
        self.header("Authorization", &format!("Basic {pair}"))
    }

    /// With `Authorization: Bearer`.
    pub fn bearer(self, token: &str) -> Request {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Sends it and reads the whole answer; panics where nobody answers in HTTP within a minute.
    #[track_caller]
    pub fn send(self) -> Reply {
        let rest = self.url.strip_prefix("http://").unwrap_or_else(|| panic!("not http: {}", self.url));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let mut stream = TcpStream::connect(&address).unwrap_or_else(|e| panic!("{address}: {e}"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (method, headers, length) = (self.method, self.headers.concat(), self.body.len());
        let head =
            format!("{method} /{path} HTTP/1.0\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), &self.body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap_or_else(|e| panic!("{method} {}: {e}", self.url));
        Reply::parse(&String::from_utf8_lossy(&answer))
            .unwrap_or_else(|| panic!("{method} {}: not HTTP", self.url))
    }
}

impl Reply {
    fn parse(answer: &str) -> Option<Reply> {
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let lower = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some(format!("{}: {}", name.to_lowercase(), value.trim()))
        };
        Some(Reply { status, headers: lines.filter_map(lower).collect(), body: body.to_owned() })
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The body as JSON; panics, and says what came, where it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.body))
    }

    /// The body as JSON of an answer that is a success; panics with all of another.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "answered {}: {}", self.status, self.body);
        self.json()
    }
}

/// `a=1&b=2`, encoded as forms and queries are.
pub fn query(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_the_rfc() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn queries_are_encoded_by_bytes() {
        assert_eq!(query(&[("q", "a b&c"), ("x", "é")]), "q=a%20b%26c&x=%C3%A9");
    }
}
