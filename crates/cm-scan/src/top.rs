//! The N best by score: memory for N records, however many come.

use crate::sink::{Scanned, Sink};
use cm_cli::Out;
use cm_record::Record;

/// Keeps the best and hands them on at the end, best first; of equal ones the earlier.
pub struct Top<'a> {
    most: usize,
    kept: Vec<Scanned>,
    inner: Box<dyn Sink + 'a>,
}

impl<'a> Top<'a> {
    /// The `most` best, written by `inner`.
    pub fn new(most: usize, inner: Box<dyn Sink + 'a>) -> Top<'a> {
        Top { most, kept: Vec::new(), inner }
    }
}

impl Sink for Top<'_> {
    fn take(&mut self, scanned: Scanned, _out: &mut Out) -> anyhow::Result<()> {
        if scanned.matches.is_empty() {
            return Ok(());
        }
        let score = scanned.score();
        let at = self.kept.partition_point(|kept| kept.score() >= score);
        if at < self.most {
            self.kept.insert(at, scanned);
            self.kept.truncate(self.most);
        }
        Ok(())
    }

    fn untouched(&mut self, record: &Record, out: &mut Out) -> anyhow::Result<()> {
        self.inner.untouched(record, out)
    }

    fn end(&mut self, out: &mut Out) -> anyhow::Result<()> {
        for scanned in self.kept.drain(..) {
            self.inner.take(scanned, out)?;
        }
        self.inner.end(out)
    }
}
