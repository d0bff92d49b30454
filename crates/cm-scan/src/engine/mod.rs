//! Many searches against one item at a time. In: an item's line and its members, or a document. Out: the searches that
//! match, in their order. Most items are passed over by a look at their bytes; what that may leave out and what not is
//! said in docs/searches.md, "Saved searches".

mod atoms;
mod beginnings;
mod blocks;
mod chars;
mod focus;
mod glimpse;
mod hanging;
mod members;
mod program;
mod recent;
mod scan;
mod terms;
#[cfg(test)]
mod tests;

pub use focus::{Focus, Part};
pub use members::{Members, text};

use crate::document::Document;
use crate::evaluate::{Found, evaluate};
use crate::explain::named_hits;
use crate::hits::{Match, hits};
use crate::query::Query;
use crate::score::{Score, Standing};
use crate::searches::{Refusal, Search, Searches, told};
use atoms::Head;
use cm_cli::Failure;
use focus::is_seen;
use hanging::{Experience, Hanging, Hung};
use members::{scan_document, scan_members};
use program::{Need, Programs, Wanted, need};
use recent::{KEPT, Kept, Recent};
use scan::Listener;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::OnceLock;
use terms::Terms;

/// The searches of a run, prepared.
pub struct Engine {
    searches: Searches,
    /// Their queries, where there are not too many; else they are read again when one is a candidate.
    kept: Kept,
    terms: Terms,
    programs: Programs,
    /// Where they hang as far as is known before any item was seen.
    guessed: Hanging,
    /// Where they hang since it is known which words are common.
    learned: OnceLock<Hanging>,
    wanted: Wanted,
    /// Of each search, whether the first look sees all words that it asks for.
    seen: Vec<bool>,
    /// Whether hits name their clauses.
    clauses: bool,
}

/// What a thread needs to look for candidates, kept from item to item.
#[derive(Default)]
pub struct Scratch {
    /// The item at hand; what was seen in it is marked with this.
    now: u32,
    atoms: Vec<u32>,
    searches: Vec<u32>,
    seen: Vec<u32>,
    candidates: Vec<u32>,
    experience: Experience,
    recent: Recent,
    /// The text of the item's HTML, where that stands for its content and was made to look for candidates.
    html_text: Option<String>,
    focus: Focus,
}

impl Scratch {
    /// Takes the text that was made of the HTML of the item at hand, so that nobody has to make it again.
    pub fn take_html_text(&mut self) -> Option<String> {
        self.html_text.take()
    }

    /// Takes back what mattered of an item, so that the next finds room made.
    pub fn keep_room(&mut self, focus: Option<Focus>) {
        if let Some(focus) = focus {
            self.focus = focus;
        }
    }
}

/// Whether a search is tried on every item: nothing can be told in advance of what it needs.
pub fn always_tried(query: &Query) -> bool {
    need(query, &mut Terms::default(), &mut Wanted::default()) == Need::Nothing
}

impl Engine {
    /// Prepares searches; mistakes in their queries are an error that tells them all.
    pub fn new(searches: Searches) -> Result<Engine, Failure> {
        let (mut terms, mut programs, mut wanted) =
            (Terms::default(), Programs::default(), Wanted::default());
        let kept = Kept::of(searches.len());
        let keep = searches.len() <= KEPT;
        let mut seen = Vec::with_capacity(searches.len());
        for (number, search) in searches.iter().enumerate() {
            let query = match search.query() {
                Ok(query) => query,
                Err(mistake) => {
                    let others = searches.iter().skip(number + 1).filter_map(|other| other.query().err());
                    return Err(told(mistake, others));
                }
            };
            programs.add(&need(&query, &mut terms, &mut wanted));
            seen.push(is_seen(&query));
            if keep {
                let _ = kept.keep(number, query);
            }
        }
        programs.finish();
        terms.finish();
        let guessed = Hanging::new(&programs, terms.len(), |atom| terms.cost(atom));
        let learned = OnceLock::new();
        Ok(Engine { searches, kept, terms, programs, guessed, learned, wanted, seen, clauses: false })
    }

    /// The same, whose hits name their clauses if asked.
    pub fn naming_clauses(self, clauses: bool) -> Engine {
        Engine { clauses, ..self }
    }

    /// How many searches there are.
    pub fn len(&self) -> usize {
        self.searches.len()
    }

