//! Base64 as it stands in feeds and addresses. In: RFC 4648, 4 or 5, padded or not. Out: the bytes.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The bytes of a text in either alphabet of RFC 4648. White space and `=` are passed over, and so is what is left at the
/// end when it is too short for a byte; `None` when anything else stands there.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let mut plain: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=')
        .map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        })
        .collect();
    if plain.len() % 4 == 1 {
        plain.pop().filter(|last| last.is_ascii_alphanumeric() || matches!(last, b'-' | b'_'))?;
    }
    LENIENT.decode(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_it_is_met() {
        for (text, wanted) in [
            ("", Some(&b""[..])),
            ("PGI+", Some(b"<b>")),
            ("PGI-", Some(b"<b>")),
            (" PG\nI= ", Some(b"<b")),
            ("PGI+P", Some(b"<b>")),
            ("PGJ", Some(b"<b")),
            ("PG%", None),
            ("PGI+%", None),
        ] {
            assert_eq!(base64(text).as_deref(), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(bytes: Vec<u8>) {
            let packed = base64::engine::general_purpose::STANDARD.encode(&bytes);
            prop_assert_eq!(base64(&packed), Some(bytes));
        }
    }
}
