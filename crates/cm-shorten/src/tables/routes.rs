//! Links as the server needs them: all, and those made or changed since it looked.

use super::Tables;
use crate::rows::Route;
use cm_store::{Error, Row};

/// How far the links were read: revision and code of the last.
pub type Position = (i64, String);

/// Before the first.
pub const START: (i64, &str) = (-1, "");

impl Tables {
    /// How many links there are, as the store counts them.
    pub fn link_count(&self) -> Result<usize, Error> {
        self.store.read(|tx| {
            let rows = tx.query("SELECT value FROM shorten_state WHERE name = 'links'", &[])?;
            let count = rows.first().map_or(Ok(0), |row| row.need_int(0))?;
            Ok(usize::try_from(count).unwrap_or(0))
        })
    }

    /// Up to `limit` links after a position, with the position of the last; those made or changed first come first.
    /// `None` when there are none.
    pub fn routes_after(
        &self,
        after: &Position,
        limit: i64,
    ) -> Result<Option<(Vec<Route>, Position)>, Error> {
        let (revision, code) = after.clone();
        self.store.read(move |tx| {
            let sql = "SELECT revision, code, target, expires_ms, max_clicks, fallback, status, max_age
                       FROM shorten_links WHERE (revision, code) > (?1, ?2) ORDER BY revision, code LIMIT ?3";
            let rows = tx.query(sql, &[revision.into(), code.as_str().into(), limit.into()])?;
            let Some(last) = rows.last() else { return Ok(None) };
            let position = (last.need_int(0)?, last.need_text(1)?);
            let routes = rows.iter().map(route_of).collect::<Result<Vec<_>, Error>>()?;
            Ok(Some((routes, position)))
        })
    }
}

fn route_of(row: &Row) -> Result<Route, Error> {
    Ok(Route {
        code: row.need_text(1)?,
        target: row.need_text(2)?,
        expires_ms: row.int(3)?,
        max_clicks: row.int(4)?.and_then(|most| u64::try_from(most).ok()),
        fallback: row.text(5)?,
        status: row.int(6)?.and_then(|status| u16::try_from(status).ok()),
        max_age: row.int(7)?.and_then(|seconds| u32::try_from(seconds).ok()),
    })
}
