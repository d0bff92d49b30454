//! The clicks in the store, through the views that cm-shorten publishes.
//! In: the click log, and sums of it by day of UTC and quarter of an hour. Out: counted clicks.
//!
//! The log is exact. Sums stand for the days whose single clicks were deleted, and for whole days that lie within one
//! part of the report, where no other input may tell the same clicks: a year is then not read one by one.

use super::store::rows;
use crate::facts::{Click, Facts, Source, Sum};
use crate::period::DAY_MS;
use cm_store::{Error, Row, Store, Tx};
use std::ops::Range;

const CLICKS: &str = "SELECT at_ms / 1000, code, class, family, source, COUNT(*) FROM report_clicks_v1
    WHERE at_ms >= ?1 AND at_ms < ?2 GROUP BY at_ms / 1000, code, class, family, source";
/// The `+` keeps the engine from the index of times: it would look through the log instead of the few that are fresh.
const FRESH: &str = "SELECT at_ms / 1000, code, class, family, source, COUNT(*) FROM report_clicks_fresh_v1
    WHERE +at_ms >= ?1 AND +at_ms < ?2 GROUP BY at_ms / 1000, code, class, family, source";
const DAYS: &str = "SELECT code, begin_ms, human, preview, bot FROM report_click_days_v1
    WHERE begin_ms >= ?1 AND begin_ms < ?2 AND code <> ''";
/// Of those links that were opened on a day; `''` is all of them.
const QUARTERS: &str = "SELECT q.code, q.begin_ms, q.human, q.preview, q.bot FROM report_click_days_v1 d
    JOIN report_click_quarters_v1 q ON q.code = d.code
    WHERE d.begin_ms = ?3 AND q.begin_ms >= ?1 AND q.begin_ms < ?2";
const ALL_QUARTERS: &str = "SELECT code, begin_ms, human, preview, bot FROM report_click_quarters_v1
    WHERE code = '' AND begin_ms >= ?1 AND begin_ms < ?2";
const SOURCES: &str = "SELECT begin_ms, family, source, human FROM report_click_sources_v1
    WHERE begin_ms >= ?1 AND begin_ms < ?2";
const KEPT_SINCE: &str = "SELECT since_ms FROM report_clicks_kept_v1";
const FIRST: &str = "SELECT MIN(at_ms) FROM report_clicks_v1";
const FIRST_SUM: &str = "SELECT MIN(begin_ms) FROM report_click_quarters_v1 WHERE code = ''";

/// The time whose clicks are read from the log at once: what is held of them stays small, however many a year has.
const CHUNK_MS: i64 = 6 * 3_600_000;

/// Whether there are sums beside the log.
pub fn has_sums(store: &Store) -> Result<bool, Error> {
    store.has_table("report_click_days_v1")
}

/// The earliest click that the store knows of.
pub fn first(tx: &mut dyn Tx, has_sums: bool) -> Result<Option<i64>, Error> {
    let mut first = one(tx, FIRST)?;
    if has_sums {
        first = first.into_iter().chain(one(tx, FIRST_SUM)?).min();
    }
    Ok(first)
}

/// Counts the clicks from `since` on; how many there were. Those that only sums know wait for `read_sums` where other
/// inputs may know them too.
pub fn read_clicks(store: &Store, since: i64, facts: &mut Facts) -> Result<u64, Error> {
    let has_sums = has_sums(store)?;
    let until = facts.period.span.until_ms;
    let kept = if has_sums { store.read(kept_since)? } else { i64::MIN };
    let (mut from, mut count) = (since, 0);
    while from < until {
        let day = from.div_euclid(DAY_MS) * DAY_MS;
        let end = (day + DAY_MS).min(until);
        let is_gone = day < kept;
        let is_summed = has_sums && day == from && facts.period.is_one_part(day, day + DAY_MS);
        let to = match () {
            () if is_gone && facts.several => end,
            () if is_gone || is_summed && !facts.several => {
                count += read_day(store, from..end, is_summed, facts)?;
                end
            }
            () => {
                let to = (from + CHUNK_MS).min(end);
                for (click, times) in
                    store.read(move |tx| rows(tx, CLICKS, &[from.into(), to.into()], click))?
                {
                    facts.click(&click, times);
                    count += times;
                }
                to
            }
        };
        from = to;
    }
    Ok(count)
}

