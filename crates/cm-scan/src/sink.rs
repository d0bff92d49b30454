//! Where records go after they were matched.

use crate::answer::Answer;
use cm_cli::Out;
use cm_record::{Place, Record};

/// A record and the searches that match it.
pub struct Scanned {
    /// The record as it came.
    pub record: Record,
    /// Where it stood.
    pub place: Place,
    /// What matched.
    pub answer: Answer,
}

/// A form of output.
pub trait Sink {
    /// Whether it needs `Answer::part`.
    fn wants_part(&self) -> bool {
        false
    }

    /// Takes a record, in the order of the input.
    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()>;

    /// A record of a version that this tool does not know.
    fn untouched(&mut self, _record: &Record, _out: &mut Out) -> anyhow::Result<()> {
        Ok(())
    }

    /// A line that is no record.
    fn no_record(&mut self, _line: &[u8], _out: &mut Out) -> anyhow::Result<()> {
        Ok(())
    }

    /// After the last one.
    fn end(&mut self, _out: &mut Out) -> anyhow::Result<()> {
        Ok(())
    }
}
