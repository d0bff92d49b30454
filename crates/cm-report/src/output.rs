//! Where the report goes: standard output, or a file that is there whole or not at all.

use crate::args::{Format, ReportArgs};
use crate::faces::{self, Show};
use crate::report::Report;
use chrono::Datelike;
use cm_cli::{Failure, Session};
use std::path::Path;

/// Writes the face that was asked for.
pub fn write(report: &Report, args: &ReportArgs, session: &Session) -> anyhow::Result<()> {
    let output = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let format = args.format.map_or_else(|| by_name(output), Ok)?;
    let to_terminal = output.is_none() && session.stdout_is_terminal();
    let show = Show {
        zone: session.zone()?,
        year: session.zone()?.wall(session.now()).year(),
        color: output.is_none() && session.color(),
        bars: to_terminal,
        width: if to_terminal { session.width() } else { 100 },
    };
    let text = faces::write(report, format, &show)?;
    let Some(path) = output else { return session.print(&text) };
    Ok(cm_cli::replace_file(path, text.as_bytes())?)
}

/// The format that a file's ending asks for. An ending that promises what cannot be written is refused.
fn by_name(path: Option<&Path>) -> Result<Format, Failure> {
    let ending = path.and_then(Path::extension).unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    Ok(match ending.as_str() {
        "html" | "htm" => Format::Html,
        "md" | "markdown" => Format::Md,
        "csv" => Format::Csv,
        "json" => Format::Json,
        "pdf" | "doc" | "docx" | "xls" | "xlsx" | "ods" | "png" | "svg" => {
            return Err(Failure::usage(format!(
                "-o: no .{ending} is written (there are .txt, .md, .html, .csv and .json): --format says which it is"
            )));
        }
        _ => Format::Text,
    })
}
