//! People: who waits for an answer, how long answers take, how many come in time.

use super::feeds::shown;
use super::{Maker, section, share};
use crate::facts::{Need, Outcome};
use crate::metrics;
use crate::period::Span;
use crate::report::{Metric, Section, Table, Value};
use crate::statistics::{Observation, Survival, wilson};
use std::collections::BTreeMap;

/// What stands for the words of a private message: a report is shown to more people than an inbox is.
const PRIVATE: &str = "(private)";
/// Why there is no time to an answer.
const NOBODY: &str = "nobody asked";
/// Rows of each table.
const ROWS: usize = 12;

/// What became of those who asked in one span.
#[derive(Debug, Default)]
struct Cohort {
    asked: u64,
    answered: u64,
    closed: u64,
    waits: Vec<Observation>,
    /// Of whom it is known whether they were answered in time: they were answered, or their time is up; and who was.
    decided: u64,
    in_time: u64,
}

impl Cohort {
    fn add(&mut self, asked_ms: i64, outcome: Outcome, now_ms: i64, within_s: i64) {
        self.asked += 1;
        self.answered += u64::from(matches!(outcome, Outcome::Answered(_)));
        let (seconds, ended) = match outcome {
            Outcome::Closed => return self.closed += 1,
            // Answered, nobody knows when: no evidence of any wait.
            Outcome::Answered(None) => return,
            Outcome::Answered(Some(seconds)) => (seconds, true),
            Outcome::Waiting(seconds) => (seconds, false),
        };
        self.waits.push(Observation { seconds, ended });
        if ended || now_ms.saturating_sub(asked_ms) / 1000 >= within_s {
            self.decided += 1;
            self.in_time += u64::from(ended && seconds <= within_s);
        }
    }
}

