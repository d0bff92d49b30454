//! Addresses inside of Google News links. In: what follows `/articles/`, url-safe base64 of a protocol buffer. Out: the
//! address in it, where it stands there in plain. Links of newer making hold a number that only Google resolves: they stay.

/// Before the address: field 1 says 19, field 4 is a string (as links until 2024 have it; seen, not documented).
const BEFORE: [u8; 3] = [0x08, 0x13, 0x22];

/// The address in a link.
pub(crate) fn address(packed: &str) -> Option<String> {
    let bytes = unpacked(packed.split(['/', '?']).next()?)?;
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

/// Base64 of RFC 4648, 5, with or without `=` at its end.
fn unpacked(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0u32);
    for c in text.trim_end_matches('=').bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        (held, bits) = ((held << 6 | u32::from(six)) & 0xffff, bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
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
