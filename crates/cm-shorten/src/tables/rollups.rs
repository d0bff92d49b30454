//! Clicks added up, so that a year of them is not read one by one: by quarter of an hour (zones begin their days on
//! one), and by 1 and 32 days of UTC with visitors, sources, devices and countries; of each link and of all (code '').
//!
//! The state `rolled` names the last click that is in them, and changes in the same transaction as they do. Whoever
//! reads takes what is added up, and from the log what came after it or lies at the ragged ends of the span: so the
//! two never differ, and appending to the log costs nothing more.

use super::Tables;
use super::clicks::{newest, state};
use super::sums::Sums;
use crate::rows::{ByClass, Part, Span};
use cm_store::{Error, Row, Tx, Value};
use std::collections::{BTreeMap, HashMap};

/// A quarter of an hour, ms.
pub(super) const QUARTER: i64 = 900_000;
/// A day, ms.
pub(super) const DAY: i64 = 86_400_000;
/// 32 days, ms.
pub(super) const MONTH: i64 = 32 * DAY;
/// Clicks added up in one transaction: more are cheaper each, but a writer waits meanwhile.
pub const SLICE: i64 = 65_536;
/// No limit, where one must stand.
const ALL: i64 = i64::MAX;

impl Tables {
    /// Adds up the next clicks of the log; true when there are more.
    pub fn roll_up(&self) -> Result<bool, Error> {
        self.store.write(|tx| {
            let (from, last) = (state(tx, "rolled")?, newest(tx)?);
            let to = last.min(from + SLICE);
            if to > from {
                let mut sums = Sums::default();
                sums.read(tx, from, to)?;
                sums.write(tx)?;
                tx.execute("UPDATE shorten_state SET value = ?1 WHERE name = 'rolled'", &[to.into()])?;
            }
            Ok(to < last)
        })
    }

    /// Clicks of a span by quarter of an hour, of one link or all, in order.
    pub fn quarters(&self, code: Option<&str>, span: Span) -> Result<Vec<(i64, ByClass)>, Error> {
        let code = code.map(str::to_owned);
        self.store.read(move |tx| {
            let cut = Cut::of(tx, span, QUARTER)?;
            let mut quarters: BTreeMap<i64, ByClass> = BTreeMap::new();
            let sql = "SELECT begin_ms, human, preview, bot FROM shorten_click_quarters
                       WHERE code = ?1 AND begin_ms >= ?2 AND begin_ms < ?3";
            let of = code.clone().unwrap_or_default();
            for row in tx.query(sql, &[of.into(), cut.whole.since_ms.into(), cut.whole.until_ms.into()])? {
                quarters.entry(row.need_int(0)?).or_default().join(classes(&row, 1)?);
            }
            for row in
                cut.raw(tx, &code, "at_ms / 900000, class, count(*)", "GROUP BY at_ms / 900000, class")?
            {
                let quarter = quarters.entry(row.need_int(0)? * QUARTER).or_default();
                quarter.add(&row.need_text(1)?, row.need_int(2)?);
            }
            Ok(quarters.into_iter().collect())
        })
    }

    /// Where people came from and with what, of one link or all.
    pub fn parts(&self, code: Option<&str>, span: Span) -> Result<Vec<(Part, i64)>, Error> {
        let code = code.map(str::to_owned);
        self.store.read(move |tx| {
            let cut = Cut::of(tx, span, DAY)?;
            let mut parts: BTreeMap<Part, i64> = BTreeMap::new();
            let sql = "SELECT part, family, name, sum(human) FROM shorten_click_parts
                       WHERE code = ?1 AND unit = ?2 AND begin_ms >= ?3 AND begin_ms < ?4 GROUP BY part, family, name";
            for (unit, span) in cut.units() {
                let values: [Value; 4] =
                    [code.clone().unwrap_or_default().into(), unit.into(), span.since_ms.into(), span.until_ms.into()];
                for row in tx.query(sql, &values)? {
                    let part = Part { part: row.need_text(0)?, family: row.need_text(1)?, name: row.need_text(2)? };
                    *parts.entry(part).or_default() += row.need_int(3)?;
                }
            }
            let columns = "family, source, device, country, count(*)";
            for row in cut.raw(tx, &code, columns, "AND class = 'human' GROUP BY family, source, device, country")? {
                for part in parts_of(row.need_text(0)?, row.need_text(1)?, row.text(2)?, row.text(3)?) {
                    *parts.entry(part).or_default() += row.need_int(4)?;
                }
            }
            Ok(parts.into_iter().collect())
        })
    }

