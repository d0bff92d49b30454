//! The structure of a line at the speed of memory: whether it is one JSON object, and where its members stand.
//! In: a line of UTF-8. Out: true with its members, or false: then it is bad, or odd enough for the slow scanner (json.rs)
//! to look at, which has the last word and the words.
//!
//! After simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second"), but the grammar is checked on the masks of
//! 64 bytes at once too: in JSON it only depends on the kind of a token and on the bracket around it which tokens may
//! follow, and between two brackets that does not change. Long strings, most of a line, cost three comparisons a block.
//! Depth costs a byte of heap a level.

mod masks;
mod scalar;
#[cfg(test)]
mod tests;

use crate::json::{MAX_MEMBERS, Member};
use fearless_simd::{Level, Simd, dispatch};
use masks::{BLOCK, Punctuation, Strings, escaped, other_white_space, prefix_xor};

/// How many marks of a block are noted at once.
const FEW: usize = 6;

/// Looks at line after line with the same memory.
pub(crate) struct Scanner {
    level: Level,
    /// Of the brackets around the place at hand, what closes them.
    stack: Vec<u8>,
    /// Where the colons and commas of the outermost object stand.
    marks: Vec<usize>,
}

impl Default for Scanner {
    fn default() -> Scanner {
        let best = Level::new();
        // AVX-512 was measured: its masks cost more than its width saves.
        let level = best.as_avx2().map_or(best, Level::Avx2);
        Scanner { level, stack: Vec::new(), marks: Vec::new() }
    }
}

impl Scanner {
    /// Whether a line is one JSON object beyond doubt, with at most so many members as any may have, none of them twice.
    pub fn scan(&mut self, line: &str, members: &mut Vec<Member>) -> bool {
        let text = line.strip_prefix('\u{feff}').unwrap_or(line);
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        if !text.starts_with('{') || !text.ends_with('}') {
            return false;
        }
        let bytes = text.as_bytes();
        self.stack.clear();
        self.marks.clear();
        let (stack, marks) = (&mut self.stack, &mut self.marks);
        let good = dispatch!(self.level, simd => walk(simd, bytes, Walk::new(bytes, stack, marks)));
        let start = text.as_ptr().addr() - line.as_ptr().addr();
        good && self.members(bytes, start, members)
    }

    /// The members between the colons and commas; false where one stands twice, has an escape in its name, or is one too
    /// many.
    fn members(&self, bytes: &[u8], start: usize, members: &mut Vec<Member>) -> bool {
        members.clear();
        // Before their names are compared with each other: a line may have a million.
        if self.marks.len() >= 2 * MAX_MEMBERS {
            return false;
        }
        let mut seen = 0_u64;
        let mut from = 1;
        for pair in self.marks.chunks(2) {
            let (colon, end) = (pair[0], pair.get(1).copied().unwrap_or(bytes.len() - 1));
            let name = trim(bytes, from, colon);
            let name = name.0 + 1..name.1 - 1;
            let written = &bytes[name.clone()];
            // Names that differ here need no comparison: nearly all of those of items and of our parts do.
            let ends =
                [written.first(), written.last()].map(|byte| byte.map_or(0, |byte| usize::from(*byte)));
            let bit = 1 << ((written.len() + 3 * ends[0] + 22 * ends[1]) % 64);
            let twice =
                |member: &Member| bytes[member.name.start - start..member.name.end - start] == *written;
            if written.contains(&b'\\') || (seen & bit != 0 && members.iter().any(twice)) {
                return false;
            }
            seen |= bit;
            let value = trim(bytes, colon + 1, end);
            members.push(Member {
                name: name.start + start..name.end + start,
                value: value.0 + start..value.1 + start,
            });
            from = end + 1;
        }
        true
    }
}

/// Without the white space at both ends.
fn trim(bytes: &[u8], mut from: usize, mut to: usize) -> (usize, usize) {
    while from < to && bytes[from] <= b' ' {
        from += 1;
    }
    while from < to && bytes[to - 1] <= b' ' {
        to -= 1;
    }
    (from, to)
}

