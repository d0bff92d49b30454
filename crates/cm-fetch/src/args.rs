//! The arguments; no logic.

use clap::{Args as ClapArgs, Parser, Subcommand};
use cm_cli::Common;
use std::path::PathBuf;

/// Feeds, blogs and accounts in, one record a line out
#[derive(Debug, Parser)]
#[command(
    long_about = "Feeds, blogs and accounts in, one record a line out.\n\nA SOURCE is a feed URL, a page URL (its feeds are \
    discovered), a feed file, - (a feed on standard input), comments+URL (the comments of a feed's entries), or an account \
    of the configuration with what to read from it: wordpress:blog/comments, /held, /spam, /trash; \
    bluesky:acme/notifications, /mentions, /replies, /quotes, /posts, /search?q=..., /thread?uri=at://...; \
    mastodon:acme/notifications, /messages, /tag/NAME; and others (docs/networks.md; an account alone says what there is). \
    Items of an account come the oldest first, those of a feed in its order.\n\n\
    Without --new the output is what the sources say now: no state of items is read or written. Tags of a source are added \
    to the tags of its items."
)]
pub struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) fetch: Fetch,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl cm_cli::Arguments for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

/// What is fetched, and how.
#[derive(Debug, ClapArgs)]
pub(crate) struct Fetch {
    /// Feed or page URLs, feed files, -, accounts (wordpress:blog/comments)
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// A file of sources: TOML, OPML or a plain list; - for standard input [default: sources in cm.toml]
    #[arg(long = "sources", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Only what this store has not handed out yet
    #[arg(long)]
    pub(crate) new: bool,
    /// With --new: also items whose content changed since; a change of status (approved, spam) comes anyway
    #[arg(long, requires = "new")]
    pub(crate) changed: bool,
    /// With --new: how far back to go when a source is met for the first time [default: 7d]
    #[arg(long, value_name = "TIME|all", requires = "new", hide_short_help = true)]
    pub(crate) backfill: Option<String>,
    /// With --new: append what is handed out to DIR/YYYY-MM-DD.jsonl [default: archive in cm.toml]
    ///
    /// A record counts as seen only once it is on the disk there.
    #[arg(long, value_name = "DIR", requires = "new")]
    pub(crate) archive: Option<PathBuf>,
    /// Only items dated at or after TIME
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only items dated before TIME
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// At most N items
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// At most this many US dollars in all, where reading costs money (x) [default: max_cost of each account, else 0.50]
    #[arg(long, value_name = "USD", hide_short_help = true)]
    pub(crate) max_cost: Option<String>,
    /// Requests at a time, over all hosts
    #[arg(long, value_name = "N", default_value_t = 16, hide_short_help = true)]
    pub(crate) concurrency: usize,
    /// Hand out each source as soon as it has answered, not in the order of the sources
    #[arg(long, hide_short_help = true)]
    pub(crate) unordered: bool,
    /// With --new: ask sources that are cooling down, fresh, gone or refused all the same
    #[arg(long, requires = "new", hide_short_help = true)]
    pub(crate) force: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What the archive gained since NAME last read
    Read(ReadArchive),
    /// One line per source: ok, failing, gone, moved or cooling down, and why
    Health {
        /// A file of sources: TOML, OPML or a plain list; - for standard input [default: sources in cm.toml]
        #[arg(long = "sources", value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// New items the moment their publishers tell (WebSub)
    Listen(Listen),
    /// The feeds that a page offers, or the feed itself
    Discover {
        /// A page or feed
        #[arg(value_name = "URL|FILE", required = true)]
        places: Vec<String>,
    },
    /// Sources as OPML
    Opml {
        /// A file of sources: TOML, OPML or a plain list; - for standard input [default: sources in cm.toml]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// `cm-fetch listen`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Listen {
    /// A file of sources: TOML, OPML or a plain list; - for standard input [default: sources in cm.toml]
    #[arg(long = "sources", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Where to listen; a web server with TLS stands before it
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8088")]
    pub(crate) listen: String,
    /// Where hubs reach it from outside: https://... [default: callback in [fetch] of cm.toml]
    #[arg(long, value_name = "URL")]
    pub(crate) callback: Option<String>,
    /// Append what is handed out to DIR/YYYY-MM-DD.jsonl [default: archive in cm.toml]
    #[arg(long, value_name = "DIR")]
    pub(crate) archive: Option<PathBuf>,
    /// Requests at a time, over all hosts
    #[arg(long, value_name = "N", default_value_t = 16, hide_short_help = true)]
    pub(crate) concurrency: usize,
}

/// `cm-fetch read`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReadArchive {
    /// Who reads; each name has its own mark
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) name: String,
    /// The archive [default: archive in cm.toml]
    #[arg(long, value_name = "DIR")]
    pub(crate) archive: Option<PathBuf>,
    /// Read again what was fetched at or after TIME
    #[arg(long, value_name = "TIME")]
    pub(crate) rewind: Option<String>,
    /// Gets the records on its standard input; the mark moves only when it exits 0
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}
