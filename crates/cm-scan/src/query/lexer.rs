//! A query cut into its pieces, one after the other, each with the byte at which it starts.

use super::error::Mistake;
use super::habits::shown;

/// The most words between the operands of NEAR.
const MOST_BETWEEN: usize = 100;
/// What NEAR without a number means, as in Meltwater.
const BETWEEN: usize = 4;

/// A piece of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'q> {
    Open,
    Close,
    And,
    Or,
    /// `NOT`, or a `-` right before something.
    Not,
    Near {
        ordered: bool,
        within: usize,
    },
    /// `ATLEAST/n` before its parenthesis.
    AtLeast(usize),
    /// `title:` right before its value.
    Field(&'q str),
    Word(&'q str),
    /// Between quotation marks, with what `~` says behind them.
    Quoted(&'q str, Option<usize>),
    /// Between braces.
    Verbatim(&'q str),
    /// `@"..."`: the name of a search.
    Named(&'q str),
}

/// Straight and typographic: queries are pasted from documents.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

fn ends_word(c: char) -> bool {
    matches!(c, '(' | ')' | '{' | '}') || c.is_whitespace() || is_quote(c)
}

/// Cuts a query.
pub(super) struct Lexer<'q> {
    query: &'q str,
    at: usize,
    after_field: bool,
    /// The next parenthesis is that of an ATLEAST.
    counting: bool,
    /// Of each open parenthesis whether it is that of an ATLEAST.
    open: Vec<bool>,
}

impl<'q> Lexer<'q> {
    pub(super) fn new(query: &'q str) -> Lexer<'q> {
        Lexer { query, at: 0, after_field: false, counting: false, open: Vec::new() }
    }

    /// How many bytes the character at a byte has.
    pub(super) fn width(&self, at: usize) -> usize {
        self.query.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    fn rest(&self) -> &'q str {
        self.query.get(self.at..).unwrap_or_default()
    }

    /// Right inside of ATLEAST a comma parts items as a space does.
    fn skip_space(&mut self) {
        // Mostly one space, and then something that surely is none.
        if self.rest().starts_with(' ') {
            self.at += 1;
        }
        if self.rest().as_bytes().first().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return;
        }
        let comma = self.open.last() == Some(&true);
        let space = |c: char| c.is_whitespace() || (comma && c == ',');
        self.at = self.query.len() - self.rest().trim_start_matches(space).len();
    }

    /// The next piece and the byte at which it starts; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(usize, Piece<'q>)>, Mistake> {
        if !self.after_field {
            self.skip_space();
        }
        let start = self.at;
        let Some(c) = self.rest().chars().next() else { return Ok(None) };
        let piece = match c {
            '(' => self.open(),
            ')' => self.close(),
            '{' => self.verbatim()?,
            '}' => return Err(Mistake::new(start, "this \"}\" closes nothing")),
            c if is_quote(c) => self.quoted()?,
            '-' if !self.after_field => self.not()?,
            '@' if !self.after_field && self.rest()[1..].starts_with(is_quote) => self.named()?,
            _ => self.word()?,
        };
        self.after_field = matches!(piece, Piece::Field(_));
        Ok(Some((start, piece)))
    }

    fn open(&mut self) -> Piece<'q> {
        self.at += 1;
        self.open.push(std::mem::take(&mut self.counting));
        Piece::Open
    }

    fn close(&mut self) -> Piece<'q> {
        self.at += 1;
        self.open.pop();
        Piece::Close
    }

    fn not(&mut self) -> Result<Piece<'q>, Mistake> {
        let start = self.at;
        self.at += 1;
        if self.rest().chars().next().is_none_or(char::is_whitespace) {
            return Err(Mistake::new(start, "\"-\" stands alone: write -word to leave a word out"));
        }
        if let Some(word) = self.rest().strip_prefix('-')
            && word.starts_with(char::is_alphanumeric)
        {
            // NOT twice would ask for the word: the hyphens are those of an option.
            let word = word.find(ends_word).map_or(word, |end| &word[..end]);
            return Err(Mistake::new(
                start,
                format!("write one hyphen to leave a word out: -{}", shown(word)),
            ));
        }
        Ok(Piece::Not)
    }

    fn verbatim(&mut self) -> Result<Piece<'q>, Mistake> {
        let inner = &self.rest()[1..];
        let Some(length) = inner.find('}') else {
            return Err(Mistake::new(self.at, "this \"{\" is not closed"));
        };
        self.at += length + 2;
        Ok(Piece::Verbatim(&inner[..length]))
    }

    /// What stands between the quotation mark here and the next.
    fn between_quotes(&mut self) -> Result<&'q str, Mistake> {
        let opening = self.rest().chars().next().map_or(1, char::len_utf8);
        let inner = &self.rest()[opening..];
        let Some((length, closing)) = inner.char_indices().find(|(_, c)| is_quote(*c)) else {
            return Err(Mistake::new(self.at, "this quotation mark is not closed"));
        };
        self.at += opening + length + closing.len_utf8();
        Ok(&inner[..length])
    }

    fn quoted(&mut self) -> Result<Piece<'q>, Mistake> {
        let inner = self.between_quotes()?;
        let Some(behind) = self.rest().strip_prefix('~') else { return Ok(Piece::Quoted(inner, None)) };
        let comma = self.open.last() == Some(&true);
        let length = behind.find(|c| ends_word(c) || (comma && c == ',')).unwrap_or(behind.len());
        let slop = number(&behind[..length]).ok_or_else(|| {
            Mistake::new(
                self.at,
                format!("\"~\" is followed by 0 to {MOST_BETWEEN} words between: \"a b\"~3"),
            )
        })?;
        self.at += 1 + length;
        Ok(Piece::Quoted(inner, Some(slop)))
    }

    fn named(&mut self) -> Result<Piece<'q>, Mistake> {
        self.at += 1;
        Ok(Piece::Named(self.between_quotes()?))
    }

    fn word(&mut self) -> Result<Piece<'q>, Mistake> {
        let start = self.at;
        let comma = self.open.last() == Some(&true);
        let rest = self.rest();
        let bytes = rest.as_bytes();
        // Nearly every word ends at a space or a parenthesis; only what is not ASCII has to be decoded.
        let length = bytes.iter().position(|b| !b.is_ascii_alphanumeric());
        let letters = length.unwrap_or(bytes.len());
        if !self.after_field && letters > 0 && bytes.get(letters) == Some(&b':') {
            let name = &rest[..letters];
            if name.bytes().all(|b| b.is_ascii_alphabetic()) {
                return self.field(name);
            }
        }
        let tail = if bytes.get(letters) == Some(&b' ') { "" } else { &rest[letters..] };
        let length = letters + tail.find(|c| ends_word(c) || (comma && c == ',')).unwrap_or(tail.len());
        let word = &rest[..length];
        self.at += length;
        let piece = operator(word).map_err(|message| Mistake::new(start, message))?;
        match piece {
            Some(Piece::AtLeast(_)) => {
                self.counting = true;
                self.skip_space();
                if !self.rest().starts_with('(') {
                    return Err(Mistake::new(start, at_least(word)));
                }
            }
            _ => self.counting = false,
        }
        Ok(piece.unwrap_or(Piece::Word(word)))
    }

    fn field(&mut self, name: &'q str) -> Result<Piece<'q>, Mistake> {
        let start = self.at;
        let value = self.rest()[name.len() + 1..].chars().next();
        if value.is_none_or(|c| c.is_whitespace() || matches!(c, ')' | '}')) {
            return Err(Mistake::new(start, format!("nothing stands right after \"{}:\"", shown(name))));
        }
        self.at += name.len() + 1;
        Ok(Piece::Field(name))
    }
}