#[inline(always)]
fn walk<S: Simd>(simd: S, bytes: &[u8], mut walk: Walk) -> bool {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        if !walk.block(simd, block) {
            return false;
        }
        walk.at += BLOCK;
    }
    let mut last = [b' '; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    (rest.is_empty() || walk.block(simd, &last)) && walk.ended
}

/// What is known at the end of a block. The fields that carry have the lowest bit set where what they name goes on, or is
/// still to be followed by something.
struct Walk<'a> {
    bytes: &'a [u8],
    /// Where the block at hand begins.
    at: usize,
    stack: &'a mut Vec<u8>,
    marks: &'a mut Vec<usize>,
    /// Within a string: all ones.
    in_string: u64,
    in_escape: u64,
    in_name: u64,
    in_scalar: u64,
    /// All ones where the innermost bracket is a brace.
    in_object: u64,
    /// All ones where it is the outermost.
    outermost: u64,
    after_brace: Follow,
    after_square: Follow,
    after_comma_in_object: Follow,
    before_value: Follow,
    after_name: Follow,
    after_value: Follow,
    ended: bool,
}

/// What stands after certain tokens, white space left out.
#[derive(Clone, Copy, Default)]
struct Follow {
    carried: u64,
}

impl Follow {
    /// Given the places right after the tokens (the last may be in the next block), the places of what follows them.
    #[inline(always)]
    fn places(&mut self, after: u64, beyond: u64, white_space: u64) -> u64 {
        // An addition carries through a run of white space to what stands after it.
        let (sum, over) = (after | self.carried).overflowing_add(white_space);
        self.carried = beyond | u64::from(over);
        sum & !white_space
    }

