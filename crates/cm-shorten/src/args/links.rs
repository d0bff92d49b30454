//! The options of what makes, shows and changes single links.

use super::{Naming, Tagging};
use clap::Args as ClapArgs;

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