    /// The search with a number, from 0.
    fn search(&self, number: usize) -> Option<Search<'_>> {
        self.searches.get(number)
    }

    /// The name of a search.
    pub fn name(&self, number: usize) -> &str {
        self.search(number).map_or("", |search| search.name())
    }

    /// The query of a search.
    pub fn query(&self, number: usize) -> Cow<'_, Query> {
        self.kept.get(number).map_or_else(|| Cow::Owned(self.read_query(number)), Cow::Borrowed)
    }

    /// The query of a search, read again; it was read without a mistake when the engine was made.
    fn read_query(&self, number: usize) -> Query {
        let read = self.search(number).and_then(|search| search.query().ok());
        read.unwrap_or(Query::Everything)
    }

    /// Why a search does not look at an item, by the search's number.
    pub fn refusal(&self, number: usize, document: &Document) -> Option<Refusal> {
        self.search(number)?.limits()?.refuse(document)
    }

    /// Whether any search may match an item of which these are the members; `matches` then tells which do. Never false
    /// for one that matches.
    pub fn candidates(&self, members: &Members, scratch: &mut Scratch) -> bool {
        self.begin(scratch);
        scratch.html_text =
            scan_members(members, self.wanted, &self.terms, &mut Seen { terms: &self.terms, scratch });
        self.choose(scratch)
    }

    /// As `candidates`, for a document that was read already.
    pub fn candidates_in(&self, document: &Document, scratch: &mut Scratch) -> bool {
        self.begin(scratch);
        scan_document(
            document,
            self.wanted,
            self.terms.beginnings(),
            &mut Seen { terms: &self.terms, scratch },
        );
        self.choose(scratch)
    }

    fn begin(&self, scratch: &mut Scratch) {
        scratch.now = scratch.now.wrapping_add(1);
        // All marks are older than any item: 0 is what nothing was marked with.
        if scratch.now == 0 || scratch.atoms.len() != self.terms.len() {
            scratch.now = 1;
            scratch.atoms = vec![0; self.terms.len()];
            scratch.searches = vec![0; self.searches.len()];
        }
        scratch.seen.clear();
        scratch.candidates.clear();
        scratch.focus.clear();
        scratch.html_text = None;
    }

    /// Those of the searches hung on what was seen whose program passes.
    fn choose(&self, scratch: &mut Scratch) -> bool {
        let Scratch { now, atoms, searches, seen, candidates, .. } = scratch;
        let hanging = self.learned.get().unwrap_or(&self.guessed);
        let mut looks = 0;
        for atom in &*seen {
            let hung = hanging.on(*atom as usize);
            looks += hung.len();
            for Hung { search, also } in hung {
                let number = *search as usize;
                if atoms[*also as usize] == *now && searches[number] != *now {
                    searches[number] = *now;
                    if self.programs.passes(number, |atom| atoms[atom as usize] == *now) {
                        candidates.push(*search);
                    }
                }
            }
        }
        let wasted = looks - candidates.len();
        candidates.extend_from_slice(&hanging.always);
        candidates.sort_unstable();
        if self.learned.get().is_none() {
            self.learn(scratch, wasted);
        }
        !scratch.candidates.is_empty()
    }

    /// Once enough items were seen, searches are hung on the words that were rare in them.
    fn learn(&self, scratch: &mut Scratch, wasted: usize) {
        let Scratch { seen, experience, .. } = scratch;
        experience.add(seen, self.terms.len(), wasted);
        if experience.is_enough(self.len()) {
            // Of two that were never seen, the longer word is the rarer.
            let cost = |atom| experience.of(atom) as f32 + self.terms.likely(atom);
            self.learned.get_or_init(|| Hanging::new(&self.programs, self.terms.len(), cost));
            experience.clear();
        }
    }

    /// Takes what matters to `matches_of` of the item whose members were last asked about; `None` for everything.
    pub fn focus(&self, scratch: &mut Scratch) -> Option<Focus> {
        let seen = |number: &u32| self.seen.get(*number as usize).is_some_and(|seen| *seen);
        let whole = scratch.focus.is_whole() && scratch.candidates.iter().all(seen);
        whole.then(|| std::mem::take(&mut scratch.focus))
    }

    /// The searches that match the document that was last asked about.
    pub fn matches_of<'d>(&'d self, document: &'d Document, scratch: &mut Scratch) -> Vec<Match<'d>> {
        let Scratch { candidates, recent, .. } = scratch;
        let (standing, mut found) = (OnceCell::new(), Vec::new());
        let each = candidates.iter().map(|number| *number as usize);
        // Most candidates match.
        let mut matches = Vec::with_capacity(candidates.len());
        matches.extend(
            each.filter_map(|n| self.try_one(n, recent.query(self, n), document, &standing, &mut found)),
        );
        matches
    }

    /// The searches that match, each of them tried.
    pub fn matches_of_all<'d>(&'d self, document: &'d Document) -> Vec<Match<'d>> {
        let (standing, mut found) = (OnceCell::new(), Vec::new());
        let each = 0..self.len();
        each.filter_map(|n| self.try_one(n, &self.query(n), document, &standing, &mut found)).collect()
    }

    /// The searches that match.
    pub fn matches<'d>(&'d self, document: &'d Document) -> Vec<Match<'d>> {
        let mut scratch = Scratch::default();
        self.candidates_in(document, &mut scratch);
        self.matches_of(document, &mut scratch)
    }

    fn try_one<'d>(
        &'d self,
        number: usize,
        query: &Query,
        document: &'d Document,
        standing: &OnceCell<Standing>,
        found: &mut Vec<Found<'d>>,
    ) -> Option<Match<'d>> {
        if self.refusal(number, document).is_some() {
            return None;
        }
        found.clear();
        evaluate(query, document, found).then(|| {
            let hits = if self.clauses { named_hits(query, document) } else { hits(found) };
            let standing = standing.get_or_init(|| Standing::of(document));
            Match { number, query: self.name(number), score: Score::of(&hits).with(*standing).total(), hits }
        })
    }
}

/// Marks the atoms of searches that a text holds.
struct Seen<'a> {
    terms: &'a Terms,
    scratch: &'a mut Scratch,
}

impl Seen<'_> {
    #[inline(never)]
    fn mark(scratch: &mut Scratch, atom: u32) {
        let mark = &mut scratch.atoms[atom as usize];
        if *mark != scratch.now {
            *mark = scratch.now;
            scratch.seen.push(atom);
        }
        scratch.focus.keep();
    }
}

impl Listener for Seen<'_> {
    fn text(&mut self, part: Part, escaped: bool) {
        self.scratch.focus.text(part, escaped);
    }

    #[inline(always)]
    fn at(&mut self, start: usize, end: usize) {
        self.scratch.focus.at(start, end);
    }

    #[inline(always)]
    fn short(&mut self, head: Head, length: usize) {
        self.terms.short(head, length, |atom| Seen::mark(self.scratch, atom));
    }

    fn long(&mut self, atom: &[u8]) {
        self.terms.long(atom, |atom| Seen::mark(self.scratch, atom));
    }
}
