//! Sums of clicks made and thrown away: what rollups.rs reads. In: rows of the click log. Out: rows of the three tables
//! of sums.

use super::clicks::state;
use super::rollups::{DAY, MONTH, QUARTER, parts_of};
use crate::rows::{ByClass, Part};
use cm_store::{Error, Row, Tx, Value};
use std::collections::BTreeMap;

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

/// Sums of some clicks.
#[derive(Default)]
pub(super) struct Sums {
    quarters: BTreeMap<(String, i64), ByClass>,
    days: BTreeMap<(String, i64, i64), (ByClass, i64)>,
    parts: BTreeMap<(String, i64, i64, Part), i64>,
}

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
        let (at_ms, class) = (row.need_int(1)?, row.need_text(3)?);
        let is_human = class == "human";
        for (code, first) in [(row.need_text(2)?, row.need_int(4)?), (String::new(), row.need_int(5)?)] {
            let begin = |unit: i64| at_ms.div_euclid(unit) * unit;
            self.quarters.entry((code.clone(), begin(QUARTER))).or_default().add(&class, 1);
            for unit in [DAY, MONTH] {
                let (count, visitors) = self.days.entry((code.clone(), unit, begin(unit))).or_default();
                count.add(&class, 1);
                *visitors += if is_human { first } else { 0 };
                if is_human {
                    for part in parts_of(row.need_text(6)?, row.need_text(7)?, row.text(8)?, row.text(9)?) {
                        *self.parts.entry((code.clone(), unit, begin(unit), part)).or_default() += 1;
                    }
                }
            }
        }
        Ok(())
    }

    /// Joins them to those in the store.
    pub fn write(self, tx: &mut dyn Tx) -> Result<(), Error> {
        let sql = "INSERT INTO shorten_click_quarters AS q (code, begin_ms, human, preview, bot)
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (code, begin_ms) DO UPDATE SET
                   human = q.human + excluded.human, preview = q.preview + excluded.preview, bot = q.bot + excluded.bot";
        for ((code, begin), ByClass { human, preview, bot }) in self.quarters {
            tx.execute(sql, &[code.into(), begin.into(), human.into(), preview.into(), bot.into()])?;
        }
        let sql = "INSERT INTO shorten_click_days AS d (code, unit, begin_ms, human, preview, bot, visitors)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (code, unit, begin_ms) DO UPDATE SET
                   human = d.human + excluded.human, preview = d.preview + excluded.preview,
                   bot = d.bot + excluded.bot, visitors = d.visitors + excluded.visitors";
        for ((code, unit, begin), (ByClass { human, preview, bot }, visitors)) in self.days {
            let values = [unit, begin, human, preview, bot, visitors].map(Value::from);
            tx.execute(sql, &[&[code.into()], &values[..]].concat())?;
        }
        let sql = "INSERT INTO shorten_click_parts AS p (code, unit, begin_ms, part, family, name, human)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (code, unit, begin_ms, part, family, name)
                   DO UPDATE SET human = p.human + excluded.human";
        for ((code, unit, begin, Part { part, family, name }), human) in self.parts {
            let values = [
                code.into(),
                unit.into(),
                begin.into(),
                part.into(),
                family.into(),
                name.into(),
                human.into(),
            ];
            tx.execute(sql, &values)?;
        }
        Ok(())
    }
}
