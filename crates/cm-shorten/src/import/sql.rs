//! A dump of YOURLS's database in: the rows of its table of links (`yourls_url`; the prefix may be another), as mysqldump,
//! phpMyAdmin and Adminer write them. Only what a dump holds is read, nothing is executed.

use super::fields::{Draft, Field, field};
use super::file::LONGEST_ROW;
use super::row::{Bad, Row, Rows};
use anyhow::{Result, anyhow};
use std::collections::HashMap;
use std::io::BufRead;

/// The columns of the table where neither the statement nor the dump names them.
const COLUMNS: [&str; 6] = ["keyword", "url", "title", "timestamp", "ip", "clicks"];

/// The rows of a dump.
pub fn rows<'a>(input: Box<dyn BufRead + 'a>) -> Rows<'a> {
    let lexer = Lexer { input, peeked: None };
    Box::new(Dump {
        lexer,
        made: HashMap::new(),
        columns: Vec::new(),
        in_values: false,
        awaits_row: false,
        number: 0,
        ended: false,
    })
}

/// A piece of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A bare word or number, or a name in backquotes.
    Word(String),
    /// A value in quotes or in hexadecimal.
    Text(Vec<u8>),
    /// Any other sign.
    Sign(u8),
}

struct Dump<R> {
    lexer: Lexer<R>,
    /// The columns of tables, as CREATE TABLE has them.
    made: HashMap<String, Vec<String>>,
    columns: Vec<Option<Field>>,
    in_values: bool,
    /// Whether a comma came after the last row: another must follow.
    awaits_row: bool,
    number: u64,
    ended: bool,
}

impl<R: BufRead> Iterator for Dump<R> {
    type Item = Result<Result<Row, Bad>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let found = self.advance().transpose();
        self.ended = !matches!(found, Some(Ok(_)));
        found.map(|row| row.map_err(|e| anyhow!("after {} links: {e}", self.number)))
    }
}

impl<R: BufRead> Dump<R> {
    fn advance(&mut self) -> Result<Option<Result<Row, Bad>>> {
        loop {
            if self.in_values {
                match self.lexer.next()? {
                    Some(Token::Sign(b'(')) => {
                        self.awaits_row = false;
                        return self.row().map(Some);
                    }
                    Some(Token::Sign(b',')) => {
                        self.awaits_row = true;
                        continue;
                    }
                    Some(Token::Sign(b';')) => self.in_values = false,
                    // ON DUPLICATE KEY UPDATE ...
                    Some(_) => {
                        self.in_values = false;
                        self.lexer.skip_statement()?;
                    }
                    None if self.awaits_row => {
                        return Err(anyhow!("the dump breaks off: the rest of it is missing"));
                    }
                    None => return Ok(None),
                }
            }
            let Some(token) = self.lexer.next()? else { return Ok(None) };
            match token {
                Token::Sign(b';') => {}
                Token::Word(word) if is(&word, "insert") || is(&word, "replace") => self.insert()?,
                Token::Word(word) if is(&word, "create") => self.create()?,
                _ => self.lexer.skip_statement()?,
            }
        }
    }

    /// `INSERT [LOW_PRIORITY|IGNORE] [INTO] name [(columns)] VALUES`, up to the first row.
    fn insert(&mut self) -> Result<()> {
        let mut name = String::new();
        let mut columns: Option<Vec<String>> = None;
        loop {
            match self.lexer.next()? {
                Some(Token::Word(word)) if is(&word, "values") || is(&word, "value") => break,
                Some(Token::Word(word)) => name = word,
                Some(Token::Sign(b'(')) => columns = Some(self.names()?),
                Some(Token::Sign(b'.')) => {}
                Some(Token::Sign(b';')) | None => return Ok(()),
                Some(_) => return self.lexer.skip_statement(),
            }
        }
        if !name.to_ascii_lowercase().ends_with("url") {
            return self.lexer.skip_statement();
        }
        let known = || self.made.get(&name).cloned();
        let columns = columns.or_else(known).unwrap_or_else(|| COLUMNS.map(str::to_owned).to_vec());
        self.columns = columns.iter().map(|name| field(name)).collect();
        self.in_values = true;
        Ok(())
    }

    fn names(&mut self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        while let Some(token) = self.lexer.next()? {
            match token {
                Token::Sign(b')') => break,
                Token::Word(name) => names.push(name),
                _ => {}
            }
        }
        Ok(names)
    }

