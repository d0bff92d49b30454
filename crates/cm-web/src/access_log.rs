//! A line of a web server's access log: common, combined, with the virtual host in front, and what nginx adds behind.
//! In: a line. Out: its parts, unescaped; nothing of it is kept longer than that.
//!
//! `[HOST[:PORT]] ADDRESS IDENT USER [TIME] "REQUEST" STATUS BYTES ["REFERRER" "AGENT" ["FORWARDED"] ...]`

use crate::json_log;
use chrono::{DateTime, NaiveDate};
use std::borrow::Cow;
use std::net::IpAddr;

/// A request as logged.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    /// The virtual host, where the log carries it.
    pub host: Option<Cow<'a, str>>,
    /// Who asked: an address or a name, as logged.
    pub address: Cow<'a, str>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// The method; empty when the request was no HTTP.
    pub method: Cow<'a, str>,
    /// What was asked for, with its query; empty when the request was no HTTP.
    pub target: Cow<'a, str>,
    /// The answer's status.
    pub status: u16,
    /// `Referer`, empty when there was none or the log has none.
    pub referrer: Cow<'a, str>,
    /// `User-Agent`; `None` when the log has none at all.
    pub agent: Option<Cow<'a, str>>,
    /// The client behind a proxy, where the log carries it.
    pub forwarded: Option<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    /// Reads a line; `None` when it is not one of a log.
    pub fn parse(line: &'a str) -> Option<Entry<'a>> {
        let (head, time, rest) = split_time(line)?;
        let (host, address) = client(head)?;
        let (request, rest) = quoted(rest.trim_start())?;
        let mut fields = rest.trim_start().splitn(3, ' ');
        let status = status(fields.next()?)?;
        let bytes = fields.next().unwrap_or("-");
        if bytes != "-" && !bytes.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut rest = fields.next().unwrap_or("").trim_start();
        let referrer = next_quoted(&mut rest);
        let agent = next_quoted(&mut rest);
        let forwarded =
            next_quoted(&mut rest).filter(|text| is_address(text.split(',').next().unwrap_or("")));
        let (method, target) = split_request(request);
        let referrer = referrer.filter(|text| text != "-").unwrap_or_default();
        let (host, address) = (host.map(Cow::Borrowed), Cow::Borrowed(address));
        Some(Entry { host, address, at_ms: time, method, target, status, referrer, agent, forwarded })
    }

    /// Reads a line of one of these logs, or of one that is JSON: Caddy's, Cloudflare's, Netlify's.
    pub fn read(line: &'a str) -> Option<Entry<'a>> {
        if line.starts_with('{') { json_log::parse(line) } else { Entry::parse(line) }
    }

    /// The target without its query and fragment, and without the origin that a proxy request carries.
    pub fn path(&self) -> &str {
        let target = self.target.as_ref();
        let target = match target.split_once("://") {
            Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => {
                rest.find('/').map_or("/", |at| &rest[at..])
            }
            _ => target,
        };
        target.split(['?', '#']).next().unwrap_or(target)
    }

    /// The target's query, without `?`.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or(query))
    }

    /// Whether a page was shown: a GET that was answered with one. Pictures, styles, scripts, feeds and the like are not.
    pub fn is_page(&self) -> bool {
        let name = self.path().rsplit('/').next().unwrap_or("");
        let page = match name.rsplit_once('.') {
            None => !name.eq_ignore_ascii_case("feed") && !self.path().ends_with("/feed/"),
            Some((_, ending)) => {
                let ending = ending.to_ascii_lowercase();
                // A dot in a title (`/v1.2-is-out`) is no file type.
                matches!(ending.as_str(), "html" | "htm" | "xhtml" | "php" | "asp" | "aspx" | "jsp" | "md")
                    || ending.len() > 5
                    || ending.contains('-')
            }
        };
        page && self.method == "GET"
            && (matches!(self.status, 200 | 203 | 304))
            && self.path().starts_with('/')
    }
}

/// `(before, milliseconds, after)` of the first `[TIME]`.
fn split_time(line: &str) -> Option<(&str, i64, &str)> {
    let open = line.find(" [")?;
    let close = open + line[open..].find(']')?;
    let time = &line[open + 2..close];
    Some((&line[..open], instant(time)?, &line[close + 1..]))
}

