//! TOML that people write, read with the line of every mistake and a suggestion for a misspelt key.

use crate::Failure;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::Path;

/// Reads a whole file into a type that denies unknown fields.
/// Errors: `sources.toml:14: unknown key "intervall" (did you mean "interval"?)`.
pub fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, &e))?;
    parse_toml(&path.display().to_string(), &text)
}

/// The same over a text; `name` is the file to name in errors.
pub fn parse_toml<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Failure> {
    toml::from_str(text).map_err(|error| explain(name, text, &error))
}

/// The line about a file that people write and that cannot be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::InvalidData => "not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    Failure::config(format!("{}: {why}", path.display()))
}

/// One line about an error of the TOML reader.
pub(crate) fn explain(name: &str, text: &str, error: &toml::de::Error) -> Failure {
    let line = error.span().map_or(1, |span| line_of(text, &span));
    let quotes = text.lines().nth(line - 1).and_then(in_quotes).unwrap_or_default();
    Failure::config(format!("{name}:{line}: {}{quotes}", in_our_words(error.message().trim())))
}

/// How a table's name with a colon is written, which people write without quotes.
fn in_quotes(line: &str) -> Option<String> {
    let (table, name) = line.trim().strip_prefix('[')?.split_once(']')?.0.split_once('.')?;
    (name.contains(':') && !name.contains(['"', '\''])).then(|| format!(": write [{table}.\"{name}\"]"))
}

/// The line, from 1, on which a span starts.
pub(crate) fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.as_bytes()[..span.start.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Turns serde's words about unknown names into ours, with a suggestion; other messages become one line.
pub fn in_our_words(message: &str) -> String {
    let Some(rest) =
        message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("unknown variant `"))
    else {
        return message.replace('\n', " ");
    };
    let noun = if message.starts_with("unknown field") { "key" } else { "value" };
    let (found, rest) = rest.split_once('`').unwrap_or((rest, ""));
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    unknown(noun, found, &known)
}

/// `unknown key "intervall" (did you mean "interval"?)`, or the list of what is known.
pub(crate) fn unknown(noun: &str, found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(near) => format!("unknown {noun} {found:?} (did you mean {near:?}?)"),
        None => format!("unknown {noun} {found:?} (known: {})", known.join(", ")),
    }
}

/// The known name that a misspelt one most likely means.
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(found, name), *name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Source {
        #[expect(dead_code, reason = "only its name matters here")]
        interval: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[expect(dead_code, reason = "only its name matters here")]
        source: Vec<Source>,
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_a_suggestion() {
        let error = parse_toml::<File>("sources.toml", "# x\n[[source]]\nintervall = \"1h\"\n").unwrap_err();
        assert_eq!(error.message, "sources.toml:3: unknown key \"intervall\" (did you mean \"interval\"?)");
    }

    #[test]
    fn a_name_with_a_colon_wants_quotes() {
        let error = |text: &str| parse_toml::<File>("cm.toml", text).unwrap_err().message;
        let bare = error("# x\n[accounts.wordpress:blog]\nurl = \"https://blog.example\"\n");
        assert!(
            bare.starts_with("cm.toml:2: ") && bare.ends_with(": write [accounts.\"wordpress:blog\"]"),
            "{bare}"
        );
        assert!(!error("[accounts.\"wordpress:blog\"]\nurl = \n").contains("write ["));
    }

    #[test]
    fn a_syntax_error_is_one_line() {
        let error = parse_toml::<File>("s.toml", "[[source]]\ninterval = \n").unwrap_err();
        assert!(error.message.starts_with("s.toml:2: "), "{}", error.message);
        assert!(!error.message.contains('\n'));
    }
}
