//! Why each record matched or did not, clause by clause.

use crate::context::around;
use crate::document::Document;
use crate::engine::Engine;
use crate::evaluate::evaluate_term;
use crate::hits::hits;
use crate::query::{Query, Term};
use crate::score::Score;
use crate::sink::{Scanned, Sink};
use crate::window::Window;
use cm_cli::{Out, Style, one_line};
use cm_record::{Hit, Match, Record};
use serde::Serialize;

/// Explanations, as JSON lines or for people.
pub struct Explain<'a> {
    /// The searches.
    pub engine: &'a Engine,
    /// The time that items have to be from.
    pub window: Window,
    /// For people.
    pub text: bool,
    /// With colours.
    pub color: bool,
}

/// Why a search matched a record or did not.
#[derive(Serialize)]
struct Explanation<'a> {
    id: &'a str,
    query: &'a str,
    matched: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score_parts: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    clauses: Vec<Clause>,
}

/// A term of a search and whether it was found.
#[derive(Serialize)]
struct Clause {
    clause: String,
    /// False under a NOT.
    wanted: bool,
    found: bool,
    hits: Vec<Hit>,
}

impl Sink for Explain<'_> {
    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()> {
        let record = &scanned.record;
        if self.text {
            let id = Style::Bold.paint(&one_line(record.id()), self.color);
            out.line(&format!("{}: {id}", scanned.place))?;
        }
        for (number, (name, query)) in self.engine.searches().iter().enumerate() {
            let found = scanned.matches.iter().find(|found| found.query == *name);
            let explanation = self.explain(record, number, (name, query), found);
            if self.text {
                self.write(&explanation, record, out)?;
            } else {
                out.line(&serde_json::to_string(&explanation)?)?;
            }
        }
        Ok(())
    }
}

impl Explain<'_> {
    fn explain<'e>(
        &self,
        record: &'e Record,
        number: usize,
        (name, query): (&'e str, &Query),
        found: Option<&Match>,
    ) -> Explanation<'e> {
        let document = Document::of(record);
        let clauses =
            query.terms().into_iter().map(|(term, negative)| clause(term, negative, &document)).collect();
        let refused = || Some(self.engine.refusal(number, &document)?.shown());
        let outside = (!self.window.admits(record)).then_some("outside --since and --until");
        let score = found.map(|found| Score::of(&found.hits));
        Explanation {
            id: record.id(),
            query: name,
            matched: found.is_some(),
            score: score.map(Score::total),
            score_parts: score,
            why: outside.or_else(refused),
            clauses,
        }
    }

    fn write(&self, explanation: &Explanation, record: &Record, out: &mut Out) -> anyhow::Result<()> {
        let result = match (&explanation.score_parts, explanation.why) {
            (Some(parts), _) => {
                let Score { field, position, frequency } = parts;
                let sum = format!(
                    "score {} = field {field} + position {position} + frequency {frequency}",
                    parts.total()
                );
                format!("{}, {sum}", Style::Green.paint("matched", self.color))
            }
            (None, Some(why)) => format!("{}, {why}", Style::Yellow.paint("did not match", self.color)),
            (None, None) => Style::Yellow.paint("did not match", self.color),
        };
        out.line(&format!("  {}: {result}", one_line(explanation.query)))?;
        for clause in &explanation.clauses {
            let not = if clause.wanted { "" } else { "NOT " };
            let found = if clause.found { "found    " } else { "not found" };
            out.line(&format!("    {found}  {not}{}", one_line(&clause.clause)))?;
            for hit in &clause.hits {
                out.line(&format!(
                    "               {} {}: {}",
                    hit.field,
                    hit.start,
                    around(hit, record, self.color)
                ))?;
            }
        }
        Ok(())
    }
}

fn clause(term: &Term, negative: bool, document: &Document) -> Clause {
    let mut places = Vec::new();
    let found = evaluate_term(term, document, &mut places);
    Clause { clause: term.to_string(), wanted: !negative, found, hits: hits(places) }
}
