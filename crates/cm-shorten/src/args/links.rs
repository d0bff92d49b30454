//! The options of what makes, shows and changes single links.

use super::{Backend, Cleaning, Naming, Tagging, backend};
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// What `add --help` says below the options.
const ADD_HELP: &str = "\
A link that is one already, for the same account, campaign and tags, is not made again: its title, note and --tag are put
on the one that is there. A link with a code, an end, a status or an age of its own stands apart: the filter never hands
it out.

A redirect is 302 and kept by nobody. 301 and 308 tell browsers and search engines that the page has moved for good.";

/// `add`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = ADD_HELP)]
pub struct Add {
    /// Where it leads
    pub url: String,
    /// Its code: a-z, 0-9, `-` and `_`, at most 64 [default: random]
    #[arg(long, value_name = "CODE", conflicts_with_all = ["hash", "seq", "words"])]
    pub slug: Option<String>,
    /// Stop redirecting then: 2w, 2026-12-01 (when that day is over), "monday 9:00" or RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
    /// Stop redirecting after so many clicks of people
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_clicks: Option<u32>,
    /// Where it leads once it has ended [default: a page that says so]
    #[arg(long, value_name = "URL")]
    pub fallback: Option<String>,
    /// A title, for lists and reports
    #[arg(long, value_name = "TEXT", conflicts_with = "fetch_title")]
    pub title: Option<String>,
    /// Ask the page for its title
    #[arg(long)]
    pub fetch_title: bool,
    /// What you want to remember of it
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Words to find it by
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// The account whose clicks these will be
    #[arg(long = "for", value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// How it redirects.
    #[command(flatten)]
    pub redirect: Redirect,
    /// Where it is made, as with the filter
    #[arg(long, value_name = "NAME", value_parser = backend)]
    pub backend: Option<Backend>,
    /// How the campaign tags are made.
    #[command(flatten)]
    pub tagging: Tagging,
    /// How the link is named.
    #[command(flatten)]
    pub naming: Naming,
}

/// How a link redirects.
#[derive(Clone, Copy, Debug, Default, ClapArgs)]
pub struct Redirect {
    /// Redirect with this status: 301, 302, 307 or 308 [default: 302]
    #[arg(long, value_name = "CODE", hide_short_help = true, value_parser = status)]
    pub status: Option<u16>,
    /// Let browsers keep the redirect so long; its clicks are then not counted [default: 0]
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    pub max_age: Option<u32>,
}

fn status(text: &str) -> Result<u16, String> {
    match text {
        "301" => Ok(301),
        "302" => Ok(302),
        "307" => Ok(307),
        "308" => Ok(308),
        _ => Err("a redirect's status is 301, 302, 307 or 308".to_owned()),
    }
}

/// What `edit --help` says below the options.
const EDIT_HELP: &str = "\
Every change is kept: cm-shorten history CODE. A running server knows of it within two seconds. A code never changes: what
was printed stays true.

A link that leads elsewhere now answers for its new target, never for the old one: the filter hands it out for that, unless
it got an end, a status or an age, or stood apart before; then nobody is given it.";

/// `edit`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = EDIT_HELP)]
pub struct Edit {
    /// The link's code or short address
    pub slug: String,
    /// Where it leads from now on; cleaned and tagged as by `add`
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Its title; '' for none
    #[arg(long, value_name = "TEXT", conflicts_with = "fetch_title")]
    pub title: Option<String>,
    /// Ask the page for its title
    #[arg(long)]
    pub fetch_title: bool,
    /// What you want to remember of it; '' for nothing
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Words to find it by, beside those that it has
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// Words to take from it
    #[arg(long = "untag", value_name = "TAG", value_delimiter = ',')]
    pub untags: Vec<String>,
    /// Stop redirecting then: now, 2w, 2026-12-01 (when that day is over), "monday 9:00", RFC 3339; or `never`
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
    /// Stop redirecting after so many clicks of people; or `none`
    #[arg(long, value_name = "N", value_parser = clicks)]
    pub max_clicks: Option<MaxClicks>,
    /// Where it leads once it has ended; or `none`
    #[arg(long, value_name = "URL")]
    pub fallback: Option<String>,
    /// How it redirects.
    #[command(flatten)]
    pub redirect: Redirect,
    /// How the campaign tags of a new target are made; --campaign is the link's from now on.
    #[command(flatten)]
    pub tagging: Tagging,
}

