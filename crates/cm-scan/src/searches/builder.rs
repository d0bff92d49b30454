//! What the readers of files put searches into.

use super::arena::{Arena, Span};
use super::entry::{Entry, Text};
use super::limits::Limits;
use super::sentence::Sentence;
use cm_cli::Failure;
use std::collections::HashMap;

/// So many mistakes are told.
pub(super) const MOST_MISTAKES: usize = 20;

/// No limits.
pub(super) const NO_LIMITS: u32 = u32::MAX;

/// A search, its texts elsewhere: forty bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub name: Span,
    pub query: Span,
    /// Where its tags begin in `labels`.
    pub tags: u32,
    pub tag_count: u16,
    pub file: u16,
    /// The line at which the search begins, from 1.
    pub line: u32,
    /// The byte at which the query is written, for TOML.
    pub at: u32,
    /// Which limits, or `NO_LIMITS`.
    pub limits: u32,
    pub enabled: bool,
}

/// The sentences of a search.
#[derive(Debug)]
pub(super) struct Sentences {
    pub row: u32,
    pub must_match: Vec<Sentence>,
    pub must_miss: Vec<Sentence>,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub arena: Arena,
    pub rows: Vec<Row>,
    /// The tags of each row, one after the other, as numbers of `tags`.
    pub labels: Vec<u32>,
    /// The tags that there are, in the order in which they come.
    pub tags: Vec<String>,
    pub tag_numbers: HashMap<String, u32>,
    pub limits: Vec<Limits>,
    pub limit_numbers: HashMap<[Vec<String>; 2], u32>,
    pub sentences: Vec<Sentences>,
    /// Whether anybody wants the sentences.
    pub wants_sentences: bool,
    /// The number of the file that is being read.
    pub file: u16,
    /// What is wrong, and was passed over to tell the rest.
    pub mistakes: Vec<Failure>,
}

/// How much there was before a file.
pub(super) struct Mark {
    rows: usize,
    text: usize,
    labels: usize,
    sentences: usize,
    mistakes: usize,
}

impl Builder {
    /// Adds a search; the error says what is wrong with it.
    pub fn add(&mut self, entry: &Entry, line: usize, at: usize) -> Result<(), String> {
        let name = entry.name.as_ref();
        if name.trim().is_empty() {
            return Err("a search needs a name".to_owned());
        }
        if let Some(odd) = name.chars().find(|c| c.is_control()) {
            return Err(format!("the name {name:?} holds {odd:?}, which no line can show"));
        }
        if entry.query.as_ref().is_empty() {
            return Err(format!("{name:?} has no query"));
        }
        without_controls(name, entry.query.as_ref())?;
        let (tags, tag_count) = self.add_tags(&entry.tags)?;
        let limits = self.add_limits(&entry.languages, &entry.sources)?;
        let too_much = || "the searches are more than 4 GiB of text".to_owned();
        let short = |number: usize| u32::try_from(number).map_err(|_| too_much());
        let row = Row {
            name: self.arena.add(name).ok_or_else(too_much)?,
            query: self.arena.add(entry.query.as_ref()).ok_or_else(too_much)?,
            tags,
            tag_count,
            file: self.file,
            line: short(line)?,
            at: short(at)?,
            limits,
            enabled: entry.enabled,
        };
        self.rows.push(row);
        Ok(())
    }

    /// Notes a mistake behind which the reading goes on; the error is the last that is told.
    pub fn mistake(&mut self, mistake: Failure) -> Result<(), Failure> {
        if self.mistakes.len() + 1 >= MOST_MISTAKES {
            return Err(mistake);
        }
        self.mistakes.push(mistake);
        Ok(())
    }

    /// Adds the sentences of the search that was added last.
    pub fn add_sentences(&mut self, entry: Entry) {
        let Entry { must_match, must_miss, .. } = entry;
        let row = u32::try_from(self.rows.len().saturating_sub(1)).unwrap_or(u32::MAX);
        if self.wants_sentences {
            self.sentences.push(Sentences { row, must_match, must_miss });
        }
    }

    fn add_tags(&mut self, tags: &[Text]) -> Result<(u32, u16), String> {
        let count = u16::try_from(tags.len()).map_err(|_| "too many tags".to_owned())?;
        let first = u32::try_from(self.labels.len()).map_err(|_| "too many tags".to_owned())?;
        for tag in tags.iter().map(AsRef::as_ref) {
            if tag.trim().is_empty() {
                return Err("a tag is empty".to_owned());
            }
            let number = match self.tag_numbers.get(tag) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.tags.len()).map_err(|_| "too many tags".to_owned())?;
                    self.tags.push(tag.to_owned());
                    self.tag_numbers.insert(tag.to_owned(), number);
                    number
                }
            };
            self.labels.push(number);
        }
        Ok((first, count))
    }

    /// The same limits are kept once.
    fn add_limits(&mut self, languages: &[Text], sources: &[Text]) -> Result<u32, String> {
        if languages.is_empty() && sources.is_empty() {
            return Ok(NO_LIMITS);
        }
        let key = [languages, sources].map(|values| values.iter().map(|v| v.as_ref().to_owned()).collect());
        if let Some(number) = self.limit_numbers.get(&key) {
            return Ok(*number);
        }
        let limits = Limits::of(languages, sources)?;
        let number = u32::try_from(self.limits.len()).unwrap_or(NO_LIMITS);
        self.limits.push(limits);
        self.limit_numbers.insert(key, number);
        Ok(number)
    }

    /// The numbers of a search's tags.
    pub fn tags_of(&self, row: &Row) -> &[u32] {
        let first = row.tags as usize;
        self.labels.get(first..first + usize::from(row.tag_count)).unwrap_or_default()
    }

    /// How much there is, for `back_to`.
    pub fn mark(&self) -> Mark {
        Mark {
            rows: self.rows.len(),
            text: self.arena.len(),
            labels: self.labels.len(),
            sentences: self.sentences.len(),
            mistakes: self.mistakes.len(),
        }
    }

    /// Forgets what was added since. Tags and limits stay, which nothing refers to.
    pub fn back_to(&mut self, mark: &Mark) {
        self.rows.truncate(mark.rows);
        self.arena.truncate(mark.text);
        self.labels.truncate(mark.labels);
        self.sentences.truncate(mark.sentences);
        self.mistakes.truncate(mark.mistakes);
    }
}

/// `"\bacme\b"`: written as for a regular expression, read as signs that no text holds.
fn without_controls(name: &str, query: &str) -> Result<(), String> {
    let is_odd = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
    let Some(odd) = query.bytes().find(is_odd) else { return Ok(()) };
    let hint = "in \"...\" a backslash begins an escape, so write the query between '...'";
    Err(format!("the query of {name:?} holds {:?}: {hint}", char::from(odd)))
}
