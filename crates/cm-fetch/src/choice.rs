//! Which entries of a feed are handed out. Pure: a feed and what was seen in, records and keys out.

use crate::feed::Entry;
use crate::ids::{Identity, content_hash, identify};
use crate::item::record;
use crate::network::Social;
use crate::store::Former;
use crate::visit::Fetched;
use chrono::{DateTime, Utc};
use cm_record::Record;
use std::collections::{HashMap, HashSet};

/// How the store marks a guid that its source repeats.
const REPEATED: &str = "repeated:";

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// `--since`.
    pub(crate) since: Option<DateTime<Utc>>,
    /// `--until`, not included.
    pub(crate) until: Option<DateTime<Utc>>,
    /// `--changed`.
    pub(crate) changed: bool,
    /// Dated entries before this are passed over when a source is first met; `None` is `--backfill all`.
    pub(crate) first_from: Option<DateTime<Utc>>,
}

impl Wish {
    /// Undated entries always pass: nobody knows better.
    fn covers(&self, entry: &Entry) -> bool {
        let Some(date) = entry.date() else { return true };
        self.since.is_none_or(|since| date >= since) && self.until.is_none_or(|until| date < until)
    }
}

/// What was chosen.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// To be handed out, in the order of the feed.
    pub(crate) records: Vec<Record>,
    /// Keys that count as met from now on, with content hashes.
    pub(crate) seen: Vec<(String, String)>,
    /// Of an account: how the items met stand from now on.
    pub(crate) standing: Vec<(String, String)>,
    /// Passed over because the source is met for the first time and they are old.
    pub(crate) too_old: usize,
    /// Cut off in the middle, so left for when they are whole.
    pub(crate) cut_off: usize,
    /// Something new is left for a later run: the source must answer in full then.
    pub(crate) left_over: bool,
    /// Entries of which no record could be made, and why.
    pub(crate) bad: Vec<String>,
}

/// Every entry as it comes.
pub(crate) fn everything(fetched: &Fetched, wish: &Wish, limit: usize) -> Choice {
    let mut choice = Choice::default();
    let ids = identify(&fetched.origin.source, &fetched.feed.entries, &HashSet::new());
    for (entry, identity) in fetched.feed.entries.iter().zip(&ids) {
        if choice.records.len() >= limit {
            break;
        }
        if wish.covers(entry) {
            choice.take(fetched, entry, identity);
        }
    }
    choice
}

/// What was handed out before.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// Keys and content hashes.
    pub(crate) seen: HashMap<String, String>,
    /// Under the address that the source had before.
    pub(crate) former: Option<Former>,
    /// How the items of its account stood when one of its sources last handed them out.
    pub(crate) standing: HashMap<String, String>,
    /// Nothing was: the source is met for the first time.
    pub(crate) nothing: bool,
}

/// What has not been handed out yet, or stands otherwise by now.
pub(crate) fn news(fetched: &Fetched, before: &Before, wish: &Wish, limit: usize) -> Choice {
    let mut choice = Choice::default();
    let Before { seen, former, standing, .. } = before;
    let entries = &fetched.feed.entries;
    let ids = identify(&fetched.origin.source, entries, &repeated(seen));
    let was = |former: &Former| identify(&former.source, entries, &repeated(&former.seen));
    let former_ids = former.as_ref().map(was).unwrap_or_default();
    // Of accounts, streams are read no further back, and queues come whole.
    let from = wish.first_from.filter(|_| before.nothing && fetched.reading.is_none());
    let mut met: HashSet<&str> = HashSet::new();
    for (n, (entry, identity)) in entries.iter().zip(&ids).enumerate() {
        if entry.cut_off {
            (choice.cut_off, choice.left_over) = (choice.cut_off + 1, true);
            continue;
        }
        if !met.insert(&identity.id) {
            continue;
        }
        let hash = content_hash(entry);
        let formerly = || known(&former.as_ref()?.seen, former_ids.get(n)?);
        let now = entry.social.as_ref().and_then(Social::standing);
        let stands = now.map(|now| standing.get(&identity.id).is_some_and(|before| before == now));
        // As it stands now it may have come through another source of its account.
        let elsewhere = || stands.filter(|stands| *stands).map(|_| &hash);
        let known = known(seen, identity).or_else(formerly).or_else(elsewhere);
        let changed = wish.changed && known.is_some_and(|before| *before != hash);
        let moved = stands == Some(false);
        if let (Some(before), false) = (known, changed || moved) {
            choice.mark(identity, before);
            choice.stand(identity, now);
        } else if entry.date().zip(from).is_some_and(|(date, from)| date < from) {
            choice.too_old += 1;
            choice.mark(identity, &hash);
        } else if !wish.covers(entry) || choice.records.len() >= limit {
            choice.left_over = true;
        } else {
            choice.take(fetched, entry, identity);
            choice.mark(identity, &hash);
            choice.stand(identity, now);
        }
    }
    choice
}

/// The guids that a source is known to repeat.
fn repeated(seen: &HashMap<String, String>) -> HashSet<String> {
    seen.keys().filter_map(|key| key.strip_prefix(REPEATED)).map(str::to_owned).collect()
}

/// The content hash with which an entry was met.
fn known<'a>(seen: &'a HashMap<String, String>, identity: &Identity) -> Option<&'a String> {
    seen.get(&identity.id).or_else(|| seen.get(&identity.alias))
}

impl Choice {
    fn take(&mut self, fetched: &Fetched, entry: &Entry, identity: &Identity) {
        match record(entry, &identity.id, &fetched.feed.head, &fetched.origin) {
            Ok(record) => self.records.push(record),
            Err(why) => self.bad.push(format!("entry {}: {why}", identity.id)),
        }
    }

    fn stand(&mut self, identity: &Identity, standing: Option<&str>) {
        self.standing.extend(standing.map(|standing| (identity.id.clone(), standing.to_owned())));
    }

    fn mark(&mut self, identity: &Identity, hash: &str) {
        self.seen.push((identity.id.clone(), hash.to_owned()));
        if identity.alias != identity.id {
            self.seen.push((identity.alias.clone(), hash.to_owned()));
        }
        if let Some(native) = &identity.repeated {
            self.seen.push((format!("{REPEATED}{native}"), String::new()));
        }
    }
}
