//! Questions that ask the same. In: what questions ask about, one after another. Out: groups, each with its words, its
//! items and how it was put. Two questions are alike by the share of their words that both have (Jaccard). The sets are
//! so small that they are compared as they are: MinHash would only guess at what is known. Memory for a fixed number.

use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many of the words of both must be words of each.
const ALIKE: f64 = 0.5;
/// And at least so many.
const SHARED: usize = 2;
/// Groups that are remembered; past that the smaller and older half is forgotten.
const GROUPS: usize = 20_000;
/// Items of a group that are named, ways of asking that are kept, and words that are counted.
const KEPT: (usize, usize, usize) = (100, 16, 64);
/// Items of a group that are known again when they come once more.
const KNOWN: usize = 2_000;

/// Words as numbers, in order: what is compared for every question is quick to compare.
type Numbers = Vec<u64>;

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
    /// The items, by the hashes of their ids.
    known: HashSet<u64>,
    /// The words of the first question, and those of `core`.
    first: Numbers,
    common: Numbers,
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
    fn alike(&self, said: &[u64]) -> f64 {
        let first = share(&self.first, said);
        // The first question of all is itself what all have in common.
        if self.count > 1 { first.max(share(&self.common, said)) } else { first }
    }

    /// Whether an item asks it already.
    fn is_of(&self, item: u64, id: &str) -> bool {
        self.last_item == item || self.known.contains(&number(id))
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
        self.common = numbers(&self.core);
        if self.count == 1 {
            self.first = numbers(&said);
        }
        if self.known.len() < KNOWN {
            self.known.insert(number(&asked.id));
        }
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
    share(&numbers(one), &numbers(two))
}

/// A text as a number; two texts have the same so seldom that nobody meets it.
fn number(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn numbers(words: &BTreeSet<String>) -> Numbers {
    let mut numbers: Numbers = words.iter().map(|word| number(word)).collect();
    numbers.sort_unstable();
    numbers
}

/// How many of the words of both are words of each: 0 to 1, 0 where they are fewer than `SHARED`.
fn share(one: &[u64], two: &[u64]) -> f64 {
    let (mut at, mut shared) = (0, 0);
    for word in two {
        at += one[at..].iter().take_while(|other| *other < word).count();
        shared += usize::from(one.get(at) == Some(word));
    }
    let all = one.len() + two.len() - shared;
    if shared < SHARED { 0.0 } else { shared as f64 / all as f64 }
}

/// The groups of a run.
#[derive(Default)]
pub struct Groups {
    /// In the order in which they were first asked.
    groups: Vec<Group>,
    /// The groups of whose first question a word is part, in order.
    by_word: HashMap<u64, Vec<usize>>,
    forgotten: u64,
}

impl Groups {
    /// Adds a question; an item that asks the same twice counts once. `item` tells items apart.
    pub fn add(&mut self, item: u64, question: String, said: BTreeSet<String>, asked: Asked) {
        let words = numbers(&said);
        let mut best: Option<(usize, f64)> = None;
        for at in self.near(&words) {
            let alike = self.groups[at].alike(&words);
            let better = |(first, most): (usize, f64)| alike > most || (alike == most && at < first);
            if alike >= ALIKE && best.is_none_or(better) {
                best = Some((at, alike));
            }
        }
        match best.map(|(at, _)| &mut self.groups[at]) {
            Some(group) if group.is_of(item, &asked.id) => {}
            Some(group) => group.add(item, question, said, asked),
            None => self.begin(item, question, said, asked),
        }
    }

    /// The groups that can be alike. Of two sets of which half of the words of both are in both, each has half of its
    /// words in the other, so one at least of its rarest half and one more: what every question names is not looked at.
    /// Some come more than once.
    fn near(&self, said: &[u64]) -> impl Iterator<Item = usize> {
        let groups = |word: &u64| self.by_word.get(word).map_or(&[][..], Vec::as_slice);
        let mut lists: Vec<&[usize]> = said.iter().map(groups).collect();
        lists.sort_by_key(|list| list.len());
        let needed = said.len().div_ceil(2).max(SHARED);
        lists.truncate((said.len() + 1).saturating_sub(needed));
        lists.into_iter().flatten().copied()
    }

    fn begin(&mut self, item: u64, question: String, said: BTreeSet<String>, asked: Asked) {
        if self.groups.len() >= GROUPS {
            self.forget();
        }
        let mut group = Group::default();
        group.add(item, question, said, asked);
        self.groups.push(group);
        self.index(self.groups.len() - 1);
    }

    /// Makes a group be found by the words of its first question.
    fn index(&mut self, at: usize) {
        for word in &self.groups[at].first {
            self.by_word.entry(*word).or_default().push(at);
        }
    }

    /// Forgets the half that was asked least often, of equal ones what was asked longest ago.
    fn forget(&mut self) {
        let rank = |(at, group): (usize, &Group)| (group.count, group.last_item, at);
        let mut order: Vec<_> = self.groups.iter().enumerate().map(rank).collect();
        order.sort_unstable();
        order.truncate(order.len() / 2);
        self.forgotten += order.iter().map(|(count, ..)| count).sum::<u64>();
        let gone: HashSet<usize> = order.into_iter().map(|(.., at)| at).collect();
        let mut at = 0..;
        self.groups.retain(|_| at.next().is_some_and(|at| !gone.contains(&at)));
        self.by_word.clear();
        (0..self.groups.len()).for_each(|at| self.index(at));
    }

    /// How many questions had to be forgotten for want of room.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// What was asked more than once, the most frequent first, of equal ones what was asked first.
    pub fn repeated(&self) -> Vec<&Group> {
        let mut repeated: Vec<&Group> = self.groups.iter().filter(|group| group.count > 1).collect();
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
    fn an_item_that_comes_again_counts_once_also_in_a_large_group() {
        let mut groups = Groups::default();
        for item in 0..600 {
            let asked = Asked { id: format!("i{}", item % 300), url: None, asker: None, at: None };
            groups.add(item, "q".to_owned(), ["ship", "norway"].map(str::to_owned).into(), asked);
        }
        assert_eq!(groups.repeated()[0].count, 300);
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
