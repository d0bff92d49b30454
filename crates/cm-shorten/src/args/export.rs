//! The options of what takes links out and in.

use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// What `import --help` says below the options.
const IMPORT_HELP: &str = "\
A JSON line for each row says what became of it: created, exists (the code leads there already), taken (the code leads
elsewhere: left alone) or refused (and why). Bad rows cost no other; the exit code is 3 then. A second run creates
nothing, and goes on where one was killed.

Codes stay as they are, capitals too: what is printed on paper goes on working. Targets stay byte for byte. A row without
a code is shortened as the filter would. Clicks counted elsewhere are kept apart from ours.

yourls takes a dump of its database (SQL) or a plugin's CSV or JSON; shlink the web client's CSV or the API's JSON; bitly
and dub their CSV or the API's JSON; kutt the API's JSON; csv and jsonl what export wrote, or any table with a column url.";

/// `import`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = IMPORT_HELP)]
pub struct Import {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What wrote it
    #[arg(long, value_enum, value_name = "NAME")]
    pub from: From,
    /// Say what would become of each row, and change nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

/// What writes files of links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum From {
    /// `export --to csv`, or any table.
    Csv,
    /// `export --to jsonl`.
    Jsonl,
    /// YOURLS.
    Yourls,
    /// Shlink.
    Shlink,
    /// Kutt.
    Kutt,
    /// Bitly.
    Bitly,
    /// Dub.
    Dub,
}

impl From {
    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            From::Csv => "csv",
            From::Jsonl => "jsonl",
            From::Yourls => "yourls",
            From::Shlink => "shlink",
            From::Kutt => "kutt",
            From::Bitly => "bitly",
            From::Dub => "dub",
        }
    }
}
