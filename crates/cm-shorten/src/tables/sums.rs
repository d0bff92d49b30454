//! Sums of clicks made and thrown away: what rollups.rs reads. In: rows of the click log. Out: rows of the three tables
//! of sums.

use super::clicks::state;
use super::rollups::{DAY, MONTH, QUARTER};
use crate::rows::ByClass;
use cm_store::{Error, Row, Tx, Value};
use std::collections::{BTreeMap, HashMap};

/// Rows of the log held at once.
const PAGE: i64 = 8_192;

/// Throws away the sums of the days whose clicks are still in the log, and begins at its start.
pub(super) fn forget(tx: &mut dyn Tx) -> Result<(), Error> {
    let kept_since = state(tx, "kept_since")?;
    tx.execute("DELETE FROM shorten_click_quarters WHERE begin_ms >= ?1", &[kept_since.into()])?;
    // A month may begin before what is kept: its sums are those of its days that stay.
    for table in ["shorten_click_days", "shorten_click_parts"] {
        let sql = format!("DELETE FROM {table} WHERE unit = ?1 AND begin_ms >= ?2");
        tx.execute(&sql, &[DAY.into(), kept_since.into()])?;
        let month = kept_since.div_euclid(MONTH) * MONTH;
        tx.execute(&sql, &[MONTH.into(), month.into()])?;
    }
    let month = kept_since.div_euclid(MONTH) * MONTH;
    let values = [DAY.into(), month.into(), MONTH.into()];
    tx.execute(
        "INSERT INTO shorten_click_days (code, unit, begin_ms, human, preview, bot, visitors)
         SELECT code, ?3, ?2, sum(human), sum(preview), sum(bot), sum(visitors) FROM shorten_click_days
         WHERE unit = ?1 AND begin_ms >= ?2 GROUP BY code",
        &values,
    )?;
    tx.execute(
        "INSERT INTO shorten_click_parts (code, unit, begin_ms, part, family, name, human)
         SELECT code, ?3, ?2, part, family, name, sum(human) FROM shorten_click_parts
         WHERE unit = ?1 AND begin_ms >= ?2 GROUP BY code, part, family, name",
        &values,
    )?;
    tx.execute("UPDATE shorten_state SET value = 0 WHERE name = 'rolled'", &[])?;
    Ok(())
}

/// Texts as numbers: adding up compares and copies no text.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.numbers.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.names.len() - 1
    }
}

