//! Members of APIs' JSON, as forgiving as they are written: numbers as texts, texts as numbers, null, empty, missing.
//! In: a value. Out: what it says, or nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A text that is not empty.
pub(crate) fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// A name: a text, or a number however big, as text.
pub(crate) fn name(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        other => text(other),
    }
}

/// A number that counts: also as a text; negative ones (votes) are none.
pub(crate) fn count(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64().or_else(|| other.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64)),
    }
}

/// Seconds since 1970.
pub(crate) fn seconds(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = match value {
        Value::String(text) => text.trim().parse::<f64>().ok()?,
        other => other.as_f64()?,
    };
    DateTime::from_timestamp(seconds as i64, 0).filter(|at| at.timestamp() > 0)
}

/// RFC 3339; without an offset UTC is meant.
pub(crate) fn instant(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?.trim();
    cm_time::parse_rfc3339(text).or_else(|| cm_time::parse_rfc3339(&format!("{text}Z")))
}

/// A list; nothing else has entries.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// An address that a browser opens.
pub(crate) fn web(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let url = url::Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| text.to_owned())
}

/// A plain text in which some APIs escape characters as HTML does: the named ones of XML, and numbers.
pub(crate) fn unescaped(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((character(&rest[1..end])?, end))) {
            Some((character, end)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        "hellip" => Some('…'),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "lsquo" => Some('‘'),
        "rsquo" => Some('’'),
        "ldquo" => Some('“'),
        "rdquo" => Some('”'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn however_it_is_written() {
        let big: Value = serde_json::from_str("123456789012345678").unwrap();
        assert_eq!(name(&big).as_deref(), Some("123456789012345678"));
        assert_eq!(
            (name(&json!("7")), name(&json!(7)), name(&json!(""))),
            (Some("7".into()), Some("7".into()), None)
        );
        assert_eq!(
            (count(&json!("12")), count(&json!(3.0)), count(&json!(-1)), count(&json!(null))),
            (Some(12), Some(3), None, None)
        );
        assert_eq!(seconds(&json!(1_700_000_000.0)), seconds(&json!("1700000000")));
        assert_eq!((seconds(&json!(false)), seconds(&json!(0))), (None, None));
        assert_eq!(instant(&json!("2026-11-22T09:00:00.5")), instant(&json!("2026-11-22T09:00:00.5Z")));
        assert_eq!((instant(&json!("")), list(&json!({})).len()), (None, 0));
        assert_eq!((web(&json!("javascript:x")), web(&json!("https://a.example")).is_some()), (None, true));
    }

    #[test]
    fn characters_that_were_escaped() {
        assert_eq!(
            unescaped("a &amp;lt; &quot;b&quot; &#39;c&#x27; &nope; & &#x110000; &"),
            "a &lt; \"b\" 'c' &nope; & &#x110000; &"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[&#;x0-9a-zé]{0,40}") {
            let _ = unescaped(&text);
        }
        #[test]
        fn what_was_escaped_comes_back(text in "\\PC{0,30}") {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;");
            prop_assert_eq!(unescaped(&escaped), text);
        }
    }
}
