//! The grammar: NEAR binds closest, then NOT, then AND (or only a space), then OR.

use super::Query;
use super::context::Context;
use super::error::{Mistake, QueryError};
use super::field::Field;
use super::habits::shown;
use super::lexer::{Lexer, Piece};
use super::near::{Near, Step, alternatives};
use super::term::{Form, Term};

/// The deepest nesting of parentheses, and of searches that name each other.
const MAX_DEPTH: usize = 100;
/// The most bytes of a query and of all that it names.
const MAX_BYTES: usize = 1_000_000;

/// Reads a query.
pub(super) fn parse(query: &str, context: &Context) -> Result<Query, QueryError> {
    let mut chain = Chain { names: Vec::new(), depth: 0, bytes: 0, apostrophe: None };
    chain.names.extend(context.itself.map(str::to_owned));
    parse_in(query, context, &mut chain).map_err(|mistake| mistake.within(query))
}

/// What has been read on the way to here.
struct Chain {
    /// The searches that name each other, outermost first.
    names: Vec<String>,
    depth: usize,
    bytes: usize,
    /// Where a word begins with an apostrophe that none ends yet, and in the how manieth of the searches.
    apostrophe: Option<(usize, usize)>,
}

fn parse_in(query: &str, context: &Context, chain: &mut Chain) -> Result<Query, Mistake> {
    chain.bytes += query.len();
    if chain.bytes > MAX_BYTES {
        return Err(Mistake::new(
            0,
            format!("the query, with all that it names, is longer than {MAX_BYTES} bytes"),
        ));
    }
    let mut lexer = Lexer::new(query);
    let next = lexer.next()?;
    if next.is_none() {
        return Err(Mistake::new(0, "the query is empty"));
    }
    let mut parser = Parser { lexer, next, field: None, end: query.len(), context, chain };
    let parsed = parser.any()?;
    match parser.next {
        None => Ok(parsed),
        Some((at, _)) => Err(Mistake::new(at, "this \")\" closes nothing")),
    }
}

