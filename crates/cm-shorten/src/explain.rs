//! `explain`: what cleaning does to links, and why, one JSON line per link; a few lines per link on a terminal.

use crate::args::Explain;
use crate::cleaning;
use crate::expansion::Expander;
use crate::plain::links;
use crate::settings::Settings;
use crate::tables::Tables;
use crate::target::{self, Guard};
use anyhow::Result;
use cm_cli::{Failure, Out, Session, one_line};
use cm_web::{Cleaned, Cleaner};
use serde::Serialize;
use std::io::{BufRead, BufReader, IsTerminal, Read};

#[derive(Serialize)]
struct Line<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expanded: Option<&'a str>,
    unwrapped: &'a [String],
    removed: Vec<Removed<'a>>,
    clean_url: &'a str,
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

#[derive(Serialize)]
struct Removed<'a> {
    name: &'a str,
    reason: &'a str,
}

/// Explains the links of the arguments, or of standard input.
pub fn run(args: &Explain, session: &Session) -> Result<()> {
    let settings = Settings::read(session)?;
    let expander = args.expand.then(|| Expander::open(session, &settings, Tables::to_remember(session)?));
    let mut explaining = Explaining {
        expander: expander.transpose()?,
        guard: settings.guard,
        cleaner: cleaning::cleaner(&args.cleaning, session)?,
        session,
        out: session.out(),
    };
    if !args.url.is_empty() {
        args.url.iter().try_for_each(|url| explaining.link(url.trim()))?;
    } else if std::io::stdin().is_terminal() {
        return Err(Failure::short_help().into());
    } else {
        explaining.text(std::io::stdin())?;
    }
    Ok(explaining.out.flush()?)
}

struct Explaining<'a> {
    expander: Option<Expander>,
    guard: Guard,
    cleaner: Cleaner,
    session: &'a Session,
    out: Out,
}

impl Explaining<'_> {
    /// The links of a text, line by line; a line is cut at `--max-line`.
    fn text(&mut self, stream: impl Read) -> Result<()> {
        let mut stream = BufReader::new(stream);
        let longest = self.session.common().max_line as u64;
        loop {
            let mut line = Vec::new();
            if stream.by_ref().take(longest).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            for (_, url) in links(&line) {
                self.link(&url)?;
            }
            if stream.buffer().is_empty() {
                self.out.flush()?;
            }
        }
    }

    fn link(&mut self, url: &str) -> Result<()> {
        let expanded = match &mut self.expander {
            Some(expander) if !target::is_short(url, &self.guard.own) => {
                expander.expand(self.session, url)?
            }
            _ => None,
        };
        let expanded = expanded.as_deref();
        let cleaned = self.cleaner.clean(expanded.unwrap_or(url));
        let refused = self.guard.check(url).and_then(|()| self.guard.check(&cleaned.url)).err();
        let refused = refused.map(|why| why.to_string());
        if self.session.stdout_is_terminal() {
            return Ok(self.out.line(&block(url, expanded, &cleaned, refused.as_deref()))?);
        }
        let removed = cleaned.removed.iter().map(|r| Removed { name: &r.name, reason: &r.reason }).collect();
        let line = Line {
            url,
            expanded,
            unwrapped: &cleaned.unwrapped,
            removed,
            clean_url: &cleaned.url,
            key: self.cleaner.key(&cleaned.url),
            refused,
        };
        Ok(self.out.line(&serde_json::to_string(&line)?)?)
    }
}

/// What became of a link, for people: the link, and below it a line for each thing. Nothing is cut: the why is the point.
fn block(url: &str, expanded: Option<&str>, cleaned: &Cleaned, refused: Option<&str>) -> String {
    let mut lines = vec![one_line(url)];
    let mut tell = |what: &str, text: &str| lines.push(format!("  {what:<9} {}", one_line(text)));
    if let Some(place) = expanded {
        tell("leads to", place);
    }
    cleaned.unwrapped.iter().for_each(|wrapper| tell("unwrapped", wrapper));
    cleaned.removed.iter().for_each(|r| tell("removed", &format!("{} ({})", r.name, r.reason)));
    match refused {
        Some(why) => tell("refused", why),
        None if cleaned.url == url => tell("clean", "nothing to take off"),
        None => tell("clean", &cleaned.url),
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_why_to_the_last_letter() {
        let cleaner = Cleaner::default();
        let long = format!("https://a.example/{}?utm_source=mail&id=7", "x".repeat(200));
        let told = block(&long, None, &cleaner.clean(&long), None);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!((lines.len(), lines[0]), (3, long.as_str()));
        assert!(lines[1].starts_with("  removed   utm_source (") && lines[1].ends_with(')'), "{told}");
        assert_eq!(lines[2], format!("  clean     https://a.example/{}?id=7", "x".repeat(200)));
        let plain =
            block("https://a.example/", None, &cleaner.clean("https://a.example/"), Some("no\u{1b}[2J"));
        assert_eq!(plain, "https://a.example/\n  refused   no\u{fffd}[2J");
    }
}
