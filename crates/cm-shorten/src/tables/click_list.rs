//! Single clicks read back in order of time. In: a span, perhaps a link. Out: clicks with their links.
//!
//! There is no index of clicks by link: each click would be written to another place of it, which costs a busy server more
//! than all the rest. Instead the sums by quarter of an hour say in which of them a link had clicks.

use super::Tables;
use super::clicks::state;
use super::links::{COLUMNS, WIDTH, link_of};
use super::rollups::QUARTER;
use crate::rows::{Click, Link, Span};
use cm_store::{Error, Row, Tx, Value};
use std::collections::BTreeSet;

/// The index by link goes.
pub(super) const EIGHTH: &str = "DROP INDEX shorten_clicks_code;";

/// When a click came, ms, and its number.
type Position = (i64, i64);

impl Tables {
    /// Up to `limit` clicks of a span after a position, of one link or of all, in order of time, with the link of each.
    pub fn clicks_after(
        &self,
        code: Option<&str>,
        after: Position,
        span: Span,
        limit: i64,
    ) -> Result<Vec<(i64, Click, Link)>, Error> {
        // One beginning, or the engine might begin each page at the wrong one of two.
        let after = after.max((span.since_ms.saturating_sub(1), i64::MAX));
        let code = code.map(str::to_owned);
        self.store.read(move |tx| {
            let Some(code) = &code else { return page(tx, after, span.until_ms, limit, None) };
            let (mut clicks, mut left) = (Vec::new(), limit);
            let rest = Span { since_ms: after.0, until_ms: span.until_ms };
            for begin in quarters(tx, code, rest)? {
                let end = span.until_ms.min(begin.saturating_add(QUARTER));
                let some = page(tx, after.max((begin - 1, i64::MAX)), end, left, Some(code))?;
                left -= i64::try_from(some.len()).unwrap_or(left);
                clicks.extend(some);
                if left <= 0 {
                    break;
                }
            }
            Ok(clicks)
        })
    }

    /// The position after which the last `count` clicks of a span stand; `None` where there are no more than these.
    pub fn before_the_last(
        &self,
        code: Option<&str>,
        span: Span,
        count: usize,
    ) -> Result<Option<Position>, Error> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let code = code.map(str::to_owned);
        self.store.read(move |tx| {
            let Some(code) = &code else { return nth_last(tx, span, count, None) };
            let mut left = count;
            for begin in quarters(tx, code, span)?.into_iter().rev() {
                let (since_ms, until_ms) = (begin.max(span.since_ms), span.until_ms.min(begin + QUARTER));
                let part = Span { since_ms, until_ms };
                if let Some(found) = nth_last(tx, part, left, Some(code))? {
                    return Ok(Some(found));
                }
                let sql =
                    "SELECT count(*) FROM shorten_clicks WHERE at_ms >= ?1 AND at_ms < ?2 AND code = ?3";
                let rows = tx.query(sql, &[since_ms.into(), until_ms.into(), code.into()])?;
                left -= rows.first().map_or(Ok(0), |row| row.need_int(0))?;
            }
            Ok(None)
        })
    }
}

/// The quarters of an hour that touch a span and in which a link had clicks, in order.
fn quarters(tx: &mut dyn Tx, code: &str, span: Span) -> Result<BTreeSet<i64>, Error> {
    let mut found = BTreeSet::new();
    let first = span.since_ms.div_euclid(QUARTER).saturating_mul(QUARTER);
    let values: [Value; 3] = [code.into(), first.into(), span.until_ms.into()];
    let sql =
        "SELECT begin_ms FROM shorten_click_quarters WHERE code = ?1 AND begin_ms >= ?2 AND begin_ms < ?3";
    for row in tx.query(sql, &values)? {
        found.insert(row.need_int(0)?);
    }
    // Those that are in no sum yet, of which there are few; asked for without DISTINCT, for which all would be looked through.
    let rolled = state(tx, "rolled")?;
    let sql = "SELECT at_ms FROM shorten_clicks WHERE seq > ?1 AND code = ?2";
    for row in tx.query(sql, &[rolled.into(), code.into()])? {
        let begin = row.need_int(0)?.div_euclid(QUARTER) * QUARTER;
        if begin >= first && begin < span.until_ms {
            found.insert(begin);
        }
    }
    Ok(found)
}

