//! Which entries of a feed are handed out. Pure: a feed and what was seen in, records and keys out.

use crate::arrival::Entries;
use crate::content::{Authority, Imprint, former_hash, is_wordy};
use crate::feed::Entry;
use crate::ids::{Identity, Name, Policy, identify};
use crate::item::record;
use crate::network::Social;
use crate::recognition::{Candidate, Recognised, recognise};
use crate::store::Former;
use crate::visit::Fetched;
use chrono::{DateTime, Utc};
use cm_record::Record;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

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
    /// How many were handed out.
    pub(crate) handed: usize,
    /// Keys that count as met from now on, with imprints.
    pub(crate) seen: Vec<(String, String)>,
    /// Keys under which items were met that come under others now.
    pub(crate) replaced: Vec<String>,
    /// How many items changed their ids at once.
    pub(crate) renamed: usize,
    /// Of an account: how the items met stand from now on.
    pub(crate) standing: Vec<(String, String)>,
    /// Passed over because the source is met for the first time and they are old.
    pub(crate) too_old: usize,
    /// Cut off in the middle, so left for when they are whole.
    pub(crate) cut_off: usize,
    /// Something new is left for a later run: the source must answer in full then.
    pub(crate) left_over: bool,
    /// It is left because of `--limit`: somebody waits for it.
    pub(crate) limited: bool,
    /// Entries of which no record could be made, and why.
    pub(crate) bad: Vec<String>,
}

/// Takes records, in the order of the feed.
pub(crate) type Sink<'a> = dyn FnMut(Record) -> anyhow::Result<()> + 'a;

/// Every entry as it comes.
pub(crate) fn everything(
    fetched: &Fetched,
    wish: &Wish,
    limit: usize,
    sink: &mut Sink<'_>,
) -> anyhow::Result<Choice> {
    let mut choice = Choice::default();
    let origin = &fetched.origin;
    let names = fetched.feed.names(origin.ids == Policy::Content);
    let ids = identify(&origin.source, &names, &HashSet::new(), origin.ids);
    drop(names);
    for (entry, identity) in fetched.feed.entries.iter().zip(&ids) {
        if choice.handed >= limit {
            break;
        }
        if wish.covers(&entry) {
            choice.take(fetched, &entry, identity, &[], sink)?;
        }
    }
    Ok(choice)
}

/// What was handed out before.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// Keys and imprints.
    pub(crate) seen: HashMap<String, String>,
    /// Under the address that the source had before.
    pub(crate) former: Option<Former>,
    /// By what its items were told apart before.
    pub(crate) policy: Policy,
    /// How the items of its account stood when one of its sources last handed them out.
    pub(crate) standing: HashMap<String, String>,
    /// Nothing was: the source is met for the first time.
    pub(crate) nothing: bool,
}

/// What has not been handed out yet, or stands otherwise by now.
pub(crate) fn news(
    fetched: &Fetched,
    before: &Before,
    wish: &Wish,
    limit: usize,
    sink: &mut Sink<'_>,
) -> anyhow::Result<Choice> {
    let mut choice = Choice::default();
    let names = fetched.feed.names([before.policy, fetched.origin.ids].contains(&Policy::Content));
    let ids = identify(&fetched.origin.source, &names, &repeated(&before.seen), fetched.origin.ids);
    let met = Met::find(fetched, before, &names, &ids);
    drop(names);
    choice.renamed = met.elsewhere.at_once;
    // Of accounts, streams are read no further back, and queues come whole.
    let from = wish.first_from.filter(|_| before.nothing && fetched.reading.is_none());
    // By hash: the ids themselves go on into the store.
    let (mut present, hasher): (HashSet<u64>, _) = (HashSet::new(), RandomState::new());
    for (n, (entry, identity)) in fetched.feed.entries.iter().zip(ids).enumerate() {
        if entry.cut_off {
            (choice.cut_off, choice.left_over) = (choice.cut_off + 1, true);
            continue;
        }
        if !present.insert(hasher.hash_one(&identity.id)) {
            continue;
        }
        let now = entry.social.as_ref().and_then(Social::standing);
        let stands = now.map(|now| before.standing.get(&identity.id).is_some_and(|before| before == now));
        let mut difference = match met.of(n, &identity) {
            Some(known) => difference(known, &entry, &fetched.origin.source, wish.changed),
            // As it stands now it may have come through another source of its account.
            None if stands == Some(true) => {
                Difference::none(Imprint::of(&entry, &fetched.origin.source).kept())
            }
            None => Difference::all(Imprint::of(&entry, &fetched.origin.source).kept()),
        };
        if stands == Some(false) {
            difference.keep = Imprint::of(&entry, &fetched.origin.source).kept();
        }
        if !difference.news && stands != Some(false) {
            choice.stand(&identity, now);
            choice.mark(identity, difference.keep);
        } else if entry.date().zip(from).is_some_and(|(date, from)| date < from) {
            choice.too_old += 1;
            choice.mark(identity, difference.keep);
        } else if !wish.covers(&entry) || choice.handed >= limit {
            choice.left_over = true;
            choice.limited |= wish.covers(&entry);
            continue;
        } else {
            choice.take(fetched, &entry, &identity, &difference.changed, sink)?;
            choice.stand(&identity, now);
            choice.mark(identity, difference.keep);
        }
        // What is left for later is still known by its former key.
        choice.replaced.extend(met.elsewhere.entries.get(&n).map(|(key, _)| key.clone()));
    }
    Ok(choice)
}

