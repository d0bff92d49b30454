//! A text's atoms, told to whoever looks for some of them. ASCII words are read where they stand; words with other
//! letters are folded letter by letter; what only its neighbours explain goes to the one real cutter.

use super::atoms::{Head, SHORT, atoms};
use super::beginnings::Beginnings;
use super::blocks::{BLOCK, Blocks, Masks};
use super::chars::{Class, class};
use super::focus::Part;
use crate::handle::handles;
use crate::hashtag::whole_tag;
use crate::token::Tokens;
use cm_record::decode_text;
use cm_text::{HashtagRule, find_hashtags, find_links, fold, is_alphanumeric};
use fearless_simd::{Simd, dispatch};
use memchr::memchr2_iter;

/// Who wants to know the atoms of a text.
pub(super) trait Listener {
    /// What comes next is of this text, and whether places are those in its JSON as written.
    fn text(&mut self, _part: Part, _escaped: bool) {}
    /// What comes next stands between these bytes of the text.
    fn at(&mut self, _start: usize, _end: usize) {}
    /// An atom of up to sixteen bytes, and how many.
    fn short(&mut self, head: Head, length: usize);
    /// An atom of any length, folded but for the case of ASCII letters.
    fn long(&mut self, atom: &[u8]);

    /// An atom of any length.
    fn atom(&mut self, atom: &[u8]) {
        if atom.len() <= SHORT {
            self.short(Head::at(atom, 0, atom.len()), atom.len());
        } else {
            self.long(atom);
        }
    }
}

/// Tells the atoms of a text: at least those of the words and handles in it and in its links. `escaped` when it is the
/// inside of a JSON string as written, without `\u`. Of the words in ASCII only those that begin as `beginnings` say
/// have to be told.
pub(super) fn scan(text: &str, escaped: bool, beginnings: &Beginnings, listener: &mut impl Listener) {
    dispatch!(beginnings.level(), simd => scan_blocks(simd, text, escaped, beginnings, listener));
}

#[inline(always)]
fn scan_blocks<S: Simd>(
    simd: S,
    text: &str,
    escaped: bool,
    beginnings: &Beginnings,
    listener: &mut impl Listener,
) {
    let mut scan = Scan { text, escaped, beginnings, told: 0, folded: Vec::new(), listener };
    let mut blocks = Blocks::new(text.as_bytes(), escaped);
    let (mut here, mut before) = (Masks::default(), 0);
    // Of the block behind the one at hand.
    let mut base = 0;
    loop {
        let next = blocks.next(simd, beginnings);
        let starts = here.word & !(here.word << 1 | before);
        let mut wanted = starts & here.may_start;
        let goes_on = here.word >> 63 == 1 && (next.high != 0 || next.word == u64::MAX);
        if here.high != 0 || goes_on {
            // A word of other letters may begin with any byte.
            wanted = starts;
        }
        while wanted != 0 {
            scan.word(base - BLOCK, wanted.trailing_zeros() as usize, here, next);
            wanted &= wanted - 1;
        }
        if base >= text.len() {
            return;
        }
        before = here.word >> 63;
        here = next;
        base += BLOCK;
    }
}

struct Scan<'a, L> {
    text: &'a str,
    escaped: bool,
    beginnings: &'a Beginnings,
    /// Up to here everything was told by the cutter.
    told: usize,
    folded: Vec<u8>,
    listener: &'a mut L,
}

