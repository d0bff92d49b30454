//! What holds of every import: of a file of which nothing is told every word, OR and NOT is in the searches, and every
//! word in one of them.

use super::pieces::{Piece, cut};
use super::{Dialect, input, translated};
use proptest::prelude::*;

const SIGNS: [&str; 31] = [
    "(",
    ")",
    "(",
    ")",
    "AND",
    "OR",
    "NOT",
    "AND",
    "OR",
    "-",
    "NEAR/3",
    "~3",
    "\"",
    "“",
    "{",
    "}",
    "<<<",
    ">>>",
    "\n",
    "\n",
    "\n\n",
    ",",
    ";",
    "title:",
    "country:",
    "before:",
    "hashtag:",
    "ATLEAST/1",
    "[",
    "!",
    "raw:",
];

/// The searches of a text, and how many things are told of it.
fn imported(text: &str, dialect: Dialect) -> (Vec<String>, usize) {
    let Ok(originals) = input::read(text, dialect) else { return (Vec::new(), 1) };
    let read: Vec<_> = originals.iter().map(|original| translated(dialect, original)).collect();
    let told = read.iter().map(|(_, told)| told.len()).sum();
    (read.into_iter().filter_map(|(search, _)| search).collect(), told)
}

fn dialects() -> impl Strategy<Value = Dialect> {
    prop::sample::select(vec![
        Dialect::Brandwatch,
        Dialect::Meltwater,
        Dialect::Talkwalker,
        Dialect::GoogleAlerts,
    ])
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with("w7"));
    words.map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 5_000 } else { 20_000 }))]

    #[test]
    fn nothing_is_lost_in_silence(
        pieces in prop::collection::vec((any::<bool>(), prop::sample::select(SIGNS.to_vec())), 1..12),
        spaced in any::<bool>(),
        dialect in dialects(),
    ) {
        // Every word once, so that each can be found again.
        let pieces = pieces.iter().enumerate();
        let pieces: Vec<_> = pieces.map(|(n, (is_word, sign))| if *is_word { format!("w7{n}") } else { (*sign).to_owned() }).collect();
        let text = pieces.join(if spaced { " " } else { "" });
        let (searches, told) = imported(&text, dialect);
        if told > 0 {
            return Ok(());
        }
        let written = searches.join("\n");
        // Without comments.
        let parts = text.split("<<<").enumerate();
        let parts = parts.map(|(n, part)| if n == 0 { part } else { part.split_once(">>>").map_or("", |(_, rest)| rest) });
        let plain = parts.collect::<Vec<_>>().join(" ");
        // The words of a hashtag stand without spaces.
        let apart = |words: &str| if text.contains("hashtag:") { words.replace("w7", " w7") } else { words.to_owned() };
        let mut found = words_of(&apart(&written));
        for word in words_of(&apart(&plain)) {
            prop_assert!(found.contains(&word), "{word} of {text:?} is not in {written:?}");
        }
        let lexed = cut(&plain, dialect).pieces;
        let of = |wanted: &[Piece]| lexed.iter().filter(|(_, piece)| wanted.contains(piece)).count();
        // The ORs of a list are its commas; those between quotation marks are words.
        if !["ATLEAST", "<<<", "\"", "“", "{", "raw"].iter().any(|sign| text.contains(sign)) {
            prop_assert_eq!(written.matches(" OR ").count(), of(&[Piece::Or]), "{:?} of {:?}", written, text);
            // NOT twice is nothing.
            let spaced = format!(" {written}").replace(['(', '\n'], " ");
            let nots = spaced.matches(" -").count();
            prop_assert_eq!(nots % 2, of(&[Piece::Not]) % 2, "{:?} of {:?}", written, text);
        }
        let all = found.len();
        found.sort();
        found.dedup();
        prop_assert_eq!(found.len(), all, "{:?} twice in {:?}", text, written);
    }

    #[test]
    fn a_query_of_several_lines_is_one(
        joints in prop::collection::vec(prop::sample::select(vec![[" ", " "], ["\n", " "], [" ", "\n"], ["\n", "\n"]]), 4),
        dialect in dialects(),
    ) {
        // The operators with what stands behind them.
        let not = if dialect == Dialect::GoogleAlerts { ("-", "(w1 OR w2)") } else { ("NOT ", "(w1 OR w2)") };
        let parts = [("AND ", "(\"c d\" OR e)"), ("OR ", "f"), ("AND ", "g"), not];
        let (mut query, mut text) = ("(a OR b)".to_owned(), "(a OR b)".to_owned());
        for ((operator, value), [before, behind]) in parts.into_iter().zip(joints) {
            query.extend([" ", operator, value]);
            let behind = if operator == "-" { "" } else { behind };
            text.extend([before, operator.trim_end(), behind, value]);
        }
        let (whole, _) = imported(&query, dialect);
        prop_assert_eq!(whole.len(), 1);
        prop_assert_eq!(imported(&text, dialect).0, whole, "{}", text);
    }
}
