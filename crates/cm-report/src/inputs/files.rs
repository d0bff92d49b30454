//! Files of any kind, each line told apart by itself: a record, a click, or a request in a web server's log.
//! In: paths, `-` for standard input. Out: facts; what could not be read is said and counted.

use super::json_lines::{take_click, take_record};
use super::reject::Held;
use crate::facts::{Facts, Input};
use crate::glob;
use cm_cli::{Progress, Session};
use cm_record::{Bad, Line, Options, Place, Reader, Reason};
use cm_web::LogEntry as Entry;
use std::collections::HashSet;
use std::path::PathBuf;

/// Lines of a file of which none could be read, after which it is left alone.
const HOPELESS: u64 = 1_000;

/// After so many lines a person who watches is told how far it is.
const TOLD_EVERY: u64 = 20_000;

/// Reads the files in order; a path that stands twice is read once.
pub fn read_files(paths: &[PathBuf], facts: &mut Facts, session: &Session) -> anyhow::Result<()> {
    let reject = session.reject_file(paths)?;
    let max_line = session.common().max_line;
    let held = reject.map(|file| Held::new(file, max_line));
    let progress = session.progress(None, "reading");
    let mut met = HashSet::new();
    let mut read = 0;
    for path in &expanded(paths, session)? {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !met.insert(real) {
            session.warn("twice", format!("{} is named twice and read once", path.display()));
            continue;
        }
        let copy = held.clone().map(|held| Box::new(held) as Box<dyn std::io::Write + Send>);
        let reader = Reader::new(vec![path.clone()], Options { max_line, reject: copy });
        let held = held.as_ref();
        let mut files = Files { facts, session, held, progress: &progress, input: None, hopeless: false };
        read += files.read(reader)?;
    }
    session.sum_up_bad_lines(read);
    Ok(())
}

/// Folders replaced by the files in them that are named as records or access logs are, in name order.
fn expanded(paths: &[PathBuf], session: &Session) -> anyhow::Result<Vec<PathBuf>> {
    const NAMES: [&str; 4] = ["*.jsonl", "*.jsonl.gz", "*.jsonl.zst", "*access*log*"];
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        for pattern in NAMES {
            match glob::files(&path.join(pattern)) {
                Ok(files) => found.extend(files),
                Err(error) => session.failed("input", format!("{}: {error}", path.display()))?,
            }
        }
        found.sort();
        found.dedup();
        if found.is_empty() {
            session.failed("input", format!("{}: no *.jsonl and no *access*log* in it", path.display()))?;
        }
        all.append(&mut found);
    }
    Ok(all)
}

/// A reader's inputs (several, when it is of a folder), one after the other.
struct Files<'a> {
    facts: &'a mut Facts,
    session: &'a Session,
    held: Option<&'a Held>,
    progress: &'a Progress,
    input: Option<Input>,
    /// The rest of this input is passed over.
    hopeless: bool,
}

