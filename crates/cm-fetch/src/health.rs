//! `cm-fetch health`: one line per source, what it is and why. In: sources, or every one that was met. Out: the listing, in
//! the order of the file, without one by address.

use crate::explain::{Health, Patient, explain};
use crate::memory::{self, account, asked, manners};
use crate::push::Subscription;
use crate::services::account_key;
use crate::settings::Settings;
use crate::source::{Place, Source};
use crate::store::{State, Tables};
use crate::visit::Visitor;
use crate::wall::{span, wall};
use chrono::{DateTime, Utc};
use cm_cli::{Listing, Session};
use cm_store::Mode;
use cm_time::rfc3339;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Lists the sources of a file, and without one every source that was met.
pub(crate) fn list(session: &Session, sources: Option<Vec<Source>>) -> anyhow::Result<()> {
    let tables = Tables::open(session, Mode::Write)?;
    let met = tables.sources()?;
    let listed: Vec<(String, Option<Source>, State)> = match sources {
        Some(sources) => sources
            .into_iter()
            .map(|source| {
                let state = met.get(&source.key()).cloned().unwrap_or_default();
                (source.key(), Some(source), state)
            })
            .collect(),
        None => {
            let met: BTreeMap<String, State> = met.into_iter().collect();
            met.into_iter()
                .map(|(key, state)| (key.clone(), Source::parse(&key, Path::new("")).ok(), state))
                .collect()
        }
    };
    let pushes: HashMap<String, Subscription> =
        tables.subscriptions()?.into_iter().map(|one| (one.source.clone(), one)).collect();
    let (_, hosts) = Settings::of(session)?;
    let accounts = listed.iter().flat_map(|(_, source, _)| source).any(|source| account(source).is_some());
    let accounts = if accounts { session.accounts()? } else { BTreeMap::new() };
    let visitor = crate::visitor(session, hosts, 1, accounts, Some(tables.clone()))?;
    let mut rows = Vec::new();
    for (key, source, state) in listed {
        let name =
            source.as_ref().and_then(|source| source.name.clone()).unwrap_or_else(|| state.name.clone());
        let health = health(&visitor, &tables, &key, source.as_ref(), &state, session.now())?;
        rows.push(row(session, &key, &name, &state, &health, pushes.get(&key))?);
    }
    session.list(&table(rows, session.width()))
}

/// Cells, the lines under them, and the object of a source.
type Row = (Vec<String>, Vec<String>, Value);

fn row(
    session: &Session,
    key: &str,
    name: &str,
    state: &State,
    health: &Health,
    push: Option<&Subscription>,
) -> anyhow::Result<Row> {
    let clock =
        |at: DateTime<Utc>| -> anyhow::Result<String> { Ok(wall(session.zone()?, at, session.now())) };
    let next = health.next();
    let name = Some(name).filter(|name| !name.is_empty());
    let cells = vec![
        name.unwrap_or(key).to_owned(),
        health.state.to_owned(),
        state.failing_since.map(clock).transpose()?.unwrap_or_default(),
        match (health.state, next) {
            ("gone", _) => "never".to_owned(),
            (_, Some(next)) => clock(next)?,
            _ if health.turn.is_some() => "in its turn".to_owned(),
            _ => "any time".to_owned(),
        },
    ];
    let mut lines = vec![health.why.clone()];
    lines.extend(health.advice.clone());
    if let Some(reason) = health.reasons.first() {
        lines.push(format!("asked again at {}: {}", clock(reason.until)?, reason.says));
    }
    lines.extend(health.turn.clone());
    let push = push.map(|push| push.health(session.now()));
    if let Some(why) = push.as_ref().and_then(|push| push["error"].as_str()) {
        lines.push(format!("not pushed: {why}"));
    }
    lines.retain(|line| !line.is_empty());
    let interval: Vec<Value> = health
        .reasons
        .iter()
        .map(|reason| json!({ "rule": reason.rule, "says": reason.says, "until": rfc3339(reason.until) }))
        .collect();
    let why = Some(&health.why).filter(|why| !why.is_empty());
    let object = json!({
        "source": key, "name": name, "state": health.state, "class": state.class, "why": why, "advice": health.advice,
        "failing_since": state.failing_since.map(rfc3339), "failures": state.failures,
        "last_ok": state.last_ok.map(rfc3339), "tried": state.tried.map(rfc3339), "next": next.map(rfc3339),
        "next_why": health.reasons.first().map(|reason| &reason.says), "interval": interval,
        "turn": health.turn, "passed_over_since": state.waits_since.map(rfc3339),
        "moved_to": state.moved_to, "feed_url": state.feed_url, "items": state.items, "asked": state.asked,
        "unchanged": state.unchanged, "bytes": state.bytes, "whole": state.whole.map(rfc3339), "push": push,
    });
    Ok((cells, lines, object))
}

