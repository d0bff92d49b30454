//! What a run may spend where reading costs money. In: a bound, and the most that a question can cost, before it is asked.
//! Out: whether it may be asked. It is taken out before and what was not needed is put back after, so that runs side by
//! side stay within one bound, and an answer that is lost on the way counts as paid.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard};

/// An amount, in millionths of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub u64);

/// A million of them are a dollar.
const DOLLAR: u64 = 1_000_000;
/// Larger amounts are slips of the finger.
const LARGEST: u64 = 1_000_000;

impl Money {
    /// From dollars; `None` where they are no amount: negative, not a number, more than a million.
    pub fn dollars(dollars: f64) -> Option<Money> {
        let sane = dollars.is_finite() && (0.0..=LARGEST as f64).contains(&dollars);
        sane.then(|| Money((dollars * DOLLAR as f64).round() as u64))
    }

    /// So many times as much.
    pub fn times(self, count: u64) -> Money {
        Money(self.0.saturating_mul(count))
    }
}

impl FromStr for Money {
    type Err = String;

    /// `0.50`, `$0.50`.
    fn from_str(text: &str) -> Result<Money, String> {
        let amount = text.trim().trim_start_matches('$').parse().ok().and_then(Money::dollars);
        amount.ok_or_else(|| format!("{text:?} is no amount of US dollars, such as 0.50"))
    }
}

impl fmt::Display for Money {
    /// `$0.50`, `$0.005`: whole cents unless there is less.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / DOLLAR, self.0 % DOLLAR);
        let digits = format!("{rest:06}");
        let digits = digits.trim_end_matches('0');
        write!(f, "${whole}.{digits:0<2}")
    }
}

/// What all that share it may spend together; without a bound it only counts.
#[derive(Clone, Debug, Default)]
pub struct Purse(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    bound: Option<Money>,
    spent: Money,
}

impl PartialEq for Purse {
    fn eq(&self, other: &Purse) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Purse {}

impl Purse {
    /// One that holds so much.
    pub fn of(bound: Money) -> Purse {
        Purse(Arc::new(Mutex::new(Inner { bound: Some(bound), spent: Money(0) })))
    }

    /// Its bound, where it has one.
    pub fn bound(&self) -> Option<Money> {
        self.inner().bound
    }

    /// What may still be spent; `None` without a bound.
    pub fn left(&self) -> Option<Money> {
        let inner = self.inner();
        inner.bound.map(|bound| Money(bound.0.saturating_sub(inner.spent.0)))
    }

    /// What was spent at most.
    pub fn spent(&self) -> Money {
        self.inner().spent
    }

    /// Takes an amount out, if it is there.
    pub fn take(&self, amount: Money) -> bool {
        let mut inner = self.inner();
        let after = Money(inner.spent.0.saturating_add(amount.0));
        if inner.bound.is_some_and(|bound| after > bound) {
            return false;
        }
        inner.spent = after;
        true
    }

    /// Puts back what was taken out and not needed.
    pub fn put_back(&self, amount: Money) {
        let mut inner = self.inner();
        inner.spent = Money(inner.spent.0.saturating_sub(amount.0));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_as_people_write_them() {
        for (text, money, shown) in [
            ("0.50", 500_000, "$0.50"),
            ("$1", 1_000_000, "$1.00"),
            ("0.005", 5_000, "$0.005"),
            ("0", 0, "$0.00"),
            ("12.345678", 12_345_678, "$12.345678"),
        ] {
            let amount: Money = text.parse().unwrap();
            assert_eq!((amount, amount.to_string().as_str()), (Money(money), shown));
        }
        for none in ["", "-1", "nan", "inf", "1e9", "0,50", "five"] {
            assert!(none.parse::<Money>().is_err(), "{none}");
        }
    }

    #[test]
    fn a_purse_gives_no_more_than_it_holds() {
        let purse = Purse::of(Money(10));
        assert!(purse.take(Money(7)) && !purse.take(Money(4)) && purse.clone().take(Money(3)));
        purse.put_back(Money(5));
        assert_eq!((purse.left(), purse.spent()), (Some(Money(5)), Money(5)));
        let open = Purse::default();
        assert!(open.take(Money(u64::MAX)) && open.take(Money(1)));
        assert_eq!(open.left(), None);
    }

    proptest! {
        #[test]
        fn whatever_is_taken_and_put_back_the_bound_holds(steps in proptest::collection::vec((0u64..50, 0u64..50), 0..40)) {
            let purse = Purse::of(Money(100));
            for (take, back) in steps {
                if purse.take(Money(take)) {
                    purse.put_back(Money(back.min(take)));
                }
                prop_assert!(purse.spent() <= Money(100));
            }
        }
    }
}
