//! Words whose signs are not looked for: `C++` and `C#` are the word `c`. In: a term. Out: what to write.

use crate::query::{Field, Term, What};

/// The signs that make another word of one.
const SIGNS: [char; 2] = ['+', '#'];

/// The first of a term's words that ends with such signs.
pub(super) fn warning(term: &Term) -> Option<String> {
    let What::Words { slop: None, .. } = &term.what else { return None };
    if !matches!(term.field, Field::Any | Field::Title | Field::Summary | Field::Text | Field::Author) {
        return None;
    }
    let has_signs = |part: &&str| {
        let word = part.trim_end_matches(SIGNS);
        word.len() < part.len() && word.ends_with(char::is_alphanumeric)
    };
    let part = term.written().split_whitespace().find(has_signs)?;
    let word = part.trim_end_matches(SIGNS);
    Some(format!("{part} looks for the word {word}: {{{part}}} finds these very characters"))
}
