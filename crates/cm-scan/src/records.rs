//! Records out, each with its `_cm_scan`.

use crate::answer::Answer;
use crate::out::Out;
use crate::sink::{Miss, Scanned, Sink};
use cm_record::Checked;

/// Our part's name.
const PART: &str = "_cm_scan";
/// Its value where nothing matches.
const NONE: &str = r#"{"matches":[]}"#;

/// Which records come out.
#[derive(Clone, Copy)]
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
        let Scanned { record, mut answer, .. } = scanned;
        self.write(record.checked(), &mut answer, out);
        Ok(())
    }

    fn records(&self) -> Option<Records> {
        Some(*self)
    }

    fn miss(&self) -> Miss {
        match self {
            Records::Matching => Miss::Drop,
            Records::All => Miss::Pass,
            Records::Lockstep => Miss::Answer,
        }
    }

    fn passes_unknown(&self) -> bool {
        true
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl Records {
    /// Writes a record where it stands, with what matched.
    pub fn write(self, record: Checked, answer: &mut Answer, out: &mut Out) {
        if answer.is_empty() {
            if answer.marks.is_empty() || self.miss() == Miss::Drop {
                return missed(record, self.miss(), out);
            }
            NONE.clone_into(&mut answer.part);
        }
        answer.marks.add_to(&mut answer.part);
        out.line_of(|line| record.write_with_part(PART, &answer.part, line));
    }
}

/// What comes of a record that does not match.
pub fn missed(record: Checked, miss: Miss, out: &mut Out) {
    match miss {
        Miss::Drop | Miss::Take => {}
        Miss::Pass => out.line_of(|line| record.write_without_part(PART, line)),
        Miss::Answer => out.line_of(|line| record.write_with_part(PART, NONE, line)),
    }
}
