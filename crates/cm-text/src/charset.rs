//! Bytes to text: byte order mark, HTTP, XML declaration or `<meta>`, the look of the bytes, in this order; and no
//! character that XML forbids in what comes out.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// How far into a document its XML declaration is looked for.
const DECLARATION_WITHIN: usize = 1024;

/// Decodes a document. `http` is the charset of its Content-Type.
pub fn decode(bytes: &[u8], http: Option<&str>) -> String {
    let text = match wide(bytes) {
        Some(text) => Cow::Owned(text),
        None => narrow(bytes, http),
    };
    let start = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    if !start.bytes().all(is_certain) && !start.chars().all(is_xml) {
        return start.chars().filter(|c| is_xml(*c)).collect();
    }
    if start.len() < text.len() { start.to_owned() } else { text.into_owned() }
}

/// Decodes a page: what HTTP does not say, its `<meta charset=...>` may.
pub fn decode_page(bytes: &[u8], http: Option<&str>) -> String {
    let meta = meta(bytes);
    decode(bytes, http.filter(|label| named(label).is_some()).or(meta.as_deref()))
}

/// The charset that a page's head names, in either way of writing it: `<meta charset=x>` and `content="...; charset=x"`.
fn meta(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION_WITHIN)]).to_ascii_lowercase();
    let tags = head.split("<meta").skip(1).filter_map(|rest| rest.split('>').next());
    let value = tags.filter_map(|tag| tag.split_once("charset")).find_map(|(_, rest)| {
        Some(rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']))
    })?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '/');
    value.split(ends).next().filter(|label| !label.is_empty()).map(str::to_owned)
}

/// Whether a byte of UTF-8 can only be of a character that XML allows.
fn is_certain(byte: u8) -> bool {
    (byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r')) && byte != 0x7f && byte != 0xEF
}

/// Decodes a document in its own place where it is what most are: UTF-8 with nothing to take out. A long one is never in
/// memory twice then.
pub fn decode_in_place(mut bytes: Vec<u8>, http: Option<&str>) -> String {
    if !is_plain(&bytes, http) {
        return decode(&bytes, http);
    }
    let bom = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let space = bytes[bom..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    bytes.drain(..bom + space);
    String::from_utf8(bytes).unwrap_or_else(|e| decode(e.as_bytes(), http))
}

/// Whether a document is UTF-8 without doubt, and every character of it one that XML allows.
fn is_plain(bytes: &[u8], http: Option<&str>) -> bool {
    let allowed = |byte: &u8| (*byte >= 0x20 && *byte != 0x7f) || matches!(byte, b'\t' | b'\n' | b'\r');
    let agrees = |label: &str| named(label).is_none_or(|encoding| encoding == UTF_8);
    // The noncharacters U+FFFE and U+FFFF; that there is one more way to begin than a BOM and white space is for `decode`.
    let begins = |byte: &u8| matches!(byte, b'<' | b'{' | b'[');
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    start.trim_ascii_start().first().is_some_and(begins)
        && bytes.iter().all(allowed)
        && !(bytes.contains(&0xEF)
            && bytes.windows(3).any(|three| matches!(three, [0xEF, 0xBF, 0xBE | 0xBF])))
        && [http, declared(bytes).as_deref()].into_iter().flatten().all(agrees)
        && std::str::from_utf8(bytes).is_ok()
}

/// Whether XML 1.0 allows a character.
pub fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..) && c != '\u{7f}'
}

/// UTF-16 and UTF-32, told by a byte order mark or by the zeros around the first character.
fn wide(bytes: &[u8]) -> Option<String> {
    // What a document may begin with.
    let begins = |byte: &u8| matches!(byte, b'<' | b'{' | b'[' | b' ' | b'\n' | b'\r' | b'\t');
    match bytes {
        [0, 0, 0xFE, 0xFF, ..] => Some(utf32(bytes, u32::from_be_bytes)),
        [0xFF, 0xFE, 0, 0, ..] => Some(utf32(bytes, u32::from_le_bytes)),
        [0, 0, 0, first, ..] if begins(first) => Some(utf32(bytes, u32::from_be_bytes)),
        [first, 0, 0, 0, ..] if begins(first) => Some(utf32(bytes, u32::from_le_bytes)),
        [0xFE, 0xFF, ..] => Some(utf16(bytes, UTF_16BE)),
        [0xFF, 0xFE, ..] => Some(utf16(bytes, UTF_16LE)),
        [0, first, 0, _, ..] if begins(first) => Some(utf16(bytes, UTF_16BE)),
        [first, 0, _, 0, ..] if begins(first) => Some(utf16(bytes, UTF_16LE)),
        _ => None,
    }
}

