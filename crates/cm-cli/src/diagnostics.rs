//! Words on stderr: `tool: file:line: message`, or one JSON object a line. The one way in which tools say anything.

use crate::{Common, ErrorFormat, printable};
use cm_record::Place;
use indicatif::MultiProgress;
use std::io::{IsTerminal, Write};

/// How grave it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Something was not done.
    Error,
    /// Something looks wrong.
    Warning,
    /// Something to know.
    Info,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        }
    }
}

/// Writes to stderr, around any progress bar.
pub(crate) struct Diagnostics {
    tool: &'static str,
    format: ErrorFormat,
    quiet: bool,
    verbose: u8,
    pub(crate) watched: bool,
    pub(crate) bars: MultiProgress,
}

impl Diagnostics {
    pub(crate) fn new(tool: &'static str, common: &Common) -> Diagnostics {
        let watched = std::io::stderr().is_terminal();
        Diagnostics {
            tool,
            format: common.errors,
            quiet: common.quiet,
            verbose: common.verbose,
            watched,
            bars: MultiProgress::new(),
        }
    }

    /// Errors always; warnings unless quiet; words to know when watched or verbose, and not quiet.
    pub(crate) fn emit(&self, level: Level, code: &str, message: &str, place: Option<&Place>) {
        let wanted = match level {
            Level::Error => true,
            Level::Warning => !self.quiet,
            Level::Info => !self.quiet && (self.watched || self.verbose > 0),
        };
        if wanted {
            self.write(&self.render(level, code, message, place));
        }
    }

    fn render(&self, level: Level, code: &str, message: &str, place: Option<&Place>) -> String {
        match self.format {
            ErrorFormat::Text => {
                let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
                // One line: a title with a line end in it must not look like words of ours.
                printable(&format!("{}: {place}{message}", self.tool)).replace('\n', " ")
            }
            ErrorFormat::Json => {
                let mut object = serde_json::Map::new();
                object.insert("level".into(), level.as_str().into());
                object.insert("tool".into(), self.tool.into());
                object.insert("code".into(), code.into());
                if let Some(place) = place {
                    let file = if place.file == "stdin" { "-" } else { place.file.as_str() };
                    object.insert("file".into(), file.into());
                    object.insert("line".into(), place.line.into());
                }
                object.insert("message".into(), message.into());
                serde_json::Value::Object(object).to_string()
            }
        }
    }

    /// Writes a line as it is. A stderr that is gone is nobody's problem.
    pub(crate) fn write(&self, line: &str) {
        self.bars.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostics(format: ErrorFormat) -> Diagnostics {
        Diagnostics::new("cm-scan", &Common { errors: format, ..Common::default() })
    }

    #[test]
    fn text_names_tool_and_place() {
        let place = Place { file: "stdin".into(), line: 1042 };
        let line = diagnostics(ErrorFormat::Text).render(Level::Error, "bad_line", "no \"id\"", Some(&place));
        assert_eq!(line, "cm-scan: stdin:1042: no \"id\"");
    }

    #[test]
    fn json_is_as_documented() {
        let place = Place { file: "stdin".into(), line: 1042 };
        let line = diagnostics(ErrorFormat::Json).render(Level::Error, "bad_line", "no \"id\"", Some(&place));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"level":"error","tool":"cm-scan","code":"bad_line","file":"-","line":1042,"message":"no \"id\""})
        );
    }

    #[test]
    fn escapes_from_outside_are_not_sent_to_the_terminal() {
        let place = Place { file: "a\x1b[31mb".into(), line: 1 };
        let line = diagnostics(ErrorFormat::Text).render(Level::Error, "x", "c\nd\x1b[0me", Some(&place));
        assert_eq!(line, "cm-scan: a\u{fffd}[31mb:1: c d\u{fffd}[0me");
    }
}
