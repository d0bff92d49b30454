//! `--near-duplicates`: syndicated news and copied posts. In: records in the order of the input, matched. Out: the same
//! records, the copies marked with the item they are copies of, or left out. The rule stands in docs/searches.md.

mod fingerprint;
mod recent;
mod sketch;

use crate::out::Out;
use crate::sink::{Miss, Scanned, Sink};
use clap::ValueEnum;
use cm_cli::Session;
use fingerprint::Fingerprint;
use recent::Recent;

/// What is done with near-duplicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Treatment {
    /// They pass as all do.
    #[default]
    Keep,
    /// They pass, and `_cm_scan.duplicate_of` says of what they are duplicates.
    Mark,
    /// They are left out.
    Drop,
}

/// Marks near-duplicates, or leaves them out.
pub struct NearDuplicates<'a> {
    session: &'a Session,
    drop: bool,
    /// Also among the records that do not match.
    all: bool,
    recent: Recent,
    found: u64,
    inner: Box<dyn Sink + Send + 'a>,
}

impl<'a> NearDuplicates<'a> {
    /// Hands what remains on to `inner`.
    pub fn new(
        session: &'a Session,
        drop: bool,
        all: bool,
        inner: Box<dyn Sink + Send + 'a>,
    ) -> NearDuplicates<'a> {
        NearDuplicates { session, drop, all, recent: Recent::default(), found: 0, inner }
    }
}

impl Sink for NearDuplicates<'_> {
    fn wants_part(&self) -> bool {
        self.inner.wants_part()
    }

    fn take(&mut self, mut scanned: Scanned, out: &mut Out) -> anyhow::Result<()> {
        if self.all || !scanned.answer.is_empty() {
            let original = Fingerprint::of(&scanned.record).and_then(|new| self.recent.meet(new));
            if let Some(original) = original {
                self.found += 1;
                if self.drop {
                    return Ok(());
                }
                scanned.answer.marks.duplicate_of = Some(original.id);
                scanned.answer.marks.similarity = Some((original.similarity * 100.0).round() / 100.0);
            }
        }
        self.inner.take(scanned, out)
    }

    fn miss(&self) -> Miss {
        if self.all { Miss::Take } else { self.inner.miss() }
    }

    fn passes_unknown(&self) -> bool {
        self.inner.passes_unknown()
    }

    fn end(&mut self, out: &mut Out) -> anyhow::Result<()> {
        if self.session.verbose() > 0 {
            let what = if self.drop { "left out" } else { "marked" };
            self.session.say(format!("{} near-duplicates {what}", self.found));
        }
        self.inner.end(out)
    }
}
