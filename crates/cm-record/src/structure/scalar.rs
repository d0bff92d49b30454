//! What is looked at byte by byte: escapes, numbers and literals.

/// Whether a text begins with what may follow a backslash.
#[inline(always)]
pub(super) fn is_escape(text: &[u8]) -> bool {
    match text {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => true,
        [b'u', a, b, c, d, ..] => [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
}

/// Whether a text begins with a whole number or literal. What must not follow it is seen by whoever looks at tokens.
pub(super) fn is_scalar(text: &[u8]) -> bool {
    let rest = match text {
        [b't', b'r', b'u', b'e', rest @ ..] | [b'n', b'u', b'l', b'l', rest @ ..] => rest,
        [b'f', b'a', b'l', b's', b'e', rest @ ..] => rest,
        _ => match number(text) {
            Some(rest) => rest,
            None => return false,
        },
    };
    matches!(rest, [] | [b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | b'"' | b'[' | b']' | b'{' | b'}', ..])
}

/// What follows a number (RFC 8259, section 6).
fn number(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let text = match text.strip_prefix(b"0") {
        Some(rest) => rest,
        None => digits(text)?,
    };
    let text = match text.strip_prefix(b".") {
        Some(rest) => digits(rest)?,
        None => text,
    };
    match text {
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => digits(rest),
        _ => Some(text),
    }
}

/// What follows one digit or more.
fn digits(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 { None } else { text.get(count..) }
}
