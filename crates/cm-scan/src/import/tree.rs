//! Pieces of another service's query -> a tree in our terms. What has no counterpart is left out and told, so that what
//! remains means what it did wherever nothing is told.

mod values;

use super::dialect::Dialect;
use super::pieces::{Piece, Placed, Told};

/// A query in our terms.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// A value as our language writes it, without its field.
    Value(Option<&'static str>, String),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    /// Neighbours that are near each other; `true` where the order counts.
    Near(Box<Tree>, Vec<(bool, usize, Tree)>),
    AtLeast(usize, Vec<Tree>),
    /// Nothing is left of it.
    Nothing,
}

/// The deepest nesting: a hundred parentheses, as in our language, and what stands in the innermost.
const MAX_DEPTH: usize = 102;
/// The farthest that NEAR reaches.
const FARTHEST: usize = 100;
/// Words in a sentence, where only a sentence is asked for.
const SENTENCE: usize = 15;

/// Reads pieces. What is missing between them (missing.rs) is told apart.
pub(super) fn read(pieces: &[Placed], dialect: Dialect) -> (Tree, Vec<Told>) {
    let mut reader = Reader { pieces, at: 0, depth: 0, dialect, field: None, told: Vec::new() };
    let mut parts = Vec::new();
    while reader.at < pieces.len() {
        let before = reader.at;
        parts.push(reader.any());
        if reader.at < pieces.len() {
            let place = reader.place();
            if reader.next() == Some(Piece::Close) {
                reader.tell(place, "this \")\" closes nothing: left out");
            }
            reader.at = reader.at.max(before + 1);
        }
    }
    (Tree::and(parts), reader.told)
}

impl Tree {
    fn and(parts: Vec<Tree>) -> Tree {
        Tree::many(parts, Tree::And)
    }

    fn or(parts: Vec<Tree>) -> Tree {
        Tree::many(parts, Tree::Or)
    }

    fn many(parts: Vec<Tree>, many: fn(Vec<Tree>) -> Tree) -> Tree {
        let mut parts: Vec<Tree> = parts.into_iter().filter(|part| *part != Tree::Nothing).collect();
        match parts.len() {
            0 => Tree::Nothing,
            1 => parts.remove(0),
            _ => many(parts),
        }
    }

    fn not(self) -> Tree {
        match self {
            Tree::Nothing => Tree::Nothing,
            Tree::Not(inner) => *inner,
            other => Tree::Not(Box::new(other)),
        }
    }

    /// Whether it only says what must not be there.
    pub fn is_negative(&self) -> bool {
        match self {
            Tree::Not(_) => true,
            Tree::And(parts) | Tree::Or(parts) => parts.iter().all(Tree::is_negative),
            _ => false,
        }
    }

    /// Whether NEAR takes it, and the field that it stands in.
    fn near_field(&self) -> Option<Option<&'static str>> {
        match self {
            Tree::Value(field, _) => Some(*field),
            Tree::Or(parts) => {
                let first = parts.first()?.near_field()?;
                parts.iter().all(|part| part.near_field() == Some(first)).then_some(first)
            }
            _ => None,
        }
    }

    /// As our language writes it.
    pub fn written(&self) -> String {
        match self {
            Tree::Nothing => String::new(),
            Tree::Value(None, value) => value.clone(),
            Tree::Value(Some(field), value) => format!("{field}:{value}"),
            Tree::Not(inner) => format!("-{}", inner.within()),
            Tree::And(parts) => joined(parts, " ", |part| match part {
                Tree::Or(_) => part.within(),
                _ => part.written(),
            }),
            Tree::Or(parts) => joined(parts, " OR ", Tree::written),
            Tree::Near(first, steps) => {
                steps.iter().fold(first.within(), |text, (ordered, within, operand)| {
                    let operator = if *ordered { "ONEAR" } else { "NEAR" };
                    format!("{text} {operator}/{within} {}", operand.within())
                })
            }
            Tree::AtLeast(n, parts) => format!("ATLEAST/{n}({})", joined(parts, " ", Tree::within)),
        }
    }

    /// In parentheses where it takes some.
    fn within(&self) -> String {
        match self {
            Tree::And(_) | Tree::Or(_) | Tree::Near(..) => format!("({})", self.written()),
            _ => self.written(),
        }
    }
}

