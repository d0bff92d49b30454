//! `explain`: what cleaning does to links, and why, one JSON line per link; a table on a terminal.

use crate::args::Explain;
use crate::cleaning;
use crate::expansion::Expander;
use crate::plain::links;
use crate::settings::Settings;
use crate::tables::Tables;
use crate::target::{self, Guard};
use anyhow::Result;
use cm_cli::{Failure, Listing, Out, Session};
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
        listing: Listing::new(&["LINK", "CLEANED", "REMOVED"]),
    };
    if !args.url.is_empty() {
        args.url.iter().try_for_each(|url| explaining.link(url.trim()))?;
    } else if std::io::stdin().is_terminal() {
        return Err(Failure::short_help().into());
    } else {
        explaining.text(std::io::stdin())?;
    }
    explaining.out.flush()?;
    if session.stdout_is_terminal() { session.list(&explaining.listing) } else { Ok(()) }
}

struct Explaining<'a> {
    expander: Option<Expander>,
    guard: Guard,
    cleaner: Cleaner,
    session: &'a Session,
    out: Out,
    listing: Listing,
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
            self.listing.row(cells(url, expanded, &cleaned, refused.as_deref()), serde_json::Value::Null);
            return Ok(());
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

fn cells(url: &str, expanded: Option<&str>, cleaned: &Cleaned, refused: Option<&str>) -> Vec<String> {
    let mut why: Vec<String> = expanded.map(|_| "its shortener was asked".to_owned()).into_iter().collect();
    why.extend(cleaned.unwrapped.iter().map(|_| "a redirect taken off".to_owned()));
    why.extend(cleaned.removed.iter().map(|r| format!("{} ({})", r.name, r.reason)));
    why.extend(refused.map(|why| format!("refused: {why}")));
    vec![url.to_owned(), cleaned.url.clone(), why.join(", ")]
}
