//! What a query cannot match without, as a short program over atoms: a necessary condition, never a sufficient one.
//! Programs of all searches stand in one row of numbers.

use super::atoms::atoms;
use super::terms::Terms;
use crate::query::{Field, Pattern, Query, Term, What};
use cm_text::fold;

/// What has to be there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Need {
    /// Nothing that can be told in advance.
    Nothing,
    /// An atom.
    Atom(u32),
    /// All of these.
    All(Vec<Need>),
    /// At least so many of these.
    Some(usize, Vec<Need>),
}

/// Which members hold what searches ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Titles, summaries, contents and tags.
    pub texts: bool,
    /// Tags as hashtags write them.
    pub whole_tags: bool,
    /// Names and handles of authors.
    pub authors: bool,
    /// Where the item stands and what it is about: `url`, `external_url`, `id`.
    pub addresses: bool,
    /// Links that stand only in HTML.
    pub html_links: bool,
}

/// What a query needs.
pub(super) fn need(query: &Query, terms: &mut Terms, wanted: &mut Wanted) -> Need {
    match query {
        Query::Everything => Need::Nothing,
        Query::Not(inner) => {
            // Where its words stand is told all the same: no others have to be cut then.
            need(inner, terms, wanted);
            Need::Nothing
        }
        Query::Term(term) => of_term(term, terms, wanted),
        Query::And(parts) => all(parts.iter().map(|part| need(part, terms, wanted)).collect()),
        Query::Or(parts) => some(1, parts.iter().map(|part| need(part, terms, wanted)).collect()),
        Query::AtLeast(n, parts) => some(*n, parts.iter().map(|part| need(part, terms, wanted)).collect()),
        Query::Near(near) => {
            let mut any =
                |parts: &[Term]| some(1, parts.iter().map(|part| of_term(part, terms, wanted)).collect());
            all(near.operands().map(&mut any).collect())
        }
    }
}

fn all(mut needs: Vec<Need>) -> Need {
    needs.retain(|need| *need != Need::Nothing);
    match needs.len() {
        0 => Need::Nothing,
        1 => needs.swap_remove(0),
        _ => Need::All(needs),
    }
}

/// At least so many of these; those that need nothing may all be there.
fn some(count: usize, mut needs: Vec<Need>) -> Need {
    let before = needs.len();
    needs.retain(|need| *need != Need::Nothing);
    match count.saturating_sub(before - needs.len()) {
        0 => Need::Nothing,
        left if left >= needs.len() => all(needs),
        left => Need::Some(left, needs),
    }
}

fn of_term(term: &Term, terms: &mut Terms, wanted: &mut Wanted) -> Need {
    let before = *wanted;
    let need = match &term.what {
        What::Words { patterns, .. } => {
            where_words_stand(term.field, wanted);
            all(patterns.iter().map(|word| of_pattern(word, terms)).collect())
        }
        What::Hashtag(tag) => {
            (wanted.texts, wanted.whole_tags) = (true, true);
            of_pattern(tag, terms)
        }
        What::Handle(name) => {
            let authors = matches!(term.field, Field::From | Field::Author);
            (wanted.texts, wanted.authors) = (wanted.texts | !authors, wanted.authors | authors);
            of_name(name, terms)
        }
        What::Name(name) if term.field == Field::Site => {
            wanted.addresses = true;
            of_name(name, terms)
        }
        What::Verbatim(text) => {
            where_words_stand(term.field, wanted);
            of_verbatim(text, terms)
        }
        What::Name(_) | What::Date(_) => Need::Nothing,
    };
    if need == Need::Nothing {
        *wanted = before;
    }
    need
}

fn where_words_stand(field: Field, wanted: &mut Wanted) {
    match field {
        Field::Author => wanted.authors = true,
        Field::Url => wanted.addresses = true,
        Field::Links => (wanted.texts, wanted.html_links) = (true, true),
        _ => wanted.texts = true,
    }
}

/// Names are compared folded but not cut: only of those in ASCII is it sure that both fall into the same atoms.
fn of_name(name: &Pattern, terms: &mut Terms) -> Need {
    if name.text.is_ascii() { of_pattern(name, terms) } else { Need::Nothing }
}

/// What a verbatim text is made of: where it stands in a text, its runs of letters and digits are whole runs there.
fn of_verbatim(text: &str, terms: &mut Terms) -> Need {
    let runs = text.split(|c: char| !c.is_alphanumeric()).map(|run| fold(run, false));
    all(runs
        .flat_map(|run| atoms(&run).map(|atom| Need::Atom(terms.whole(atom))).collect::<Vec<_>>())
        .collect())
}

/// Whether it can be told in advance where a word may stand.
pub(super) fn is_told(pattern: &Pattern) -> bool {
    // Marks that follow the beginning may be part of its last letter, unless that is one of ours.
    let unsure = !pattern.is_whole() && pattern.keep_diacritics && !pattern.bare().is_ascii();
    !unsure && atoms(pattern.bare()).next().is_some()
}

/// What a word needs to be in a text.
fn of_pattern(pattern: &Pattern, terms: &mut Terms) -> Need {
    if !is_told(pattern) {
        return Need::Nothing;
    }
    let last_open = !pattern.is_whole() && pattern.bare().ends_with(char::is_alphanumeric);
    let mut needs = Vec::new();
    let mut parts = atoms(pattern.bare()).peekable();
    while let Some(atom) = parts.next() {
        let beginning = last_open && parts.peek().is_none();
        needs.push(Need::Atom(if beginning { terms.beginning(atom) } else { terms.whole(atom) }));
    }
    all(needs)
}

