//! Links in the store: made, found, and those that are new since a revision.

use super::Tables;
use crate::rows::{Kept, Link, Wanted};
use crate::slug::{self, Codes, Seed};
use anyhow::{Result, anyhow};
use cm_store::{Error, Row, Tx, Value};
use std::sync::Arc;

/// What a link may have beside its target, and every change of one.
pub(super) const SECOND: &str = "
    ALTER TABLE shorten_links ADD COLUMN fallback TEXT; -- where it leads once it has ended
    ALTER TABLE shorten_links ADD COLUMN note TEXT;
    ALTER TABLE shorten_links ADD COLUMN labels TEXT; -- JSON list of texts
    ALTER TABLE shorten_links ADD COLUMN status INTEGER; -- of the redirect; 302 without
    ALTER TABLE shorten_links ADD COLUMN max_age INTEGER; -- seconds that a redirect may be kept; 0 without
    INSERT INTO shorten_state (name, value) -- how full the space of codes is, and the last code of --seq
      VALUES ('links', (SELECT count(*) FROM shorten_links)), ('sequence', 0);
    CREATE TABLE shorten_changes (
      seq INTEGER PRIMARY KEY,
      code TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      field TEXT NOT NULL,
      old TEXT,
      new TEXT
    );
    CREATE INDEX shorten_changes_code ON shorten_changes (code, seq);
    CREATE INDEX shorten_links_created ON shorten_links (created_ms, code);
    ";

/// Codes from elsewhere that have capitals are found by how they are typed.
pub(super) const NINTH: &str = "
    CREATE INDEX shorten_links_capitals ON shorten_links (lower(code)) WHERE code <> lower(code);
    ";

/// Codes tried for one link; each try that fails makes them longer, so that the last ones are free for certain.
const ATTEMPTS: usize = 50;

/// A link's columns of `shorten_links l`, as `link_of` reads them, and how many they are.
pub(super) const COLUMNS: &str = "l.code, l.domain, l.target, l.account, l.campaign, l.title, l.created_ms, \
    l.expires_ms, l.max_clicks, l.revision, l.fallback, l.note, l.labels, l.status, l.max_age";
pub(super) const WIDTH: usize = 15;

impl Tables {
    /// The code of each wanted link; those that are not there are made, all in one transaction. A code asked for that
    /// is taken by another link comes back as `None`.
    pub fn ensure(&self, wanted: &Arc<[Wanted]>, codes: Codes) -> Result<Vec<Option<Kept>>> {
        let order: Arc<[usize]> = by_identity(wanted).into();
        let (asked, ordered) = (Arc::clone(wanted), Arc::clone(&order));
        let found = self.store.read(move |tx| {
            let mut found = vec![None; asked.len()];
            for at in ordered.iter().copied() {
                found[at] = find(tx, &asked[at])?;
            }
            Ok::<_, Error>(found)
        })?;
        if found.iter().all(Option::is_some) {
            return Ok(found);
        }
        let asked = Arc::clone(wanted);
        self.store.write(move |tx| {
            let mut kept = found.clone();
            let mut missing: Vec<usize> = order.iter().copied().filter(|at| kept[*at].is_none()).collect();
            if codes == Codes::Sequence {
                missing.sort_unstable();
            }
            let before = state(tx, "links")?;
            let mut maker = Maker::new(next_revision(tx)?, before, codes, missing.len())?;
            for at in missing {
                kept[at] = maker.make(tx, &asked[at])?;
            }
            let sql = "UPDATE shorten_state SET value = value + ?1 WHERE name = 'links'";
            tx.execute(sql, &[(maker.links - before).into()])?;
            Ok(kept)
        })
    }

    /// Codes that differ from this one in capitals only, up to two.
    pub fn with_capitals(&self, code: &str) -> Result<Vec<String>, Error> {
        let code = code.to_owned();
        self.store.read(move |tx| {
            let sql = "SELECT code FROM shorten_links
                       WHERE lower(code) = lower(?1) AND code <> lower(code) AND code <> ?1 LIMIT 2";
            tx.query(sql, &[code.as_str().into()])?.iter().map(|row| row.need_text(0)).collect()
        })
    }