fn page(
    tx: &mut dyn Tx,
    after: Position,
    until_ms: i64,
    limit: i64,
    code: Option<&str>,
) -> Result<Vec<(i64, Click, Link)>, Error> {
    let of_link = if code.is_some() { "AND c.code = ?5" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS}, c.seq, c.at_ms, c.class, c.rule, c.referrer, c.family, c.source, c.device,
                c.country, c.how, c.visitor, c.first_here, c.first_of_all
         FROM shorten_clicks c JOIN shorten_links l ON l.code = c.code
         WHERE (c.at_ms, c.seq) > (?1, ?2) AND c.at_ms < ?3 {of_link}
         ORDER BY c.at_ms, c.seq LIMIT ?4"
    );
    let mut values: Vec<Value> = [after.0, after.1, until_ms, limit].map(Value::from).to_vec();
    values.extend(code.map(Value::from));
    let rows = tx.query(&sql, &values)?;
    rows.iter().map(|row| Ok((row.need_int(WIDTH)?, click_of(row)?, link_of(row)?))).collect()
}

fn nth_last(tx: &mut dyn Tx, span: Span, nth: i64, code: Option<&str>) -> Result<Option<Position>, Error> {
    let of_link = if code.is_some() { "AND code = ?4" } else { "" };
    let sql = format!(
        "SELECT at_ms, seq FROM shorten_clicks WHERE at_ms >= ?1 AND at_ms < ?2 {of_link}
         ORDER BY at_ms DESC, seq DESC LIMIT 1 OFFSET ?3"
    );
    let mut values: Vec<Value> = [span.since_ms, span.until_ms, nth].map(Value::from).to_vec();
    values.extend(code.map(Value::from));
    let rows = tx.query(&sql, &values)?;
    rows.first().map(|row| Ok((row.need_int(0)?, row.need_int(1)?))).transpose()
}

fn click_of(row: &Row) -> Result<Click, Error> {
    Ok(Click {
        at_ms: row.need_int(WIDTH + 1)?,
        code: row.need_text(0)?,
        class: row.need_text(WIDTH + 2)?.into(),
        rule: row.need_text(WIDTH + 3)?.into(),
        referrer: row.text(WIDTH + 4)?,
        family: row.need_text(WIDTH + 5)?.into(),
        source: row.need_text(WIDTH + 6)?,
        device: row.text(WIDTH + 7)?.map(Into::into),
        country: row.text(WIDTH + 8)?,
        agent: None,
        how: row.text(WIDTH + 9)?,
        visitor: row.text(WIDTH + 10)?,
        first_here: row.need_int(WIDTH + 11)? != 0,
        first_of_all: row.need_int(WIDTH + 12)? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::{Keeper, Visit};
    use cm_store::Mode;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn clicks_of_a_link_are_those_of_all_that_are_its_own_added_up_or_not(
            given in prop::collection::vec((0i64..9, 0u8..3), 0..40), rolled in 0usize..40,
            since in 0i64..9, until in 0i64..10, limit in 1i64..5, last in 0usize..6,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let tables = Tables::open(dir.path().join("store").to_str().unwrap(), Mode::Write).unwrap();
            let wanted = |code: &str| crate::rows::Wanted { code: Some(code.into()), ..Default::default() };
            let links: Vec<_> = ["k0", "k1", "k2"].map(wanted).into();
            tables.ensure(&links.into(), crate::slug::Codes::Random).unwrap();
            let mut keeper = Keeper::default();
            let clicks: Vec<Click> = given.iter().map(|(at, link)| {
                let visit = Visit::logged(&format!("k{link}"), at * 400_000, false, None, "-", "203.0.113.9");
                keeper.keep(&visit).unwrap()
            }).collect();
            let (first, second) = clicks.split_at(rolled.min(clicks.len()));
            tables.log(first.to_vec().into(), 0).unwrap();
            tables.roll_up().unwrap();
            tables.log(second.to_vec().into(), 0).unwrap();
            let span = Span { since_ms: since * 400_000 + 1 - since.min(1), until_ms: until * 400_000 };
            let all = tables.clicks_after(None, (-1, i64::MAX), span, 1000).unwrap();
            for code in ["k0", "k1", "k2", "k9"] {
                let own: Vec<i64> =
                    all.iter().filter(|(_, click, _)| click.code == code).map(|(seq, ..)| *seq).collect();
                let (mut told, mut after) = (Vec::new(), (-1, i64::MAX));
                loop {
                    let some = tables.clicks_after(Some(code), after, span, limit).unwrap();
                    let Some((seq, click, _)) = some.last() else { break };
                    after = (click.at_ms, *seq);
                    told.extend(some.iter().map(|(seq, ..)| *seq));
                }
                prop_assert_eq!(&told, &own);
                let before = tables.before_the_last(Some(code), span, last).unwrap();
                let wanted = own.len().checked_sub(last + 1).map(|at| own[at]);
                prop_assert_eq!(before.map(|(_, seq)| seq), wanted);
            }
        }
    }
}
