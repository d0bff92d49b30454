//! Codes of short links: random or derived from the link, and the ones that people choose.

use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};

/// Lower case and digits without vowels (no words come about) and without `l` (`1`); `0` has no `o` beside it.
const ALPHABET: &[u8; 30] = b"0123456789bcdfghjkmnpqrstvwxyz";
/// How long a code is at first: 30^6 are 729 million.
const SHORTEST: usize = 6;
/// After so many codes in a row that were taken, the next ones are one longer.
const PATIENCE: usize = 3;
/// The longest code that is ever looked for.
pub const LONGEST: usize = 64;

/// How codes are made up.
#[derive(Clone, Copy, Debug)]
pub enum Codes {
    /// Any.
    Random,
    /// Derived from the link's identity, a character longer each time.
    Derived,
}

impl Codes {
    /// The code to try after `taken` were taken; `identity` names the link.
    pub fn next(&self, identity: &str, taken: usize) -> Result<String> {
        match self {
            Codes::Random => random(SHORTEST + taken / PATIENCE),
            Codes::Derived => Ok(derived(identity, SHORTEST + taken)),
        }
    }
}

fn random(length: usize) -> Result<String> {
    let mut code = String::with_capacity(length);
    while code.len() < length {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|e| anyhow!("the system gives no random numbers: {e}"))?;
        // 240 is the largest multiple of 30 in a byte: what lies above would favour the first digits.
        let digits = bytes.iter().filter(|byte| **byte < 240).map(|byte| digit(*byte));
        code.extend(digits.take(length - code.len()));
    }
    Ok(code)
}

fn derived(identity: &str, length: usize) -> String {
    Sha256::digest(identity.as_bytes()).iter().cycle().take(length).map(|byte| digit(*byte)).collect()
}

fn digit(byte: u8) -> char {
    char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
}

/// Checks a code that a person chose; the error says what is wrong with it.
pub fn check(code: &str) -> Result<(), String> {
    if code.is_empty() || code.len() > LONGEST {
        return Err(format!("a code has 1 to {LONGEST} characters"));
    }
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match code.chars().find(|c| !good(*c)) {
        Some(' ') => Err("a code holds a-z, 0-9, - and _, no blank".to_owned()),
        Some(c) => Err(format!("a code holds a-z, 0-9, - and _, not {c:?}")),
        None if code.chars().any(|c| c.is_ascii_uppercase()) => {
            Err("write the code in lower case: visitors may type it in any".to_owned())
        }
        None if code.starts_with('-') => Err("a code does not begin with -".to_owned()),
        None => Ok(()),
    }
}

/// What may be meant by a code as typed, in the order in which to look: the very code, one in lower case, one with `0`
/// typed as `o` or `1` as `i` or `l`.
pub fn meant(typed: &str) -> [String; 3] {
    [typed.to_owned(), typed.to_ascii_lowercase(), forgive(typed)]
}

fn forgive(typed: &str) -> String {
    let fold = |c: char| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    typed.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn random_codes_differ_and_grow() {
        let codes: HashSet<String> = (0..1000).map(|_| Codes::Random.next("", 0).unwrap()).collect();
        assert!(codes.len() >= 999 && codes.iter().all(|code| code.len() == 6 && check(code).is_ok()));
        let used: HashSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(used.len(), ALPHABET.len(), "every letter of the alphabet comes up");
        assert_eq!(Codes::Random.next("", 7).unwrap().len(), 8);
    }

    #[test]
    fn derived_codes_are_stable_and_never_tried_twice() {
        assert_eq!(Codes::Derived.next("a", 0).unwrap(), Codes::Derived.next("a", 0).unwrap());
        assert_ne!(Codes::Derived.next("a", 0).unwrap(), Codes::Derived.next("b", 0).unwrap());
        for taken in 0..20 {
            assert_ne!(
                Codes::Derived.next("a", taken).unwrap(),
                Codes::Derived.next("a", taken + 1).unwrap()
            );
        }
    }

    #[test]
    fn chosen_codes() {
        assert!(check("spring-sale_26").is_ok());
        for wrong in ["", "-x", "Sale", "a/b", "a b", "é", "..", &"x".repeat(65)] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert_eq!(forgive("K7QmOl"), "k7qm01");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_a_path_segment(code in ".{0,70}") {
            if check(&code).is_ok() {
                let joined = url::Url::parse("http://h.example/").unwrap().join(&code).unwrap();
                prop_assert_eq!(joined.path(), format!("/{code}"));
            }
        }
    }
}