/// What entries were known by.
struct Met<'a> {
    before: &'a Before,
    /// Their ids under the address, or by the policy, that the source had before.
    former_ids: Vec<Identity>,
    /// Those of them that may count: of another host only what said the same words.
    former: Vec<bool>,
    elsewhere: Recognised,
}

impl<'a> Met<'a> {
    fn find(fetched: &Fetched, before: &'a Before, names: &[Name<'_>], ids: &[Identity]) -> Met<'a> {
        let (origin, entries) = (&fetched.origin, &fetched.feed.entries);
        let former_ids = match &before.former {
            Some(former) => identify(&former.source, names, &repeated(&former.seen), origin.ids),
            None if before.policy != origin.ids && !before.nothing => {
                identify(&origin.source, names, &repeated(&before.seen), before.policy)
            }
            None => Vec::new(),
        };
        let elsewhere = Recognised::default();
        let mut met = Met { before, former_ids, former: Vec::new(), elsewhere };
        if !met.former_ids.is_empty() {
            let counts = |(n, entry): (usize, Cow<'_, Entry>)| met.may_count(n, &entry, &origin.source);
            met.former = entries.iter().enumerate().map(counts).collect();
        }
        if fetched.reading.is_none() && !before.seen.is_empty() {
            met.elsewhere = met.under_other_ids(entries, ids, &origin.source);
        }
        met
    }

    fn under_other_ids(&self, entries: &Entries, ids: &[Identity], source: &str) -> Recognised {
        let known: Vec<bool> =
            ids.iter().enumerate().map(|(n, identity)| self.by_id(n, identity).is_some()).collect();
        if known.iter().all(|known| *known) {
            return Recognised::default();
        }
        let candidate = |((entry, identity), known): ((Cow<'_, Entry>, &Identity), &bool)| Candidate {
            id: identity.id.clone(),
            known: *known,
            imprint: (!known && !entry.cut_off).then(|| Imprint::of(&entry, source)),
            wordy: is_wordy(&entry),
        };
        let candidates: Vec<Candidate> = entries.iter().zip(ids).zip(&known).map(candidate).collect();
        let present =
            ids.iter().flat_map(|identity| [identity.id.as_str(), identity.alias.as_str()]).collect();
        recognise(&candidates, &self.before.seen, &present)
    }

    /// The imprint with which an entry was met.
    fn of(&self, n: usize, identity: &Identity) -> Option<&String> {
        self.by_id(n, identity).or_else(|| Some(&self.elsewhere.entries.get(&n)?.1))
    }

    fn by_id(&self, n: usize, identity: &Identity) -> Option<&String> {
        let formerly = || self.formerly(n).filter(|_| self.former.get(n).copied().unwrap_or_default());
        known(&self.before.seen, identity).or_else(formerly)
    }

    fn formerly(&self, n: usize) -> Option<&String> {
        let seen = self.before.former.as_ref().map_or(&self.before.seen, |former| &former.seen);
        known(seen, self.former_ids.get(n)?)
    }

    /// Whoever hands out copies of another host's items, with other words, and then says to have moved there, must not
    /// hide the real ones.
    fn may_count(&self, n: usize, entry: &Entry, source: &str) -> bool {
        let foreign = self.before.former.as_ref().is_some_and(|former| former.foreign);
        self.formerly(n).is_some_and(|kept| {
            let same = |before: Imprint| Imprint::of(entry, source).same_words(&before);
            !foreign || Imprint::read(kept).map_or_else(|| *kept == former_hash(entry), same)
        })
    }
}