fn utf16(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

fn utf32(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|unit| char::from_u32(read(*unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn narrow<'b>(bytes: &'b [u8], http: Option<&str>) -> Cow<'b, str> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return lossy_or_guessed(rest);
    }
    let is_utf8 = std::str::from_utf8(bytes).is_ok();
    for label in [http, declared(bytes).as_deref()].into_iter().flatten() {
        let Some(encoding) = named(label) else { continue };
        // Any bytes are good Latin; bytes that are good UTF-8 hardly ever are anything else.
        if encoding == UTF_8 || (encoding.is_single_byte() && is_utf8 && !bytes.is_ascii()) {
            break;
        }
        let (text, _, damaged) = encoding.decode(bytes);
        if !damaged {
            return text;
        }
        if !is_utf8 && encoding != WINDOWS_1252 {
            return text;
        }
    }
    lossy_or_guessed(bytes)
}

/// UTF-8 in which some bytes are broken keeps the rest; bytes that are mostly not UTF-8 are told by their frequencies.
fn lossy_or_guessed(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    if let Cow::Borrowed(_) = text {
        return text;
    }
    let damaged = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    let multibyte = text.chars().filter(|c| !c.is_ascii()).count();
    if damaged == 0 || damaged * 2 <= multibyte {
        return text;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny).decode(bytes).0
}

/// `encoding="..."` of the XML declaration.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION_WITHIN)]);
    let start = head.find("<?xml")?;
    let declaration = head[start..].split("?>").next()?;
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.to_owned())
}

/// A label that is not wide: a document that was read this far is not UTF-16, whatever it says.
fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'']);
    let encoding =
        Encoding::for_label(label.as_bytes()).or_else(|| Encoding::for_label(alias(label)?.as_bytes()))?;
    (encoding.output_encoding() == encoding).then_some(encoding)
}

/// Names that the web's own list lacks and feeds use.
fn alias(label: &str) -> Option<&'static str> {
    let label: String =
        label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    Some(match label.as_str() {
        "latin9" | "l9" => "iso-8859-15",
        "ansi" | "windows" | "1252" => "windows-1252",
        "1251" | "win1251" => "windows-1251",
        "gb" | "936" | "cp936" | "ms936" => "gbk",
        "cp949" | "ms949" | "949" | "uhc" => "euc-kr",
        "cp932" | "932" => "shift_jis",
        "950" | "cp950" => "big5",
        "eucjp" | "ujis" => "euc-jp",
        "u8" | "utf" => "utf-8",
        "koi8" => "koi8-r",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_way_of_saying_it() {
        let declared: &[u8] = b"<?xml version='1.0' encoding='koi8-r'?><t>\xF0</t>";
        assert!(decode(declared, None).contains("<t>П</t>"));
        assert!(decode(b"<t>\xE9</t>", Some("iso-8859-1")).contains('é'));
        assert!(decode("<?xml encoding='iso-8859-1'?><t>é</t>".as_bytes(), Some("iso-8859-1")).contains('é'));
        assert!(decode(b"<t>caf\xE9</t>", None).contains("café"));
        assert!(decode("<t>éé\u{1}</t>".as_bytes(), Some("utf-16")).contains("<t>éé</t>"));
        assert_eq!(decode(b"\xEF\xBB\xBF\xEF\xBB\xBF \n<t/>", None), "<t/>");
        let utf16: Vec<u8> = "<t>é</t>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&utf16, None), "<t>é</t>");
        let utf32: Vec<u8> = "\u{feff}<t>é</t>".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        assert_eq!(decode(&utf32, None), "<t>é</t>");
    }

    #[test]
    fn a_page_may_name_its_charset_itself() {
        for head in [
            "<meta charset=koi8-r>",
            "<META charset = 'KOI8-R' />",
            "<meta name=x><meta http-equiv=content-type content='text/html; charset=koi8-r'>",
        ] {
            let page = [head.as_bytes(), b"\xF0"].concat();
            assert!(decode_page(&page, None).ends_with('П'), "{head}");
            assert!(decode_page(&page, Some("nonsense")).ends_with('П'), "{head}");
            assert!(decode_page(&page, Some("iso-8859-1")).ends_with('ð'), "HTTP comes first");
        }
        assert_eq!(meta(b"<meta name=charset content=x><meta charset"), None);
    }

    #[test]
    fn one_broken_byte_does_not_spoil_the_rest() {
        let text = decode(b"<t>\xC3\xA9\xC3\xA9\xC3\xA9 \xFF</t>", None);
        assert_eq!(text, "<t>ééé \u{fffd}</t>");
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..200), label in "[a-z0-9-]{0,12}") {
            prop_assert!(decode(&bytes, Some(&label)).chars().all(is_xml));
            prop_assert!(decode_page(&bytes, Some(&label)).chars().all(is_xml));
        }

        #[test]
        fn in_place_or_not_is_the_same(
            start in "\u{feff}{0,2}[ \n\u{a0}]{0,2}",
            head in "(<\\?xml encoding='(utf-8|latin1|koi8-r|gbk|x)'\\?>)?[<{]?",
            text in "[a\u{1}\u{7f}\u{e9}\u{ffff}\u{fffe}\u{fffd}\u{1f600}>]{0,8}",
            label in proptest::option::of("(utf-8|latin1|gbk|utf-16|)"),
        ) {
            let bytes = format!("{start}{head}{text}").into_bytes();
            prop_assert_eq!(decode_in_place(bytes.clone(), label.as_deref()), decode(&bytes, label.as_deref()));
        }
    }
}
