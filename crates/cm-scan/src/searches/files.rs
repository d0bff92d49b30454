//! The files that hold searches: TOML, or JSON lines; a folder stands for those in it.

use super::builder::Builder;
use super::{json_lines, place, plain_toml, whole_toml};
use cm_cli::{Failure, unreadable};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// A TOML file may be so long, in bytes: about five million searches.
const LONGEST: u64 = 1 << 30;
/// One of which a tree has to be made: about thirty times as much memory.
const LONGEST_TREE: usize = 16 << 20;

/// The files that are meant: those given, and of each folder its `*.toml` and `*.jsonl` files by name.
pub(super) fn named(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let found = if path.is_dir() { in_folder(path)? } else { vec![path.clone()] };
        // The same file named twice is read once.
        files.extend(found.into_iter().filter(|file| !files.contains(file)).collect::<Vec<_>>());
    }
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let visible =
        |path: &PathBuf| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let known = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "toml" || extension == "jsonl")
    };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| visible(path) && known(path)).collect();
    files.sort();
    if files.is_empty() {
        return Err(Failure::config(format!(
            "{}: no *.toml and no *.jsonl in this folder",
            folder.display()
        )));
    }
    Ok(files)
}

/// Reads a file into the builder.
pub(super) fn read(path: &Path, builder: &mut Builder) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    if is_json_lines(path) {
        return json_lines::read(path, BufReader::with_capacity(1 << 16, file), builder);
    }
    let text = text(path, file)?;
    let text = without_mark(&text);
    let (name, mark) = (path.display().to_string(), builder.mark());
    if plain_toml::read(&name, text, builder)? {
        return Ok(());
    }
    builder.back_to(&mark);
    if text.len() > LONGEST_TREE {
        let message = "longer than 16 MiB and not written as [[search]] tables";
        return Err(Failure::config(format!("{name}: {message}")));
    }
    whole_toml::read(&name, text, builder)
}

fn is_json_lines(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
}

fn text(path: &Path, file: File) -> Result<String, Failure> {
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| unreadable(path, &error))?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::config(format!("{}: longer than {} MiB", path.display(), LONGEST >> 20)));
    }
    Ok(text)
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Where in a file a column of a query stands. The file is read again, since nobody keeps it: `None` where it is none that
/// can be (a pipe).
pub(super) fn place(path: &Path, line: usize, at: usize, column: usize) -> Option<place::Place> {
    let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|about| about.is_file()))?;
    let text = text(path, file).ok()?;
    let text = without_mark(&text);
    if is_json_lines(path) {
        let (_, column) = place::in_json(text.lines().nth(line.checked_sub(1)?)?, column)?;
        return Some((line, column));
    }
    place::of(text, at, column)
}
