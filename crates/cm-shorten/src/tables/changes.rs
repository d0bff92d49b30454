//! Links changed in the store, and every change of one as it was.

use super::Tables;
use super::links::{COLUMNS, labels_written, link_of, next_revision};
use crate::rows::{Change, Link};
use cm_store::{Error, Tx, Value};

impl Tables {
    /// Changes a link, keeps what was changed, and makes a running server read it anew, all in one transaction. Out: the
    /// changes, none where all was so already; `None` where there is no such link. `identity` is what the filter finds a
    /// link by: a change of it goes with the link where no other has it, but none is given to a link that stands apart.
    pub fn edit(
        &self,
        code: &str,
        at_ms: i64,
        identity: impl Fn(&Link) -> Option<String> + Send + 'static,
        change: impl Fn(&mut Link) + Send + 'static,
    ) -> Result<Option<Vec<Change>>, Error> {
        let code = code.to_owned();
        self.store.write(move |tx| {
            let sql = format!("SELECT {COLUMNS}, l.identity FROM shorten_links l WHERE l.code = ?1");
            let rows = tx.query(&sql, &[code.as_str().into()])?;
            let Some(row) = rows.first() else { return Ok(None) };
            let before = link_of(row)?;
            let mut after = before.clone();
            change(&mut after);
            let changes = differences(&before, &after, at_ms);
            if changes.is_empty() {
                return Ok(Some(changes));
            }
            after.revision = next_revision(tx)?;
            let kept = row.text(super::links::WIDTH)?;
            // One that the change does not touch stays to the letter: it may be of another way to clean than this run's.
            let new = identity(&after);
            let identity = match new.filter(|_| kept.is_some()) {
                Some(same) if identity(&before).as_ref() == Some(&same) => kept,
                Some(new) => unless_taken(tx, new, &code)?,
                None => None,
            };
            update(tx, &after, identity)?;
            keep(tx, &code, &changes)?;
            Ok(Some(changes))
        })
    }

    /// Every change of a link, oldest first.
    pub fn changes(&self, code: &str) -> Result<Vec<Change>, Error> {
        let code = code.to_owned();
        self.store.read(move |tx| {
            let sql = "SELECT at_ms, field, old, new FROM shorten_changes WHERE code = ?1 ORDER BY seq";
            let rows = tx.query(sql, &[code.as_str().into()])?;
            rows.iter()
                .map(|row| {
                    Ok(Change {
                        at_ms: row.need_int(0)?,
                        field: row.need_text(1)?,
                        old: row.text(2)?,
                        new: row.text(3)?,
                    })
                })
                .collect()
        })
    }
}

/// An identity that no other link has.
fn unless_taken(tx: &mut dyn Tx, identity: String, code: &str) -> Result<Option<String>, Error> {
    let sql = "SELECT 1 FROM shorten_links WHERE identity = ?1 AND code <> ?2";
    let others = tx.query(sql, &[identity.as_str().into(), code.into()])?;
    Ok(others.is_empty().then_some(identity))
}

fn differences(before: &Link, after: &Link, at_ms: i64) -> Vec<Change> {
    let told = |link: &Link| {
        let number = |n: i64| n.to_string();
        let labels = Some(link.labels.join(", ")).filter(|labels| !labels.is_empty());
        [
            ("url", Some(link.target.clone())),
            ("campaign", link.campaign.clone()),
            ("title", link.title.clone()),
            ("note", link.note.clone()),
            ("tags", labels),
            ("expires", link.expires_ms.map(crate::clicks::written)),
            ("max_clicks", link.max_clicks.map(number)),
            ("fallback", link.fallback.clone()),
            ("status", link.status.map(i64::from).map(number)),
            ("max_age", link.max_age.map(i64::from).map(number)),
        ]
    };
    let pairs = told(before).into_iter().zip(told(after));
    pairs
        .filter(|((_, old), (_, new))| old != new)
        .map(|((field, old), (_, new))| Change { at_ms, field: field.to_owned(), old, new })
        .collect()
}

fn update(tx: &mut dyn Tx, link: &Link, identity: Option<String>) -> Result<(), Error> {
    let sql = "UPDATE shorten_links SET identity = ?2, target = ?3, campaign = ?4, title = ?5, expires_ms = ?6,
                 max_clicks = ?7, revision = ?8, fallback = ?9, note = ?10, labels = ?11, status = ?12, max_age = ?13
               WHERE code = ?1";
    let values: [Value; 13] = [
        link.code.as_str().into(),
        identity.into(),
        link.target.as_str().into(),
        link.campaign.clone().into(),
        link.title.clone().into(),
        link.expires_ms.into(),
        link.max_clicks.into(),
        link.revision.into(),
        link.fallback.clone().into(),
        link.note.clone().into(),
        labels_written(&link.labels)?.into(),
        link.status.map(i64::from).into(),
        link.max_age.map(i64::from).into(),
    ];
    tx.execute(sql, &values).map(drop)
}

fn keep(tx: &mut dyn Tx, code: &str, changes: &[Change]) -> Result<(), Error> {
    let last = tx.query("SELECT coalesce(max(seq), 0) FROM shorten_changes", &[])?;
    let mut seq = last.first().map_or(Ok(0), |row| row.need_int(0))?;
    for change in changes {
        seq += 1;
        let sql =
            "INSERT INTO shorten_changes (seq, code, at_ms, field, old, new) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values: [Value; 6] = [
            seq.into(),
            code.into(),
            change.at_ms.into(),
            change.field.as_str().into(),
            change.old.clone().into(),
            change.new.clone().into(),
        ];
        tx.execute(sql, &values)?;
    }
    Ok(())
}
