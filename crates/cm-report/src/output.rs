//! Where the report goes: standard output, or a file that is there whole or not at all.

use crate::args::{Format, ReportArgs};
use crate::faces::{self, Show};
use crate::report::Report;
use chrono::Datelike;
use cm_cli::{Failure, Session};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
    replace(path, text.as_bytes())
        .map_err(|e| Failure::config(format!("cannot write {}: {e}", path.display())).into())
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

/// Writes beside the file and renames; what is no plain file (`/dev/stdout`, a pipe) is written as it is.
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
