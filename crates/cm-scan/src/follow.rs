//! A file that grows: at its end it is waited for, and when it is replaced or cut short the new one is read.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often the end is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// Reads a file without an end, until the run has failed: then nobody waits for more.
pub struct Follow {
    path: PathBuf,
    file: File,
    at: u64,
    stopped: Arc<AtomicBool>,
}

impl Follow {
    /// Opens a file from its beginning; `stopped` ends it.
    pub fn open(path: &Path, stopped: Arc<AtomicBool>) -> io::Result<Follow> {
        Ok(Follow { path: path.to_owned(), file: File::open(path)?, at: 0, stopped })
    }

    /// At the end: takes up the new file when there is another under the name, starts over when this one was cut short.
    fn look_again(&mut self) -> io::Result<()> {
        let here = self.file.metadata()?;
        match fs::metadata(&self.path) {
            Ok(there) if !same_file(&here, &there) => {
                self.file = File::open(&self.path)?;
                self.at = 0;
            }
            // A pipe has no length.
            _ if here.is_file() && here.len() < self.at => {
                self.file.seek(SeekFrom::Start(0))?;
                self.at = 0;
            }
            _ => thread::sleep(PAUSE),
        }
        Ok(())
    }
}

impl Read for Follow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.file.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.stopped.load(Ordering::Relaxed) {
                self.at += read as u64;
                return Ok(read);
            }
            match self.look_again() {
                // It was there a moment ago: it is being replaced.
                Err(error) if error.kind() == io::ErrorKind::NotFound => thread::sleep(PAUSE),
                other => other?,
            }
        }
    }
}

#[cfg(unix)]
fn same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    a.ino() == b.ino() && a.dev() == b.dev()
}

#[cfg(not(unix))]
fn same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}
