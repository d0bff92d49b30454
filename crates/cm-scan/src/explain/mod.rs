//! Why each record matched or did not, as JSON lines or for people.
//! In: a record and the searches. Out: per search whether it matched, its score part by part, the shortest reason why not,
//! and every clause with what was found for it.

mod clause;
mod distance;
mod hint;
mod reason;

pub use clause::named_hits;
pub use reason::{View, why_not};

use crate::context::around;
use crate::document::Document;
use crate::engine::Engine;
use crate::evaluate::{Found, evaluate};
use crate::hits::{hits, reading_order};
use crate::out::Out;
use crate::query::Query;
use crate::score::{Score, Standing, freshness};
use crate::sink::{Miss, Scanned, Sink};
use crate::window::{Window, published};
use chrono::{DateTime, Utc};
use clause::{Clause, clauses};
use cm_cli::{Style, one_line};
use cm_record::{Place, Record};
use cm_text::shorten_to_graphemes;
use cm_time::Zone;
use serde::Serialize;

/// How much is shown on each side of a place, in code points.
const ROOM: usize = 30;
/// The longest name of a group, in graphemes.
const NAME: usize = 60;
/// So many alternatives that do not hold are told each by itself.
const FEW: usize = 6;
/// The most places of a clause that are shown to people; programs get a hundred.
const SHOWN: usize = 5;
/// The deepest that clauses are indented.
const DEEPEST: usize = 8;

/// Explanations.
pub struct Explain<'a> {
    /// The searches.
    pub engine: &'a Engine,
    /// The time that items have to be from.
    pub window: Window,
    /// The zone in which times are told.
    pub zone: &'a Zone,
    /// The run's clock.
    pub now: DateTime<Utc>,
    /// For people.
    pub text: bool,
    /// With colours.
    pub color: bool,
}

/// Why a search matched a record or did not.
#[derive(Serialize)]
struct Explanation<'d> {
    id: &'d str,
    query: &'d str,
    matched: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score_parts: Option<Score>,
    /// Of one that did not match.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    clauses: Vec<Clause<'d>>,
}

impl Sink for Explain<'_> {
    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()> {
        let document = scanned.document();
        if self.text {
            out.line(&self.heading(&scanned.record, &scanned.place))?;
        }
        for number in 0..self.engine.len() {
            let (name, query) = (self.engine.name(number), &*self.engine.query(number));
            let matched = scanned.answer.matched.iter().any(|(matched, _)| *matched == number);
            let explanation = self.explain(&scanned.record, &document, number, (name, query), matched);
            if self.text {
                self.write(&explanation, out)?;
            } else {
                out.line(&serde_json::to_string(&explanation)?)?;
            }
        }
        Ok(())
    }

    fn miss(&self) -> Miss {
        Miss::Take
    }
}

impl Explain<'_> {
    fn explain<'d>(
        &'d self,
        record: &'d Record,
        document: &'d Document,
        number: usize,
        (name, query): (&'d str, &Query),
        matched: bool,
    ) -> Explanation<'d> {
        let score = matched.then(|| self.score(record, document, query));
        let view = View { document, zone: self.zone };
        let why = (!matched).then(|| self.why_not(record, number, query, view));
        Explanation {
            id: record.id(),
            query: name,
            matched,
            score: score.map(Score::total),
            score_parts: score,
            why,
            clauses: clauses(query, view),
        }
    }

    fn score(&self, record: &Record, document: &Document, query: &Query) -> Score {
        let mut found = Vec::new();
        evaluate(query, document, &mut found);
        let score = Score::of(&hits(&mut found)).with(Standing::of(document));
        Score { freshness: freshness(published(record.checked()), self.now), ..score }
    }

    /// The shortest reason: the time, then the limits of the search, then its query.
    fn why_not(&self, record: &Record, number: usize, query: &Query, view: View) -> String {
        if !self.window.admits(record.checked()) {
            let bound =
                if self.window.is_before(record.checked()) { "before --since" } else { "not before --until" };
            return format!("{}, {bound}", view.time().unwrap_or_default());
        }
        let refusal = self.engine.refusal(number, view.document);
        refusal.map_or_else(|| why_not(query, view), |refusal| refusal.shown().to_owned())
    }

    fn heading(&self, record: &Record, place: &Place) -> String {
        format!("{place}: {}", Style::Bold.paint(&one_line(record.id()), self.color))
    }

    fn write(&self, explanation: &Explanation, out: &mut Out) -> anyhow::Result<()> {
        let result = match explanation.matched {
            true => Style::Green.paint("matched", self.color),
            false => Style::Yellow.paint("did not match", self.color),
        };
        out.line(&format!("  {}: {result}", one_line(explanation.query)))?;
        if let Some(score) = &explanation.score_parts {
            out.line(&format!("    score {score}"))?;
        }
        if let Some(why) = &explanation.why {
            out.line(&format!("    why  {}", one_line(why)))?;
        }
        explanation.clauses.iter().try_for_each(|clause| self.write_clause(clause, 1, out))
    }

    fn write_clause(&self, clause: &Clause, depth: usize, out: &mut Out) -> anyhow::Result<()> {
        let indent = "     ".repeat(depth.min(DEEPEST) - 1);
        let why = clause.why.as_deref().map(|why| format!(": {}", one_line(why))).unwrap_or_default();
        let name = one_line(&clause.clause);
        // A group is shown by its parts.
        let name = if clause.clauses.is_empty() { name } else { shorten_to_graphemes(&name, NAME) };
        out.line(&format!("    {indent}{}  {name}{why}", self.yes_or_no(clause.holds)))?;
        for place in shown(&clause.places) {
            let room = ROOM.saturating_sub(indent.len() / 2).max(15);
            let text = around(&place.text.text, &[(place.start, place.end)], room, self.color);
            let at = if place.text.located { format!(" {}", position(place)) } else { String::new() };
            out.line(&format!("    {indent}     {}{at}: {text}", place.text.field))?;
        }
        if clause.places.len() > SHOWN {
            out.line(&format!("    {indent}     and {} more", clause.places.len() - SHOWN))?;
        }
        self.write_parts(clause, depth + 1, out)
    }

    /// Of many alternatives those that do not hold are told on one line.
    fn write_parts(&self, clause: &Clause, depth: usize, out: &mut Out) -> anyhow::Result<()> {
        let parts = clause.clauses.iter();
        let missing: Vec<&str> =
            parts.clone().filter(|part| !part.holds).map(|part| part.clause.as_str()).collect();
        let few = missing.len() <= FEW || clause.at_least == Some(clause.clauses.len());
        parts.filter(|part| few || part.holds).try_for_each(|part| self.write_clause(part, depth, out))?;
        if !few {
            let indent = "     ".repeat(depth.min(DEEPEST) - 1);
            let names = shorten_to_graphemes(&one_line(&missing.join(", ")), NAME);
            out.line(&format!("    {indent}{}  {} others: {names}", self.yes_or_no(false), missing.len()))?;
        }
        Ok(())
    }

    fn yes_or_no(&self, holds: bool) -> String {
        match holds {
            true => Style::Green.paint("yes", self.color),
            false => format!("{} ", Style::Yellow.paint("no", self.color)),
        }
    }
}

fn shown<'p, 'd>(places: &'p [Found<'d>]) -> &'p [Found<'d>] {
    debug_assert!(places.is_sorted_by_key(reading_order), "the first are shown");
    &places[..places.len().min(SHOWN)]
}

fn position(place: &Found) -> usize {
    cm_text::code_points(&place.text.text, place.start)
}
