//! Blocks of whole lines from standard input, files and folders, plain, gzip or zstd.
//! In: names of inputs. Out: what a read gave, cut after its last line end, as soon as it is there: a live pipe is never
//! waited for to fill a block. A line that does not fit makes its block grow, up to the longest line that is let in; what
//! is longer is streamed past.

use crate::source::{self, Stream};
use crate::{InputError, Place};
use memchr::{memchr, memrchr};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// How much is read at once: it stays in a core's cache while it is worked on.
const BLOCK: usize = 256 << 10;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What `Blocks::next` came upon.
#[derive(Debug)]
pub enum Next {
    /// The block holds lines.
    Lines,
    /// A line that is longer than the limit, and more of it than was read: `Blocks::pass_over` it. The block holds nothing
    /// but its place.
    LongLine,
    /// An input that could not be opened or read to its end; the others go on.
    Failed(InputError),
    /// There is no more.
    End,
}

/// Whole lines of one input and where they stand. Used again and again, so that its memory is.
#[derive(Default)]
pub struct Block {
    /// The buffer; the lines are its beginning.
    buffer: Vec<u8>,
    end: usize,
    file: Arc<str>,
    first_line: u64,
    /// The first block of a run.
    first: bool,
}

/// A line of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockLine {
    /// Where it stands in `Block::bytes`, without its LF (a CR before it is kept).
    pub range: Range<usize>,
    /// Its number in the input, from 1.
    pub number: u64,
}

impl Block {
    /// The lines, each with its LF; the last of an input may lack it.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// The input as named by the user; `stdin` for standard input.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The number of the first line, from 1.
    pub fn first_line(&self) -> u64 {
        self.first_line
    }

    /// Where a line of this block stood.
    pub fn place(&self, number: u64) -> Place {
        Place { file: self.file.to_string(), line: number }
    }

    /// A line without a BOM, unless that is the very first of the run: the output would carry it in its middle.
    pub fn without_bom(&self, line: &BlockLine) -> &[u8] {
        let bytes = &self.buffer[line.range.clone()];
        if self.first && line.range.start == 0 { bytes } else { bytes.strip_prefix(BOM).unwrap_or(bytes) }
    }

    /// The lines in order.
    pub fn lines(&self) -> impl Iterator<Item = BlockLine> {
        let (mut at, mut number) = (0, self.first_line);
        std::iter::from_fn(move || self.line(&mut at, &mut number))
    }

    /// The line that begins at `at`; both are moved on to the next.
    pub(crate) fn line(&self, at: &mut usize, number: &mut u64) -> Option<BlockLine> {
        let rest = self.bytes().get(*at..).filter(|rest| !rest.is_empty())?;
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = BlockLine { range: *at..*at + length, number: *number };
        *at += length + 1;
        *number += 1;
        Some(line)
    }
}

/// Whether a line holds nothing but white space (and perhaps a BOM): it is passed over.
pub fn is_blank(line: &[u8]) -> bool {
    line.strip_prefix(BOM).unwrap_or(line).trim_ascii_start().is_empty()
}

/// Reads inputs one after the other.
pub struct Blocks {
    waiting: VecDeque<PathBuf>,
    current: Option<Input>,
    max_line: usize,
    /// What was read beyond the last block: the beginning of a line, or more after a line that was passed over.
    rest: Vec<u8>,
    /// Whether an input was begun before: only the very first line of a run keeps its BOM.
    begun: bool,
}

/// An input that is being read.
struct Input {
    stream: Stream,
    file: Arc<str>,
    /// How many lines were handed out.
    lines: u64,
    ended: bool,
}

impl Blocks {
    /// Reads these in order: `-` is standard input, a folder its `*.jsonl`, `*.jsonl.gz` and `*.jsonl.zst` in name order;
    /// none at all is standard input. gzip and zstd are told by their first bytes, on standard input too. Opening happens
    /// as the inputs are reached. A block holds lines of more than `max_line` bytes only where it did not have to grow for
    /// them.
    pub fn new(inputs: Vec<PathBuf>, max_line: usize) -> Blocks {
        let mut waiting = VecDeque::from(inputs);
        if waiting.is_empty() {
            waiting.push_back("-".into());
        }
        Blocks { waiting, current: None, max_line, rest: Vec::new(), begun: false }
    }

    /// Reads one stream that is open already (a growing file, say), plain; `name` stands for it in messages.
    pub fn of_stream(name: &str, stream: impl Read + Send + 'static, max_line: usize) -> Blocks {
        let current = Some(Input { stream: Box::new(stream), file: name.into(), lines: 0, ended: false });
        Blocks { waiting: VecDeque::new(), current, max_line, rest: Vec::new(), begun: false }
    }

