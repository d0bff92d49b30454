//! `history`: every change of a link, oldest first, after how it was made. Out: JSON lines; a table on a terminal.

use crate::args::History;
use crate::clicks::{local, written};
use crate::expand::named;
use crate::rows::Change;
use crate::tables::Tables;
use anyhow::Result;
use chrono::DateTime;
use cm_cli::{Listing, Session};
use cm_store::Mode;
use cm_time::Zone;
use serde_json::{Value, json};

/// Writes the history.
pub fn run(args: &History, session: &Session) -> Result<()> {
    let tables = Tables::open(&session.store_url()?, Mode::Read)?;
    let link = named(&tables, session, &args.slug)?;
    let mut changes = tables.changes(&link.code)?;
    // Where it led at first is what its first other target replaced.
    let first = changes.iter().find(|change| change.field == "url").and_then(|change| change.old.clone());
    let new = Some(first.unwrap_or(link.target));
    changes.insert(0, Change { at_ms: link.created_ms, field: "made".to_owned(), old: None, new });
    show(&link.code, &changes, session)
}

/// Writes changes.
pub fn show(code: &str, changes: &[Change], session: &Session) -> Result<()> {
    let mut listing = Listing::new(&["AT", "WHAT"]);
    let zone = session.zone()?;
    for change in changes {
        listing.row(vec![local(change.at_ms, zone), change.field.clone()], line(code, change));
        // Two long addresses side by side would be cut before the place in which they differ.
        for (word, value) in [("was", &change.old), ("is", &change.new)] {
            if let Some(value) = value {
                listing.note(format!("{word}: {}", shown(&change.field, value, zone)));
            }
        }
    }
    session.list(&listing)
}

/// A value for people: instants in their zone, as those of the changes.
fn shown(field: &str, value: &str, zone: &Zone) -> String {
    let at = DateTime::parse_from_rfc3339(value).ok().filter(|_| field == "expires");
    at.map_or_else(|| value.to_owned(), |at| local(at.timestamp_millis(), zone))
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
