//! What the words of a sentence come to: negation, emphasis, contrast. In: a sentence. Out: its words that have a
//! weight, with what they count for here, and their sum brought to -1 to 1. The rules and numbers are VADER's (Hutto and
//! Gilbert 2014), but for its table of idioms.

use super::lexicon::Lexicon;

/// A word before raises or lowers a weight so much.
const BOOST: f64 = 0.293;
/// A word in capitals among others that are not.
const CAPITALS: f64 = 0.733;
/// A negated word counts for so much of its opposite.
const NEGATED: f64 = -0.74;
/// What stands before and after "but".
const BUT: (f64, f64) = (0.5, 1.5);
/// Each `!` up to the fourth; `??` and `???` each, and more of them together.
const EXCLAMATION: (f64, usize) = (0.292, 4);
const QUESTIONS: (f64, f64) = (0.18, 0.96);
/// Brings a sum to -1 to 1: about the greatest sum that is expected.
const ALPHA: f64 = 15.0;
/// A word is looked at with so many before it, and each further one counts for less.
const REACH: [f64; 3] = [1.0, 0.95, 0.9];

const RAISE: &str = "absolutely amazingly awfully completely considerable considerably decidedly deeply enormous enormously \
    entirely especially exceptional exceptionally extreme extremely fabulously fully fucking greatly hella highly hugely \
    incredible incredibly intensely major majorly more most particularly purely quite really remarkably so substantially \
    thoroughly total totally tremendous tremendously uber unbelievably unusually utter utterly very";
const LOWER: &str = "almost barely hardly kinda less little marginal marginally occasional occasionally partly scarce scarcely \
    slight slightly somewhat sorta";
const NEGATE: &str = "aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neither \
    never none nope nor not nothing nowhere oughtnt shant shouldnt wasnt werent without wont wouldnt rarely seldom despite no";

/// A word that has a weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// As it stands in the text.
    pub word: String,
    /// What it counts for here.
    pub weight: f64,
}

struct Token<'a> {
    text: &'a str,
    lower: String,
    capitals: bool,
}

/// The words of a sentence that have a weight, and what the sentence comes to, -1 to 1.
pub fn weigh(sentence: &str, lexicon: &Lexicon) -> (Vec<Weighed>, f64) {
    let tokens = tokens(sentence, lexicon);
    let shouted = tokens.iter().filter(|token| token.capitals).count();
    let differs = shouted > 0 && shouted < tokens.len();
    let but = tokens.iter().position(|token| token.lower == "but");
    let mut words = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(weight) = lexicon.weight(&token.lower).filter(|_| boost(&token.lower) == 0.0) else {
            continue;
        };
        let says_no = token.lower == "no"
            && tokens.get(at + 1).is_some_and(|next| lexicon.weight(&next.lower).is_some());
        if says_no {
            continue;
        }
        let mut weight = raised(weight, if differs && token.capitals { CAPITALS } else { 0.0 });
        weight = in_context(weight, &tokens[..at], differs, lexicon);
        weight *= match but {
            Some(but) if at < but => BUT.0,
            Some(but) if at > but => BUT.1,
            _ => 1.0,
        };
        words.push(Weighed { word: token.text.to_owned(), weight });
    }
    let sum: f64 = words.iter().map(|word| word.weight).sum();
    let sum = if words.is_empty() { 0.0 } else { raised(sum, emphasis(sentence)) };
    (words, sum / (sum * sum + ALPHA).sqrt())
}

/// The words, without the marks around them; emoticons and emoji as they are.
fn tokens<'a>(sentence: &'a str, lexicon: &Lexicon) -> Vec<Token<'a>> {
    let mut tokens = Vec::new();
    for run in sentence.split_whitespace().flat_map(emoji_apart) {
        let word = run.trim_matches(|c: char| !c.is_alphanumeric());
        let text = if lexicon.weight(&run.to_lowercase()).is_some() || word.is_empty() { run } else { word };
        let lower = text.to_lowercase().replace('’', "'");
        let capitals = text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase);
        tokens.push(Token { text, lower, capitals });
    }
    tokens
}

