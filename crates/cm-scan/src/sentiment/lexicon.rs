//! Words and what they feel like. In: VADER's lexicon (Hutto and Gilbert 2014, MIT licence: LICENSE.vader) and a
//! person's own words. Out: the weight of a word, from -4 to 4.

use cm_cli::{Failure, unreadable};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

const VADER: &str = include_str!("vader.tsv");
/// The commonest emoji that feel like something; VADER knows only what they are called.
const EMOJI: &str = "😀2 😃2 😄2.2 😁2 😊2.2 🙂1 😍3 🥰3 😘2 🤩3 😂1.5 🤣1.5 😎1.5 🥳2.5 👍2 👏2 🙌2 🎉2.3 ❤2.7 🧡2.5 💛2.5 💚2.5 💙2.5 💜2.5 \
    🙏1 💪1.5 🔥1.2 ✨1 😢-2 😭-1.5 😞-2 😔-1.7 😟-1.7 🙁-1.5 ☹-1.7 😠-2.5 😡-3 🤬-3.5 😤-1.5 👎-2.2 💔-2.5 🤮-3 🤢-2.5 😱-1.5 🙄-1.2 😒-1.5 💩-2";
/// A word is weighed from -4 to 4.
const HEAVIEST: f64 = 4.0;

/// Weights by word, lower-cased.
#[derive(Debug)]
pub struct Lexicon {
    shipped: HashMap<&'static str, f64>,
    own: HashMap<String, f64>,
}

impl Lexicon {
    /// The shipped words, and those of a file: a word and its weight a line; 0 takes a word out, `#` begins a comment.
    pub fn read(own: Option<&Path>) -> Result<Lexicon, Failure> {
        let own = own.map(|path| -> Result<_, Failure> {
            let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            parse(&text).map_err(|(line, what)| Failure::config(format!("{}:{line}: {what}", path.display())))
        });
        Ok(Lexicon { own: own.transpose()?.unwrap_or_default(), ..Lexicon::shipped() })
    }

    /// The shipped words.
    pub fn shipped() -> Lexicon {
        let words = VADER.lines().filter_map(|line| line.split_once('\t'));
        let emoji = EMOJI
            .split_whitespace()
            .filter_map(|emoji| emoji.split_at_checked(emoji.chars().next().map_or(0, char::len_utf8)));
        let weight = |(word, weight): (&'static str, &str)| Some((word, weight.parse().ok()?));
        Lexicon { shipped: words.chain(emoji).filter_map(weight).collect(), own: HashMap::new() }
    }

    /// The weight of a word in lower case; `None` where it feels like nothing.
    pub fn weight(&self, word: &str) -> Option<f64> {
        let weight = self.own.get(word).or_else(|| self.shipped.get(word)).copied();
        weight.filter(|weight| *weight != 0.0)
    }
}

fn parse(text: &str) -> Result<HashMap<String, f64>, (usize, String)> {
    let mut words = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let wrong =
            |what: &str| (number + 1, format!("{what}: write a word and its weight, such as: burnt -2"));
        let (word, weight) = line.rsplit_once(char::is_whitespace).ok_or_else(|| wrong("no weight"))?;
        let weight: f64 = weight.parse().map_err(|_| wrong("the weight is no number"))?;
        if weight.is_nan() || weight.abs() > HEAVIEST {
            return Err(wrong("a weight is -4 to 4"));
        }
        let word = word.trim().to_lowercase();
        if word.contains(char::is_whitespace) {
            return Err(wrong("only single words have a weight"));
        }
        words.insert(word, weight);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_words_and_emoji_have_weights() {
        let lexicon = Lexicon::shipped();
        assert!(lexicon.shipped.len() > 7_000);
        assert_eq!(lexicon.weight("great"), Some(3.1));
        assert_eq!(lexicon.weight("😡"), Some(-3.0));
        assert_eq!(lexicon.weight("❤"), Some(2.7));
        assert_eq!(lexicon.weight("table"), None);
    }

    #[test]
    fn a_file_adds_and_takes_out_words() {
        let words =
            parse("# ours\nburnt -2\nFree 0 # of what?\n\n").map(|own| Lexicon { own, ..Lexicon::shipped() });
        let lexicon = words.unwrap_or_else(|error| unreachable!("{error:?}"));
        assert_eq!((lexicon.weight("burnt"), lexicon.weight("free")), (Some(-2.0), None));
        for (text, line) in
            [("burnt", 1), ("\nburnt bad", 2), ("burnt -9", 1), ("burnt out -2", 1), ("x nan", 1)]
        {
            assert_eq!(parse(text).map_err(|error| error.0), Err(line), "{text}");
        }
    }
}