impl<L: Listener> Scan<'_, L> {
    /// A run of letters, digits and what is not ASCII that starts in a block.
    #[inline(always)]
    fn word(&mut self, base: usize, place: usize, here: Masks, next: Masks) {
        let mut length = (!(here.word >> place)).trailing_zeros() as usize;
        let mut high = here.high >> place & ones(length);
        if place + length >= BLOCK {
            length = BLOCK - place;
            high = here.high >> place;
            let more = next.word.trailing_ones() as usize;
            length += more;
            high |= next.high & ones(more);
            if more == BLOCK {
                return self.endless(base + place);
            }
        }
        if high == 0 && here.may_start >> place & 1 == 0 {
            return;
        }
        let start = base + place;
        self.listener.at(start, start + length);
        if high != 0 {
            self.other_letters(start, start + length);
        } else if length <= SHORT {
            self.listener.short(Head::at(self.text.as_bytes(), start, length), length);
        } else {
            self.long(start, start + length);
        }
    }

    #[inline(never)]
    fn long(&mut self, start: usize, end: usize) {
        self.listener.long(self.text.as_bytes().get(start..end).unwrap_or_default());
    }

    /// A run that goes beyond two blocks.
    #[cold]
    fn endless(&mut self, start: usize) {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        let end = start + rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        self.listener.at(start, end);
        if self.text.as_bytes().get(start..end).is_some_and(<[u8]>::is_ascii) {
            self.long(start, end);
        } else {
            self.other_letters(start, end);
        }
    }

    /// A run with letters that are not ASCII.
    #[inline(never)]
    fn other_letters(&mut self, start: usize, end: usize) {
        if start < self.told {
            return;
        }
        let run = self.text.get(start..end).unwrap_or_default();
        if self.beginnings.are_foreign_to(run) {
            return;
        }
        // The words before a link end where it begins, even without a space.
        let link = self.text.as_bytes().get(end) == Some(&b':') && ends_as_scheme(run);
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        if link || !self.letters(run, &mut folded) {
            self.doubtful(start, end);
        } else if !folded.is_empty() {
            self.listener.atom(&folded);
        }
        self.folded = folded;
    }

    /// Tells the atoms of a run but for the last, which is left in `folded`; false when that cannot be done letter by letter.
    fn letters(&mut self, run: &str, folded: &mut Vec<u8>) -> bool {
        let (mut kana, mut after_letter) = (false, false);
        // An ideograph can carry what is not seen; a picture is one with it.
        let mut after_alone: Option<char> = None;
        // Whether what is folded so far was ASCII; a handle ends where that ends.
        let mut ascii = true;
        for c in run.chars() {
            let class = if c.is_ascii() { None } else { Some(class(c)) };
            let is_kana = class == Some(Class::Kana);
            let letter = matches!(class, None | Some(Class::Kana | Class::Joins(_)));
            if !folded.is_empty() && (!letter || is_kana != kana) && !matches!(class, Some(Class::Unseen)) {
                self.listener.atom(folded);
                folded.clear();
            }
            ascii |= folded.is_empty();
            if ascii && !c.is_ascii() {
                ascii = false;
                if !folded.is_empty() {
                    self.listener.atom(folded);
                }
            }
            match class {
                None => folded.push(c as u8),
                Some(Class::Joins(short)) => folded.extend_from_slice(short.bytes()),
                Some(Class::Kana) => folded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                Some(Class::Alone) => self.listener.atom(c.encode_utf8(&mut [0; 4]).as_bytes()),
                Some(Class::Parts) => {}
                Some(Class::Unseen) if !(after_letter || after_alone.is_some_and(char::is_alphanumeric)) => {}
                Some(Class::Unseen | Class::Doubtful) => return false,
            }
            (kana, after_letter) = (is_kana, letter || after_letter && class == Some(Class::Unseen));
            after_alone = match class {
                Some(Class::Alone) => Some(c),
                Some(Class::Unseen) => after_alone,
                _ => None,
            };
        }
        true
    }

    /// Hands the text between two spaces to the cutter.
    #[cold]
    fn doubtful(&mut self, start: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let before = |at: usize| bytes.get(..at).unwrap_or_default();
        let from = before(start).iter().rposition(|byte| *byte == b' ').map_or(0, |space| space + 1);
        let after = bytes.get(end..).unwrap_or_default();
        let to = end + after.iter().position(|byte| *byte == b' ').unwrap_or(after.len());
        self.told = to;
        self.listener.at(from, to);
        let stretch = self.text.get(from..to).unwrap_or_default();
        if self.escaped {
            cut(&decode_text(stretch), self.listener);
        } else {
            cut(stretch, self.listener);
        }
    }
}

/// Everything that a query may compare with in a text, cut and folded as it is when the query is decided.
fn cut(text: &str, listener: &mut impl Listener) {
    let mut tell = |folded: &str| atoms(folded).for_each(|atom| listener.atom(atom.as_bytes()));
    let links = if text.contains("://") { find_links(text) } else { Vec::new() };
    let spans: Vec<_> = links.iter().map(|link| (link.start, link.end)).collect();
    Tokens::outside(text, &spans).iter().for_each(|token| tell(token.bare));
    for link in &links {
        Tokens::of(&link.url).iter().for_each(|token| tell(token.bare));
    }
    handles(text, &links).iter().for_each(|handle| tell(&handle.name));
    // Names are folded whole, not cut; verbatim text neither; an address or a name is also cut without regard to links.
    tell(&fold(text, false));
    text.split(|c: char| !is_alphanumeric(c)).for_each(|run| tell(&fold(run, false)));
    if !links.is_empty() {
        Tokens::of(text).iter().for_each(|token| tell(token.bare));
    }
}

/// Tells what the hashtags of a running text are compared as, by the rules of all networks: `#acme-roast` is `acmeroast`
/// on one of them, `#メ～テレ` is `メテレ` on all. Those that are one word of ASCII letters were told as such.
pub(super) fn scan_hashtags(text: &str, escaped: bool, listener: &mut impl Listener) {
    let bytes = text.as_bytes();
    let mut told = 0;
    for sign in memchr2_iter(b'#', 0x83, bytes) {
        let is_sign = bytes[sign] == b'#' || bytes[..sign].ends_with(&[0xEF, 0xBC]);
        if sign < told || !is_sign {
            continue;
        }
        let before = bytes[told..sign].iter().rposition(|byte| *byte == b' ');
        let from = before.map_or(told, |space| told + space + 1);
        let rest = &bytes[sign..];
        let to = sign + rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
        told = to;
        let stretch = text.get(from..to).unwrap_or_default();
        if !is_simple(stretch.trim_start_matches('#')) {
            tell_hashtags(&if escaped { decode_text(stretch) } else { stretch.into() }, listener);
        }
    }
}

