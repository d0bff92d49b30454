//! Ids that stay: the same entry has the same id on every run and every machine (docs/record.md, "Ids").
//! In: the entries of one document and the guids that this source is known to repeat. Out: one id per entry.

use crate::feed::Entry;
use chrono::{DateTime, Utc};
use cm_record::{hash_id, item_id};
use cm_time::rfc3339;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

/// By what the entries of a source are told apart (`ids` of a `[[source]]`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Policy {
    /// The first that tells them apart in this document: guid, guid and address, address, content.
    #[default]
    Auto,
    /// The guid, also where it is repeated: what has one guid is one item.
    Guid,
    /// The address, whatever the guid says: for guids that change with every fetch.
    Url,
    /// Guid and address together: for guids that are given to several entries.
    #[serde(rename = "guid+url")]
    GuidUrl,
    /// Title, date and words: where neither guid nor address means anything.
    Content,
}

impl Policy {
    const NAMES: [(Policy, &str); 5] = [
        (Policy::Auto, "auto"),
        (Policy::Guid, "guid"),
        (Policy::Url, "url"),
        (Policy::GuidUrl, "guid+url"),
        (Policy::Content, "content"),
    ];

    /// As it is written in a list of sources, and kept in the store.
    pub(crate) fn name(self) -> &'static str {
        Policy::NAMES.iter().find(|(one, _)| *one == self).map_or("auto", |(_, name)| name)
    }

    /// As it was kept; what another version kept is `Auto`.
    pub(crate) fn named(name: &str) -> Policy {
        Policy::NAMES.iter().find(|(_, known)| *known == name).map_or(Policy::Auto, |(one, _)| *one)
    }
}

/// The identity of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The record's id.
    pub(crate) id: String,
    /// The id that it would have if its guid were repeated: whoever met it under one knows it under the other.
    pub(crate) alias: String,
    /// Its guid, when different entries carry it.
    pub(crate) repeated: Option<String>,
}

/// What an entry is told apart by. Of a document with tens of thousands of entries this is what is held of all of them.
#[derive(Clone, Debug)]
pub(crate) struct Name<'a> {
    native: Option<Cow<'a, str>>,
    url: Option<Cow<'a, str>>,
    title: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
    date: Option<DateTime<Utc>>,
    /// A network names it.
    is_social: bool,
}

impl<'a> Name<'a> {
    /// Of an entry that stays.
    pub(crate) fn of(entry: &'a Entry) -> Name<'a> {
        Name {
            native: entry.native.as_deref().map(Cow::Borrowed),
            url: entry.url.as_deref().map(Cow::Borrowed),
            title: entry.title.as_deref().map(Cow::Borrowed),
            text: Cow::Borrowed(&entry.text),
            date: entry.date(),
            is_social: entry.social.is_some(),
        }
    }

    /// Of an entry that is let go of: no longer than it has to be. Without `words` its text's hash stands for its text,
    /// unless its words may have to make an id.
    pub(crate) fn alone(entry: Entry, words: bool) -> Name<'static> {
        let exact = |text: String| Cow::Owned(String::from(text.into_boxed_str()));
        let (date, is_social) = (entry.date(), entry.social.is_some());
        let nameless = entry.native.is_none() && entry.url.is_none();
        let text = if words || nameless { entry.text } else { hash_id(&[&entry.text]) };
        Name {
            native: entry.native.map(exact),
            url: entry.url.map(exact),
            title: entry.title.map(exact),
            text: exact(text),
            date,
            is_social,
        }
    }
}

/// Names the entries of a document by a policy.
pub(crate) fn identify(
    source: &str,
    entries: &[Name<'_>],
    repeated: &HashSet<String>,
    policy: Policy,
) -> Vec<Identity> {
    match policy {
        _ if entries.iter().all(|entry| entry.is_social) => {
            entries.iter().map(|entry| named(source, entry)).collect()
        }
        Policy::Auto => layered(source, entries, repeated),
        _ => {
            let mut by_content = ByContent::new(source);
            entries.iter().map(|entry| told(source, entry, policy, &mut by_content)).collect()
        }
    }
}

/// By the policy of a person, and where what it asks for is missing by the next: guid, address, content.
fn told(source: &str, entry: &Name<'_>, policy: Policy, by_content: &mut ByContent) -> Identity {
    let guid = || entry.native.as_ref().map(|native| item_id(source, native));
    let url = || entry.url.as_ref().map(|url| item_id(source, url));
    let id = match policy {
        Policy::Content => None,
        Policy::Url => url().or_else(guid),
        Policy::GuidUrl if entry.native.is_some() && entry.url.is_some() => {
            entry.native.as_ref().map(|native| alias(source, native, entry))
        }
        _ => guid().or_else(url),
    };
    let id = id.unwrap_or_else(|| by_content.id(entry));
    Identity { alias: id.clone(), id, repeated: None }
}

/// Ids made of words, and how often each was made in this document.
struct ByContent<'a> {
    source: &'a str,
    ordinals: BTreeMap<String, u32>,
}

