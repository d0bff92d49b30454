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

/// What `export --help` says below the options.
const EXPORT_HELP: &str = "\
nginx, caddy, apache and html write into the folder of -o, and replace there only what an export wrote. The others write
a file: that of -o, or _redirects, links.csv or links.jsonl in the folder of -o, or standard output.

A link that has ended leads to its fallback; without one it is gone (410), and netlify and cloudflare leave it out. A
file cannot end a link later: export again then. cloudflare takes 2,000 links of 1,000 characters, https only: beyond
that nothing is written, and the exit code is 2.

csv and jsonl have all that the store knows: import makes the same links of them.";

/// `export`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = EXPORT_HELP)]
pub struct Export {
    /// What for
    #[arg(long, value_enum, value_name = "NAME")]
    pub to: To,
    /// The folder or file to write
    #[arg(long, short, value_name = "FILE_OR_DIR")]
    pub output: Option<PathBuf>,
    /// Only links that have this tag; several times: all of them
    #[arg(long = "tag", value_name = "TAG")]
    pub labels: Vec<String>,
}

/// What reads an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// nginx: a map and the locations that use it.
    Nginx,
    /// Caddy: a map in a Caddyfile.
    Caddy,
    /// Apache: a RewriteMap and its rules.
    Apache,
    /// Netlify: `_redirects`.
    Netlify,
    /// Cloudflare Pages: `_redirects`.
    Cloudflare,
    /// Any host: a page for each link.
    Html,
    /// A table.
    Csv,
    /// JSON lines.
    Jsonl,
}

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
