//! `history`: every change of a link, oldest first, after how it was made. Out: JSON lines; a table on a terminal.

use crate::args::History;
use crate::clicks::{local, written};
use crate::expand::named;
use crate::rows::Change;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::{Listing, Session};
use cm_store::Mode;
use serde_json::{Value, json};

/// Writes the history.
pub fn run(args: &History, session: &Session) -> Result<()> {
    let tables = Tables::open(&session.store_url()?, Mode::Read)?;
    let link = named(&tables, &args.slug)?;
    let mut changes = tables.changes(&link.code)?;
    // Where it led at first is what its first other target replaced.
    let first = changes.iter().find(|change| change.field == "url").and_then(|change| change.old.clone());
    let new = Some(first.unwrap_or(link.target));
    changes.insert(0, Change { at_ms: link.created_ms, field: "made".to_owned(), old: None, new });
    show(&link.code, &changes, session)
}

/// Writes changes.
pub fn show(code: &str, changes: &[Change], session: &Session) -> Result<()> {
    let mut listing = Listing::new(&["AT", "WHAT", "WAS", "IS"]);
    let zone = session.zone()?;
    for change in changes {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let cells =
            vec![local(change.at_ms, zone), change.field.clone(), text(&change.old), text(&change.new)];
        listing.row(cells, line(code, change));
    }
    session.list(&listing)
}

fn line(code: &str, change: &Change) -> Value {
    let mut line = json!({"type": "change", "at": written(change.at_ms), "code": code, "what": change.field});
    for (name, value) in [("old", &change.old), ("new", &change.new)] {
        if let Some(value) = value {
            line[name] = value.as_str().into();
        }
    }
    line
}
