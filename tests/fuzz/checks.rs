//! What must hold of each parser of cm-fetch, whatever it is given. In: any bytes. The fuzz targets call these with bytes
//! of their own making; crates/cm-fetch/tests/corpus.rs replays what they found.

use cm_fetch::probe;
use cm_record::Record;

/// A target and what it checks.
pub type Check = (&'static str, fn(&[u8]));

/// All of them.
pub const CHECKS: [Check; 9] = [
    ("feed", feed),
    ("json_feed", json_feed),
    ("opml", opml),
    ("date", date),
    ("charset", charset),
    ("html", html),
    ("page", page),
    ("headers", headers),
    ("codings", codings),
];

/// Any document: reading it never falls over, and reads the same every time; every record of it is a good line.
pub fn feed(bytes: &[u8]) {
    let records = probe::feed(bytes, None);
    for record in &records {
        assert!(Record::parse(record.line()).is_ok_and(|again| again.item().is_ok()));
        assert!(!record.line().contains('\n') && record.line().len() < 4 << 20);
    }
    assert_eq!(probe::feed(bytes, None), records);
}

/// Any list of items: the ones before it are read.
pub fn json_feed(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let before = r#"{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"content_text":"x"}"#;
    let records = probe::feed(format!("{before},{text}").as_bytes(), Some("utf-8"));
    assert!(!records.is_empty());
    feed(bytes);
}

/// Any OPML: a bad row costs no other.
pub fn opml(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (rows, good) = probe::opml(&text);
    assert!(good <= rows);
    let one_more = format!("<opml><body><outline xmlUrl='https://a.example/'/></body></opml>{text}");
    assert!(probe::opml(&one_more).1 > 0);
}

/// Any date: what is read is an instant that reads as itself.
pub fn date(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(read) = probe::date(&text) {
        assert_eq!(probe::date(&read).as_deref(), Some(&*read));
    }
}

/// A label on the first line, then any bytes: what comes out is text that XML allows.
pub fn charset(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let label = String::from_utf8_lossy(&bytes[..end]);
    let text = probe::text(&bytes[end..], Some(&label));
    assert!(text.chars().all(|c| c >= ' ' || "\t\n\r".contains(c)));
    let _ = probe::text(bytes, None);
}

/// Any HTML: the text is bounded, and nothing stands around it. A NUL becomes U+FFFD, which takes three bytes. Its title is a
/// line, whatever charset it names.
pub fn html(bytes: &[u8]) {
    let html = String::from_utf8_lossy(bytes);
    for with_links in [false, true] {
        let text = probe::html(&html, with_links);
        assert!(text.len() <= html.len() * 3 + 4 && text.trim_end() == text);
    }
    if let Some(title) = probe::title(bytes) {
        assert!(!title.is_empty() && title.len() <= 4096 && title.trim() == title && !title.contains('\n'));
    }
}

/// Any page: what it offers are addresses of the web, and few.
pub fn page(bytes: &[u8]) {
    let offered = probe::page(&String::from_utf8_lossy(bytes));
    assert!(offered.len() <= 20 && offered.iter().all(|url| url.starts_with("http")));
}

/// Any header: a pause is bounded, and a link's target is a part of it.
pub fn headers(bytes: &[u8]) {
    let value = String::from_utf8_lossy(bytes);
    let now = chrono::DateTime::UNIX_EPOCH;
    if let Some(at) = cm_net::retry_after(&value, now) {
        assert!(at >= now && (at - now).num_days() <= 366);
    }
    if let Some(target) = cm_net::probe::link(&value, "next") {
        assert!(value.contains(target));
    }
}

/// A byte that chooses, then a body with that coding: what comes out is within bounds, and what is whole begins like what a
/// reader takes who is content with less.
pub fn codings(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let codings = ["gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate"][usize::from(*choice) % 6];
    let most = 64 << 10;
    let lenient = cm_net::probe::plain(body, codings, most, true);
    if let Some(whole) = cm_net::probe::plain(body, codings, most, false) {
        assert!(whole.len() <= most);
        assert_eq!(lenient, Some(whole));
    }
}
