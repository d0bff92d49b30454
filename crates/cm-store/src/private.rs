//! Who may read the store's files: their owner alone, as they hold sessions and private messages. A file that was made
//! by other means (copied, put back) is closed to others when it is opened for writing.

use crate::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What SQLite keeps beside the file; it gives new ones the file's own mode.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];

/// Closes the store's files to others, as far as this user may; `check` tells whether that was enough.
pub(crate) fn close(store: &Path) {
    for file in files(store).filter(|file| is_open(file)) {
        #[cfg(unix)]
        let _ = std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600));
    }
}

/// Refuses a store that others can read, before a secret is written into it.
pub(crate) fn check(store: &Path) -> Result<(), Error> {
    match files(store).find(|file| is_open(file)) {
        None => Ok(()),
        Some(file) => Err(Error::Open(format!(
            "others can read {}, and this user cannot change that: no session is kept in it (its owner can: chmod 600)",
            file.display()
        ))),
    }
}

/// SQLite keeps them where the file itself is, whatever name it was opened by.
fn files(store: &Path) -> impl Iterator<Item = PathBuf> {
    let store = store.canonicalize().unwrap_or_else(|_| store.to_owned());
    BESIDE.iter().map(move |end| {
        let mut name = OsString::from(&store);
        name.push(end);
        PathBuf::from(name)
    })
}

#[cfg(unix)]
fn is_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_file: &Path) -> bool {
    // Modes are a matter of Unix; elsewhere the folder's owner decides.
    false
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::{Mode, Store};
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_store_that_others_could_read_is_closed_when_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cm.db");
        let url = format!("sqlite:{}", path.display());
        let first = Store::open(&url, Mode::Write).unwrap();
        first.keep("session", "secret").unwrap();
        files(&path).for_each(|file| set(&file, 0o644));
        Store::open(&url, Mode::Read).unwrap();
        assert_eq!(mode(&path), 0o644, "who only looks changes nothing");
        Store::open(&url, Mode::Write).unwrap();
        assert_eq!(files(&path).map(|file| mode(&file)).collect::<Vec<_>>(), [0o600; 3]);
        assert_eq!(first.kept("session").unwrap().as_deref(), Some("secret"));
    }

    #[test]
    fn no_secret_is_written_where_others_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cm.db");
        let store = Store::open(&format!("sqlite:{}", path.display()), Mode::Write).unwrap();
        store.keep("session", "one").unwrap();
        set(&path, 0o640);
        let refused = store.keep("session", "two").unwrap_err().to_string();
        assert!(refused.contains("others can read") && refused.contains("chmod 600"), "{refused}");
        assert_eq!(store.kept("session").unwrap().as_deref(), Some("one"));
    }
}