    /// The link of a code as typed, as `serve` understands it: the very code, else what must have been meant.
    pub fn typed(&self, typed: &str) -> Result<Option<Link>, Error> {
        let meant = slug::meant(typed);
        for code in &meant {
            if let Some(link) = self.link(code)? {
                return Ok(Some(link));
            }
        }
        // As it stands and in lower case it asks for the same capitals.
        for code in &meant[1..] {
            // Of several nobody knows which.
            if let [only] = &self.with_capitals(code)?[..] {
                return self.link(only);
            }
        }
        Ok(None)
    }

    /// A link by its code.
    pub fn link(&self, code: &str) -> Result<Option<Link>, Error> {
        let code = code.to_owned();
        self.store.read(move |tx| {
            let rows = tx.query(
                &format!("SELECT {COLUMNS} FROM shorten_links l WHERE l.code = ?1"),
                &[code.as_str().into()],
            )?;
            rows.first().map(link_of).transpose()
        })
    }

    /// Up to `limit` links after a position (revision, code), in that order: a link that is changed moves to the end.
    pub fn links_after(&self, after: &(i64, String), limit: i64) -> Result<Vec<Link>, Error> {
        self.page("l.revision", after, limit)
    }

    /// Up to `limit` links after a position (when made in ms, code), in that order: those made first come first.
    pub fn links_made_after(&self, after: &(i64, String), limit: i64) -> Result<Vec<Link>, Error> {
        self.page("l.created_ms", after, limit)
    }

    fn page(&self, by: &'static str, after: &(i64, String), limit: i64) -> Result<Vec<Link>, Error> {
        let (position, code) = after.clone();
        self.store.read(move |tx| {
            let sql = format!(
                "SELECT {COLUMNS} FROM shorten_links l WHERE ({by}, l.code) > (?1, ?2)
                 ORDER BY {by}, l.code LIMIT ?3"
            );
            tx.query(&sql, &[position.into(), code.as_str().into(), limit.into()])?
                .iter()
                .map(link_of)
                .collect()
        })
    }
}

pub(super) fn next_revision(tx: &mut dyn Tx) -> Result<i64, Error> {
    next(tx, "revision")
}

/// Counts one on; the new value.
fn next(tx: &mut dyn Tx, name: &str) -> Result<i64, Error> {
    let sql = "UPDATE shorten_state SET value = value + 1 WHERE name = ?1 RETURNING value";
    tx.query(sql, &[name.into()])?.first().map_or(Ok(0), |row| row.need_int(0))
}

pub(super) fn state(tx: &mut dyn Tx, name: &str) -> Result<i64, Error> {
    let rows = tx.query("SELECT value FROM shorten_state WHERE name = ?1", &[name.into()])?;
    rows.first().map_or(Ok(0), |row| row.need_int(0))
}

fn find(tx: &mut dyn Tx, wanted: &Wanted) -> Result<Option<Kept>, Error> {
    let Some(identity) = &wanted.identity else { return Ok(None) };
    let rows = tx.query("SELECT code FROM shorten_links WHERE identity = ?1", &[identity.into()])?;
    rows.first().map(|row| Ok(Kept { code: row.need_text(0)?, is_new: false })).transpose()
}

/// The places of wishes in the order of their identities, those with the same one as they came. Neighbours stand on the
/// same page of an index: a large batch that goes through it in order touches each page once.
fn by_identity(wanted: &[Wanted]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].identity.cmp(&wanted[*other].identity));
    order
}

/// Makes links, all with one revision.
struct Maker {
    revision: i64,
    /// How many there are.
    links: i64,
    codes: Codes,
    /// Random codes to try first, the last one first, in order for the sake of the index.
    drawn: Vec<String>,
}

