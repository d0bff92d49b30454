//! `cm-fetch health`: one line per source, what it is and why.

use crate::course::MOVED_AFTER;
use crate::gates::host;
use crate::services::account_key;
use crate::source::{Place, Source};
use crate::store::{Cooling, State, Tables};
use crate::wall::wall;
use chrono::{DateTime, Utc};
use cm_cli::{Listing, Session};
use cm_store::Mode;
use cm_time::rfc3339;
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
            health.next.map(clock).transpose()?.unwrap_or_else(|| "any time".to_owned()),
        ];
        let why = health.why.clone();
        let object = json!({
            "source": key, "name": name, "state": health.state, "class": state.class, "why": Some(health.why).filter(|w| !w.is_empty()),
            "failing_since": since, "failures": state.failures, "last_ok": state.last_ok.map(rfc3339), "tried": state.tried.map(rfc3339),
            "next": next, "moved_to": state.moved_to, "feed_url": state.feed_url, "items": state.items,
        });
        rows.push((cells, why, object));
    }
    session.list(&table(rows, session.width()))
}

/// Addresses of one site begin alike and end alike, so they are cut in the middle, where the table would cut the end. Why
/// a source is as it is stands on a line of its own, where it is not cut.
fn table(rows: Vec<(Vec<String>, String, Value)>, width: usize) -> Listing {
    let mut listing = Listing::new(&["SOURCE", "STATE", "SINCE", "NEXT"]);
    let widest =
        |n: usize| rows.iter().filter_map(|(cells, ..)| cells.get(n)).map(|c| c.chars().count()).max();
    let wide = |n: usize, heading: usize| widest(n).unwrap_or(0).max(heading);
    let room = width.saturating_sub(wide(1, 5) + wide(2, 5) + wide(3, 4) + 3 * 2).max(8);
    for (mut cells, why, object) in rows {
        if let Some(source) = cells.first_mut() {
            let bare = source.strip_prefix("https://").or_else(|| source.strip_prefix("http://"));
            *source = cut(bare.unwrap_or(source), room);
        }
        listing.row(cells, object);
        if !why.is_empty() {
            listing.note(why);
        }
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

fn health(session: &Session, tables: &Tables, key: &str, state: &State) -> anyhow::Result<Health> {
    let now = session.now();
    let address = state.detour().unwrap_or(key);
    let (cooling, refused) = held_back(session, tables, address)?;
    let cooling = cooling.filter(|cooling| cooling.until > now);
    let until = |cooling: &Option<Cooling>| cooling.as_ref().map(|cooling| cooling.until);
    let next = state.next.max(until(&cooling)).max(until(&refused)).filter(|next| *next > now);
    let told = |error: &str| without_source(error, key, &state.name).to_owned();
    let (name, why) = if state.is_gone() {
        ("gone", told(state.error.as_deref().unwrap_or_default()))
    } else if state.failing_since.is_some() {
        ("failing", told(state.error.as_deref().unwrap_or_default()))
    } else if let Some(refused) = refused {
        ("failing", format!("its account: {}", told(&refused.error)))
    } else if let Some(cooling) = cooling {
        ("cooling down", format!("its host: {}", told(&cooling.error)))
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

/// What a message says of a source, without the source at its beginning, which stands beside it already. Of an account that
/// may be another source of it.
pub(crate) fn without_source<'m>(message: &'m str, key: &str, name: &str) -> &'m str {
    let bare =
        message.strip_prefix(name).filter(|_| !name.is_empty()).and_then(|rest| rest.strip_prefix(" ("));
    let bare = bare.unwrap_or(message);
    let account = key.split('/').next().filter(|_| !key.contains("://"));
    let [place, page] = [key, key.split('?').next().unwrap_or(key)];
    for beginning in [Some(place), Some(page), account].into_iter().flatten().filter(|one| !one.is_empty()) {
        let Some(rest) = bare.strip_prefix(beginning) else { continue };
        let rest = rest.strip_prefix(')').unwrap_or(rest);
        if let Some(rest) = rest.strip_prefix(": ") {
            return rest;
        }
        if let Some((_, rest)) =
            rest.split_once(": ").filter(|_| Some(beginning) == account && rest.starts_with('/'))
        {
            return rest;
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_does_not_repeat_its_source() {
        let key = "wordpress:blog/held";
        for (message, key, name, told) in [
            (
                "wordpress:blog/held: http://b.example/: no connection",
                key,
                "",
                "http://b.example/: no connection",
            ),
            ("Blog (wordpress:blog/held): slow", key, "Blog", "slow"),
            ("wordpress:blog/comments: not: let in", key, "", "not: let in"),
            ("wordpress:blogs/held: slow", key, "", "wordpress:blogs/held: slow"),
            ("https://b.example/feed: gone", "https://b.example/feed?key=1", "Blog", "gone"),
            ("https://b.example/other: gone", "https://b.example/feed", "", "https://b.example/other: gone"),
        ] {
            assert_eq!(without_source(message, key, name), told);
        }
    }

    #[test]
    fn sources_of_one_site_can_be_told_apart() {
        let row = |url: &str| {
            let why = "no connection: connection refused by the host after three attempts";
            let cells = [url, "failing", "20 Nov 09:00", "22 Nov 14:00"];
            (cells.map(str::to_owned).to_vec(), why.to_owned(), json!({}))
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
