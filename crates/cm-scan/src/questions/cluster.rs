//! Questions that ask the same. In: what questions ask about, one after another. Out: groups, each with its words, its
//! items and how it was put. Two questions are alike by the share of their words that both have (Jaccard). The sets are
//! so small that they are compared as they are: MinHash would only guess at what is known. Memory for a fixed number.

use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many of the words of both must be words of each.
const ALIKE: f64 = 0.5;
/// And at least so many.
const SHARED: usize = 2;
/// Groups that are remembered; past that the smaller and older half is forgotten.
const GROUPS: usize = 20_000;
/// Items of a group that are named, ways of asking that are kept, and words that are counted.
const KEPT: (usize, usize, usize) = (100, 16, 64);

/// Who asked, and where.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The item's id.
    pub id: String,
    /// Its permalink.
    pub url: Option<String>,
    /// Who wrote it, where that is known.
    pub asker: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// Questions that ask the same.
#[derive(Debug, Default)]
pub struct Group {
    /// How many items ask it.
    pub count: u64,
    /// Those items, the first hundred.
    pub items: Vec<Asked>,
    /// When it was first and last asked.
    pub times: Option<(DateTime<Utc>, DateTime<Utc>)>,
    words: BTreeMap<String, u64>,
    /// The words that at least half of the questions have.
    core: BTreeSet<String>,
    ways: Vec<(String, BTreeSet<String>)>,
    last_item: u64,
}

impl Group {
    /// The words that at least half of the questions have.
    pub fn words(&self) -> &BTreeSet<String> {
        &self.core
    }

    /// How it was put most typically: the way whose words are most the words of all; of equal ones the shorter.
    pub fn question(&self) -> &str {
        let typical = |way: &&(String, BTreeSet<String>)| (jaccard(&way.1, &self.core) * 1e6) as u64;
        let best = self.ways.iter().min_by_key(|way| (std::cmp::Reverse(typical(way)), way.0.len()));
        best.map(|way| way.0.as_str()).unwrap_or_default()
    }

    /// How alike a question and this group are: the better of the first way it was put and what they have in common.
    fn alike(&self, said: &BTreeSet<String>) -> f64 {
        let first = self.ways.first().map_or(0.0, |way| jaccard(&way.1, said));
        // The first question of all is itself what all have in common.
        if self.count > 1 { first.max(jaccard(&self.core, said)) } else { first }
    }

    fn names(&self, id: &str) -> bool {
        self.items.iter().any(|item| item.id == id)
    }

    fn add(&mut self, item: u64, question: String, said: BTreeSet<String>, asked: Asked) {
        self.last_item = item;
        self.count += 1;
        for word in &said {
            if self.words.len() < KEPT.2 || self.words.contains_key(word) {
                *self.words.entry(word.clone()).or_default() += 1;
            }
        }
        let common = self.words.iter().filter(|(_, count)| **count * 2 >= self.count);
        self.core = common.map(|(word, _)| word.clone()).collect();
        if let Some(at) = asked.at {
            let (first, last) = self.times.unwrap_or((at, at));
            self.times = Some((first.min(at), last.max(at)));
        }
        if self.ways.len() < KEPT.1 {
            self.ways.push((question, said));
        }
        if self.items.len() < KEPT.0 {
            self.items.push(asked);
        }
    }
}

fn jaccard(one: &BTreeSet<String>, two: &BTreeSet<String>) -> f64 {
    let shared = one.intersection(two).count();
    let all = one.len() + two.len() - shared;
    if shared < SHARED { 0.0 } else { shared as f64 / all as f64 }
}

/// The groups of a run.
#[derive(Default)]
pub struct Groups {
    groups: BTreeMap<u64, Group>,
    /// The groups of whose first question a word is part.
    by_word: HashMap<String, Vec<u64>>,
    next: u64,
    forgotten: u64,
}

