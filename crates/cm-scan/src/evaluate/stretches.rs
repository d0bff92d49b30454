//! `"a b c"~n`: all words of a phrase in one stretch of the text, in any order, with a few others among them.
//! Words may overlap (`roast roast*`), and each needs a place of its own: what is kept while the text goes by is the
//! largest matching of words and places in the stretch at hand. Each step changes it in one place only.

use super::Spans;
use crate::query::Pattern;
use crate::token::{Token, Tokens};
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// Calls with the stretches that hold all words and no shorter such stretch.
pub(super) fn each(words: &[Pattern], slop: usize, tokens: &Tokens, spans: Spans) -> ControlFlow<()> {
    let all_there = words.iter().all(|word| tokens.iter().any(|token| word.matches(&token)));
    if !all_there || words.is_empty() {
        return ControlFlow::Continue(());
    }
    let longest = words.len() + slop;
    let mut window =
        Window { places: VecDeque::new(), gone: 0, place_of: vec![None; words.len()], placed: 0 };
    let mut tokens = tokens.iter().peekable();
    while let Some(first) = tokens.next() {
        let mut candidate = Candidate::of(&first, words);
        while let Some(same) = tokens.next_if(|token| token.position == first.position) {
            candidate.add(&same, words);
        }
        if candidate.words == 0 {
            continue;
        }
        let end = candidate.end;
        window.leave_before((candidate.position + 1).saturating_sub(longest));
        window.enter(candidate);
        let mut start = 0;
        let full = window.placed == words.len();
        while window.placed == words.len() {
            start = window.places.front().map_or(0, |place| place.start);
            window.leave();
        }
        if full {
            spans(start, end)?;
        }
    }
    ControlFlow::Continue(())
}

/// A place of the text that holds one of the words or several.
struct Candidate {
    position: usize,
    start: usize,
    end: usize,
    /// Which words, a bit for each.
    words: u128,
    /// The word that it stands for.
    word: Option<usize>,
}

impl Candidate {
    fn of(token: &Token, words: &[Pattern]) -> Candidate {
        let mut candidate =
            Candidate { position: token.position, start: usize::MAX, end: 0, words: 0, word: None };
        candidate.add(token, words);
        candidate
    }

    fn add(&mut self, token: &Token, words: &[Pattern]) {
        for (bit, word) in words.iter().enumerate() {
            if word.matches(token) {
                self.words |= 1 << bit;
                (self.start, self.end) = (self.start.min(token.start), self.end.max(token.end));
            }
        }
    }
}

/// The places of a stretch, and which word each stands for.
struct Window {
    places: VecDeque<Candidate>,
    /// How many places have left: the number of the first that is here.
    gone: usize,
    /// Of each word, the number of its place.
    place_of: Vec<Option<usize>>,
    /// How many words have a place.
    placed: usize,
}

impl Window {
    /// Lets all places before one leave.
    fn leave_before(&mut self, position: usize) {
        while self.places.front().is_some_and(|place| place.position < position) {
            self.leave();
        }
    }

    /// Lets the first place leave; its word gets another one where that can be had.
    fn leave(&mut self) {
        let Some(first) = self.places.pop_front() else { return };
        self.gone += 1;
        if let Some(word) = first.word {
            self.place_of[word] = None;
            self.placed -= 1;
            if self.give_place(word, &mut 0) {
                self.placed += 1;
            }
        }
    }

    /// Lets a place in; a word that has none yet gets it, or one whose place that word can have.
    fn enter(&mut self, candidate: Candidate) {
        let words = candidate.words;
        self.places.push_back(candidate);
        let mut tried = 0;
        if self.give_word(self.gone + self.places.len() - 1, words, &mut tried) {
            self.placed += 1;
        }
    }

    /// Finds a word for a place, moving others on where it must.
    fn give_word(&mut self, place: usize, words: u128, tried: &mut u128) -> bool {
        loop {
            let left = words & !*tried;
            if left == 0 {
                return false;
            }
            // A word without a place is best: nobody has to move.
            let free = (0..self.place_of.len()).find(|w| left >> w & 1 == 1 && self.place_of[*w].is_none());
            let word = free.unwrap_or(left.trailing_zeros() as usize);
            *tried |= 1 << word;
            let moved = match self.place_of[word] {
                None => true,
                Some(other) => self.give_word(other, self.places[other - self.gone].words, tried),
            };
            if moved {
                self.place_of[word] = Some(place);
                self.places[place - self.gone].word = Some(word);
                return true;
            }
        }
    }

    /// Finds a place for a word, moving others on where it must.
    fn give_place(&mut self, word: usize, tried: &mut u128) -> bool {
        *tried |= 1 << word;
        for number in 0..self.places.len() {
            let place = &self.places[number];
            if place.words >> word & 1 == 0 {
                continue;
            }
            let moved = match place.word {
                None => true,
                Some(other) => *tried >> other & 1 == 0 && self.give_place(other, tried),
            };
            if moved {
                self.place_of[word] = Some(self.gone + number);
                self.places[number].word = Some(word);
                return true;
            }
        }
        false
    }
}