/// The operator that a word is.
fn operator(word: &str) -> Result<Option<Piece<'static>>, String> {
    // Most words are none, and begin with a small letter.
    if !matches!(word.as_bytes().first(), Some(b'A' | b'O' | b'N')) {
        return Ok(None);
    }
    match word {
        "AND" => return Ok(Some(Piece::And)),
        "OR" => return Ok(Some(Piece::Or)),
        "NOT" => return Ok(Some(Piece::Not)),
        _ => {}
    }
    if word.strip_prefix("ATLEAST").is_some_and(|behind| !behind.starts_with(char::is_alphabetic)) {
        let n = word.strip_prefix("ATLEAST/").filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
        let n = n.and_then(|n| n.parse().ok()).ok_or_else(|| at_least(word))?;
        return Ok(Some(Piece::AtLeast(n)));
    }
    let (ordered, behind) = match (word.strip_prefix("NEAR"), word.strip_prefix("ONEAR")) {
        (Some(behind), _) => (false, behind),
        (_, Some(behind)) => (true, behind),
        _ => return Ok(None),
    };
    if behind.starts_with(char::is_alphabetic) {
        return Ok(None);
    }
    if behind.is_empty() {
        return Ok(Some(Piece::Near { ordered, within: BETWEEN }));
    }
    match behind.strip_prefix('/').and_then(number) {
        Some(within) => Ok(Some(Piece::Near { ordered, within })),
        None => Err(near(ordered, behind)),
    }
}

fn near(ordered: bool, behind: &str) -> String {
    let name = if ordered { "ONEAR" } else { "NEAR" };
    let digits: String = behind.chars().filter(char::is_ascii_digit).collect();
    let what = format!("\"{name}{}\"", shown(behind));
    match (number(&digits), behind.strip_suffix('f')) {
        (None, _) => format!("{what}: n is 0 to {MOST_BETWEEN}, as in {name}/3"),
        // Brandwatch writes NEAR/3f where the order counts.
        (Some(n), Some(_)) => format!("{what} is written ONEAR/{n} here"),
        (Some(n), None) => format!("{what}: did you mean {name}/{n}?"),
    }
}

fn at_least(word: &str) -> String {
    format!("\"{}\": write ATLEAST/2(a b c), with how many and what of", shown(word))
}

/// 0 to 100, in digits.
fn number(digits: &str) -> Option<usize> {
    let digits_only = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits_only.then(|| digits.parse().ok())?.filter(|n| *n <= MOST_BETWEEN)
}
