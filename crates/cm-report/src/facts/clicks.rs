//! Clicks on short links: by people, by link previews, by robots.

use super::{Daily, Names, Pair, Source};
use crate::period::Period;
use std::collections::HashMap;

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
    fn add(&mut self, class: &str, now: bool, before: bool) {
        let pair = match class {
            "human" => &mut self.people,
            "preview" => &mut self.previews,
            _ => &mut self.robots,
        };
        pair.now += u64::from(now);
        pair.before += u64::from(before);
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
        }
    }
}

impl Clicks {
    /// Counts one.
    pub fn take(&mut self, click: &Click, period: &Period) {
        let at_ms = click.at_s.saturating_mul(1000);
        self.first_ms = Some(self.first_ms.map_or(at_ms, |first| first.min(at_ms)));
        let (now, before) = (period.span.contains(at_ms), period.in_compare(at_ms));
        if click.class == "human" {
            self.by_day(click, at_ms, now, period);
        }
        if !now && !before {
            return;
        }
        self.all.add(&click.class, now, before);
        if click.class == "human" {
            let number = self.sources.number(&click.source);
            let source = self.sources.value(number).clone();
            let one = Pair { now: u64::from(now), before: u64::from(before) };
            self.by_source.entry(source).or_default().add(one);
        }
        if self.by_code.len() < MOST_LINKS || self.by_code.contains_key(&click.code) {
            self.by_code.entry(click.code.clone()).or_default().add(&click.class, now, before);
        }
    }

    fn by_day(&mut self, click: &Click, at_ms: i64, now: bool, period: &Period) {
        if let Some(place) = period.trend_place(at_ms) {
            let number = self.sources.number(&click.source);
            self.daily.add(self.sources.value(number), place, 1);
        }
        self.people_by_day.resize(period.days.len(), 0);
        if let Some(count) = period.days.index_of(at_ms).and_then(|day| self.people_by_day.get_mut(day)) {
            *count += u64::from(now);
        }
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.all.people.now + self.all.previews.now + self.all.robots.now == 0
    }
}
