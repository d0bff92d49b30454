//! `cm-fetch health`: one line per source, what it is and why.

use crate::course::MOVED_AFTER;
use crate::gates::host;
use crate::source::{Place, Source};
use crate::store::{State, Tables};
use chrono::{DateTime, Utc};
use cm_cli::{Listing, Session};
use cm_store::Mode;
use cm_time::rfc3339;
use serde_json::json;
use std::collections::BTreeMap;

/// How a source is.
struct Health {
    state: &'static str,
    why: String,
    next: Option<DateTime<Utc>>,
}

/// Lists the sources of a file, and without one every source that was met.
pub(crate) fn list(session: &Session, sources: Option<Vec<Source>>) -> anyhow::Result<()> {
    let mut listing = Listing::new(&["SOURCE", "STATE", "SINCE", "WHY", "NEXT"]);
    let tables = Tables::open(session, Mode::Write)?;
    let met = tables.sources()?;
    let listed: Vec<(String, Option<String>, State)> = match sources {
        Some(sources) => sources
            .iter()
            .map(|s| (s.key(), s.name.clone(), met.get(&s.key()).cloned().unwrap_or_default()))
            .collect(),
        None => met
            .into_iter()
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .map(|(key, state)| (key, Some(state.name.clone()), state))
            .collect(),
    };
    for (key, name, state) in listed {
        let health = health(session, &tables, &key, &state)?;
        let since = state.failing_since.map(rfc3339);
        let next = health.next.map(rfc3339);
        let name = name.filter(|name| !name.is_empty());
        let cells = vec![
            name.clone().unwrap_or_else(|| key.clone()),
            health.state.to_owned(),
            since.clone().unwrap_or_default(),
            health.why.clone(),
            next.clone().unwrap_or_else(|| "any time".to_owned()),
        ];
        let object = json!({
            "source": key, "name": name, "state": health.state, "class": state.class, "why": Some(health.why).filter(|w| !w.is_empty()),
            "failing_since": since, "failures": state.failures, "last_ok": state.last_ok.map(rfc3339), "tried": state.tried.map(rfc3339),
            "next": next, "moved_to": state.moved_to, "feed_url": state.feed_url, "items": state.items,
        });
        listing.row(cells, object);
    }
    session.list(&listing)
}

fn health(session: &Session, tables: &Tables, key: &str, state: &State) -> anyhow::Result<Health> {
    let now = session.now();
    let address = state.detour().unwrap_or(key);
    let cooling = match Source::parse(address, std::path::Path::new("")) {
        Ok(Source { place: Place::Url(url), .. }) => {
            tables.host(&host(&url))?.filter(|cooling| cooling.until > now)
        }
        _ => None,
    };
    let next = state.next.max(cooling.as_ref().map(|cooling| cooling.until)).filter(|next| *next > now);
    let (name, why) = if state.is_gone() {
        ("gone", state.error.clone().unwrap_or_default())
    } else if state.failing_since.is_some() {
        ("failing", state.error.clone().unwrap_or_default())
    } else if let Some(cooling) = cooling {
        ("cooling down", format!("its host: {}", cooling.error))
    } else if let Some(to) = state.moved_to.as_deref().filter(|_| state.moved_seen >= MOVED_AFTER) {
        ("moved", format!("to {to}, which is asked instead: change it in your sources"))
    } else if state.last_ok.is_none() {
        ("new", "not fetched yet".to_owned())
    } else {
        ("ok", state.moved_to.as_ref().map(|to| format!("redirects to {to}")).unwrap_or_default())
    };
    Ok(Health { state: name, why, next: next.filter(|_| name != "gone") })
}
