//! `--check`: the sentences that every search carries, and searches that cannot work.

use crate::anchor::anchors;
use crate::document::Document;
use crate::evaluate::evaluate;
use crate::query::{Query, What};
use crate::searches::{Search, Sentence};
use cm_cli::{Exit, Listing, Session};

/// Checks every search and lists what was found; a sentence that fails makes the run exit 1.
pub fn check(searches: &[Search], session: &Session) -> anyhow::Result<()> {
    let mut listing = Listing::new(&["SEARCH", "RESULT", "WHY"]);
    for search in searches {
        let (failures, warnings) = (failures(search), warnings(search));
        if !failures.is_empty() {
            session.mark(Exit::Nothing);
        }
        let result = match (failures.is_empty(), warnings.is_empty()) {
            (false, _) => "failed",
            (true, false) => "warning",
            (true, true) => "ok",
        };
        let why = failures.iter().chain(&warnings).cloned().collect::<Vec<_>>().join("; ");
        let object = serde_json::json!({
            "query": search.name,
            "result": result,
            "failures": failures,
            "warnings": warnings,
            "always_tried": anchors(&search.query).is_none(),
        });
        listing.row(vec![search.name.clone(), result.to_owned(), why], object);
    }
    session.list(&listing)
}

fn failures(search: &Search) -> Vec<String> {
    let missed = search.must_match.iter().filter(|sentence| !matches(&search.query, sentence));
    let caught = search.must_miss.iter().filter(|sentence| matches(&search.query, sentence));
    let missed = missed.map(|sentence| format!("misses {}", sentence.shown()));
    missed.chain(caught.map(|sentence| format!("matches {}", sentence.shown()))).collect()
}

fn matches(query: &Query, sentence: &Sentence) -> bool {
    sentence.record().is_some_and(|record| evaluate(query, &Document::of(&record), &mut Vec::new()))
}

fn warnings(search: &Search) -> Vec<String> {
    let mut warnings = Vec::new();
    if search.must_match.is_empty() {
        warnings.push("carries no sentence that it must match".to_owned());
    }
    if is_only_negative(&search.query) {
        warnings.push("matches nearly everything: it only says what must not be there".to_owned());
    }
    if let Some(term) = contradiction(&search.query) {
        warnings.push(format!("can never match: {term} must be there and must not"));
    }
    if let Some(word) = lower_case_operator(&search.query) {
        warnings
            .push(format!("looks for the word {word:?}: the operator is written {}", word.to_uppercase()));
    }
    warnings
}

fn is_only_negative(query: &Query) -> bool {
    match query {
        Query::Everything | Query::Not(_) => true,
        Query::Term(_) => false,
        Query::And(parts) => parts.iter().all(is_only_negative),
        Query::Or(parts) => parts.iter().any(is_only_negative),
    }
}

/// A part of an AND that is also ruled out in it.
fn contradiction(query: &Query) -> Option<String> {
    match query {
        Query::And(parts) => {
            let ruled_out = |part: &Query| {
                parts.iter().any(|other| matches!(other, Query::Not(inner) if **inner == *part))
            };
            parts.iter().find(|part| ruled_out(part)).map(Query::to_string)
        }
        Query::Or(parts) => {
            let each: Option<Vec<String>> = parts.iter().map(contradiction).collect();
            each.and_then(|each| each.into_iter().next())
        }
        _ => None,
    }
}

/// `and`, `or` and `not` in lower case are words; rarely are they meant as such.
fn lower_case_operator(query: &Query) -> Option<&'static str> {
    let terms = query.terms();
    ["and", "or", "not"].into_iter().find(|operator| {
        terms.iter().any(|(term, _)| {
            matches!(&term.what, What::Words(words) if words.len() == 1 && words[0].text == *operator && !term.is_quoted())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(query: &str) -> Vec<String> {
        let sentence = Sentence::Text(String::new());
        let search = Search {
            name: "n".into(),
            query: query.parse().unwrap(),
            must_match: vec![sentence],
            must_miss: vec![],
        };
        warnings(&search)
    }

    #[test]
    fn searches_that_cannot_work_are_named() {
        assert_eq!(warned("acme roast"), [""; 0]);
        assert_eq!(
            warned("acme (roast -roast) beans")[0],
            "can never match: roast must be there and must not"
        );
        assert!(warned("-acme")[0].starts_with("matches nearly everything"));
        assert!(warned("acme OR -roast")[0].starts_with("matches nearly everything"));
        assert_eq!(warned("a or b"), ["looks for the word \"or\": the operator is written OR"]);
        assert_eq!(warned("a \"or\" b"), [""; 0]);
    }
}
