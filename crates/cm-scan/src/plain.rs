//! `--plain`: any text, a line is an item. Matching lines come out as they are, to the byte.

use crate::context::painted;
use crate::count::Count;
use crate::document::Document;
use crate::engine::Engine;
use crate::evaluate::{Found, evaluate};
use cm_cli::{Out, Session};
use cm_record::{Line, RawLine, Reader};

/// What comes out.
pub struct Plain<'a> {
    /// The run.
    pub session: &'a Session,
    /// The searches.
    pub engine: &'a Engine,
    /// Lines that do not match, too.
    pub all: bool,
    /// Counts instead of lines.
    pub count: bool,
    /// Hits in colour.
    pub color: bool,
}

impl Plain<'_> {
    /// Reads to the end; true when anything matched.
    pub fn run(&self, mut reader: Reader) -> anyhow::Result<bool> {
        let mut out = self.session.out();
        let mut count = Count::new(self.session, self.engine);
        let (mut any, mut read) = (false, 0);
        loop {
            if reader.would_block() {
                out.flush()?;
            }
            match reader.next_raw() {
                None => break,
                Some(Err(error)) => self.session.failed("input", error)?,
                Some(Ok((RawLine::Line(line), _))) => {
                    read += 1;
                    any |= self.line(&line, &mut count, &mut out)?;
                }
                Some(Ok((RawLine::TooLong, place))) => {
                    read += 1;
                    if let Some(Line::Bad(bad)) = reader.check(RawLine::TooLong, place) {
                        self.session.bad_line(&bad)?;
                    }
                }
            }
        }
        self.session.sum_up_bad_lines(read);
        if self.count {
            count.write()?;
        }
        out.flush()?;
        Ok(any)
    }

    /// Matches a line and writes it; bytes that are no UTF-8 are looked at as U+FFFD and written as they are.
    fn line(&self, line: &[u8], count: &mut Count, out: &mut Out) -> anyhow::Result<bool> {
        let text = String::from_utf8_lossy(line);
        let document = Document::of_text(&text);
        let matches = self.engine.matches(&document);
        matches.iter().for_each(|found| count.add(found.number));
        if self.count || (matches.is_empty() && !self.all) {
            return Ok(!matches.is_empty());
        }
        if self.color {
            out.line(&self.painted(&text, &document))?;
        } else {
            out.bytes(line)?;
        }
        Ok(!matches.is_empty())
    }

    fn painted(&self, text: &str, document: &Document) -> String {
        let mut found: Vec<Found> = Vec::new();
        for number in 0..self.engine.len() {
            evaluate(&self.engine.query(number), document, &mut found);
        }
        let mut places: Vec<_> = found.iter().map(|place| (place.start, place.end)).collect();
        places.sort_unstable();
        painted(text, &places, true, str::to_owned)
    }
}
