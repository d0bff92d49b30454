//! Files that hold no records: what they seem to be, by their first line, and how to search them. In: the first line that
//! could not be read, and what stands behind it. Out: a line for people, or nothing where nobody can tell.

use cm_record::Reason;

/// So much of a file is looked at, in bytes.
const LOOKED_AT: usize = 2000;

/// What to do with a file whose first line is no record. `rest` begins with that line.
pub fn hint(file: &str, rest: &[u8], reason: &Reason) -> Option<String> {
    if !matches!(reason, Reason::NotObject(_) | Reason::Id(_) | Reason::NoContent) {
        return None;
    }
    let text = String::from_utf8_lossy(&rest[..rest.len().min(LOOKED_AT)]);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let line = text.lines().next().unwrap_or_default().trim_end();
    let is_object = !matches!(reason, Reason::NotObject(_));
    let is_stdin = file == "stdin";
    let quoted = format!("'{}'", file.replace('\'', "'\\''"));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
    let name = if file.chars().all(is_plain) { file } else { &quoted };
    let argument = if is_stdin { String::new() } else { format!(" {name}") };
    if text.starts_with('<') || (text.starts_with('{') && text.contains("jsonfeed.org/version")) {
        let what = if text.starts_with('{') { "a feed" } else { "a feed or a page" };
        let source = if is_stdin { " -" } else { &argument };
        return Some(format!("{file} is {what}, not records: cm-fetch{source} | cm-scan ..."));
    }
    if is_object {
        return None;
    }
    if file.ends_with(".toml") {
        return Some(format!("{file} seems to hold searches, not records: cm-scan -f{argument} FILE"));
    }
    if text.starts_with('[') {
        return Some(format!("{file} is an array, not a record a line: jq -c '.[]'{argument} | cm-scan ..."));
    }
    if line == "{" {
        return Some(format!("{file} has records of several lines: jq -c .{argument} | cm-scan ..."));
    }
    // A record that lost its beginning or its end is no text.
    let is_text = !line.is_empty() && !line.starts_with(['{', '"']) && !line.ends_with(['}', '\u{fffd}']);
    let is_readable = is_text && !line.contains(|c: char| c.is_control() && c != '\t');
    is_readable.then(|| format!("{file} seems to be text, not records: cm-scan --plain looks in any text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_seems_to_be() {
        for (file, text, wanted) in [
            (
                "a.xml",
                "\u{feff}<?xml version='1.0'?>\n<rss>",
                "a.xml is a feed or a page, not records: cm-fetch a.xml | cm-scan ...",
            ),
            ("stdin", "<rss>", "stdin is a feed or a page, not records: cm-fetch - | cm-scan ..."),
            (
                "it's.xml",
                "<rss>",
                "it's.xml is a feed or a page, not records: cm-fetch 'it'\\''s.xml' | cm-scan ...",
            ),
            (
                "f.json",
                "{\n\"version\": \"https://jsonfeed.org/version/1.1\"",
                "f.json is a feed, not records: cm-fetch f.json | cm-scan ...",
            ),
            (
                "a.json",
                "[{\"id\":\"1\"}]",
                "a.json is an array, not a record a line: jq -c '.[]' a.json | cm-scan ...",
            ),
            ("s.toml", "[[search]]\n", "s.toml seems to hold searches, not records: cm-scan -f s.toml FILE"),
            ("stdin", "[\n", "stdin is an array, not a record a line: jq -c '.[]' | cm-scan ..."),
            ("a.json", "{\n  \"id\"", "a.json has records of several lines: jq -c . a.json | cm-scan ..."),
            (
                "t.txt",
                "Acme is\nhere",
                "t.txt seems to be text, not records: cm-scan --plain looks in any text",
            ),
            ("torn", "text\":\"x\"}\n{}", ""),
            ("torn", "{\"id\":\"x\n{}", ""),
            ("odd", "a\0b", ""),
        ] {
            let reason = Reason::NotObject(String::new());
            assert_eq!(hint(file, text.as_bytes(), &reason).unwrap_or_default(), wanted, "{text:?}");
        }
        let feed = br#"{"version":"https://jsonfeed.org/version/1.1","items":[]}"#;
        assert!(hint("f", feed, &Reason::Id("no \"id\"")).is_some());
        assert_eq!(hint("f", b"{\"content_text\":\"\"}", &Reason::Id("no \"id\"")), None);
        assert_eq!(hint("f", b"<", &Reason::NotUtf8), None);
    }
}
