//! A person's browser, as far as a web server can tell: one GET, redirects shown and not followed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Asks for an address and prints the body; of a redirect, where it leads. `at` is where to connect instead of the host.
pub(crate) fn get(url: &str, at: Option<&str>) -> Result<(), String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let answer = ask(at.unwrap_or(host), host, path).map_err(|e| format!("{url}: {e}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("{url}: no HTTP answer"))?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with(['2', '3']) {
        return Err(format!("{url}: {}", head.lines().next().unwrap_or_default()));
    }
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| format!("{}\n", value.trim()))
    });
    let shown = location.as_deref().unwrap_or(body);
    std::io::stdout().write_all(shown.as_bytes()).map_err(|e| e.to_string())
}

fn ask(address: &str, host: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(16 * 1024 * 1024).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
