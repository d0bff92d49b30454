//! Items that are known, but come under another id: a site that moved, a guid rewritten from http to https, one that is made
//! anew with every fetch. In: what a document holds and what was met. Out: which of its entries are which of those.
//!
//! Never at the price of a truly new item: only what is no longer in the document can have become something else, each
//! at most once, and by one of these:
//!
//! 1. its id is the known one with http for https, or with or without `www.`;
//! 2. address (on its site), date, title and words are those of the known one;
//! 3. nothing in the document is known by its id, and of three entries at least (or of both, where there are two)
//!    - address and date agree, and title or words;
//!    - or title and words, which say enough, and address or date;
//!    - or, where neither has a date, address, title and words.

use crate::content::Imprint;
use std::collections::{HashMap, HashSet};

/// So many entries at once make a change of ids.
const AT_ONCE: usize = 3;

/// An entry of the document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidate {
    /// Its id.
    pub(crate) id: String,
    /// Whether that, or what it would be told by otherwise, is known.
    pub(crate) known: bool,
    /// What it says; `None` where it is known, and of what is not looked at.
    pub(crate) imprint: Option<Imprint>,
    /// Whether its texts say enough to know it by.
    pub(crate) wordy: bool,
}

/// What was found.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Recognised {
    /// By place in the document: the key under which the entry was met, and what it said then.
    pub(crate) entries: HashMap<usize, (String, String)>,
    /// How many of them changed their ids at once (rule 3).
    pub(crate) at_once: usize,
}

/// Something that was met and is not in the document.
struct Gone<'a> {
    key: &'a str,
    kept: &'a str,
    imprint: Imprint,
}

/// Finds the entries that are known under another id.
pub(crate) fn recognise(
    candidates: &[Candidate],
    seen: &HashMap<String, String>,
    present: &HashSet<&str>,
) -> Recognised {
    let unknown = || candidates.iter().enumerate().filter(|(_, one)| !one.known && one.imprint.is_some());
    let mut found = Recognised::default();
    if seen.is_empty() || unknown().next().is_none() {
        return found;
    }
    let mut taken: HashSet<&str> = HashSet::new();
    for (n, candidate) in unknown() {
        let twin = twins(&candidate.id).into_iter().find_map(|twin| seen.get_key_value(&twin));
        if let Some((key, kept)) =
            twin.filter(|(key, _)| !present.contains(key.as_str()) && taken.insert(key))
        {
            found.entries.insert(n, (key.clone(), kept.clone()));
        }
    }
    let gone = Index::of(seen, present);
    let left = |found: &Recognised| {
        let left = unknown().filter(|(n, _)| !found.entries.contains_key(n)).map(|(n, _)| n);
        left.collect::<Vec<usize>>()
    };
    let sure = gone.claimed(candidates, &left(&found), &mut taken, certainly);
    found.entries.extend(sure);
    if candidates.iter().all(|one| !one.known) {
        let likely = gone.claimed(candidates, &left(&found), &mut taken, probably);
        let all = found.entries.len() + likely.len();
        if all >= AT_ONCE || (all > 1 && all == candidates.len()) {
            found.entries.extend(likely);
            found.at_once = all;
        }
    }
    found
}

type Rule = fn(&Candidate, &Imprint, &Imprint) -> bool;

fn certainly(_: &Candidate, now: &Imprint, before: &Imprint) -> bool {
    now.url != 0
        && now.date != 0
        && (now.url, now.date) == (before.url, before.date)
        && now.same_words(before)
}

fn probably(candidate: &Candidate, now: &Imprint, before: &Imprint) -> bool {
    let same_url = now.url != 0 && now.url == before.url;
    let same_date = now.date != 0 && now.date == before.date;
    let undated = now.date == 0 && before.date == 0;
    (same_url && same_date && (now.title == before.title || now.text == before.text))
        || (candidate.wordy && now.same_words(before) && (same_url || same_date))
        || (undated && same_url && now.same_words(before))
}

/// What was met and is gone, by address and by date.
struct Index<'a> {
    by_url: HashMap<u32, Vec<Gone<'a>>>,
    by_date: HashMap<u32, Vec<Gone<'a>>>,
}

impl<'a> Index<'a> {
    fn of(seen: &'a HashMap<String, String>, present: &HashSet<&str>) -> Index<'a> {
        let mut index = Index { by_url: HashMap::new(), by_date: HashMap::new() };
        let mut all: Vec<_> = seen.iter().filter(|(key, _)| !present.contains(key.as_str())).collect();
        // The same choice on every run, whatever the order of the table.
        all.sort();
        for (key, kept) in all {
            let Some(imprint) = Imprint::read(kept) else { continue };
            let gone = || Gone { key, kept, imprint };
            if imprint.url != 0 {
                index.by_url.entry(imprint.url).or_default().push(gone());
            }
            if imprint.date != 0 {
                index.by_date.entry(imprint.date).or_default().push(gone());
            }
        }
        index
    }

    /// What of the document is, by a rule, something that was met: each such thing once.
    fn claimed(
        &self,
        candidates: &[Candidate],
        places: &[usize],
        taken: &mut HashSet<&'a str>,
        rule: Rule,
    ) -> Vec<(usize, (String, String))> {
        let mut claimed = Vec::new();
        for n in places {
            let Some((candidate, now)) = candidates.get(*n).and_then(|one| Some((one, one.imprint?))) else {
                continue;
            };
            let fits = |one: &&Gone<'a>| !taken.contains(one.key) && rule(candidate, &now, &one.imprint);
            if let Some(one) = self.like(&now).find(fits) {
                claimed.push((*n, (one.key.to_owned(), one.kept.to_owned())));
                taken.insert(one.key);
            }
        }
        claimed
    }

    fn like(&self, now: &Imprint) -> impl Iterator<Item = &Gone<'a>> {
        self.by_url.get(&now.url).into_iter().chain(self.by_date.get(&now.date)).flatten()
    }
}

