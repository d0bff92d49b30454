//! Spans of clicks cut into whole units, of which there are sums, and ragged ends, which are read from the log.
//! In: a span and whose clicks are meant. Out: pieces to ask the sums for, and rows of the log.

use super::clicks::state;
use super::rollups::{DAY, MONTH};
use crate::rows::Span;
use cm_store::{Error, Row, Tx, Value};

/// No limit, where one must stand.
pub(super) const ALL: i64 = i64::MAX;
/// Codes named in one statement: stores bound how many values one may have.
const CODES: usize = 500;

/// Whose clicks are meant.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Those of all links.
    All,
    /// Those of these, by their codes.
    Links(Vec<String>),
}

impl Whose {
    /// Under which codes their sums stand.
    pub(super) fn sums(&self) -> impl Iterator<Item = &str> {
        let (all, codes) = match self {
            Whose::All => (Some(""), &[][..]),
            Whose::Links(codes) => (None, &codes[..]),
        };
        all.into_iter().chain(codes.iter().map(String::as_str))
    }

    /// Rows of the log that are theirs: a statement with a place for the condition, and its values.
    fn rows(&self, tx: &mut dyn Tx, values: &[i64], sql: impl Fn(&str) -> String) -> Result<Vec<Row>, Error> {
        let values = values.iter().map(|value| Value::from(*value));
        let Whose::Links(codes) = self else { return tx.query(&sql(""), &values.collect::<Vec<_>>()) };
        let mut rows = Vec::new();
        for codes in codes.chunks(CODES) {
            let first = values.len() + 1;
            let places: Vec<String> = (first..first + codes.len()).map(|n| format!("?{n}")).collect();
            let values: Vec<Value> = values.clone().chain(codes.iter().map(Value::from)).collect();
            rows.extend(tx.query(&sql(&format!("AND code IN ({})", places.join(", "))), &values)?);
        }
        Ok(rows)
    }
}

/// A span cut into whole units, of which there are sums, and its ragged ends.
pub(super) struct Cut {
    span: Span,
    pub whole: Span,
    /// The last click that is added up.
    rolled: i64,
    kept_since: i64,
}

impl Cut {
    pub fn of(tx: &mut dyn Tx, mut span: Span, unit: i64) -> Result<Cut, Error> {
        // Of what was deleted from the log only whole units are known.
        let kept_since = state(tx, "kept_since")?;
        if span.since_ms < kept_since {
            span.since_ms = span.since_ms.div_euclid(unit) * unit;
        }
        if span.until_ms < kept_since {
            span.until_ms = up(span.until_ms, unit);
        }
        let rolled = state(tx, "rolled")?;
        Ok(Cut { whole: inner(span, unit), span, rolled, kept_since })
    }

    /// The whole days as a few spans of 1 and 32 days.
    pub fn units(&self) -> Vec<(i64, Span)> {
        let months = inner(self.whole, MONTH);
        let days = ends(self.whole, months).into_iter().map(|span| (DAY, span));
        std::iter::once((MONTH, months))
            .chain(days)
            .filter(|(_, span)| span.since_ms < span.until_ms)
            .collect()
    }

    /// Under which code, of which unit and for which span the whole days' sums stand.
    pub fn sums<'a>(&self, whose: &'a Whose) -> impl Iterator<Item = (&'a str, i64, Span)> {
        let units = self.units();
        whose
            .sums()
            .flat_map(move |code| units.clone().into_iter().map(move |(unit, span)| (code, unit, span)))
    }

    /// Rows of the log that are in no sum: those that came since, and those of the ragged ends.
    pub fn raw(&self, tx: &mut dyn Tx, whose: &Whose, columns: &str, rest: &str) -> Result<Vec<Row>, Error> {
        let mut rows = self.pending(tx, whose, columns, rest)?;
        rows.extend(self.ragged(tx, whose, columns, rest)?);
        Ok(rows)
    }

    /// Of clicks of the whole units that are not added up yet.
    pub fn pending(
        &self,
        tx: &mut dyn Tx,
        whose: &Whose,
        columns: &str,
        rest: &str,
    ) -> Result<Vec<Row>, Error> {
        let values = [self.rolled, self.whole.since_ms.max(self.kept_since), self.whole.until_ms];
        // By their numbers first, of which there are few, never by the index of times.
        whose.rows(tx, &values, |of| {
            format!(
                "SELECT {columns} FROM (SELECT * FROM shorten_clicks WHERE seq > ?1 ORDER BY seq LIMIT {ALL}) AS fresh
                 WHERE at_ms >= ?2 AND at_ms < ?3 {of} {rest}"
            )
        })
    }

    /// Of clicks of the ragged ends.
    pub fn ragged(
        &self,
        tx: &mut dyn Tx,
        whose: &Whose,
        columns: &str,
        rest: &str,
    ) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        for edge in ends(self.span, self.whole) {
            rows.extend(whose.rows(tx, &[edge.since_ms, edge.until_ms], |of| {
                format!("SELECT {columns} FROM shorten_clicks WHERE at_ms >= ?1 AND at_ms < ?2 {of} {rest}")
            })?);
        }
        Ok(rows)
    }
}

/// The whole units in a span; an empty one where there are none.
fn inner(span: Span, unit: i64) -> Span {
    let since_ms = up(span.since_ms, unit);
    Span { since_ms, until_ms: (span.until_ms.div_euclid(unit) * unit).max(since_ms) }
}

/// What is in a span before and after one inside of it.
fn ends(outer: Span, inner: Span) -> Vec<Span> {
    let before = Span { since_ms: outer.since_ms, until_ms: inner.since_ms.min(outer.until_ms) };
    let after = Span { since_ms: inner.until_ms.max(before.until_ms), until_ms: outer.until_ms };
    [before, after].into_iter().filter(|span| span.since_ms < span.until_ms).collect()
}

/// The next beginning of a unit.
fn up(ms: i64, unit: i64) -> i64 {
    ms.div_euclid(unit).saturating_add(i64::from(ms.rem_euclid(unit) > 0)).saturating_mul(unit)
}
