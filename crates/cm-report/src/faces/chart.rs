//! Charts as SVG without scripts. Each says in words what it shows, and a table with the same numbers stands beside it.
//! Colours come from the page's style; weekends are hatched as well, so that no meaning hangs on colour alone.

use super::show::Show;
use crate::report::{Chart, Table, Value};
use chrono::Datelike;
use maud::{Markup, html};

/// The drawing's width, in its own units.
const WIDTH: f64 = 540.0;
/// The height of the bars by day, with room above for the greatest number and below for the days.
const HEIGHT: f64 = 220.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 22.0;
/// Lying bars: a row's height, and the room for names and numbers.
const ROW: f64 = 30.0;
const NAMES: f64 = 176.0;
const NUMBERS: f64 = 60.0;
/// Lying bars drawn at most.
const MOST_ROWS: usize = 10;

/// A table's chart, if it has one and there is something to draw.
pub fn chart(table: &Table, show: &Show) -> Option<Markup> {
    let chart = table.chart?;
    let values: Vec<f64> = table.rows.iter().map(|row| row[chart.column()].number().unwrap_or(0.0)).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    Some(match chart {
        Chart::Days(column) => {
            let weekends = table.rows.iter().any(|row| is_weekend(&row[0])) && table.note.is_none();
            html! {
                (days(table, column, &values, most, show))
                @if weekends { figcaption { "hatched: Saturday and Sunday" } }
            }
        }
        Chart::Bars(column) => bars(table, column, &values, most, show),
    })
}

fn days(table: &Table, column: usize, values: &[f64], most: f64, show: &Show) -> Markup {
    let step = WIDTH / values.len() as f64;
    let width = (step * 0.7).min(52.0);
    let floor = HEIGHT - BOTTOM;
    let height = |value: f64| (value / most * (floor - TOP)).max(if value > 0.0 { 1.5 } else { 0.0 });
    let every = values.len().div_ceil(10);
    let peak = values.iter().position(|value| *value == most).unwrap_or(0);
    let left = |i: usize| (i as f64 + 0.5) * step;
    frame(
        table,
        &describe(table, column, values, show),
        HEIGHT,
        html! {
            line.axis x1="0" x2=(WIDTH) y1=(floor + 0.5) y2=(floor + 0.5) {}
            @for (i, (row, value)) in table.rows.iter().zip(values).enumerate() {
                rect.bar.weekend[table.note.is_none() && is_weekend(&row[0])]
                    x=(fixed(left(i) - width / 2.0)) y=(fixed(floor - height(*value)))
                    width=(fixed(width)) height=(fixed(height(*value))) rx="2" {}
                @if i % every == 0 {
                    text.tick x=(fixed(left(i))) y=(HEIGHT - 6.0) text-anchor="middle" { (tick(&row[0])) }
                }
                @if i == peak || values.len() <= 14 {
                    text.number x=(fixed(left(i))) y=(fixed(floor - height(*value) - 6.0)) text-anchor="middle" {
                        (show.value(&row[column]))
                    }
                }
            }
        },
    )
}

fn bars(table: &Table, column: usize, values: &[f64], most: f64, show: &Show) -> Markup {
    let rows = table.rows.len().min(MOST_ROWS);
    let room = WIDTH - NAMES - NUMBERS;
    frame(
        table,
        &describe(table, column, values, show),
        rows as f64 * ROW,
        html! {
            @for (i, (row, value)) in table.rows.iter().zip(values).take(rows).enumerate() {
                @let y = i as f64 * ROW;
                text.name x=(NAMES - 10.0) y=(y + 19.5) text-anchor="end" { (cut(&show.value(&row[0]))) }
                rect.track x=(NAMES) y=(y + 6.0) width=(room) height=(ROW - 12.0) rx="2" {}
                rect.bar x=(NAMES) y=(y + 6.0) width=(fixed(value / most * room)) height=(ROW - 12.0) rx="2" {}
                text.number x=(NAMES + room + 8.0) y=(y + 19.5) { (show.value(&row[column])) }
            }
        },
    )
}

fn frame(table: &Table, words: &str, height: f64, inner: Markup) -> Markup {
    let id = format!("chart-{}", table.name);
    html! {
        svg role="img" aria-labelledby={ (id) "-title " (id) "-desc" } viewBox={ "0 0 " (WIDTH) " " (height) } {
            title id={ (id) "-title" } { (table.title) }
            desc id={ (id) "-desc" } { (words) }
            (inner)
        }
    }
}

/// The chart in a sentence, for those who do not see it.
fn describe(table: &Table, column: usize, values: &[f64], show: &Show) -> String {
    let most = values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    let Some((place, _)) = most else { return String::new() };
    let row = &table.rows[place];
    let what = table.columns[column].title;
    format!(
        "{} bars. The longest is {} with {} {what}. The table beside it holds every number.",
        values.len(),
        show.value(&row[0]),
        show.value(&row[column])
    )
}

fn is_weekend(value: &Value) -> bool {
    matches!(value, Value::Date(day) if day.weekday().num_days_from_monday() >= 5)
}

fn tick(value: &Value) -> String {
    match value {
        Value::Date(day) => day.format("%a %-d %b").to_string(),
        _ => String::new(),
    }
}

/// A name that fits beside its bar.
fn cut(name: &str) -> String {
    const MOST: usize = 25;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let start: String = name.chars().take(MOST - 1).collect();
    format!("{start}…")
}

/// One decimal is finer than any screen.
fn fixed(number: f64) -> String {
    format!("{number:.1}")
}
