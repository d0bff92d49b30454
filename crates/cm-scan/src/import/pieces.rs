//! A query of another service cut into its pieces, each with the code point at which it starts. What begins and is not
//! closed is told, and ends with its line: what follows in the next is not lost in it.

use super::dialect::Dialect;

/// A piece.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Open,
    Close,
    And,
    Or,
    Not,
    /// At most so many words apart; in this order; a sentence counts as so many words.
    Near {
        within: Option<usize>,
        ordered: bool,
    },
    /// `ATLEAST/n`, before its list.
    AtLeast(usize),
    /// `~5` behind a phrase or a group.
    Tilde(usize),
    /// `site:` right before its value.
    Field(String),
    Word(String),
    /// Between quotation marks.
    Phrase(String),
    /// These very characters: `{BT}`, `raw:Google+`, `++"L'Oréal"`.
    Exact(String),
    Comma,
    /// What has no counterpart, and why it does not matter or what becomes of it.
    Lost(String, &'static str),
}

/// A piece and the code point at which it starts, from 0.
pub(super) type Placed = (usize, Piece);

/// Something to tell: the code point at which it stands, from 0, and what.
pub(super) type Told = (usize, String);

/// What is open at the end of a text, and may be closed in the next line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Enclosure {
    Phrase,
    Comment,
}

/// A query that was cut.
#[derive(Debug, Default)]
pub(super) struct Cut {
    pub pieces: Vec<Placed>,
    /// What is not closed, and what goes on over the end of its line.
    pub told: Vec<Told>,
    pub open: Option<Enclosure>,
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

/// Cuts a query.
pub(super) fn cut(query: &str, dialect: Dialect) -> Cut {
    let chars: Vec<char> = query.chars().collect();
    let mut lexer = Lexer { chars: &chars, at: 0, dialect, pieces: Vec::new(), told: Vec::new(), open: None };
    while lexer.at < chars.len() {
        let start = lexer.at;
        lexer.piece();
        // Whatever comes, it goes on.
        lexer.at = lexer.at.max(start + 1);
    }
    Cut { pieces: lexer.pieces, told: lexer.told, open: lexer.open }
}

/// Where the phrase ends that goes on with this text: at the next quotation mark, unless that stands behind an empty line
/// or, in another line, looks like one that begins a phrase.
pub(super) fn end_of_phrase(text: &[char]) -> Option<usize> {
    let end = text.iter().position(|c| is_quote(*c))?;
    let lines: Vec<&[char]> = text[..end].split(|c| *c == '\n').collect();
    if lines.len() == 1 {
        return Some(end);
    }
    let is_blank = |line: &&[char]| line.iter().all(|c| c.is_whitespace());
    let begins = text[end - 1].is_whitespace() || matches!(text[end - 1], '(' | ',');
    let opens = begins && text.get(end + 1).is_some_and(|c| !c.is_whitespace() && *c != ')');
    (!opens && !lines[1..lines.len() - 1].iter().any(is_blank)).then_some(end)
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    dialect: Dialect,
    pieces: Vec<Placed>,
    told: Vec<Told>,
    open: Option<Enclosure>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn push(&mut self, start: usize, piece: Piece) {
        self.pieces.push((start, piece));
    }

    fn one(&mut self, piece: Piece) {
        self.push(self.at, piece);
        self.at += 1;
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek(i) == Some(c))
    }

    fn piece(&mut self) {
        let start = self.at;
        let Some(c) = self.peek(0) else { return };
        let value_follows = self.peek(1).is_some_and(|c| !c.is_whitespace() && c != ')');
        match c {
            c if c.is_whitespace() => self.at += 1,
            '<' if self.starts_with("<<<") => self.comment(),
            '(' => self.one(Piece::Open),
            ')' => {
                self.one(Piece::Close);
                self.suffix(false);
            }
            ',' => self.one(Piece::Comma),
            '|' => {
                self.one(Piece::Or);
                self.at += usize::from(self.peek(0) == Some('|'));
            }
            '-' | '–' | '—' if value_follows => self.one(Piece::Not),
            '+' if self.dialect == Dialect::Talkwalker && value_follows => self.raw(),
            '+' if value_follows => self.at += 1,
            '{' => self.braces(),
            '~' if value_follows => {
                self.at += 1;
                self.push(start, Piece::Lost("~".into(), "words of like meaning are not looked for"));
            }
            c if is_quote(c) => {
                let phrase = self.quoted();
                self.push(start, Piece::Phrase(phrase));
                self.suffix(true);
            }
            _ => self.word(),
        }
    }

