//! The click log classified anew, and old clicks deleted.

use super::Tables;
use super::clicks::{newest, state};
use super::sums::forget;
use cm_store::{Error, Value};

const DAY: i64 = 86_400_000;
/// Clicks looked at or deleted in one transaction.
const SLICE: i64 = 20_000;

/// What a click is, as it is judged now.
#[derive(Debug)]
pub struct Judged {
    /// `human`, `preview` or `bot`.
    pub class: &'static str,
    /// What decided it.
    pub rule: &'static str,
    /// Of people.
    pub device: Option<&'static str>,
}

/// A judge of clicks: what is kept of the user agent, and how it came.
pub type Judge = fn(&str, Option<&str>) -> Judged;

impl Tables {
    /// Judges the clicks after `seq` anew, a slice of them: the last one looked at (absent at the end) and how many
    /// changed. What was added up of them is thrown away in the same transaction.
    pub fn reclassify(&self, seq: i64, judge: Judge) -> Result<(Option<i64>, u64), Error> {
        self.store.write(move |tx| {
            let sql = "SELECT c.seq, c.class, c.how, a.agent FROM shorten_clicks c
                       LEFT JOIN shorten_agents a ON a.id = c.agent WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2";
            let rows = tx.query(sql, &[seq.into(), SLICE.into()])?;
            let (mut last, mut changed) = (None, 0);
            for row in &rows {
                last = row.int(0)?;
                let Some(agent) = row.text(3)? else { continue };
                let now = judge(&agent, row.text(2)?.as_deref());
                // The whole user agent may have named another rule for the same class: that one stays.
                if row.need_text(1)? == now.class {
                    continue;
                }
                let sql = "UPDATE shorten_clicks SET class = ?2, rule = ?3, device = ?4 WHERE seq = ?1";
                let values: [Value; 4] =
                    [row.need_int(0)?.into(), now.class.into(), now.rule.into(), now.device.into()];
                tx.execute(sql, &values)?;
                changed += 1;
            }
            if changed > 0 && state(tx, "rolled")? > seq {
                forget(tx)?;
            }
            Ok((last, changed))
        })
    }

    /// Deletes clicks of days that were over at `before_ms`, once they are added up: a slice of them; true when there
    /// are more.
    pub fn expire(&self, before_ms: i64) -> Result<bool, Error> {
        self.store.write(move |tx| {
            let horizon = before_ms.div_euclid(DAY) * DAY;
            if state(tx, "rolled")? < newest(tx)? {
                return Ok(false);
            }
            let sql = "UPDATE shorten_state SET value = ?1 WHERE name = 'kept_since' AND value < ?1";
            tx.execute(sql, &[horizon.into()])?;
            let sql = "DELETE FROM shorten_clicks WHERE seq IN
                       (SELECT seq FROM shorten_clicks WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
            let gone = tx.execute(sql, &[horizon.into(), SLICE.into()])?;
            Ok(i64::try_from(gone).unwrap_or(0) >= SLICE)
        })
    }

    /// The instant before which single clicks were deleted, ms; 0: none were.
    pub fn kept_since(&self) -> Result<i64, Error> {
        self.store.read(|tx| state(tx, "kept_since"))
    }
}
