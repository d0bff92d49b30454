//! Who a visitor is, for one day and no longer: a hash keyed with a random salt. The salt lives in memory only and is
//! overwritten when the UTC day ends, so that no hash can be led back to an address, and nobody be followed from one
//! day to the next. A restart begins a new salt: who clicks before and after it counts twice.

use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::net::IpAddr;

const DAY_MS: i64 = 86_400_000;

/// Names visitors.
#[derive(Default)]
pub struct Visitors {
    day: Option<i64>,
    salt: [u8; 32],
}

impl Visitors {
    /// The name of a visitor on the day of an instant, 16 hex digits.
    pub fn name(&mut self, at_ms: i64, domain: &str, address: IpAddr, agent: &str) -> Result<String> {
        let day = at_ms.div_euclid(DAY_MS);
        if self.day != Some(day) {
            getrandom::fill(&mut self.salt)
                .map_err(|e| anyhow!("the system gives no random numbers: {e}"))?;
            self.day = Some(day);
        }
        let mut hash = Sha256::new_with_prefix(self.salt);
        for part in [domain, &address.to_canonical().to_string(), agent] {
            hash.update(part.as_bytes());
            hash.update([0x1F]);
        }
        Ok(hash.finalize()[..8].iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_visitor_has_one_name_a_day() {
        let mut visitors = Visitors::default();
        let mut name = |at_ms, address: &str, agent| {
            visitors.name(at_ms, "go.example", address.parse().unwrap(), agent).unwrap()
        };
        let monday = name(0, "203.0.113.9", "a");
        assert_eq!(monday.len(), 16);
        assert_eq!(name(DAY_MS - 1, "::ffff:203.0.113.9", "a"), monday);
        assert_ne!(name(0, "203.0.113.9", "b"), monday);
        assert_ne!(name(0, "203.0.113.8", "a"), monday);
        assert_ne!(name(DAY_MS, "203.0.113.9", "a"), monday);
        assert_ne!(name(0, "203.0.113.9", "a"), monday, "the salt of a day that is over is gone");
    }
}
