//! Records out, each with its `_cm_scan`.

use crate::sink::{Scanned, Sink};
use cm_cli::Out;
use cm_record::Record;

/// Our part's name.
const PART: &str = "_cm_scan";
/// Its value where nothing matches.
const NONE: &str = r#"{"matches":[]}"#;

/// Which records come out.
pub enum Records {
    /// Those that match.
    Matching,
    /// All; from those that do not match, a part of an earlier run is taken out.
    All,
    /// One line per line, so that a program can write one and read one.
    Lockstep,
}

impl Sink for Records {
    fn wants_part(&self) -> bool {
        true
    }

    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()> {
        let Scanned { mut record, mut answer, .. } = scanned;
        if answer.is_empty() {
            NONE.clone_into(&mut answer.part);
        }
        answer.marks.add_to(&mut answer.part);
        match (self, answer.is_empty()) {
            (Records::Matching, true) => return Ok(()),
            (Records::All, true) if answer.marks.is_empty() => {
                record.remove_part(PART);
            }
            _ => {
                record.set_raw_part(PART, &answer.part);
            }
        }
        Ok(out.record(&record)?)
    }

    fn untouched(&mut self, record: &Record, out: &mut Out) -> anyhow::Result<()> {
        Ok(out.record(record)?)
    }

    fn no_record(&mut self, line: &[u8], out: &mut Out) -> anyhow::Result<()> {
        if let Records::Lockstep = self {
            out.bytes(line)?;
        }
        Ok(())
    }
}
