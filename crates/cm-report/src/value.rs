//! A value of the report: typed, so that each face can write it in its own way.

use chrono::{DateTime, NaiveDate};
use serde::{Serialize, Serializer};

/// A value of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not known.
    Unknown,
    /// Things.
    Count(u64),
    /// What something is called by: no amount, and typed again as it stands.
    Ordinal(u64),
    /// A plain number.
    Number(f64),
    /// Seconds.
    Seconds(i64),
    /// A share of 1.
    Share(f64),
    /// Words.
    Text(String),
    /// An address.
    Url(String),
    /// Milliseconds since 1970 UTC.
    Instant(i64),
    /// A day.
    Date(NaiveDate),
}

impl Value {
    /// A text, or nothing.
    pub fn text(text: Option<&str>) -> Value {
        text.filter(|text| !text.is_empty()).map_or(Value::Unknown, |text| Value::Text(text.to_owned()))
    }

    /// An address, or nothing.
    pub fn url(text: Option<&str>) -> Value {
        text.filter(|text| !text.is_empty()).map_or(Value::Unknown, |text| Value::Url(text.to_owned()))
    }

    /// An instant, or nothing.
    pub fn instant(ms: Option<i64>) -> Value {
        ms.map_or(Value::Unknown, Value::Instant)
    }

    /// Its number, for charts and comparisons.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Count(n) | Value::Ordinal(n) => Some(*n as f64),
            Value::Number(n) | Value::Share(n) => Some(*n),
            Value::Seconds(n) => Some(*n as f64),
            _ => None,
        }
    }

    /// As JSON and CSV carry it.
    pub fn raw(&self) -> serde_json::Value {
        match self {
            Value::Unknown => serde_json::Value::Null,
            Value::Count(n) | Value::Ordinal(n) => (*n).into(),
            Value::Number(n) | Value::Share(n) => rounded(*n).into(),
            Value::Seconds(n) => (*n).into(),
            Value::Text(text) | Value::Url(text) => text.as_str().into(),
            Value::Instant(ms) => rfc3339(*ms).into(),
            Value::Date(day) => day.to_string().into(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().serialize(serializer)
    }
}

/// Six digits that count: what comes after is noise, and differs between machines.
pub fn rounded(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

/// An instant as records write it.
pub fn rfc3339(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(cm_time::rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_six_digits_and_tiny_ones_stay() {
        assert_eq!(rounded(1.0 / 3.0), 0.333_333);
        assert_eq!(rounded(1.234_567_89e-12), 1.234_57e-12);
        assert_eq!(rounded(0.0), 0.0);
    }
}
