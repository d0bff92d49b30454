//! `stats`: clicks by class, day or hour, source, device and country, of each link asked for, of those of a campaign or
//! with a tag together, or of all. Out: a JSON object on a line for each; pages for people on a terminal.

use crate::args::{Every, Stats};
use crate::clicks::span;
use crate::expand::named;
use crate::remote;
use crate::rows::{ByClass, Link, Part, Span};
use crate::tables::{Earlier, Tables, Whose};
use anyhow::Result;
use chrono::{DateTime, NaiveDateTime, Timelike};
use cm_cli::{Session, one_line};
use cm_store::Mode;
use cm_time::Zone;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// How many of the most opened links are told.
const MOST: usize = 20;

#[derive(Serialize)]
struct Summary {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    clicks: ByClass,
    /// People, each counted once a day; of links that belong together, once a day and link.
    visitors: i64,
    /// Clicks that were counted elsewhere before the links came here: of all time, and apart from ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<Earlier>,
    /// Clicks that were answered but could not be logged, of all links, ever.
    dropped: i64,
    /// Servers that were killed, and lost what they had not committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    unclean_ends: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<Vec<Day>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<Vec<Hour>>,
    sources: Vec<Source>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    devices: Vec<Device>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    countries: Vec<Country>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Opened>,
}

#[derive(Serialize)]
struct Day {
    day: String,
    clicks: ByClass,
}

#[derive(Serialize)]
struct Hour {
    /// The hour's beginning in the zone.
    hour: String,
    clicks: ByClass,
}

#[derive(Serialize)]
struct Device {
    device: String,
    human: i64,
}

#[derive(Serialize)]
struct Country {
    country: String,
    human: i64,
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

impl Opened {
    fn of(link: &Link, human: i64) -> Opened {
        Opened { code: link.code.clone(), short_url: link.short_url(), url: link.target.clone(), human }
    }
}

/// Whose clicks are summed up.
enum Asked {
    All,
    One(Box<Link>),
    Together(Vec<Link>),
}

impl Asked {
    fn whose(&self) -> Whose {
        match self {
            Asked::All => Whose::All,
            Asked::One(link) => Whose::Links(vec![link.code.clone()]),
            Asked::Together(links) => Whose::Links(links.iter().map(|link| link.code.clone()).collect()),
        }
    }

