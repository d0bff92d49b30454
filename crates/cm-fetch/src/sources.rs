//! Files of sources: TOML, OPML, or a plain list, told by their look. A bad row costs itself, never the others.

use crate::ids::Policy;
use crate::manners::settings;
use crate::opml;
use crate::source::{Kind, Place, Source, address};
use cm_cli::{Exit, Failure, Session, parse_toml};
use serde::Deserialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// A list on standard input is read up to here.
const LONGEST_LIST: u64 = 64 << 20;

/// The sources of the arguments, else of `--sources`, else of the configuration.
pub(crate) fn gather(
    session: &Session,
    given: &[String],
    file: Option<&Path>,
) -> anyhow::Result<Vec<Source>> {
    if given.iter().any(|text| text == "-") && file.is_some_and(is_stdin) {
        return Err(Failure::usage("standard input is a feed or a list, not both: give - once").into());
    }
    if !given.is_empty() || file.is_some() {
        let mut all = Vec::new();
        for text in given {
            match Source::parse(text, Path::new("")) {
                Ok(source) => all.push(source),
                Err(why) => session.failed("source", why)?,
            }
        }
        if let Some(file) = file {
            all.extend(read_file(session, file)?);
        }
        return Ok(all);
    }
    match default_file(session)? {
        Some(file) => read_file(session, &file),
        None => Err(Failure::short_help().into()),
    }
}

/// `sources` of the configuration.
pub(crate) fn default_file(session: &Session) -> anyhow::Result<Option<PathBuf>> {
    Ok(session.config().path("sources")?)
}

