//! The command line of cm-report: definition only.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Where the work went: posts, links, visits, answers, as a dashboard
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true)]
pub struct Args {
    /// What else than the report.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the report is made of.
    #[command(flatten)]
    pub report: ReportArgs,
    /// Options of every tool.
    #[command(flatten)]
    pub common: cm_cli::Common,
}

/// Other things to ask for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What a metric means: definition, formula, source, inputs, what was left out
    Explain {
        /// The metric's name as in JSON [default: all]
        metric: Option<String>,
    },
}

/// What the report is made of.
#[derive(Debug, ClapArgs)]
pub struct ReportArgs {
    /// Records, click logs, histories and web access logs, plain, .gz or .zst, told apart by themselves; a
    /// folder is its *.jsonl and *access*log* files, `-` is standard input [default: the store, and `[report] inputs` of the configuration]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// From this TIME on: 2026-11-20, 3d (ago), yesterday, monday, RFC 3339 [default: the last 7 days]
    #[arg(long, value_name = "TIME", conflicts_with = "period")]
    pub since: Option<String>,
    /// Up to, not including, this TIME [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "period")]
    pub until: Option<String>,
    /// Today so far, yesterday, or the last whole week or month
    #[arg(long, value_enum, value_name = "PERIOD")]
    pub period: Option<Named>,
    /// Compare with the period before, the same days a week ago, or a year ago [default: prev, where there is data]
    #[arg(long, value_enum, value_name = "WITH")]
    pub compare: Option<Compare>,
    /// How to write it [default: by the name given to -o, else text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write to FILE, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What counts as a conversion [default: `[report] goals` of the configuration]
    #[arg(long, value_name = "FILE")]
    pub goals: Option<PathBuf>,
    /// Exit 1 when there is nothing to report
    #[arg(short, long)]
    pub exit_status: bool,
}

/// A period by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Named {
    /// Since midnight.
    Today,
    /// The day before.
    Yesterday,
    /// The last whole week, Monday to Sunday.
    Week,
    /// The last whole calendar month.
    Month,
}

/// What to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compare {
    /// The period of the same length right before.
    Prev,
    /// The same weekdays one week earlier.
    Week,
    /// The same dates one year earlier.
    Year,
}

/// A face of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal or a mail.
    Text,
    /// Markdown.
    Md,
    /// One page without scripts.
    Html,
    /// Long form: section, metric, dimension, value.
    Csv,
    /// The whole model.
    Json,
}

impl cm_cli::Arguments for Args {
    fn common(&self) -> &cm_cli::Common {
        &self.common
    }
}
