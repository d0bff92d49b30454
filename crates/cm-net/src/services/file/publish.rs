//! Publishing half of `file:`. In: frozen posts. Out: a line per post at the end of a file, fsynced; the post's id in
//! the line makes reading back exact. What is in a line: `../payload.rs`.
//!
//! A post is looked for under the same lock that guards the append, so a repeat writes nothing. A line that a kill cut
//! off is no JSON: it is ended, so that the next line is whole, and the post is written again.

use crate::services::payload;
use crate::services::{Draft, Standing, Trouble};
use crate::{Delivery, Found, Guarantee, Outgoing, Publish};
use futures_util::future::BoxFuture;
use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// How often, and after what pause, a file that another process holds is tried.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(20);
/// No line of ours is longer; a longer one is looked at in pieces, none of which is a post.
const LONGEST_LINE: u64 = 16 << 20;

/// A file that posts are appended to. It is made when absent (mode 0600), its folder is not.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path.
    pub path: PathBuf,
}

impl Publish for File {
    fn guarantee(&self) -> Guarantee {
        Guarantee::ReadBack
    }

    fn freeze(&self, draft: &Draft) -> Result<Vec<u8>, String> {
        payload::freeze(draft)
    }

    fn send<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Delivery> {
        Box::pin(async move { self.deliver(post) })
    }

    fn find<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            match self.holds(&post.id) {
                Ok(true) => Found::Yes { url: self.url() },
                Ok(false) => Found::No,
                Err(_) => Found::Unknown,
            }
        })
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<Standing, Trouble>> {
        Box::pin(async move { self.writable().map(|()| Standing::default()).map_err(Trouble::Refused) })
    }
}

impl File {
    fn deliver(&self, post: &Outgoing) -> Delivery {
        let mut file = match self.open() {
            Ok(file) => file,
            Err(e) => return Delivery::Later { reason: self.says(&e), after: None },
        };
        match contains(&mut file, &post.id) {
            // Whoever wrote it may have been killed before it was on the disk.
            Ok(true) => self.settle(&file),
            Ok(false) => self.append(&mut file, &post.body),
            Err(e) => Delivery::Later { reason: self.says(&e), after: None },
        }
    }

    /// Writes one line with one write. A write that fails halfway (a full disk) is taken back.
    fn append(&self, file: &mut fs::File, line: &[u8]) -> Delivery {
        let (end, torn) = match end_of(file) {
            Ok(found) => found,
            Err(e) => return Delivery::Later { reason: self.says(&e), after: None },
        };
        let whole = [if torn { b"\n" as &[u8] } else { b"" }, line, b"\n"].concat();
        match file.write_all(&whole) {
            Ok(()) => self.settle(file),
            Err(e) => match file.set_len(end) {
                Ok(()) => Delivery::Later { reason: self.says(&e), after: None },
                Err(_) => Delivery::Unknown { reason: self.says(&e) },
            },
        }
    }

    /// A line that is written but perhaps not on the disk is neither out nor lost.
    fn settle(&self, file: &fs::File) -> Delivery {
        match file.sync_all().and_then(|()| sync_folder(&self.path)) {
            Ok(()) => Delivery::Published { url: self.url() },
            Err(e) => Delivery::Unknown { reason: self.says(&e) },
        }
    }

    /// Whether a post could be appended, without appending one.
    fn writable(&self) -> Result<(), String> {
        let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(format!("there is no folder {}", folder.display()));
        }
        match refuse_devices(&self.path).and_then(|()| OpenOptions::new().append(true).open(&self.path)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(self.says(&e)),
            _ => Ok(()),
        }
    }

    fn open(&self) -> io::Result<fs::File> {
        refuse_devices(&self.path)?;
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        patiently(|| file.try_lock())?;
        Ok(file)
    }

    fn holds(&self, id: &str) -> io::Result<bool> {
        refuse_devices(&self.path)?;
        match fs::File::open(&self.path) {
            Ok(mut file) => {
                patiently(|| file.try_lock_shared())?;
                contains(&mut file, id)
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        }
    }

    fn url(&self) -> Option<String> {
        let path = std::path::absolute(&self.path).ok()?;
        Url::from_file_path(path).ok().map(String::from)
    }

    fn says(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.path.display())
    }
}

/// A pipe or a device can't be read back, and opening one may never return.
fn refuse_devices(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(io::Error::other("is not a regular file: name one in path")),
        _ => Ok(()),
    }
}

fn patiently(lock: impl Fn() -> Result<(), TryLockError>) -> io::Result<()> {
    for _ in 0..TRIES {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(e)) => return Err(e),
        }
    }
    Err(io::Error::other("another process has held it for 10 seconds"))
}

fn contains(file: &mut fs::File, id: &str) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    while lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        if payload::is_post(&line, id) {
            return Ok(true);
        }
        line.clear();
    }
    Ok(false)
}

/// The file's length, and whether its last line lacks its end.
fn end_of(file: &mut fs::File) -> io::Result<(u64, bool)> {
    let end = file.seek(SeekFrom::End(0))?;
    if end == 0 {
        return Ok((0, false));
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((end, last != *b"\n"))
}

/// A new file's name is on the disk only when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}