const KIND: u32 = 3 << 30;
const ALL: u32 = 1 << 30;
const ANY: u32 = 2 << 30;
const SOME: u32 = 3 << 30;

/// The programs of all searches, one after the other: an atom is its number; what is made of others is its kind and how
/// many numbers follow.
#[derive(Default)]
pub(super) struct Programs {
    code: Vec<u32>,
    /// Where each begins, and the end of the last.
    starts: Vec<u32>,
}

impl Programs {
    /// Adds the program of the next search.
    pub fn add(&mut self, need: &Need) {
        self.starts.push(self.code.len() as u32);
        self.write(need);
    }

    fn write(&mut self, need: &Need) {
        let start = self.code.len();
        let (kind, parts) = match need {
            Need::Nothing => return,
            Need::Atom(number) => return self.code.push(*number),
            Need::All(parts) => (ALL, parts),
            Need::Some(1, parts) => (ANY, parts),
            Need::Some(_, parts) => (SOME, parts),
        };
        self.code.push(0);
        if let (SOME, Need::Some(count, _)) = (kind, need) {
            self.code.push(*count as u32);
        }
        parts.iter().for_each(|part| self.write(part));
        self.code[start] = kind | (self.code.len() - start - 1) as u32;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Lets go of the room for more.
    pub fn finish(&mut self) {
        self.starts.push(self.code.len() as u32);
        self.code.shrink_to_fit();
        self.starts.shrink_to_fit();
    }

    fn of(&self, search: usize) -> &[u32] {
        match (self.starts.get(search), self.starts.get(search + 1)) {
            (Some(start), Some(end)) => self.code.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Whether a search may match, by which atoms are there.
    #[inline]
    pub fn passes(&self, search: usize, there: impl Fn(u32) -> bool + Copy) -> bool {
        let code = self.of(search);
        code.is_empty() || holds(code, there).0
    }

    /// Atoms of which each item that the search matches has at least one: those on which the search is hung at least cost. None for a
    /// search that needs nothing.
    pub fn anchors(&self, search: usize, cost: impl Fn(u32) -> f32 + Copy) -> Vec<u32> {
        let code = self.of(search);
        if code.is_empty() { Vec::new() } else { rarest(code, cost).anchors }
    }

    /// Another atom without which the search matches no item: the rarest beside its anchors.
    pub fn also(&self, search: usize, anchors: &[u32], cost: impl Fn(u32) -> f32) -> Option<u32> {
        let (ALL, mut inner, _) = split(self.of(search)) else { return None };
        let mut rarest: Option<u32> = None;
        while !inner.is_empty() {
            let (first, _, after) = split(inner);
            let rarer = || rarest.is_none_or(|than| cost(first) < cost(than));
            if first & KIND == 0 && !anchors.contains(&first) && rarer() {
                rarest = Some(first);
            }
            inner = after;
        }
        rarest
    }
}

/// What stands first in a row of programs, and what stands behind it.
fn split(code: &[u32]) -> (u32, &[u32], &[u32]) {
    let Some((first, rest)) = code.split_first() else { return (ALL, &[], &[]) };
    if first & KIND == 0 {
        return (*first, &[], rest);
    }
    let (inner, after) = rest.split_at((first & !KIND) as usize);
    (first & KIND, inner, after)
}

/// Whether what stands first holds, and what stands behind it.
fn holds(code: &[u32], there: impl Fn(u32) -> bool + Copy) -> (bool, &[u32]) {
    let (first, mut inner, after) = split(code);
    let (wanted, mut found) = match first {
        ALL => {
            while !inner.is_empty() {
                let (true, rest) = holds(inner, there) else { return (false, after) };
                inner = rest;
            }
            return (true, after);
        }
        ANY => (1, 0),
        SOME => {
            let count = inner.first().copied().unwrap_or(0);
            inner = inner.get(1..).unwrap_or_default();
            (count, 0)
        }
        atom => return (there(atom), after),
    };
    while !inner.is_empty() && found < wanted {
        let (held, rest) = holds(inner, there);
        found += u32::from(held);
        inner = rest;
    }
    (found >= wanted, after)
}

struct Rarest {
    cost: f32,
    anchors: Vec<u32>,
}

fn rarest(code: &[u32], cost: impl Fn(u32) -> f32 + Copy) -> Rarest {
    let (first, mut inner, _) = split(code);
    if first & KIND == 0 {
        return Rarest { cost: cost(first), anchors: vec![first] };
    }
    let mut count = 1;
    if first == SOME {
        count = inner.first().copied().unwrap_or(1) as usize;
        inner = inner.get(1..).unwrap_or_default();
    }
    let mut parts = Vec::new();
    while !inner.is_empty() {
        parts.push(rarest(inner, cost));
        inner = split(inner).2;
    }
    parts.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    // Of n parts of which k hold, any n - k + 1 hold one.
    parts.truncate(if first == ALL { 1 } else { parts.len() - count.min(parts.len()) + 1 });
    let cost = parts.iter().map(|part| part.cost).sum();
    Rarest { cost, anchors: parts.into_iter().flat_map(|part| part.anchors).collect() }
}
