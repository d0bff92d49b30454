//! `explain`: what each metric means, from the same table that the report is made with.

use crate::metrics::{ALL, Definition, named};
use cm_cli::{Failure, Listing, Session, Style};
use serde_json::{Value, json};

/// Every metric, or one.
pub fn run(metric: Option<&str>, session: &Session) -> anyhow::Result<()> {
    let Some(name) = metric else {
        let mut listing = Listing::new(&["METRIC", "WHAT IT IS"]);
        for definition in ALL {
            listing.row(vec![definition.name.into(), definition.definition.into()], object(definition));
        }
        return session.list(&listing);
    };
    let Some(definition) = named(name) else {
        return Err(Failure::usage(unknown(name)).into());
    };
    if session.stdout_is_terminal() {
        return session.print(&page(definition, session.color()));
    }
    session.print(&format!("{}\n", object(definition)))
}

/// Names that begin alike or hold what was asked for; else all of them.
fn unknown(name: &str) -> String {
    let names = || ALL.iter().map(|definition| definition.name);
    let start: String = name.chars().take(4).collect();
    let near: Vec<&str> = names().filter(|known| known.contains(name) || known.starts_with(&start)).collect();
    if near.is_empty() || name.is_empty() {
        format!("no metric {name:?} (known: {})", names().collect::<Vec<_>>().join(", "))
    } else {
        format!("no metric {name:?} (did you mean {}?)", near.join(", "))
    }
}

fn object(definition: &Definition) -> Value {
    json!({
        "metric": definition.name,
        "title": definition.title,
        "unit": definition.unit.as_str(),
        "definition": definition.definition,
        "formula": definition.formula,
        "source": definition.source,
        "inputs": definition.inputs,
        "left_out": definition.left_out,
    })
}

fn page(definition: &Definition, color: bool) -> String {
    let parts = [
        ("definition", definition.definition),
        ("formula", definition.formula),
        ("source", definition.source),
        ("inputs", definition.inputs),
        ("left out", definition.left_out),
    ];
    let head = Style::Bold.paint(definition.name, color);
    let body: String = parts.iter().map(|(name, text)| format!("  {name:<12}{text}\n")).collect();
    format!("{head} - {} ({})\n{body}", definition.title, definition.unit.as_str())
}
