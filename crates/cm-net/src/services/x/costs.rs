//! What reading costs, and what may be spent.
//!
//! | thing | price | from |
//! |---|---|---|
//! | post | $0.005 | docs.x.com/x-api/getting-started/pricing, read in November 2026 |
//! | user | $0.010 | the same |
//! | media | $0.005 | the same |
//!
//! Charged per thing in an answer; what is read again within a day of UTC is charged once; failures are free. Whether things
//! that come along (`includes`) are charged is not said: they are counted, so that the true sum is never more than is told.
//! An account whose app belongs to it pays less for its own posts: `prices` in cm.toml says so.

use crate::services::members::{list, name};
use crate::services::{Account, Money, Purse};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard};

/// What a run may spend on an account where nobody says otherwise.
pub(super) const USUAL: Money = Money(500_000);
/// Pictures and films that a post has at most.
const MOST_MEDIA: u64 = 4;
/// The kinds of things, as answers and `prices` name them.
const KINDS: [(&str, &str, u64); 3] =
    [("data", "post", 5_000), ("users", "user", 10_000), ("media", "media", 5_000)];

/// Prices, bounds, and what was charged today.
pub(super) struct Costs {
    post: Money,
    user: Money,
    media: Money,
    /// The account's own bound.
    bound: Option<Purse>,
    /// The bound where there is no other.
    usual: Purse,
    charged: Mutex<Charged>,
}

/// Things that were charged on a day, as `p7`, `u7`, `m7`.
#[derive(Default)]
struct Charged {
    day: NaiveDate,
    things: HashSet<String>,
}

/// An amount that was taken out for a question.
pub(super) struct Taken<'a> {
    purses: Vec<&'a Purse>,
    amount: Money,
}

impl Costs {
    /// With the prices and the bound of an account.
    pub(super) fn of(account: &Account) -> Result<Costs, String> {
        let amount = |what: &str, dollars: f64| {
            Money::dollars(dollars).ok_or_else(|| format!("{what} = {dollars} is no amount of US dollars"))
        };
        let known = |name: &str| KINDS.iter().any(|(_, known, _)| *known == name);
        if let Some(other) = account.prices.keys().find(|name| !known(name)) {
            return Err(format!("prices knows no {other:?}: post, user, media"));
        }
        let price = |at: usize| {
            let (_, name, usual) = KINDS[at];
            account.prices.get(name).map_or(Ok(Money(usual)), |dollars| amount("a price", *dollars))
        };
        let bound = account.max_cost.map(|dollars| amount("max_cost", dollars)).transpose()?;
        Ok(Costs {
            post: price(0)?,
            user: price(1)?,
            media: price(2)?,
            bound: bound.map(Purse::of),
            usual: Purse::of(USUAL),
            charged: Mutex::default(),
        })
    }

    /// The most that a post can cost with all that comes along.
    pub(super) fn of_a_post(&self, with_author: bool) -> Money {
        let author = if with_author { self.user.0 } else { 0 };
        Money(self.post.0 + author + self.media.0 * MOST_MEDIA)
    }

    /// What a profile costs.
    pub(super) fn of_a_user(&self) -> Money {
        self.user
    }

    /// How many things of this price may be asked for.
    pub(super) fn affordable(&self, each: Money, run: &Purse) -> u64 {
        let left = self.purses(run).into_iter().filter_map(Purse::left).min();
        match left {
            _ if each.0 == 0 => u64::MAX,
            Some(left) => left.0 / each.0,
            None => u64::MAX,
        }
    }

    /// Takes an amount out of every purse, or out of none: then `Err` says how it stands.
    pub(super) fn take<'a>(&'a self, amount: Money, run: &'a Purse) -> Result<Taken<'a>, String> {
        let mut taken = Taken { purses: Vec::new(), amount };
        for purse in self.purses(run) {
            if !purse.take(amount) {
                taken.put_back(Money(0));
                return Err(self.too_much(amount, run));
            }
            taken.purses.push(purse);
        }
        Ok(taken)
    }

    /// Why something is not asked for.
    pub(super) fn too_much(&self, amount: Money, run: &Purse) -> String {
        let tightest = self.purses(run).into_iter().filter(|purse| purse.bound().is_some());
        let tightest = tightest.min_by_key(|purse| purse.left());
        let (left, bound) = tightest.map(|purse| (purse.left(), purse.bound())).unwrap_or_default();
        format!(
            "stopped: going on could cost {amount}, and {} of {} is left for this run (--max-cost, or max_cost of the account)",
            left.unwrap_or_default(),
            bound.unwrap_or_default()
        )
    }

    /// What the things in an answer cost that were not charged today.
    pub(super) fn charge(&self, answer: &Value, now: DateTime<Utc>) -> Money {
        let mut charged = self.charged(now);
        let mut sum = 0;
        for ((member, _, _), price) in KINDS.iter().zip([self.post, self.user, self.media]) {
            let things = if *member == "data" { &answer["data"] } else { &answer["includes"][*member] };
            for thing in list(things) {
                let id = name(&thing["id"]).or_else(|| name(&thing["media_key"])).unwrap_or_default();
                if charged.things.insert(format!("{member}{id}")) {
                    sum += price.0;
                }
            }
        }
        Money(sum)
    }

    /// Says that things were charged on a day by an earlier run.
    pub(super) fn remember(&self, day: NaiveDate, things: &[String], now: DateTime<Utc>) {
        if day == now.date_naive() {
            self.charged(now).things.extend(things.iter().cloned());
        }
    }

    fn charged(&self, now: DateTime<Utc>) -> MutexGuard<'_, Charged> {
        let mut charged = self.charged.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if charged.day != now.date_naive() {
            *charged = Charged { day: now.date_naive(), things: HashSet::new() };
        }
        charged
    }

    fn purses<'a>(&'a self, run: &'a Purse) -> Vec<&'a Purse> {
        let usual = (run.bound().is_none() && self.bound.is_none()).then_some(&self.usual);
        [Some(run), self.bound.as_ref(), usual].into_iter().flatten().collect()
    }
}

impl Taken<'_> {
    /// Puts back what was not needed.
    pub(super) fn put_back(&self, needed: Money) {
        let rest = Money(self.amount.0.saturating_sub(needed.0));
        self.purses.iter().for_each(|purse| purse.put_back(rest));
    }
}