impl Maker {
    fn new(revision: i64, links: i64, codes: Codes, wishes: usize) -> Result<Maker> {
        let mut maker = Maker { revision, links, codes, drawn: Vec::new() };
        if codes == Codes::Random {
            for _ in 0..wishes {
                maker.drawn.extend(maker.made_up("", 0, 0)?);
            }
            maker.drawn.sort_unstable_by(|one, other| other.cmp(one));
        }
        Ok(maker)
    }

    /// Inserts a link under the first code that is free. A conflict means that the link is there, made by somebody else
    /// meanwhile, or that another link has the code: only a look tells which.
    fn make(&mut self, tx: &mut dyn Tx, wanted: &Wanted) -> Result<Option<Kept>> {
        for taken in 0..ATTEMPTS {
            let code = match &wanted.code {
                Some(code) => Some(code.clone()),
                None => self.code(tx, wanted, taken)?,
            };
            let Some(code) = code else { continue };
            if insert(tx, wanted, &code, self.revision)? {
                self.links += 1;
                return Ok(Some(Kept { code, is_new: true }));
            }
            if let Some(found) = find(tx, wanted)? {
                return Ok(Some(found));
            }
            if wanted.code.is_some() {
                return Ok(None);
            }
        }
        Err(anyhow!("no free code was found for a link in {ATTEMPTS} attempts"))
    }

    fn code(&mut self, tx: &mut dyn Tx, wanted: &Wanted, taken: usize) -> Result<Option<String>> {
        if let Some(drawn) = self.drawn.pop() {
            return Ok(Some(drawn));
        }
        let identity = wanted.identity.as_deref().unwrap_or(&wanted.target);
        if self.codes != Codes::Sequence {
            return self.made_up(identity, taken, 0);
        }
        // Barred numbers come by the thousand in a row, all that begin alike: they are passed over, not tried.
        loop {
            let number = next(tx, "sequence")?;
            if let Some(code) = self.made_up(identity, taken, number)? {
                return Ok(Some(code));
            }
        }
    }

    fn made_up(&self, identity: &str, taken: usize, number: i64) -> Result<Option<String>> {
        let positive = |number: i64| u64::try_from(number).unwrap_or_default();
        self.codes.next(Seed { identity, taken, links: positive(self.links), number: positive(number) })
    }
}

fn insert(tx: &mut dyn Tx, wanted: &Wanted, code: &str, revision: i64) -> Result<bool, Error> {
    let sql =
        "INSERT INTO shorten_links (code, identity, domain, target, account, campaign, title, created_ms,
                 expires_ms, max_clicks, revision, fallback, note, labels, status, max_age)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) ON CONFLICT DO NOTHING";
    let values: [Value; 16] = [
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
        wanted.fallback.clone().into(),
        wanted.note.clone().into(),
        labels_written(&wanted.labels)?.into(),
        wanted.status.map(i64::from).into(),
        wanted.max_age.map(i64::from).into(),
    ];
    Ok(tx.execute(sql, &values)? == 1)
}

pub(super) fn link_of(row: &Row) -> Result<Link, Error> {
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
        fallback: row.text(10)?,
        note: row.text(11)?,
        labels: labels_of(row.text(12)?)?,
        status: row.int(13)?.and_then(|status| u16::try_from(status).ok()),
        max_age: row.int(14)?.and_then(|seconds| u32::try_from(seconds).ok()),
    })
}

/// Labels as the column holds them; none are NULL.
pub(super) fn labels_written(labels: &[String]) -> Result<Option<String>, Error> {
    if labels.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(labels).map(Some).map_err(|e| Error::Engine(format!("labels: {e}")))
}

fn labels_of(column: Option<String>) -> Result<Vec<String>, Error> {
    let Some(text) = column else { return Ok(Vec::new()) };
    serde_json::from_str(&text)
        .map_err(|e| Error::Engine(format!("the labels of a link in the store are no list: {e}")))
}
