//! Items: who needs an answer and since when, what was answered, what the searches found.

use super::Pair;
use crate::inputs::Seen;
use crate::period::Period;
use std::collections::{BTreeMap, HashMap};

/// Items that need an answer, answers, and searches held at most.
const MOST: usize = 100_000;
const MOST_SEARCHES: usize = 1_000;

/// So far may our clock be from that of a network, in milliseconds.
const CLOCKS: u64 = 600_000;

/// An item as the store or a record tells it.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// The account or feed.
    pub source: String,
    /// Its number in the inbox.
    pub number: Option<i64>,
    /// `comment`, `mention`, `article` ...
    pub kind: String,
    /// `answer` or `read`; `None` when no inbox has seen it.
    pub lane: Option<String>,
    /// `open`, `answered`, `done` ...; `None` when no inbox has seen it.
    pub state: Option<String>,
    /// Its title or the beginning of its text.
    pub title: String,
    /// Whether it is for few people, so that its words are nobody else's business.
    pub private: bool,
    /// Its page.
    pub url: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<String>,
    /// Whether we wrote it.
    pub own: bool,
    /// When it was published.
    pub published_ms: Option<i64>,
    /// When the inbox took it.
    pub taken_ms: Option<i64>,
    /// When it was answered.
    pub answered_ms: Option<i64>,
    /// The searches that found it.
    pub searches: Vec<String>,
}

impl Item {
    /// Published, else taken in.
    fn at_ms(&self) -> Option<i64> {
        self.published_ms.or(self.taken_ms)
    }

    fn needs_answer(&self) -> bool {
        match &self.lane {
            Some(lane) => lane == "answer",
            None => matches!(self.kind.as_str(), "comment" | "reply" | "mention" | "message" | "review"),
        }
    }
}

/// An item that needs, or needed, an answer.
#[derive(Clone, Debug)]
pub struct Need {
    /// The item.
    pub item: Item,
    /// When its author began to wait.
    pub asked_ms: i64,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered after so many seconds, where that is known.
    Answered(Option<i64>),
    /// Its author has waited for so many seconds.
    Waiting(i64),
    /// Closed without an answer, which a person decided.
    Closed,
}

/// What is known of items.
#[derive(Debug, Default)]
pub struct Items {
    /// By id.
    needs: BTreeMap<String, Need>,
    /// The first answer of ours to an item, where it stands.
    answers: HashMap<String, i64>,
    /// When posts that answer an item were published.
    said: Times,
    /// When replies of ours that nobody sees were published.
    unseen: Times,
    /// Items of others published in the period.
    pub count: Pair,
    /// The same by day of the report.
    pub by_day: Vec<u64>,
    /// Items of the period by search and day of the report.
    pub searches: BTreeMap<String, Vec<u64>>,
    /// Found by search in the period and before.
    pub mentions: BTreeMap<String, Pair>,
    /// The earliest item met.
    pub first_ms: Option<i64>,
    /// True when there were more than could be held.
    pub full: bool,
}

/// Times by item, so many as can be held.
#[derive(Debug, Default)]
struct Times {
    by_item: HashMap<String, Vec<i64>>,
    count: usize,
}

impl Times {
    /// Adds one; whether there was room for it.
    fn add(&mut self, id: &str, at_ms: i64) -> bool {
        if self.of(id).contains(&at_ms) {
            return true;
        }
        let has_room = self.count < MOST;
        if has_room {
            self.by_item.entry(id.to_owned()).or_default().push(at_ms);
            self.count += 1;
        }
        has_room
    }

    fn of(&self, id: &str) -> &[i64] {
        self.by_item.get(id).map_or(&[], Vec::as_slice)
    }
}

impl Items {
    /// Takes an item, once by its id.
    pub fn take(&mut self, item: Item, period: &Period, seen: &mut Seen) {
        let Some(at) = item.at_ms() else { return };
        if item.own {
            if let Some(parent) = &item.in_reply_to {
                self.answer(parent, at);
            }
            return;
        }
        self.first_ms = Some(self.first_ms.map_or(at, |first| first.min(at)));
        let (now, before) = (period.span.contains(at), period.in_compare(at));
        if now || before {
            if seen.is_first(("item", &item.id)) {
                self.count.add(Pair { now: u64::from(now), before: u64::from(before) });
                self.by_day.resize(period.days.len(), 0);
                if let Some(count) = period.days.index_of(at).and_then(|day| self.by_day.get_mut(day)) {
                    *count += u64::from(now);
                }
            } else {
                seen.repeats += 1;
            }
        }
        if let Some(day) = period.days.index_of(at).filter(|_| now || before) {
            for search in &item.searches {
                if seen.is_first(("search", search, &item.id)) {
                    self.mention(search, day, now, before, period.days.len());
                }
            }
        }
        if item.needs_answer() && (now || before || item.state.is_some()) {
            self.need(item, at);
        }
    }

