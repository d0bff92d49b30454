//! `list`: the links with their clicks, in the order in which they were made, or the most clicked first. In: what to look
//! for. Out: JSON lines; a table on a terminal. In the order of making a page of links is in memory at a time, and as many
//! as `--limit` wants; by clicks without a limit all that are listed.

use crate::args::{List, Period, Sort};
use crate::clicks::{local, span, written};
use crate::known::{Asked, Known};
use crate::rows::{Link, Span};
use crate::tables::{Earlier, Tables};
use anyhow::Result;
use cm_cli::{Listing, Out, Session};
use cm_time::Zone;
use serde::Serialize;
use std::cmp::Reverse;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<&'a Earlier>,
}

pub use crate::rows::ByClass;

/// Writes the list.
pub fn run(args: &List, session: &Session) -> Result<()> {
    let (wish, asked) = (Wish::read(args, session)?, asked(args));
    let Some(tables) = Tables::look(session)? else { return Ok(()) };
    let now = session.now().timestamp_millis();
    let mut chosen = Chosen { sort: args.sort, limit: args.limit, entries: Vec::new() };
    let mut paper = Paper::new(session);
    let (mut after, mut known) = ((i64::MIN, String::new()), Known::default());
    loop {
        let mut page = tables.links_made_after(&after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = (last.created_ms, last.code.clone());
        if asked.is_any() {
            page.iter().for_each(|link| known.take(link));
        }
        page.retain(|link| wish.holds(link));
        let codes: Vec<String> = page.iter().map(|link| link.code.clone()).collect();
        let mut earlier = tables.earlier(codes.clone())?;
        let counts = tables.counts(codes)?;
        let mut entry = |link: Link| {
            let clicks = counts.get(&link.code).copied().unwrap_or_default();
            let ended = link.has_ended(now, clicks.human);
            Entry { earlier: earlier.remove(&link.code), link, clicks, ended }
        };
        chosen.take(page.into_iter().map(&mut entry).filter(|entry| entry.ended || !wish.ended));
        paper.write(&chosen.ready())?;
    }
    paper.write(&chosen.rest())?;
    if let Some(stranger) = known.stranger(asked) {
        session.warn("unknown", stranger);
    }
    paper.end()
}

/// A link as it is listed.
struct Entry {
    link: Link,
    clicks: ByClass,
    earlier: Option<Earlier>,
    ended: bool,
}

/// The links that the list may hold.
struct Chosen {
    sort: Sort,
    limit: Option<usize>,
    entries: Vec<Entry>,
}

impl Chosen {
    fn take(&mut self, entries: impl Iterator<Item = Entry>) {
        self.entries.extend(entries);
        if self.limit.is_some() {
            self.cut();
        }
    }

    /// The order, and no more than the limit: the most clicked, else the newest.
    fn cut(&mut self) {
        let over = self.entries.len().saturating_sub(self.limit.unwrap_or(usize::MAX));
        match self.sort {
            Sort::Made => drop(self.entries.drain(..over)),
            Sort::Clicks => {
                // Of those with as many clicks the newest stand first.
                self.entries.sort_by_key(|entry| Reverse((entry.clicks.human, entry.link.created_ms)));
                self.entries.truncate(self.limit.unwrap_or(usize::MAX));
            }
        }
    }

    /// Those whose place is known.
    fn ready(&mut self) -> Vec<Entry> {
        let is_known = self.sort == Sort::Made && self.limit.is_none();
        if is_known { std::mem::take(&mut self.entries) } else { Vec::new() }
    }

    fn rest(mut self) -> Vec<Entry> {
        self.cut();
        self.entries
    }
}

/// Where the list is written.
struct Paper<'a> {
    session: &'a Session,
    out: Out,
    listing: Listing,
}

impl Paper<'_> {
    fn new(session: &Session) -> Paper<'_> {
        let columns = ["CODE", "CLICKS", "MADE", "ACCOUNT", "TITLE", "TAGS", "LEADS TO"];
        let beside = ["ACCOUNT", "TITLE", "TAGS"];
        let listing = Listing::new(&columns)
            .whole(&["CODE", "CLICKS", "MADE"])
            .optional(&beside)
            .spare(&beside)
            .main("LEADS TO");
        Paper { session, out: session.out(), listing }
    }

    fn write(&mut self, entries: &[Entry]) -> Result<()> {
        for entry in entries {
            if self.session.stdout_is_terminal() {
                self.listing.row(cells(entry, self.session.zone()?), serde_json::Value::Null);
            } else {
                let line = line(&entry.link, entry.clicks, entry.earlier.as_ref(), entry.ended);
                self.out.line(&serde_json::to_string(&line)?)?;
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<()> {
        self.out.flush()?;
        if !self.session.stdout_is_terminal() {
            return Ok(());
        }
        if self.listing.is_empty() {
            self.session.say("no link is like that");
        }
        self.session.list(&self.listing)
    }
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
        asked(self.args).is_on(link)
            && (self.made.since_ms..self.made.until_ms).contains(&link.created_ms)
            && self.text.as_ref().is_none_or(|text| holds_text(link, text))
    }
}

fn asked(args: &List) -> Asked<'_> {
    Asked {
        tags: &args.tags,
        campaign: args.campaign.as_deref(),
        account: args.account.as_deref(),
        domain: args.domain.as_deref(),
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
    let earlier = tables.earlier(vec![link.code.clone()])?.remove(&link.code);
    Ok(serde_json::to_string(&line(link, clicks, earlier.as_ref(), ended))?)
}

fn line<'a>(link: &'a Link, clicks: ByClass, earlier: Option<&'a Earlier>, ended: bool) -> Line<'a> {
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
        earlier,
    }
}

fn cells(Entry { link, clicks, earlier, ended }: &Entry, zone: &Zone) -> Vec<String> {
    let end = if *ended { "ended: " } else { "" };
    vec![
        link.code.clone(),
        earlier.as_ref().map_or(clicks.human.to_string(), |e| format!("{} +{}", clicks.human, e.clicks)),
        local(link.created_ms, zone).chars().take("2026-11-22".len()).collect(),
        link.account.clone().unwrap_or_default(),
        link.title.clone().unwrap_or_default(),
        link.labels.join(", "),
        // What nearly all begin with tells nothing.
        format!("{end}{}", link.target.strip_prefix("https://").unwrap_or(&link.target)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str, human: i64, created_ms: i64) -> Entry {
        let link = Link { code: code.to_owned(), created_ms, ..Link::default() };
        Entry { link, clicks: ByClass { human, ..ByClass::default() }, earlier: None, ended: false }
    }

    #[test]
    fn the_most_clicked_come_first_and_no_more_than_asked_for() {
        let chosen = |limit| {
            let mut chosen = Chosen { sort: Sort::Clicks, limit, entries: Vec::new() };
            chosen.take([entry("a", 3, 1), entry("b", 0, 2)].into_iter());
            assert!(chosen.ready().is_empty(), "a later one may have more");
            chosen.take([entry("c", 9, 3), entry("d", 3, 4)].into_iter());
            let rest = chosen.rest();
            rest.iter().map(|entry| entry.link.code.as_str()).collect::<String>()
        };
        assert_eq!((chosen(None).as_str(), chosen(Some(3)).as_str()), ("cdab", "cda"));
    }
}
