//! A JSON scanner that finds the members of one object: iterative, exact, without building values.
//! In: a line. Out: where each top-level name and value stands, or what is wrong and at which byte. Depth costs one byte
//! of heap a level, so that a line of nothing but brackets is as harmless as any other.

use crate::Reason;
use memchr::{memchr, memchr2};
use std::borrow::Cow;
use std::ops::Range;

/// The most top-level members that an item may have besides the tools' own parts.
pub(crate) const MAX_MEMBERS: usize = 256;
/// How many of the tools' own parts (`_cm...`) may stand beside them, so that a full item can still be annotated.
const MAX_PARTS: usize = 16;

/// A top-level member, as byte ranges of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name between its quotes, escapes as written.
    pub name: Range<usize>,
    /// The value without the white space around it.
    pub value: Range<usize>,
}

/// Finds the members of the one object that the text is; white space and a leading BOM may surround it.
pub(crate) fn members(text: &str) -> Result<Vec<Member>, Reason> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut scanner = Scanner { bytes: text.as_bytes(), at: start, stack: Vec::new() };
    let members = scanner.object(text)?;
    scanner.white_space();
    match scanner.peek() {
        None => Ok(members),
        Some(_) => Err(scanner.expected("the end of the line")),
    }
}

/// What stands between two quotes, without escapes; lone surrogates are kept apart from each other (WTF-8), so that
/// names that differ in them differ.
pub(crate) fn decode(inner: &str) -> Cow<'_, [u8]> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner.as_bytes());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = decode_escape(&rest[at + 1..], &mut out);
    }
    out.extend_from_slice(rest.as_bytes());
    Cow::Owned(out)
}

