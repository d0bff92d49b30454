//! JSON lines: all that the store knows of a link, so that `import --from jsonl` makes the same link elsewhere.

use super::entry::Entry;
use super::place::{Kind, Sole};
use super::{Face, Result};
use chrono::{DateTime, SecondsFormat};
use serde::Serialize;
use std::io::Write;

/// A link with all that belongs to it. CSV has the same, in this order.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// The code.
    pub code: &'a str,
    /// What its short link begins with.
    pub domain: &'a str,
    /// Its short link.
    pub short_url: String,
    /// Where it leads.
    pub url: &'a str,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// What its owner wants to remember.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
    /// Its labels.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub tags: &'a [String],
    /// The account whose clicks these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<&'a str>,
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<&'a str>,
    /// When it was made.
    pub created: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// After how many people's clicks it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_clicks: Option<i64>,
    /// Where it leads then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<&'a str>,
    /// The redirect's status, where it is not 302.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Seconds that it may be kept, where that is not 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// What makes two wishes this link; none when it stands apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<&'a str>,
    /// All clicks, robots' and those from before among them.
    pub clicks: i64,
    /// People's, as far as that is known.
    pub clicks_human: i64,
}

/// To the millisecond, as the store has it.
fn instant(ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    at.to_rfc3339_opts(if ms % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis }, true)
}

impl<'a> Line<'a> {
    /// Of a link.
    pub fn new(entry: &'a Entry) -> Line<'a> {
        let (link, clicks) = (&entry.full.link, entry.clicks);
        Line {
            code: &link.code,
            domain: &link.domain,
            short_url: link.short_url(),
            url: &link.target,
            title: link.title.as_deref(),
            note: link.note.as_deref(),
            tags: &link.labels,
            account: link.account.as_deref(),
            campaign: link.campaign.as_deref(),
            created: instant(link.created_ms),
            expires: link.expires_ms.map(instant),
            max_clicks: link.max_clicks,
            fallback: link.fallback.as_deref(),
            status: link.status,
            max_age: link.max_age,
            identity: entry.full.identity.as_deref(),
            clicks: clicks.human + clicks.preview + clicks.bot + entry.full.before.unwrap_or(0),
            clicks_human: clicks.human,
        }
    }
}

/// The lines as a file.
pub const FILE: Kind = Kind { name: "links.jsonl", begins: "{\"code\":\"" };

/// The lines on their way.
pub struct Lines {
    out: Sole,
}

impl Lines {
    /// Begins them.
    pub fn new(out: Sole) -> Lines {
        Lines { out }
    }
}

impl Face for Lines {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        writeln!(self.out, "{}", serde_json::to_string(&Line::new(entry))?)?;
        Ok(true)
    }

    fn end(self: Box<Self>) -> Result<()> {
        self.out.end()
    }
}
