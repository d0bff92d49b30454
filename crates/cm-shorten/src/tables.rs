//! cm-shorten's tables: links, the revision that tells `serve` what is new, and the click log. All its SQL is here.

use crate::rows::{Click, Link, Quarter, Span, Wanted};
use crate::slug::Codes;
use anyhow::Result;
use cm_cli::Session;
use cm_store::{Error, Migration, Mode, Row, Store, Tx, Value};
use std::sync::Arc;

const OWNER: &str = "cm-shorten";

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "
    CREATE TABLE shorten_links (
      code TEXT PRIMARY KEY,
      identity TEXT UNIQUE, -- what makes two wishes one link; none on links made to be apart
      domain TEXT NOT NULL,
      target TEXT NOT NULL,
      account TEXT,
      campaign TEXT,
      title TEXT,
      created_ms INTEGER NOT NULL,
      expires_ms INTEGER,
      max_clicks INTEGER,
      revision INTEGER NOT NULL -- of shorten_state when it was made or changed
    );
    CREATE UNIQUE INDEX shorten_links_revision ON shorten_links (revision, code);
    CREATE TABLE shorten_state (
      name TEXT PRIMARY KEY, -- 'revision'; 'dropped': clicks that were answered but not logged
      value INTEGER NOT NULL
    );
    INSERT INTO shorten_state (name, value) VALUES ('revision', 0), ('dropped', 0);
    CREATE TABLE shorten_clicks (
      seq INTEGER PRIMARY KEY,
      at_ms INTEGER NOT NULL,
      code TEXT NOT NULL,
      class TEXT NOT NULL,
      rule TEXT NOT NULL,
      referrer TEXT, -- a host, never more
      family TEXT NOT NULL,
      source TEXT NOT NULL,
      device TEXT,
      visitor TEXT -- keyed with a salt that was never written
    );
    CREATE INDEX shorten_clicks_at ON shorten_clicks (at_ms);
    CREATE INDEX shorten_clicks_code ON shorten_clicks (code, at_ms);
    CREATE VIEW report_links_v1 AS
      SELECT code, domain || '/' || code AS short_url, target AS url, account, campaign, title, created_ms
      FROM shorten_links;
    CREATE VIEW report_clicks_v1 AS SELECT at_ms, code, class, family, source FROM shorten_clicks;
    ",
}];

/// Codes tried for one link; each try that fails makes them longer, so that the last ones are free for certain.
const ATTEMPTS: usize = 50;

const LINK: &str =
    "SELECT code, domain, target, account, campaign, title, created_ms, expires_ms, max_clicks, revision
                    FROM shorten_links";

/// The tables of an open store.
#[derive(Clone, Debug)]
pub struct Tables {
    store: Store,
}

impl Tables {
    /// Opens the store and brings the tables up to date; with `Mode::Read` they must be there.
    pub fn open(url: &str, mode: Mode) -> Result<Tables, Error> {
        let store = Store::open(url, mode)?;
        store.migrate(OWNER, MIGRATIONS)?;
        Ok(Tables { store })
    }

    /// Opens the store for looking only; `None` where no link was ever made.
    pub fn look(session: &Session) -> Result<Option<Tables>> {
        let Some(url) = session.store_to_read()? else { return Ok(None) };
        if !Store::open(&url, Mode::Read)?.has_table("shorten_links")? {
            return Ok(None);
        }
        Ok(Some(Tables::open(&url, Mode::Read)?))
    }

    /// The store beneath, for its locks.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The code of each wanted link; those that are not there are made, all in one transaction. A code asked for that
    /// is taken by another link comes back as `None`.
    pub fn ensure(&self, wanted: &Arc<[Wanted]>, codes: Codes) -> Result<Vec<Option<String>>> {
        let asked = Arc::clone(wanted);
        let found = self
            .store
            .read(move |tx| asked.iter().map(|wish| find(tx, wish)).collect::<Result<Vec<_>, Error>>())?;
        if found.iter().all(Option::is_some) {
            return Ok(found);
        }
        let asked = Arc::clone(wanted);
        self.store.write(move |tx| {
            let revision = next_revision(tx)?;
            asked.iter().map(|wish| make(tx, wish, codes, revision)).collect()
        })
    }

    /// A link by its code.
    pub fn link(&self, code: &str) -> Result<Option<Link>, Error> {
        let code = code.to_owned();
        self.store.read(move |tx| {
            let rows = tx.query(&format!("{LINK} WHERE code = ?1"), &[code.as_str().into()])?;
            rows.first().map(link_of).transpose()
        })
    }

