//! Codes of short links: random, counted, spelt in words or derived from the link, and the ones that people choose.

use crate::words::{ADJECTIVES, NOUNS};
use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};

/// Lower case and digits without vowels (no words come about) and without `l` (`1`); `0` has no `o` beside it.
const ALPHABET: &[u8; 30] = b"0123456789bcdfghjkmnpqrstvwxyz";
/// How long a code is at first: 30^6 are 729 million.
const SHORTEST: usize = 6;
/// After so many codes in a row that were taken, the next ones are one longer.
const PATIENCE: usize = 3;
/// Codes are as long as it takes that of so many possible ones at most one is a link: fewer are met by guessing.
const SPARSE: u64 = 100;
/// The most words in one.
const MOST_WORDS: usize = 6;
/// The longest code that is ever looked for.
pub const LONGEST: usize = 64;
/// What the server answers itself, or may one day, and what static hosts have at their root.
const RESERVED: [&str; 12] = [
    "api",
    "assets",
    "favicon",
    "health",
    "healthz",
    "index",
    "livez",
    "metrics",
    "readyz",
    "robots",
    "sitemap",
    "well-known",
];
/// What no code that we make up may hold once digits are read as the letters that they look like: stems without their
/// vowels, and words whose vowels digits can stand for.
const BARRED: &[&str] = &[
    "anus", "ass", "bastard", "bitch", "boob", "btch", "cnt", "cock", "coon", "cunt", "cvnt", "dck", "dick",
    "die", "fag", "fck", "fgt", "fuck", "fvck", "gas", "gook", "hate", "jap", "kike", "kkk", "nazi", "ngr",
    "nigg", "nzi", "paki", "penis", "piss", "porn", "prn", "rape", "sex", "shit", "sht", "tit", "tranny",
    "twat", "whor", "xxx",
];

/// How codes are made up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codes {
    /// Any.
    #[default]
    Random,
    /// Derived from the link's identity: the same in every store as long as nobody else has it.
    Derived,
    /// The next number: short, and anybody can guess the ones before.
    Sequence,
    /// Words: `brave-otter`.
    Words,
}

/// What a code is made up from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seed<'a> {
    /// What names the link.
    pub identity: &'a str,
    /// How many codes were tried for it and were taken.
    pub taken: usize,
    /// How many links there are.
    pub links: u64,
    /// A number that no other link has, for those that are counted.
    pub number: u64,
}

impl Codes {
    /// The code to try next; `None` for one that nobody wants to read.
    pub fn next(self, seed: Seed<'_>) -> Result<Option<String>> {
        let patience = seed.taken / PATIENCE;
        let code = match self {
            Codes::Random => random(digits(ALPHABET.len() as u64, SHORTEST, seed.links) + patience)?,
            Codes::Derived => derived(seed.identity, seed.taken),
            Codes::Sequence => counted(seed.number),
            // Each of these words was looked at: what joins two of them does not count.
            Codes::Words => {
                return words(digits(ADJECTIVES.len() as u64, 2, seed.links) + patience).map(Some);
            }
        };
        Ok((!is_barred(&code)).then_some(code))
    }
}

/// How many digits it takes, at least `fewest`, so that links are sparse among all numbers of that length.
fn digits(base: u64, fewest: usize, links: u64) -> usize {
    let wanted = links.saturating_mul(SPARSE);
    let room = |digits: usize| base.saturating_pow(u32::try_from(digits).unwrap_or(u32::MAX));
    (fewest..LONGEST).find(|digits| room(*digits) >= wanted).unwrap_or(LONGEST)
}

fn random(length: usize) -> Result<String> {
    let mut code = String::with_capacity(length);
    while code.len() < length {
        // 240 is the largest multiple of 30 in a byte: what lies above would favour the first digits.
        let bytes = random_bytes()?;
        let digits = bytes.iter().filter(|byte| **byte < 240).map(|byte| digit(*byte));
        code.extend(digits.take(length - code.len()));
    }
    Ok(code)
}

fn words(count: usize) -> Result<String> {
    let bytes = random_bytes()?;
    let mut chosen =
        bytes.iter().take(count.min(MOST_WORDS)).map(|byte| usize::from(*byte)).collect::<Vec<_>>();
    let noun = chosen.pop().unwrap_or_default();
    let words = chosen.into_iter().map(|at| ADJECTIVES[at % ADJECTIVES.len()]);
    Ok(words.chain(std::iter::once(NOUNS[noun % NOUNS.len()])).collect::<Vec<_>>().join("-"))
}

fn random_bytes() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("the system gives no random numbers: {e}"))?;
    Ok(bytes)
}

