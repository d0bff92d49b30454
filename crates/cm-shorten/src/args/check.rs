//! The options of `check`.

use super::Cleaning;
use clap::Args as ClapArgs;

/// What `check --help` says below the options.
const CHECK_HELP: &str = "\
Each place is asked once, however many links lead there, without campaign tags: HEAD, and GET where HEAD is refused. Told
are the dead and those that have moved for good; cm-shorten edit CODE --url mends both. Dead is what answers 404 or 410, or
has a name that does not resolve, and did so in an earlier check too: 20 hours ago at least, with names 68. Everything else
that is not well (403, 429, 5xx, time-outs, certificates, redirects to the front page) is unsure.

Exit codes: 0 nothing is dead, 1 something is, 3 the network was not there.";

/// `check`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = CHECK_HELP)]
pub struct Check {
    /// Only these links: codes or short addresses
    pub code: Vec<String>,
    /// Only those made from this TIME on: 2h, 3d, monday, 2026-11-20, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only those with this word; repeated: with each of them
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Show those that are well or unsure too
    #[arg(long)]
    pub all: bool,
    /// How long to wait between two questions to one host
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = pause)]
    pub pause: f64,
    /// What is left out of the address that is asked.
    #[command(flatten)]
    pub cleaning: Cleaning,
}

fn pause(text: &str) -> Result<f64, String> {
    let pause = text.parse().ok().filter(|pause| (0.0..=3600.0).contains(pause));
    pause.ok_or_else(|| "write seconds from 0 to 3600".to_owned())
}
