//! The command line of cm-shorten: one file per group of subcommands.

mod check;
mod clicks;
mod export;
mod filter;
mod links;
mod serve;

pub use check::Check;
pub use clicks::{Action, Clicks, Every, Group, ImportClicks, Period, Stats};
pub use export::{Export, From, Goal, Import, Source, To};
pub use filter::{Backend, Cleaning, Existing, Field, Filter, Naming, Tagging, backend};
pub use links::{Add, Edit, Expand, Explain, History, Level, List, MaxClicks, Qr, Redirect, Sort};
pub use serve::Serve;

use clap::{Parser, Subcommand};
use cm_cli::Common;

/// What `--help` says below the options.
const FILTER_HELP: &str = "\
A link that is one already of this store, for the same account, campaign and tags, is not made again; a second pass
changes no byte. Links with other schemes than http and https, with user names or passwords, to private addresses or
longer than 8192 bytes are not shortened: they are told, the record goes on as it is, and the exit code is 3. Our own
short links pass.

Templates are tables [utm.NAME] of the configuration: utm_source = \"{network}\" and the like, filled from {network},
{account}, {campaign}, {title}, {date}, {kind} and {source}. A tag whose field is missing is left out. {date} is the day
on which the record was published.

[shorten] of the configuration holds domain, default_utm, listen, proxies and block_list (a file with one domain a line
that nothing may lead to). [clean] holds strip and keep (lists of \"name start_* ...\" or \"host: name ...\"), rules (a file
with one such rule a line, `!` before those that keep), aggressive, strip_affiliate and unwrap_affiliate.";

/// Links in records or text -> clean, tagged and short; served and counted.
///
/// Records in, records out: the links of each go, cleaned, tagged and shortened, into its `_cm_shorten` part, and no
/// other member changes. cm-schedule posts the short ones.
#[derive(Debug, Parser)]
#[command(after_long_help = FILTER_HELP)]
pub struct Args {
    /// What to do instead of filtering.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The filter's options.
    #[command(flatten)]
    pub filter: Filter,
    /// The options that every tool shares.
    #[command(flatten)]
    pub common: Common,
}

impl cm_cli::Arguments for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

/// What to do instead of filtering.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make one link, with a name of its own if you like
    Add(Add),
    /// Change where a link leads, when it ends or what is kept with it
    Edit(Edit),
    /// Every change of a link
    History(History),
    /// The links with their clicks, newest last
    List(List),
    /// A link as a QR code: SVG, PNG or on the terminal
    Qr(Qr),
    /// Whether the places where links lead are still there
    Check(Check),
    /// Clicks by class, day, source, device and country, of one link or of all
    Stats(Stats),
    /// Where a short link leads
    Expand(Expand),
    /// What cleaning does to links, and why; links in the arguments or in text on standard input
    Explain(Explain),
    /// Answer short links over HTTP and log their clicks
    Serve(Serve),
    /// The click log as JSON lines; taken in from the logs of web servers; judged anew
    Clicks(Clicks),
    /// The links as files for web servers and hosts that need no server of ours, and as tables
    Export(Export),
    /// Take in links of other shorteners from a file
    Import(Import),
}
