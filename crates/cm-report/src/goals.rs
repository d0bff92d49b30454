//! What counts as a conversion: goals.toml in, a test per web request out.

use crate::glob;
use crate::inputs::Entry;
use cm_cli::Failure;
use serde::Deserialize;
use std::path::Path;

/// Goals that a visit can remember.
const MOST_GOALS: usize = 64;

/// One goal. Every condition that is given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goal {
    /// What it is called.
    pub name: String,
    /// The page's path, `*` and `?` allowed; without its query.
    pub path: Option<String>,
    /// An event of an analytics export.
    pub event: Option<String>,
    /// The request's method.
    pub method: Option<String>,
    /// The answer's status; any below 400 when not given.
    pub status: Option<u16>,
    /// The file's name (or its path, with a `/` in it), `*` and `?` allowed.
    pub download: Option<String>,
    /// What one conversion is worth.
    pub value: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    goal: Vec<Goal>,
}

/// The goals of a run, at most 64.
#[derive(Debug, Default)]
pub struct Goals(pub Vec<Goal>);

impl Goals {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Goals, Failure> {
        let file: File = cm_cli::read_toml(path)?;
        let wrong = |why: String| Failure::config(format!("{}: {why}", path.display()));
        for goal in &file.goal {
            if goal.name.trim().is_empty() {
                return Err(wrong("a goal has no name".into()));
            }
            if goal.path.is_none() && goal.event.is_none() && goal.method.is_none() && goal.download.is_none()
            {
                return Err(wrong(format!("goal {:?} needs a path, event, method or download", goal.name)));
            }
            if goal.value.is_some_and(|value| !value.is_finite()) {
                return Err(wrong(format!("goal {:?}: value is not a number", goal.name)));
            }
        }
        if file.goal.len() > MOST_GOALS {
            return Err(wrong(format!("more than {MOST_GOALS} goals")));
        }
        Ok(Goals(file.goal))
    }

    /// A bit per goal that this request meets.
    pub fn met_by(&self, entry: &Entry) -> u64 {
        self.0
            .iter()
            .enumerate()
            .filter(|(_, goal)| goal.is_met_by(entry))
            .fold(0, |bits, (i, _)| bits | 1 << i)
    }
}

impl Goal {
    fn is_met_by(&self, entry: &Entry) -> bool {
        let path = entry.path();
        // Events stand in analytics exports, not in web logs.
        self.event.is_none()
            && self.status.map_or(entry.status < 400, |status| status == entry.status)
            && self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(&entry.method))
            && self.path.as_deref().is_none_or(|wanted| same_path(wanted, path))
            && self.download.as_deref().is_none_or(|wanted| is_download(wanted, path))
    }
}

/// A trailing slash makes no difference.
fn same_path(wanted: &str, path: &str) -> bool {
    let bare =
        |path: &str| -> String { if path == "/" { path.into() } else { path.trim_end_matches('/').into() } };
    glob::matches(&bare(wanted), &bare(path))
}

fn is_download(wanted: &str, path: &str) -> bool {
    let name = if wanted.contains('/') { path } else { path.rsplit('/').next().unwrap_or(path) };
    glob::matches(wanted, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(goal: &Goal, method: &str, target: &str, status: u16) -> bool {
        let line = format!(
            r#"192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] "{method} {target} HTTP/1.1" {status} 1 "-" "x""#
        );
        goal.is_met_by(&Entry::parse(&line).unwrap())
    }

    #[test]
    fn every_condition_must_hold() {
        let thanks = Goal { path: Some("/thanks/*".into()), ..Goal::default() };
        assert!(met(&thanks, "GET", "/thanks/newsletter/?x=1", 200));
        assert!(!met(&thanks, "GET", "/thanks/newsletter", 404));
        assert!(!met(&thanks, "GET", "/thank", 200));
        let order = Goal { method: Some("post".into()), status: Some(201), ..Goal::default() };
        assert!(met(&order, "POST", "/orders", 201) && !met(&order, "POST", "/orders", 200));
        let paper = Goal { download: Some("*.pdf".into()), ..Goal::default() };
        assert!(met(&paper, "GET", "/files/a.pdf", 200) && !met(&paper, "GET", "/files/a.pdf/", 200));
        let event = Goal { event: Some("signup".into()), path: Some("*".into()), ..Goal::default() };
        assert!(!met(&event, "GET", "/", 200));
    }
}
