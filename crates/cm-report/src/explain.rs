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
        let names: Vec<&str> = ALL.iter().map(|definition| definition.name).collect();
        return Err(Failure::usage(format!("no metric {name:?} (known: {})", names.join(", "))).into());
    };
    if session.stdout_is_terminal() {
        return session.print(&page(definition, session.color()));
    }
    session.print(&format!("{}\n", object(definition)))
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
