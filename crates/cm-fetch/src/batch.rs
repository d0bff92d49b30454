//! A batch on its way into the archive, in parts: each record once, also when an earlier run died between the archive and
//! the commit.

use crate::archive::Archive;
use crate::store::Tables;
use chrono::{DateTime, Utc};
use cm_record::{FetchPart, Record, hash_id};
use std::collections::HashSet;

/// What of a batch has gone into the archive so far.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Sources whose note is made.
    begun: HashSet<String>,
    /// Sources of which an earlier batch went into the archive and was not committed.
    waiting: HashSet<String>,
    /// What such batches left there.
    there: HashSet<String>,
}

impl Batch {
    /// Puts records of these sources into the archive, without what an earlier, uncommitted batch of them left there; they
    /// are on the disk when this returns.
    pub(crate) fn append(
        &mut self,
        tables: &Tables,
        archive: &Archive,
        sources: &[String],
        records: &[Record],
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let turn = archive.turn()?;
        let end = turn.end(now)?;
        let fresh: Vec<String> =
            sources.iter().filter(|source| self.begun.insert((*source).clone())).cloned().collect();
        if !fresh.is_empty() {
            let waiting = tables.pending(&archive.name, &fresh)?;
            if let Some(from) = waiting.values().min() {
                archive.read_from(from, |line, _| -> anyhow::Result<()> {
                    let record = std::str::from_utf8(line).ok().and_then(|line| Record::parse(line).ok());
                    self.there.extend(record.as_ref().map(fingerprint));
                    Ok(())
                })?;
            }
            tables.begin(&archive.name, &fresh, &end)?;
            self.waiting.extend(waiting.into_keys());
        }
        let missing: Vec<&Record> = records.iter().filter(|record| self.is_missing(record)).collect();
        if missing.is_empty() { Ok(()) } else { Ok(turn.append(&end, &missing)?) }
    }

    fn is_missing(&self, record: &Record) -> bool {
        self.there.is_empty() || !self.there.contains(&fingerprint(record))
    }

    /// Whether records of a source went into the archive, and none waited there before.
    pub(crate) fn is_settled(&self, source: &str) -> bool {
        self.begun.contains(source) && !self.waiting.contains(source)
    }
}

/// What makes two lines of the archive the same item in the same words.
fn fingerprint(record: &Record) -> String {
    let source = record.meta().ok().and_then(|meta| meta.source).unwrap_or_default();
    let text = |name| record.text(name).unwrap_or_default().into_owned();
    let part = record.get::<FetchPart>("_cm_fetch").ok().flatten();
    let status = part.and_then(|part| part.status).unwrap_or_default();
    hash_id(&[record.id(), &source, &text("title"), &text("content_text"), &text("content_html"), &status])
}