/// After the files: counts the days whose single clicks were deleted, but for those of which a file told clicks. Returns
/// how many clicks there were.
pub fn read_sums(store: &Store, facts: &mut Facts) -> Result<u64, Error> {
    if !facts.several || !has_sums(store)? {
        return Ok(0);
    }
    let kept = store.read(kept_since)?;
    let until = facts.period.span.until_ms.min(kept);
    let first = store.read(|tx| one(tx, FIRST_SUM))?.unwrap_or(until);
    let (mut from, mut count) = (facts.period.earliest_ms().max(first), 0);
    while from < until {
        let end = (from.div_euclid(DAY_MS) * DAY_MS + DAY_MS).min(until);
        if !facts.clicks.has_day(from) {
            let is_whole = end - from == DAY_MS && facts.period.is_one_part(from, end);
            count += read_day(store, from..end, is_whole, facts)?;
        }
        from = end;
    }
    Ok(count)
}

/// Counts a day, or a piece of one, by its sums and what is in none yet, all of one instant. `is_whole`: its links are
/// counted by the day. Where its people came from is known of the whole day only.
fn read_day(store: &Store, span: Range<i64>, is_whole: bool, facts: &mut Facts) -> Result<u64, Error> {
    let (from, to) = (span.start, span.end);
    let day = from.div_euclid(DAY_MS) * DAY_MS;
    let (links, all, sources, fresh) = store.read(move |tx| {
        let span = [from.into(), to.into()];
        let links = if is_whole {
            rows(tx, DAYS, &span, sum)?
        } else {
            rows(tx, QUARTERS, &[from.into(), to.into(), day.into()], sum)?
        };
        let all = rows(tx, ALL_QUARTERS, &span, sum)?;
        let sources = rows(tx, SOURCES, &[day.into(), (day + DAY_MS).into()], from_where)?;
        Ok::<_, Error>((links, all, sources, rows(tx, FRESH, &span, click)?))
    })?;
    let mut count = 0;
    for sum in links.iter().filter(|sum| !sum.code.is_empty()) {
        facts.clicks.take_sum(sum, &facts.period);
        count += sum.people + sum.previews + sum.robots;
    }
    for sum in &all {
        facts.clicks.take_people(sum.at_ms, sum.people, &facts.period);
    }
    for (source, people) in &sources {
        facts.clicks.take_source(source, day + DAY_MS / 2, *people, &facts.period);
    }
    for (click, times) in &fresh {
        facts.click(click, *times);
        count += times;
    }
    Ok(count)
}

fn kept_since(tx: &mut dyn Tx) -> Result<i64, Error> {
    Ok(one(tx, KEPT_SINCE)?.unwrap_or(0))
}

fn one(tx: &mut dyn Tx, sql: &str) -> Result<Option<i64>, Error> {
    tx.query(sql, &[])?.first().map_or(Ok(None), |row| row.int(0))
}

fn click(row: &Row) -> Result<(Click, u64), Error> {
    let source = Source::told(row.text(3)?.unwrap_or_default(), row.text(4)?.unwrap_or_default());
    let click = Click { at_s: row.need_int(0)?, code: row.need_text(1)?, class: row.need_text(2)?, source };
    Ok((click, positive(row, 5)?))
}

fn sum(row: &Row) -> Result<Sum, Error> {
    Ok(Sum {
        code: row.need_text(0)?,
        at_ms: row.need_int(1)?,
        people: positive(row, 2)?,
        previews: positive(row, 3)?,
        robots: positive(row, 4)?,
    })
}

fn from_where(row: &Row) -> Result<(Source, u64), Error> {
    let source = Source::told(row.text(1)?.unwrap_or_default(), row.text(2)?.unwrap_or_default());
    Ok((source, positive(row, 3)?))
}

fn positive(row: &Row, at: usize) -> Result<u64, Error> {
    Ok(u64::try_from(row.need_int(at)?).unwrap_or(0))
}
