//! What was worked out lately, so that it need not be again: a few thousand answers by the text that they are for, in memory
//! only.

use std::collections::HashMap;

/// Answers held; when it is full all are forgotten.
const MOST: usize = 4096;

/// The answers.
#[derive(Debug)]
pub struct Memo<T> {
    known: HashMap<Box<str>, T>,
    most: usize,
}

impl<T> Default for Memo<T> {
    fn default() -> Memo<T> {
        Memo { known: HashMap::new(), most: MOST }
    }
}

impl<T: Clone> Memo<T> {
    /// The answer for a text.
    pub fn get(&mut self, text: &str, answer: impl FnOnce(&str) -> T) -> T {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let new = answer(text);
        if self.known.len() >= self.most {
            self.known.clear();
        }
        self.known.insert(text.into(), new.clone());
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_answered_once_and_few_are_remembered() {
        let mut memo = Memo { known: HashMap::new(), most: 2 };
        let mut asked = Vec::new();
        for text in ["a", "bb", "a", "ccc", "a"] {
            let answer = memo.get(text, |text| {
                asked.push(text.to_owned());
                text.len()
            });
            assert_eq!(answer, text.len());
        }
        assert_eq!(asked, ["a", "bb", "ccc", "a"], "the third pushed the others out");
    }
}
