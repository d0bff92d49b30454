//! `add --dry-run`: exact bytes, count, instant and why then; nothing is written, not even a store.

use crate::add;
use crate::candidate::{Candidate, Maker};
use crate::feed::feed;
use crate::plan::{Planned, Timing};
use crate::post::{short_id, word};
use crate::tables::{self, New};
use crate::{about, list};
use chrono::{DateTime, Utc};
use cm_cli::{Listing, Session, printable};
use cm_store::Store;
use cm_text::graphemes;
use serde_json::json;
use std::collections::BTreeMap;

/// Shows what `add` would do.
pub(crate) fn run(session: &Session, maker: &Maker<'_>, timing: &Timing) -> anyhow::Result<()> {
    let store = tables::open_to_read(session)?;
    let mut planned: BTreeMap<String, Vec<DateTime<Utc>>> = BTreeMap::new();
    let mut shown = Vec::new();
    feed(session, maker.args, false, |record, place| {
        for candidate in add::candidates(session, maker, timing, &record, place)? {
            let queued = planned.entry(candidate.new.account.clone()).or_default();
            match place_for(session, store.as_ref(), &candidate, timing, queued)? {
                Ok(place) => shown.push((candidate, place)),
                Err(why) => session.say(format!("{place}: {why}")),
            }
        }
        Ok(record)
    })?;
    if session.stdout_is_terminal() {
        return shown
            .iter()
            .try_for_each(|(candidate, place)| session.print(&page(session, candidate, place)?));
    }
    let mut listing = Listing::new(&[]);
    for (candidate, place) in &shown {
        listing.row(Vec::new(), object(maker, candidate, place));
    }
    session.list(&listing)
}

/// Its place among what the store and this run hold; the inner error says why it would not be queued.
fn place_for(
    session: &Session,
    store: Option<&Store>,
    candidate: &Candidate,
    timing: &Timing,
    queued: &mut Vec<DateTime<Utc>>,
) -> anyhow::Result<Result<Planned, String>> {
    let timing = timing.of(candidate.new.kind);
    let speaks = candidate.new.kind != "action";
    let (id, account, now) = (candidate.new.id.clone(), candidate.new.account.clone(), session.now());
    let since = now - candidate.channel.manners.gap;
    let (existing, mut taken) = match store {
        Some(store) => store.read(move |tx| {
            Ok::<_, cm_store::Error>((tables::by_id(tx, &id)?, tables::taken(tx, &account, since)?))
        })?,
        None => (None, Vec::new()),
    };
    if let Some(post) = existing {
        queued.extend((speaks && timing.in_row(&post)).then_some(post.due));
        return Ok(Err(format!(
            "post {} to {} is {} already",
            post.short_id(),
            post.account,
            word(post.state)
        )));
    }
    taken.extend(queued.iter());
    let before = if speaks { u32::try_from(queued.len()).unwrap_or(u32::MAX) } else { 0 };
    let place = timing.place(&candidate.channel, session.zone()?, now, &taken, before);
    queued.extend(place.iter().map(|place| place.due).filter(|_| speaks));
    Ok(place)
}

fn object(maker: &Maker<'_>, candidate: &Candidate, place: &Planned) -> serde_json::Value {
    let new = &candidate.new;
    let mut object = json!({
        "id": new.id, "account": new.account, "kind": new.kind, "record": new.record_id,
        "due": cm_time::rfc3339(place.due), "time_zone": place.zone, "why": place.why,
        "text": new.text, "graphemes": graphemes(shown(candidate)), "bytes": shown(candidate).len(),
        "longest": maker.services.longest(&candidate.channel.account),
        "body": String::from_utf8_lossy(&candidate.body),
    });
    for (name, value) in [("does", does(new)), ("shown", candidate.shown.clone())] {
        if let (Some(value), Some(members)) = (value, object.as_object_mut()) {
            members.insert(name.to_owned(), value.into());
        }
    }
    object
}

fn page(session: &Session, candidate: &Candidate, place: &Planned) -> anyhow::Result<String> {
    let new = &candidate.new;
    let said = match does(new) {
        Some(does) => does,
        None => format!(
            "{} characters, {} bytes:\n{}",
            graphemes(shown(candidate)),
            shown(candidate).len(),
            shown(candidate)
        ),
    };
    let page = format!(
        "{}  {} to {}\n{} ({}): {}\n{said}\nsent as:\n{}\n\n",
        short_id(&new.id),
        new.kind,
        new.account,
        list::local(session, place.due)?,
        place.zone,
        place.why,
        String::from_utf8_lossy(&candidate.body),
    );
    Ok(printable(&page))
}

/// What an action does, and to what.
fn does(new: &New) -> Option<String> {
    (new.kind == "action").then(|| about::said_by(new.kind, &new.text, &new.record))
}

/// The text as the network will show it: some cut links.
fn shown(candidate: &Candidate) -> &str {
    candidate.shown.as_deref().unwrap_or(&candidate.new.text)
}
