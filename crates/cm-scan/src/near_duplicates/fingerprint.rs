//! What is remembered of an item to know it again. In: a record. Out: sketches of its running words, of its numbers and
//! of its title; nothing of an item that is no copy whatever it says.

use super::sketch::Sketch;
use crate::document::Document;
use cm_record::Record;
use cm_text::{find_links, fold, words};

/// Fewer words than this say too little to be somebody's text: "thanks!", "great post".
const FEWEST_WORDS: usize = 8;
/// From so many words on the text stands for itself; under it the title belongs to it.
const OWN_TEXT: usize = 24;
/// Words in a row that are compared as one.
const SHINGLE: usize = 3;
/// So many hashes of a text are kept, of its numbers and of its title.
const KEPT: (usize, usize, usize) = (128, 32, 32);
/// Bytes of a text that are looked at.
const LOOKED_AT: usize = 64 << 10;
/// From so many shingles of the shorter on, one text may stand within the other; under it the two must be alike.
const ARTICLE: usize = 32;
/// How much of the shorter article must stand in the longer, and how much shorter it may be.
const ARTICLE_SHARE: f64 = 0.7;
const ARTICLE_LENGTH: f64 = 0.3;
/// How much of all that two short texts say together must be said by both (Jaccard).
const SHORT_SHARE: f64 = 0.8;
/// How many of the numbers of the one with fewer must stand in the other; of short texts all of them.
const ARTICLE_NUMBERS: f64 = 0.75;
/// How many words of the shorter title must stand in the other, where both come from one source.
const TITLE_SHARE: f64 = 0.5;

/// An item as it is remembered.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    /// Its id.
    pub id: String,
    shingles: Sketch,
    numbers: Sketch,
    title: Sketch,
    source: u64,
    /// Of what somebody may wait for an answer to: who wrote it.
    asker: Option<u64>,
}

impl Fingerprint {
    /// What is remembered of a record; `None` where it cannot be a copy: too short, ours, a draft, or a thing to do.
    pub fn of(record: &Record) -> Option<Fingerprint> {
        let document = Document::of(record);
        let meta = document.meta();
        if meta.own || meta.draft || meta.action.is_some() {
            return None;
        }
        let text =
            |text: Option<&crate::document::Text>| text.map(|text| hashes(&text.text)).unwrap_or_default();
        let title = text(document.title());
        let mut body = text(document.content());
        if body.words.is_empty() {
            body = text(document.summary());
        }
        if body.words.len() < OWN_TEXT {
            body.words.splice(0..0, title.words.iter().copied());
            body.numbers.extend(&title.numbers);
        }
        if body.words.len() < FEWEST_WORDS {
            return None;
        }
        let waits = meta.kind.as_deref().is_some_and(|kind| WAITING.contains(&kind));
        Some(Fingerprint {
            id: record.id().to_owned(),
            shingles: Sketch::of(shingles(&body.words), KEPT.0),
            numbers: Sketch::of(body.numbers.iter().map(|hash| short(*hash)).collect(), KEPT.1),
            title: Sketch::of(title.words.iter().map(|hash| short(*hash)).collect(), KEPT.2),
            source: hash(meta.source.as_deref().unwrap_or_default().as_bytes()),
            asker: if waits { Some(hash(document.who()?.as_bytes())) } else { None },
        })
    }

    /// The hashes by which it is found again.
    pub fn keys(&self) -> &[u32] {
        self.shingles.lowest()
    }

    /// How alike two items are, 0 to 1; `None` where they are no near-duplicates.
    pub fn similarity(&self, other: &Fingerprint) -> Option<f64> {
        if self.asker != other.asker || (self.source == other.source && !self.title_is_like(other)) {
            return None;
        }
        let (less, more) =
            if self.shingles.size() <= other.shingles.size() { (self, other) } else { (other, self) };
        let (short, long) = (less.shingles.size() as f64, more.shingles.size() as f64);
        let share = less.shingles.share_in(&more.shingles);
        if less.shingles.size() < ARTICLE {
            let both = share * short;
            let like = both / (short + long - both);
            return (like >= SHORT_SHARE && self.numbers_are_like(other, 1.0)).then_some(like);
        }
        let near = share >= ARTICLE_SHARE && short >= ARTICLE_LENGTH * long;
        (near && self.numbers_are_like(other, ARTICLE_NUMBERS)).then_some(share)
    }

    fn title_is_like(&self, other: &Fingerprint) -> bool {
        let (one, two) = (&self.title, &other.title);
        one.size() == 0 && two.size() == 0 || smaller_in_larger(one, two) >= TITLE_SHARE
    }

    fn numbers_are_like(&self, other: &Fingerprint, needed: f64) -> bool {
        let (one, two) = (&self.numbers, &other.numbers);
        one.size().min(two.size()) == 0 || smaller_in_larger(one, two) >= needed
    }
}

/// Kinds that somebody may wait for an answer to: the same words of another person are another question.
const WAITING: [&str; 5] = ["comment", "reply", "mention", "message", "review"];

fn smaller_in_larger(one: &Sketch, two: &Sketch) -> f64 {
    if one.size() <= two.size() { one.share_in(two) } else { two.share_in(one) }
}

/// The words of a text as hashes, and those among them that hold a digit.
#[derive(Default)]
struct Hashes {
    words: Vec<u64>,
    numbers: Vec<u64>,
}

/// Words as queries see them, so that case, accents and typography do not count; links are none, because every copy
/// has its own.
fn hashes(text: &str) -> Hashes {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let links = if text.contains("://") { find_links(text) } else { Vec::new() };
    let mut links = links.iter().peekable();
    let mut hashes = Hashes::default();
    for word in words(text) {
        while links.next_if(|link| link.end <= word.start).is_some() {}
        if links.peek().is_some_and(|link| link.start < word.end) {
            continue;
        }
        let hash = hash(fold(word.text, false).as_bytes());
        hashes.words.push(hash);
        if word.text.chars().any(char::is_numeric) {
            hashes.numbers.push(hash);
        }
    }
    hashes
}

fn shingles(words: &[u64]) -> Vec<u32> {
    let join = |words: &[u64]| words.iter().fold(0, |hash: u64, word| mix(hash.rotate_left(23) ^ word));
    words.windows(SHINGLE).map(|words| short(join(words))).collect()
}

/// FNV-1a, 64 bits: the same on every machine and in every run.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    mix(bytes.iter().fold(0xCBF2_9CE4_8422_2325, step))
}

/// The finaliser of SplitMix64: every bit in goes into every bit out.
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}
