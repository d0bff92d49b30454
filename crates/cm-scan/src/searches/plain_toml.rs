//! `searches.toml` as nearly everybody writes it, read in one pass: a TOML reader builds a tree of the whole file, which
//! takes seconds and hundreds of megabytes at a hundred thousand searches. In: a text. Out: its searches, or word that it
//! is written otherwise or has a mistake; then the TOML reader decides (whole_toml.rs), on the search at hand or on the
//! whole. What is read here means the same there (a test compares): `[[search]]` tables, bare keys, strings, lists, booleans, comments (TOML 1.1).

use super::builder::Builder;
use super::entry::{Entry, MEMBERS, Text};
use super::sentence::Sentence;
use super::whole_toml;
use cm_cli::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// How a search begins.
const HEAD: &str = "[[search]]";

/// A search may hold so many lines that look like the beginning of one.
const TRIES: usize = 16;

/// Reads all searches of a text. False where it does not begin as searches do, so that it has to be read as a whole.
/// Mistakes, with the file's name, go to the builder; one behind which nothing can be read is the error.
pub(super) fn read(file: &str, text: &str, builder: &mut Builder) -> Result<bool, Failure> {
    let mut scanner = Scanner { text, at: 0 };
    let (mut line, mut counted) = (1, 0);
    if scanner.blank().is_none() {
        return Ok(false);
    }
    while !scanner.is_at_end() {
        line += newlines(&text[counted..scanner.at]);
        counted = scanner.at;
        match scanner.search() {
            Some((entry, at)) => match builder.add(&entry, line, at) {
                Ok(()) => builder.add_sentences(entry),
                Err(message) => builder.mistake(Failure::config(format!("{file}:{line}: {message}")))?,
            },
            None if !text[counted..].starts_with(HEAD) => return Ok(false),
            None => scanner.unusual(file, (line, counted), builder)?,
        }
    }
    Ok(true)
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Any value of TOML, read by the TOML reader.
fn by_the_reader<T: DeserializeOwned>(written: &str) -> Option<T> {
    #[derive(Deserialize)]
    struct Value<T> {
        v: T,
    }
    toml::from_str::<Value<T>>(&format!("v = {written}")).ok().map(|value| value.v)
}

/// Bytes that stand in no comment and in no string of one line.
fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7F
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.rest().starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    fn spaces(&mut self) {
        self.at += self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    }

    /// Spaces, empty lines and comments.
    fn blank(&mut self) -> Option<()> {
        loop {
            self.spaces();
            match self.rest() {
                [b'\n', ..] => self.at += 1,
                [b'\r', b'\n', ..] => self.at += 2,
                [b'#', ..] => self.comment()?,
                _ => return Some(()),
            }
        }
    }

    fn comment(&mut self) -> Option<()> {
        let length = self.rest().iter().position(|byte| is_control(*byte)).unwrap_or(self.rest().len());
        self.at += length;
        matches!(self.rest(), [] | [b'\n', ..] | [b'\r', b'\n', ..]).then_some(())
    }

    /// Nothing but a comment may follow in the line; then to the next thing.
    fn end_of_line(&mut self) -> Option<()> {
        self.spaces();
        matches!(self.rest(), [] | [b'\n' | b'#', ..] | [b'\r', b'\n', ..]).then_some(())?;
        self.blank()
    }

    /// A search and the byte at which its query is written.
    fn search(&mut self) -> Option<(Entry<'a>, usize)> {
        self.word(HEAD)?;
        self.end_of_line()?;
        self.table()
    }

    /// A search that is not written plainly: what the TOML reader takes for a whole by itself, up to a line that begins
    /// the next, is one in the file too.
    fn unusual(
        &mut self,
        file: &str,
        (line, start): (usize, usize),
        builder: &mut Builder,
    ) -> Result<(), Failure> {
        let rest = &self.text[start..];
        let heads = rest.match_indices(HEAD).map(|(at, _)| at).filter(|at| rest[..*at].ends_with('\n'));
        let mark = builder.mark();
        let mut first: Option<(usize, Failure)> = None;
        for end in heads.chain([rest.len()]).take(TRIES) {
            let part = &rest[..end];
            self.at = start + end;
            if whole_toml::read_part("", part, (line, start), builder).is_ok() {
                return Ok(());
            }
            builder.back_to(&mark);
            // With the lines before it, so that the mistake is told with its own.
            let padded = "\n".repeat(line - 1) + part;
            let Err(mistake) = whole_toml::read(file, &padded, builder) else { return Ok(()) };
            builder.back_to(&mark);
            if toml::from_str::<toml::Table>(part).is_ok() {
                return builder.mistake(mistake);
            }
            match first {
                // Whatever follows, this is wrong: the next search may be well again.
                Some((end, first)) if first.message == mistake.message => {
                    self.at = start + end;
                    return builder.mistake(mistake);
                }
                _ => first = Some((end, mistake)),
            }
        }
        first.map_or(Ok(()), |(_, mistake)| Err(mistake))
    }

    /// The members of a search, and the byte at which its query is written.
    fn table(&mut self) -> Option<(Entry<'a>, usize)> {
        let (mut entry, mut at, mut seen) = (Entry { enabled: true, ..Entry::default() }, 0, 0_u16);
        while !matches!(self.rest(), [] | [b'[', ..]) {
            let length = self
                .rest()
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                .count();
            let key = self.text.get(self.at..self.at + length)?;
            let member = MEMBERS.iter().position(|member| *member == key)?;
            (seen & (1 << member) == 0).then(|| seen |= 1 << member)?;
            self.at += length;
            self.spaces();
            self.word("=")?;
            self.spaces();
            if key == "query" {
                at = self.at;
            }
            self.member(key, &mut entry)?;
            self.end_of_line()?;
        }
        Some((entry, at))
    }

    fn member(&mut self, key: &str, entry: &mut Entry<'a>) -> Option<()> {
        match key {
            "name" => entry.name = self.string()?,
            "query" => entry.query = self.string()?,
            "notes" => entry.notes = self.string()?,
            "tags" => entry.tags = self.strings()?,
            "languages" => entry.languages = self.strings()?,
            "sources" => entry.sources = self.strings()?,
            "enabled" => entry.enabled = self.boolean()?,
            "must_match" => entry.must_match = self.sentences()?,
            "must_miss" => entry.must_miss = self.sentences()?,
            _ => return None,
        }
        Some(())
    }

    fn boolean(&mut self) -> Option<bool> {
        self.word("true").map(|()| true).or_else(|| self.word("false").map(|()| false))
    }

    fn string(&mut self) -> Option<Text<'a>> {
        if let Some(plain) = self.plain_string() {
            return Some(Text(Cow::Borrowed(plain)));
        }
        let start = self.at;
        self.skip_string()?;
        by_the_reader(&self.text[start..self.at]).map(|text| Text(Cow::Owned(text)))
    }

    /// A string of one line that stands there as it is.
    fn plain_string(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let quote = rest.first().copied().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let is_end = |byte: u8| byte == quote || is_control(byte) || (byte == b'\\' && quote == b'"');
        let length = rest[1..].iter().position(|byte| is_end(*byte))?;
        let closed = rest[1 + length] == quote && !rest.starts_with(&[quote; 3]);
        let text = closed.then(|| &self.text[self.at + 1..self.at + 1 + length])?;
        self.at += length + 2;
        Some(text)
    }

    /// To behind a string of any form; whether it is well written is for the TOML reader to say.
    fn skip_string(&mut self) -> Option<()> {
        let quote = self.rest().first().copied().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let long = self.rest().starts_with(&[quote; 3]);
        let close: &[u8] = if long { &[quote; 3] } else { &[quote] };
        self.at += close.len();
        loop {
            match self.rest() {
                [] => return None,
                [b'\\', _, ..] if quote == b'"' => self.at += 2,
                rest if rest.starts_with(close) => break,
                _ => self.at += 1,
            }
        }
        self.at += close.len();
        // Up to two quotation marks may stand right before the closing ones.
        let more = self.rest().iter().take_while(|byte| long && **byte == quote).count();
        self.at += more.min(2);
        // An escape may have led into the middle of a letter, in a text that is a mistake anyway.
        self.text.is_char_boundary(self.at).then_some(())
    }

    fn strings(&mut self) -> Option<Vec<Text<'a>>> {
        let start = self.at;
        if let Some(plain) = self.plain_strings() {
            return Some(plain);
        }
        self.at = start;
        let texts: Vec<String> = by_the_reader(self.list()?)?;
        Some(texts.into_iter().map(|text| Text(Cow::Owned(text))).collect())
    }

    /// A list of strings that stand there as they are.
    fn plain_strings(&mut self) -> Option<Vec<Text<'a>>> {
        let mut texts = Vec::new();
        self.word("[")?;
        loop {
            self.blank()?;
            if self.word("]").is_some() {
                return Some(texts);
            }
            texts.push(Text(Cow::Borrowed(self.plain_string()?)));
            self.blank()?;
            if self.word(",").is_none() {
                return self.word("]").map(|()| texts);
            }
        }
    }

    fn sentences(&mut self) -> Option<Vec<Sentence>> {
        let start = self.at;
        if let Some(plain) = self.plain_strings() {
            return Some(plain.into_iter().map(|text| Sentence::Text(text.0.into_owned())).collect());
        }
        self.at = start;
        by_the_reader(self.list()?)
    }

    /// A list as it is written. An escape may have led into the middle of a letter, in a text that is a mistake anyway.
    fn list(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.skip_list()?;
        self.text.get(start..self.at)
    }

    /// To behind a list; whether it is well written is for the TOML reader to say.
    fn skip_list(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.rest().first()? {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.checked_sub(1)?,
                b'"' | b'\'' => {
                    self.skip_string()?;
                    continue;
                }
                b'#' => {
                    self.comment()?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a reader made of a text.
    fn made(builder: &Builder) -> Vec<String> {
        let row = |(number, row): (usize, &super::super::builder::Row)| {
            let tags = &builder.labels[row.tags as usize..][..usize::from(row.tag_count)];
            let tags: Vec<&str> = tags.iter().map(|tag| builder.tags[*tag as usize].as_str()).collect();
            let own = builder.sentences.iter().filter(|s| s.row as usize == number);
            let sentences: Vec<_> = own.map(|s| (&s.must_match, &s.must_miss)).collect();
            let limits = builder.limits.get(row.limits as usize);
            let (name, query) = (builder.arena.get(row.name), builder.arena.get(row.query));
            format!(
                "{name:?} {query:?} {} {} {} {tags:?} {limits:?} {sentences:?}",
                row.line, row.at, row.enabled
            )
        };
        builder.rows.iter().enumerate().map(row).collect()
    }

    fn builder() -> Builder {
        Builder { wants_sentences: true, ..Builder::default() }
    }

    /// Compares the two readers; true when this one read the text.
    fn agrees(text: &str) -> bool {
        let (mut plain, mut whole) = (builder(), builder());
        let read_here = read("s.toml", text, &mut plain);
        let read_here = plain.mistakes.pop().map_or(read_here, Err);
        let read_there = whole_toml::read("s.toml", text, &mut whole);
        let read_here = match read_here {
            Ok(read_here) => read_here,
            Err(failure) => {
                assert!(read_there.is_err(), "{text:?}: {failure}");
                return false;
            }
        };
        if read_here {
            assert!(read_there.is_ok(), "{text:?}: {read_there:?}");
            assert_eq!(made(&plain), made(&whole), "{text:?}");
        }
        read_here
    }

    #[test]
    fn what_people_write_is_read_here() {
        let own = include_str!("../../../../examples/searches.toml");
        for text in [
            own,
            &own.replace('\n', "\r\n"),
            "",
            " # nothing\n",
            "[[search]]\nname = 'z'\nquery = 'z'\n[[search]] # odd\n\"name\" = 'a'\nquery = 'b'\n\n# c\n[[search]]\nname = 'y'\nquery = '''\n[[search]]\n'''\n",
            "[[search]]\nname='a'\nquery=\"b\"",
            "[[search]] # one\n  name = \"\"\"\n  a\\\n   b\"\"\"\nquery = '''\n\"a b\" OR\n  ''c'''''\nenabled = false\n\n[[search]]\nname = \"\\u00e9\"\nquery = \"\\\"a\\\"\"\ntags = [\n 'x', # the first\n \"y\\t\",\n]\n",
            "[[search]]\nname = 'a'\nquery = 'b'\nmust_match = [ { title = \"x]\", tags = ['#'] }, '''y\nz''' ]\nmust_miss = []\nlanguages=['en',]\nsources=['mastodon']\nnotes = '''\na'''\n",
        ] {
            assert!(agrees(text), "{text}");
        }
    }

    #[test]
    fn what_is_unusual_or_wrong_is_left_to_the_reader_of_toml() {
        for text in [
            "search = [{name = 'a', query = 'b'}]",
            "x = 1",
            "[[search]]\nname = 'a'\nname = 'b'\nquery = 'b'\n",
            "[[search]]\nname = 'a' query = 'b'\n",
            "[[search]]\nname = 'a'\nquery = 'b'\nmust_match = [1]\n",
            "[[search]]\nname = 'a'\nquery = 'b'\ntags = ['a' 'b']\n",
            "[[search]]\nname = 'a'\nquery = 'b'\nenabled = falsey\n",
            "[[search]]\nname = 'a'\nquery = \"b\\q\"\n",
            "[[search]]\nname = 'a'\nquery = 'b\n'\n",
            "[[search]]\nname = 'a'\r\nquery = 'b'\r# x\n",
            "[[search]]\nname = 'a'\nquery = 'b' # \u{7}\n",
            "[[search]]\nname = 'a'\nquery = '''b",
            "[[search]]\nname = 'a'\nquery = \"\\",
            "[[search]]\nname = 'a'\nquery = 'b'\ntags = [",
            "[[search]]x\n",
            "[[searches]]\nname = 'a'\nquery = 'b'\n",
            "[search]\nname = 'a'\nquery = 'b'\n",
        ] {
            assert!(!agrees(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_readers_agree_on_any_text(pieces in prop::collection::vec(prop::sample::select(vec![
            "[[search]]\n", "[[search]]", "name = ", "query = ", "'a'", "\"b\"", "\"\\u0041\"", "\n", "\r\n", "\r", " ", "# c\n", "#", "tags = ",
            "must_match = ", "[", "]", ",", "{ title = 'x' }", "'''", "\"\"\"", "\\", "é", "enabled = ", "true", "\t", "\u{7f}",
            "name = 'a'\n", "query = 'q'\n", "tags = ['t']\n", "[[search]]\nname = 'z'\nquery = 'y'\n",
        ]), 0..14)) {
            agrees(&pieces.concat());
        }
    }
}
