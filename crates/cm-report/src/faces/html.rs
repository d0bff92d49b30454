//! One HTML page: no script, nothing loaded, readable aloud, in the dark and on paper.

use super::chart::chart;
use super::show::{Show, Tone, address, columns, linked};
use crate::report::{Metric, Report, Section, Table, Value};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");
/// The page may load nothing and run nothing; its own style is the one thing that applies.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the page.
pub fn write(report: &Report, show: &Show) -> String {
    let title = format!("Report: {}", report.period.label);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) ", " (show.full(&report.generated_at)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the numbers" }
                (patterns())
                (head(report, show))
                main #main {
                    (glance(report, show))
                    @for section in &report.sections { (part(section, show)) }
                }
                (foot(report, show))
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

/// The hatching of weekends.
fn patterns() -> Markup {
    html! {
        svg.patterns aria-hidden="true" {
            defs {
                pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.hatch width="6" height="6" {}
                    line.hatch-line x1="0" y1="0" x2="0" y2="6" {}
                }
            }
        }
    }
}

fn head(report: &Report, show: &Show) -> Markup {
    let compare = report.compare.as_ref();
    html! {
        header {
            h1 { "Report: " (report.period.label) }
            p {
                (time(&report.period.since, show)) " to " (time(&report.period.until, show)) " (" (report.time_zone) ")"
                @if let Some(compare) = compare { ", compared with " (compare.label) }
            }
            nav aria-label="Sections" {
                ul {
                    @for section in report.sections.iter().filter(|section| !section.is_empty) {
                        li { a href={ "#" (section.name) } { (section.title) } }
                    }
                }
            }
        }
    }
}

fn time(rfc3339: &str, show: &Show) -> Markup {
    html! { time datetime=(rfc3339) { (show.full(rfc3339)) } }
}

fn glance(report: &Report, show: &Show) -> Markup {
    let metrics: Vec<&Metric> = report.glance.iter().filter_map(|name| report.metric(name)).collect();
    html! {
        section.glance aria-labelledby="h-glance" {
            h2 #h-glance { "At a glance" }
            @if metrics.is_empty() { p { "There is nothing to report for this time." } }
            @else { (list(&metrics, show)) }
        }
    }
}

fn list(metrics: &[&Metric], show: &Show) -> Markup {
    html! {
        dl {
            @for metric in metrics {
                @let alarm = metric.definition.alarm && metric.value.number().is_some_and(|n| n > 0.0);
                div.alarm[alarm] {
                    dt { (metric.definition.title) }
                    dd.value { (data(&metric.value, show)) }
                    @let beside = show.beside(metric);
                    @if !beside.is_empty() { dd.beside { (beside) } }
                    @if let Some((words, tone)) = show.change(metric) {
                        dd.beside.good[tone == Tone::Good].bad[tone == Tone::Bad] { (words) }
                    }
                }
            }
        }
    }
}

/// A value for people, with the raw one beneath.
fn data(value: &Value, show: &Show) -> Markup {
    let words = show.value(value);
    match value {
        Value::Unknown => html! { span title="not known" { (words) } },
        Value::Instant(ms) => html! { time datetime=(crate::report::rfc3339(*ms)) { (words) } },
        Value::Date(day) => html! { time datetime=(day) { (words) } },
        Value::Text(_) | Value::Url(_) => html! { (words) },
        _ => html! { data value=(value.raw()) { (words) } },
    }
}

fn part(section: &Section, show: &Show) -> Markup {
    let metrics: Vec<&Metric> = section.metrics.iter().collect();
    html! {
        section id=(section.name) aria-labelledby={ "h-" (section.name) } {
            h2 id={ "h-" (section.name) } { (section.title) }
            @if section.is_empty {
                p.note { (section.nothing) }
            } @else {
                @if !metrics.is_empty() { (list(&metrics, show)) }
                @for table in &section.tables { (block(table, show)) }
            }
        }
    }
}

fn block(table: &Table, show: &Show) -> Markup {
    if table.rows.is_empty() && table.note.is_none() {
        return html! {};
    }
    let drawn = chart(table, show);
    html! {
        h3 { (table.title) }
        div.pair.drawn[drawn.is_some()] {
            @if let Some(drawn) = drawn { figure { (drawn) } }
            @if !table.rows.is_empty() {
                div.scroll tabindex="0" role="region" aria-label=(table.title) { (grid(table, show)) }
            }
        }
        @if table.left_out > 0 { p.note { "and " (table.left_out) " more" } }
        @if let Some(note) = &table.note { p.note { (note) } }
    }
}

fn grid(table: &Table, show: &Show) -> Markup {
    let shown = columns(table);
    let numeric = |c: usize| table.rows.iter().any(|row| row[c].number().is_some());
    let short = |c: usize| table.rows.iter().all(|row| matches!(row[c], Value::Instant(_) | Value::Date(_)));
    let head = linked(table);
    html! {
        table {
            caption { (table.title) }
            thead { tr {
                @for c in &shown { th.num[numeric(*c)] scope="col" { (table.columns[*c].title) } }
            } }
            tbody {
                @for row in &table.rows { tr {
                    @for c in &shown {
                        @if *c == head { th scope="row" { (link(row, *c, show)) } }
                        @else { td.num[numeric(*c)].short[short(*c)].id[table.columns[*c].name == "id"] { (data(&row[*c], show)) } }
                    }
                } }
            }
        }
    }
}

fn link(row: &[Value], column: usize, show: &Show) -> Markup {
    match address(row) {
        Some(url) => html! { a href=(url) rel="noopener noreferrer" { (data(&row[column], show)) } },
        None => data(&row[column], show),
    }
}

fn foot(report: &Report, show: &Show) -> Markup {
    html! {
        footer {
            @for note in &report.notes { p { "Note: " (note) "." } }
            p {
                "Made " (time(&report.generated_at, show)) " by cm-report. What each number means: "
                code { "cm-report explain" } "."
            }
        }
    }
}
