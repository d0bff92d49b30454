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
    let mut window = Window {
        places: VecDeque::new(),
        gone: 0,
        place_of: vec![0; words.len()],
        free: (1 << words.len()) - 1,
    };
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
        let full = window.free == 0;
        while window.free == 0 {
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
    /// Of each word that has one, the number of its place.
    place_of: Vec<usize>,
    /// The words that have no place, a bit for each.
    free: u128,
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
            self.free |= 1 << word;
            self.give_place(word, &mut 0);
        }
    }

    /// Lets a place in; a word that has none yet gets it, or one whose place that word can have.
    fn enter(&mut self, candidate: Candidate) {
        let words = candidate.words;
        self.places.push_back(candidate);
        self.give_word(self.gone + self.places.len() - 1, words, &mut 0);
    }

    fn settle(&mut self, word: usize, place: usize) {
        self.place_of[word] = place;
        self.places[place - self.gone].word = Some(word);
        self.free &= !(1 << word);
    }

    /// Finds a word for a place, moving others on where it must.
    fn give_word(&mut self, place: usize, words: u128, tried: &mut u128) -> bool {
        loop {
            let left = words & !*tried;
            if left == 0 {
                return false;
            }
            // A word without a place is best: nobody has to move.
            let free = left & self.free;
            let word = if free != 0 { free } else { left }.trailing_zeros() as usize;
            *tried |= 1 << word;
            let other = self.place_of[word];
            if free != 0 || self.give_word(other, self.places[other - self.gone].words, tried) {
                self.settle(word, place);
                return true;
            }
        }
    }

    /// Finds a place for a word, one that no other has if it can, moving others on where it must.
    fn give_place(&mut self, word: usize, tried: &mut u128) -> bool {
        *tried |= 1 << word;
        let holds = |place: &Candidate| place.words >> word & 1 == 1;
        let open = self.places.iter().position(|place| place.word.is_none() && holds(place));
        let found = open.or_else(|| {
            (0..self.places.len()).find(|number| {
                let place = &self.places[*number];
                let other = place.word.filter(|other| holds(place) && *tried >> other & 1 == 0);
                other.is_some_and(|other| self.give_place(other, tried))
            })
        });
        if let Some(number) = found {
            self.settle(word, self.gone + number);
        }
        found.is_some()
    }
}
