//! The options of the filter, some of which `add` shares.

use crate::remote::account::check_name;
use crate::slug::Codes;
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

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
    /// Where the links are made: embedded (in the store), none (clean and tag only), or another shortener as [shorteners]
    /// names it, such as yourls:blog [default: backend of [shorten], else embedded]
    #[arg(long, value_name = "NAME", value_parser = backend)]
    pub backend: Option<Backend>,
    /// Where to look for links: url, external_url, title, summary, content_text [default: url, and in drafts the text]
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',', hide_possible_values = true)]
    pub fields: Vec<Field>,
    /// How links are cleaned, and the campaign tags made.
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
            || self.naming.codes() != Codes::Random
            || self.backend.is_some()
            || !(self.inputs.is_empty() && self.accounts.is_empty() && self.fields.is_empty())
            || tagging.expand
            || tagging.utm.is_some()
            || tagging.campaign.is_some()
            || tagging.existing_utm.is_some()
            || tagging.cleaning.is_used()
    }
}

/// How links are cleaned, beside `[clean]` of the configuration.
#[derive(Clone, Copy, Debug, Default, ClapArgs)]
pub struct Cleaning {
    /// Take tracking parameters off too that some site may need
    #[arg(long, hide_short_help = true)]
    pub aggressive: bool,
    /// Take off what says who earns by a link, such as Amazon's tag
    #[arg(long, hide_short_help = true)]
    pub strip_affiliate: bool,
    /// Take off redirects of affiliate networks and advertisements too
    #[arg(long, hide_short_help = true)]
    pub unwrap_affiliate: bool,
}

impl Cleaning {
    fn is_used(self) -> bool {
        self.aggressive || self.strip_affiliate || self.unwrap_affiliate
    }
}

/// Cleaning, then campaign tags.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct Tagging {
    /// How links are cleaned.
    #[command(flatten)]
    pub cleaning: Cleaning,
    /// Ask shorteners of others (t.co, bit.ly and `expand` of [shorten]) where their links lead
    #[arg(long)]
    pub expand: bool,
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

/// Codes of new links: random ones where nothing is asked for.
#[derive(Clone, Copy, Debug, Default, ClapArgs)]
#[group(multiple = false)]
pub struct Naming {
    /// Derive the code from the link: the same link has the same code in every store
    #[arg(long, hide_short_help = true)]
    pub hash: bool,
    /// Count the codes: 1, 2, 3 ..., the shortest there are; anybody can guess the other links
    #[arg(long, hide_short_help = true)]
    pub seq: bool,
    /// Make the code of words: brave-otter
    #[arg(long, hide_short_help = true)]
    pub words: bool,
}

impl Naming {
    /// How codes are made up.
    pub fn codes(self) -> Codes {
        match self {
            Naming { hash: true, .. } => Codes::Derived,
            Naming { seq: true, .. } => Codes::Sequence,
            Naming { words: true, .. } => Codes::Words,
            _ => Codes::Random,
        }
    }
}

/// Where links are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In the store, for `cm-shorten serve`.
    Embedded,
    /// Nowhere: clean and tag only.
    None,
    /// By another shortener, as `[shorteners]` names it.
    Remote(String),
}

/// Reads `--backend`.
pub fn backend(name: &str) -> Result<Backend, String> {
    match name {
        "embedded" => Ok(Backend::Embedded),
        "none" => Ok(Backend::None),
        _ => check_name(name).map(|()| Backend::Remote(name.to_owned())),
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
