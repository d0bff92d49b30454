//! Files written for people: there whole or not at all. In: a path and bytes, written beside the file and renamed.

use crate::Failure;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file that people asked for. What is no plain file (`/dev/stdout`, a pipe) is written as it is.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace(path, bytes).map_err(|e| Failure::config(format!("cannot write {}: {e}", path.display())))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if is_open_already(path) || target.exists() && !target.is_file() {
        // Where `>>` put it: what stands there stays.
        return File::options().append(true).open(path)?.write_all(bytes);
    }
    let mut name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside: PathBuf = target.with_file_name(name);
    let written = File::create(&beside).and_then(|mut file| {
        if let Ok(old) = target.metadata() {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, &target)).inspect_err(|_| {
        // What was written so far is of no use to anybody.
        let _ = std::fs::remove_file(&beside);
    })
}

/// Whether a path names what this process has open, which may be a file that belongs to the shell.
pub fn is_open_already(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self/fd"].iter().any(|place| path.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn a_file_is_replaced_and_keeps_its_mode_and_its_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("report.html"), dir.path().join("link.html"));
        std::fs::write(&file, "an old and longer one").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace_file(&link, b"new").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(link.is_symlink());
        assert!(
            replace_file(dir.path(), b"x").is_err() && replace_file(&dir.path().join("no/x"), b"x").is_err()
        );
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 2, "nothing is left beside them");
    }

    #[test]
    fn what_is_open_already_is_written_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, "old\n").unwrap();
        let file = File::options().append(true).open(&path).unwrap();
        replace_file(Path::new(&format!("/dev/fd/{}", file.as_raw_fd())), b"new\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old\nnew\n");
    }
}