    /// The longest line that is let in, in bytes.
    pub fn max_line(&self) -> usize {
        self.max_line
    }

    /// True when there is nothing left to read, so that `next` will not wait.
    pub(crate) fn ended(&self) -> bool {
        self.waiting.is_empty()
            && self.current.as_ref().is_none_or(|input| input.ended && self.rest.is_empty())
    }

    /// The next block. After an error of an input its torn last line is not handed out.
    pub fn next(&mut self, block: &mut Block) -> Next {
        loop {
            let Some(input) = &mut self.current else {
                match self.open_next() {
                    Ok(true) => continue,
                    Ok(false) => return Next::End,
                    Err(error) => return Next::Failed(error),
                }
            };
            (block.file, block.first_line) = (Arc::clone(&input.file), input.lines + 1);
            block.first = !self.begun;
            match input.fill(block, &mut self.rest, self.max_line) {
                Ok(Filled::Nothing) => self.current = None,
                Ok(filled) => {
                    self.begun = true;
                    return if let Filled::Lines = filled { Next::Lines } else { Next::LongLine };
                }
                Err(error) => return Next::Failed(self.broken(&error)),
            }
        }
    }

    /// Hands the bytes of a line that is too long to `copy` as they come, without the LF.
    pub fn pass_over(&mut self, copy: &mut dyn FnMut(&[u8])) -> Result<(), InputError> {
        let Some(input) = &mut self.current else { return Ok(()) };
        input.lines += 1;
        match input.pass_over(&mut self.rest, copy) {
            Ok(()) => Ok(()),
            Err(error) => {
                input.lines -= 1;
                Err(self.broken(&error))
            }
        }
    }

    /// Ends the input at hand.
    fn broken(&mut self, error: &io::Error) -> InputError {
        self.rest.clear();
        let (file, lines) =
            self.current.take().map_or_else(Default::default, |input| (input.file.to_string(), input.lines));
        source::read_error(&file, lines, error)
    }

    /// Opens what is next; a folder is replaced by its files. False when there is nothing left.
    fn open_next(&mut self) -> Result<bool, InputError> {
        let Some(path) = self.waiting.pop_front() else { return Ok(false) };
        match source::open(&path)? {
            source::Opened::Stream(stream, file) => {
                self.current = Some(Input { stream, file: file.into(), lines: 0, ended: false });
            }
            source::Opened::Folder(files) => {
                for file in files.into_iter().rev() {
                    self.waiting.push_front(file);
                }
            }
        }
        Ok(true)
    }
}

enum Filled {
    Lines,
    LongLine,
    Nothing,
}

impl Input {
    /// Puts what is left and what one read gives into the block, up to the last line end; reads on only while there is no
    /// whole line.
    fn fill(&mut self, block: &mut Block, rest: &mut Vec<u8>, max_line: usize) -> io::Result<Filled> {
        let buffer = &mut block.buffer;
        if buffer.len() != BLOCK {
            // It had to grow for a long line, or is new.
            *buffer = vec![0; BLOCK];
        }
        if rest.len() >= buffer.len() {
            buffer.resize(rest.len() + BLOCK, 0);
        }
        buffer[..rest.len()].copy_from_slice(rest);
        let (mut searched, mut filled) = (0, rest.len());
        rest.clear();
        loop {
            if let Some(newline) = memrchr(b'\n', &buffer[searched..filled]) {
                block.end = searched + newline + 1;
                rest.extend_from_slice(&buffer[block.end..filled]);
                break;
            }
            searched = filled;
            if filled > max_line && (self.ended || filled == buffer.len()) {
                block.end = 0;
                rest.extend_from_slice(&buffer[..filled]);
                return Ok(Filled::LongLine);
            }
            if self.ended {
                block.end = filled;
                break;
            }
            if filled == buffer.len() {
                buffer.resize((filled * 2).min(max_line.saturating_add(BLOCK)), 0);
            }
            filled += self.read(&mut buffer[filled..])?;
        }
        let lines = memchr::memchr_iter(b'\n', block.bytes()).count() as u64;
        self.lines += lines + u64::from(block.bytes().last().is_some_and(|last| *last != b'\n'));
        Ok(if block.end == 0 { Filled::Nothing } else { Filled::Lines })
    }

    /// One read; nothing only at the end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.ended {
            match self.stream.read(buffer) {
                Ok(0) => self.ended = true,
                Ok(n) => return Ok(n),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
        Ok(0)
    }