/// What an entry says that is known.
struct Difference {
    /// It is handed out again.
    news: bool,
    /// What is kept of it.
    keep: String,
    /// The members that say something else.
    changed: Vec<&'static str>,
}

impl Difference {
    fn none(keep: String) -> Difference {
        Difference { news: false, keep, changed: Vec::new() }
    }

    fn all(keep: String) -> Difference {
        Difference { news: true, keep, changed: Vec::new() }
    }
}

/// A change stays to be told until somebody asks for changes; a copy gives way to the item whose id it carried.
fn difference(kept: &str, entry: &Entry, source: &str, wanted: bool) -> Difference {
    let Some(before) = Imprint::read(kept) else {
        // Kept by an earlier version, as one hash.
        let same = kept == former_hash(entry);
        return match (same, wanted) {
            (true, _) => Difference::none(Imprint::of(entry, source).kept()),
            (false, true) => Difference::all(Imprint::of(entry, source).kept()),
            (false, false) => Difference::none(kept.to_owned()),
        };
    };
    if !wanted && before.authority != Authority::Foreign {
        return Difference::none(kept.to_owned());
    }
    let now = Imprint::of(entry, source);
    let changed = now.changed_since(&before);
    let real = (before.authority, now.authority) == (Authority::Foreign, Authority::Own);
    let copy = (before.authority, now.authority) == (Authority::Own, Authority::Foreign);
    match () {
        _ if real && !now.same_words(&before) => Difference { news: true, keep: now.kept(), changed },
        _ if real => Difference::none(Imprint { authority: now.authority, ..before }.kept()),
        _ if wanted && !copy && !changed.is_empty() => Difference { news: true, keep: now.kept(), changed },
        _ => Difference::none(kept.to_owned()),
    }
}

/// The guids that a source is known to repeat.
fn repeated(seen: &HashMap<String, String>) -> HashSet<String> {
    seen.keys().filter_map(|key| key.strip_prefix(REPEATED)).map(str::to_owned).collect()
}

/// What was kept of an entry when it was met.
fn known<'a>(seen: &'a HashMap<String, String>, identity: &Identity) -> Option<&'a String> {
    seen.get(&identity.id).or_else(|| seen.get(&identity.alias))
}

impl Choice {
    fn take(
        &mut self,
        fetched: &Fetched,
        entry: &Entry,
        identity: &Identity,
        changed: &[&str],
        sink: &mut Sink<'_>,
    ) -> anyhow::Result<()> {
        match record(entry, &identity.id, &fetched.feed.head, &fetched.origin, changed) {
            Ok(record) => {
                self.handed += 1;
                sink(record)
            }
            Err(why) => {
                self.bad.push(format!("entry {}: {why}", identity.id));
                Ok(())
            }
        }
    }

    fn stand(&mut self, identity: &Identity, standing: Option<&str>) {
        self.standing.extend(standing.map(|standing| (identity.id.clone(), standing.to_owned())));
    }

    fn mark(&mut self, identity: Identity, hash: String) {
        let Identity { id, alias, repeated } = identity;
        if alias != id {
            self.seen.push((alias, hash.clone()));
        }
        self.seen.push((id, hash));
        if let Some(native) = repeated {
            self.seen.push((format!("{REPEATED}{native}"), String::new()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_version_kept_is_known_and_its_changes_are_noticed() {
        let entry = Entry { title: Some("Tea".into()), text: "hot".into(), ..Entry::default() };
        let (kept, now) = (former_hash(&entry), Imprint::of(&entry, "https://a.example/").kept());
        let of = |entry: &Entry, wanted| {
            let found = difference(&kept, entry, "https://a.example/", wanted);
            (found.news, found.keep)
        };
        assert_eq!(of(&entry, false), (false, now.clone()));
        assert_eq!(of(&entry, true), (false, now));
        let cold = Entry { text: "cold".into(), ..entry };
        assert_eq!(of(&cold, false), (false, kept.clone()), "it waits for whoever asks for changes");
        assert!(of(&cold, true).0);
    }
}