fn joined(parts: &[Tree], joint: &str, written: impl Fn(&Tree) -> String) -> String {
    parts.iter().map(written).collect::<Vec<_>>().join(joint)
}

struct Reader<'a> {
    pieces: &'a [Placed],
    at: usize,
    depth: usize,
    dialect: Dialect,
    field: Option<&'static str>,
    told: Vec<Told>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Piece> {
        self.pieces.get(self.at).map(|(_, piece)| piece)
    }

    fn place(&self) -> usize {
        self.pieces.get(self.at).or(self.pieces.last()).map_or(0, |(place, _)| *place)
    }

    fn next(&mut self) -> Option<Piece> {
        let piece = self.peek().cloned();
        self.at += 1;
        piece
    }

    fn tell(&mut self, place: usize, what: impl Into<String>) {
        self.told.push((place, what.into()));
    }

    /// Alternatives; of Google's, which bind closer, a row of them.
    fn any(&mut self) -> Tree {
        if self.dialect.or_binds_closer() {
            return self.all();
        }
        let place = self.place();
        let mut parts = vec![self.all()];
        while self.peek() == Some(&Piece::Or) {
            self.at += 1;
            parts.push(self.all());
        }
        if parts.len() > 1
            && parts.iter().any(|part| matches!(part, Tree::And(_)))
            && let Some(operator) = self.written_mixed(place)
        {
            let message = "stand side by side without parentheses";
            self.tell(place, format!("{operator} and OR {message}: {operator} is taken to bind closer"));
        }
        Tree::or(parts)
    }

    /// The AND or NOT that stands beside an OR in the same parentheses from a place on. A NOT that begins an alternative,
    /// or stands behind an AND, is none.
    fn written_mixed(&self, place: usize) -> Option<&'static str> {
        let (mut depth, mut found, mut value) = (0_usize, None, false);
        let own = self.pieces[..self.at.min(self.pieces.len())].iter().filter(|(at, _)| *at >= place);
        for (_, piece) in own {
            match piece {
                Piece::Open => depth += 1,
                Piece::Close => depth = depth.saturating_sub(1),
                Piece::And if depth == 0 => found = Some("AND"),
                Piece::Not if depth == 0 && value => found = found.or(Some("NOT")),
                _ => {}
            }
            value = !matches!(piece, Piece::And | Piece::Or | Piece::Not | Piece::Near { .. });
        }
        found
    }

    fn all(&mut self) -> Tree {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                None | Some(Piece::Close) => break,
                Some(Piece::Or) if !self.dialect.or_binds_closer() => break,
                Some(Piece::And | Piece::Or) => self.at += 1,
                Some(Piece::Comma) => {
                    // Google overlooks it too.
                    if !self.dialect.or_binds_closer() {
                        self.tell(
                            self.place(),
                            "a comma joins nothing here: it is taken for a space, which is AND",
                        );
                    }
                    self.at += 1;
                }
                Some(_) => {
                    let part = self.row();
                    parts.push(part);
                }
            }
        }
        Tree::and(parts)
    }

    /// One item; of Google's those that `OR` joins to it.
    fn row(&mut self) -> Tree {
        let mut parts = vec![self.negated()];
        while self.dialect.or_binds_closer() && self.peek() == Some(&Piece::Or) {
            self.at += 1;
            parts.push(self.negated());
        }
        Tree::or(parts)
    }

    fn negated(&mut self) -> Tree {
        let mut negative = false;
        while self.peek() == Some(&Piece::Not) {
            negative = !negative;
            self.at += 1;
        }
        let near = self.near();
        if negative { near.not() } else { near }
    }

    fn near(&mut self) -> Tree {
        let place = self.place();
        let first = self.unit();
        let mut steps = Vec::new();
        while let Some(Piece::Near { within, ordered }) = self.peek().cloned() {
            let operator = self.place();
            self.at += 1;
            let within = self.reach(within, operator);
            steps.push((ordered, within, self.unit()));
        }
        if steps.is_empty() {
            return first;
        }
        self.neighbours(place, first, steps)
    }

    fn reach(&mut self, within: Option<usize>, place: usize) -> usize {
        match within {
            None => {
                self.tell(
                    place,
                    format!("where sentences end is not known: within {SENTENCE} words is asked for"),
                );
                SENTENCE
            }
            Some(within) if within > FARTHEST => {
                self.tell(place, format!("NEAR reaches {FARTHEST} words at most, not {within}"));
                FARTHEST
            }
            Some(within) => within,
        }
    }

    /// NEAR, where ours takes its operands; else they are asked for without their distance.
    fn neighbours(&mut self, place: usize, first: Tree, steps: Vec<(bool, usize, Tree)>) -> Tree {
        let operands = || std::iter::once(&first).chain(steps.iter().map(|(_, _, operand)| operand));
        if operands().any(|operand| *operand == Tree::Nothing) {
            let left = operands().cloned().collect();
            return Tree::and(left);
        }
        let fields: Vec<_> = operands().map(Tree::near_field).collect();
        if fields[0].is_some() && fields.iter().all(|field| *field == fields[0]) {
            return Tree::Near(Box::new(first), steps);
        }
        self.tell(place, "NEAR takes words, phrases and those joined by OR, all in one field: AND stands in its place, which finds more");
        Tree::and(operands().cloned().collect())
    }

    /// One value or group, within the depth that there may be.
    fn unit(&mut self) -> Tree {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("this nests deeper than {MAX_DEPTH}: the rest is left out");
            self.tell(self.place(), message);
            self.at = self.pieces.len();
            return Tree::Nothing;
        }
        let unit = self.unit_here();
        self.depth -= 1;
        unit
    }

    fn unit_here(&mut self) -> Tree {
        let place = self.place();
        match self.next() {
            Some(Piece::Open) => self.group(place),
            Some(Piece::Word(word)) => self.value(place, &word),
            Some(Piece::Phrase(phrase)) => self.phrase(place, &phrase),
            Some(Piece::Exact(text)) => self.exact(place, &text),
            Some(Piece::Field(name)) => self.in_field(place, &name),
            Some(Piece::AtLeast(n)) => self.at_least(place, n),
            Some(Piece::Lost(what, why)) => {
                self.tell(place, format!("{what:?} has no counterpart: {why}"));
                match self.peek() {
                    None | Some(Piece::Close | Piece::Or | Piece::And | Piece::Not) => Tree::Nothing,
                    Some(_) => self.unit(),
                }
            }
            Some(Piece::Tilde(within)) => {
                self.no_distance(place, within);
                Tree::Nothing
            }
            Some(Piece::Close) => {
                self.at -= 1;
                Tree::Nothing
            }
            Some(Piece::And | Piece::Or | Piece::Not | Piece::Near { .. }) => Tree::Nothing,
            Some(Piece::Comma) | None => Tree::Nothing,
        }
    }

    fn group(&mut self, place: usize) -> Tree {
        let inner = self.any();
        if self.peek() == Some(&Piece::Close) {
            self.at += 1;
        }
        self.boosts();
        match (self.peek(), inner) {
            (Some(Piece::Tilde(within)), Tree::And(parts)) if parts.len() > 1 => {
                let within = *within;
                self.at += 1;
                let within = self.reach(Some(within), place);
                let mut parts = parts.into_iter();
                let first = parts.next().unwrap_or(Tree::Nothing);
                let steps: Vec<_> = parts.map(|part| (false, within, part)).collect();
                self.neighbours(place, first, steps)
            }
            (Some(Piece::Tilde(within)), inner) => {
                self.no_distance(self.place(), *within);
                self.at += 1;
                inner
            }
            (_, inner) => inner,
        }
    }

    fn no_distance(&mut self, place: usize, within: usize) {
        self.tell(
            place,
            format!("~{within} is left out: it takes a phrase, or a group of values joined by AND"),
        );
    }

    /// Tells what stands behind a value and has no counterpart.
    fn boosts(&mut self) {
        while let Some(Piece::Lost(what, why)) = self.peek().cloned().filter(|piece| {
            matches!(piece, Piece::Lost(what, _) if what.starts_with('^') || (what.starts_with('~') && what.len() > 1))
        }) {
            let place = self.place();
            self.at += 1;
            self.tell(place, format!("{what:?} has no counterpart: {why}"));
        }
    }
}
