//! Delivery: records as they come, then the word that it happened. In: records of a batch of sources, and what each of them
//! changes. Out: lines on standard output and in the archive, and a commit.
//!
//! The order makes that nothing is lost: written and flushed, archived and synced, committed. A process that dies in
//! between leaves its batch uncommitted, and the next run hands it out again; what such a batch left in the archive is
//! found by the note made before it was written, so the archive holds it once. What is written goes on into the archive
//! by the megabyte, so that a batch may be of any size.

use crate::archive::Archive;
use crate::batch::Batch;
use crate::claims::Claim;
use crate::commit::Change;
use crate::store::Tables;
use anyhow::Context;
use cm_cli::{Out, Session, failpoint};
use cm_record::Record;

/// Bytes that are written and not yet archived.
const MOST: usize = 1 << 20;

/// Where records go.
pub(crate) struct Delivery<'a> {
    session: &'a Session,
    out: Out,
    pub(crate) tables: Option<Tables>,
    archive: Option<Archive>,
    /// Written and not archived, and their sources.
    written: Vec<Record>,
    bytes: usize,
    sources: Vec<String>,
    batch: Batch,
    changes: Vec<Change>,
    claims: Vec<Claim>,
}

impl<'a> Delivery<'a> {
    pub(crate) fn new(
        session: &'a Session,
        tables: Option<Tables>,
        archive: Option<Archive>,
    ) -> Delivery<'a> {
        Delivery {
            session,
            out: session.out(),
            tables,
            archive,
            written: Vec::new(),
            bytes: 0,
            sources: Vec::new(),
            batch: Batch::default(),
            changes: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// Writes a record of a source.
    pub(crate) fn record(&mut self, source: &str, record: Record) -> anyhow::Result<()> {
        self.out.record(&record)?;
        if self.archive.is_none() || self.tables.is_none() {
            return Ok(());
        }
        if self.sources.last().is_none_or(|last| last != source) {
            self.sources.push(source.to_owned());
        }
        self.bytes += record.line().len();
        self.written.push(record);
        if self.bytes > MOST { self.archive() } else { Ok(()) }
    }

    /// What a source changes, once all of its records are written; its claim ends with the commit.
    pub(crate) fn change(&mut self, change: Change, claim: Option<Claim>) {
        self.changes.push(change);
        self.claims.extend(claim);
    }

    /// Ends the batch: what was written is archived, then it all counts as handed out.
    pub(crate) fn commit(&mut self) -> anyhow::Result<()> {
        self.archive()?;
        let batch = std::mem::take(&mut self.batch);
        let mut changes = std::mem::take(&mut self.changes);
        let Some(tables) = self.tables.as_ref().filter(|_| !changes.is_empty()) else { return Ok(()) };
        for change in &mut changes {
            change.settled |= batch.is_settled(&change.key);
        }
        let archive = self.archive.as_ref().map(|archive| archive.name.as_str());
        tables.commit(archive, changes, self.session.now())?;
        failpoint("fetch.committed");
        self.claims.drain(..).for_each(Claim::committed);
        Ok(())
    }

    fn archive(&mut self) -> anyhow::Result<()> {
        self.out.flush()?;
        failpoint("fetch.written");
        let (Some(tables), Some(archive)) = (&self.tables, &self.archive) else { return Ok(()) };
        if !self.written.is_empty() {
            self.batch
                .append(tables, archive, &self.sources, &self.written, self.session.now())
                .with_context(|| format!("cannot write the archive {}", archive.name))?;
        }
        self.written.clear();
        self.sources.clear();
        self.bytes = 0;
        Ok(())
    }
}
