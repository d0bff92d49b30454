//! What people write who know another tool or another shell: refused with what to write here. As words these would
//! silently find something else.

use super::field::Field;

/// A text as an error may repeat it: bounded, and without control characters.
pub(super) fn shown(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

/// An unquoted value that no one here means as it stands.
pub(super) fn word(field: Field, written: &str) -> Result<(), String> {
    if written.starts_with(['-', '!', '–', '—', '−']) && written.chars().nth(1).is_some() {
        // As a word it would find just what was to be left out. Word processors make a dash of a hyphen.
        return Err("to leave something out write -word or -title:word (to look for it, quote it)".to_owned());
    }
    if !field.has_words() || matches!(field, Field::Url | Field::Links) {
        return Ok(());
    }
    let lower = written.to_ascii_lowercase();
    let quote = "(to look for it, quote it)";
    if let Some(meant) = proximity(&lower) {
        return Err(format!("\"{}\" is no operator here: write {meant} {quote}", shown(written)));
    }
    if lower.starts_with("atleast/") {
        return Err(format!("write ATLEAST/2(a b c), with capitals and parentheses {quote}"));
    }
    if written.starts_with('~') {
        return Err("\"~\" stands right behind a quotation mark: \"a b\"~3".to_owned());
    }
    if let Some((before, behind)) = written.split_once('~')
        && behind.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && before.ends_with(char::is_alphanumeric)
    {
        return Err(format!(
            "\"~\" stands only behind a phrase, \"a b\"~3: for other endings write {before}* {quote}"
        ));
    }
    signs(written, &lower).map_or(Ok(()), |message| Err(format!("{message} {quote}")))
}

/// `w/5`, `PRE/3`, `near/3`, `NEAR/3f`, `/p`: what stands for NEAR elsewhere.
fn proximity(lower: &str) -> Option<String> {
    if matches!(lower, "/p" | "/s") {
        return Some("NEAR/n: paragraphs and sentences are not known".to_owned());
    }
    let (name, number) = lower.split_once(['/', '~', ':'])?;
    let ordered = matches!(name, "onear" | "pre" | "p" | "before" | "adj" | "followed");
    if !(ordered || matches!(name, "near" | "w" | "within" | "n" | "prox")) {
        return None;
    }
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let known = digits.parse::<usize>().ok().filter(|n| *n <= 100);
    let in_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !in_digits && !matches!(name, "near" | "onear") {
        return None;
    }
    // Brandwatch writes NEAR/3f where the order counts.
    let operator = if ordered || number.ends_with('f') { "ONEAR" } else { "NEAR" };
    Some(format!("{operator}/{}", known.map_or("n".to_owned(), |n| n.to_string())))
}

fn signs(written: &str, lower: &str) -> Option<String> {
    if let Some((before, behind)) = written.split_once('^')
        && !behind.is_empty()
        && behind.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    {
        let without =
            if before.is_empty() { "leave it out".to_owned() } else { format!("write {}", shown(before)) };
        return Some(format!("words have no weight: {without}"));
    }
    if let Some((before, behind)) = written.split_once('|')
        && before.ends_with(char::is_alphanumeric)
        && behind.starts_with(char::is_alphanumeric)
    {
        return Some(format!("write ({} OR {})", shown(before), shown(behind)));
    }
    if let Some((name, value)) = lower.split_once('=')
        && Field::named(name).is_ok()
    {
        return Some(format!("a field is followed by a colon: write {name}:{}", shown(value)));
    }
    is_regular_expression(written)
        .then(|| "regular expressions are not known: write words with * and ?".to_owned())
}

/// `/x/`, `acme.*roast`, `acme.+`, `\bacme\w+`, `^acme`: what hardly anybody writes about a word.
fn is_regular_expression(written: &str) -> bool {
    let bytes = written.as_bytes();
    let is_between_strokes = written.len() > 2 && written.starts_with('/') && written.ends_with('/');
    let has_any =
        bytes.windows(3).any(|w| w[0].is_ascii_alphanumeric() && w[1] == b'.' && matches!(w[2], b'*' | b'+'));
    let has_class = bytes.windows(2).any(|w| w[0] == b'\\' && b"bBdDsSwW".contains(&w[1]));
    let has_start = written.strip_prefix('^').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    is_between_strokes || has_any || has_class || has_start
}

/// What a field of another tool is called here.
pub(super) fn field(name: &str) -> Option<String> {
    let here = match name {
        "intitle" | "allintitle" | "headline" | "subject" | "heading" => "title:",
        "body" | "content" | "intext" | "allintext" | "post" | "message" => "text:",
        "description" | "abstract" | "excerpt" => "summary:",
        "inurl" | "allinurl" | "address" => "url:",
        "link" => "links:",
        "language" | "locale" | "languages" => "lang:",
        "domain" | "host" | "hostname" | "website" => "site:",
        "user" | "username" | "handle" | "screenname" => "from:",
        "name" | "authorname" | "byline" => "author:",
        "hashtag" | "hashtags" | "tags" | "category" => "tag: or #word",
        "mention" | "mentions" | "to" => "@handle",
        "type" | "contenttype" => "kind:",
        "account" | "feed" | "channel" | "sources" => "source:",
        "since" | "after" => "date:>=2026-11-20, or --since",
        "until" | "before" => "date:<2026-11-20, or --until",
        "published" | "time" | "day" | "created" => "date:",
        "near" | "onear" => "NEAR/n between two words",
        _ => return None,
    };
    Some(here.to_owned())
}
