//! `--reject` for a tool whose inputs hold more than records: the record reader hands over every line that is no record,
//! clicks and web requests too, and only those that nobody could read are kept.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Holds the bytes of the last such line until it is known what it was.
#[derive(Clone, Debug)]
pub struct Held(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    file: Arc<File>,
    line: Vec<u8>,
    max_line: usize,
}

impl Held {
    /// Writes to a file; lines longer than `max_line` go there as they come.
    pub fn new(file: Arc<File>, max_line: usize) -> Held {
        Held(Arc::new(Mutex::new(State { file, line: Vec::new(), max_line })))
    }

    /// The line was read after all.
    pub fn forget(&self) {
        self.with(|state| state.line.clear());
    }

    /// Nobody could read the line.
    pub fn keep(&self) -> io::Result<()> {
        self.with(State::keep)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

impl State {
    fn keep(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.file.write_all(&line)
    }
}

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|state| {
            state.line.extend_from_slice(bytes);
            if state.line.len() > state.max_line + 2 { state.keep() } else { Ok(()) }
        })?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(|state| state.file.flush())
    }
}
