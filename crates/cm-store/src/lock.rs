//! One job at a time: a lock that the kernel lets go of when its holder dies. It is a file beside the store,
//! `cm.db-publish.lock`, made when taken and removed when let go; one left by a killed process is in nobody's way.

use crate::Error;
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A held lock on a named job of a store; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// Holds the lock for as long as it is open, so it is closed after the file is gone.
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Takes the lock of `job` for the store at `store`, whichever of its names that is.
pub(crate) fn take(store: &Path, job: &str, wait: Duration) -> Result<Option<Lock>, Error> {
    let mut name = OsString::from(store.canonicalize().unwrap_or_else(|_| store.to_owned()));
    name.push(format!("-{}.lock", file_name(job)));
    let path = PathBuf::from(name);
    let began = Instant::now();
    loop {
        match attempt(&path) {
            Ok(Some(file)) => return Ok(Some(Lock { path, _file: file })),
            Ok(None) => {}
            Err(e) => return Err(Error::Engine(format!("cannot lock {}: {e}", path.display()))),
        }
        let left = wait.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        std::thread::sleep(left.min(Duration::from_millis(20)));
    }
}

fn attempt(path: &Path) -> io::Result<Option<File>> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match file.try_lock() {
        // Whoever held it before may have removed the file that is locked here: then it guards nothing.
        Ok(()) => Ok(same_file(&file, path)?.then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(not(unix))]
fn same_file(_file: &File, _path: &Path) -> io::Result<bool> {
    // An open file cannot be removed here.
    Ok(true)
}

/// A job's name as part of a file name: letters, digits and `._-` stay, the rest is `%XX`; a long one is cut and told
/// apart by its FNV-1a hash.
fn file_name(job: &str) -> String {
    const LONGEST: usize = 100;
    let mut name = String::new();
    for byte in job.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    if name.len() > LONGEST {
        let hash = job
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        name.truncate(LONGEST);
        name.push_str(&format!("-{hash:016x}"));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_holder_at_a_time_and_no_file_left() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("cm.db");
        let held = take(&store, "publish", Duration::ZERO).unwrap().unwrap();
        assert!(take(&store, "publish", Duration::from_millis(30)).unwrap().is_none());
        assert!(take(&store, "serve", Duration::ZERO).unwrap().is_some());
        drop(held);
        assert!(take(&store, "publish", Duration::ZERO).unwrap().is_some());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_store_by_another_name_is_the_same_store() {
        let dir = tempfile::tempdir().unwrap();
        let (store, other) = (dir.path().join("cm.db"), dir.path().join("other.db"));
        std::fs::write(&store, "").unwrap();
        std::os::unix::fs::symlink(&store, &other).unwrap();
        let _held = take(&store, "publish", Duration::ZERO).unwrap().unwrap();
        assert!(take(&other, "publish", Duration::ZERO).unwrap().is_none());
    }

    #[test]
    fn many_takers_never_hold_it_together() {
        let dir = tempfile::tempdir().unwrap();
        let (store, inside) = (dir.path().join("cm.db"), std::sync::atomic::AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let held = take(&store, "job", Duration::from_secs(60)).unwrap().unwrap();
                        assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                        inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                        drop(held);
                    }
                });
            }
        });
    }

    proptest! {
        #[test]
        fn any_job_is_one_short_file_name(job in ".{0,400}") {
            let name = file_name(&job);
            prop_assert!(name.len() <= 120 && !name.contains('/'));
        }

        #[test]
        fn different_jobs_have_different_names(a in ".{0,200}", b in ".{0,200}") {
            prop_assert_eq!(a == b, file_name(&a) == file_name(&b));
        }
    }
}
