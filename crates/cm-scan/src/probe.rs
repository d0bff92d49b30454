//! The engine by itself, for fuzz targets and measurements: no session, no files.

use crate::document::Document;
use crate::engine::{Engine, Members, Scratch};
use crate::searches::Searches;
use cm_record::{Checker, Record};

/// Asserts that looking at the bytes of a line first changes no answer: each query by itself and all together, against
/// every query tried on the whole document. What is no record and what is no query is passed over.
pub fn never_misses(line: &str, queries: &[&str]) {
    let mut checker = Checker::default();
    let (Ok(checked), Ok(record)) = (checker.check(line.as_bytes()), Record::parse(line)) else { return };
    let good = |query: &&&str| Searches::of_queries(&[query]).and_then(Engine::new).is_ok();
    let queries: Vec<&str> = queries.iter().filter(good).copied().collect();
    let mut lists: Vec<&[&str]> = queries.chunks(1).collect();
    lists.push(&queries);
    for list in lists {
        let Ok(engine) = Searches::of_queries(list).and_then(Engine::new) else { continue };
        let document = Document::of(&record);
        let all = engine.matches_of_all(&document);
        let mut scratch = Scratch::default();
        let candidate = engine.candidates(&Members::of(checked), &mut scratch);
        assert!(candidate || all.is_empty(), "{list:?} in {line}");
        let (focus, html_text) = (engine.focus(&mut scratch), scratch.take_html_text());
        let focused = Document::of(&record).knowing_html_text(html_text.as_deref()).focusing(focus.as_ref());
        assert_eq!(engine.matches_of(&focused, &mut scratch), all, "{list:?} in {line}");
        assert_eq!(engine.matches(&document), all, "{list:?} in {line}");
    }
}