/// Reads a file of sources, `-` for standard input; bad rows are told and passed over. That nothing can be read of it is
/// an error: whoever asks for sources means some.
pub(crate) fn read_file(session: &Session, path: &Path) -> anyhow::Result<Vec<Source>> {
    let shown = if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() };
    let bytes = load(path).map_err(|e| Failure::config(format!("{shown}: {}", unreadable(&e))))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let is_toml = path.extension().is_some_and(|ext| ext == "toml") || bytes.starts_with(b"[[source]]");
    let (mut unit, mut cut_off) = (":", false);
    let rows = if is_toml {
        let text = String::from_utf8(bytes).map_err(|_| Failure::config(format!("{shown}: not UTF-8")))?;
        toml_rows(&shown, &text, folder)?
    } else {
        let text = crate::repair::decode(&bytes, None);
        if text.starts_with('<') {
            unit = ": outline ";
            let (rows, ends_early) = opml::rows(&text);
            cut_off = ends_early;
            rows
        } else {
            list_rows(&text, folder)
        }
    };
    let (mut sources, empty) = (Vec::new(), rows.is_empty());
    for (place, row) in rows {
        match row {
            // `comments = true` beside a url means the feed and its comments; `comments+` before an address these alone.
            Ok(source) if is_toml && source.comments => {
                sources.extend([Source { comments: false, ..source.clone() }, source.its_comments()]);
            }
            Ok(source) => sources.push(source),
            Err(why) => session.failed("source", format!("{shown}{unit}{place}: {why}"))?,
        }
    }
    match (empty, cut_off) {
        (true, true) => {
            return Err(Failure::config(format!("{shown}: cut off before its first source")).into());
        }
        (true, false) => return Err(Failure::config(format!("{shown}: holds no sources")).into()),
        (false, true) => {
            let noun = if sources.len() == 1 { "source" } else { "sources" };
            session.failed("cut_off", format!("{shown}: cut off after {} {noun}", sources.len()))?;
        }
        (false, false) => {}
    }
    if sources.is_empty() {
        session.mark(Exit::Fatal);
    }
    Ok(sources)
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn load(path: &Path) -> std::io::Result<Vec<u8>> {
    if !is_stdin(path) {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(LONGEST_LIST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        _ => error.to_string(),
    }
}

/// A row of any file: its line or outline, and the source or what is wrong with it.
pub(crate) type Row = (usize, Result<Source, String>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<Spanned<TomlRow>>,
}

settings! {
    /// `[[source]]`.
    TomlRow {
        name: Option<String>,
        url: Option<String>,
        account: Option<String>,
        file: Option<String>,
        tags: Vec<String>,
        kind: Option<Kind>,
        ids: Policy,
        /// The comments of its entries too.
        comments: bool,
    }
    secrets: user: String, password_file: PathBuf, password_command: Vec<String>, cookie_file: PathBuf, header_file: PathBuf,
    proxy_file: PathBuf
}

/// Unknown keys are an error of the whole file, with their line and a suggestion.
fn toml_rows(shown: &str, text: &str, folder: &Path) -> Result<Vec<Row>, Failure> {
    let file: File = parse_toml(shown, text)?;
    let line = |row: &Spanned<TomlRow>| {
        text.as_bytes()[..row.span().start.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
    };
    Ok(file.source.into_iter().map(|row| (line(&row), toml_source(row.into_inner(), folder))).collect())
}

fn toml_source(row: TomlRow, folder: &Path) -> Result<Source, String> {
    let manners = Box::new(row.manners(folder)?);
    let place = match (row.url, row.account, row.file) {
        (Some(url), None, None) => Place::Url(address(&url)?),
        (None, Some(account), None) => match Source::parse(&account, folder)?.place {
            place @ Place::Account { .. } => place,
            _ => {
                return Err(format!(
                    "{account}: not an account (write one such as \"wordpress:blog/comments\")"
                ));
            }
        },
        (None, None, Some(file)) => Place::File(folder.join(file)),
        _ => return Err("a source needs one of url, account and file".to_owned()),
    };
    if row.comments && !matches!(place, Place::Url(_)) {
        return Err("comments = true needs a url".to_owned());
    }
    let TomlRow { name, tags, kind, ids, comments, .. } = row;
    Ok(Source { place, name, tags, kind, ids, manners, comments })
}

/// One SOURCE a line; `#` at the beginning or after white space begins a comment.
fn list_rows(text: &str, folder: &Path) -> Vec<Row> {
    let rows = text.lines().enumerate().map(|(n, line)| (n + 1, uncommented(line)));
    rows.filter(|(_, line)| !line.is_empty()).map(|(n, line)| (n, Source::parse(line, folder))).collect()
}

fn uncommented(line: &str) -> &str {
    let comment = line
        .char_indices()
        .find(|(at, c)| *c == '#' && line[..*at].chars().next_back().is_none_or(char::is_whitespace));
    line[..comment.map_or(line.len(), |(at, _)| at)].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_with_lines_and_suggestions() {
        let text = "# mine\n[[source]]\nname = \"news\"\nurl = \"https://a.example/feed\"\ntags = [\"x\"]\n\n[[source]]\nname = \"both\"\nurl = \"https://b.example\"\nfile = \"x\"\n";
        let rows = toml_rows("sources.toml", text, Path::new("")).unwrap();
        let news = rows[0].1.as_ref().unwrap();
        assert_eq!((news.name.as_deref(), &news.tags[..]), (Some("news"), &["x".to_owned()][..]));
        assert_eq!((rows[1].0, rows[1].1.is_err()), (7, true));
        let error = toml_rows("sources.toml", "[[source]]\nacount = \"x\"\n", Path::new("")).unwrap_err();
        assert_eq!(error.message, "sources.toml:2: unknown key \"acount\" (did you mean \"account\"?)");
    }

    #[test]
    fn lists_with_comments() {
        let rows = list_rows("# mine\n\nhttps://a.example/#top # daily\nnonsense\n", Path::new("/nowhere"));
        assert_eq!(rows[0].1.as_ref().unwrap().key(), "https://a.example/");
        assert_eq!((rows.len(), rows[1].0, rows[1].1.is_err()), (2, 4, true));
    }
}