    fn one(&self) -> Option<&Link> {
        if let Asked::One(link) = self { Some(link) } else { None }
    }
}

/// Writes the summary of each link, of those together, or of all.
pub fn run(args: &Stats, session: &Session) -> Result<()> {
    let span = span(&args.period, session)?;
    let mut tables = None;
    let mut tell = |given: Option<&str>| -> Result<String> {
        if let Some(given) = given
            && let Some(name) = remote::asked_for(session, args, given)?
        {
            return remote::stats(args, &name, given, session);
        }
        let tables = match &tables {
            Some(tables) => tables,
            None => tables.insert(Tables::open(&session.store_url()?, Mode::Read)?),
        };
        let asked = match given {
            Some(given) => Asked::One(named(tables, session, given)?.into()),
            None if args.group.is_asked_for() => Asked::Together(args.group.links(tables)?),
            None => Asked::All,
        };
        let mut summary = summary(tables, &asked, span, args.by, session.zone()?)?;
        summary.campaign.clone_from(&args.group.campaign);
        summary.tags.clone_from(&args.group.tags);
        Ok(if session.stdout_is_terminal() {
            page(&summary)
        } else {
            format!("{}\n", serde_json::to_string(&summary)?)
        })
    };
    if args.slug.is_empty() {
        return session.print(&tell(None)?);
    }
    // One that is not there is told before anything is written.
    let told = args.slug.iter().map(|given| tell(Some(given))).collect::<Result<Vec<_>>>()?;
    session.print(&told.join(if session.stdout_is_terminal() { "\n" } else { "" }))
}

fn summary(tables: &Tables, asked: &Asked, span: Span, by: Every, zone: &Zone) -> Result<Summary> {
    let whose = asked.whose();
    let (quarters, mut parts) = (tables.quarters(&whose, span)?, tables.parts(&whose, span)?);
    parts.sort_by_key(|(_, human)| -human);
    let mut clicks = ByClass::default();
    quarters.iter().for_each(|(_, count)| clicks.join(*count));
    let of = |name: &'static str| parts.iter().filter(move |(part, _)| part.part == name).cloned();
    let one = asked.one();
    Ok(Summary {
        r#type: "stats",
        code: one.map(|link| link.code.clone()),
        short_url: one.map(Link::short_url),
        url: one.map(|link| link.target.clone()),
        campaign: None,
        tags: Vec::new(),
        clicks,
        visitors: tables.visitors(&whose, span)?,
        earlier: earlier(tables, &whose)?,
        dropped: tables.dropped()?,
        unclean_ends: Some(tables.unclean_ends()?).filter(|times| *times > 0),
        days: (by == Every::Day).then(|| days(&quarters, zone)),
        hours: (by == Every::Hour).then(|| hours(&quarters, zone)),
        sources: of("source")
            .map(|(Part { family, name: source, .. }, human)| Source { family, source, human })
            .collect(),
        devices: of("device").map(|(part, human)| Device { device: part.name, human }).collect(),
        countries: of("country").map(|(part, human)| Country { country: part.name, human }).collect(),
        links: match asked {
            Asked::All => most_opened(tables, span)?,
            Asked::One(_) => Vec::new(),
            Asked::Together(links) => opened(tables, links, &whose, span)?,
        },
    })
}

fn earlier(tables: &Tables, whose: &Whose) -> Result<Option<Earlier>> {
    let Whose::Links(codes) = whose else { return Ok(tables.all_earlier()?) };
    let mut found = tables.earlier(codes.clone())?.into_values();
    let Some(first) = found.next() else { return Ok(None) };
    let sum = |sum: Earlier, next: Earlier| Earlier { clicks: sum.clicks + next.clicks, source: None };
    Ok(Some(found.fold(first, sum)))
}

/// Of links that belong together, those that people opened most.
fn opened(tables: &Tables, links: &[Link], whose: &Whose, span: Span) -> Result<Vec<Opened>> {
    let links: HashMap<&str, &Link> = links.iter().map(|link| (link.code.as_str(), link)).collect();
    let most = tables.most_opened(whose, span, MOST)?.into_iter();
    Ok(most.filter_map(|(code, human)| Some(Opened::of(links.get(code.as_str())?, human))).collect())
}

fn most_opened(tables: &Tables, span: Span) -> Result<Vec<Opened>> {
    let mut links = Vec::new();
    for (code, human) in tables.most_opened(&Whose::All, span, MOST)? {
        links.extend(tables.link(&code)?.map(|link| Opened::of(&link, human)));
    }
    Ok(links)
}

/// Clicks per day of the zone, days without any left out.
fn days(quarters: &[(i64, ByClass)], zone: &Zone) -> Vec<Day> {
    let each = grouped(quarters, zone, "%Y-%m-%d");
    each.into_iter().map(|(day, clicks)| Day { day, clicks }).collect()
}

/// Clicks per hour of the zone; the hour that a zone has twice in autumn is one.
fn hours(quarters: &[(i64, ByClass)], zone: &Zone) -> Vec<Hour> {
    let each = grouped(quarters, zone, "%Y-%m-%dT%H:00");
    each.into_iter().map(|(hour, clicks)| Hour { hour, clicks }).collect()
}

fn grouped(quarters: &[(i64, ByClass)], zone: &Zone, format: &str) -> BTreeMap<String, ByClass> {
    // Written once an hour: a year has thirty-five thousand quarters.
    let mut hours: BTreeMap<NaiveDateTime, ByClass> = BTreeMap::new();
    for (begin_ms, count) in quarters {
        let wall = DateTime::from_timestamp_millis(*begin_ms).map(|begin| zone.wall(begin));
        if let Some(hour) = wall.and_then(|wall| wall.date().and_hms_opt(wall.hour(), 0, 0)) {
            hours.entry(hour).or_default().join(*count);
        }
    }
    let mut groups: BTreeMap<String, ByClass> = BTreeMap::new();
    for (hour, count) in hours {
        groups.entry(hour.format(format).to_string()).or_default().join(count);
    }
    groups
}

fn page(summary: &Summary) -> String {
    let mut page = String::new();
    if let (Some(short), Some(url)) = (&summary.short_url, &summary.url) {
        let _ = writeln!(page, "{short} -> {}", one_line(url));
    }
    let campaign = summary.campaign.iter().map(|campaign| format!("campaign {}", one_line(campaign)));
    let together: Vec<String> = campaign.chain(summary.tags.iter().map(|tag| format!("tag {tag}"))).collect();
    if !together.is_empty() {
        let _ = writeln!(page, "Links of {}", together.join(", "));
    }
    let ByClass { human, preview, bot } = summary.clicks;
    let mut clicks = vec![
        (human, "by people".to_owned()),
        (summary.visitors, people(summary.visitors).to_owned()),
        (preview, "by link previews".to_owned()),
        (bot, "by robots".to_owned()),
    ];
    if let Some(Earlier { clicks: count, source }) = &summary.earlier {
        let whose = source.as_deref().map_or(String::new(), |source| format!(" by {source}"));
        clicks.push((*count, format!("earlier, counted elsewhere{whose}, robots' among them")));
    }
    if summary.dropped > 0 {
        clicks.push((summary.dropped, "of all links answered but not logged, ever".to_owned()));
    }
    section(&mut page, "Clicks", clicks.into_iter());
    let days = summary.days.iter().flatten().map(|day| (day.clicks.human, day.day.clone()));
    section(&mut page, "Days", days);
    let hours = summary.hours.iter().flatten().map(|hour| (hour.clicks.human, hour.hour.replace('T', " ")));
    section(&mut page, "Hours", hours);
    section(&mut page, "Sources", summary.sources.iter().map(|s| (s.human, one_line(&s.source))));
    section(&mut page, "Devices", summary.devices.iter().map(|d| (d.human, d.device.clone())));
    section(&mut page, "Countries", summary.countries.iter().map(|c| (c.human, c.country.clone())));
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

    fn quarter(begin: &str, human: i64, bot: i64) -> (i64, ByClass) {
        let begin_ms = cm_time::parse_rfc3339(begin).unwrap().timestamp_millis();
        (begin_ms, ByClass { human, preview: 0, bot })
    }

    #[test]
    fn days_and_hours_are_those_of_the_zone() {
        let quarters = [quarter("2026-11-22T18:00:00Z", 1, 0), quarter("2026-11-22T18:15:00Z", 2, 9)];
        let by_day = |zone: &str| -> Vec<(String, i64, i64)> {
            let days = days(&quarters, &Zone::named(zone).unwrap());
            days.into_iter().map(|d| (d.day, d.clicks.human, d.clicks.bot)).collect()
        };
        // Nepal is 5 hours and 45 minutes ahead.
        assert_eq!(by_day("Asia/Kathmandu"), [("2026-11-22".into(), 1, 0), ("2026-11-23".into(), 2, 9)]);
        assert_eq!(by_day("Europe/Berlin"), [("2026-11-22".into(), 3, 9)]);
        let hours = hours(&quarters, &Zone::named("Asia/Kathmandu").unwrap());
        let hours: Vec<&str> = hours.iter().map(|hour| hour.hour.as_str()).collect();
        assert_eq!(hours, ["2026-11-22T23:00", "2026-11-23T00:00"]);
    }

    #[test]
    fn one_is_a_person_and_more_are_people() {
        assert_eq!([0, 1, 2].map(|n| people(n).split(',').next().unwrap()), ["people", "person", "people"]);
    }
}