/// The inside of a JSON string that was checked, decoded; a lone surrogate is U+FFFD, one code point for one.
pub fn decode_text(inner: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', inner.as_bytes()) else { return Cow::Borrowed(inner) };
    let mut text = String::with_capacity(inner.len());
    let (mut rest, mut at) = (inner, first);
    loop {
        text.push_str(&rest[..at]);
        rest = match rest.as_bytes().get(at + 1) {
            Some(b'u') => {
                let (code, rest) = unicode(&rest[at + 2..]);
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest
            }
            Some(letter) => {
                text.push(char::from(escaped(*letter)));
                &rest[at + 2..]
            }
            None => "",
        };
        let Some(next) = memchr(b'\\', rest.as_bytes()) else { break };
        at = next;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// What an escape of one letter stands for.
fn escaped(letter: u8) -> u8 {
    match letter {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// Decodes what follows a backslash (checked before by the scanner) and returns what follows that.
fn decode_escape<'a>(text: &'a str, out: &mut Vec<u8>) -> &'a str {
    let (letter, rest) = text.split_at(1);
    match letter.as_bytes() {
        [b'u'] => {
            let (code, rest) = unicode(rest);
            push_code(code, out);
            rest
        }
        letter => {
            out.extend(letter.iter().copied().map(escaped));
            rest
        }
    }
}

/// What the digits after `\u`, and the second half of a pair where one follows, stand for; and what follows them.
fn unicode(digits: &str) -> (u32, &str) {
    let (unit, rest) = hex4(digits);
    if let 0xD800..=0xDBFF = unit
        && let Some(second) = rest.strip_prefix("\\u")
        && let (low @ 0xDC00..=0xDFFF, after) = hex4(second)
    {
        return (0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), after);
    }
    (unit, rest)
}

fn hex4(text: &str) -> (u32, &str) {
    let (digits, rest) = text.split_at(4);
    (u32::from_str_radix(digits, 16).unwrap_or(0xFFFD), rest)
}

fn push_code(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend([
            0xE0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3F) as u8,
            0x80 | (code & 0x3F) as u8,
        ]),
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The brackets that are still to be closed inside the member at hand.
    stack: Vec<u8>,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expected(&self, what: &str) -> Reason {
        let place = if self.at < self.bytes.len() { "at byte" } else { "at its end, byte" };
        Reason::NotObject(format!("expected {what} {place} {}", self.at + 1))
    }

    fn byte(&mut self, wanted: u8, what: &str) -> Result<(), Reason> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.expected(what))
        }
    }

    fn object(&mut self, text: &str) -> Result<Vec<Member>, Reason> {
        self.white_space();
        self.byte(b'{', "'{'")?;
        self.white_space();
        let mut members = Vec::with_capacity(16);
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(members);
        }
        loop {
            let name = self.name()?;
            let start = self.at;
            self.value()?;
            push_member(&mut members, Member { name, value: start..self.at }, text)?;
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.expected("',' or '}'")),
            }
            self.white_space();
        }
        self.at += 1;
        Ok(members)
    }

    /// A name, the colon and the white space around it; gives the name between its quotes.
    fn name(&mut self) -> Result<Range<usize>, Reason> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a name in quotes"));
        }
        let start = self.at + 1;
        self.string()?;
        let name = start..self.at - 1;
        self.white_space();
        self.byte(b':', "':'")?;
        self.white_space();
        Ok(name)
    }

    /// Steps over one value of any depth.
    fn value(&mut self) -> Result<(), Reason> {
        self.stack.clear();
        loop {
            if self.opens()? {
                continue;
            }
            if self.closes()? {
                return Ok(());
            }
        }
    }

    /// Steps over a scalar or an empty bracket pair, or into a bracket: then true, and a value is due.
    fn opens(&mut self) -> Result<bool, Reason> {
        match self.peek() {
            Some(b'"') => self.string().map(|()| false),
            Some(b'{') => self.bracket(b'}'),
            Some(b'[') => self.bracket(b']'),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| false),
            _ => Err(self.expected("a value")),
        }
    }

    fn bracket(&mut self, close: u8) -> Result<bool, Reason> {
        self.at += 1;
        self.white_space();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(false);
        }
        self.stack.push(close);
        if close == b'}' {
            self.name()?;
        }
        Ok(true)
    }

    /// After a value: steps over closing brackets. True when the outermost value has ended, false when another is due.
    fn closes(&mut self) -> Result<bool, Reason> {
        while let Some(close) = self.stack.last().copied() {
            self.white_space();
            match self.peek() {
                Some(b) if b == close => {
                    self.at += 1;
                    self.stack.pop();
                }
                Some(b',') => {
                    self.at += 1;
                    self.white_space();
                    if close == b'}' {
                        self.name()?;
                    }
                    return Ok(false);
                }
                _ => return Err(self.expected(if close == b'}' { "',' or '}'" } else { "',' or ']'" })),
            }
        }
        Ok(true)
    }

    fn string(&mut self) -> Result<(), Reason> {
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at..];
            let end = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            if rest[..end].iter().fold(false, |found, b| found | (*b < 0x20)) {
                self.at += rest.iter().position(|b| *b < 0x20).unwrap_or(0);
                return Err(self.expected("no raw control character in a string"));
            }
            self.at += end + 1;
            match rest.get(end) {
                Some(b'"') => return Ok(()),
                Some(_) => self.escape()?,
                None => {
                    self.at = self.bytes.len();
                    return Err(self.expected("'\"'"));
                }
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), Reason> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                        return Err(self.expected("four hexadecimal digits"));
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.expected("an escape")),
        }
        Ok(())
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<bool, Reason> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(false)
    }

    fn number(&mut self) -> Result<(), Reason> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Reason> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(()) }
    }
}

/// Keeps a member unless its name stands there already or there are too many.
fn push_member(members: &mut Vec<Member>, member: Member, text: &str) -> Result<(), Reason> {
    let name = decode(&text[member.name.clone()]);
    if members.iter().any(|other| same_name(&text[other.name.clone()], &name)) {
        return Err(Reason::DuplicateName(String::from_utf8_lossy(&name).into_owned()));
    }
    members.push(member);
    if members.len() > MAX_MEMBERS {
        let parts = members.iter().filter(|m| text[m.name.clone()].starts_with("_cm")).count();
        if members.len() - parts.min(MAX_PARTS) > MAX_MEMBERS {
            return Err(Reason::TooManyMembers);
        }
    }
    Ok(())
}

/// Whether a name as written is this one decoded. Up to its first escape a name stands for itself.
#[inline]
pub(crate) fn same_name(written: &str, decoded: &[u8]) -> bool {
    if written.len() < decoded.len() {
        // Every escape is longer than what it stands for.
        return false;
    }
    let differs = written.bytes().zip(decoded).find(|(byte, wanted)| byte != *wanted || *byte == b'\\');
    match differs {
        Some((b'\\', _)) => *decode(written) == *decoded,
        Some(_) => false,
        None => written.len() == decoded.len(),
    }
}
