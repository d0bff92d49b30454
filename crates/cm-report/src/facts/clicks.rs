//! Clicks on short links: by people, by link previews, by robots.

use super::{Daily, Names, Pair, Source};
use crate::period::{DAY_MS, Period};
use std::collections::{BTreeSet, HashMap};

/// Links counted one by one at most.
const MOST_LINKS: usize = 100_000;

/// A click. Two are the same when all of this is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Click {
    /// Whole seconds since 1970 UTC: the log's files carry no finer time.
    pub at_s: i64,
    /// The short link's code.
    pub code: String,
    /// `human`, `preview` or `bot`.
    pub class: String,
    /// Where from.
    pub source: Source,
}

/// Clicks on one link that are known by their sum only, as of an instant.
#[derive(Clone, Debug)]
pub struct Sum {
    /// The short link's code.
    pub code: String,
    /// When.
    pub at_ms: i64,
    /// By people.
    pub people: u64,
    /// By previews.
    pub previews: u64,
    /// By other robots.
    pub robots: u64,
}

/// Clicks on one link, or on all.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkClicks {
    /// By people.
    pub people: Pair,
    /// By the previews of networks and messengers.
    pub previews: Pair,
    /// By other robots.
    pub robots: Pair,
}

impl LinkClicks {
    fn add(&mut self, class: &str, clicks: Pair) {
        let pair = match class {
            "human" => &mut self.people,
            "preview" => &mut self.previews,
            _ => &mut self.robots,
        };
        pair.add(clicks);
    }
}

/// All clicks.
#[derive(Debug)]
pub struct Clicks {
    /// Over all links.
    pub all: LinkClicks,
    /// By code.
    pub by_code: HashMap<String, LinkClicks>,
    /// Of people, by source and day of the trend window.
    pub daily: Daily,
    /// Of people in the period, by day of the report.
    pub people_by_day: Vec<u64>,
    /// Of people, by source, in the period and before.
    pub by_source: HashMap<Source, Pair>,
    /// The earliest click met, in or out of the period.
    pub first_ms: Option<i64>,
    sources: Names<Source>,
    /// Days of UTC on which there were single clicks, since 1970.
    days: BTreeSet<i64>,
}

impl Default for Clicks {
    fn default() -> Clicks {
        let others = Source { family: "site".into(), name: "(others)".into() };
        Clicks {
            all: LinkClicks::default(),
            by_code: HashMap::new(),
            daily: Daily::default(),
            people_by_day: Vec::new(),
            by_source: HashMap::new(),
            first_ms: None,
            sources: Names::new(others),
            days: BTreeSet::new(),
        }
    }
}

impl Clicks {
    /// Counts `times` equal ones.
    pub fn take(&mut self, click: &Click, times: u64, period: &Period) {
        let at_ms = click.at_s.saturating_mul(1000);
        self.first_ms = Some(self.first_ms.map_or(at_ms, |first| first.min(at_ms)));
        let clicks = pair(at_ms, times, period);
        if period.wants(at_ms) {
            self.days.insert(at_ms.div_euclid(DAY_MS));
        }
        if click.class == "human" {
            self.take_people(at_ms, times, period);
            self.take_source(&click.source, at_ms, times, period);
        }
        self.count(&click.code, &click.class, clicks);
    }

    /// Counts clicks on a link; where its people came from, and on which days, is told by itself.
    pub fn take_sum(&mut self, sum: &Sum, period: &Period) {
        for (class, times) in [("human", sum.people), ("preview", sum.previews), ("bot", sum.robots)] {
            self.count(&sum.code, class, pair(sum.at_ms, times, period));
        }
    }

    /// Counts people's clicks for the days of the report.
    pub fn take_people(&mut self, at_ms: i64, times: u64, period: &Period) {
        self.people_by_day.resize(period.days.len(), 0);
        if let Some(count) = period.days.index_of(at_ms).and_then(|day| self.people_by_day.get_mut(day)) {
            *count += pair(at_ms, times, period).now;
        }
    }

    /// Counts people's clicks from a source.
    pub fn take_source(&mut self, source: &Source, at_ms: i64, times: u64, period: &Period) {
        if let Some(place) = period.trend_place(at_ms) {
            let number = self.sources.number(source);
            self.daily.add(self.sources.value(number), place, times);
        }
        let clicks = pair(at_ms, times, period);
        if clicks.now + clicks.before > 0 {
            let number = self.sources.number(source);
            let source = self.sources.value(number).clone();
            self.by_source.entry(source).or_default().add(clicks);
        }
    }

    /// Whether single clicks were met of an instant's day of UTC.
    pub fn has_day(&self, at_ms: i64) -> bool {
        self.days.contains(&at_ms.div_euclid(DAY_MS))
    }

    fn count(&mut self, code: &str, class: &str, clicks: Pair) {
        if clicks.now + clicks.before == 0 {
            return;
        }
        self.all.add(class, clicks);
        if let Some(link) = self.by_code.get_mut(code) {
            link.add(class, clicks);
        } else if self.by_code.len() < MOST_LINKS {
            self.by_code.entry(code.to_owned()).or_default().add(class, clicks);
        }
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.all.people.now + self.all.previews.now + self.all.robots.now == 0
    }
}

/// Clicks of an instant, in the period or before it.
fn pair(at_ms: i64, times: u64, period: &Period) -> Pair {
    let of = |is: bool| if is { times } else { 0 };
    Pair { now: of(period.span.contains(at_ms)), before: of(period.in_compare(at_ms)) }
}
