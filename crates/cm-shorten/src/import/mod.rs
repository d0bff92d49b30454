//! `import`: links of other shorteners, from the files that those write, into the store. In: CSV, JSON lines, JSON as
//! an API answers it, or an SQL dump. Out: a line for each row with what became of it.
//!
//! `row` is what every source gives and every sink takes; `drive` goes from one to the other; `store` is our own sink.

mod dates;
mod drive;
mod fields;
mod file;
mod json;
mod remarks;
pub mod row;
mod sql;
mod store;
mod table;

pub use drive::drive;
pub use file::rows;
pub use remarks::Remarks;

use crate::args::{From, Import, Source};
use crate::remote;
use anyhow::Result;
use cm_cli::{Failure, Session};
use row::Rows;
use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

/// Takes a file's links in.
pub fn run(args: &Import, session: &Session) -> Result<()> {
    let remarks = Remarks::default();
    let (rows, from) = match (args.from().map_err(Failure::usage)?, &args.file) {
        (Source::Service(name), None) => remote::rows(session, name, args.dry_run)?,
        (Source::Service(name), Some(_)) => {
            return Err(Failure::usage(format!("{name} is asked itself: leave FILE out")).into());
        }
        (Source::File(from), Some(path)) => (of_file(path, *from, &remarks)?, from.name()),
        (Source::File(from), None) => {
            let name = from.name();
            return Err(Failure::usage(format!("name the FILE that {name} wrote, or ask {name}:NAME")).into());
        }
    };
    let mut sink = store::Ours::open(session, from, args.dry_run)?;
    remarks.tell_columns(session, !matches!(from, "csv" | "jsonl"));
    let done = drive(rows, &mut sink, args.dry_run, session);
    remarks.tell_missing(session, from);
    done
}

fn of_file(path: &Path, from: From, remarks: &Remarks) -> Result<Rows<'static>> {
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(stdin().lock())
    } else {
        let shown = path.display();
        Box::new(File::open(path).map_err(|e| Failure::usage(format!("{shown}: {e}")))?)
    };
    rows(input, from, remarks).map_err(|e| e.context(path.display().to_string()))
}
