//! QUERY and FILE mixed up: what a person most likely meant, told before the run does something else.

use crate::args::Args;
use cm_cli::{Failure, Session};
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// `--check`, `--tag`, `--only` and `--list` are about saved searches: a file of them that stands where the QUERY does
/// would be looked for.
pub fn refuse_query(args: &Args, query: &OsStr) -> Result<(), Failure> {
    let option = match (args.tag.first(), args.only.first()) {
        _ if args.check => "--check".to_owned(),
        _ if args.list => "--list".to_owned(),
        (Some(tag), _) => format!("--tag {tag}"),
        (None, Some(name)) => format!("--only {name}"),
        (None, None) => return Ok(()),
    };
    let is_file = Path::new(query).exists() || Path::new(query).extension().is_some_and(|end| end == "toml");
    let file = if is_file { query.display().to_string() } else { "searches.toml".to_owned() };
    Err(Failure::usage(format!("give the searches with -f: cm-scan -f {file} {option}")))
}

/// `--questions items.jsonl`: the QUERY that most often goes with it is all records, and need not be written.
pub fn is_file_of_questions(args: &Args, query: &OsStr) -> bool {
    let path = Path::new(query);
    let is_records = path.extension().is_some_and(|end| end == "jsonl" || end == "gz" || end == "zst");
    args.questions && args.files.is_empty() && is_records && path.exists()
}

/// Standard input is a terminal, and nothing else to read is named. ripgrep searches the folder then; here a folder is
/// read where it is named.
pub fn nothing_to_read(args: &Args, inputs: &[PathBuf]) -> Result<(), Failure> {
    if !inputs.is_empty() || !std::io::stdin().is_terminal() {
        return Ok(());
    }
    let query = args.query.as_ref().filter(|_| args.searches.is_empty());
    let query = query.map(|query| format!("'{}'", query.display().to_string().replace('\'', "'\\''")));
    let query = query.unwrap_or_else(|| "-f SEARCHES".to_owned());
    let how = format!("cm-scan {query} FILE, or cm-fetch | cm-scan {query} (- reads what is typed)");
    Err(Failure::usage(format!("nothing to read: {how}")))
}

/// A file where the query stands, and no other to read.
pub fn file_as_query(args: &Args, query: &OsStr, session: &Session) -> anyhow::Result<()> {
    if !args.files.is_empty() || !Path::new(query).exists() {
        return Ok(());
    }
    let name = query.display();
    let read = match session.config().path("searches")? {
        _ if args.questions => format!("cm-scan --questions '*' {name}"),
        Some(searches) => {
            let here = std::env::current_dir().unwrap_or_default();
            let searches = searches.strip_prefix(&here).unwrap_or(&searches);
            format!("cm-scan -f {} {name}", searches.display())
        }
        None => format!("cm-scan QUERY {name}"),
    };
    session.warn("query_is_file", format!("\"{name}\" is taken for the query; to read it: {read}"));
    Ok(())
}

/// A query, or a word of one, where the first file stands.
pub fn query_as_file(args: &Args, inputs: &[PathBuf], session: &Session) {
    let Some(first) = inputs.first().filter(|first| is_no_file(first)) else { return };
    if !args.searches.is_empty() {
        session.warn("file_is_query", format!("{}: a QUERY does not go with -f", first.display()));
        return;
    }
    // Of a plain word the line that no such file is there says enough.
    if !is_of_a_query(first) {
        return;
    }
    let words = args.query.iter().map(|query| query.display().to_string());
    let more = inputs.iter().take_while(|input| is_no_file(input));
    let query: Vec<String> = words.chain(more.map(|input| input.display().to_string())).collect();
    let file = inputs.iter().find(|input| input.exists());
    let file = file.map_or("FILE".to_owned(), |file| file.display().to_string());
    let query = query.join(" ").replace('\'', "'\\''");
    session.warn("file_is_query", format!("quote the query: cm-scan '{query}' {file}"));
}

/// Nothing of this name is there, and a name of a file would look otherwise.
fn is_no_file(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name != "-" && (is_of_a_query(path) || !name.contains(['.', '/', '\\'])) && !path.exists()
}

/// What a name of a file hardly ever looks like.
fn is_of_a_query(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.contains(char::is_whitespace) || name.starts_with(['"', '#', '@', '(', '-'])
}

/// Folders that hold nothing to read.
pub fn empty_folders(inputs: &[PathBuf], session: &Session) {
    for folder in inputs.iter().filter(|input| input.is_dir()) {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let is_read = |name: &OsStr| {
            let name = name.to_string_lossy();
            [".jsonl", ".jsonl.gz", ".jsonl.zst"].iter().any(|end| name.ends_with(end))
        };
        if !entries.flatten().any(|entry| is_read(&entry.file_name())) {
            session.warn("empty_folder", format!("{}: no *.jsonl in it", folder.display()));
        }
    }
}
