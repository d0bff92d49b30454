//! `cm-fetch health`: one line per source, what it is and why.

use crate::course::MOVED_AFTER;
use crate::gates::host;
use crate::services::account_key;
use crate::source::{Place, Source};
use crate::store::{Cooling, State, Tables};
use chrono::{DateTime, Datelike, Utc};
use cm_cli::{Listing, Session};
use cm_store::Mode;
use cm_time::{Zone, rfc3339};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How a source is.
struct Health {
    state: &'static str,
    why: String,
    next: Option<DateTime<Utc>>,
}

/// Lists the sources of a file, and without one every source that was met.
pub(crate) fn list(session: &Session, sources: Option<Vec<Source>>) -> anyhow::Result<()> {
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
    let clock =
        |at: DateTime<Utc>| -> anyhow::Result<String> { Ok(wall(session.zone()?, at, session.now())) };
    let mut rows = Vec::new();
    for (key, name, state) in listed {
        let health = health(session, &tables, &key, &state)?;
        let since = state.failing_since.map(rfc3339);
        let next = health.next.map(rfc3339);
        let name = name.filter(|name| !name.is_empty());
        let cells = vec![
            name.clone().unwrap_or_else(|| key.clone()),
            health.state.to_owned(),
            state.failing_since.map(clock).transpose()?.unwrap_or_default(),
            health.why.clone(),
            health.next.map(clock).transpose()?.unwrap_or_else(|| "any time".to_owned()),
        ];
        let object = json!({
            "source": key, "name": name, "state": health.state, "class": state.class, "why": Some(health.why).filter(|w| !w.is_empty()),
            "failing_since": since, "failures": state.failures, "last_ok": state.last_ok.map(rfc3339), "tried": state.tried.map(rfc3339),
            "next": next, "moved_to": state.moved_to, "feed_url": state.feed_url, "items": state.items,
        });
        rows.push((cells, object));
    }
    session.list(&table(rows, session.width()))
}

/// Addresses of one site begin alike and end alike, so they are cut in the middle, where the table would cut the end.
fn table(rows: Vec<(Vec<String>, Value)>, width: usize) -> Listing {
    let mut listing = Listing::new(&["SOURCE", "STATE", "SINCE", "WHY", "NEXT"]);
    let widest =
        |n: usize| rows.iter().filter_map(|(cells, _)| cells.get(n)).map(|c| c.chars().count()).max();
    let wide = |n: usize, heading: usize| widest(n).unwrap_or(0).max(heading);
    let both = width.saturating_sub(wide(1, 5) + wide(2, 5) + wide(4, 4) + 4 * 2);
    let room = both.saturating_sub(wide(3, 3)).max(both / 2).max(8);
    for (mut cells, object) in rows {
        if let Some(source) = cells.first_mut() {
            let bare = source.strip_prefix("https://").or_else(|| source.strip_prefix("http://"));
            *source = cut(bare.unwrap_or(source), room);
        }
        listing.row(cells, object);
    }
    listing
}

/// A text of so many characters, its middle left out.
fn cut(text: &str, room: usize) -> String {
    let count = text.chars().count();
    if count <= room {
        return text.to_owned();
    }
    let head = room.saturating_sub(1) / 2;
    let tail = room.saturating_sub(1) - head;
    let chars = |skip: usize, take: usize| text.chars().skip(skip).take(take);
    chars(0, head).chain(['…']).chain(chars(count - tail, tail)).collect()
}

/// A time on the wall clock: of another day with its day, of another year with its year.
fn wall(zone: &Zone, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, now) = (zone.wall(at), zone.wall(now));
    let form = match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => "%H:%M",
        (_, true) => "%d %b %H:%M",
        _ => "%Y-%m-%d",
    };
    at.format(form).to_string()
}

fn health(session: &Session, tables: &Tables, key: &str, state: &State) -> anyhow::Result<Health> {
    let now = session.now();
    let address = state.detour().unwrap_or(key);
    let (cooling, refused) = held_back(session, tables, address)?;
    let cooling = cooling.filter(|cooling| cooling.until > now);
    let until = |cooling: &Option<Cooling>| cooling.as_ref().map(|cooling| cooling.until);
    let next = state.next.max(until(&cooling)).max(until(&refused)).filter(|next| *next > now);
    let (name, why) = if state.is_gone() {
        ("gone", state.error.clone().unwrap_or_default())
    } else if state.failing_since.is_some() {
        ("failing", state.error.clone().unwrap_or_default())
    } else if let Some(refused) = refused {
        ("failing", format!("its account: {}", refused.error))
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

/// What the store knows of a source's host, and of its account while the credentials are refused.
fn held_back(
    session: &Session,
    tables: &Tables,
    address: &str,
) -> anyhow::Result<(Option<Cooling>, Option<Cooling>)> {
    Ok(match Source::parse(address, std::path::Path::new("")).map(|source| source.place) {
        Ok(Place::Url(url)) => (tables.host(&host(&url))?, None),
        Ok(Place::Account { account, .. }) => {
            let accounts = session.accounts()?;
            let url: Option<url::Url> =
                accounts.get(&account).and_then(|known| known.url.as_deref()?.parse().ok());
            let cooling = url.map(|url| tables.host(&host(&url))).transpose()?.flatten();
            (cooling, tables.host(&account_key(&account))?)
        }
        _ => (None, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_wall_clock() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |text: &str| wall(&zone, text.parse().unwrap(), "2026-11-22T12:00:00Z".parse().unwrap());
        assert_eq!(at("2026-11-22T22:59:00Z"), "23:59");
        assert_eq!(at("2026-11-22T23:00:00Z"), "23 Nov 00:00");
        assert_eq!(at("2025-11-22T12:00:00Z"), "2025-11-22");
    }

    #[test]
    fn sources_of_one_site_can_be_told_apart() {
        let row = |url: &str| {
            let why = "no connection: connection refused by the host after three attempts";
            let cells = [url, "failing", "20 Nov 09:00", why, "22 Nov 14:00"];
            (cells.map(str::to_owned).to_vec(), json!({}))
        };
        let first = "https://news.example/a/very/long/way/to/the/first.xml";
        let listing = table(vec![row(first), row(&first.replace("first", "other"))], 80);
        let shown = format!("{listing:?}");
        assert!(
            shown.contains("/first.xml\"") && shown.contains("/other.xml\"") && !shown.contains("https:"),
            "{shown}"
        );
        assert_eq!((cut("abcdefghij", 5), cut("äöü", 3)), ("ab…ij".to_owned(), "äöü".to_owned()));
    }
}
