//! Lines of bounded length from any stream.

use memchr::memchr;
use std::io::{self, Read};

/// How much is asked of the stream at once.
const CHUNK: usize = 64 << 10;

/// A line of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawLine {
    /// Its bytes without LF (a CR before it is kept).
    Line(Vec<u8>),
    /// It was longer than the limit and was skipped without being kept.
    TooLong,
}

/// Cuts a stream into lines, none of which is kept beyond the limit.
pub struct Lines<R> {
    stream: R,
    max_line: usize,
    buffer: Vec<u8>,
    /// The bytes of `buffer` that were read and not handed out.
    start: usize,
    end: usize,
    /// Where the next LF stands in `buffer`, once it was looked for in all of it.
    newline: Option<usize>,
    ended: bool,
}

impl<R: Read> Lines<R> {
    /// Lines of at most `max_line` bytes.
    pub fn new(stream: R, max_line: usize) -> Lines<R> {
        Lines { stream, max_line, buffer: vec![0; CHUNK], start: 0, end: 0, newline: None, ended: false }
    }

    /// True when the next call may wait for the stream: what was written so far should be flushed first.
    pub fn would_block(&self) -> bool {
        self.newline.is_none() && !self.ended
    }

    /// The next line; `None` at the end. A last line without LF counts. After an error there is no further line, and
    /// the torn one before it is not handed out.
    pub fn next_line(&mut self) -> io::Result<Option<RawLine>> {
        self.next_line_or_copy(&mut |_| {})
    }

    /// As `next_line`; the bytes of a line that is too long go to `copy` as they come, without the LF.
    pub fn next_line_or_copy(&mut self, copy: &mut dyn FnMut(&[u8])) -> io::Result<Option<RawLine>> {
        let mut line = Vec::new();
        let mut too_long = false;
        loop {
            let piece = &self.buffer[self.start..self.newline.unwrap_or(self.end)];
            if !too_long && line.len() + piece.len() > self.max_line {
                too_long = true;
                copy(&line);
                line = Vec::new();
            }
            if too_long {
                copy(piece);
            } else {
                line.extend_from_slice(piece);
            }
            let something = too_long || !line.is_empty();
            if let Some(newline) = self.newline {
                self.start = newline + 1;
                self.find_newline();
            } else if self.fill()? {
                continue;
            } else if !something {
                return Ok(None);
            }
            return Ok(Some(if too_long { RawLine::TooLong } else { RawLine::Line(line) }));
        }
    }

    /// Reads on after everything was taken; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        (self.start, self.end) = (0, 0);
        while !self.ended {
            match self.stream.read(&mut self.buffer) {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    self.end = n;
                    self.find_newline();
                    return Ok(true);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.ended = true;
                    return Err(e);
                }
            }
        }
        Ok(false)
    }

    fn find_newline(&mut self) {
        self.newline = memchr(b'\n', &self.buffer[self.start..self.end]).map(|at| self.start + at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A stream that hands out pieces, as a pipe does.
    struct Pieces(Vec<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let piece = self.0.remove(0);
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    fn all(stream: impl Read, max: usize) -> Vec<RawLine> {
        let mut lines = Lines::new(stream, max);
        std::iter::from_fn(|| lines.next_line().unwrap()).collect()
    }

    #[test]
    fn blocks_only_when_no_whole_line_is_there() {
        let mut lines = Lines::new(Pieces(vec![b"a\nb\nc".to_vec(), b"d\n".to_vec()]), 100);
        assert!(lines.would_block());
        assert_eq!(lines.next_line().unwrap(), Some(RawLine::Line(b"a".to_vec())));
        assert!(!lines.would_block());
        assert_eq!(lines.next_line().unwrap(), Some(RawLine::Line(b"b".to_vec())));
        assert!(lines.would_block());
        assert_eq!(lines.next_line().unwrap(), Some(RawLine::Line(b"cd".to_vec())));
        assert_eq!(lines.next_line().unwrap(), None);
        assert!(!lines.would_block());
    }

    #[test]
    fn a_long_line_is_streamed_and_never_kept() {
        let mut copied = 0;
        let stream = io::repeat(b'x').take(50 << 20).chain(&b"\nshort"[..]);
        let mut lines = Lines::new(stream, 1000);
        let first = lines.next_line_or_copy(&mut |bytes| {
            assert!(bytes.len() <= CHUNK);
            copied += bytes.len();
        });
        assert_eq!(first.unwrap(), Some(RawLine::TooLong));
        assert_eq!(copied, 50 << 20);
        assert_eq!(lines.next_line().unwrap(), Some(RawLine::Line(b"short".to_vec())));
    }

    proptest! {
        #[test]
        fn as_splitting_the_whole(pieces in prop::collection::vec(prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 1..20), 0..20), max in 0usize..30) {
            let whole: Vec<u8> = pieces.concat();
            let mut wanted: Vec<RawLine> = whole
                .split(|b| *b == b'\n')
                .map(|l| if l.len() > max { RawLine::TooLong } else { RawLine::Line(l.to_vec()) })
                .collect();
            if whole.is_empty() || whole.ends_with(b"\n") {
                wanted.pop();
            }
            prop_assert_eq!(all(Pieces(pieces), max), wanted);
        }
    }
}