struct Parser<'q, 'c> {
    lexer: Lexer<'q>,
    next: Option<(usize, Piece<'q>)>,
    /// The field of the group at hand: `title:(a OR b)`.
    field: Option<Field>,
    /// The byte after the last.
    end: usize,
    context: &'c Context<'c>,
    chain: &'c mut Chain,
}

impl<'q> Parser<'q, '_> {
    fn peek(&self) -> Option<Piece<'q>> {
        self.next.map(|(_, piece)| piece)
    }

    fn at(&self) -> usize {
        self.next.map_or(self.end, |(at, _)| at)
    }

    fn take(&mut self) -> Result<Option<Piece<'q>>, Mistake> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.next, next).map(|(_, piece)| piece))
    }

    fn any(&mut self) -> Result<Query, Mistake> {
        let first = self.all()?;
        if self.peek() != Some(Piece::Or) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.peek() == Some(Piece::Or) {
            self.take()?;
            parts.push(self.all()?);
        }
        Ok(Query::or(parts))
    }

    fn all(&mut self) -> Result<Query, Mistake> {
        let mut parts = Vec::new();
        let mut part = self.item()?;
        loop {
            match self.peek() {
                None | Some(Piece::Or | Piece::Close) if parts.is_empty() => return Ok(part),
                None | Some(Piece::Or | Piece::Close) => {
                    parts.push(part);
                    return Ok(Query::and(parts));
                }
                Some(Piece::And) => {
                    self.take()?;
                }
                Some(_) => {}
            }
            parts.push(std::mem::replace(&mut part, self.item()?));
        }
    }

    fn item(&mut self) -> Result<Query, Mistake> {
        let mut negative = false;
        while self.peek() == Some(Piece::Not) {
            negative = !negative;
            self.take()?;
        }
        let operand = self.near()?;
        Ok(if negative { operand.negate() } else { operand })
    }

    fn near(&mut self) -> Result<Query, Mistake> {
        let at = self.at();
        let first = self.unit()?;
        let Some(Piece::Near { .. }) = self.peek() else { return Ok(first) };
        let mut near = Near { first: alternatives(first, at, None)?, then: Vec::new() };
        while let Some(Piece::Near { ordered, within }) = self.peek() {
            self.take()?;
            let at = self.at();
            if self.peek() == Some(Piece::Not) {
                return Err(Mistake::new(at, "NEAR takes no NOT: write -(a NEAR/3 b)"));
            }
            let terms = alternatives(self.unit()?, at, Some(near.field()))?;
            near.then.push(Step { ordered, within, terms });
        }
        Ok(Query::Near(near))
    }

    fn unit(&mut self) -> Result<Query, Mistake> {
        let at = self.at();
        match self.take()? {
            Some(Piece::Open) => self.group(at),
            Some(Piece::AtLeast(n)) => self.at_least(n, at),
            Some(Piece::Field(name)) => self.in_field(name, at),
            Some(Piece::Word("*")) if self.field.is_none() => Ok(Query::Everything),
            Some(Piece::Word(word)) if self.field.is_none() && word.starts_with('@') => {
                self.reference(&word[1..], word, at)
            }
            Some(Piece::Named(name)) => self.quoted_reference(name, at),
            Some(Piece::Close) => Err(Mistake::new(at, "something is missing before this \")\"")),
            Some(Piece::And | Piece::Or | Piece::Not | Piece::Near { .. }) => {
                Err(Mistake::new(at, "something is missing before this (to look for the word, quote it)"))
            }
            None => Err(Mistake::new(at, "something is missing at the end")),
            Some(piece) => self.value(piece, self.field.unwrap_or(Field::Any), at),
        }
    }

    /// A word, a quoted or a verbatim text.
    fn value(&mut self, piece: Piece, field: Field, at: usize) -> Result<Query, Mistake> {
        let (written, form) = match piece {
            Piece::Quoted(written, slop) => (written, Form::Quoted(slop)),
            Piece::Verbatim(written) => (written, Form::Verbatim),
            Piece::Word(written) => {
                self.single_quotes(written, at)?;
                (written, Form::Word)
            }
            _ => return Err(Mistake::new(at, "a value is missing here")),
        };
        let inner = self.inner(at, form);
        Term::read(field, written, form, inner, self.context).map(Query::Term)
    }

    /// `'acme roast'`: two words, of which a phrase was most likely meant.
    fn single_quotes(&mut self, word: &str, at: usize) -> Result<(), Mistake> {
        let ends = word.len() > 1 && word.ends_with(['\'', '’']);
        let search = self.chain.names.len();
        match self.chain.apostrophe {
            Some((of, begin)) if ends => {
                let at = if of == search { begin } else { at };
                Err(Mistake::new(at, "a phrase stands in double quotation marks: \"acme roast\""))
            }
            None if !ends && word.starts_with(['\'', '‘']) => {
                self.chain.apostrophe = Some((search, at));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The byte at which what is enclosed begins.
    fn inner(&self, at: usize, form: Form) -> usize {
        match form {
            Form::Word => at,
            Form::Verbatim => at + 1,
            Form::Quoted(_) => at + self.lexer.width(at),
        }
    }

    fn deeper(&mut self, at: usize) -> Result<(), Mistake> {
        self.chain.depth += 1;
        if self.chain.depth > MAX_DEPTH {
            return Err(Mistake::new(at, format!("parentheses nest deeper than {MAX_DEPTH}")));
        }
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), Mistake> {
        self.chain.depth -= 1;
        match self.take()? {
            Some(Piece::Close) => Ok(()),
            _ => Err(Mistake::new(at, "this \"(\" is not closed")),
        }
    }

    fn group(&mut self, at: usize) -> Result<Query, Mistake> {
        self.deeper(at)?;
        let inner = self.any()?;
        self.close(at)?;
        Ok(inner)
    }

    fn at_least(&mut self, n: usize, at: usize) -> Result<Query, Mistake> {
        self.deeper(at)?;
        let open = self.at();
        self.take()?;
        let mut items = Vec::new();
        while !matches!(self.peek(), None | Some(Piece::Close)) {
            if matches!(self.peek(), Some(Piece::And | Piece::Or)) {
                let message =
                    "items of ATLEAST are parted by spaces: AND and OR need parentheses of their own";
                return Err(Mistake::new(self.at(), message));
            }
            items.push(self.item()?);
        }
        self.close(open)?;
        if !(1..=items.len()).contains(&n) {
            let message = match items.len() {
                0 => "ATLEAST/n( ) holds nothing to choose from".to_owned(),
                1 => format!("ATLEAST/{n} of one: n is 1 to the number of items"),
                count => format!("ATLEAST/{n} of {count}: n is 1 to the number of items"),
            };
            return Err(Mistake::new(at, message));
        }
        Ok(Query::AtLeast(n, items))
    }

    fn in_field(&mut self, name: &str, at: usize) -> Result<Query, Mistake> {
        let field = Field::named(name).map_err(|message| Mistake::new(at, message))?;
        if self.field.is_some() {
            return Err(Mistake::new(at, "a field stands inside the parentheses of another"));
        }
        let at = self.at();
        match self.take()? {
            Some(Piece::Open) => {
                self.field = Some(field);
                let group = self.group(at);
                self.field = None;
                group
            }
            Some(Piece::AtLeast(_)) => {
                Err(Mistake::new(at, format!("write {}(ATLEAST/n(...))", field.prefix())))
            }
            Some(piece @ (Piece::Word(_) | Piece::Quoted(..) | Piece::Verbatim(_))) => {
                self.value(piece, field, at)
            }
            _ => Err(Mistake::new(at, "something is missing before this (to look for the word, quote it)")),
        }
    }

    /// `@name`: the search of that name, else a handle. A search that is called like one's own handle means the handle:
    /// none asks for itself.
    fn reference(&mut self, name: &str, word: &'q str, at: usize) -> Result<Query, Mistake> {
        let is_itself = self.chain.names.last().is_some_and(|last| last == name) && !name.contains('/');
        if let Some(query) = self.context.names.and_then(|names| names.query_of(name)).filter(|_| !is_itself)
        {
            return self.named(name, query, at);
        }
        if name.contains('/') {
            return Err(self.unknown(name, at));
        }
        self.value(Piece::Word(word), Field::Any, at)
    }

    /// `@"our brand"`
    fn quoted_reference(&mut self, name: &str, at: usize) -> Result<Query, Mistake> {
        if self.field.is_some() {
            return Err(Mistake::new(at, "a search stands for a query of its own: take it out of the field"));
        }
        match self.context.names.and_then(|names| names.query_of(name)) {
            Some(query) => self.named(name, query, at),
            None => Err(self.unknown(name, at)),
        }
    }

    fn unknown(&self, name: &str, at: usize) -> Mistake {
        let near = self.context.names.and_then(|names| names.nearest(name));
        let hint = match near {
            Some(near) => format!("did you mean @{near}?"),
            None => "@name is a search of the same file, or a handle".to_owned(),
        };
        Mistake::new(at, format!("no search is named \"{}\" ({hint})", shown(name)))
    }

    /// The query of another search, in the place of its name.
    fn named(&mut self, name: &str, query: &str, at: usize) -> Result<Query, Mistake> {
        if self.chain.names.iter().any(|earlier| earlier == name) {
            return Err(Mistake::new(
                at,
                format!("searches name each other in a circle: {}", self.circle(name)),
            ));
        }
        self.chain.depth += 1;
        if self.chain.depth > MAX_DEPTH {
            let message =
                format!("searches name each other more than {MAX_DEPTH} deep: {}", self.circle(name));
            return Err(Mistake::new(at, message));
        }
        self.chain.names.push(name.to_owned());
        let inner = parse_in(query, self.context, self.chain);
        self.chain.names.pop();
        self.chain.depth -= 1;
        inner.map_err(|mistake| {
            // The innermost says it all; those around it only lead there.
            let message = match mistake.message.starts_with(IN_SEARCH)
                || mistake.message.contains(" name each other ")
            {
                true => mistake.message,
                false => format!("{IN_SEARCH}{}: {}", shown(name), mistake.within(query)),
            };
            Mistake::new(at, message)
        })
    }

    /// The names that lead to this one, shortened in the middle.
    fn circle(&self, name: &str) -> String {
        let names: Vec<String> = self
            .chain
            .names
            .iter()
            .map(String::as_str)
            .chain([name])
            .map(|name| format!("@{}", shown(name)))
            .collect();
        match names.as_slice() {
            [first, second, .., before, last] if names.len() > 6 => {
                format!("{first} -> {second} -> ... -> {before} -> {last}")
            }
            all => all.join(" -> "),
        }
    }
}

/// How a mistake in a search that is named begins.
const IN_SEARCH: &str = "in @";