fn health(
    visitor: &Visitor,
    tables: &Tables,
    key: &str,
    source: Option<&Source>,
    state: &State,
    now: DateTime<Utc>,
) -> anyhow::Result<Health> {
    let url = source.and_then(|source| asked(source, state, &visitor.services));
    let manners = source.map(|source| manners(&visitor.hosts, source, url.as_ref())).unwrap_or_default();
    let host = url.as_ref().map(|url| tables.host(&visitor.hosts.name(url))).transpose()?.flatten();
    let account = match source.map(|source| &source.place) {
        Some(Place::Account { account, .. }) => tables.host(&account_key(account))?,
        _ => None,
    };
    let (refused, limited) = match account {
        Some(account) if account.settings.is_some() => (Some(account), None),
        account => (None, account),
    };
    let private = visitor.client.options().allow_private;
    let settings = source.and_then(|source| memory::settings(&visitor.services, source, &manners, private));
    let mended = memory::is_mended(state, settings.as_deref());
    let held =
        crate::held::Held { state, cooling: [host.as_ref(), limited.as_ref()], manners: &manners, mended };
    let note = url.as_ref().and_then(|url| visitor.hosts.note(url));
    let health = explain(&Patient { key, held, refused: refused.as_ref(), note }, now);
    let waits = health.reasons.is_empty() && health.state != "gone";
    let far = url.as_ref().filter(|_| waits).and_then(|url| Some((url, visitor.hosts.turns(url)?)));
    let turn = far.map(|(url, spacing)| {
        format!("asked in its turn: {} takes a request every {}", visitor.hosts.name(url), span(spacing))
    });
    Ok(Health { turn, ..health })
}

/// Addresses of one site begin alike and end alike, so they are cut in the middle, where the table would cut the end. Why
/// a source is as it is stands on a line of its own, where it is not cut.
fn table(rows: Vec<Row>, width: usize) -> Listing {
    let mut listing = Listing::new(&["SOURCE", "STATE", "SINCE", "NEXT"]);
    let widest =
        |n: usize| rows.iter().filter_map(|(cells, ..)| cells.get(n)).map(|c| c.chars().count()).max();
    let wide = |n: usize, heading: usize| widest(n).unwrap_or(0).max(heading);
    let room = width.saturating_sub(wide(1, 5) + wide(2, 5) + wide(3, 4) + 3 * 2).max(8);
    let mut said: HashMap<Vec<String>, String> = HashMap::new();
    for (mut cells, lines, object) in rows {
        let name = cells.first().cloned().unwrap_or_default();
        let lines = folded(lines, object["state"] == "cooling down", name, &mut said);
        if let Some(source) = cells.first_mut() {
            let bare = source.strip_prefix("https://").or_else(|| source.strip_prefix("http://"));
            *source = cut(bare.unwrap_or(source), room);
        }
        listing.row(cells, object);
        lines.into_iter().for_each(|line| listing.note(line));
    }
    listing
}

/// What holds for all of a host is said at the first of its sources.
fn folded(
    lines: Vec<String>,
    shared: bool,
    name: String,
    said: &mut HashMap<Vec<String>, String>,
) -> Vec<String> {
    match said.get(&lines).filter(|_| shared) {
        Some(first) => vec![format!("as {first}")],
        None => {
            said.insert(lines.clone(), name);
            lines
        }
    }
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
    fn what_holds_for_a_host_is_said_once() {
        let mut said = HashMap::new();
        let mut lines = |shared, name: &str| {
            folded(vec!["its host: busy".into(), "asked again at 9".into()], shared, name.into(), &mut said)
        };
        assert_eq!(lines(true, "a").len(), 2);
        assert_eq!(lines(true, "b"), ["as a"]);
        assert_eq!(lines(false, "c").len(), 2, "a reason of its own is repeated");
    }

    #[test]
    fn sources_of_one_site_can_be_told_apart() {
        let row = |url: &str| {
            let why = "no connection: connection refused by the host after three attempts";
            let cells = [url, "failing", "20 Nov 09:00", "22 Nov 14:00"];
            (cells.map(str::to_owned).to_vec(), vec![why.to_owned()], json!({}))
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
