//! How links are cleaned in this run. In: `[clean]` of the configuration, a file of rules, the options. Out: a cleaner.

use crate::args::Cleaning;
use crate::settings::of;
use cm_cli::{Failure, Session, beside, unreadable};
use cm_web::{Cleaner, Rules};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    strip: Vec<Written>,
    keep: Vec<Written>,
    rules: Option<String>,
    aggressive: bool,
    strip_affiliate: bool,
    unwrap_affiliate: bool,
}

/// A rule that was read once, so that its mistakes are told with its line.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Written(String);

impl TryFrom<String> for Written {
    type Error = String;

    fn try_from(text: String) -> Result<Written, String> {
        Rules::default().strip(&text).map(|()| Written(text))
    }
}

/// The cleaner of a run.
/// Errors: a rule that is none, with its file and line.
pub fn cleaner(args: &Cleaning, session: &Session) -> Result<Cleaner, Failure> {
    let (section, file) = session.config().section_at::<Section>("clean")?.unwrap_or_default();
    let mut cleaner = Cleaner {
        aggressive: args.aggressive || section.aggressive,
        strip_affiliate: args.strip_affiliate || section.strip_affiliate,
        unwrap_affiliate: args.unwrap_affiliate || section.unwrap_affiliate,
        rules: Rules::default(),
    };
    let again = |why| Failure::config(format!("[clean]: {why}"));
    for rule in &section.strip {
        cleaner.rules.strip(&rule.0).map_err(again)?;
    }
    for rule in &section.keep {
        cleaner.rules.keep(&rule.0).map_err(again)?;
    }
    if let Some(rules) = &section.rules {
        let path = beside(&file, rules);
        let text = std::fs::read_to_string(&path).map_err(|e| of("[clean] rules", unreadable(&path, &e)))?;
        read(&mut cleaner.rules, &text)
            .map_err(|(line, why)| Failure::config(format!("{}:{line}: {why}", path.display())))?;
    }
    Ok(cleaner)
}

/// Rules by the line: what goes, and after a `!` what stays; `#` begins a comment.
fn read(rules: &mut Rules, text: &str) -> Result<(), (usize, String)> {
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let done = match line.strip_prefix('!') {
            Some(kept) => rules.keep(kept),
            None if line.is_empty() => Ok(()),
            None => rules.strip(line),
        };
        done.map_err(|why| (at + 1, why))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_on_lines_of_their_own() {
        let mut cleaner = Cleaner::default();
        read(&mut cleaner.rules, "\u{feff}# ours\n x_* # all\r\n\n!shop.example: x_id\n").unwrap();
        assert_eq!(cleaner.clean("https://shop.example/?x_id=1&x_b=2").url, "https://shop.example/?x_id=1");
        assert_eq!(read(&mut cleaner.rules, "a\n\n!\n").unwrap_err().0, 3);
        assert_eq!(read(&mut cleaner.rules, "a\n*\n").unwrap_err().0, 2);
    }
}
