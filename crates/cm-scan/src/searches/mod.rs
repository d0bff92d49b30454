//! Saved searches (docs/searches.md): `searches.toml`, or the same members as JSON lines.
//! In: files that people keep for years. Out: searches whose queries are read when they are asked for, or the place of the
//! first mistake. A hundred thousand of them are some megabytes: texts stand in one arena, not in a tree.

mod arena;
mod builder;
mod entry;
mod files;
mod hints;
mod json_lines;
mod limits;
mod names;
mod numbered;
mod place;
mod plain_toml;
mod sentence;
#[cfg(test)]
mod tests;
mod whole_toml;

pub use limits::{Limits, Refusal};
pub use sentence::Sentence;

use crate::query::{Context, Names as Named, Query, QueryError};
use builder::{Builder, MOST_MISTAKES, NO_LIMITS, Row};
use chrono::{DateTime, Utc};
use cm_cli::{Failure, Listing, Session, nearest};
use cm_time::Zone;
use names::Names;
use std::path::PathBuf;

/// The file of a search from the command line.
const NO_FILE: u16 = u16::MAX;

/// Searches, and which of them run.
#[derive(Debug)]
pub struct Searches {
    read: Builder,
    files: Vec<PathBuf>,
    names: Names,
    /// The rows of those that run, in the order of the files.
    chosen: Vec<u32>,
    /// What relative dates are counted from.
    now: DateTime<Utc>,
    /// Where days begin.
    zone: Zone,
}

/// Which searches run, and what of them is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Searches that carry one of these tags; none means all.
    pub tags: Vec<String>,
    /// Searches of these names, whether they are enabled or not; none means all.
    pub names: Vec<String>,
    /// Their sentences too.
    pub sentences: bool,
    /// Also those that say `enabled = false`.
    pub disabled: bool,
}

/// A search.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    all: &'a Searches,
    row: &'a Row,
    number: u32,
}

impl Searches {
    /// Reads files, or folders of files. The error tells all mistakes, up to a number of them.
    pub fn read(paths: &[PathBuf], wanted: &Wanted) -> Result<Searches, Failure> {
        let files = files::named(paths)?;
        if files.len() >= usize::from(NO_FILE) {
            return Err(Failure::config(format!("more than {} files of searches", NO_FILE - 1)));
        }
        let mut read = Builder { wants_sentences: wanted.sentences, ..Builder::default() };
        for (number, file) in files.iter().enumerate() {
            read.file = u16::try_from(number).unwrap_or(NO_FILE);
            let before = read.rows.len();
            let mistakes = read.mistakes.len();
            if let Err(mistake) = files::read(file, &mut read) {
                read.mistakes.push(mistake);
            } else if (read.rows.len(), read.mistakes.len()) == (before, mistakes) {
                read.mistakes.push(Failure::config(format!(
                    "{}: no searches in it: write [[search]] with a name and a query",
                    file.display()
                )));
            }
            if read.mistakes.len() >= MOST_MISTAKES {
                break;
            }
        }
        read.arena.shrink();
        read.rows.shrink_to_fit();
        let names = Names::for_up_to(read.rows.len());
        let mistakes = std::mem::take(&mut read.mistakes);
        let mut searches = Searches { read, files, names, ..Searches::none() };
        let taken = searches.name_all();
        let mut mistakes = mistakes.into_iter().chain(taken);
        if let Some(first) = mistakes.next() {
            return Err(told(first, mistakes));
        }
        searches.choose(wanted)?;
        Ok(searches)
    }

    /// One search from the command line, named by its query. `saved` are those that it may refer to.
    pub fn ad_hoc(query: &str, saved: Option<Searches>) -> Result<Searches, Failure> {
        let mut searches = saved.unwrap_or_else(Searches::none);
        let too_long = || Failure::usage("the query is longer than 4 GiB");
        let text = searches.read.arena.add(query).ok_or_else(too_long)?;
        let row = Row {
            name: text,
            query: text,
            tags: 0,
            tag_count: 0,
            file: NO_FILE,
            line: 0,
            at: 0,
            limits: NO_LIMITS,
            enabled: true,
        };
        searches.chosen = vec![u32::try_from(searches.read.rows.len()).unwrap_or(u32::MAX)];
        searches.read.rows.push(row);
        Ok(searches)
    }

