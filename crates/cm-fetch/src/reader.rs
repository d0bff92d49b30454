//! `cm-fetch read`: many readers share one archive, each with its own mark. The mark moves only after the records were
//! flushed, or after the command that took them exited 0.

use crate::archive::{Archive, file_of};
use crate::args::ReadArchive;
use crate::store::{Mark, Tables};
use chrono::{DateTime, Utc};
use cm_cli::{Failure, Session};
use cm_record::Record;
use cm_store::Mode;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Records after which the mark is moved: what a reader that is killed gets again.
const STEP: usize = 1000;

/// Runs it.
pub(crate) fn run(session: &Session, args: &ReadArchive) -> anyhow::Result<()> {
    let Some(archive) = archive(session, args.archive.as_deref())? else { return Ok(()) };
    let rewind = args.rewind.as_deref().map(|text| session.time("--rewind", text)).transpose()?;
    let tables = Tables::open(session, Mode::Write)?;
    let Some(_lock) = tables.lock(&format!("fetch-read-{}", args.name))? else {
        return Err(Failure::busy(format!("another run is reading as {:?}", args.name)).into());
    };
    let mark = tables.reader(&args.name, &archive.name)?.unwrap_or_default();
    // What was not read yet is read in any case, however short the way back.
    let from = match rewind {
        Some(at) => Mark { file: file_of(at), start: 0 }.min(mark.clone()),
        None => mark.clone(),
    };
    let rewind = rewind.map(|at| (at, mark));
    let reading = Reading { session, tables, archive, name: &args.name, rewind };
    match args.command.split_first() {
        None => reading.to_stdout(&from),
        Some((program, rest)) => reading.to_command(&from, program, rest),
    }
}

/// `--archive`, else `archive` of the configuration, which may be empty yet. A reader may be started before the first
/// fetch: a folder that is not there holds nothing new, and is named, since it may be misspelt.
fn archive(session: &Session, given: Option<&Path>) -> anyhow::Result<Option<Archive>> {
    match (given, session.config().path("archive")?) {
        (Some(folder), _) if !folder.exists() => {
            let folder = folder.display();
            session.warn(
                "archive",
                format!("{folder}: no archive yet, cm-fetch --new --archive {folder} makes it"),
            );
            Ok(None)
        }
        (Some(folder), _) => Ok(Some(Archive::open(folder)?)),
        (None, Some(folder)) => Ok(Some(Archive::create(&folder)?)),
        (None, None) => {
            Err(Failure::usage("which archive? give --archive DIR, or set archive in cm.toml").into())
        }
    }
}

struct Reading<'a> {
    session: &'a Session,
    tables: Tables,
    archive: Archive,
    name: &'a str,
    /// From when on records are read again, and the mark up to which they are read again.
    rewind: Option<(DateTime<Utc>, Mark)>,
}

impl Reading<'_> {
    fn to_stdout(&self, from: &Mark) -> anyhow::Result<()> {
        let mut out = self.session.out();
        let mut written = 0;
        let end = self.archive.read_from(from, |line, at| -> anyhow::Result<()> {
            let Some(line) = self.wanted(line, at)? else { return Ok(()) };
            out.line(line)?;
            written += 1;
            if written % STEP == 0 {
                out.flush()?;
                self.move_to(at)?;
            }
            Ok(())
        })?;
        out.flush()?;
        self.move_to(&end)
    }

    fn to_command(&self, from: &Mark, program: &str, rest: &[String]) -> anyhow::Result<()> {
        let mut child = None;
        let mut gone = false;
        let end = self.archive.read_from(from, |line, at| -> anyhow::Result<()> {
            let Some(line) = self.wanted(line, at)? else { return Ok(()) };
            let running = match &mut child {
                Some(running) => running,
                None => child.insert(start(program, rest)?),
            };
            if let Some(stdin) = running.stdin.as_mut().filter(|_| !gone) {
                gone = closed(writeln!(stdin, "{line}"))?;
            }
            Ok(())
        })?;
        // Nothing new: there is nothing that a command should be started for.
        if let Some(mut child) = child {
            drop(child.stdin.take());
            let status = child.wait()?;
            if !status.success() {
                let how = if self.rewind.is_some() { " with the same --rewind" } else { "" };
                let message = format!("{program} failed ({status}): it will get the same records again{how}");
                return self.session.failed("command", message);
            }
        }
        self.move_to(&end)
    }

    /// The line, unless it was read before and is older than what the rewinding asks for, or is no text.
    fn wanted<'l>(&self, line: &'l [u8], at: &Mark) -> anyhow::Result<Option<&'l str>> {
        let Ok(line) = std::str::from_utf8(line) else {
            self.session
                .failed("bad_line", format!("{}: a line before byte {} is not UTF-8", at.file, at.start))?;
            return Ok(None);
        };
        let Some((rewind, _)) = self.rewind.as_ref().filter(|(_, read)| at <= read) else {
            return Ok(Some(line));
        };
        let fetched = Record::parse(line)
            .ok()
            .and_then(|record| record.get::<cm_record::FetchPart>("_cm_fetch").ok()?);
        let fetched_at = fetched.and_then(|part| cm_time::parse_rfc3339(&part.at));
        // Record times are whole seconds: the second of the asked instant counts.
        Ok(Some(line)
            .filter(|_| fetched_at.is_none_or(|fetched_at| fetched_at.timestamp() >= rewind.timestamp())))
    }

    fn move_to(&self, mark: &Mark) -> anyhow::Result<()> {
        Ok(self.tables.move_reader(self.name, &self.archive.name, mark, self.session.now())?)
    }
}

fn start(program: &str, rest: &[String]) -> Result<std::process::Child, Failure> {
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::piped());
    command.spawn().map_err(|e| Failure::usage(format!("cannot run {program}: {e}")))
}

/// Whether the command has stopped reading; whether that was right is told by its exit.
fn closed(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        other => other.map(|()| false),
    }
}