impl Groups {
    /// Adds a question; an item that asks the same twice counts once. `item` tells items apart.
    pub fn add(&mut self, item: u64, question: String, said: BTreeSet<String>, asked: Asked) {
        let mut best: Option<(u64, f64)> = None;
        for number in self.near(&said) {
            let alike = self.groups.get(&number).map_or(0.0, |group| group.alike(&said));
            if alike >= ALIKE && best.is_none_or(|(_, most)| alike > most) {
                best = Some((number, alike));
            }
        }
        match best.and_then(|(number, _)| self.groups.get_mut(&number)) {
            Some(group) if group.last_item == item || group.names(&asked.id) => {}
            Some(group) => group.add(item, question, said, asked),
            None => self.begin(item, question, said, asked),
        }
    }

    /// The groups that can be alike. Of two sets of which half of the words of both are in both, each has half of its
    /// words in the other, so one at least of its rarest half and one more: what every question names is not looked at.
    fn near(&self, said: &BTreeSet<String>) -> BTreeSet<u64> {
        let groups = |word: &String| self.by_word.get(word).map_or(&[][..], Vec::as_slice);
        let mut lists: Vec<&[u64]> = said.iter().map(groups).collect();
        lists.sort_by_key(|list| list.len());
        let needed = said.len().div_ceil(2).max(SHARED);
        lists.truncate((said.len() + 1).saturating_sub(needed));
        lists.into_iter().flatten().copied().collect()
    }

    fn begin(&mut self, item: u64, question: String, said: BTreeSet<String>, asked: Asked) {
        if self.groups.len() >= GROUPS {
            self.forget();
        }
        for word in &said {
            self.by_word.entry(word.clone()).or_default().push(self.next);
        }
        let mut group = Group::default();
        group.add(item, question, said, asked);
        self.groups.insert(self.next, group);
        self.next += 1;
    }

    /// Forgets the half that was asked least often, of equal ones what was asked longest ago.
    fn forget(&mut self) {
        let mut order: Vec<(u64, u64, u64)> =
            self.groups.iter().map(|(number, group)| (group.count, group.last_item, *number)).collect();
        order.sort_unstable();
        order.truncate(order.len() / 2);
        for (count, _, number) in order {
            self.forgotten += count;
            self.groups.remove(&number);
        }
        let groups = &self.groups;
        self.by_word.retain(|_, numbers| {
            numbers.retain(|number| groups.contains_key(number));
            !numbers.is_empty()
        });
    }

    /// How many questions had to be forgotten for want of room.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// What was asked more than once, the most frequent first, of equal ones what was asked first.
    pub fn repeated(&self) -> Vec<&Group> {
        let mut repeated: Vec<&Group> = self.groups.values().filter(|group| group.count > 1).collect();
        repeated.sort_by_key(|group| std::cmp::Reverse(group.count));
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(groups: &mut Groups, item: u64, question: &str) {
        let said = question.split_whitespace().map(str::to_owned).collect();
        let asked = Asked { id: format!("i{item}"), url: None, asker: None, at: None };
        groups.add(item, question.to_owned(), said, asked);
    }

    #[test]
    fn an_item_counts_once_and_the_typical_way_stands_for_all() {
        let mut groups = Groups::default();
        for (item, question) in [
            (1, "descale machine often"),
            (1, "machine descale"),
            (2, "descale machine"),
            (3, "machine old descale"),
            (4, "ship norway"),
            (3, "descale machine again"),
        ] {
            add(&mut groups, item, question);
        }
        let repeated = groups.repeated();
        assert_eq!(repeated.len(), 1);
        assert_eq!((repeated[0].count, repeated[0].question()), (3, "descale machine"));
        assert!(repeated[0].words().iter().eq(["descale", "machine"]));
    }

    #[test]
    fn what_was_asked_seldom_is_forgotten_first() {
        let mut groups = Groups::default();
        for item in 0..3 {
            add(&mut groups, item, "ship norway");
        }
        for item in 3..GROUPS as u64 + 10 {
            add(&mut groups, item, &format!("a{item} b{item}"));
        }
        assert!(groups.groups.len() <= GROUPS);
        assert_eq!(groups.forgotten(), GROUPS as u64 / 2);
        add(&mut groups, 99_999, "norway ship");
        assert_eq!(groups.repeated().iter().map(|group| group.count).collect::<Vec<_>>(), [4]);
    }
}