/// After how many clicks a link ends, if it does.
#[derive(Clone, Copy, Debug)]
pub struct MaxClicks(pub Option<u32>);

fn clicks(text: &str) -> Result<MaxClicks, String> {
    match (text, text.parse::<u32>()) {
        ("none", _) => Ok(MaxClicks(None)),
        (_, Ok(count)) if count > 0 => Ok(MaxClicks(Some(count))),
        _ => Err("write a number from 1 on, or none".to_owned()),
    }
}

/// `history`.
#[derive(Debug, ClapArgs)]
pub struct History {
    /// The link's code or short address
    pub slug: String,
}

/// `list`.
#[derive(Debug, Default, ClapArgs)]
pub struct List {
    /// Only links in whose code, target, title, note or tags this stands, in capitals or not
    pub text: Option<String>,
    /// Only those with this word; repeated: with each of them
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Only those for this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Only those of this campaign
    #[arg(long, value_name = "TEXT")]
    pub campaign: Option<String>,
    /// Only those of this domain, go.acme.example, where a store has several
    #[arg(long, value_name = "HOST")]
    pub domain: Option<String>,
    /// Only those made from this TIME on: 2h, 3d, monday, 2026-11-20, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only those made before this TIME
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only those that have ended
    #[arg(long)]
    pub ended: bool,
    /// Only so many: the newest, or the most clicked
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// In which order
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub sort: Sort,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// As they were made, the newest last
    #[default]
    Made,
    /// By people's clicks, the most first
    Clicks,
}

/// `qr`.
#[derive(Debug, ClapArgs)]
pub struct Qr {
    /// A link's code or short address, or any other link
    pub link: String,
    /// Write it there, as .svg or .png [default: drawn on a terminal, SVG in a pipe]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How wide the picture is, in pixels
    #[arg(long, value_name = "PIXELS", default_value = "512", value_parser = clap::value_parser!(u32).range(21..=8192))]
    pub size: u32,
    /// How wide the empty margin is, in modules; readers need 4
    #[arg(long, value_name = "MODULES", default_value = "4", value_parser = clap::value_parser!(u32).range(0..=64))]
    pub margin: u32,
    /// How much of it may be covered or torn: L 7 %, M 15 %, Q 25 %, H 30 %
    #[arg(long, value_name = "LEVEL", value_enum, default_value = "M", ignore_case = true)]
    pub level: Level,
}

/// How much damage a QR code stands (ISO/IEC 18004, 6.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum Level {
    /// 7 %.
    L,
    /// 15 %.
    M,
    /// 25 %.
    Q,
    /// 30 %.
    H,
}

/// `expand`.
#[derive(Debug, ClapArgs)]
pub struct Expand {
    /// A short link of ours or its code; wrappers of others are taken off as far as that needs no network
    #[arg(required = true)]
    pub url: Vec<String>,
    /// Ask this shortener of [shorteners] instead, such as yourls:blog
    #[arg(long, value_name = "NAME")]
    pub backend: Option<String>,
    /// Ask shorteners of others where their links lead
    #[arg(long, conflicts_with = "backend")]
    pub expand: bool,
}

/// `explain`.
#[derive(Debug, ClapArgs)]
pub struct Explain {
    /// Links [default: those of the text on standard input]
    pub url: Vec<String>,
    /// Ask shorteners of others where their links lead
    #[arg(long)]
    pub expand: bool,
    /// How they are cleaned.
    #[command(flatten)]
    pub cleaning: Cleaning,
}
