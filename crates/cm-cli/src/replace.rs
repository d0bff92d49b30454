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
    if target.exists() && !target.is_file() {
        return File::options().write(true).open(&target)?.write_all(bytes);
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