    /// People of a span, each counted once a day (of UTC), of one link or all.
    pub fn visitors(&self, code: Option<&str>, span: Span) -> Result<i64, Error> {
        let code = code.map(str::to_owned);
        self.store.read(move |tx| {
            let cut = Cut::of(tx, span, DAY)?;
            let mut count = 0;
            let sql = "SELECT coalesce(sum(visitors), 0) FROM shorten_click_days
                       WHERE code = ?1 AND unit = ?2 AND begin_ms >= ?3 AND begin_ms < ?4";
            let of = code.clone().unwrap_or_default();
            for (unit, span) in cut.units() {
                let values = [of.as_str().into(), unit.into(), span.since_ms.into(), span.until_ms.into()];
                count += one(tx.query(sql, &values)?)?;
            }
            let first = if code.is_some() { "first_here" } else { "first_of_all" };
            let fresh = format!("coalesce(sum({first}), 0)");
            count += one(cut.pending(tx, &code, &fresh, "AND class = 'human'")?)?;
            // Of a part of a day: who came in it, though that was not the first time on that day.
            for edge in cut.edges() {
                let distinct = "count(DISTINCT visitor)";
                count += one(within(tx, &code, edge, distinct, "AND class = 'human'")?)?;
            }
            Ok(count)
        })
    }

    /// The links that people of a span opened most: code and count.
    pub fn most_opened(&self, span: Span, limit: usize) -> Result<Vec<(String, i64)>, Error> {
        self.store.read(move |tx| {
            let cut = Cut::of(tx, span, DAY)?;
            let mut counts: HashMap<String, i64> = HashMap::new();
            let sql = "SELECT code, sum(human) FROM shorten_click_days
                       WHERE unit = ?1 AND begin_ms >= ?2 AND begin_ms < ?3 AND code <> '' GROUP BY code";
            let mut rows = Vec::new();
            for (unit, span) in cut.units() {
                rows.extend(tx.query(sql, &[unit.into(), span.since_ms.into(), span.until_ms.into()])?);
            }
            rows.extend(cut.raw(tx, &None, "code, count(*)", "AND class = 'human' GROUP BY code")?);
            for row in rows {
                *counts.entry(row.need_text(0)?).or_default() += row.need_int(1)?;
            }
            let mut counts: Vec<(String, i64)> = counts.into_iter().filter(|(_, human)| *human > 0).collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            counts.truncate(limit);
            Ok(counts)
        })
    }

    /// Clicks of these links since they were made.
    pub fn counts(&self, codes: Vec<String>) -> Result<HashMap<String, ByClass>, Error> {
        self.store.read(move |tx| {
            let (rolled, kept_since) = (state(tx, "rolled")?, state(tx, "kept_since")?);
            let mut counts: HashMap<String, ByClass> = HashMap::new();
            let sql = "SELECT coalesce(sum(human), 0), coalesce(sum(preview), 0), coalesce(sum(bot), 0)
                       FROM shorten_click_days WHERE code = ?1 AND unit = ?2";
            for code in &codes {
                for row in tx.query(sql, &[code.into(), MONTH.into()])? {
                    counts.insert(code.clone(), classes(&row, 0)?);
                }
            }
            // As in `Cut::pending`: grouped straight away, all clicks would be looked through by their codes.
            let sql =
                "SELECT code, class, count(*) FROM (SELECT code, class, at_ms FROM shorten_clicks WHERE seq > ?1
                       ORDER BY seq LIMIT ?2) AS fresh WHERE at_ms >= ?3 GROUP BY code, class";
            for row in tx.query(sql, &[rolled.into(), ALL.into(), kept_since.into()])? {
                if let Some(count) = counts.get_mut(&row.need_text(0)?) {
                    count.add(&row.need_text(1)?, row.need_int(2)?);
                }
            }
            Ok(counts)
        })
    }
}

/// A span cut into whole units, of which there are sums, and its ragged ends.
struct Cut {
    span: Span,
    whole: Span,
    /// The last click that is added up.
    rolled: i64,
    kept_since: i64,
}

