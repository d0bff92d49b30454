//! `stats`: clicks by class, day and source, of one link or of all. Out: one JSON object; a page for people on a
//! terminal.

use crate::args::Stats;
use crate::clicks::span;
use crate::expand::named;
use crate::list::ByClass;
use crate::remote;
use crate::rows::{Link, Quarter, Span};
use crate::tables::Tables;
use anyhow::Result;
use chrono::{DateTime, NaiveDate};
use cm_cli::{Session, one_line};
use cm_store::Mode;
use cm_time::Zone;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many of the most opened links are told.
const MOST: i64 = 20;

#[derive(Serialize)]
struct Summary {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    clicks: ByClass,
    /// People, each counted once a day.
    visitors: i64,
    /// Clicks that were answered but could not be logged, of all links, ever.
    dropped: i64,
    days: Vec<Day>,
    sources: Vec<Source>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Opened>,
}

#[derive(Serialize)]
struct Day {
    day: String,
    clicks: ByClass,
}

#[derive(Serialize)]
struct Source {
    family: String,
    source: String,
    human: i64,
}

#[derive(Serialize)]
struct Opened {
    code: String,
    short_url: String,
    url: String,
    human: i64,
}

/// Writes the summary.
pub fn run(args: &Stats, session: &Session) -> Result<()> {
    if let Some(name) = remote::asked_for(session, args)? {
        return remote::stats(args, &name, session);
    }
    let span = span(&args.period, session)?;
    let tables = Tables::open(&session.store_url()?, Mode::Read)?;
    let link = args.slug.as_deref().map(|given| named(&tables, given)).transpose()?;
    let summary = summary(&tables, link, span, session.zone()?)?;
    if session.stdout_is_terminal() {
        session.print(&page(&summary))
    } else {
        session.print(&format!("{}\n", serde_json::to_string(&summary)?))
    }
}

fn summary(tables: &Tables, link: Option<Link>, span: Span, zone: &Zone) -> Result<Summary> {
    let code = link.as_ref().map(|link| link.code.clone());
    let quarters = tables.clicks_by_quarter(code.clone(), span)?;
    let mut clicks = ByClass::default();
    quarters.iter().for_each(|quarter| clicks.add(&quarter.class, quarter.count));
    let links = if link.is_none() { most_opened(tables, span)? } else { Vec::new() };
    Ok(Summary {
        r#type: "stats",
        short_url: link.as_ref().map(Link::short_url),
        url: link.map(|link| link.target),
        clicks,
        visitors: tables.visitors(code.clone(), span)?,
        code,
        dropped: tables.dropped()?,
        days: days(&quarters, zone),
        sources: sources(&quarters),
        links,
    })
}

fn most_opened(tables: &Tables, span: Span) -> Result<Vec<Opened>> {
    let mut links = Vec::new();
    for (code, human) in tables.most_opened(span, MOST)? {
        if let Some(link) = tables.link(&code)? {
            links.push(Opened { short_url: link.short_url(), code, url: link.target, human });
        }
    }
    Ok(links)
}

/// Clicks per day of the zone, days without any left out.
fn days(quarters: &[Quarter], zone: &Zone) -> Vec<Day> {
    let mut days: BTreeMap<NaiveDate, ByClass> = BTreeMap::new();
    for quarter in quarters {
        if let Some(begin) = DateTime::from_timestamp_millis(quarter.begin_ms) {
            days.entry(zone.wall(begin).date()).or_default().add(&quarter.class, quarter.count);
        }
    }
    days.into_iter().map(|(day, clicks)| Day { day: day.to_string(), clicks }).collect()
}

/// Where people came from, most first.
fn sources(quarters: &[Quarter]) -> Vec<Source> {
    let mut counts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for quarter in quarters.iter().filter(|quarter| quarter.class == "human") {
        *counts.entry((&quarter.family, &quarter.source)).or_default() += quarter.count;
    }
    let mut sources: Vec<Source> = counts
        .into_iter()
        .map(|((family, source), human)| Source {
            family: family.to_owned(),
            source: source.to_owned(),
            human,
        })
        .collect();
    sources.sort_by_key(|source| -source.human);
    sources
}

fn page(summary: &Summary) -> String {
    let mut page = String::new();
    if let (Some(short), Some(url)) = (&summary.short_url, &summary.url) {
        let _ = writeln!(page, "{short} -> {}", one_line(url));
    }
    let ByClass { human, preview, bot } = summary.clicks;
    let mut clicks = vec![
        (human, "by people".to_owned()),
        (summary.visitors, people(summary.visitors).to_owned()),
        (preview, "by link previews".to_owned()),
        (bot, "by robots".to_owned()),
    ];
    if summary.dropped > 0 {
        clicks.push((summary.dropped, "of all links answered but not logged, ever".to_owned()));
    }
    section(&mut page, "Clicks", clicks.into_iter());
    section(&mut page, "Days", summary.days.iter().map(|day| (day.clicks.human, day.day.clone())));
    section(&mut page, "Sources", summary.sources.iter().map(|s| (s.human, one_line(&s.source))));
    section(
        &mut page,
        "Links",
        summary.links.iter().map(|l| (l.human, format!("{}  {}", l.short_url, one_line(&l.url)))),
    );
    page
}

fn people(count: i64) -> &'static str {
    if count == 1 { "person, counted once a day" } else { "people, each counted once a day" }
}

fn section(page: &mut String, heading: &str, rows: impl Iterator<Item = (i64, String)>) {
    let rows: Vec<(i64, String)> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let gap = if page.is_empty() { "" } else { "\n" };
    let _ = writeln!(page, "{gap}{heading}");
    for (count, what) in rows {
        let _ = writeln!(page, "{count:>8}  {what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(begin: &str, class: &str, source: &str, count: i64) -> Quarter {
        let begin_ms = cm_time::parse_rfc3339(begin).unwrap().timestamp_millis();
        Quarter { begin_ms, class: class.into(), family: "social".into(), source: source.into(), count }
    }

    #[test]
    fn days_are_those_of_the_zone_and_sources_those_of_people() {
        let quarters = [
            quarter("2026-11-22T22:45:00Z", "human", "X", 1),
            quarter("2026-11-22T23:00:00Z", "human", "Mastodon", 2),
            quarter("2026-11-22T23:00:00Z", "bot", "X", 9),
        ];
        let days = days(&quarters, &Zone::named("Europe/Berlin").unwrap());
        let days: Vec<(&str, i64, i64)> =
            days.iter().map(|d| (d.day.as_str(), d.clicks.human, d.clicks.bot)).collect();
        assert_eq!(days, [("2026-11-22", 1, 0), ("2026-11-23", 2, 9)]);
        let sources = sources(&quarters);
        let sources: Vec<(&str, i64)> = sources.iter().map(|s| (s.source.as_str(), s.human)).collect();
        assert_eq!(sources, [("Mastodon", 2), ("X", 1)]);
    }

    #[test]
    fn one_is_a_person_and_more_are_people() {
        assert_eq!([0, 1, 2].map(|n| people(n).split(',').next().unwrap()), ["people", "person", "people"]);
    }
}
