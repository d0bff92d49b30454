//! The click log in the store, and clicks added up.

use super::Tables;
use super::links::{COLUMNS, WIDTH, link_of};
use crate::rows::{Click, Link, Quarter, Span};
use cm_store::{Error, Row, Tx, Value};
use std::sync::Arc;

/// Where clicks came from, and what they are classified by.
pub(super) const THIRD: &str = "
    ALTER TABLE shorten_clicks ADD COLUMN country TEXT; -- two letters, where the user has a table of networks
    ";

impl Tables {
    /// How many clicks of a class a link had.
    pub fn count(&self, code: &str, class: &'static str) -> Result<u64, Error> {
        let code = code.to_owned();
        self.store.read(move |tx| {
            let sql = "SELECT count(*) FROM shorten_clicks WHERE code = ?1 AND class = ?2";
            let rows = tx.query(sql, &[code.as_str().into(), class.into()])?;
            rows.first().map_or(Ok(0), |row| row.need_int(0)).map(|count| u64::try_from(count).unwrap_or(0))
        })
    }

    /// Clicks of these links per class: (code, class, count).
    pub fn counts(&self, codes: Vec<String>) -> Result<Vec<(String, String, i64)>, Error> {
        self.store.read(move |tx| {
            let mut counts = Vec::new();
            for code in &codes {
                let sql = "SELECT class, count(*) FROM shorten_clicks WHERE code = ?1 GROUP BY class";
                for row in tx.query(sql, &[code.into()])? {
                    counts.push((code.clone(), row.need_text(0)?, row.need_int(1)?));
                }
            }
            Ok(counts)
        })
    }

    /// Appends clicks, and counts those that were answered but could not be kept.
    pub fn log(&self, clicks: Arc<[Click]>, dropped: u64) -> Result<(), Error> {
        self.store.write(move |tx| {
            let last = tx.query("SELECT coalesce(max(seq), 0) FROM shorten_clicks", &[])?;
            let mut seq = last.first().map_or(Ok(0), |row| row.need_int(0))?;
            for click in clicks.iter() {
                seq += 1;
                insert_click(tx, seq, click)?;
            }
            if dropped > 0 {
                let dropped = i64::try_from(dropped).unwrap_or(i64::MAX);
                tx.execute(
                    "UPDATE shorten_state SET value = value + ?1 WHERE name = 'dropped'",
                    &[dropped.into()],
                )?;
            }
            Ok(())
        })
    }

    /// How many clicks were answered but not logged, ever.
    pub fn dropped(&self) -> Result<i64, Error> {
        self.store.read(|tx| {
            let rows = tx.query("SELECT value FROM shorten_state WHERE name = 'dropped'", &[])?;
            rows.first().map_or(Ok(0), |row| row.need_int(0))
        })
    }

    /// Up to `limit` clicks of a span after a sequence number, with the link of each.
    pub fn clicks_after(&self, seq: i64, span: Span, limit: i64) -> Result<Vec<(i64, Click, Link)>, Error> {
        self.store.read(move |tx| {
            let sql = format!(
                "SELECT {COLUMNS}, c.seq, c.at_ms, c.class, c.rule, c.referrer, c.family, c.source, c.device, c.visitor
                 FROM shorten_clicks c JOIN shorten_links l ON l.code = c.code
                 WHERE c.seq > ?1 AND c.at_ms >= ?2 AND c.at_ms < ?3 ORDER BY c.seq LIMIT ?4"
            );
            let rows = tx.query(&sql, &[seq.into(), span.since_ms.into(), span.until_ms.into(), limit.into()])?;
            rows.iter().map(|row| Ok((row.need_int(WIDTH)?, click_of(row)?, link_of(row)?))).collect()
        })
    }

    /// Clicks of a span by quarter of an hour, class and source, of one link or all: zones begin their days on one.
    pub fn clicks_by_quarter(&self, code: Option<String>, span: Span) -> Result<Vec<Quarter>, Error> {
        let sql = format!(
            "SELECT at_ms / 900000, class, family, source, count(*) FROM shorten_clicks WHERE {}
             GROUP BY at_ms / 900000, class, family, source ORDER BY 1",
            within(&code)
        );
        self.store.read(move |tx| {
            tx.query(&sql, &bounds(span, &code))?
                .iter()
                .map(|row| {
                    Ok(Quarter {
                        begin_ms: row.need_int(0)? * 900_000,
                        class: row.need_text(1)?,
                        family: row.need_text(2)?,
                        source: row.need_text(3)?,
                        count: row.need_int(4)?,
                    })
                })
                .collect()
        })
    }

    /// People of a span, each counted once a day.
    pub fn visitors(&self, code: Option<String>, span: Span) -> Result<i64, Error> {
        let sql = format!(
            "SELECT count(DISTINCT visitor) FROM shorten_clicks WHERE {} AND class = 'human'",
            within(&code)
        );
        self.store.read(move |tx| {
            let rows = tx.query(&sql, &bounds(span, &code))?;
            rows.first().map_or(Ok(0), |row| row.need_int(0))
        })
    }

    /// The links that people of a span opened most: code and count.
    pub fn most_opened(&self, span: Span, limit: i64) -> Result<Vec<(String, i64)>, Error> {
        let sql =
            "SELECT code, count(*) FROM shorten_clicks WHERE at_ms >= ?1 AND at_ms < ?2 AND class = 'human'
                   GROUP BY code ORDER BY 2 DESC, 1 LIMIT ?3";
        self.store.read(move |tx| {
            let rows = tx.query(sql, &[span.since_ms.into(), span.until_ms.into(), limit.into()])?;
            rows.iter().map(|row| Ok((row.need_text(0)?, row.need_int(1)?))).collect()
        })
    }
}

fn bounds(span: Span, code: &Option<String>) -> Vec<Value> {
    [span.since_ms, span.until_ms].into_iter().map(Value::from).chain(code.iter().map(Value::from)).collect()
}

/// The condition on a span's clicks, of one link or of all: two texts, so that each finds its index.
fn within(code: &Option<String>) -> &'static str {
    match code {
        Some(_) => "at_ms >= ?1 AND at_ms < ?2 AND code = ?3",
        None => "at_ms >= ?1 AND at_ms < ?2",
    }
}

fn insert_click(tx: &mut dyn Tx, seq: i64, click: &Click) -> Result<(), Error> {
    let sql = "INSERT INTO shorten_clicks (seq, at_ms, code, class, rule, referrer, family, source, device, visitor)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let values: [Value; 10] = [
        seq.into(),
        click.at_ms.into(),
        click.code.as_str().into(),
        click.class.as_str().into(),
        click.rule.as_str().into(),
        click.referrer.clone().into(),
        click.family.as_str().into(),
        click.source.as_str().into(),
        click.device.clone().into(),
        click.visitor.clone().into(),
    ];
    tx.execute(sql, &values)?;
    Ok(())
}

fn click_of(row: &Row) -> Result<Click, Error> {
    Ok(Click {
        at_ms: row.need_int(WIDTH + 1)?,
        code: row.need_text(0)?,
        class: row.need_text(WIDTH + 2)?,
        rule: row.need_text(WIDTH + 3)?,
        referrer: row.text(WIDTH + 4)?,
        family: row.need_text(WIDTH + 5)?,
        source: row.need_text(WIDTH + 6)?,
        device: row.text(WIDTH + 7)?,
        visitor: row.text(WIDTH + 8)?,
    })
}