impl Files<'_> {
    fn read(&mut self, mut reader: Reader) -> anyhow::Result<u64> {
        while let Some(next) = reader.next_line() {
            match next {
                Err(error) => self.session.failed("input", error)?,
                Ok(Line::Record(record, place)) => {
                    self.enter(&place)?;
                    self.count(|input| input.records += 1);
                    if self.session.knows_version(&record)?
                        && let Err(why) = take_record(&record, self.facts)
                    {
                        self.session.bad_record(&record, &place, &why)?;
                    }
                }
                Ok(Line::Bad(bad)) => {
                    self.enter(&bad.place)?;
                    let known = if self.hopeless { self.passed_over() } else { self.other(&bad)? };
                    match self.held {
                        Some(held) if known => held.forget(),
                        Some(held) => held.keep()?,
                        None => {}
                    }
                }
            }
        }
        self.leave()?;
        Ok(reader.lines_read())
    }

    /// A line of an input that was given up: one more that could not be read, unless all of it is of another kind.
    fn passed_over(&mut self) -> bool {
        self.count(|input| input.unread += u64::from(input.unread > 0));
        false
    }

    /// A line that is no record; true when it is known what it is.
    fn other(&mut self, bad: &Bad) -> anyhow::Result<bool> {
        let json =
            bad.bytes.trim_ascii_start().first() == Some(&b'{') || matches!(bad.reason, Reason::TooLong(_));
        if json { self.json(bad) } else { self.log_line(bad) }
    }

    fn json(&mut self, bad: &Bad) -> anyhow::Result<bool> {
        match take_click(&bad.bytes, self.facts) {
            Some(Ok(())) => {
                self.count(|input| input.clicks += 1);
                Ok(true)
            }
            Some(Err(why)) => {
                let bad = Bad { reason: Reason::Id(why), ..bad.clone() };
                self.session.bad_line(&bad)?;
                Ok(false)
            }
            None => {
                self.session.bad_line(bad)?;
                Ok(false)
            }
        }
    }

    fn log_line(&mut self, bad: &Bad) -> anyhow::Result<bool> {
        let text = String::from_utf8_lossy(&bad.bytes);
        let text = text.trim_start_matches('\u{feff}').trim_end_matches('\r');
        if let Some(entry) = Entry::parse(text) {
            self.facts.request(&bad.bytes, &entry);
            self.count(|input| input.requests += 1);
            return Ok(true);
        }
        let first = self.input.as_ref().is_some_and(|input| input.lines == 1);
        if first && let Some(kind) = foreign(text) {
            self.hopeless = true;
            let message = format!("{}: {kind} are not read yet: leave it out", bad.place.file);
            self.session.failed("input", message)?;
            return Ok(false);
        }
        let line = bad.place.line;
        self.count(|input| {
            input.unread += 1;
            if input.unread == 1 {
                input.first_unread = line;
            }
        });
        self.hopeless =
            self.input.as_ref().is_some_and(|input| input.unread >= HOPELESS && input.unread == input.lines);
        Ok(false)
    }

    /// Notes where a line stands; the first of an input begins it.
    fn enter(&mut self, place: &Place) -> anyhow::Result<()> {
        if self.input.as_ref().is_none_or(|input| input.name != place.file) {
            self.leave()?;
            self.facts.seen.next_input();
            self.input = Some(Input { name: place.file.clone(), ..Input::default() });
        }
        self.count(|input| input.lines += 1);
        if let Some(input) = self.input.as_ref().filter(|input| input.lines.is_multiple_of(TOLD_EVERY)) {
            self.progress.message(format!("{} lines of {}", input.lines, input.name));
        }
        Ok(())
    }

    fn count(&mut self, act: impl FnOnce(&mut Input)) {
        if let Some(input) = &mut self.input {
            act(input);
        }
    }

    /// Ends an input: one line on what could not be read of it.
    fn leave(&mut self) -> anyhow::Result<()> {
        let Some(input) = self.input.take() else { return Ok(()) };
        self.hopeless = false;
        if input.unread > 0 {
            let Input { name, lines, unread, first_unread, .. } = &input;
            let message = if unread == lines {
                format!("{name}: nothing in it is a record, a click or a line of a web log")
            } else {
                format!(
                    "{name}: {unread} of {lines} lines could not be read, the first is line {first_unread}"
                )
            };
            self.session.failed("unread", message)?;
        }
        self.facts.inputs.push(input);
        Ok(())
    }
}

/// What a file is that is not read yet, by its first line.
fn foreign(line: &str) -> Option<&'static str> {
    if line.starts_with("#Fields:") || line.starts_with("#Version:") || line.starts_with("#Software:") {
        return Some("W3C logs");
    }
    let cells: Vec<&str> = line.split([',', ';', '\t']).collect();
    let is_name = |cell: &&str| {
        let cell = cell.trim().trim_matches('"');
        !cell.is_empty()
            && cell.len() <= 60
            && cell.chars().any(char::is_alphabetic)
            && !cell.contains(['{', '[', '<'])
    };
    (line.starts_with("# ----") || (cells.len() > 1 && cells.iter().all(is_name)))
        .then_some("analytics exports (CSV)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_are_known_by_their_heads() {
        for head in
            ["Date,Page,Visitors", "date;visits", "\"Top queries\",Clicks,Impressions,CTR", "# -------"]
        {
            assert_eq!(foreign(head), Some("analytics exports (CSV)"), "{head}");
        }
        assert_eq!(foreign("#Fields: date time"), Some("W3C logs"));
        for line in ["hello", "a, {\"b\":1}", "1,2,3", ""] {
            assert_eq!(foreign(line), None, "{line}");
        }
    }
}
