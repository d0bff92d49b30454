//! Clicks added up, so that a year of them is not read one by one: by quarter of an hour (zones begin their days on
//! one), and by 1 and 32 days of UTC with visitors, sources, devices and countries; of each link and of all (code '').
//!
//! The state `rolled` names the last click that is in them, and changes in the same transaction as they do. Whoever
//! reads takes what is added up, and from the log what came after it or lies at the ragged ends of the span: so the
//! two never differ, and appending to the log costs nothing more.

use super::Tables;
use super::clicks::{newest, state};
use super::cut::{ALL, Cut, Whose};
use super::sums::Sums;
pub(super) use crate::rows::DAY_MS as DAY;
use crate::rows::{ByClass, Part, Span};
use cm_store::{Error, Row, Tx, Value};
use std::collections::{BTreeMap, HashMap};

/// A quarter of an hour, ms.
pub(super) const QUARTER: i64 = 900_000;
/// 32 days, ms.
pub(super) const MONTH: i64 = 32 * DAY;
/// Clicks added up in one transaction: more are cheaper each, but a writer waits meanwhile.
pub const SLICE: i64 = 65_536;

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

    /// Clicks of a span by quarter of an hour, in order.
    pub fn quarters(&self, whose: &Whose, span: Span) -> Result<Vec<(i64, ByClass)>, Error> {
        let whose = whose.clone();
        self.store.read(move |tx| {
            let cut = Cut::of(tx, span, QUARTER)?;
            let mut quarters: BTreeMap<i64, ByClass> = BTreeMap::new();
            let sql = "SELECT begin_ms, human, preview, bot FROM shorten_click_quarters
                       WHERE code = ?1 AND begin_ms >= ?2 AND begin_ms < ?3";
            for of in whose.sums() {
                for row in
                    tx.query(sql, &[of.into(), cut.whole.since_ms.into(), cut.whole.until_ms.into()])?
                {
                    quarters.entry(row.need_int(0)?).or_default().join(classes(&row, 1)?);
                }
            }
            let columns = "at_ms / 900000, class, count(*)";
            for row in cut.raw(tx, &whose, columns, "GROUP BY at_ms / 900000, class")? {
                let quarter = quarters.entry(row.need_int(0)? * QUARTER).or_default();
                quarter.add(&row.need_text(1)?, row.need_int(2)?);
            }
            Ok(quarters.into_iter().collect())
        })
    }

    /// Where people came from and with what.
    pub fn parts(&self, whose: &Whose, span: Span) -> Result<Vec<(Part, i64)>, Error> {
        let whose = whose.clone();
        self.store.read(move |tx| {
            let cut = Cut::of(tx, span, DAY)?;
            let mut parts: BTreeMap<Part, i64> = BTreeMap::new();
            let sql = "SELECT part, family, name, sum(human) FROM shorten_click_parts
                       WHERE code = ?1 AND unit = ?2 AND begin_ms >= ?3 AND begin_ms < ?4 GROUP BY part, family, name";
            for (of, unit, span) in cut.sums(&whose) {
                let values = [of.into(), unit.into(), span.since_ms.into(), span.until_ms.into()];
                for row in tx.query(sql, &values)? {
                    let part = Part { part: row.need_text(0)?, family: row.need_text(1)?, name: row.need_text(2)? };
                    *parts.entry(part).or_default() += row.need_int(3)?;
                }
            }
            let columns = "family, source, device, country, count(*)";
            let rest = "AND class = 'human' GROUP BY family, source, device, country";
            for row in cut.raw(tx, &whose, columns, rest)? {
                for part in parts_of(row.need_text(0)?, row.need_text(1)?, row.text(2)?, row.text(3)?) {
                    *parts.entry(part).or_default() += row.need_int(4)?;
                }
            }
            Ok(parts.into_iter().collect())
        })
    }

    /// People of a span, each counted once a day (of UTC); of some links, once a day and link.
    pub fn visitors(&self, whose: &Whose, span: Span) -> Result<i64, Error> {
        let whose = whose.clone();
        self.store.read(move |tx| {
            let cut = Cut::of(tx, span, DAY)?;
            let sql = "SELECT coalesce(sum(visitors), 0) FROM shorten_click_days
                       WHERE code = ?1 AND unit = ?2 AND begin_ms >= ?3 AND begin_ms < ?4";
            let mut rows = Vec::new();
            for (of, unit, span) in cut.sums(&whose) {
                let values = [of.into(), unit.into(), span.since_ms.into(), span.until_ms.into()];
                rows.extend(tx.query(sql, &values)?);
            }
            // Of a part of a day: who came in it, though that was not the first time on that day.
            let (first, distinct) = match whose {
                Whose::All => ("sum(first_of_all)", "count(DISTINCT visitor)"),
                Whose::Links(_) => ("sum(first_here)", "count(DISTINCT visitor || code)"),
            };
            let human = "AND class = 'human'";
            rows.extend(cut.pending(tx, &whose, &format!("coalesce({first}, 0)"), human)?);
            rows.extend(cut.ragged(tx, &whose, distinct, human)?);
            rows.iter().map(|row| row.need_int(0)).sum()
        })
    }

    /// The links that people of a span opened most: code and count. Of some links all, also those that nobody opened, and as
    /// exactly as `quarters`.
    pub fn most_opened(&self, whose: &Whose, span: Span, limit: usize) -> Result<Vec<(String, i64)>, Error> {
        let whose = whose.clone();
        self.store.read(move |tx| {
            let (cut, mut rows) = match &whose {
                Whose::All => by_days(tx, span)?,
                Whose::Links(codes) => by_quarters(tx, codes, span)?,
            };
            rows.extend(cut.raw(tx, &whose, "code, count(*)", "AND class = 'human' GROUP BY code")?);
            let mut counts: HashMap<String, i64> = match &whose {
                Whose::All => HashMap::new(),
                Whose::Links(codes) => codes.iter().map(|code| (code.clone(), 0)).collect(),
            };
            for row in rows {
                *counts.entry(row.need_text(0)?).or_default() += row.need_int(1)?;
            }
            if matches!(whose, Whose::All) {
                counts.retain(|_, human| *human > 0);
            }
            let mut counts: Vec<(String, i64)> = counts.into_iter().collect();
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

/// People by link, of the whole days of a span.
fn by_days(tx: &mut dyn Tx, span: Span) -> Result<(Cut, Vec<Row>), Error> {
    let (cut, mut rows) = (Cut::of(tx, span, DAY)?, Vec::new());
    let sql = "SELECT code, sum(human) FROM shorten_click_days
               WHERE unit = ?1 AND begin_ms >= ?2 AND begin_ms < ?3 AND code <> '' GROUP BY code";
    for (unit, span) in cut.units() {
        rows.extend(tx.query(sql, &[unit, span.since_ms, span.until_ms].map(Value::from))?);
    }
    Ok((cut, rows))
}

/// People by link, of the whole quarters of an hour of a span.
fn by_quarters(tx: &mut dyn Tx, codes: &[String], span: Span) -> Result<(Cut, Vec<Row>), Error> {
    let (cut, mut rows) = (Cut::of(tx, span, QUARTER)?, Vec::new());
    let sql = "SELECT code, sum(human) FROM shorten_click_quarters
               WHERE code = ?1 AND begin_ms >= ?2 AND begin_ms < ?3 GROUP BY code";
    for code in codes {
        rows.extend(tx.query(sql, &[code.into(), cut.whole.since_ms.into(), cut.whole.until_ms.into()])?);
    }
    Ok((cut, rows))
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
    fn told(tables: &Tables, whose: &Whose, span: Span) -> impl PartialEq + std::fmt::Debug + use<> {
        (
            tables.quarters(whose, span).unwrap(),
            tables.parts(whose, span).unwrap(),
            tables.visitors(whose, span).unwrap(),
            tables.most_opened(whose, span, 5).unwrap(),
            tables.counts(vec!["k0".into(), "k1".into()]).unwrap(),
        )
    }

    fn these(codes: &[&str]) -> Whose {
        Whose::Links(codes.iter().map(|code| (*code).to_owned()).collect())
    }

    /// People of a span, counted the plain way.
    fn people(clicks: &[Click], whose: &Whose, span: Span) -> i64 {
        let held = clicks.iter().filter(|c| {
            let codes: Vec<&str> = whose.sums().collect();
            let meant = codes == [""] || codes.contains(&c.code.as_str());
            c.class == "human" && c.at_ms >= span.since_ms && c.at_ms < span.until_ms && meant
        });
        let once = held.map(|c| (matches!(whose, Whose::Links(_)).then_some(&c.code), &c.visitor));
        once.collect::<std::collections::BTreeSet<_>>().len().try_into().unwrap()
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
                for whose in [Whose::All, these(&["k0"]), these(&["k0", "k1"])] {
                    prop_assert_eq!(told(&tables, &whose, span), told(&plain, &whose, span));
                    prop_assert_eq!(plain.visitors(&whose, span).unwrap(), people(&all, &whose, span));
                }
            }
            tables.roll_up().unwrap();
            prop_assert_eq!(told(&tables, &Whose::All, everything), told(&plain, &Whose::All, everything));
            // Classified anew and back: added up anew as it was.
            let before = told(&tables, &these(&["k0"]), everything);
            tables.store.write(forget).unwrap();
            prop_assert_eq!(&told(&tables, &these(&["k0"]), everything), &before);
            tables.roll_up().unwrap();
            prop_assert_eq!(&told(&tables, &these(&["k0"]), everything), &before);
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
            let before = told(&tables, &these(&["k0"]), span);
            tables.expire(days * DAY + 5).unwrap();
            prop_assert_eq!(&told(&tables, &these(&["k0"]), span), &before);
            tables.store.write(forget).unwrap();
            prop_assert_eq!(&told(&tables, &these(&["k0"]), span), &before);
            tables.roll_up().unwrap();
            prop_assert_eq!(&told(&tables, &these(&["k0"]), span), &before);
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
            assert_eq!(tables.visitors(&these(&["k0"]), span).unwrap(), 1);
            tables.roll_up().unwrap();
        }
        assert_eq!(tables.reclassify(0, judge).unwrap().1, 0);
    }
}
