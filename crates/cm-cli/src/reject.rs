//! `--reject FILE`: where bad lines go verbatim, made once for all the inputs of a run.

use crate::{Failure, Session};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Session {
    /// The file of `--reject`, empty when it is asked for first. An error when it is read as well: its lines would be
    /// lost before they are read, or feed themselves for ever.
    pub fn reject_file(&self, inputs: &[PathBuf]) -> anyhow::Result<Option<Arc<File>>> {
        let Some(path) = &self.common().reject else { return Ok(None) };
        if is_read(path, inputs) {
            let message = format!("--reject {} is read too: name another file", path.display());
            return Err(Failure::usage(message).into());
        }
        if let Some(file) = self.reject.get() {
            return Ok(Some(Arc::clone(file)));
        }
        let file = File::create(path)
            .map_err(|e| Failure::config(format!("cannot write --reject {}: {e}", path.display())))?;
        Ok(Some(Arc::clone(self.reject.get_or_init(|| Arc::new(file)))))
    }
}

/// Whether a file is one of the inputs, or one of those that are read of a folder among them.
pub(crate) fn is_read(file: &Path, inputs: &[PathBuf]) -> bool {
    let Some(file) = real(file) else { return false };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let folder = file.parent().filter(|_| name.contains(".jsonl"));
    let stdin = [PathBuf::from("-")];
    let mut inputs = if inputs.is_empty() { stdin.iter() } else { inputs.iter() };
    inputs.any(|input| {
        let input = real(if input == Path::new("-") { Path::new("/dev/stdin") } else { input });
        let input = input.as_deref();
        input.is_some() && (input == folder || input == Some(&file) && file.is_file())
    })
}

/// The path without links, of a file that may still have to be made.
fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_read_is_found_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for name in ["a", "b"] {
            std::fs::write(path(name), "").unwrap();
        }
        std::fs::create_dir(path("d")).unwrap();
        for (file, input, wanted) in [
            ("a", "a", true),
            ("a", "d/../a", true),
            ("a", "b", false),
            ("d/new.jsonl", "d", true),
            ("d/new", "d", false),
            ("new.jsonl", "d", false),
            ("new", "none", false),
        ] {
            assert_eq!(is_read(&path(file), &[path("b"), path(input)]), wanted, "{file} {input}");
        }
        assert!(!is_read(Path::new("/dev/null"), &[PathBuf::from("/dev/null")]));
    }
}
