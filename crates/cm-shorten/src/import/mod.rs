//! `import`: links of other shorteners, from the files that those write, into the store. In: CSV, JSON lines, JSON as
//! an API answers it, or an SQL dump. Out: a line for each row with what became of it.
//!
//! `row` is what every source gives and every sink takes; `drive` goes from one to the other; `store` is our own sink.

mod dates;
mod drive;
mod fields;
mod file;
mod json;
pub mod row;
mod sql;
mod store;
mod table;

pub use drive::drive;
pub use file::rows;

use crate::args::Import;
use anyhow::Result;
use cm_cli::{Failure, Session};
use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

/// Takes a file's links in.
pub fn run(args: &Import, session: &Session) -> Result<()> {
    let input: Box<dyn Read> = if args.file == Path::new("-") {
        Box::new(stdin().lock())
    } else {
        let shown = args.file.display();
        Box::new(File::open(&args.file).map_err(|e| Failure::usage(format!("{shown}: {e}")))?)
    };
    let rows = rows(input, args.from).map_err(|e| e.context(args.file.display().to_string()))?;
    let mut sink = store::Ours::open(session, args.from.name(), args.dry_run)?;
    drive(rows, &mut sink, args.dry_run, session)
}