/// A part of people: what it is, the family and the name, as numbers.
type PartKey = (&'static str, usize, usize);

/// Sums of some clicks: the least of which all that is written can be made.
#[derive(Default)]
pub(super) struct Sums {
    names: Names,
    /// By link and quarter of an hour.
    quarters: HashMap<(usize, i64), ByClass>,
    /// Who came first to a link, and to any (link `ALL`), by day.
    visitors: HashMap<(usize, i64), i64>,
    /// People by link, day and part.
    parts: HashMap<(usize, i64, PartKey), i64>,
}

/// The place of a link's name where all links are meant.
const ALL: usize = usize::MAX;

impl Sums {
    /// Adds up the clicks after one number up to another.
    pub fn read(&mut self, tx: &mut dyn Tx, mut from: i64, to: i64) -> Result<(), Error> {
        let sql = "SELECT seq, at_ms, code, class, first_here, first_of_all, family, source, device, country
                   FROM shorten_clicks WHERE seq > ?1 AND seq <= ?2 AND at_ms >= ?4 ORDER BY seq LIMIT ?3";
        // Older ones were added up and are being deleted.
        let kept_since = state(tx, "kept_since")?;
        loop {
            let rows = tx.query(sql, &[from.into(), to.into(), PAGE.into(), kept_since.into()])?;
            let Some(last) = rows.last() else { return Ok(()) };
            from = last.need_int(0)?;
            for row in &rows {
                self.take(row)?;
            }
        }
    }

    fn take(&mut self, row: &Row) -> Result<(), Error> {
        let (at_ms, code) = (row.need_int(1)?, self.names.number(text(row, 2)));
        let (day, class) = (begin(at_ms, DAY), text(row, 3));
        self.quarters.entry((code, begin(at_ms, QUARTER))).or_default().add(class, 1);
        if class != "human" {
            return Ok(());
        }
        for (code, first) in [(code, row.need_int(4)?), (ALL, row.need_int(5)?)] {
            if first != 0 {
                *self.visitors.entry((code, day)).or_default() += first;
            }
        }
        let family = self.names.number(text(row, 6));
        for (part, at) in [("source", 7), ("device", 8), ("country", 9)] {
            if matches!(row.0.get(at), Some(Value::Text(_))) {
                let family = if part == "source" { family } else { self.names.number("") };
                let key = (part, family, self.names.number(text(row, at)));
                *self.parts.entry((code, day, key)).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Joins them to those in the store, in the order of its indexes.
    pub fn write(self, tx: &mut dyn Tx) -> Result<(), Error> {
        let name = |number: usize| self.names.names.get(number).map_or("", String::as_str);
        let both = |code: usize| [name(code), ""];
        let mut quarters: BTreeMap<(&str, i64), ByClass> = BTreeMap::new();
        let mut days: BTreeMap<(&str, i64, i64), (ByClass, i64)> = BTreeMap::new();
        for ((code, at_ms), count) in &self.quarters {
            for code in both(*code) {
                quarters.entry((code, *at_ms)).or_default().join(*count);
                for unit in [DAY, MONTH] {
                    days.entry((code, unit, begin(*at_ms, unit))).or_default().0.join(*count);
                }
            }
        }
        for ((code, day), visitors) in &self.visitors {
            for unit in [DAY, MONTH] {
                days.entry((name(*code), unit, begin(*day, unit))).or_default().1 += visitors;
            }
        }
        let mut parts: BTreeMap<(&str, i64, i64, &str, &str, &str), i64> = BTreeMap::new();
        for ((code, day, (part, family, of)), human) in &self.parts {
            for (code, unit) in both(*code).into_iter().flat_map(|code| [(code, DAY), (code, MONTH)]) {
                *parts.entry((code, unit, begin(*day, unit), part, name(*family), name(*of))).or_default() +=
                    human;
            }
        }
        write_quarters(tx, quarters)?;
        write_days(tx, days)?;
        write_parts(tx, parts)
    }
}

fn begin(at_ms: i64, unit: i64) -> i64 {
    at_ms.div_euclid(unit) * unit
}

/// A text that need not be copied; empty where there is none.
fn text(row: &Row, at: usize) -> &str {
    match row.0.get(at) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

fn write_quarters(tx: &mut dyn Tx, quarters: BTreeMap<(&str, i64), ByClass>) -> Result<(), Error> {
    let sql = "INSERT INTO shorten_click_quarters AS q (code, begin_ms, human, preview, bot)
               VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (code, begin_ms) DO UPDATE SET
               human = q.human + excluded.human, preview = q.preview + excluded.preview, bot = q.bot + excluded.bot";
    for ((code, begin), ByClass { human, preview, bot }) in quarters {
        tx.execute(sql, &[code.into(), begin.into(), human.into(), preview.into(), bot.into()])?;
    }
    Ok(())
}

fn write_days(tx: &mut dyn Tx, days: BTreeMap<(&str, i64, i64), (ByClass, i64)>) -> Result<(), Error> {
    let sql = "INSERT INTO shorten_click_days AS d (code, unit, begin_ms, human, preview, bot, visitors)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (code, unit, begin_ms) DO UPDATE SET
               human = d.human + excluded.human, preview = d.preview + excluded.preview,
               bot = d.bot + excluded.bot, visitors = d.visitors + excluded.visitors";
    for ((code, unit, begin), (ByClass { human, preview, bot }, visitors)) in days {
        let values = [unit, begin, human, preview, bot, visitors].map(Value::from);
        tx.execute(sql, &[&[code.into()], &values[..]].concat())?;
    }
    Ok(())
}

fn write_parts(
    tx: &mut dyn Tx,
    parts: BTreeMap<(&str, i64, i64, &str, &str, &str), i64>,
) -> Result<(), Error> {
    let sql = "INSERT INTO shorten_click_parts AS p (code, unit, begin_ms, part, family, name, human)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (code, unit, begin_ms, part, family, name)
               DO UPDATE SET human = p.human + excluded.human";
    for ((code, unit, begin, part, family, name), human) in parts {
        let values: [Value; 7] =
            [code.into(), unit.into(), begin.into(), part.into(), family.into(), name.into(), human.into()];
        tx.execute(sql, &values)?;
    }
    Ok(())
}