    fn mention(&mut self, search: &str, day: usize, now: bool, before: bool, days: usize) {
        let known = self.searches.contains_key(search);
        let name = if known || self.searches.len() < MOST_SEARCHES { search } else { "(others)" };
        if let Some(count) =
            self.searches.entry(name.to_owned()).or_insert_with(|| vec![0; days]).get_mut(day)
        {
            *count += u64::from(now);
        }
        let pair = self.mentions.entry(name.to_owned()).or_default();
        pair.now += u64::from(now);
        pair.before += u64::from(before);
    }

    /// Of two tellings of one item, the one that an inbox has seen stands; an answer is never forgotten.
    fn need(&mut self, item: Item, asked_ms: i64) {
        if let Some(answered) = item.answered_ms {
            self.answer(&item.id, answered);
        }
        let is_full = self.needs.len() >= MOST;
        match self.needs.get_mut(&item.id) {
            Some(known) if known.item.state.is_none() && item.state.is_some() => known.item = item,
            Some(_) => {}
            None if is_full => self.full = true,
            None => {
                self.needs.insert(item.id.clone(), Need { item, asked_ms });
            }
        }
    }

    /// An answer of ours to the item with this id.
    pub fn answer(&mut self, id: &str, at_ms: i64) {
        if let Some(first) = self.answers.get_mut(id) {
            *first = at_ms.min(*first);
        } else if self.answers.len() < MOST {
            self.answers.insert(id.to_owned(), at_ms);
        } else {
            self.full = true;
        }
    }

    /// A post that answers the item with this id was published: an answer, unless our reply was seen where it stands.
    pub fn said(&mut self, id: &str, at_ms: i64) {
        self.full |= !self.said.add(id, at_ms);
    }

    /// Nobody sees a reply of ours to the item with this id: the post that made it answers nobody.
    pub fn unseen(&mut self, id: &str, at_ms: i64) {
        self.full |= !self.unseen.add(id, at_ms);
    }

    /// When an item was answered first: as our replies say themselves, else as those posts do that were not seen to be
    /// held or deleted.
    fn answered_ms(&self, id: &str) -> Option<i64> {
        let is_seen = |at: &&i64| !self.unseen.of(id).iter().any(|unseen| unseen.abs_diff(**at) <= CLOCKS);
        self.answers.get(id).copied().or_else(|| self.said.of(id).iter().filter(is_seen).min().copied())
    }

    /// Every item that needs, or needed, an answer, and what became of it by `now_ms`.
    pub fn needs(&self, now_ms: i64) -> impl Iterator<Item = (&Need, Outcome)> {
        self.needs.values().map(move |need| (need, self.outcome(need, now_ms)))
    }

    fn outcome(&self, need: &Need, now_ms: i64) -> Outcome {
        let seconds_until = |ms: i64| (ms.saturating_sub(need.asked_ms) / 1000).max(0);
        if let Some(answered) = self.answered_ms(&need.item.id).filter(|at| *at <= now_ms) {
            return Outcome::Answered(Some(seconds_until(answered)));
        }
        match need.item.state.as_deref() {
            Some("answered") => Outcome::Answered(None),
            Some("done" | "muted") => Outcome::Closed,
            _ => Outcome::Waiting(seconds_until(now_ms)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn outcome(state: Option<&str>, answers: &[i64]) -> Option<Outcome> {
        let period = Period::of_days(29);
        let asked = period.now_ms - 60 * MINUTE;
        let (mut items, mut seen) = (Items::default(), Seen::default());
        let item =
            Item { id: "a".into(), kind: "comment".into(), published_ms: Some(asked), ..Item::default() };
        items.take(Item { state: state.map(str::to_owned), ..item }, &period, &mut seen);
        for minute in answers {
            items.answer("a", asked + minute * MINUTE);
        }
        items.needs(period.now_ms).next().map(|(_, outcome)| outcome)
    }

    #[test]
    fn the_first_answer_counts_whatever_the_state_says() {
        assert_eq!(outcome(None, &[]), Some(Outcome::Waiting(3600)));
        assert_eq!(outcome(Some("later"), &[]), Some(Outcome::Waiting(3600)));
        assert_eq!(outcome(Some("open"), &[30, 10]), Some(Outcome::Answered(Some(600))));
        assert_eq!(outcome(Some("done"), &[30]), Some(Outcome::Answered(Some(1800))));
        assert_eq!(outcome(Some("done"), &[]), Some(Outcome::Closed));
        assert_eq!(outcome(Some("answered"), &[]), Some(Outcome::Answered(None)));
        // An answer of the future (a clock that is wrong) is none yet.
        assert_eq!(outcome(None, &[90]), Some(Outcome::Waiting(3600)));
    }

    #[test]
    fn our_own_words_and_articles_wait_for_nobody() {
        let period = Period::of_days(29);
        let (mut items, mut seen) = (Items::default(), Seen::default());
        let at = Some(period.now_ms - MINUTE);
        let item = |id: &str, kind: &str, own| Item {
            id: id.into(),
            kind: kind.into(),
            own,
            published_ms: at,
            ..Item::default()
        };
        items.take(item("a", "comment", true), &period, &mut seen);
        items.take(item("b", "article", false), &period, &mut seen);
        items.take(Item { published_ms: None, ..item("c", "comment", false) }, &period, &mut seen);
        assert_eq!((items.needs(period.now_ms).count(), items.count.now), (0, 1));
    }
}
