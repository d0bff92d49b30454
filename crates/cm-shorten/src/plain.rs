//! `--plain`: text in, text out. Only the links change; every other byte stays, in whatever encoding it is.

use crate::args::Filter;
use crate::filter::refused;
use crate::shortener::{Fate, Plan, Shortener};
use crate::target;
use crate::utm::Fields;
use anyhow::Result;
use cm_cli::{Failure, Session};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How much is read at once, and how long a line is waited for before it is cut at a blank.
const CHUNK: usize = 256 << 10;
const LONGEST_LINE: usize = 1 << 20;

/// Runs over the inputs.
pub fn run(args: &Filter, session: &Session) -> Result<()> {
    if args.inputs.is_empty() && io::stdin().is_terminal() {
        return Err(Failure::short_help().into());
    }
    session.need_any(&args.inputs)?;
    if args.accounts.len() > 1 {
        return Err(
            Failure::usage("--plain: a text has room for one link: name one account with --for").into()
        );
    }
    let shortener =
        Shortener::open(session, args.backend.as_ref(), &args.tagging, args.naming, &args.accounts)?;
    shortener.warn_of_gaps(session);
    let stdin = [PathBuf::from("-")];
    let inputs = if args.inputs.is_empty() { &stdin[..] } else { &args.inputs };
    let mut out = io::stdout().lock();
    for input in inputs {
        let name = if input == Path::new("-") { "stdin".to_owned() } else { input.display().to_string() };
        let mut text = Text { session, shortener: &shortener, name: &name, line: 1 };
        match open(input) {
            Ok(stream) => text.copy(stream, &mut out)?,
            Err(error) => unreadable(session, &name, &error)?,
        }
    }
    Ok(())
}

fn open(input: &Path) -> io::Result<Box<dyn Read>> {
    if input == Path::new("-") { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(input)?)) }
}

fn unreadable(session: &Session, name: &str, error: &io::Error) -> Result<()> {
    let why = if error.kind() == ErrorKind::NotFound { "no such file".to_owned() } else { error.to_string() };
    session.failed("input", format_args!("{name}: {why}"))
}

/// An input and how far it is read.
struct Text<'a> {
    session: &'a Session,
    shortener: &'a Shortener,
    name: &'a str,
    line: u64,
}