    /// Passes over all up to the next line end; what was read beyond it is left in `rest`.
    fn pass_over(&mut self, rest: &mut Vec<u8>, copy: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        copy(rest);
        *rest = vec![0; BLOCK];
        loop {
            let read = self.read(rest)?;
            let newline = memchr(b'\n', &rest[..read]);
            copy(&rest[..newline.unwrap_or(read)]);
            if newline.is_some() || read == 0 {
                rest.truncate(read);
                rest.drain(..newline.map_or(read, |at| at + 1));
                return Ok(());
            }
        }
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

    /// Every line with its number, `None` for one that is too long.
    fn all(mut blocks: Blocks) -> Vec<(u64, Option<Vec<u8>>)> {
        let (mut block, mut lines) = (Block::default(), Vec::new());
        loop {
            match blocks.next(&mut block) {
                Next::Lines => lines.extend(block.lines().map(|line| {
                    let bytes = block.bytes()[line.range.clone()].to_vec();
                    (line.number, Some(bytes).filter(|bytes| bytes.len() <= blocks.max_line()))
                })),
                Next::LongLine => {
                    lines.push((block.first_line(), None));
                    blocks.pass_over(&mut |_| {}).unwrap();
                }
                Next::Failed(error) => panic!("{error}"),
                Next::End => return lines,
            }
        }
    }

    #[test]
    fn what_a_read_gave_is_handed_on_at_once() {
        let pieces = Pieces(vec![b"a\nb\nc".to_vec(), b"d".to_vec(), b"\n".to_vec(), b"e".to_vec()]);
        let (mut blocks, mut block) = (Blocks::of_stream("s", pieces, 100), Block::default());
        for (wanted, first_line) in [(&b"a\nb\n"[..], 1), (b"cd\n", 3), (b"e", 4)] {
            assert!(matches!(blocks.next(&mut block), Next::Lines));
            assert_eq!((block.bytes(), block.first_line()), (wanted, first_line));
        }
        assert!(matches!(blocks.next(&mut block), Next::End));
        assert!(matches!(blocks.next(&mut block), Next::End));
    }

    #[test]
    fn a_block_grows_for_a_line_and_shrinks_again() {
        let long = vec![b'x'; 3 << 20];
        let text = [b"a\n", &long[..], b"\nb\n"].concat();
        let mut blocks = Blocks::of_stream("s", io::Cursor::new(text), 4 << 20);
        let (mut block, mut lengths) = (Block::default(), Vec::new());
        while let Next::Lines = blocks.next(&mut block) {
            lengths.extend(block.lines().map(|line| line.range.len()));
            assert!(block.buffer.len() <= (4 << 20) + BLOCK);
        }
        assert_eq!((lengths, block.buffer.len()), (vec![1, 3 << 20, 1], BLOCK));
    }

    #[test]
    fn the_longest_line_may_be_any() {
        let text = [&vec![b'x'; 3 * BLOCK][..], b"\ny\n"].concat();
        let lines = all(Blocks::of_stream("s", io::Cursor::new(text), usize::MAX));
        let lengths: Vec<_> = lines.into_iter().map(|(_, line)| line.map(|line| line.len())).collect();
        assert_eq!(lengths, [Some(3 * BLOCK), Some(1)]);
    }

    #[test]
    fn a_long_line_is_streamed_and_never_kept() {
        let stream = io::repeat(b'x').take(50 << 20).chain(&b"\nshort"[..]);
        let (mut blocks, mut block) = (Blocks::of_stream("s", stream, 1 << 20), Block::default());
        assert!(matches!(blocks.next(&mut block), Next::LongLine));
        let mut copied = 0;
        let copy = &mut |bytes: &[u8]| {
            assert!(bytes.len() <= (1 << 20) + BLOCK);
            copied += bytes.len();
        };
        blocks.pass_over(copy).unwrap();
        assert_eq!(copied, 50 << 20);
        assert!(matches!(blocks.next(&mut block), Next::Lines));
        assert_eq!((block.bytes(), block.first_line()), (&b"short"[..], 2));
    }

    proptest! {
        #[test]
        fn as_splitting_the_whole(pieces in prop::collection::vec(prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 1..20), 0..20), max in 0usize..30) {
            let whole: Vec<u8> = pieces.concat();
            let mut wanted: Vec<_> = (1..)
                .zip(whole.split(|b| *b == b'\n'))
                .map(|(number, line)| (number, Some(line.to_vec()).filter(|line| line.len() <= max)))
                .collect();
            if whole.is_empty() || whole.ends_with(b"\n") {
                wanted.pop();
            }
            prop_assert_eq!(all(Blocks::of_stream("s", Pieces(pieces), max)), wanted);
        }
    }
}