impl Maker<'_> {
    pub(super) fn people(&self) -> Section {
        let now_ms = self.facts.period.now_ms;
        let needs: Vec<(&Need, Outcome)> = self.facts.items.needs(now_ms).collect();
        let mut waiting: Vec<(&Need, i64)> = needs
            .iter()
            .filter_map(|(need, outcome)| match outcome {
                Outcome::Waiting(seconds) => Some((*need, *seconds)),
                _ => None,
            })
            .collect();
        waiting.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.item.id.cmp(&b.0.item.id)));
        let within = self.settings.answer_within_s;
        let overdue = waiting.iter().filter(|(_, seconds)| *seconds > within).count();
        let oldest = waiting.first().map_or(Value::Unknown, |(_, seconds)| Value::Seconds(*seconds));
        let mut metrics = vec![
            Metric::count(&metrics::WAITING, waiting.len() as u64),
            Metric::count(&metrics::WAITING_OVERDUE, overdue as u64),
            Metric { unknown: Some("nobody waits"), ..Metric::new(&metrics::OLDEST_WAITING_S, oldest) },
        ];
        metrics.extend(self.response(&needs));
        let nothing = "nobody asked: no comment, mention or message was read (cm-fetch --new | cm-inbox)";
        let mut people = section("people", "People", nothing, needs.is_empty(), metrics);
        people.tables.push(waiting_table(&waiting));
        people.tables.push(self.answers_table(&needs));
        people
    }

    fn response(&self, needs: &[(&Need, Outcome)]) -> Vec<Metric> {
        let period = &self.facts.period;
        let now = self.cohort(needs, period.span);
        let before = period.compare.map(|(span, _)| self.cohort(needs, span)).unwrap_or_default();
        let first = self.facts.items.first_ms;
        let then = |value| self.previous(first, value).filter(|_| before.asked > 0);
        let speed = |definition, share| Metric {
            n: Some(now.waits.len() as u64),
            unknown: Some(if now.asked == 0 { NOBODY } else { "too few are answered to tell" }),
            ..Metric::new(definition, quantile(&now, share)).with_previous(then(quantile(&before, share)))
        };
        vec![
            Metric::count(&metrics::ASKED, now.asked)
                .with_previous(self.previous(first, Value::Count(before.asked))),
            Metric::count(&metrics::ANSWERED, now.answered)
                .with_previous(then(Value::Count(before.answered))),
            Metric::count(&metrics::CLOSED_UNANSWERED, now.closed)
                .with_previous(then(Value::Count(before.closed))),
            speed(&metrics::RESPONSE_MEDIAN_S, 0.5),
            speed(&metrics::RESPONSE_P90_S, 0.9),
            Metric {
                interval: wilson(now.in_time, now.decided),
                n: Some(now.decided),
                unknown: Some(if now.asked == 0 {
                    NOBODY
                } else {
                    "nobody is answered, nobody's time is up"
                }),
                ..Metric::new(&metrics::RESPONSE_RATE, share(now.in_time, now.decided))
                    .with_previous(then(share(before.in_time, before.decided)))
            },
        ]
    }

    fn cohort(&self, needs: &[(&Need, Outcome)], span: Span) -> Cohort {
        let mut cohort = Cohort::default();
        needs.iter().for_each(|(need, outcome)| self.count(&mut cohort, need, *outcome, span));
        cohort
    }

    fn count(&self, cohort: &mut Cohort, need: &Need, outcome: Outcome, span: Span) {
        if span.contains(need.asked_ms) {
            cohort.add(need.asked_ms, outcome, self.facts.period.now_ms, self.settings.answer_within_s);
        }
    }

    /// Where people asked in the period, and how soon they were answered there.
    fn answers_table(&self, needs: &[(&Need, Outcome)]) -> Table {
        let columns = [
            ("source", "where"),
            ("asked", "wanted an answer"),
            ("answered", "answered"),
            ("response_median_s", "median time to answer"),
        ];
        let mut sources: BTreeMap<&str, Cohort> = BTreeMap::new();
        for (need, outcome) in needs {
            let cohort = sources.entry(need.item.source.as_str()).or_default();
            self.count(cohort, need, *outcome, self.facts.period.span);
        }
        let mut sources: Vec<(&str, Cohort)> = sources.into_iter().filter(|(_, c)| c.asked > 0).collect();
        sources.sort_by(|a, b| b.1.asked.cmp(&a.1.asked).then_with(|| a.0.cmp(b.0)));
        let mut table = Table::new("answers", "Answers, by where people asked", 1, &columns);
        for (source, cohort) in sources {
            table.rows.push(vec![
                Value::text(Some(&shown(source))),
                Value::Count(cohort.asked),
                Value::Count(cohort.answered),
                quantile(&cohort, 0.5),
            ]);
        }
        table.cut(ROWS)
    }
}

/// The time by which a share of a cohort has its answer.
fn quantile(cohort: &Cohort, share: f64) -> Value {
    Survival::of(cohort.waits.clone()).quantile(share).map_or(Value::Unknown, Value::Seconds)
}

fn waiting_table(waiting: &[(&Need, i64)]) -> Table {
    let columns = [
        ("number", "no."),
        ("title", "what they say"),
        ("author", "who"),
        ("source", "where"),
        ("state", "state"),
        ("waiting_s", "has waited"),
        ("url", "page"),
    ];
    let mut table = Table::new("waiting", "Who waits longest", 2, &columns);
    for (Need { item, .. }, seconds) in waiting {
        table.rows.push(vec![
            item.number.and_then(|n| u64::try_from(n).ok()).map_or(Value::Unknown, Value::Ordinal),
            Value::text(Some(if item.private { PRIVATE } else { &item.title })),
            Value::text(item.author.as_deref()),
            Value::text(Some(&shown(&item.source))),
            Value::text(item.state.as_deref()),
            Value::Seconds(*seconds),
            Value::url(item.url.as_deref()),
        ]);
    }
    if table.rows.iter().any(|row| row[0] != Value::Unknown) {
        table.note = Some("answer with cm-inbox reply NO.".to_owned());
    }
    table.cut(ROWS)
}