    fn none() -> Searches {
        Searches {
            read: Builder::default(),
            files: Vec::new(),
            names: Names::for_up_to(1),
            chosen: Vec::new(),
            now: Utc::now(),
            zone: Zone::utc(),
        }
    }

    /// The same, their dates read as of this instant in this zone.
    pub fn seen_from(self, now: DateTime<Utc>, zone: &Zone) -> Searches {
        Searches { now, zone: zone.clone(), ..self }
    }

    /// The zone that their dates are read in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Every name stands once.
    fn name_all(&mut self) -> Vec<Failure> {
        let (read, names) = (&self.read, &mut self.names);
        let name_of = |number: u32| read.arena.get(read.rows[number as usize].name);
        let count = u32::try_from(read.rows.len()).unwrap_or(u32::MAX);
        let twice = (0..count).filter_map(|number| Some((number, names.insert(number, name_of)?)));
        let twice: Vec<(u32, u32)> = twice.take(MOST_MISTAKES).collect();
        twice.into_iter().map(|(second, first)| name_taken(self.row(second), self.row(first))).collect()
    }

    fn choose(&mut self, wanted: &Wanted) -> Result<(), Failure> {
        for tag in &wanted.tags {
            self.known_tag(tag)?;
        }
        let tag_numbers: Vec<u32> =
            (0..).zip(&self.read.tags).filter(|(_, tag)| wanted.tags.contains(tag)).map(|(n, _)| n).collect();
        let carries = |row: &Row| self.read.tags_of(row).iter().any(|tag| tag_numbers.contains(tag));
        if !wanted.names.is_empty() {
            self.chosen = wanted.names.iter().map(|name| self.known_name(name)).collect::<Result<_, _>>()?;
            self.chosen.sort_unstable();
            self.chosen.dedup();
            return Ok(());
        }
        let runs = |row: &Row| (row.enabled || wanted.disabled) && (wanted.tags.is_empty() || carries(row));
        self.chosen = (0..).zip(&self.read.rows).filter(|(_, row)| runs(row)).map(|(n, _)| n).collect();
        if self.chosen.is_empty() {
            let of_tag = if wanted.tags.is_empty() { "" } else { " of these tags" };
            return Err(Failure::config(format!(
                "every search{of_tag} says enabled = false: nothing would run"
            )));
        }
        Ok(())
    }

    fn known_tag(&self, tag: &String) -> Result<(), Failure> {
        if self.read.tags.contains(tag) {
            return Ok(());
        }
        let known: Vec<&str> = self.read.tags.iter().map(String::as_str).collect();
        let hint = match nearest(tag, &known) {
            Some(near) => format!("did you mean {near:?}?"),
            None if known.is_empty() => "none carries any".to_owned(),
            None => format!("known: {}", known[..known.len().min(20)].join(", ")),
        };
        Err(Failure::usage(format!("--tag: no search carries {tag:?} ({hint})")))
    }

    fn known_name(&self, name: &str) -> Result<u32, Failure> {
        if let Some(search) = self.named(name) {
            return Ok(search.number);
        }
        let hint = self
            .nearest(name)
            .map_or("--list names them".to_owned(), |near| format!("did you mean {near:?}?"));
        Err(Failure::usage(format!("--only: no search is named {name:?} ({hint})")))
    }

    /// Writes those that were chosen: a table on a terminal, JSON lines in a pipe.
    pub fn list(&self, session: &Session) -> anyhow::Result<()> {
        let mut listing = Listing::new(&["SEARCH", "TAGS", "QUERY"]).whole(&["SEARCH"]);
        for search in self.iter() {
            let tags: Vec<&str> = search.tags().collect();
            let off = if search.is_enabled() { "" } else { " (enabled = false)" };
            let cells = vec![search.name().to_owned(), tags.join(", ") + off, search.text().to_owned()];
            let object = serde_json::json!({
                "name": search.name(), "tags": tags, "query": search.text(), "enabled": search.is_enabled(),
            });
            listing.row(cells, object);
        }
        session.list(&listing)
    }