/// `10/Oct/2026:13:55:36 -0700`, with or without a fraction, or RFC 3339.
fn instant(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if text.as_bytes().get(4) == Some(&b'-') {
        return DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis());
    }
    let (date, rest) = text.split_once(':')?;
    let (clock, offset) = rest.split_once(' ')?;
    let mut date = date.split('/');
    let day = number(date.next()?)?;
    let month_name = date.next()?;
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month_name)?.1;
    let year = i32::try_from(number(date.next()?)?).ok()?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut clock = clock.split(':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    // A leap second counts as the second before.
    let wall = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second.min(59))?;
    let ms: i64 = format!("{:0<3}", fraction.get(..3).unwrap_or(fraction)).parse().ok()?;
    Some(wall.and_utc().timestamp_millis() + ms - offset_ms(offset)?)
}

fn offset_ms(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    Some(sign * (i64::from(number(hours)?) * 3_600_000 + i64::from(number(minutes)?) * 60_000))
}

fn number(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// `(host, address)` of what stands before the time.
fn client(head: &str) -> Option<(Option<&str>, &str)> {
    let mut fields = head.split_ascii_whitespace();
    let first = fields.next()?.trim_end_matches(',');
    let second = fields.next();
    match second {
        Some(second) if !is_address(first) && is_address(second) => Some((Some(without_port(first)), second)),
        _ => Some((None, first)),
    }
}

fn is_address(text: &str) -> bool {
    text.trim().trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn status(text: &str) -> Option<u16> {
    if text == "-" {
        return Some(0);
    }
    (text.len() == 3).then(|| text.parse().ok()).flatten()
}

/// What stands between a leading quote and the next one that is not escaped, and the rest.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((&inner[..at], &inner[at + 1..])),
            _ => {}
        }
    }
    None
}

/// The next quoted field, unescaped; fields without quotes before it are passed over. Its absence is no error.
fn next_quoted<'a>(rest: &mut &'a str) -> Option<Cow<'a, str>> {
    let at = rest.find('"')?;
    let (inner, after) = quoted(&rest[at..])?;
    *rest = after;
    Some(unescape(inner))
}

fn split_request(request: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    let mut parts = request.split(' ');
    let method = parts.next().unwrap_or("");
    let known =
        !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-' || b == b'_');
    match request.get(method.len() + 1..) {
        Some(rest) if known => {
            let target = rest.rsplit_once(" HTTP/").map_or(rest, |(target, _)| target);
            (Cow::Borrowed(method), unescape(target))
        }
        _ => (Cow::Borrowed(""), Cow::Borrowed("")),
    }
}

