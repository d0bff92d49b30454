//! The options of what tells of clicks.

use clap::Args as ClapArgs;

/// `stats`.
#[derive(Debug, ClapArgs)]
pub struct Stats {
    /// A link's code or short address [default: all links]
    pub slug: Option<String>,
    /// Ask this shortener of [shorteners], such as yourls:blog [default for short addresses: the one whose domain it is]
    #[arg(long, value_name = "NAME", requires = "slug")]
    pub backend: Option<String>,
    /// Over which time.
    #[command(flatten)]
    pub period: Period,
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