    /// The same for tokens of one byte.
    #[inline(always)]
    fn of(&mut self, tokens: u64, white_space: u64) -> u64 {
        self.places(tokens << 1, tokens >> 63, white_space)
    }
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], stack: &'a mut Vec<u8>, marks: &'a mut Vec<usize>) -> Walk<'a> {
        Walk {
            bytes,
            at: 0,
            stack,
            marks,
            in_string: 0,
            in_escape: 0,
            in_name: 0,
            in_scalar: 0,
            in_object: 0,
            outermost: 0,
            after_brace: Follow::default(),
            after_square: Follow::default(),
            after_comma_in_object: Follow::default(),
            before_value: Follow::default(),
            after_name: Follow::default(),
            after_value: Follow::default(),
            ended: false,
        }
    }

    /// Takes the next block; false when something is wrong, or may be.
    #[inline(always)]
    fn block<S: Simd>(&mut self, simd: S, block: &[u8; BLOCK]) -> bool {
        let strings = Strings::of(simd, block);
        if self.in_string != 0 && strings.quotes | strings.backslashes | self.in_escape == 0 {
            return strings.controls == 0;
        }
        let escaped = escaped(strings.backslashes, &mut self.in_escape);
        let quotes = strings.quotes & !escaped;
        if self.in_string != 0 && quotes == 0 {
            return strings.controls == 0 && self.escapes(escaped);
        }
        // The opening quote counts as within the string, the closing one does not.
        let within = prefix_xor(quotes) ^ self.in_string;
        self.in_string = ((within as i64) >> 63) as u64;
        if (strings.backslashes & !within) | (strings.controls & within) != 0 || !self.escapes(escaped) {
            return false;
        }
        let outside = !(within | quotes);
        if outside == 0 && quotes == 0 {
            return true;
        }
        let mut white_space = 0;
        if strings.controls != 0 {
            white_space = other_white_space(block);
        }
        self.tokens(Punctuation::of(simd, block), quotes, within, outside, white_space)
    }

    /// Whether what follows each backslash makes an escape.
    #[inline(always)]
    fn escapes(&self, mut escaped: u64) -> bool {
        while escaped != 0 {
            let at = self.at + escaped.trailing_zeros() as usize;
            if !scalar::is_escape(self.bytes.get(at..).unwrap_or_default()) {
                return false;
            }
            escaped &= escaped - 1;
        }
        true
    }

    /// Checks what stands outside of strings: which tokens follow which.
    #[inline(always)]
    fn tokens(
        &mut self,
        marks: Punctuation,
        quotes: u64,
        within: u64,
        outside: u64,
        white_space: u64,
    ) -> bool {
        let white_space = (white_space | marks.spaces) & outside;
        let (opens, closes) = (marks.opens & outside, marks.closes & outside);
        let (colons, commas) = (marks.colons & outside, marks.commas & outside);
        let scalars = outside & !(white_space | opens | closes | colons | commas);
        let (scalars_begin, after_scalars) = {
            let after = (scalars << 1) | std::mem::replace(&mut self.in_scalar, scalars >> 63);
            (scalars & !after, after & !scalars)
        };
        let mut places = Places { braces: 0, in_object: self.in_object, outermost: self.outermost };
        if opens | closes != 0 && !self.brackets(opens, closes, &mut places) {
            return false;
        }
        let opened = quotes & within;
        let values_begin = opened | scalars_begin | opens;
        let first_names = self.after_brace.of(places.braces, white_space);
        let first_values = self.after_square.of(opens & !places.braces, white_space);
        let names = self.after_comma_in_object.of(commas & places.in_object, white_space);
        let values = self.before_value.of(colons | (commas & !places.in_object), white_space);
        // An addition carries through a string to its closing quote.
        let names_begin = (names | first_names) & opened;
        let (sum, over) = within.overflowing_add(names_begin | self.in_name);
        let names_end = sum & !within;
        self.in_name = u64::from(over);
        let after_names = self.after_name.of(names_end, white_space);
        let values_end = (quotes & !within & !names_end) | closes;
        let after_values =
            self.after_value.places((values_end << 1) | after_scalars, values_end >> 63, white_space);

        let wrong = (names & !opened)
            | (first_names & !(opened | closes))
            | (first_values & !(values_begin | closes))
            | (values & !values_begin)
            | (after_names & !colons)
            | (after_values & !(commas | closes));
        self.note((colons | commas) & places.outermost);
        wrong == 0 && self.scalars(scalars_begin)
    }

    /// Opens and closes brackets in their order; false where one does not fit, or the outermost is not closed at the end.
    #[inline(always)]
    fn brackets(&mut self, opens: u64, closes: u64, places: &mut Places) -> bool {
        let mut left = opens | closes;
        while left != 0 {
            let place = left.trailing_zeros();
            left &= left - 1;
            let at = self.at + place as usize;
            let bracket = self.bytes[at];
            if opens >> place & 1 == 1 {
                places.braces |= u64::from(bracket == b'{') << place;
                self.stack.push(bracket + 2);
            } else if self.stack.pop() != Some(bracket) {
                return false;
            } else if self.stack.is_empty() {
                self.ended = at + 1 == self.bytes.len();
                return self.ended;
            }
            let beyond = !0 << place;
            let in_object = if self.stack.last() == Some(&b'}') { beyond } else { 0 };
            let outermost = if self.stack.len() == 1 { beyond } else { 0 };
            places.in_object = (places.in_object & !beyond) | in_object;
            places.outermost = (places.outermost & !beyond) | outermost;
        }
        self.in_object = ((places.in_object as i64) >> 63) as u64;
        self.outermost = ((places.outermost as i64) >> 63) as u64;
        true
    }

    #[inline(always)]
    fn note(&mut self, mut marks: u64) {
        while marks != 0 {
            let (before, count) = (self.marks.len(), marks.count_ones() as usize);
            let mut few = [0; FEW];
            for mark in &mut few {
                *mark = self.at + marks.trailing_zeros() as usize;
                marks &= marks.wrapping_sub(1);
            }
            // All at once and then the rest off again: how many there are cannot be foretold.
            self.marks.extend_from_slice(&few);
            self.marks.truncate(before + count.min(FEW));
        }
    }

    /// Whether what begins at these places are numbers and literals.
    #[inline(always)]
    fn scalars(&self, mut begin: u64) -> bool {
        while begin != 0 {
            let at = self.at + begin.trailing_zeros() as usize;
            if !scalar::is_scalar(&self.bytes[at..]) {
                return false;
            }
            begin &= begin - 1;
        }
        true
    }
}

/// Of a block, which opening brackets are braces, and what lies in which brackets.
struct Places {
    braces: u64,
    in_object: u64,
    outermost: u64,
}
