//! QUERY and FILE mixed up: what a person most likely meant, told before the run does something else.

use crate::args::Args;
use cm_cli::{Failure, Session};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};

/// How much of a first line is looked at, in bytes.
const FIRST_LINE: u64 = 1 << 20;

/// `--check`, `--tag`, `--only` and `--list` are about saved searches: a file of them that stands where the QUERY does
/// would be looked for. `configured` says whether cm.toml names some.
pub fn refuse_query(args: &Args, query: &OsStr, configured: bool) -> Result<(), Failure> {
    let option = match (args.tag.first(), args.only.first()) {
        _ if args.check => "--check".to_owned(),
        _ if args.list => "--list".to_owned(),
        (Some(tag), _) => format!("--tag {tag}"),
        (None, Some(name)) => format!("--only {name}"),
        (None, None) => return Ok(()),
    };
    let reads_items = !args.check && !args.list;
    let items = reads_items && is_items(query);
    let is_file = Path::new(query).exists() || Path::new(query).extension().is_some_and(|end| end == "toml");
    let searches = if is_file && !items { query.display().to_string() } else { "searches.toml".to_owned() };
    let inputs = Some(Path::new(query)).filter(|_| items).into_iter();
    let inputs = inputs.chain(args.files.iter().map(PathBuf::as_path).filter(|_| reads_items));
    let inputs: String = inputs.map(|input| format!(" {}", input.display())).collect();
    if configured && reads_items && !is_file {
        // It is not there, but its name is that of a file.
        if inputs.is_empty() && !is_no_file(Path::new(query)) {
            let name = query.display();
            return Err(Failure::usage(format!(
                "{name}: no such file, and a QUERY does not go with {option}: cm-scan {option} FILE"
            )));
        }
        return Err(Failure::usage(format!("a QUERY does not go with {option}: cm-scan {option}{inputs}")));
    }
    Err(Failure::usage(format!("give the searches with -f: cm-scan -f {searches} {option}{inputs}")))
}

/// `--tag brand items.jsonl`, where searches are chosen by `--tag` or `--only`: it is those of cm.toml that are chosen
/// from, and no QUERY goes with that.
pub fn is_file_for_saved(args: &Args, query: &OsStr) -> bool {
    !args.check && !args.list && is_items(query)
}

/// Whether it names what holds items, and not searches.
fn is_items(query: &OsStr) -> bool {
    let path = Path::new(query);
    let has_name = path.extension().is_some_and(|end| end == "jsonl" || end == "gz" || end == "zst");
    (query == "-" || path.exists() || has_name) && !holds_searches(path)
}

/// A file of searches: TOML, or JSON lines with a query each.
fn holds_searches(path: &Path) -> bool {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        return entries
            .map(|entry| entry.path())
            .any(|path| path.extension().is_some_and(|end| end == "toml"));
    }
    if path.extension().is_some_and(|end| end == "toml") {
        return true;
    }
    // Of a pipe nothing is taken away here.
    let file = Some(path).filter(|path| path.is_file()).and_then(|path| File::open(path).ok());
    let Some(file) = file else { return false };
    let mut line = Vec::new();
    let read = BufReader::new(file.take(FIRST_LINE)).read_until(b'\n', &mut line);
    let record = read.ok().and_then(|_| serde_json::from_slice::<serde_json::Value>(&line).ok());
    record.is_some_and(|record| record.get("query").is_some() && record.get("id").is_none())
}

/// `--questions items.jsonl`: the QUERY that most often goes with it is all records, and need not be written.
pub fn is_file_of_questions(args: &Args, query: &OsStr) -> bool {
    let path = Path::new(query);
    let is_records = path.extension().is_some_and(|end| end == "jsonl" || end == "gz" || end == "zst");
    args.questions && args.files.is_empty() && is_records && path.exists()
}

/// `-v` is grep's inverted match, and here what every tool of the six understands by it.
pub fn verbose_is_not_inverted(session: &Session) {
    if session.verbose() > 0 {
        session.say("-v is --verbose; items without a word are found by -word: cm-scan -- '-word' FILE");
    }
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
