//! A batch on its way into the archive: once, also when an earlier run died between the archive and the commit.

use crate::archive::Archive;
use crate::store::Tables;
use chrono::{DateTime, Utc};
use cm_record::{FetchPart, Record, hash_id};
use std::collections::HashSet;

/// Puts a batch into the archive, without what an earlier, uncommitted batch of the same sources left there; which sources
/// had one.
pub(crate) fn archive_batch(
    tables: &Tables,
    archive: &Archive,
    keys: &[String],
    records: &[&Record],
    now: DateTime<Utc>,
) -> anyhow::Result<HashSet<String>> {
    let turn = archive.turn()?;
    let end = turn.end(now)?;
    let waiting = tables.pending(&archive.name, keys)?;
    let mut there = HashSet::new();
    if let Some(from) = waiting.values().min() {
        archive.read_from(from, |line, _| -> anyhow::Result<()> {
            let record = std::str::from_utf8(line).ok().and_then(|line| Record::parse(line).ok());
            there.extend(record.as_ref().map(fingerprint));
            Ok(())
        })?;
    }
    tables.begin(&archive.name, keys, &end)?;
    let missing: Vec<&Record> =
        records.iter().filter(|record| !there.contains(&fingerprint(record))).copied().collect();
    if !missing.is_empty() {
        turn.append(&end, &missing)?;
    }
    Ok(waiting.into_keys().collect())
}

/// What makes two lines of the archive the same item in the same words.
fn fingerprint(record: &Record) -> String {
    let source = record.meta().ok().and_then(|meta| meta.source).unwrap_or_default();
    let text = |name| record.text(name).unwrap_or_default().into_owned();
    let part = record.get::<FetchPart>("_cm_fetch").ok().flatten();
    let status = part.and_then(|part| part.status).unwrap_or_default();
    hash_id(&[record.id(), &source, &text("title"), &text("content_text"), &text("content_html"), &status])
}
