//! Operators that were written as words by a slip: `or`, `Or`, `ORR`, `NAER/3`, `/5`, `NEAR(3)`. In: a query. Out: a line
//! for each. As words they mostly find nothing, and nobody is told.

use crate::query::{Near, Query, Term, What};

const OPERATORS: [&str; 5] = ["AND", "OR", "NOT", "NEAR", "ONEAR"];
/// What NEAR without a number means.
const BETWEEN: usize = 4;
const QUOTE: &str = "(to look for it, quote it)";

/// What of a query was most likely meant as an operator; `text` is how it is written.
pub(super) fn warnings(query: &Query, text: &str) -> Vec<String> {
    // A word alone joins nothing.
    let alone = matches!(query, Query::Term(_));
    let capitals = !text.contains(char::is_lowercase);
    let mut warnings: Vec<String> = Vec::new();
    for (term, _) in query.terms() {
        warnings.extend(quoted(term));
        if !alone {
            warnings.extend(as_word(term, capitals).or_else(|| with_number(term)));
        }
    }
    numbers(query, &mut warnings);
    warnings
}

/// `or`, `Or`, and unless all is in capitals `ORR`.
fn as_word(term: &Term, capitals: bool) -> Option<String> {
    let What::Words { patterns, .. } = &term.what else { return None };
    if patterns.len() != 1 || term.is_quoted() {
        return None;
    }
    let written = term.to_string();
    if let Some(operator) = OPERATORS.iter().find(|operator| operator.eq_ignore_ascii_case(&written)) {
        return Some(format!("looks for the word {written}: the operator is written {operator}"));
    }
    let meant = OPERATORS.iter().find(|operator| is_slip(&written, operator)).filter(|_| !capitals)?;
    Some(format!("looks for the word {written}: did you mean the operator {meant}? {QUOTE}"))
}

/// Whether two letters changed places, one was left out or one was doubled. Another letter makes another word: AMD, YEAR.
fn is_slip(word: &str, operator: &str) -> bool {
    let (word, operator) = (word.as_bytes(), operator.as_bytes());
    let without = |text: &[u8], at: usize| [&text[..at], &text[at + 1..]].concat();
    let swapped = |at: usize| {
        let mut letters = operator.to_vec();
        letters.swap(at - 1, at);
        letters == word && word != operator
    };
    let left_out = |at: usize| without(operator, at) == word;
    // RO and R are words of their own.
    let long = operator.len() > 2;
    long && ((1..operator.len()).any(swapped) || (0..operator.len()).any(left_out))
        || (1..word.len()).any(|at| word[at] == word[at - 1] && without(word, at) == operator)
}

/// `NAER/3` and `/5`.
fn with_number(term: &Term) -> Option<String> {
    let What::Words { .. } = &term.what else { return None };
    if term.is_quoted() {
        return None;
    }
    let written = term.to_string();
    let (name, number) = written.split_once('/')?;
    let counts = number.parse::<usize>().is_ok_and(|n| n <= 100) && !number.starts_with('+');
    if !counts || !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let known = ["NEAR", "ONEAR", "ATLEAST"];
    let operator = cm_cli::nearest(&name.to_ascii_uppercase(), &known).unwrap_or("NEAR");
    Some(format!("looks for {written} as a word: did you mean {operator}/{number}? {QUOTE}"))
}

/// `"OR"` and `"acme OR roast"`
fn quoted(term: &Term) -> Option<String> {
    let What::Words { patterns, .. } = &term.what else { return None };
    if !term.is_quoted() {
        return None;
    }
    let written = term.to_string();
    let inner = written.trim_matches('"');
    if patterns.len() == 1 {
        return OPERATORS
            .contains(&inner)
            .then(|| format!("looks for the word {written}: the operator stands without quotation marks"));
    }
    let word = inner.split_whitespace().find(|word| OPERATORS.contains(word))?;
    Some(format!("looks for {word} as a word of {written}: write (\"...\" {word} \"...\")"))
}

/// `NEAR(3)` and `NEAR 3`.
fn numbers(query: &Query, warnings: &mut Vec<String>) {
    match query {
        Query::Near(near) => warnings.extend(number_as_word(near)),
        Query::Not(inner) => numbers(inner, warnings),
        Query::And(parts) | Query::Or(parts) | Query::AtLeast(_, parts) => {
            parts.iter().for_each(|part| numbers(part, warnings));
        }
        Query::Everything | Query::Term(_) => {}
    }
}

fn number_as_word(near: &Near) -> Option<String> {
    near.then.iter().filter(|step| step.within == BETWEEN).find_map(|step| {
        let [term] = step.terms.as_slice() else { return None };
        let number = term.to_string();
        let counts = number.parse::<usize>().is_ok_and(|n| n <= 100);
        let operator = if step.ordered { "ONEAR" } else { "NEAR" };
        counts.then(|| {
            format!("looks for the word {number}: how many words between is written {operator}/{number}")
        })
    })
}
