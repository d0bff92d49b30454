//! `list`: the links with their clicks, in the order in which they were made.

use crate::clicks::{local, written};
use crate::rows::Link;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::{Listing, Session};
use cm_time::Zone;
use serde::Serialize;
use std::collections::BTreeMap;

/// Links read at once.
const PAGE: i64 = 1000;

#[derive(Serialize)]
struct Line<'a> {
    code: &'a str,
    short_url: String,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_clicks: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
    clicks: ByClass,
}

/// Clicks told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ByClass {
    /// Of people.
    pub human: i64,
    /// Of link previews.
    pub preview: i64,
    /// Of other robots.
    pub bot: i64,
}

impl ByClass {
    /// Adds clicks of a class.
    pub fn add(&mut self, class: &str, count: i64) {
        match class {
            "human" => self.human += count,
            "preview" => self.preview += count,
            _ => self.bot += count,
        }
    }
}

/// Writes the list.
pub fn run(session: &Session) -> Result<()> {
    let Some(tables) = Tables::look(session)? else { return Ok(()) };
    let mut out = session.out();
    let mut listing = Listing::new(&["CODE", "CLICKS", "MADE", "ACCOUNT", "LEADS TO"]);
    let mut after = (-1, String::new());
    loop {
        let page = tables.links_after(&after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = (last.revision, last.code.clone());
        let mut counts: BTreeMap<String, ByClass> = BTreeMap::new();
        for (code, class, count) in tables.counts(page.iter().map(|link| link.code.clone()).collect())? {
            counts.entry(code).or_default().add(&class, count);
        }
        for link in &page {
            let clicks = counts.get(&link.code).copied().unwrap_or_default();
            if session.stdout_is_terminal() {
                listing.row(cells(link, clicks, session.zone()?), serde_json::Value::Null);
            } else {
                out.line(&serde_json::to_string(&line(link, clicks))?)?;
            }
        }
    }
    out.flush()?;
    if session.stdout_is_terminal() { session.list(&listing) } else { Ok(()) }
}

fn line(link: &Link, clicks: ByClass) -> Line<'_> {
    Line {
        code: &link.code,
        short_url: link.short_url(),
        url: &link.target,
        account: link.account.as_deref(),
        campaign: link.campaign.as_deref(),
        title: link.title.as_deref(),
        created: written(link.created_ms),
        expires: link.expires_ms.map(written),
        max_clicks: link.max_clicks,
        fallback: link.fallback.as_deref(),
        tags: &link.labels,
        note: link.note.as_deref(),
        status: link.status,
        max_age: link.max_age,
        clicks,
    }
}

fn cells(link: &Link, clicks: ByClass, zone: &Zone) -> Vec<String> {
    vec![
        link.code.clone(),
        clicks.human.to_string(),
        local(link.created_ms, zone),
        link.account.clone().unwrap_or_default(),
        link.target.clone(),
    ]
}