/// A run of text in which every emoji stands by itself, without the variant that follows it.
fn emoji_apart(run: &str) -> Vec<&str> {
    let is_emoji = |c: char| matches!(u32::from(c), 0x2600..=0x27BF | 0x1F300..=0x1FAFF);
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, c) in run.char_indices().filter(|(_, c)| is_emoji(*c) || *c == '\u{FE0F}') {
        let end = at + c.len_utf8();
        parts.push(&run[from..at]);
        parts.push(if is_emoji(c) { &run[at..end] } else { "" });
        from = end;
    }
    parts.push(&run[from..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// A weight after what the three words before it do to it; the nearest is the last of `before`.
fn in_context(mut weight: f64, before: &[Token], differs: bool, lexicon: &Lexicon) -> f64 {
    let nearest =
        |distance: usize| before.iter().rev().nth(distance).map_or("", |token| token.lower.as_str());
    for (token, (distance, reach)) in before.iter().rev().zip(REACH.iter().enumerate()) {
        let negates = negates(&token.lower);
        if lexicon.weight(&token.lower).is_some() && !negates && boost(&token.lower) == 0.0 {
            continue;
        }
        let boost = boost(&token.lower);
        if boost != 0.0 {
            let capitals = if differs && token.capitals { CAPITALS } else { 0.0 };
            weight = raised(weight, (boost + capitals) * reach);
        }
        let after = nearest(distance.saturating_sub(1));
        let least = token.lower == "least" && distance == 0 && !matches!(nearest(1), "at" | "very");
        if token.lower == "never" && matches!(after, "so" | "this") {
            weight *= 1.25;
        } else if least || negates && !(token.lower == "without" && after == "doubt") {
            weight *= NEGATED;
        }
    }
    weight
}

fn negates(word: &str) -> bool {
    word.ends_with("n't") || NEGATE.split_whitespace().any(|negation| negation == word)
}

fn boost(word: &str) -> f64 {
    if RAISE.split_whitespace().any(|raises| raises == word) {
        BOOST
    } else if LOWER.split_whitespace().any(|lowers| lowers == word) {
        -BOOST
    } else {
        0.0
    }
}

/// A weight that is further from 0 by so much.
fn raised(weight: f64, by: f64) -> f64 {
    if weight > 0.0 { weight + by } else { weight - by }
}

fn emphasis(sentence: &str) -> f64 {
    let count = |mark: char| sentence.chars().filter(|c| *c == mark).count();
    let questions = match count('?') {
        0 | 1 => 0.0,
        marks @ 2..=3 => marks as f64 * QUESTIONS.0,
        _ => QUESTIONS.1,
    };
    count('!').min(EXCLAMATION.1) as f64 * EXCLAMATION.0 + questions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(sentence: &str) -> f64 {
        weigh(sentence, &Lexicon::shipped()).1
    }

    #[test]
    fn the_rules_of_vader() {
        // What VADER itself says of its own examples.
        for (sentence, expected) in [
            ("VADER is smart, handsome, and funny.", 0.8316),
            ("VADER is smart, handsome, and funny!", 0.8439),
            ("VADER is very smart, handsome, and funny.", 0.8545),
            ("VADER is VERY SMART, handsome, and FUNNY.", 0.9227),
            ("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342),
            ("VADER is not smart, handsome, nor funny.", -0.7424),
            ("The book was good.", 0.4404),
            ("At least it isn't a horrible book.", 0.431),
            ("The plot was good, but the characters are uncompelling and the dialog is not great.", -0.7042),
            ("Today only kinda sux! But I'll get by, lol", 0.5249),
        ] {
            assert!(
                (score(sentence) - expected).abs() < 0.0002,
                "{sentence}: {} is not {expected}",
                score(sentence)
            );
        }
    }

    #[test]
    fn words_explain_the_score() {
        let (words, _) = weigh("I don’t LOVE it, but thanks 👍🏽 :)", &Lexicon::shipped());
        let words: Vec<_> = words.iter().map(|word| (word.word.as_str(), word.weight > 0.0)).collect();
        assert_eq!(words, [("LOVE", false), ("thanks", true), ("👍", true), (":)", true)]);
        assert_eq!(weigh("The shop opens at nine.", &Lexicon::shipped()), (Vec::new(), 0.0));
    }
}