    fn row(&self, number: u32) -> Search<'_> {
        Search { all: self, row: &self.read.rows[number as usize], number }
    }

    /// Those that run, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = Search<'_>> {
        self.chosen.iter().map(|number| self.row(*number))
    }

    /// The names of all, whether they run or not.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.read.rows.iter().filter(|row| row.file != NO_FILE).map(|row| self.read.arena.get(row.name))
    }

    /// The search of a name, whether it runs or not.
    pub fn named(&self, name: &str) -> Option<Search<'_>> {
        let name_of = |number: u32| self.read.arena.get(self.read.rows[number as usize].name);
        self.names.get(name, name_of).map(|number| self.row(number))
    }
}

/// Several mistakes as one failure, which tells them one a line, up to a number of them.
pub fn told(first: Failure, others: impl Iterator<Item = Failure>) -> Failure {
    let mut more: Vec<String> = others.map(|other| other.message).take(MOST_MISTAKES - 1).collect();
    if more.len() == MOST_MISTAKES - 1 {
        more.push(format!("these are {MOST_MISTAKES} mistakes, and there may be more"));
    }
    Failure { more, ..first }
}

fn name_taken(second: Search, first: Search) -> Failure {
    let same_file = second.row.file == first.row.file;
    let place =
        if same_file { format!("on line {}", first.row.line) } else { format!("at {}", first.place()) };
    let message = format!("the name {:?} is taken by the search {place}", second.name());
    Failure::config(format!("{}: {message}", second.place()))
}

impl Named for Searches {
    fn query_of(&self, name: &str) -> Option<&str> {
        self.named(name).map(|search| search.text())
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let known: Vec<&str> = self.names().collect();
        nearest(name, &known).map(str::to_owned)
    }
}

impl<'a> Search<'a> {
    /// Its name in the output.
    pub fn name(&self) -> &'a str {
        self.all.read.arena.get(self.row.name)
    }

    /// Its query as written.
    pub fn text(&self) -> &'a str {
        self.all.read.arena.get(self.row.query)
    }

    /// Its query, read now; the error names the place in the file.
    pub fn query(&self) -> Result<Query, Failure> {
        let itself = Some(self.name()).filter(|_| self.row.file != NO_FILE);
        let Searches { now, ref zone, .. } = *self.all;
        let context = Context { names: Some(self.all), itself, now, zone };
        Query::read(self.text(), &context).map_err(|error| self.wrong(&error))
    }

    /// The searches that it may refer to.
    pub fn all(&self) -> &'a Searches {
        self.all
    }

    /// Its tags.
    pub fn tags(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let tags = &self.all.read.tags;
        self.all.read.tags_of(self.row).iter().map(move |tag| tags[*tag as usize].as_str())
    }

    /// Which items it looks at; `None` for all.
    pub fn limits(&self) -> Option<&'a Limits> {
        self.all.read.limits.get(self.row.limits as usize)
    }

    /// Whether it runs when nobody asks for it by hand.
    pub fn is_enabled(&self) -> bool {
        self.row.enabled
    }

    /// What it must match and what it must miss, where that was wanted.
    pub fn sentences(&self) -> (&'a [Sentence], &'a [Sentence]) {
        let all = &self.all.read.sentences;
        match all.binary_search_by_key(&self.number, |sentences| sentences.row) {
            Ok(found) => (&all[found].must_match, &all[found].must_miss),
            Err(_) => (&[], &[]),
        }
    }

    /// `searches.toml:12`; empty for one from the command line.
    pub fn place(&self) -> String {
        let file = self.all.files.get(usize::from(self.row.file));
        file.map_or(String::new(), |file| format!("{}:{}", file.display(), self.row.line))
    }

    /// The failure about a mistake in its query.
    fn wrong(&self, error: &QueryError) -> Failure {
        let Some(file) = self.all.files.get(usize::from(self.row.file)) else {
            return Failure::usage(format!("the query, {error}"));
        };
        let (line, at) = (self.row.line as usize, self.row.at as usize);
        Failure::config(match files::place(file, line, at, error.column) {
            Some((line, column)) => {
                format!(
                    "{}:{line}:{column}: the query of {:?}: {}",
                    file.display(),
                    self.name(),
                    error.message
                )
            }
            None => format!("{}: the query of {:?}, {error}", self.place(), self.name()),
        })
    }
}