impl Text<'_> {
    /// Copies a stream, whole lines at a time, flushing before each wait for more.
    fn copy(&mut self, mut stream: impl Read, out: &mut impl Write) -> Result<()> {
        let mut held: Vec<u8> = Vec::new();
        loop {
            let before = held.len();
            held.resize(before + CHUNK, 0);
            let read = match stream.read(&mut held[before..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
                other => other.map(Some),
            };
            held.truncate(before + read.as_ref().map_or(0, |read| read.unwrap_or(0)));
            let ended = matches!(read, Ok(Some(0)) | Err(_));
            let whole = if ended { held.len() } else { complete(&held) };
            out.write_all(&self.shorten(&held[..whole])?)?;
            out.flush()?;
            held.drain(..whole);
            match read {
                Err(error) => return unreadable(self.session, self.name, &error),
                Ok(Some(0)) => return Ok(()),
                Ok(_) => {}
            }
        }
    }

    /// The same bytes with their links shortened.
    fn shorten(&mut self, bytes: &[u8]) -> Result<Vec<u8>> {
        let mut plans: Vec<(Range<usize>, Plan)> = Vec::new();
        let mut counted = 0;
        for link in links(bytes) {
            self.line += count_lines(&bytes[counted..link.0.start]);
            counted = link.0.start;
            let leads_to = self.shortener.leads_to(self.session, &link.1)?;
            match self.shortener.plan_for(&link.1, &leads_to, &Fields::default()) {
                Ok(made) => plans.extend(made.into_iter().map(|plan| (link.0.clone(), plan))),
                Err(why) => refused(self.session, &format!("{}:{}", self.name, self.line), &link.1, &why)?,
            }
        }
        self.line += count_lines(&bytes[counted..]);
        self.shortener.make(self.session, plans.iter_mut().map(|(_, plan)| plan))?;
        plans.retain(|(_, plan)| plan.fate == Fate::Made);
        let new = plans.into_iter().map(|(range, plan)| {
            let link = plan.link;
            (range, link.short_url.or(link.tagged_url).unwrap_or(link.clean_url))
        });
        Ok(replace(bytes, new))
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// How many bytes can be worked on without cutting a link in two: whole lines; of a line that does not end, up to its
/// last blank; of one without blanks, up to the last link.
fn complete(held: &[u8]) -> usize {
    let after = |found: Option<usize>| found.map(|at| at + 1);
    match after(held.iter().rposition(|byte| *byte == b'\n')) {
        Some(end) => end,
        None if held.len() < LONGEST_LINE => 0,
        None => {
            after(held.iter().rposition(u8::is_ascii_whitespace)).unwrap_or_else(|| before_last_link(held))
        }
    }
}

/// Where the link begins that the end may cut in two, and the byte before it, which tells whether it is one. Of a longer
/// one than is shortened at all nothing may be cut off either: what is left of it would be short enough.
fn before_last_link(held: &[u8]) -> usize {
    const BEFORE: usize = " https".len();
    let last = held.len().saturating_sub(2 * target::LONGEST);
    let found = held[last..].windows(3).position(|bytes| bytes == b"://");
    found.map_or(held.len() - 2, |at| last + at).saturating_sub(BEFORE)
}

/// The links in bytes that are UTF-8 in parts, in order, with where they stand.
pub fn links(bytes: &[u8]) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for link in cm_text::find_links(chunk.valid()) {
            found.push((at + link.start..at + link.end, link.url));
        }
        at += chunk.valid().len() + chunk.invalid().len();
    }
    found
}

/// The bytes with other texts in these places, which are in order and apart.
pub fn replace(bytes: &[u8], new: impl Iterator<Item = (Range<usize>, String)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for (range, text) in new {
        out.extend_from_slice(&bytes[done..range.start]);
        out.extend_from_slice(text.as_bytes());
        done = range.end;
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_worked_on_whole_and_endless_ones_are_cut_at_a_blank() {
        assert_eq!(complete(b"a\nb\nhttps://a.exam"), 4);
        assert_eq!(complete(b"https://a.exam"), 0);
        let mut endless = vec![b'x'; LONGEST_LINE];
        assert_eq!(complete(&endless), LONGEST_LINE - 8, "perhaps https:/ or its like");
        endless[LONGEST_LINE - 30..][..16].copy_from_slice(b"\"https://a.examp");
        assert_eq!(complete(&endless), LONGEST_LINE - 30);
        endless[70] = b' ';
        assert_eq!(complete(&endless), 71);
    }

    #[test]
    fn links_are_found_between_bytes_that_are_no_text() {
        let bytes = b"\xff https://a.example/x \xfe\xfd https://b.example/\xff";
        let found: Vec<String> = links(bytes).into_iter().map(|(_, url)| url).collect();
        assert_eq!(found, ["https://a.example/x", "https://b.example/"]);
    }

    proptest! {
        #[test]
        fn only_links_change(pieces in prop::collection::vec(prop_oneof![
            any::<Vec<u8>>(),
            Just(b" https://a.example/x?utm_source=y ".to_vec()),
            "\\PC{0,10}".prop_map(String::into_bytes),
        ], 0..8)) {
            let bytes = pieces.concat();
            let found = links(&bytes);
            let same = replace(&bytes, found.iter().map(|(range, url)| (range.clone(), url.clone())));
            prop_assert_eq!(&same, &bytes);
            let gone = replace(&bytes, found.iter().map(|(range, _)| (range.clone(), String::new())));
            let taken: usize = found.iter().map(|(range, _)| range.len()).sum();
            prop_assert_eq!(gone.len() + taken, bytes.len());
        }
    }
}
