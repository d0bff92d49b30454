//! References: `&amp;`, `&#160;`, `&eacute;` and what the document itself declared. A stray `&` is a character.

use html5gum::{Token, Tokenizer};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

/// The longest name of an HTML character reference is 31 letters long.
const LONGEST: usize = 40;
/// Entities that one document may declare, and how long each may be.
const MOST_DECLARED: usize = 256;
const LONGEST_VALUE: usize = 4096;
/// What references to them may become in one document, in bytes; the rest stay as they are written.
const LONGEST_EXPANDED: usize = 4 << 20;

/// What a document type declares: `<!ENTITY name "value">`. Values are not expanded again, and all that they expand to is
/// bounded, so nothing can explode.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    values: HashMap<String, String>,
    expanded: Cell<usize>,
}

impl Declared {
    /// Reads the internal subset of a document type.
    pub(crate) fn read(&mut self, doctype: &str) {
        for declaration in doctype.split("<!ENTITY").skip(1).take(MOST_DECLARED) {
            let Some((name, rest)) = declaration.trim_start().split_once(char::is_whitespace) else {
                continue;
            };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            if let Some((value, _)) =
                rest[1..].split_once(quote).filter(|(value, _)| value.len() <= LONGEST_VALUE)
            {
                let value = resolve(value, &Declared::default()).into_owned();
                self.values.entry(name.to_owned()).or_insert(value);
            }
        }
    }

    /// The value of an entity, while there is room for it.
    fn value(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?;
        self.expanded.set(self.expanded.get().saturating_add(value.len()));
        (self.expanded.get() <= LONGEST_EXPANDED).then_some(value)
    }
}

/// Resolves the references of a text; those that nobody knows stay as they are written.
pub(crate) fn resolve<'a>(text: &'a str, declared: &Declared) -> Cow<'a, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut resolved = String::with_capacity(text.len());
    resolved.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        match reference(after, declared) {
            Some((value, used)) => {
                resolved.push_str(&value);
                rest = &after[used..];
            }
            None => {
                resolved.push('&');
                rest = after;
            }
        }
        let next = rest.find('&').unwrap_or(rest.len());
        resolved.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(resolved)
}

/// The value of the reference that begins after `&`, and how many bytes it takes.
fn reference<'d>(after: &str, declared: &'d Declared) -> Option<(Cow<'d, str>, usize)> {
    if let Some(number) = after.strip_prefix('#') {
        return numeric(number).map(|(value, used)| (Cow::Owned(value), used + 1));
    }
    let end = after.bytes().take(LONGEST).position(|b| b == b';')?;
    let name = &after[..end];
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "._-:".contains(c)) {
        return None;
    }
    let value = match name {
        "amp" | "AMP" => Cow::Borrowed("&"),
        "lt" | "LT" => Cow::Borrowed("<"),
        "gt" | "GT" => Cow::Borrowed(">"),
        "quot" | "QUOT" => Cow::Borrowed("\""),
        "apos" => Cow::Borrowed("'"),
        _ => match declared.value(name) {
            Some(value) => Cow::Borrowed(value),
            None => Cow::Owned(html(&format!("&{name};"))?),
        },
    };
    Some((value, end + 1))
}

/// `160;`, `xA0;`, with or without the semicolon; what HTML makes of numbers that are no character.
fn numeric(number: &str) -> Option<(String, usize)> {
    let hex = number.starts_with(['x', 'X']);
    let digits = &number[usize::from(hex)..];
    let is_digit = |c: char| if hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() };
    let length = digits.find(|c| !is_digit(c)).unwrap_or(digits.len());
    if length == 0 || length > 8 {
        return None;
    }
    let written = &number[..usize::from(hex) + length];
    let used = written.len() + usize::from(number[written.len()..].starts_with(';'));
    let code = u32::from_str_radix(&written[usize::from(hex)..], if hex { 16 } else { 10 }).ok();
    // HTML reads some numbers as other characters; the rest mean themselves.
    let plain = code.filter(|code| matches!(code, 0x20..0x7f | 0xa0..)).and_then(char::from_u32);
    let value = match plain {
        Some(character) => character.to_string(),
        None => html(&format!("&#{written};"))?,
    };
    Some((value.chars().filter(|c| cm_text::is_xml(*c)).collect(), used))
}

/// The value of a reference in HTML (which knows all those of XHTML); `None` when it has none.
fn html(reference: &str) -> Option<String> {
    let mut value = String::new();
    for token in Tokenizer::new(reference) {
        if let Ok(Token::String(text)) = token {
            value.push_str(&String::from_utf8_lossy(&text));
        }
    }
    (value != reference).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_reference() {
        let mut declared = Declared::default();
        declared.read("<!DOCTYPE x [<!ENTITY me \"M&#101;\"> <!ENTITY % p \"no\">]>");
        for (text, expected) in [
            ("AT&amp;T", "AT&T"),
            ("AT&T", "AT&T"),
            ("a&nbsp;b", "a\u{a0}b"),
            ("&eacute;&#233;&#xE9;&#xe9", "éééé"),
            ("&me;", "Me"),
            ("&nobody;", "&nobody;"),
            ("?a=1&copy=2&reg=3", "?a=1&copy=2&reg=3"),
            ("&#150;", "–"),
            ("&#0;&#31;x", "\u{fffd}x"),
            ("&#;&#x;&;&", "&#;&#x;&;&"),
            ("&amp;lt;", "&lt;"),
        ] {
            assert_eq!(resolve(text, &declared), expected, "{text}");
        }
    }

    #[test]
    fn what_was_declared_cannot_explode() {
        let mut declared = Declared::default();
        let (long, laughs) = ("x".repeat(LONGEST_VALUE), "&lol;".repeat(100));
        declared.read(&format!("<!DOCTYPE x [<!ENTITY lol \"{long}\"><!ENTITY lols \"{laughs}\">]>"));
        assert_eq!(resolve("&lols;", &declared), laughs);
        let resolved = resolve(&"&lol;".repeat(10_000), &declared).into_owned();
        assert!(
            resolved.len() < LONGEST_EXPANDED + 50_000 && resolved.ends_with("&lol;"),
            "{}",
            resolved.len()
        );
    }

    proptest! {
        #[test]
        fn any_text_is_resolved(text in "(&|#|x|;|[a-z0-9]|é){0,40}") {
            let _ = resolve(&text, &Declared::default());
        }
    }
}
