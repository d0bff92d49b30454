//! A file that grows: at its end it is waited for, and when it is replaced or cut short the new one is read. A line that
//! was not ended then is ended: it is none with the first of the new file.

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
    /// The last byte was no end of a line.
    torn: bool,
    /// The file that stands under the name now; what was still written into the old one comes first.
    next: Option<File>,
    stopped: Arc<AtomicBool>,
}

impl Follow {
    /// Opens a file from its beginning; `stopped` ends it.
    pub fn open(path: &Path, stopped: Arc<AtomicBool>) -> io::Result<Follow> {
        Ok(Follow { path: path.to_owned(), file: File::open(path)?, at: 0, torn: false, next: None, stopped })
    }

    /// At the end: takes up the new file when there is another under the name, starts over when this one was cut short.
    fn look_again(&mut self) -> io::Result<()> {
        let here = self.file.metadata()?;
        match fs::metadata(&self.path) {
            Ok(there) if !same_file(&here, &there) => {
                self.next = Some(File::open(&self.path)?);
                thread::sleep(PAUSE);
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
            // Begun anew behind a torn line.
            if self.at == 0 && self.torn && !buffer.is_empty() {
                self.torn = false;
                buffer[0] = b'\n';
                return Ok(1);
            }
            let read = self.file.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.stopped.load(Ordering::Relaxed) {
                self.at += read as u64;
                self.torn = buffer[..read].last().map_or(self.torn, |last| *last != b'\n');
                return Ok(read);
            }
            if let Some(next) = self.next.take() {
                self.file = next;
                self.at = 0;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Reads until so many bytes are there.
    fn read(follow: &mut Follow, length: usize) -> String {
        let (mut text, mut buffer) = (Vec::new(), [0; 64]);
        while text.len() < length {
            let read = follow.read(&mut buffer).unwrap();
            text.extend_from_slice(&buffer[..read]);
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn nothing_is_lost_or_joined_when_the_file_is_replaced_or_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let (path, old) = (folder.path().join("log"), folder.path().join("log.1"));
        fs::write(&path, "one\n").unwrap();
        let mut follow = Follow::open(&path, Arc::default()).unwrap();
        assert_eq!(read(&mut follow, 4), "one\n");
        fs::rename(&path, &old).unwrap();
        fs::write(&path, "three\n").unwrap();
        let writer = thread::spawn(move || {
            // Whoever writes has not heard of the new file yet.
            thread::sleep(PAUSE / 2);
            let mut old = fs::OpenOptions::new().append(true).open(old).unwrap();
            old.write_all(b"two, torn").unwrap();
        });
        assert_eq!(read(&mut follow, 16), "two, torn\nthree\n");
        writer.join().unwrap();
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"torn").unwrap();
        assert_eq!(read(&mut follow, 4), "torn");
        fs::write(&path, "4\n").unwrap();
        assert_eq!(read(&mut follow, 3), "\n4\n");
    }
}
