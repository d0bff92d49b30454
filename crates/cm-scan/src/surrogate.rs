//! Half surrogate pairs in JSON, as programs leave them that cut a text in the middle of an emoji.
//! In: raw JSON that was checked. Out: the same with `\ufffd` in their place, as texts are read (docs/searches.md, "Texts").

use std::borrow::Cow;

/// The JSON with U+FFFD for every half of a surrogate pair.
pub fn mended(json: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + found;
        at = match (unit(json, escape), unit(json, escape + UNIT)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => escape + 2 * UNIT,
            (Some(0xD800..0xE000), _) => {
                mended.push_str(&json[kept..escape]);
                mended.push_str("\\ufffd");
                kept = escape + UNIT;
                kept
            }
            // Whatever is escaped is one byte or `u` and a number.
            _ => escape + 2,
        };
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    mended.push_str(&json[kept..]);
    Cow::Owned(mended)
}

/// The bytes of `\u0041`.
const UNIT: usize = 6;

/// The UTF-16 unit that is written by number at a byte.
fn unit(json: &str, at: usize) -> Option<u16> {
    let number = json.get(at..at + UNIT)?.strip_prefix("\\u")?;
    u16::from_str_radix(number, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_are_mended() {
        for (json, wanted) in [
            (r#"["a","\n\u00e9"]"#, r#"["a","\n\u00e9"]"#),
            (r#""\ud83d\ude21""#, r#""\ud83d\ude21""#),
            (r#""a\ud83dme \uDE21 \\ud83d""#, r#""a\ufffdme \ufffd \\ud83d""#),
            (r#""\ud83d\ud83d\ude21""#, r#""\ufffd\ud83d\ude21""#),
            (r#""\ud83d"#, r#""\ufffd"#),
        ] {
            assert_eq!(mended(json), wanted);
        }
    }
}
