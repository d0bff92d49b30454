//! The command line of cm-shorten.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use cm_cli::Common;
use std::path::PathBuf;

/// What `--help` says below the options.
const FILTER_HELP: &str = "\
A link that is one already of this store, for the same account, campaign and tags, is not made again; a second pass
changes no byte. Links with other schemes than http and https, with user names or passwords, to private addresses or
longer than 8192 bytes are not shortened: they are told, the record goes on as it is, and the exit code is 3. Our own
short links pass.

Templates are tables [utm.NAME] of the configuration: utm_source = \"{network}\" and the like, filled from {network},
{account}, {campaign}, {title}, {date}, {kind} and {source}. A tag whose field is missing is left out. {date} is the day
on which the record was published.

[shorten] of the configuration holds domain, default_utm, listen and proxies.";

/// What `serve --help` says below the options.
const SERVE_HELP: &str = "\
When it answers, its address stands alone on a line of standard output (http://127.0.0.1:8087). It listens to HTTP only:
put it behind a web server that speaks TLS, and name that server's address in proxies of [shorten], so that its
X-Forwarded-For is believed.

Every click is logged as a person's, a link preview's or a robot's, with the rule that decided. Clicks are committed in
groups, at most 250 ms after they came: kill -9 loses those of that time, SIGTERM and Ctrl-C none. When more come than
the store takes, 16,384 wait; what comes beyond is redirected and counted, but not logged (`stats` shows it). No address and no user agent is ever written: visitors are told apart for a day, by a hash
whose random key never leaves memory.

Links made meanwhile are answered at once. One server runs on a store: a second one ends with 5.";

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

/// The filter.
#[derive(Debug, ClapArgs)]
pub struct Filter {
    /// Files of records, plain, .gz or .zst, or of text with --plain; none or `-` is standard input
    #[arg(value_name = "FILE")]
    pub inputs: Vec<PathBuf>,
    /// Text in, text out: only the links change, every other byte stays
    #[arg(long, conflicts_with = "fields")]
    pub plain: bool,
    /// Make one link per account, so that clicks tell the channels apart
    #[arg(long = "for", value_name = "ACCOUNT", value_delimiter = ',')]
    pub accounts: Vec<String>,
    /// Where the links are made: embedded (in the store) or none (clean and tag only)
    #[arg(long, value_name = "NAME", default_value = "embedded", value_parser = backend)]
    pub backend: Backend,
    /// Where to look for links: url, external_url, title, summary, content_text [default: url, and in drafts the text]
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',', hide_possible_values = true)]
    pub fields: Vec<Field>,
    /// How the campaign tags are made.
    #[command(flatten)]
    pub tagging: Tagging,
    /// How new links are named.
    #[command(flatten)]
    pub naming: Naming,
}

impl Filter {
    /// Whether anything of it was given.
    pub fn is_used(&self) -> bool {
        let tagging = &self.tagging;
        self.plain
            || self.naming.hash
            || self.backend != Backend::Embedded
            || !(self.inputs.is_empty() && self.accounts.is_empty() && self.fields.is_empty())
            || tagging.utm.is_some()
            || tagging.campaign.is_some()
            || tagging.existing_utm.is_some()
    }
}

/// Campaign tags.
#[derive(Debug, Default, ClapArgs)]
pub struct Tagging {
    /// Tag with the template [utm.NAME], or `none` [default with --for: default_utm of [shorten], or the only template]
    #[arg(long, value_name = "NAME")]
    pub utm: Option<String>,
    /// The campaign: fills {campaign} of the template and groups the links in reports
    #[arg(long, value_name = "TEXT")]
    pub campaign: Option<String>,
    /// What becomes of utm tags that a link has already [default: the template's `existing`, else replace]
    #[arg(long, value_enum, value_name = "HOW", hide_short_help = true)]
    pub existing_utm: Option<Existing>,
}

/// Codes of new links.
#[derive(Clone, Copy, Debug, Default, ClapArgs)]
pub struct Naming {
    /// Derive the code from the link: the same link has the same code in every store
    #[arg(long, hide_short_help = true)]
    pub hash: bool,
}

/// Where links are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In the store, for `cm-shorten serve`.
    Embedded,
    /// Nowhere: clean and tag only.
    None,
}

fn backend(name: &str) -> Result<Backend, String> {
    match name {
        "embedded" => Ok(Backend::Embedded),
        "none" => Ok(Backend::None),
        _ if ["yourls:", "shlink:", "bitly:", "kutt:", "dub:"].iter().any(|kind| name.starts_with(kind)) => {
            Err("comes in a later version: use embedded or none".to_owned())
        }
        _ => Err("unknown: use embedded or none".to_owned()),
    }
}

/// A member that holds links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Field {
    /// The permalink.
    Url,
    /// What the item is about.
    ExternalUrl,
    /// The title.
    Title,
    /// The summary.
    Summary,
    /// The text.
    ContentText,
}

/// What becomes of tags that a link has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Existing {
    /// They go, the template's come.
    #[default]
    Replace,
    /// A link that has any keeps them, and gets none of the template's.
    Keep,
    /// They stay, the template's fill what is missing.
    Fill,
}

/// What to do instead of filtering.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make one link, with a name of its own if you like
    Add(Add),
    /// The links, newest last
    List,
    /// Clicks by class, day and source, of one link or of all
    Stats(Stats),
    /// Where a short link leads
    Expand(Expand),
    /// What cleaning does to links, and why; links in the arguments or in text on standard input
    Explain(Explain),
    /// Answer short links over HTTP and log their clicks
    Serve(Serve),
    /// The click log as JSON lines
    Clicks(Period),
}

/// `add`.
#[derive(Debug, ClapArgs)]
pub struct Add {
    /// Where it leads
    pub url: String,
    /// Its code: a-z, 0-9, `-` and `_`, at most 64 [default: random]
    #[arg(long, value_name = "CODE")]
    pub slug: Option<String>,
    /// Stop redirecting then: 2w, 2026-12-01, "monday 9:00" or RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
    /// Stop redirecting after so many clicks of people
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_clicks: Option<u32>,
    /// A title, for lists and reports
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The account whose clicks these will be
    #[arg(long = "for", value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// How the campaign tags are made.
    #[command(flatten)]
    pub tagging: Tagging,
    /// How the link is named.
    #[command(flatten)]
    pub naming: Naming,
}

/// `stats`.
#[derive(Debug, ClapArgs)]
pub struct Stats {
    /// A link's code or short address [default: all links]
    pub slug: Option<String>,
    /// Over which time.
    #[command(flatten)]
    pub period: Period,
}

/// `expand`.
#[derive(Debug, ClapArgs)]
pub struct Expand {
    /// A short link of ours or its code; wrappers of others are taken off as far as that needs no network
    #[arg(required = true)]
    pub url: Vec<String>,
}

/// `explain`.
#[derive(Debug, ClapArgs)]
pub struct Explain {
    /// Links [default: those of the text on standard input]
    pub url: Vec<String>,
}

/// `serve`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = SERVE_HELP)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one. The address is printed on standard output when ready
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}

/// A span of time.
#[derive(Debug, Default, ClapArgs)]
pub struct Period {
    /// From this TIME on: 2h, 3d, yesterday, monday, 2026-11-20, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Up to, without, this TIME
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}
