//! Record keys: TIDs (<https://atproto.com/specs/tid>), 13 characters that sort by time.
//! In: when a post was frozen and its id. Out: always the same key for the same post.

use chrono::{DateTime, Utc};

/// Base32 in an order that sorts as its numbers do.
const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// The key of a post. A TID is 53 bits of microseconds and 10 bits of a clock's number; `createdAt` has milliseconds, so
/// what is below them and the clock's number are taken from the post's id: posts that are frozen in the same millisecond
/// get different keys, but for one pair in a million.
pub(super) fn of(at: DateTime<Utc>, id: &str) -> String {
    let hash = fnv_1a(id.as_bytes());
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    let micros = (millis.saturating_mul(1000) + hash % 1000) & ((1 << 53) - 1);
    let clock = (hash / 1000) % 1024;
    encode(micros << 10 | clock)
}

fn encode(number: u64) -> String {
    (0..13).rev().map(|place| char::from(ALPHABET[(number >> (5 * place)) as usize % 32])).collect()
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv>): nothing secret hangs on it.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    /// `^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`, as the specification has it.
    fn is_tid(text: &str) -> bool {
        text.len() == 13
            && text.bytes().all(|b| ALPHABET.contains(&b))
            && ALPHABET[..16].contains(&text.as_bytes()[0])
    }

    #[test]
    fn the_specifications_zero() {
        assert_eq!(encode(0), "2222222222222");
        assert_eq!(encode(1), "2222222222223");
        assert_eq!(encode((1 << 63) - 1), "bzzzzzzzzzzzz", "63 bits");
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8, "the test vector of its authors");
    }

    #[test]
    fn posts_of_one_instant_have_keys_of_their_own() {
        let keys: BTreeSet<String> =
            (0..200).map(|n| of(at(1_795_338_000_000), &format!("urn:cm:post:{n}"))).collect();
        assert_eq!(keys.len(), 200);
    }

    proptest! {
        #[test]
        fn a_key_is_a_tid_and_sorts_by_time(millis in 0..4_000_000_000_000_i64, later in 1..1_000_000_i64, id in ".{0,40}") {
            let (one, two) = (of(at(millis), &id), of(at(millis + later), "urn:cm:post:2"));
            prop_assert!(is_tid(&one) && is_tid(&two), "{one} {two}");
            prop_assert!(one < two);
            prop_assert_eq!(one, of(at(millis), &id));
        }

        #[test]
        fn any_instant_has_one(seconds in -62_135_596_800_i64..253_402_300_800, id in ".*") {
            prop_assert!(is_tid(&of(DateTime::from_timestamp(seconds, 0).unwrap(), &id)));
        }
    }
}
