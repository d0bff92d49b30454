//! Values, rows and the transaction that statements run in.

use crate::Error;

/// A value in a statement or a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// An integer: counts, truth values, milliseconds since 1970 UTC.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(v: i64) -> Value {
        Value::Int(v)
    }
}
impl From<bool> for Value {
    fn from(v: bool) -> Value {
        Value::Int(i64::from(v))
    }
}
impl From<f64> for Value {
    fn from(v: f64) -> Value {
        Value::Real(v)
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Value {
        Value::Text(v.to_owned())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Value {
        Value::Text(v)
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Value {
        Value::Text(v.clone())
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Value {
        Value::Blob(v)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::Null, Into::into)
    }
}

/// A value in a statement that borrows its text, where many rows are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound<'a> {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// Text.
    Text(&'a str),
}

impl From<i64> for Bound<'_> {
    fn from(v: i64) -> Self {
        Bound::Int(v)
    }
}
impl From<bool> for Bound<'_> {
    fn from(v: bool) -> Self {
        Bound::Int(i64::from(v))
    }
}
impl<'a> From<&'a str> for Bound<'a> {
    fn from(v: &'a str) -> Self {
        Bound::Text(v)
    }
}
impl<'a, T: Into<Bound<'a>>> From<Option<T>> for Bound<'a> {
    fn from(v: Option<T>) -> Self {
        v.map_or(Bound::Null, Into::into)
    }
}
impl From<Bound<'_>> for Value {
    fn from(v: Bound<'_>) -> Value {
        match v {
            Bound::Null => Value::Null,
            Bound::Int(v) => Value::Int(v),
            Bound::Text(v) => Value::Text(v.to_owned()),
        }
    }
}

/// A row of a result; columns by position, from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// The integer in a column, `None` when NULL; another type is an error.
    pub fn int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.at(column) {
            Value::Null => Ok(None),
            Value::Int(v) => Ok(Some(*v)),
            other => Err(mismatch(column, other, "an integer")),
        }
    }
    /// The number in a column (integers widen).
    pub fn real(&self, column: usize) -> Result<Option<f64>, Error> {
        match self.at(column) {
            Value::Null => Ok(None),
            Value::Real(v) => Ok(Some(*v)),
            Value::Int(v) => Ok(Some(*v as f64)),
            other => Err(mismatch(column, other, "a number")),
        }
    }
    /// The text in a column.
    pub fn text(&self, column: usize) -> Result<Option<String>, Error> {
        match self.at(column) {
            Value::Null => Ok(None),
            Value::Text(v) => Ok(Some(v.clone())),
            other => Err(mismatch(column, other, "a text")),
        }
    }
    /// The bytes in a column.
    pub fn blob(&self, column: usize) -> Result<Option<Vec<u8>>, Error> {
        match self.at(column) {
            Value::Null => Ok(None),
            Value::Blob(v) => Ok(Some(v.clone())),
            other => Err(mismatch(column, other, "bytes")),
        }
    }
    /// The integer in a column that is never NULL.
    pub fn need_int(&self, column: usize) -> Result<i64, Error> {
        self.int(column)?.ok_or_else(|| mismatch(column, &Value::Null, "an integer"))
    }
    /// The text in a column that is never NULL.
    pub fn need_text(&self, column: usize) -> Result<String, Error> {
        self.text(column)?.ok_or_else(|| mismatch(column, &Value::Null, "a text"))
    }

    fn at(&self, column: usize) -> &Value {
        self.0.get(column).unwrap_or(&Value::Null)
    }
}

fn mismatch(column: usize, found: &Value, wanted: &str) -> Error {
    let found = match found {
        Value::Null => "nothing",
        Value::Int(_) => "an integer",
        Value::Real(_) => "a number",
        Value::Text(_) => "a text",
        Value::Blob(_) => "bytes",
    };
    Error::Engine(format!("column {column} of the store holds {found} where {wanted} is needed"))
}

/// An open transaction.
pub trait Tx {
    /// Runs a statement; the number of rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Error>;
    /// Runs a statement once for every `width` values; the number of rows it changed in all.
    fn execute_each(&mut self, sql: &str, width: usize, values: &[Bound<'_>]) -> Result<u64, Error> {
        let rows = values.chunks(width.max(1)).map(|row| {
            let row: Vec<Value> = row.iter().map(|value| Value::from(*value)).collect();
            self.execute(sql, &row)
        });
        rows.sum()
    }
    /// Runs a statement and reads all its rows (`SELECT` and `... RETURNING`).
    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error>;
    /// The database's clock, milliseconds since 1970 UTC: leases are measured on it.
    fn now_ms(&mut self) -> Result<i64, Error>;
}