    /// Up to `limit` links after a position (revision, code), in that order: those made first come first.
    pub fn links_after(&self, after: &(i64, String), limit: i64) -> Result<Vec<Link>, Error> {
        let (revision, code) = after.clone();
        self.store.read(move |tx| {
            let sql = format!("{LINK} WHERE (revision, code) > (?1, ?2) ORDER BY revision, code LIMIT ?3");
            tx.query(&sql, &[revision.into(), code.as_str().into(), limit.into()])?
                .iter()
                .map(link_of)
                .collect()
        })
    }

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
            let sql = "SELECT l.code, l.domain, l.target, l.account, l.campaign, l.title, l.created_ms, l.expires_ms,
                         l.max_clicks, l.revision,
                         c.seq, c.at_ms, c.class, c.rule, c.referrer, c.family, c.source, c.device, c.visitor
                       FROM shorten_clicks c JOIN shorten_links l ON l.code = c.code
                       WHERE c.seq > ?1 AND c.at_ms >= ?2 AND c.at_ms < ?3 ORDER BY c.seq LIMIT ?4";
            let rows = tx.query(sql, &[seq.into(), span.since_ms.into(), span.until_ms.into(), limit.into()])?;
            rows.iter().map(|row| Ok((row.need_int(10)?, click_of(row)?, link_of(row)?))).collect()
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

fn next_revision(tx: &mut dyn Tx) -> Result<i64, Error> {
    let sql = "UPDATE shorten_state SET value = value + 1 WHERE name = 'revision' RETURNING value";
    tx.query(sql, &[])?.first().map_or(Ok(0), |row| row.need_int(0))
}

fn find(tx: &mut dyn Tx, wanted: &Wanted) -> Result<Option<String>, Error> {
    let Some(identity) = &wanted.identity else { return Ok(None) };
    let rows = tx.query("SELECT code FROM shorten_links WHERE identity = ?1", &[identity.into()])?;
    rows.first().map(|row| row.need_text(0)).transpose()
}

/// Inserts a link under the first code that is free. A conflict means that the link is there, made by somebody else
/// meanwhile, or that another link has the code: only a look tells which.
fn make(tx: &mut dyn Tx, wanted: &Wanted, codes: Codes, revision: i64) -> Result<Option<String>> {
    for taken in 0..ATTEMPTS {
        let code = match &wanted.code {
            Some(code) => code.clone(),
            None => codes.next(wanted.identity.as_deref().unwrap_or(&wanted.target), taken)?,
        };
        if insert(tx, wanted, &code, revision)? {
            return Ok(Some(code));
        }
        if let Some(found) = find(tx, wanted)? {
            return Ok(Some(found));
        }
        if wanted.code.is_some() {
            break;
        }
    }
    Ok(None)
}

fn insert(tx: &mut dyn Tx, wanted: &Wanted, code: &str, revision: i64) -> Result<bool, Error> {
    let sql =
        "INSERT INTO shorten_links (code, identity, domain, target, account, campaign, title, created_ms,
                 expires_ms, max_clicks, revision)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING";
    let values: [Value; 11] = [
        code.into(),
        wanted.identity.clone().into(),
        wanted.domain.as_str().into(),
        wanted.target.as_str().into(),
        wanted.account.clone().into(),
        wanted.campaign.clone().into(),
        wanted.title.clone().into(),
        wanted.created_ms.into(),
        wanted.expires_ms.into(),
        wanted.max_clicks.map(i64::from).into(),
        revision.into(),
    ];
    Ok(tx.execute(sql, &values)? == 1)
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

fn link_of(row: &Row) -> Result<Link, Error> {
    Ok(Link {
        code: row.need_text(0)?,
        domain: row.need_text(1)?,
        target: row.need_text(2)?,
        account: row.text(3)?,
        campaign: row.text(4)?,
        title: row.text(5)?,
        created_ms: row.need_int(6)?,
        expires_ms: row.int(7)?,
        max_clicks: row.int(8)?,
        revision: row.need_int(9)?,
    })
}

fn click_of(row: &Row) -> Result<Click, Error> {
    Ok(Click {
        at_ms: row.need_int(11)?,
        code: row.need_text(0)?,
        class: row.need_text(12)?,
        rule: row.need_text(13)?,
        referrer: row.text(14)?,
        family: row.need_text(15)?,
        source: row.need_text(16)?,
        device: row.text(17)?,
        visitor: row.text(18)?,
    })
}
