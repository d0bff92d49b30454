//! Addresses inside of Google News links. In: what follows `/articles/`, url-safe base64 of a protocol buffer. Out: the
//! address in it, where it stands there in plain. Links of newer making hold a number that only Google resolves: they stay.

use crate::base64;

/// Before the address: field 1 says 19, field 4 is a string (as links until 2024 have it; seen, not documented).
const BEFORE: [u8; 3] = [0x08, 0x13, 0x22];

/// The address in a link.
pub(crate) fn address(packed: &str) -> Option<String> {
    let bytes = base64(packed.split(['/', '?']).next()?)?;
    let rest = bytes.strip_prefix(&BEFORE)?;
    let (length, rest) = varint(rest)?;
    let text = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some(text.to_owned())
}

/// A length in one or two bytes of seven bits.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [low, rest @ ..] if low & 0x80 == 0 => Some((usize::from(*low), rest)),
        [low, high, rest @ ..] if high & 0x80 == 0 => {
            Some((usize::from(low & 0x7f) | usize::from(*high) << 7, rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_plain_is_read() {
        // 08 13 22 16 "https://a.example/tea?" d2 01 00
        assert_eq!(
            address("CBMiFmh0dHBzOi8vYS5leGFtcGxlL3RlYT_SAQA?oc=5").as_deref(),
            Some("https://a.example/tea?")
        );
        for none in ["", "CBMi", "CBMi_2h0", "Q0JNaQ", "%%%", "CBMiUkFVX3lxTE5"] {
            assert_eq!(address(none), None, "{none}");
        }
    }
}
