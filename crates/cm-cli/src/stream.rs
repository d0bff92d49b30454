//! Records in and out of a tool: the bad-line policy, the version rule and the flush rule, once for all.

use crate::diagnostics::Level;
use crate::reject::is_read;
use crate::{Exit, Failure, Session};
use cm_record::{Bad, Blocks, Line, Options, Place, Reader, Record, Reject, VERSION, Writer};
use std::io::{IsTerminal, Stdout, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Standard output for records.
pub type Out = Writer<Stdout>;

/// After so many bad lines they are only counted.
const BAD_LINES_SHOWN: u64 = 10;

impl Session {
    /// Standard output for records. Flush it at the end: `out.flush()?`.
    pub fn out(&self) -> Out {
        Writer::new(std::io::stdout(), self.common().line_buffered)
    }

    /// A reader of inputs with `--max-line` and `--reject`. With no input and a terminal as standard input the answer is
    /// the short help, exit 2.
    pub fn reader(&self, inputs: &[PathBuf]) -> anyhow::Result<Reader> {
        self.need_inputs(inputs)?;
        Ok(Reader::new(inputs.to_vec(), self.reading(inputs)?))
    }

    /// The same for a tool that takes blocks of lines; what is bad among them it gives to the reject file itself.
    pub fn blocks(&self, inputs: &[PathBuf]) -> anyhow::Result<(Blocks, Reject)> {
        self.need_inputs(inputs)?;
        let Options { max_line, reject } = self.reading(inputs)?;
        Ok((Blocks::new(inputs.to_vec(), max_line), Reject::new(reject)))
    }

    fn need_inputs(&self, inputs: &[PathBuf]) -> anyhow::Result<()> {
        if inputs.is_empty() && std::io::stdin().is_terminal() {
            return Err(Failure::short_help().into());
        }
        Ok(self.need_any(inputs)?)
    }

    /// One missing input of several is a part that was not done; when all are missing nothing can go on.
    pub fn need_any(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        let missing = |path: &&PathBuf| path.as_path() != Path::new("-") && !path.exists();
        if inputs.is_empty() || !inputs.iter().all(|path| missing(&path)) {
            return Ok(());
        }
        let names: Vec<String> = inputs.iter().map(|path| path.display().to_string()).collect();
        Err(Failure::usage(format!("{}: no such file", names.join(", "))))
    }

    /// How to read these inputs: `--max-line` and `--reject`. An error when the output is read as well: it would feed
    /// itself for ever (`cm-scan acme . > hits.jsonl`).
    pub fn reading(&self, inputs: &[PathBuf]) -> anyhow::Result<Options> {
        if is_read(Path::new("/dev/stdout"), inputs) {
            return Err(Failure::usage("the output is read too: write it to another file or folder").into());
        }
        let reject = self.reject_file(inputs)?.map(|file| Box::new(file) as Box<dyn Write + Send>);
        Ok(Options { max_line: self.common().max_line, reject })
    }

    /// Reads every record of the inputs and hands it to `each` with the output. Bad lines are told, counted and passed
    /// over (`--strict` ends the run); inputs that fail are told; a record of a higher version is passed on unchanged.
    pub fn filter(
        &self,
        inputs: &[PathBuf],
        mut each: impl FnMut(Record, &Place, &mut Out) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut out = self.out();
        self.read_records(inputs, Some(&mut out), |record, place, out| {
            let Some(out) = out else { return Ok(()) };
            if self.knows_version(&record)? { each(record, place, out) } else { Ok(out.record(&record)?) }
        })?;
        Ok(out.flush()?)
    }

    /// The same for tools that take records in and write something else, or nothing.
    pub fn each_record(
        &self,
        inputs: &[PathBuf],
        mut each: impl FnMut(Record, &Place) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.read_records(inputs, None, |record, place, _| {
            if self.knows_version(&record)? { each(record, place) } else { Ok(()) }
        })
    }

    fn read_records(
        &self,
        inputs: &[PathBuf],
        mut out: Option<&mut Out>,
        mut each: impl FnMut(Record, &Place, Option<&mut Out>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut reader = self.reader(inputs)?;
        let result = loop {
            if reader.would_block()
                && let Some(out) = out.as_deref_mut()
            {
                out.flush()?;
            }
            match reader.next_line() {
                None => break Ok(()),
                Some(Ok(Line::Record(record, place))) => each(record, &place, out.as_deref_mut())?,
                Some(Ok(Line::Bad(bad))) => {
                    if let Err(stop) = self.bad_line(&bad) {
                        break Err(stop);
                    }
                }
                Some(Err(error)) => self.failed("input", error)?,
            }
        };
        self.sum_up_bad_lines(reader.lines_read());
        result
    }

    /// Whether a record's version is one that we know; otherwise one warning per run and exit 3.
    pub fn knows_version(&self, record: &Record) -> anyhow::Result<bool> {
        let version = record.version();
        if version > VERSION {
            self.unknown_version(version)?;
        }
        Ok(version <= VERSION)
    }

    /// A record of a higher version was met: one warning per run, and exit 3.
    pub fn unknown_version(&self, version: i64) -> anyhow::Result<()> {
        if !self.warned_version.swap(true, Ordering::Relaxed) {
            let message =
                format!("records of version {version} are passed on untouched: upgrade {}", self.name());
            self.failed("version", message)?;
        }
        Ok(())
    }

    /// Tells of a bad line and marks the run as done in part; with `--strict` the error ends the run.
    pub fn bad_line(&self, bad: &Bad) -> anyhow::Result<()> {
        self.mark(Exit::Partial);
        if self.common().strict {
            return Err(Failure::config(format!("{}: {}", bad.place, bad.reason)).into());
        }
        if self.bad_lines.fetch_add(1, Ordering::Relaxed) < BAD_LINES_SHOWN {
            self.diagnostics().emit(Level::Error, "bad_line", &bad.reason.to_string(), Some(&bad.place));
        }
        Ok(())
    }

    /// A record that passes the contract but that this tool cannot use: a bad line for it, kept by `--reject` too.
    pub fn bad_record(&self, record: &Record, place: &Place, why: &str) -> anyhow::Result<()> {
        if let Some(mut file) = self.reject.get().map(Arc::as_ref)
            && let Err(error) = file.write_all(format!("{}\n", record.line()).as_bytes())
        {
            self.failed("input", format!("--reject: a bad line was not kept: {error}"))?;
        }
        self.bad_line(&Bad {
            place: place.clone(),
            reason: cm_record::Reason::Unusable(why.to_owned()),
            bytes: Vec::new(),
        })
    }

    /// `skipped 3 of 5210 lines`, when any were.
    pub fn sum_up_bad_lines(&self, read: u64) {
        let bad = self.bad_lines.load(Ordering::Relaxed);
        if bad > 0 {
            self.diagnostics().emit(Level::Error, "skipped", &format!("skipped {bad} of {read} lines"), None);
        }
    }
}