impl Cut {
    fn of(tx: &mut dyn Tx, mut span: Span, unit: i64) -> Result<Cut, Error> {
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
    fn units(&self) -> Vec<(i64, Span)> {
        let months = inner(self.whole, MONTH);
        let days = ends(self.whole, months).into_iter().map(|span| (DAY, span));
        std::iter::once((MONTH, months))
            .chain(days)
            .filter(|(_, span)| span.since_ms < span.until_ms)
            .collect()
    }

    fn edges(&self) -> Vec<Span> {
        ends(self.span, self.whole)
    }

    /// Rows of the log that are in no sum: those that came since, and those of the ragged ends.
    fn raw(
        &self,
        tx: &mut dyn Tx,
        code: &Option<String>,
        columns: &str,
        rest: &str,
    ) -> Result<Vec<Row>, Error> {
        let mut rows = self.pending(tx, code, columns, rest)?;
        for edge in self.edges() {
            rows.extend(within(tx, code, edge, columns, rest)?);
        }
        Ok(rows)
    }

    /// Of clicks of the whole units that are not added up yet.
    fn pending(
        &self,
        tx: &mut dyn Tx,
        code: &Option<String>,
        columns: &str,
        rest: &str,
    ) -> Result<Vec<Row>, Error> {
        let of = if code.is_some() { "AND code = ?4" } else { "" };
        // By their numbers first, of which there are few, never by the indexes of times and codes.
        let sql = format!(
            "SELECT {columns} FROM (SELECT * FROM shorten_clicks WHERE seq > ?1 ORDER BY seq LIMIT {ALL}) AS fresh
             WHERE at_ms >= ?2 AND at_ms < ?3 {of} {rest}"
        );
        let since_ms = self.whole.since_ms.max(self.kept_since);
        let values: Vec<Value> = [self.rolled, since_ms, self.whole.until_ms].map(Value::from).to_vec();
        tx.query(&sql, &values.into_iter().chain(code.iter().map(Value::from)).collect::<Vec<_>>())
    }
}

/// Rows of the log of a span.
fn within(
    tx: &mut dyn Tx,
    code: &Option<String>,
    span: Span,
    columns: &str,
    rest: &str,
) -> Result<Vec<Row>, Error> {
    let of = if code.is_some() { "AND code = ?3" } else { "" };
    let sql = format!("SELECT {columns} FROM shorten_clicks WHERE at_ms >= ?1 AND at_ms < ?2 {of} {rest}");
    let values: Vec<Value> = [span.since_ms, span.until_ms].map(Value::from).to_vec();
    tx.query(&sql, &values.into_iter().chain(code.iter().map(Value::from)).collect::<Vec<_>>())
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

fn one(rows: Vec<Row>) -> Result<i64, Error> {
    rows.first().map_or(Ok(0), |row| row.need_int(0))
}

fn classes(row: &Row, at: usize) -> Result<ByClass, Error> {
    Ok(ByClass { human: row.need_int(at)?, preview: row.need_int(at + 1)?, bot: row.need_int(at + 2)? })
}

/// What a person's click counts for.
fn parts_of(
    family: String,
    source: String,
    device: Option<String>,
    country: Option<String>,
) -> impl Iterator<Item = Part> {
    let plain = |part: &str, name: Option<String>| {
        name.map(|name| Part { part: part.to_owned(), family: String::new(), name })
    };
    let source = Part { part: "source".to_owned(), family, name: source };
    [Some(source), plain("device", device), plain("country", country)].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::sums::forget;
    use super::*;
    use crate::rows::Click;
    use cm_store::Mode;
    use proptest::prelude::*;

    /// A click: hours since 1970, link, class, source, visitor.
    type Given = (i64, u8, u8, u8, u8);

    fn clicks(given: &[Given]) -> Vec<Click> {
        let mut visitors = crate::visitor::Visitors::of_log();
        let click = |(quarters, link, class, source, who): &Given| {
            let (at_ms, code) = (quarters * 450_000, format!("k{link}"));
            let how = (*class == 1).then(|| "ahead".to_owned());
            // Who is a robot has another user agent.
            let who = who + 10 * u8::from(*class == 2);
            let visitor = visitors.name(at_ms, ["d", "a", &who.to_string()], &code, how.is_none()).unwrap();
            Click {
                at_ms,
                class: ["human", "preview", "bot"][usize::from(*class)].into(),
                rule: "r".into(),
                referrer: None,
                family: "social".into(),
                source: format!("s{source}"),
                device: Some("mobile".into()),
                country: (*source > 0).then(|| "NP".to_owned()),
                agent: Some(format!("a{class}")),
                how,
                visitor: Some(visitor.name),
                first_here: visitor.first_here,
                first_of_all: visitor.first_of_all,
                code,
            }
        };
        given.iter().map(click).collect()
    }

    fn store() -> (tempfile::TempDir, Tables) {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path().join("store").to_str().unwrap(), Mode::Write).unwrap();
        (dir, tables)
    }

    /// Everything that is told of a span.
    fn told(tables: &Tables, code: Option<&str>, span: Span) -> impl PartialEq + std::fmt::Debug {
        (
            tables.quarters(code, span).unwrap(),
            tables.parts(code, span).unwrap(),
            tables.visitors(code, span).unwrap(),
            tables.most_opened(span, 5).unwrap(),
            tables.counts(vec!["k0".into(), "k1".into()]).unwrap(),
        )
    }

    /// People of a span, counted the plain way.
    fn people(clicks: &[Click], code: Option<&str>, span: Span) -> usize {
        let held = clicks.iter().filter(|c| {
            c.class == "human"
                && c.at_ms >= span.since_ms
                && c.at_ms < span.until_ms
                && code.is_none_or(|code| c.code == code)
        });
        held.map(|c| c.visitor.clone()).collect::<std::collections::BTreeSet<_>>().len()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn log_and_rollups_never_differ(
            given in prop::collection::vec((0i64..20_000, 0u8..2, 0u8..3, 0u8..3, 0u8..4), 1..60),
            rolled_after in 0usize..60,
            spans in prop::collection::vec((0i64..20_001, 0i64..20_001), 4),
        ) {
            let all = clicks(&given);
            let ((_keep, plain), (_hold, tables)) = (store(), store());
            plain.log(all.clone().into(), 0).unwrap();
            let (first, rest) = all.split_at(rolled_after.min(all.len()));
            tables.log(first.into(), 0).unwrap();
            prop_assert!(!tables.roll_up().unwrap());
            tables.log(rest.into(), 0).unwrap();
            let everything = Span { since_ms: 0, until_ms: i64::MAX };
            let ragged = spans.iter().map(|(a, b)| Span { since_ms: a.min(b) * 450_000 + 7, until_ms: a.max(b) * 450_000 + 8 });
            for span in ragged.chain([everything]) {
                for code in [None, Some("k0")] {
                    prop_assert_eq!(told(&tables, code, span), told(&plain, code, span));
                    prop_assert_eq!(plain.visitors(code, span).unwrap(), i64::try_from(people(&all, code, span)).unwrap());
                }
            }
            tables.roll_up().unwrap();
            prop_assert_eq!(told(&tables, None, everything), told(&plain, None, everything));
            // Classified anew and back: added up anew as it was.
            let before = told(&tables, Some("k0"), everything);
            tables.store.write(forget).unwrap();
            prop_assert_eq!(&told(&tables, Some("k0"), everything), &before);
            tables.roll_up().unwrap();
            prop_assert_eq!(&told(&tables, Some("k0"), everything), &before);
        }

        #[test]
        fn what_is_deleted_from_the_log_stays_in_the_sums(
            given in prop::collection::vec((0i64..20_000, 0u8..2, 0u8..3, 0u8..3, 0u8..4), 1..60),
            days in 0i64..110,
        ) {
            let all = clicks(&given);
            let (_keep, tables) = store();
            tables.log(all.clone().into(), 0).unwrap();
            let span = Span { since_ms: 0, until_ms: i64::MAX };
            prop_assert!(!tables.expire(days * DAY).unwrap(), "what is not added up is not deleted");
            prop_assert_eq!(tables.kept_since().unwrap(), 0);
            tables.roll_up().unwrap();
            let before = told(&tables, Some("k0"), span);
            tables.expire(days * DAY + 5).unwrap();
            prop_assert_eq!(&told(&tables, Some("k0"), span), &before);
            tables.store.write(forget).unwrap();
            prop_assert_eq!(&told(&tables, Some("k0"), span), &before);
            tables.roll_up().unwrap();
            prop_assert_eq!(&told(&tables, Some("k0"), span), &before);
            let left = tables.store.read(|tx| tx.query("SELECT count(*) FROM shorten_clicks", &[])).unwrap()[0].need_int(0).unwrap();
            prop_assert_eq!(usize::try_from(left).unwrap(), all.iter().filter(|c| c.at_ms >= days * DAY).count());
        }
    }

    #[test]
    fn clicks_are_judged_anew_by_what_is_kept_of_the_user_agent() {
        let (_keep, tables) = store();
        let given = [(1, 0, 0, 0, 0), (2, 0, 0, 0, 1), (3, 0, 2, 0, 2), (4, 0, 1, 0, 3)];
        tables.log(clicks(&given).into(), 0).unwrap();
        tables.roll_up().unwrap();
        let judge = |agent: &str, how: Option<&str>| match (agent, how) {
            ("a0", _) => super::super::Judged { class: "bot", rule: "new robot", device: None },
            (_, None) => super::super::Judged { class: "human", rule: "none", device: Some("desktop") },
            _ => super::super::Judged { class: "preview", rule: "ahead", device: None },
        };
        assert_eq!(tables.reclassify(0, judge).unwrap(), (Some(4), 3));
        let span = Span { since_ms: 0, until_ms: i64::MAX };
        for _ in 0..2 {
            let count = tables.counts(vec!["k0".into()]).unwrap()["k0"];
            assert_eq!(count, ByClass { human: 1, preview: 1, bot: 2 });
            assert_eq!(tables.visitors(Some("k0"), span).unwrap(), 1);
            tables.roll_up().unwrap();
        }
        assert_eq!(tables.reclassify(0, judge).unwrap().1, 0);
    }
}