    fn tell(&mut self, place: usize, what: &str) {
        self.told.push((place, what.to_owned()));
    }

    /// How much of a text stands up to the end of its line.
    fn line(text: &[char]) -> usize {
        text.iter().position(|c| *c == '\n').unwrap_or(text.len())
    }

    /// `<<<my words>>>`: a comment of Brandwatch. One that is not closed in its line is not closed by the end of another.
    fn comment(&mut self) {
        let rest = &self.chars[self.at..];
        let line = Self::line(rest);
        let ends = |signs: &[char]| signs == ['>'; 3];
        let end = rest[..line].windows(3).position(ends).or_else(|| {
            let is_sign = |signs: &[char]| ends(signs) || signs == ['<'; 3];
            let sign = line + rest[line..].windows(3).position(is_sign)?;
            ends(&rest[sign..sign + 3]).then_some(sign)
        });
        if end.is_none() {
            self.open = Some(Enclosure::Comment);
            self.tell(self.at, "this \"<<<\" is not closed: the rest of its line is left out");
        } else if end.is_some_and(|end| end > line) {
            self.tell(self.at, "this comment is taken to go on over the end of its line");
        }
        self.at += end.map_or(line, |end| end + 3);
    }

    /// What stands up to the next quotation mark.
    fn quoted(&mut self) -> String {
        let (start, rest) = (self.at, &self.chars[self.at + 1..]);
        let end = end_of_phrase(rest);
        let length = end.unwrap_or(Self::line(rest));
        if end.is_none() {
            self.open = Some(Enclosure::Phrase);
            let message = "this quotation mark is not closed: it is taken to reach to the end of the line";
            self.tell(start, message);
        } else if rest[..length].contains(&'\n') {
            self.tell(start, "this phrase is taken to go on over the end of its line");
        }
        self.at += length + 1 + usize::from(end.is_some());
        rest[..length].iter().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn braces(&mut self) {
        let start = self.at;
        let rest = &self.chars[start + 1..];
        let line = &rest[..Self::line(rest)];
        let end = line.iter().position(|c| *c == '}');
        if end.is_none() {
            self.tell(start, "this \"{\" is not closed: it is taken to reach to the end of the line");
        }
        let length = end.unwrap_or(line.len());
        self.push(start, Piece::Exact(rest[..length].iter().collect()));
        self.at = start + length + 1 + usize::from(end.is_some());
    }

    /// Talkwalker's raw data: `++"L'Oréal"` exactly so, `+"l'oréal"` in either case.
    fn raw(&mut self) {
        let start = self.at;
        let exact = self.peek(1) == Some('+');
        self.at += if exact { 2 } else { 1 };
        let text = if self.peek(0).is_some_and(is_quote) { self.quoted() } else { self.run() };
        if exact {
            return self.push(start, Piece::Exact(text));
        }
        if text.chars().any(|c| !c.is_alphanumeric() && !c.is_whitespace() && !"#@".contains(c)) {
            self.push(start, Piece::Lost("+".into(), "signs are not compared in either case: words are"));
        }
        self.push(start, Piece::Phrase(text));
    }

    /// `~5` and `^9` behind a phrase, a group or a word.
    fn suffix(&mut self, phrase: bool) {
        let start = self.at;
        let sign = self.peek(0).filter(|c| matches!(c, '~' | '^'));
        let Some(sign) = sign else { return };
        let digits: String = self.chars[start + 1..].iter().take_while(|c| c.is_ascii_digit()).collect();
        self.at += 1 + digits.len();
        match (sign, digits.parse()) {
            ('~', Ok(within)) => self.push(start, Piece::Tilde(within)),
            ('~', Err(_)) if phrase => {
                self.push(start, Piece::Lost("~".into(), "other ways to write it are not looked for"));
            }
            ('~', Err(_)) => self.push(start, Piece::Lost("~".into(), "nothing is as like as that")),
            _ => self.push(start, Piece::Lost(format!("^{digits}"), "nothing is preferred among hits")),
        }
    }

    /// Characters up to what ends a word.
    fn run(&mut self) -> String {
        let start = self.at;
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|' | ',' | '{') || is_quote(c);
        let rest = &self.chars[start..];
        let word = rest.iter().position(|c| ends(*c)).unwrap_or(rest.len());
        let comment = rest[..word].windows(3).position(|signs| signs == ['<', '<', '<']);
        let mut length = comment.unwrap_or(word);
        if rest.first() == Some(&'[') {
            // A range: `[500 TO 1000]`.
            let line = &rest[..Self::line(rest)];
            let end = line.iter().position(|c| *c == ']');
            if end.is_none() {
                self.tell(start, "this \"[\" is not closed: it is taken to reach to the end of the line");
            }
            length = end.map_or(line.len(), |end| end + 1);
        }
        self.at += length;
        rest[..length].iter().collect()
    }

    fn word(&mut self) {
        let start = self.at;
        let letters = self.chars[start..]
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
            .count();
        let after_field = matches!(self.pieces.last(), Some((at, Piece::Field(name))) if at + name.chars().count() + 1 == start);
        let name: String = self.chars[start..start + letters].iter().collect();
        let is_field = letters > 0 && self.peek(letters) == Some(':') && !after_field;
        if is_field && name.starts_with(|c: char| c.is_ascii_alphabetic()) && !self.is_address(letters) {
            self.at += letters + 1;
            // Brandwatch lets a space stand before the value.
            while self.peek(0).is_some_and(char::is_whitespace) {
                self.at += 1;
            }
            return self.field(start, name);
        }
        let word = self.run();
        if word.is_empty() {
            // A sign that ends words and is nothing by itself.
            self.at += 1;
            return;
        }
        let piece = self.dialect.operator(&word);
        // `AROUND(3)`, `NEAR (3)`: the number stands in parentheses.
        if piece.is_none() && self.dialect == Dialect::GoogleAlerts && word == "AROUND" {
            return self.around(start);
        }
        match piece {
            Some(operator) if !after_field => self.push(start, operator),
            _ => self.plain_word(start, word),
        }
    }

    fn is_address(&self, letters: usize) -> bool {
        self.peek(letters + 1) == Some('/') && self.peek(letters + 2) == Some('/')
    }

    fn field(&mut self, start: usize, name: String) {
        if name.eq_ignore_ascii_case("raw") {
            let text = if self.peek(0).is_some_and(is_quote) { self.quoted() } else { self.run() };
            return self.push(start, Piece::Exact(text));
        }
        self.push(start, Piece::Field(name));
        if self.peek(0) == Some('[') {
            let range = self.run();
            self.push(self.at, Piece::Word(range));
        }
    }

    fn around(&mut self, start: usize) {
        let rest: String = self.chars[self.at..].iter().take(12).collect();
        let inner = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let within = inner.and_then(|(digits, _)| digits.trim().parse().ok());
        if let Some((digits, _)) = inner.filter(|_| within.is_some()) {
            let spaces = rest.chars().count() - rest.trim_start().chars().count();
            self.at += spaces + digits.chars().count() + 2;
            return self.push(start, Piece::Near { within, ordered: false });
        }
        self.push(start, Piece::Near { within: None, ordered: false });
    }

    /// A word, its `~2` or `^9` apart.
    fn plain_word(&mut self, start: usize, word: String) {
        let digits = word.len() - word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (before, after) = word.split_at(word.len() - digits);
        let sign = before.chars().next_back().filter(|c| matches!(c, '~' | '^'));
        let Some(sign) = sign.filter(|_| before.len() > 1) else {
            return self.push(start, Piece::Word(word));
        };
        let why = if sign == '~' {
            "words that are nearly alike are not looked for"
        } else {
            "nothing is preferred among hits"
        };
        let at = start + before.chars().count() - 1;
        self.push(start, Piece::Word(before[..before.len() - 1].to_owned()));
        self.push(at, Piece::Lost(format!("{sign}{after}"), why));
    }
}