/// Whether this is one word of ASCII letters and digits, and perhaps punctuation behind it.
fn is_simple(text: &str) -> bool {
    let word = text.trim_end_matches(['.', ',', '!', '?', ':', ';', ')', '"']);
    word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cold]
fn tell_hashtags(text: &str, listener: &mut impl Listener) {
    let links = if text.contains("://") { find_links(text) } else { Vec::new() };
    for rule in [HashtagRule::TwitterText, HashtagRule::Mastodon, HashtagRule::Bluesky] {
        for tag in find_hashtags(text, &links, rule) {
            let whole = whole_tag(&Tokens::of(text.get(tag.name..tag.end).unwrap_or_default()), false);
            atoms(&whole).for_each(|atom| listener.atom(atom.as_bytes()));
        }
    }
}

fn ends_as_scheme(run: &str) -> bool {
    let ends = |scheme: &str| {
        let start = run.len().saturating_sub(scheme.len());
        run.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(scheme))
    };
    ends("http") || ends("https")
}

#[inline]
fn ones(count: usize) -> u64 {
    if count >= BLOCK { u64::MAX } else { (1 << count) - 1 }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::atoms::hash;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[derive(Default)]
    struct Told(HashSet<u64>);

    impl Listener for Told {
        fn short(&mut self, head: Head, length: usize) {
            assert!(length <= SHORT);
            self.0.insert(head.hash());
        }
        fn long(&mut self, atom: &[u8]) {
            self.0.insert(hash(atom));
        }
    }

    fn missing(text: &str, told: &Told) -> Vec<String> {
        let words = words(text);
        let all = words.iter().flat_map(|word| atoms(word));
        all.filter(|atom| !told.0.contains(&hash(atom.as_bytes()))).map(str::to_owned).collect()
    }

    /// Everything that a query may compare with in a text, folded.
    pub fn words(text: &str) -> Vec<String> {
        let links = find_links(text);
        let spans: Vec<_> = links.iter().map(|link| (link.start, link.end)).collect();
        let mut words: Vec<String> =
            Tokens::outside(text, &spans).iter().map(|t| t.bare.to_owned()).collect();
        links.iter().for_each(|l| words.extend(Tokens::of(&l.url).iter().map(|t| t.bare.to_owned())));
        words.extend(handles(text, &links).into_iter().map(|h| h.name).filter(|name| name.is_ascii()));
        for rule in [HashtagRule::TwitterText, HashtagRule::Mastodon, HashtagRule::Bluesky] {
            let tags = find_hashtags(text, &links, rule);
            words.extend(tags.iter().map(|tag| whole_tag(&Tokens::of(&text[tag.name..tag.end]), false)));
        }
        words.extend(text.split(|c: char| !c.is_alphanumeric()).map(|run| fold(run, false)));
        words
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-zA-Z0-9]{1,20}",
            "[а-яa咖啡]{1,9}",
            "[ .,:;!?'\"_/\\\\#@&()*-]",
            "[éßİſøŁσςΣжЖאבגعمप्या한국咖啡コーヒーｶﾞかがｱA1ﬁ①½²ªµŉ™€☕😀👍🏽❤\u{FE0F}\u{200D}]",
            "[\u{301}\u{308}\u{345}\u{AD}\u{200B}-\u{200F}\u{FEFF}\u{2019}’‘ʼ＇…“”«»·\u{3000}\u{A0}\u{85}]",
            "\\PC",
            "https?://",
            "http://a.example/",
            "\n",
            "[A-Za-zé]{60,70}",
            "[#@＃＠][a-zA-Z_0-9・～é]{1,4}",
            Just("𝐛𝐨𝐥𝐝 ＡＣＭＥ brand’s l’eau j'ai 👩‍💻 🇩🇪".to_owned()),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn every_word_that_the_cutter_finds_is_told(text in pieces(), escape_all: bool) {
            let mut told = Told::default();
            scan(&text, false, &Beginnings::default(), &mut told);
            scan_hashtags(&text, false, &mut told);
            prop_assert_eq!(missing(&text, &told), Vec::<String>::new());
            // The same inside a JSON string, as most programs write it.
            let json = serde_json::to_string(&text).unwrap();
            let inside = json[1..json.len() - 1].to_owned();
            let inside = if escape_all { inside.replace('/', "\\/") } else { inside };
            if !inside.contains("\\u") {
                let mut told = Told::default();
                scan(&inside, true, &Beginnings::default(), &mut told);
                scan_hashtags(&inside, true, &mut told);
                prop_assert_eq!(missing(&text, &told), Vec::<String>::new());
            }
        }

        #[test]
        fn of_words_that_begin_otherwise_none_is_needed(text in pieces()) {
            let mut told = Told::default();
            let beginnings = Beginnings::of(&[[b'a', b'c'], [b'z', 0]]).all_in_ascii(true);
            scan(&text, false, &beginnings, &mut told);
            scan_hashtags(&text, false, &mut told);
            let begin = |atom: &String| atom.starts_with("ac") || atom.starts_with('z');
            prop_assert_eq!(missing(&text, &told).into_iter().filter(begin).collect::<Vec<_>>(), Vec::<String>::new());
        }
    }
}
