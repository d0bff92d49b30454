//! One request and its answer: GET and HEAD, as an origin (`GET /feed.xml`) or as a proxy for the sample's hosts
//! (`GET http://blog.acme-roast.example/feed.xml`), conditional by ETag and Last-Modified.

use crate::files::{Page, Site};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The most of a request's head that is read, in bytes.
const HEAD: u64 = 16 * 1024;

/// What was asked.
#[derive(Debug, Default, PartialEq)]
struct Request {
    method: String,
    host: String,
    path: String,
    none_match: Option<String>,
    modified_since: Option<String>,
}

/// Answers one request and closes; whoever says nothing for ten seconds is hung up on.
pub(crate) fn answer(mut stream: TcpStream, site: &Site) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let answer = match read(&stream) {
        Some(request) if request.method == "GET" || request.method == "HEAD" => {
            respond(&request, site.page(&request.host, &request.path))
        }
        Some(_) => plain("405 Method Not Allowed"),
        None => plain("400 Bad Request"),
    };
    let _ = stream.write_all(answer.as_bytes());
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream.take(HEAD)).lines();
    let first = lines.next()?.ok()?;
    let mut words = first.split(' ');
    let mut request = Request { method: words.next()?.to_owned(), ..Request::default() };
    let target = words.next()?;
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim().to_owned();
        match name.to_ascii_lowercase().as_str() {
            "host" => request.host = value,
            "if-none-match" => request.none_match = Some(value),
            "if-modified-since" => request.modified_since = Some(value),
            _ => {}
        }
    }
    let path = match target.strip_prefix("http://") {
        Some(absolute) => {
            let (host, path) = absolute.split_once('/').unwrap_or((absolute, ""));
            request.host = host.to_owned();
            path
        }
        None => target,
    };
    request.host = request.host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    request.path = path.split(['?', '#']).next().unwrap_or_default().to_owned();
    Some(request)
}

fn respond(request: &Request, page: Option<Page>) -> String {
    let Some(page) = page else { return plain("404 Not Found") };
    let Page { kind, body, etag, modified } = page;
    let known = match (&request.none_match, &request.modified_since) {
        (Some(tags), _) => tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag),
        (None, since) => since.as_deref() == Some(modified.as_str()),
    };
    let validators = format!("ETag: {etag}\r\nLast-Modified: {modified}\r\nConnection: close\r\n");
    if known {
        return format!("HTTP/1.1 304 Not Modified\r\n{validators}\r\n");
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{validators}\r\n",
        body.len()
    );
    if request.method == "HEAD" { head } else { head + &body }
}

fn plain(status: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{status}\n",
        status.len() + 1
    )
}