/// Takes off what servers put on: `\"`, `\\`, and `\xHH` for other bytes.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16));
        (bytes, rest) = match (first, tail.first(), hex(1), hex(2)) {
            (b'\\', Some(b'x'), Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                (bytes, &tail[3..])
            }
            (b'\\', Some(next), ..) => {
                bytes.push(*next);
                (bytes, &tail[1..])
            }
            _ => {
                bytes.push(*first);
                (bytes, tail)
            }
        };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMBINED: &str = r#"192.0.2.7 - - [20/Nov/2026:09:15:02 +0100] "GET /blog/a?utm_source=x HTTP/1.1" 200 512 "https://www.google.com/" "Mozilla/5.0 (X11)""#;

    #[test]
    fn combined() {
        let entry = Entry::parse(COMBINED).unwrap();
        assert_eq!((entry.address.as_ref(), &entry.host, entry.status), ("192.0.2.7", &None, 200));
        assert_eq!(entry.at_ms, 1_795_162_502_000);
        assert_eq!((entry.path(), entry.query()), ("/blog/a", "utm_source=x"));
        assert_eq!(entry.referrer, "https://www.google.com/");
        assert_eq!(entry.agent.as_deref(), Some("Mozilla/5.0 (X11)"));
        assert!(entry.is_page());
    }

    #[test]
    fn variants() {
        let common =
            Entry::parse(r#"2001:db8::1 - ana b [20/Nov/2026:08:15:02 +0000] "GET / HTTP/2.0" 304 -"#)
                .unwrap();
        assert_eq!(
            (common.address.as_ref(), common.agent, common.referrer.as_ref()),
            ("2001:db8::1", None, "")
        );
        let vhost = format!("blog.acme.example:443 {COMBINED}");
        let vhost = Entry::parse(&vhost).unwrap();
        assert_eq!((vhost.host.as_deref(), vhost.address.as_ref()), (Some("blog.acme.example"), "192.0.2.7"));
        let proxied = format!("{COMBINED} \"203.0.113.9, 10.0.0.1\" rt=0.003");
        assert_eq!(Entry::parse(&proxied).unwrap().forwarded.as_deref(), Some("203.0.113.9, 10.0.0.1"));
        let iso = COMBINED.replace("20/Nov/2026:09:15:02 +0100", "2026-11-20T09:15:02+01:00");
        assert_eq!(Entry::parse(&iso).unwrap().at_ms, 1_795_162_502_000);
        let fraction = COMBINED.replace(":02 +", ":02.250 +");
        assert_eq!(Entry::parse(&fraction).unwrap().at_ms, 1_795_162_502_250);
    }

    #[test]
    fn escapes_and_garbage() {
        let quotes = COMBINED.replace("Mozilla/5.0 (X11)", r#"a \"b\" \\ \xc3\xa9 \x"#);
        assert_eq!(Entry::parse(&quotes).unwrap().agent.as_deref(), Some("a \"b\" \\ é x"));
        let tls = COMBINED.replace("GET /blog/a?utm_source=x HTTP/1.1", r"\x16\x03\x01");
        let entry = Entry::parse(&tls).unwrap();
        assert_eq!((entry.method.as_ref(), entry.is_page()), ("", false));
        let dash = r#"192.0.2.7 - - [20/Nov/2026:09:15:02 +0100] "-" 408 - "-" "-""#;
        assert_eq!(Entry::parse(dash).unwrap().referrer, "");
        let spaces = COMBINED.replace("/blog/a?utm_source=x", "/a b c");
        assert_eq!(Entry::parse(&spaces).unwrap().target, "/a b c");
        for line in [
            "",
            "hello",
            r#"{"id":"x"}"#,
            "a - - [x] \"GET / HTTP/1.1\" 200 1",
            &COMBINED[..60],
            "date,visits",
        ] {
            assert_eq!(Entry::parse(line), None, "{line}");
        }
    }

    #[test]
    fn pages_are_told_from_files() {
        for (target, wanted) in [
            ("/", true),
            ("/a/b", true),
            ("/a.html?x=y.css", true),
            ("/v1.2-is-out", true),
            ("/a.css", false),
            ("/robots.txt", false),
            ("/feed", false),
            ("/blog/feed/", false),
            ("http://acme.example/x", true),
        ] {
            let line = COMBINED.replace("/blog/a?utm_source=x", target);
            assert_eq!(Entry::parse(&line).unwrap().is_page(), wanted, "{target}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(line in "\\PC*") {
            let _ = Entry::parse(&line);
        }

        #[test]
        fn any_shape_of_line_is_answered(line in r#"[0-9a-f:.]{0,12} - [^\[]{0,5} \[[0-9A-Za-z/: +-]{0,30}\] "[ -~]{0,40}" [0-9-]{0,4} [0-9-]{0,4} ("[ -~]{0,20}" ?){0,3}"#) {
            if let Some(entry) = Entry::parse(&line) {
                let _ = (entry.path().len(), entry.query().len(), entry.is_page());
            }
        }

        #[test]
        fn what_was_escaped_comes_back(agent in "[ -~é日]{0,40}") {
            let escaped: String = agent.chars().map(|c| match c {
                '"' | '\\' => format!("\\{c}"),
                c if !c.is_ascii() => c.to_string().bytes().map(|b| format!("\\x{b:02x}")).collect(),
                c => c.to_string(),
            }).collect();
            let line = COMBINED.replace("Mozilla/5.0 (X11)", &escaped);
            let entry = Entry::parse(&line).unwrap();
            prop_assert_eq!(entry.agent.as_deref(), Some(agent.as_str()));
        }
    }
}
