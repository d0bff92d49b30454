//! The click log classified anew, and old clicks deleted.

use super::Tables;
use super::clicks::{newest, state};
use super::rollups::DAY;
use super::sums::forget;
use cm_store::{Error, Value};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Click, Span};
    use crate::tables::Whose;
    use crate::visit::{Keeper, Visit};
    use cm_store::Mode;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    fn click(day: i64, agent: &str) -> Click {
        let visit = Visit::logged("k", day * DAY + 5, false, Some(agent), "-", "203.0.113.9");
        Keeper::default().keep(&visit).unwrap()
    }

    #[test]
    fn a_click_whose_deletion_was_cut_short_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path().join("store").to_str().unwrap(), Mode::Write).unwrap();
        tables.log([33, 34, 40].map(|day| click(day, FIREFOX)).to_vec().into(), 0).unwrap();
        assert!(!tables.roll_up().unwrap());
        // Killed after the first slice; then classified anew, and not yet added up again.
        let cut = "UPDATE shorten_state SET value = ?1 WHERE name = 'kept_since'";
        tables.store.write(move |tx| tx.execute(cut, &[(36 * DAY).into()])).unwrap();
        tables.store.write(forget).unwrap();
        let fresh = "SELECT count(*) FROM report_clicks_fresh_v1";
        for left in [1, 0] {
            assert_eq!(tables.counts(vec!["k".into()]).unwrap()["k"].human, 3);
            let rows = tables.store.read(|tx| tx.query(fresh, &[])).unwrap();
            assert_eq!(rows[0].need_int(0).unwrap(), left);
            assert!(!tables.roll_up().unwrap());
        }
    }

    #[test]
    fn what_is_judged_anew_are_single_clicks_and_older_sums_stay_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path().join("store").to_str().unwrap(), Mode::Write).unwrap();
        // Of one robot that nobody knew then: two clicks that were deleted since, and one that is kept. 32 days begin with
        // day 32, so that the sums of such a while have both.
        let k = Whose::Links(vec!["k".to_owned()]);
        let clicks = [33, 34, 40].map(|day| click(day, FIREFOX));
        tables.log(clicks.to_vec().into(), 0).unwrap();
        assert!(!tables.roll_up().unwrap());
        assert!(!tables.expire(36 * DAY).unwrap());
        let robot = |_: &str, _: Option<&str>| Judged { class: "bot", rule: "new robot", device: None };
        assert_eq!(tables.reclassify(0, robot).unwrap().1, 1);
        for _ in 0..2 {
            let count = tables.counts(vec!["k".into()]).unwrap()["k"];
            assert_eq!((count.human, count.bot), (2, 1));
            let day = |day: i64| Span { since_ms: day * DAY, until_ms: (day + 1) * DAY };
            let of = |span| tables.quarters(&k, span).unwrap()[0].1;
            assert_eq!((of(day(33)).human, of(day(34)).human, of(day(40)).bot), (1, 1, 1));
            // Of deleted clicks quarters of an hour are known, and so which links they opened.
            let part = Span { since_ms: 33 * DAY + DAY / 2, until_ms: 34 * DAY };
            let sum = tables.quarters(&k, part).unwrap().iter().map(|(_, count)| count.human).sum();
            assert_eq!(tables.most_opened(&k, part, 5).unwrap(), [("k".to_owned(), sum)]);
            let whole = Span { since_ms: 0, until_ms: i64::MAX };
            assert_eq!(tables.visitors(&k, whole).unwrap(), 2);
            let sources = tables.parts(&k, whole).unwrap();
            assert_eq!(sources.iter().find(|(part, _)| part.part == "source").unwrap().1, 2);
            while tables.roll_up().unwrap() {}
        }
    }
}
