//! `--check`: the sentences that every search carries, and searches that cannot work.

use crate::document::Document;
use crate::engine::always_tried;
use crate::evaluate::evaluate;
use crate::query::{Field, Query, What};
use crate::searches::{Limits, Search, Searches, Sentence};
use cm_cli::{Exit, Listing, Session, nearest};

/// Checks every search and lists what was found; a sentence that fails makes the run exit 1.
pub fn check(searches: &Searches, session: &Session) -> anyhow::Result<()> {
    let mut listing = Listing::new(&["SEARCH", "RESULT", "WHY"]);
    for search in searches.iter() {
        let query = search.query()?;
        let (failures, warnings) = (failures(search, &query), warnings(search, &query));
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
            "query": search.name(),
            "tags": search.tags().collect::<Vec<_>>(),
            "enabled": search.is_enabled(),
            "result": result,
            "failures": failures,
            "warnings": warnings,
            "always_tried": always_tried(&query),
        });
        listing.row(vec![search.name().to_owned(), result.to_owned(), why], object);
    }
    session.list(&listing)
}

fn failures(search: Search, query: &Query) -> Vec<String> {
    let (must_match, must_miss) = search.sentences();
    let missed = must_match.iter().filter(|sentence| !matches(query, sentence));
    let caught = must_miss.iter().filter(|sentence| matches(query, sentence));
    let missed = missed.map(|sentence| format!("misses {}", sentence.shown()));
    missed.chain(caught.map(|sentence| format!("matches {}", sentence.shown()))).collect()
}

fn matches(query: &Query, sentence: &Sentence) -> bool {
    sentence.record().is_some_and(|record| evaluate(query, &Document::of(&record), &mut Vec::new()))
}

fn warnings(search: Search, query: &Query) -> Vec<String> {
    let mut warnings = Vec::new();
    if search.sentences().0.is_empty() {
        warnings.push("carries no sentence that it must match".to_owned());
    }
    if is_only_negative(query) {
        warnings.push("matches nearly everything: it only says what must not be there".to_owned());
    }
    if let Some(term) = contradiction(query) {
        warnings.push(format!("can never match: {term} must be there and must not"));
    }
    if let Some(word) = lower_case_operator(query) {
        warnings
            .push(format!("looks for the word {word:?}: the operator is written {}", word.to_uppercase()));
    }
    warnings.extend(other_languages(search, query));
    warnings.extend(handle_like_a_name(search, query));
    warnings
}

/// `lang:fr` in a search whose `languages` leave French out.
fn other_languages(search: Search, query: &Query) -> Option<String> {
    let languages = search.limits().map(Limits::languages).filter(|languages| !languages.is_empty())?;
    let parts = if let Query::And(parts) = query { parts.as_slice() } else { std::slice::from_ref(query) };
    let asked = parts.iter().find(|part| matches!(part, Query::Term(term) if term.field == Field::Lang))?;
    (!languages.contains(asked)).then(|| format!("can never match: {asked} is none of its languages"))
}

/// A handle that is nearly the name of a search.
fn handle_like_a_name(search: Search, query: &Query) -> Option<String> {
    let known: Vec<&str> = search.all().names().collect();
    query.terms().into_iter().find_map(|(term, _)| {
        let What::Handle(handle) = &term.what else { return None };
        let near = nearest(&handle.text, &known).filter(|_| search.all().named(&handle.text).is_none())?;
        Some(format!("{term} is a handle: no search has this name (did you mean \"@{near}\"?)"))
    })
}

fn is_only_negative(query: &Query) -> bool {
    match query {
        Query::Everything | Query::Not(_) => true,
        Query::Term(_) | Query::Near(_) => false,
        Query::AtLeast(n, parts) => parts.iter().filter(|part| is_only_negative(part)).count() >= *n,
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
            matches!(&term.what, What::Words { patterns, .. } if matches!(&**patterns, [word] if *word.text == **operator) && !term.is_quoted())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(query: &str) -> Vec<String> {
        let searches = Searches::ad_hoc(query, None).unwrap();
        let search = searches.iter().next().unwrap();
        warnings(search, &search.query().unwrap())
            .into_iter()
            .filter(|w| !w.starts_with("carries no"))
            .collect()
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