/// The same address with the other of http and https, and with and without `www.`.
fn twins(id: &str) -> Vec<String> {
    let Some((scheme, rest)) = id.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
    else {
        return Vec::new();
    };
    let bare = rest.strip_prefix("www.").unwrap_or(rest);
    let other = if scheme == "http" { "https" } else { "http" };
    let all =
        [(other, rest), (scheme, bare), (other, bare)].map(|(scheme, rest)| format!("{scheme}://{rest}"));
    let with = [scheme, other].map(|scheme| format!("{scheme}://www.{bare}"));
    all.into_iter().chain(with).filter(|twin| twin != id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imprint(url: u32, date: u32, title: u32, text: u32) -> Imprint {
        Imprint { url, date, title, text, ..Imprint::default() }
    }

    fn met(all: &[(&str, Imprint)]) -> HashMap<String, String> {
        all.iter().map(|(key, imprint)| ((*key).to_owned(), imprint.kept())).collect()
    }

    fn found(candidates: &[(&str, Imprint, bool)], seen: &HashMap<String, String>) -> Vec<Option<String>> {
        let candidates: Vec<Candidate> = candidates
            .iter()
            .map(|(id, imprint, wordy)| Candidate {
                id: (*id).to_owned(),
                known: seen.contains_key(*id),
                imprint: Some(*imprint),
                wordy: *wordy,
            })
            .collect();
        let present: HashSet<&str> = candidates.iter().map(|one| one.id.as_str()).collect();
        let found = recognise(&candidates, seen, &present);
        (0..candidates.len()).map(|n| found.entries.get(&n).map(|(key, _)| key.clone())).collect()
    }

    #[test]
    fn one_alone_is_known_only_when_everything_agrees() {
        let seen = met(&[("a", imprint(1, 1, 1, 1)), ("b", imprint(2, 2, 2, 2))]);
        let known = ("b", imprint(2, 2, 2, 2), true);
        assert_eq!(found(&[("x", imprint(1, 1, 1, 1), false), known], &seen)[0].as_deref(), Some("a"));
        for other in [imprint(1, 2, 1, 1), imprint(9, 1, 1, 1), imprint(1, 1, 9, 1), imprint(1, 1, 1, 9)] {
            assert_eq!(found(&[("x", other, true), known], &seen)[0], None);
        }
        // What still stands in the document has not become something else.
        assert_eq!(
            found(&[("x", imprint(1, 1, 1, 1), true), ("a", imprint(1, 1, 1, 1), true)], &seen)[0],
            None
        );
    }

    #[test]
    fn what_changes_at_once_is_known_by_less() {
        let seen = met(&[("a", imprint(1, 1, 1, 1)), ("b", imprint(2, 2, 2, 2)), ("c", imprint(3, 3, 3, 3))]);
        let moved = [
            ("x", imprint(1, 1, 1, 9), false),
            ("y", imprint(9, 2, 2, 2), true),
            ("new", imprint(8, 8, 8, 8), true),
            ("z", imprint(3, 9, 3, 3), true),
        ];
        let names =
            |all: Vec<Option<String>>| all.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>();
        assert_eq!(names(found(&moved, &seen)), ["a", "b", "", "c"]);
        assert_eq!(names(found(&moved[..3], &seen)), ["", "", ""], "two of three are not enough");
        assert_eq!(names(found(&moved[..2], &seen)), ["a", "b"]);
        let mut known = moved.to_vec();
        known.push(("c", imprint(3, 3, 3, 3), true));
        assert_eq!(names(found(&known, &seen)), ["", "", "", "", ""], "a known one shows that ids stay");
    }

    #[test]
    fn each_is_taken_once() {
        let seen = met(&[("a", imprint(1, 1, 1, 1))]);
        let same = imprint(1, 1, 1, 1);
        assert_eq!(found(&[("x", same, true), ("y", same, true)], &seen).iter().flatten().count(), 1);
    }

    #[test]
    fn other_spellings_of_an_address_are_one_id() {
        let seen = met(&[("http://www.a.example/1", imprint(1, 1, 1, 1))]);
        assert_eq!(
            found(&[("https://a.example/1", imprint(7, 7, 7, 7), true)], &seen)[0].as_deref(),
            Some("http://www.a.example/1")
        );
        assert!(twins("tag:a.example,2026:1").is_empty());
    }
}
