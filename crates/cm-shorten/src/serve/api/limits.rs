//! How often somebody may ask: a token bucket each, a bounded number of them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Buckets held at once; those that have filled up again are forgotten first.
const MOST: usize = 10_000;

/// Somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A token, by its name.
    Token(String),
    /// An address; of IPv6 the network that one customer has (/64).
    Address(IpAddr),
    /// All for whom there is no room.
    Others,
}

impl Who {
    /// Who asks from an address.
    pub fn at(address: IpAddr) -> Who {
        Who::Address(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
            v4 => v4,
        })
    }
}

/// The buckets.
#[derive(Debug, Default)]
pub struct Limits {
    buckets: Mutex<HashMap<Who, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Limits {
    /// Takes so much of a bucket that holds a minute's worth and fills evenly; `Err` is how long to wait.
    pub fn take(&self, who: Who, much: f64, per_minute: u32, now: Instant) -> Result<(), Duration> {
        let most = f64::from(per_minute);
        let refill = |bucket: &Bucket| {
            (bucket.left + now.saturating_duration_since(bucket.at).as_secs_f64() * most / 60.0).min(most)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&who) {
            buckets.retain(|_, bucket| refill(bucket) < most);
        }
        let who = if buckets.len() >= MOST && !buckets.contains_key(&who) { Who::Others } else { who };
        let bucket = buckets.entry(who).or_insert(Bucket { left: most, at: now });
        (bucket.left, bucket.at) = (refill(bucket), now);
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) * 60.0 / most));
        }
        bucket.left = (bucket.left - much).max(0.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Who {
        Who::at(address.parse().unwrap())
    }

    #[test]
    fn a_minutes_worth_at_once_and_then_evenly() {
        let (limits, begun) = (Limits::default(), Instant::now());
        let take = |ms| limits.take(at("192.0.2.1"), 1.0, 60, begun + Duration::from_millis(ms));
        assert!((0..60).all(|_| take(0).is_ok()));
        let wait = take(0).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert!(take(1001).is_ok() && take(1001).is_err());
        assert!(limits.take(at("192.0.2.2"), 1.0, 60, begun).is_ok(), "another one has another bucket");
    }

    #[test]
    fn one_customers_addresses_are_one_and_buckets_are_bounded() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        let (limits, now) = (Limits::default(), Instant::now());
        for n in 0..20_000u32 {
            let _ = limits.take(Who::Address(IpAddr::V4(n.into())), 1.0, 10, now);
        }
        assert!(limits.buckets.lock().unwrap().len() <= MOST + 1);
        let later = now + Duration::from_secs(3600);
        assert!(limits.take(at("203.0.113.7"), 1.0, 10, later).is_ok());
        assert_eq!(limits.buckets.lock().unwrap().len(), 1);
    }
}