impl<'a> ByContent<'a> {
    fn new(source: &'a str) -> ByContent<'a> {
        ByContent { source, ordinals: BTreeMap::new() }
    }

    fn id(&mut self, entry: &Name<'_>) -> String {
        let date = entry.date.map(rfc3339).unwrap_or_default();
        let parts = [self.source, entry.title.as_deref().unwrap_or_default(), &date, &entry.text];
        let nth = self.ordinals.entry(hash_id(&parts)).or_default();
        *nth += 1;
        if *nth == 1 { hash_id(&parts) } else { hash_id(&[&parts[..], &[&nth.to_string()]].concat()) }
    }
}

/// A candidate id is taken when no different entry of the document has it too; the
/// candidates are, in order: guid, guid and address, address, content, content and ordinal.
fn layered(source: &str, entries: &[Name<'_>], repeated: &HashSet<String>) -> Vec<Identity> {
    let natives = ambiguous(entries, |entry| entry.native.as_deref());
    let pairs = ambiguous(entries, |entry| Some((entry.native.as_deref()?, entry.url.as_deref())));
    let urls = ambiguous(entries, |entry| entry.url.as_deref().filter(|_| entry.native.is_none()));
    let mut by_content = ByContent::new(source);
    // By hash: the ids themselves are held once.
    let (mut taken, hasher): (HashMap<u64, &Name<'_>>, _) = (HashMap::new(), RandomState::new());
    let mut identities = Vec::with_capacity(entries.len());
    for entry in entries {
        let repeats =
            entry.native.as_deref().filter(|native| natives.contains(native) || repeated.contains(*native));
        let candidate = match (entry.native.as_deref(), entry.url.as_deref()) {
            (Some(native), _) if repeats.is_none() => Some(item_id(source, native)),
            (Some(native), url) if !pairs.contains(&(native, url)) => Some(alias(source, native, entry)),
            (None, Some(url)) if !urls.contains(url) => Some(item_id(source, url)),
            _ => None,
        };
        // One entry's guid may be another's address.
        let free =
            candidate.filter(|id| taken.get(&hasher.hash_one(id)).is_none_or(|other| same(other, entry)));
        let id = free.unwrap_or_else(|| by_content.id(entry));
        taken.entry(hasher.hash_one(&id)).or_insert(entry);
        let alias =
            entry.native.as_deref().filter(|_| repeats.is_none()).map(|native| alias(source, native, entry));
        identities.push(Identity {
            alias: alias.unwrap_or_else(|| id.clone()),
            id,
            repeated: repeats.map(str::to_owned),
        });
    }
    identities
}

/// A network names its items itself, each once.
fn named(source: &str, entry: &Name<'_>) -> Identity {
    let id = item_id(source, entry.native.as_deref().unwrap_or_default());
    Identity { alias: id.clone(), id, repeated: None }
}

/// The id of an entry whose guid is repeated.
fn alias(source: &str, native: &str, entry: &Name<'_>) -> String {
    hash_id(&[source, native, entry.url.as_deref().unwrap_or_default()])
}

/// Whether two entries are copies of one.
fn same(a: &Name<'_>, b: &Name<'_>) -> bool {
    (&a.url, &a.title, &a.text) == (&b.url, &b.title, &b.text)
}

/// The keys that entries which differ have in common. Copies of one entry may share a key.
fn ambiguous<'a, K: std::hash::Hash + Eq + Copy>(
    entries: &'a [Name<'_>],
    key: impl Fn(&'a Name<'_>) -> Option<K>,
) -> HashSet<K> {
    let mut first: HashMap<K, &Name<'_>> = HashMap::new();
    let mut shared = HashSet::new();
    for entry in entries {
        let Some(key) = key(entry) else { continue };
        let other = first.entry(key).or_insert(entry);
        if !same(other, entry) {
            shared.insert(key);
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn identify(
        source: &str,
        entries: &[Entry],
        repeated: &HashSet<String>,
        policy: Policy,
    ) -> Vec<Identity> {
        let names: Vec<Name<'_>> = entries.iter().map(Name::of).collect();
        super::identify(source, &names, repeated, policy)
    }

    fn entry(native: &str, url: &str, text: &str) -> Entry {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Entry { native: some(native), url: some(url), text: text.into(), ..Entry::default() }
    }

    fn ids(entries: &[Entry]) -> Vec<String> {
        identify("https://a.example/feed", entries, &HashSet::new(), Policy::Auto)
            .into_iter()
            .map(|one| one.id)
            .collect()
    }

    #[test]
    fn the_layers_in_order() {
        let source = "https://a.example/feed";
        let found = ids(&[
            entry("tag:a.example,2026:1", "https://a.example/1", "x"),
            entry("4711", "https://a.example/2", "x"),
            entry("", "https://a.example/3?utm_source=x", "x"),
            entry("", "", "x"),
            entry("", "", "x"),
        ]);
        assert_eq!(found[0], "tag:a.example,2026:1");
        assert_eq!(found[1], hash_id(&[source, "4711"]));
        assert_eq!(found[2], "https://a.example/3?utm_source=x");
        assert_eq!(found[3], hash_id(&[source, "", "", "x"]));
        assert_eq!(found[4], hash_id(&[source, "", "", "x", "2"]));
    }

    #[test]
    fn a_repeated_guid_is_told_apart_by_its_address() {
        let source = "https://a.example/feed";
        let (a, b) = (entry("g", "https://a.example/1", "x"), entry("g", "https://a.example/2", "y"));
        let both = ids(&[a.clone(), b.clone()]);
        assert_eq!(
            both,
            [hash_id(&[source, "g", "https://a.example/1"]), hash_id(&[source, "g", "https://a.example/2"])]
        );
        // Met alone before, it is known again by its alias.
        let alone = identify(source, std::slice::from_ref(&a), &HashSet::new(), Policy::Auto);
        assert_eq!(alone[0].alias, both[0]);
        // Once known to be repeated, always told apart.
        let known = HashSet::from(["g".to_owned()]);
        assert_eq!(identify(source, &[b], &known, Policy::Auto)[0].id, both[1]);
        let copies = ids(&[a.clone(), a]);
        assert_eq!(copies[0], copies[1]);
    }

    #[test]
    fn a_person_says_what_tells_entries_apart() {
        let source = "https://a.example/feed";
        let one = entry("https://a.example/guid", "https://a.example/1", "x");
        let bare = entry("", "", "x");
        let by = |entry: &Entry, policy| {
            identify(source, std::slice::from_ref(entry), &HashSet::new(), policy).remove(0).id
        };
        assert_eq!(by(&one, Policy::Guid), "https://a.example/guid");
        assert_eq!(by(&one, Policy::Url), "https://a.example/1");
        assert_eq!(
            by(&one, Policy::GuidUrl),
            hash_id(&[source, "https://a.example/guid", "https://a.example/1"])
        );
        for policy in [Policy::Guid, Policy::Url, Policy::GuidUrl, Policy::Content] {
            assert_eq!(by(&bare, policy), hash_id(&[source, "", "", "x"]));
            assert_eq!(Policy::named(policy.name()), policy);
        }
        assert_eq!(by(&one, Policy::Content), by(&bare, Policy::Content));
        let both = [one.clone(), entry("https://a.example/guid", "https://a.example/2", "y")];
        let ids = identify(source, &both, &HashSet::new(), Policy::Guid);
        assert_eq!(ids[0], ids[1], "one guid, one item");
    }

    #[test]
    fn different_entries_never_share_an_id() {
        let found = ids(&[
            entry("g", "u:x", "1"),
            entry("g", "u:x", "2"),
            entry("", "u:y", "3"),
            entry("", "u:y", "4"),
        ]);
        assert_eq!(found.iter().collect::<HashSet<_>>().len(), 4, "{found:?}");
    }

    proptest! {
        #[test]
        fn ids_are_apart_and_do_not_depend_on_the_run(parts in proptest::collection::vec(("[ab]?", "[ab]?", "[ab]"), 0..8)) {
            let entries: Vec<Entry> = parts.iter().map(|(native, url, text)| entry(native, url, text)).collect();
            let found = ids(&entries);
            prop_assert_eq!(&found, &ids(&entries));
            for (i, a) in entries.iter().enumerate() {
                for (j, b) in entries.iter().enumerate().skip(i + 1) {
                    prop_assert!(found[i] != found[j] || same(&Name::of(a), &Name::of(b)));
                }
            }
        }
    }
}
