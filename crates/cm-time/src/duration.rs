//! Lengths of time: `45m`, `2h`, `3d`, `2w`, `90s`, sums such as `1h30m`, and the words people write for them.

use crate::TimeError;
use chrono::TimeDelta;

/// Reads a length of time: `45m`, `2h`, `3d`, `2w`, `90s`, and sums such as `1h30m`. A day is 24 hours. The names in
/// full work too: `2 hours`, `1 day`.
pub fn parse_duration(text: &str) -> Result<TimeDelta, TimeError> {
    length(text).ok_or_else(|| {
        TimeError(format!(
            "\"{}\" is not a length of time (write 90s, 45m, 2h, 3d, 2w or 1h30m)",
            crate::time::shown(text)
        ))
    })
}

/// The length that a text says, `None` when it is anything else or out of range.
pub(crate) fn length(text: &str) -> Option<TimeDelta> {
    let mut rest = text.trim_start();
    let mut total = TimeDelta::zero();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest.get(..digits)?.parse().ok()?;
        let after = rest.get(digits..)?.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let seconds = count.checked_mul(seconds_in(after.get(..letters)?)?)?;
        total = total.checked_add(&TimeDelta::try_seconds(seconds)?)?;
        rest = after.get(letters..)?.trim_start();
    }
    Some(total)
}

fn seconds_in(unit: &str) -> Option<i64> {
    // In capitals it is a month as often as a minute.
    if unit == "M" {
        return None;
    }
    Some(match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_add_up() {
        for (text, seconds) in [
            ("90s", 90),
            ("45m", 2_700),
            ("1h30m", 5_400),
            ("1h 30 min", 5_400),
            ("3d", 259_200),
            ("2 Weeks", 1_209_600),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text).unwrap(), TimeDelta::seconds(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_a_hint() {
        for text in [
            "",
            " ",
            "h",
            "2",
            "-2h",
            "2x",
            "2M",
            "2h,",
            "1.5h",
            "99999999999999999999w",
            "9223372036854775807w",
        ] {
            let error = parse_duration(text).unwrap_err().to_string();
            assert!(error.contains("1h30m"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[0-9smhdw. -]*|\\PC*") {
            let _ = parse_duration(&text);
        }
    }
}
