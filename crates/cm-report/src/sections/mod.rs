//! Facts in, the sections of the report out: one file per section, each number computed once.

mod campaigns;
mod feeds;
mod goals;
mod left_out;
mod link_rot;
mod links;
mod mentions;
mod pages;
mod people;
mod posts;
mod sources;
mod steps;
mod summary;
mod trends;

use crate::facts::{Facts, Pair};
use crate::metrics;
use crate::period::DAY_MS;
use crate::report::{Metric, Report, Section, Time, Value, rfc3339};
use crate::settings::Settings;
use summary::Summary;

/// Metrics that come first, where there is something to say.
const GLANCE: [&metrics::Definition; 11] = [
    &metrics::WAITING,
    &metrics::WAITING_OVERDUE,
    &metrics::POSTS_ATTENTION,
    &metrics::RESPONSE_MEDIAN_S,
    &metrics::POSTS_PUBLISHED,
    &metrics::CLICKS_PEOPLE,
    &metrics::VISITS,
    &metrics::CONVERSIONS,
    &metrics::MENTIONS,
    &metrics::FEEDS_FAILING,
    &metrics::LINKS_DEAD,
];

/// What every section is made from.
pub struct Maker<'a> {
    facts: &'a Facts,
    settings: &'a Settings,
    summary: Summary,
}

/// Makes the report.
pub fn report(facts: &Facts, settings: &Settings, time_zone: &str) -> Report {
    let maker = Maker { facts, settings, summary: Summary::of(facts) };
    let sections = vec![
        maker.people(),
        maker.posts(),
        maker.links(),
        maker.link_rot(),
        maker.pages(),
        maker.sources(),
        maker.campaigns(),
        maker.goals(),
        maker.mentions(),
        maker.feeds(),
        maker.left_out(),
    ];
    let mut report = Report {
        generated_at: rfc3339(facts.period.now_ms),
        time_zone: time_zone.to_owned(),
        period: maker.time(facts.period.label.clone(), facts.period.span),
        compare: facts.period.compare.map(|(span, label)| maker.time(label.to_owned(), span)),
        notes: maker.notes(),
        glance: Vec::new(),
        sections,
    };
    report.glance = GLANCE
        .iter()
        .map(|definition| definition.name)
        .filter(|name| {
            let said = report.sections.iter().filter(|section| !section.is_empty);
            let mut metrics = said.flat_map(|section| &section.metrics);
            metrics.any(|metric| metric.definition.name == *name && metric.value != Value::Unknown)
        })
        .collect();
    report
}

impl Maker<'_> {
    fn time(&self, label: String, span: crate::period::Span) -> Time {
        Time { label, since: rfc3339(span.since_ms), until: rfc3339(span.until_ms) }
    }

    /// What was before, when it was asked for or what was read goes back far enough to tell.
    fn previous(&self, first_ms: Option<i64>, before: Value) -> Option<Value> {
        let (span, _) = self.facts.period.compare?;
        let begun = first_ms.is_some_and(|first| first < span.since_ms + DAY_MS);
        (begun || self.facts.period.compare_asked).then_some(before)
    }

    fn pair(&self, definition: &'static metrics::Definition, first_ms: Option<i64>, pair: Pair) -> Metric {
        Metric::count(definition, pair.now).with_previous(self.previous(first_ms, Value::Count(pair.before)))
    }

    /// A table's cell for what was before.
    fn before(&self, first_ms: Option<i64>, before: u64) -> Value {
        self.previous(first_ms, Value::Count(before)).unwrap_or(Value::Unknown)
    }

    /// What a reader has to know about all of it.
    fn notes(&self) -> Vec<String> {
        let facts = self.facts;
        let mut notes = Vec::new();
        let mut note = |when: bool, text: &str| {
            if when {
                notes.push(text.to_owned());
            }
        };
        note(
            facts.site.is_estimate(),
            "visits are too many to be held one by one: their counts are estimates",
        );
        note(
            facts.site.is_cut(),
            "names or pages are too many to be held one by one: rare ones are counted together",
        );
        note(facts.site.no_agents, "a web log carries no user agents: robots in it count as people");
        note(facts.seen.full, "the inputs are too long for every repeat to be noticed");
        let full = facts.items.full || facts.posts.full;
        note(full, "items, posts or links are too many to be held one by one: some are left out");
        let stale = facts.site.last_ms.is_some_and(|last| last < facts.period.span.until_ms - 2 * DAY_MS);
        note(stale, "the web logs end more than two days before the period does");
        notes
    }
}

/// A section; it is empty when `is_empty` says so.
fn section(
    name: &'static str,
    title: &'static str,
    nothing: &'static str,
    is_empty: bool,
    metrics: Vec<Metric>,
) -> Section {
    Section { name, title, nothing, is_empty, metrics, tables: Vec::new() }
}

/// A share, or nothing without cases.
fn share(part: u64, whole: u64) -> Value {
    if whole == 0 { Value::Unknown } else { Value::Share(part as f64 / whole as f64) }
}
