//! `list`: the links with their clicks, in the order in which they were made or last changed. In: what to look for.
//! Out: JSON lines, a page of links in memory at a time; a table on a terminal.

use crate::args::{List, Period};
use crate::clicks::{local, span, written};
use crate::rows::{Link, Span};
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::{Listing, Session};
use cm_time::Zone;
use serde::Serialize;

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
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
    clicks: ByClass,
}

pub use crate::rows::ByClass;

/// Writes the list.
pub fn run(args: &List, session: &Session) -> Result<()> {
    let wish = Wish::read(args, session)?;
    let Some(tables) = Tables::look(session)? else { return Ok(()) };
    let now = session.now().timestamp_millis();
    let mut out = session.out();
    let mut listing = Listing::new(&["CODE", "CLICKS", "MADE", "ACCOUNT", "LEADS TO"]).whole(&["CODE"]);
    let mut after = (-1, String::new());
    loop {
        let mut page = tables.links_after(&after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = (last.revision, last.code.clone());
        page.retain(|link| wish.holds(link));
        let counts = tables.counts(page.iter().map(|link| link.code.clone()).collect())?;
        for link in &page {
            let clicks = counts.get(&link.code).copied().unwrap_or_default();
            let ended = link.has_ended(now, clicks.human);
            if wish.ended && !ended {
                continue;
            }
            if session.stdout_is_terminal() {
                listing.row(cells(link, clicks, ended, session.zone()?), serde_json::Value::Null);
            } else {
                out.line(&serde_json::to_string(&line(link, clicks, ended))?)?;
            }
        }
    }
    out.flush()?;
    if session.stdout_is_terminal() { session.list(&listing) } else { Ok(()) }
}

/// Which links are asked for.
struct Wish<'a> {
    args: &'a List,
    /// In lower case.
    text: Option<String>,
    made: Span,
    ended: bool,
}

impl Wish<'_> {
    fn read<'a>(args: &'a List, session: &Session) -> Result<Wish<'a>> {
        let period = Period { since: args.since.clone(), until: args.until.clone() };
        let text = args.text.as_ref().map(|text| text.to_lowercase());
        Ok(Wish { args, text, made: span(&period, session)?, ended: args.ended })
    }

    /// Whether a link is one, but for its end.
    fn holds(&self, link: &Link) -> bool {
        let List { tags, account, campaign, .. } = self.args;
        let is = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        is(account, &link.account)
            && is(campaign, &link.campaign)
            && (self.made.since_ms..self.made.until_ms).contains(&link.created_ms)
            && tags.iter().all(|tag| link.labels.contains(tag))
            && self.text.as_ref().is_none_or(|text| holds_text(link, text))
    }
}

fn holds_text(link: &Link, text: &str) -> bool {
    let texts = [Some(&link.code), Some(&link.target), link.title.as_ref(), link.note.as_ref()];
    texts.into_iter().flatten().chain(&link.labels).any(|found| found.to_lowercase().contains(text))
}

/// A link with its clicks, as JSON on one line.
pub fn one(link: &Link, tables: &Tables, session: &Session) -> Result<String> {
    let clicks = tables.counts(vec![link.code.clone()])?.remove(&link.code).unwrap_or_default();
    let ended = link.has_ended(session.now().timestamp_millis(), clicks.human);
    Ok(serde_json::to_string(&line(link, clicks, ended))?)
}

fn line(link: &Link, clicks: ByClass, ended: bool) -> Line<'_> {
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
        ended,
        clicks,
    }
}

fn cells(link: &Link, clicks: ByClass, ended: bool, zone: &Zone) -> Vec<String> {
    let end = if ended { "ended: " } else { "" };
    vec![
        link.code.clone(),
        clicks.human.to_string(),
        local(link.created_ms, zone),
        link.account.clone().unwrap_or_default(),
        format!("{end}{}", link.target),
    ]
}
