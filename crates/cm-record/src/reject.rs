//! Where bad lines go verbatim. A file that can no longer be written is told once; reading goes on without it.

use crate::InputError;
use std::io::{self, Write};

/// The reject file, if one was asked for.
pub struct Reject {
    file: Option<Box<dyn Write + Send>>,
    error: Option<io::Error>,
}

impl Reject {
    /// `None` keeps nothing.
    pub fn new(file: Option<Box<dyn Write + Send>>) -> Reject {
        Reject { file, error: None }
    }

    /// A piece of a bad line.
    pub fn write(&mut self, bytes: &[u8]) {
        self.attempt(|file| file.write_all(bytes));
    }

    /// The rest of a bad line and its end.
    pub fn end_line(&mut self, bytes: &[u8]) {
        self.attempt(|file| file.write_all(bytes).and_then(|()| file.write_all(b"\n")));
    }

    /// Hands everything to the file.
    pub fn flush(&mut self) {
        self.attempt(|file| file.flush());
    }

    fn attempt(&mut self, act: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if let Some(file) = &mut self.file
            && let Err(error) = act(file)
        {
            self.error = Some(error);
            self.file = None;
        }
    }

    /// What went wrong since the last call.
    pub fn take_error(&mut self) -> Option<InputError> {
        let error = self.error.take()?;
        Some(InputError {
            file: "--reject".into(),
            message: format!("bad lines can no longer be kept: {error}"),
        })
    }
}
