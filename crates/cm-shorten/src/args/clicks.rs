//! The options of what tells of clicks.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `clicks`.
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Clicks {
    /// What to do instead of telling them.
    #[command(subcommand)]
    pub action: Option<Action>,
    /// A link's code or short address [default: all links]
    pub slug: Option<String>,
    /// Only the last so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Over which time.
    #[command(flatten)]
    pub period: Period,
}

/// What to do with the click log instead of telling it.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Take in clicks from logs of web servers and hosts that answer the links
    Import(ImportClicks),
    /// Judge all clicks by this version's table of robots, and add them up anew
    Reclassify,
}

/// `clicks import`.
#[derive(Debug, ClapArgs)]
pub struct ImportClicks {
    /// Logs: Apache and nginx (common, combined), JSON lines of Caddy, Cloudflare and Netlify; plain, .gz or .zst; - for
    /// standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Count pages too (status 200 and 304), for links exported as HTML
    #[arg(long)]
    pub pages: bool,
}

/// How finely clicks are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Every {
    /// By day
    #[default]
    Day,
    /// By hour
    Hour,
}

/// `stats`.
#[derive(Debug, ClapArgs)]
pub struct Stats {
    /// Codes or short addresses of links, each told by itself [default: all links, as one]
    pub slug: Vec<String>,
    /// Ask this shortener of [shorteners], such as yourls:blog [default for short addresses: the one whose domain it is]
    #[arg(long, value_name = "NAME", requires = "slug")]
    pub backend: Option<String>,
    /// Links that belong together, as one.
    #[command(flatten)]
    pub group: Group,
    /// Count by day or by hour, in your zone
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub by: Every,
    /// Over which time.
    #[command(flatten)]
    pub period: Period,
}

/// Links that belong together.
#[derive(Debug, Default, ClapArgs)]
pub struct Group {
    /// All links of this campaign, as one
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["slug", "backend"])]
    pub campaign: Option<String>,
    /// All links with this word, as one; repeated: with each of them
    #[arg(long = "tag", value_name = "TAG", conflicts_with_all = ["slug", "backend"])]
    pub tags: Vec<String>,
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