    /// `CREATE TABLE [IF NOT EXISTS] name (column type ..., KEY ..., ...)`: the columns are the first words.
    fn create(&mut self) -> Result<()> {
        let mut name = String::new();
        loop {
            match self.lexer.next()? {
                Some(Token::Word(word)) => name = word,
                Some(Token::Sign(b'(')) => break,
                Some(Token::Sign(b';')) | None => return Ok(()),
                Some(_) => {}
            }
        }
        let (mut depth, mut at_start, mut columns) = (1, true, Vec::new());
        while let Some(token) = self.lexer.next()? {
            match token {
                Token::Sign(b'(') => depth += 1,
                Token::Sign(b')') => depth -= 1,
                Token::Sign(b',') if depth == 1 => at_start = true,
                Token::Word(word) if at_start => {
                    at_start = false;
                    if !["primary", "key", "unique", "index", "constraint"]
                        .iter()
                        .any(|known| is(&word, known))
                    {
                        columns.push(word);
                    }
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.made.insert(name, columns);
        self.lexer.skip_statement()
    }

    /// The values of one row, up to its bracket.
    fn row(&mut self) -> Result<Result<Row, Bad>> {
        self.number += 1;
        let (mut draft, mut place, mut bad) = (Draft::default(), 0, None);
        loop {
            let token = self.lexer.next()?.ok_or_else(|| anyhow!("the dump ends in the middle of a row"))?;
            let value = match token {
                Token::Sign(b')') => break,
                Token::Sign(b',') => {
                    place += 1;
                    continue;
                }
                Token::Word(word) if is(&word, "null") || word.starts_with('_') => continue,
                Token::Word(word) => word.into_bytes(),
                Token::Text(text) => text,
                Token::Sign(_) => continue,
            };
            let Some(field) = self.columns.get(place).copied().flatten() else { continue };
            match std::str::from_utf8(&value) {
                Ok(text) => draft.set(field, text),
                Err(_) => bad = Some("it is not UTF-8: dump with --default-character-set=utf8mb4".to_owned()),
            }
        }
        let row = draft.finish(self.number).0;
        Ok(match bad {
            Some(why) => Err(Bad { number: self.number, code: row.ok().and_then(|row| row.code), why }),
            None => row,
        })
    }
}

fn is(word: &str, known: &str) -> bool {
    word.eq_ignore_ascii_case(known)
}

/// Bytes to tokens.
struct Lexer<R> {
    input: R,
    peeked: Option<u8>,
}

impl<R: BufRead> Lexer<R> {
    fn byte(&mut self) -> Result<Option<u8>> {
        if let Some(byte) = self.peeked.take() {
            return Ok(Some(byte));
        }
        let first = self.input.fill_buf()?.first().copied();
        self.input.consume(usize::from(first.is_some()));
        Ok(first)
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        self.peeked = self.byte()?;
        Ok(self.peeked)
    }

    fn skip_statement(&mut self) -> Result<()> {
        while let Some(token) = self.next()? {
            if token == Token::Sign(b';') {
                break;
            }
        }
        Ok(())
    }

    fn skip_line(&mut self) -> Result<()> {
        while self.byte()?.is_some_and(|byte| byte != b'\n') {}
        Ok(())
    }

    /// A comment, executable ones too: dumps hold no rows in them.
    fn skip_comment(&mut self) -> Result<()> {
        let mut last = 0;
        while let Some(byte) = self.byte()? {
            if (last, byte) == (b'*', b'/') {
                break;
            }
            last = byte;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Token>> {
        loop {
            let Some(byte) = self.byte()? else { return Ok(None) };
            let next = if matches!(byte, b'-' | b'/' | b'x' | b'X') { self.peek()? } else { None };
            match (byte, next) {
                (b'#', _) | (b'-', Some(b'-')) => self.skip_line()?,
                (b'/', Some(b'*')) => {
                    self.byte()?;
                    self.skip_comment()?;
                }
                (b'x' | b'X', Some(b'\'')) => {
                    self.byte()?;
                    let digits = self.quoted(b'\'')?;
                    return Ok(Some(Token::Text(bytes_of(&digits))));
                }
                (b'\'' | b'"', _) => return self.quoted(byte).map(|text| Some(Token::Text(text))),
                (b'`', _) => {
                    let name = self.quoted(byte)?;
                    return Ok(Some(Token::Word(String::from_utf8_lossy(&name).into_owned())));
                }
                (b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | 0x80.., _) => {
                    return self.word(byte).map(Some);
                }
                _ if byte.is_ascii_whitespace() => {}
                _ => return Ok(Some(Token::Sign(byte))),
            }
        }
    }

    fn word(&mut self, first: u8) -> Result<Token> {
        let mut word = vec![first];
        while let Some(byte) = self.peek()? {
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)) {
                break;
            }
            self.byte()?;
            word.push(byte);
            bounded(&word)?;
        }
        if let Some(digits) = word.strip_prefix(b"0x") {
            return Ok(Token::Text(bytes_of(digits)));
        }
        Ok(Token::Word(String::from_utf8_lossy(&word).into_owned()))
    }

    /// Up to the quote that closes; a doubled one and a backslash (not among backquotes) stand for themselves.
    fn quoted(&mut self, quote: u8) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        while let Some(byte) = self.byte()? {
            if byte == quote {
                if self.peek()? != Some(quote) {
                    return Ok(text);
                }
                self.byte()?;
                text.push(quote);
            } else if byte == b'\\' && quote != b'`' {
                let escaped = self.byte()?.unwrap_or(b'\\');
                text.push(match escaped {
                    b'0' => 0,
                    b'b' => 8,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'Z' => 26,
                    other => other,
                });
            } else {
                text.push(byte);
            }
            bounded(&text)?;
        }
        Err(anyhow!("the dump ends within quotes"))
    }
}

fn bounded(text: &[u8]) -> Result<()> {
    if text.len() as u64 > LONGEST_ROW {
        return Err(anyhow!("a text is longer than {LONGEST_ROW} bytes"));
    }
    Ok(())
}

/// The bytes of hexadecimal digits; what is none counts as 0.
fn bytes_of(digits: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map_or(0, |digit| digit.to_le_bytes()[0]);
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, half| (byte << 4) | digit(*half))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::From;
    use crate::import::Remarks;

    fn read(text: &str) -> Vec<Result<Row, Bad>> {
        super::super::file::rows(text.as_bytes(), From::Yourls, &Remarks::default())
            .unwrap()
            .map(|row| row.unwrap())
            .collect()
    }

    #[test]
    fn dumps_of_each_tool() {
        let log =
            "INSERT INTO `yourls_log` VALUES (1,'x','INSERT INTO yourls_url VALUES (''a'',''b'');','u');\n";
        let mysqldump = format!(
            "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `yourls_url`;\n\
             CREATE TABLE `yourls_url` (\n `keyword` varchar(200) NOT NULL DEFAULT 'a,b',\n `url` text NOT NULL,\n\
             `clicks` int(10) unsigned NOT NULL,\n `title` text,\n PRIMARY KEY (`keyword`),\n KEY `t` (`clicks`)\n) ENGINE=InnoDB;\n\
             {log}LOCK TABLES `yourls_url` WRITE;\n/*!40000 ALTER TABLE `yourls_url` DISABLE KEYS */;\n\
             INSERT INTO `yourls_url` VALUES ('AbC','https://a.example/?q=\\'x\\'&y=\\\\',7,NULL),('d','https://b.example/',0,'a ''b'' \\n');\n"
        );
        let rows: Vec<Row> = read(&mysqldump).into_iter().map(Result::unwrap).collect();
        assert_eq!((rows[0].code.as_deref(), rows[0].clicks), (Some("AbC"), Some(7)));
        assert_eq!(rows[0].target, "https://a.example/?q='x'&y=\\");
        assert_eq!((rows.len(), rows[1].title.as_deref()), (2, Some("a 'b' \n")));

        let php = "-- phpMyAdmin SQL Dump\nINSERT INTO `x_url` (`keyword`, `url`, `title`, `timestamp`, `ip`, `clicks`) VALUES\n\
                   ('ozh', 'https://ozh.org/', 'it''s; (a) \"b\"', '2024-05-01 12:00:00', '1.2.3.4', 3)\n,\
                   ('hex', 0x68747470733a2f2f612e6578616d706c652f, '', '2014-03-08 00:38:44', '127.0.0.1', '0');\n";
        let rows: Vec<Row> = read(php).into_iter().map(Result::unwrap).collect();
        assert_eq!((rows[0].created_ms, rows[0].clicks), (Some(1_714_564_800_000), Some(3)));
        assert_eq!((rows.len(), rows[1].target.as_str()), (2, "https://a.example/"));
    }

    #[test]
    fn a_dump_that_breaks_off_keeps_what_came_before() {
        let rows: Vec<_> = super::super::file::rows(
            &b"INSERT INTO yourls_url VALUES ('a','https://a.example/'),('b','https://b.exa"[..],
            From::Yourls,
            &Remarks::default(),
        )
        .unwrap()
        .collect();
        assert!(rows.len() == 2 && rows[0].as_ref().unwrap().is_ok());
        assert!(rows[1].as_ref().unwrap_err().to_string().contains("within quotes"));
    }
}
