//! Links made by other shorteners, so that none is asked for twice, and until when a service wants to be left alone.

use super::Tables;
use anyhow::Result;
use cm_store::{Error, Row};
use std::sync::Arc;

/// Links of other services, and their rests.
pub(super) const FOURTH: &str = "
    CREATE TABLE shorten_remote (
      backend TEXT NOT NULL, -- as the configuration names it: yourls:blog
      identity TEXT NOT NULL, -- what makes two wishes one link there
      code TEXT NOT NULL,
      short_url TEXT NOT NULL,
      target TEXT NOT NULL,
      id TEXT, -- the service's own, where it has one
      created_ms INTEGER NOT NULL,
      PRIMARY KEY (backend, identity)
    );
    CREATE INDEX shorten_remote_short ON shorten_remote (short_url);
    CREATE TABLE shorten_rests (
      backend TEXT PRIMARY KEY,
      until_ms INTEGER NOT NULL -- not asked before
    );
    ";

/// How many links are looked at for the hosts of a service's short links.
const LOOKED_AT: i64 = 1000;

/// A link that another service made for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name there.
    pub code: String,
    /// Its address.
    pub short_url: String,
    /// Where it leads.
    pub target: String,
    /// The service's own number for it.
    pub id: Option<String>,
}

impl Tables {
    /// The links of these identities, in their order, as far as they are there.
    pub fn remote(&self, backend: &str, identities: Vec<String>) -> Result<Vec<Option<Remote>>, Error> {
        let (backend, identities) = (backend.to_owned(), Arc::<[String]>::from(identities));
        self.store.read(move |tx| {
            let sql =
                "SELECT code, short_url, target, id FROM shorten_remote WHERE backend = ?1 AND identity = ?2";
            let one = |identity: &String| {
                let rows = tx.query(sql, &[backend.as_str().into(), identity.as_str().into()])?;
                rows.first().map(remote_of).transpose()
            };
            identities.iter().map(one).collect()
        })
    }

    /// Keeps a link, durable when this returns. One that is there already stays.
    pub fn keep_remote(
        &self,
        backend: &str,
        identity: &str,
        link: &Remote,
        now_ms: i64,
    ) -> Result<(), Error> {
        let (backend, identity, link) = (backend.to_owned(), identity.to_owned(), link.clone());
        self.store.write(move |tx| {
            let sql =
                "INSERT INTO shorten_remote (backend, identity, code, short_url, target, id, created_ms)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
            let values = [
                backend.as_str().into(),
                identity.as_str().into(),
                link.code.as_str().into(),
                link.short_url.as_str().into(),
                link.target.as_str().into(),
                link.id.clone().into(),
                now_ms.into(),
            ];
            tx.execute(sql, &values).map(drop)
        })
    }

    /// Short addresses of the links that a service made last.
    pub fn remote_addresses(&self, backend: &str) -> Result<Vec<String>, Error> {
        let backend = backend.to_owned();
        self.store.read(move |tx| {
            let sql =
                "SELECT short_url FROM shorten_remote WHERE backend = ?1 ORDER BY created_ms DESC LIMIT ?2";
            tx.query(sql, &[backend.as_str().into(), LOOKED_AT.into()])?
                .iter()
                .map(|row| row.need_text(0))
                .collect()
        })
    }

    /// Whose link a short address is.
    pub fn remote_backends(&self, short_url: &str) -> Result<Vec<String>, Error> {
        let short_url = short_url.to_owned();
        self.store.read(move |tx| {
            let sql = "SELECT DISTINCT backend FROM shorten_remote WHERE short_url = ?1 ORDER BY backend";
            tx.query(sql, &[short_url.as_str().into()])?.iter().map(|row| row.need_text(0)).collect()
        })
    }

    /// Until when a service is left alone, in ms.
    pub fn rest(&self, backend: &str) -> Result<Option<i64>, Error> {
        let backend = backend.to_owned();
        self.store.read(move |tx| {
            let sql = "SELECT until_ms FROM shorten_rests WHERE backend = ?1";
            tx.query(sql, &[backend.as_str().into()])?.first().map(|row| row.need_int(0)).transpose()
        })
    }

    /// Keeps until when a service is left alone.
    pub fn set_rest(&self, backend: &str, until_ms: i64) -> Result<(), Error> {
        let backend = backend.to_owned();
        self.store.write(move |tx| {
            let sql = "INSERT INTO shorten_rests (backend, until_ms) VALUES (?1, ?2)
                       ON CONFLICT (backend) DO UPDATE SET until_ms = excluded.until_ms";
            tx.execute(sql, &[backend.as_str().into(), until_ms.into()]).map(drop)
        })
    }
}

fn remote_of(row: &Row) -> Result<Remote, Error> {
    Ok(Remote {
        code: row.need_text(0)?,
        short_url: row.need_text(1)?,
        target: row.need_text(2)?,
        id: row.text(3)?,
    })
}