/// The first one is of the identity alone; each one after it is of the identity and how many there were.
fn derived(identity: &str, taken: usize) -> String {
    let mut hash = Sha256::new_with_prefix(identity.as_bytes());
    if taken > 0 {
        hash.update([0x1F]);
        hash.update(taken.to_string().as_bytes());
    }
    hash.finalize().iter().take(SHORTEST + taken / PATIENCE).map(|byte| digit(*byte)).collect()
}

/// A number in the digits of codes.
fn counted(mut number: u64) -> String {
    let base = ALPHABET.len() as u64;
    let mut code = Vec::new();
    while number > 0 || code.is_empty() {
        code.push(ALPHABET[usize::try_from(number % base).unwrap_or_default()]);
        number /= base;
    }
    code.iter().rev().map(|byte| char::from(*byte)).collect()
}

fn digit(byte: u8) -> char {
    char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
}

/// Whether a code that we made up must not come out.
fn is_barred(code: &str) -> bool {
    let read = |c: char| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    };
    let letters: String = code.chars().map(read).collect();
    BARRED.iter().any(|barred| letters.contains(barred)) || RESERVED.contains(&code)
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
        None if RESERVED.contains(&code) => {
            Err(format!("the server keeps {} for itself", RESERVED.join(", ")))
        }
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

    fn next(codes: Codes, seed: Seed<'_>) -> String {
        loop {
            if let Some(code) = codes.next(seed).unwrap() {
                return code;
            }
        }
    }

    #[test]
    fn random_codes_differ() {
        let codes: HashSet<String> = (0..1000).map(|_| next(Codes::Random, Seed::default())).collect();
        assert!(codes.len() >= 999 && codes.iter().all(|code| code.len() == 6 && check(code).is_ok()));
        let used: HashSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(used.len(), ALPHABET.len(), "every letter of the alphabet comes up");
    }

    #[test]
    fn codes_grow_with_what_is_there_and_with_each_few_that_were_taken() {
        let length = |links, taken| next(Codes::Random, Seed { links, taken, ..Seed::default() }).len();
        let full = 30u64.pow(6) / SPARSE;
        assert_eq!([length(full, 0), length(full + 1, 0), length(full * 30 + 1, 0)], [6, 7, 8]);
        assert_eq!([length(0, 2), length(0, 3), length(u64::MAX, 49)], [6, 7, 14 + 16]);
        let words =
            |links, taken| next(Codes::Words, Seed { links, taken, ..Seed::default() }).split('-').count();
        assert_eq!([words(163, 0), words(164, 0), words(0, 3), words(u64::MAX, 49)], [2, 3, 3, 6]);
    }

    #[test]
    fn derived_codes_are_stable_and_never_tried_twice() {
        let code = |identity, taken| derived(identity, taken);
        assert_eq!(code("a", 0), code("a", 0));
        assert_ne!(code("a", 0), code("b", 0));
        // Stores of the past hold them.
        assert_eq!(code("0123456789abcdef0123456789abcdef", 0), "2x973c");
        let all: HashSet<String> = (0..50).map(|taken| code("a", taken)).collect();
        assert_eq!(all.len(), 50);
    }

    #[test]
    fn counted_codes_are_short_and_each_number_has_its_own() {
        assert_eq!([0, 1, 29, 30, 900].map(counted), ["0", "1", "z", "10", "100"]);
        let all: HashSet<String> = (0..30_000).map(counted).collect();
        assert_eq!(all.len(), 30_000);
    }

    #[test]
    fn nobody_gets_a_code_to_be_ashamed_of() {
        for code in
            ["f4gbcd", "bc0ckd", "kkk", "xsh1t9", "5h17", "n4z1", "p0rn", "453x", "fck", "api", "healthz"]
        {
            assert!(is_barred(code), "{code}");
        }
        for code in ["k7qmtd", "bcdfgh", "123456", "0", "10"] {
            assert!(!is_barred(code), "{code}");
        }
        let barred = (0..20_000).filter(|_| is_barred(&random(6).unwrap())).count();
        assert!(barred < 400, "{barred} of 20,000: few codes are lost");
        assert!(BARRED.iter().all(|stem| stem.bytes().all(|b| b.is_ascii_lowercase())));
    }

    #[test]
    fn chosen_codes() {
        assert!(check("spring-sale_26").is_ok());
        for wrong in
            ["", "-x", "Sale", "a/b", "a b", "é", "..", "robots.txt", "api", "healthz", &"x".repeat(65)]
        {
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

        #[test]
        fn what_is_made_up_could_have_been_chosen(identity in ".{0,9}", taken in 0usize..50, links: u64, number: u64) {
            for codes in [Codes::Random, Codes::Derived, Codes::Sequence, Codes::Words] {
                if let Some(code) = codes.next(Seed { identity: &identity, taken, links, number }).unwrap() {
                    prop_assert_eq!(check(&code), Ok(()));
                }
            }
        }
    }
}
