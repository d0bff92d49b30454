//! `[report]` of the configuration, with its paths made relative to the file that names them.

use crate::args::ReportArgs;
use crate::glob;
use crate::goals::Goals;
use cm_cli::{Failure, Session};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// An answer is in time within a day, unless the configuration says otherwise.
const ANSWER_WITHIN_S: i64 = 86_400;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    /// Files that belong to every report; the last part of a path may hold `*` and `?`.
    inputs: Vec<String>,
    /// The goals file.
    goals: Option<String>,
    /// Hosts of our own, so that their pages are no source of visits.
    sites: Vec<String>,
    /// How soon a person should have an answer: `24h`, `90m`.
    answer_within: Option<String>,
}

/// The settings of a run.
#[derive(Debug, Default)]
pub struct Settings {
    /// Files that belong to a report of the store.
    pub inputs: Vec<PathBuf>,
    /// The goals.
    pub goals: Goals,
    /// Hosts of our own.
    pub sites: Vec<String>,
    /// Seconds within which an answer is in time.
    pub answer_within_s: i64,
}

impl Settings {
    /// Reads the section, the goals file and the hosts of our blogs.
    pub fn read(args: &ReportArgs, session: &Session) -> anyhow::Result<Settings> {
        let found = session.config().section_at::<Section>("report")?;
        let (section, file) = found.unwrap_or_default();
        let mut inputs = Vec::new();
        for pattern in section.inputs.iter().filter(|_| args.files.is_empty()) {
            let path = beside(&file, pattern);
            let files = glob::files(&path).map_err(|e| {
                Failure::config(format!("{}: inputs: {}: {e}", file.display(), path.display()))
            })?;
            inputs.extend(files);
        }
        let goals = args.goals.clone().or(section.goals.map(|path| beside(&file, &path)));
        let answer_within_s = match &section.answer_within {
            Some(text) => cm_time::parse_duration(text)
                .map_err(|e| Failure::config(format!("{}: answer_within: {e}", file.display())))?
                .num_seconds(),
            None => ANSWER_WITHIN_S,
        };
        let mut sites = section.sites;
        // The accounts are other tools' business: a mistake there is theirs to tell.
        let accounts = session.accounts().unwrap_or_default();
        let blogs = accounts.values().filter(|account| account.network() == "wordpress");
        sites.extend(blogs.filter_map(|account| host(account.url.as_deref()?)));
        let goals = goals.map(|path| Goals::read(&path)).transpose()?.unwrap_or_default();
        Ok(Settings { inputs, goals, sites, answer_within_s })
    }
}

fn host(address: &str) -> Option<String> {
    url::Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// A path that a file names, relative to that file.
fn beside(file: &Path, value: &str) -> PathBuf {
    let value = match (value.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(value),
    };
    file.parent().unwrap_or(Path::new("")).join(value)
}
