//! The archive: one file a day (UTC), one record a line, only ever appended to.
//!
//! A line counts once its LF is there: readers stop before a torn one, and the next writer cuts it off before it appends.
//! Writers take turns by a lock on the folder and never append to a file that is older than the newest, so that whoever
//! has read to the end of a file that has a successor has read all of it.

use crate::store::Mark;
use chrono::{DateTime, Utc};
use cm_cli::{Failure, failpoint};
use cm_record::Record;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// An archive.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    folder: PathBuf,
    /// What the store knows it by.
    pub(crate) name: String,
}

/// The right to append, until it is dropped.
pub(crate) struct Turn<'a> {
    archive: &'a Archive,
    _lock: File,
}

impl Archive {
    /// Opens an archive, making its folder.
    pub(crate) fn create(folder: &Path) -> Result<Archive, Failure> {
        fs::create_dir_all(folder)
            .map_err(|e| Failure::config(format!("cannot make the archive {}: {e}", folder.display())))?;
        Archive::open(folder)
    }

    /// Opens an archive that is there.
    pub(crate) fn open(folder: &Path) -> Result<Archive, Failure> {
        let real = folder.canonicalize().map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Failure::config(format!("{}: no such archive", folder.display())),
            _ => Failure::config(format!("{}: {e}", folder.display())),
        })?;
        Ok(Archive { name: real.display().to_string(), folder: real })
    }

    /// Waits for the turn to append.
    pub(crate) fn turn(&self) -> io::Result<Turn<'_>> {
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(self.folder.join(".lock"))?;
        lock.lock()?;
        Ok(Turn { archive: self, _lock: lock })
    }

    /// The days' files in order.
    fn files(&self) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if is_day(&name) {
                files.push(name);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Hands every whole line from a mark on to `each`, with the mark behind it; the mark at the end comes back.
    pub(crate) fn read_from<E: From<io::Error>>(
        &self,
        from: &Mark,
        mut each: impl FnMut(&[u8], &Mark) -> Result<(), E>,
    ) -> Result<Mark, E> {
        let mut at = from.clone();
        // Listed before any is read: a file with a successor in this list is complete.
        for file in self.files()?.into_iter().filter(|file| *file >= from.file) {
            if file != at.file {
                at = Mark { file, start: 0 };
            }
            let mut stream = File::open(self.folder.join(&at.file))?;
            stream.seek(SeekFrom::Start(u64::try_from(at.start).unwrap_or(0)))?;
            let mut stream = BufReader::with_capacity(64 << 10, stream);
            let mut line = Vec::new();
            loop {
                line.clear();
                let read = stream.read_until(b'\n', &mut line)?;
                let Some(whole) = line.strip_suffix(b"\n") else { break };
                at.start += i64::try_from(read).unwrap_or(0);
                each(whole, &at)?;
            }
        }
        Ok(at)
    }
}

/// `2026-11-22.jsonl`.
fn is_day(name: &str) -> bool {
    name.strip_suffix(".jsonl").is_some_and(|day| chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok())
}

/// The file of a day.
pub(crate) fn file_of(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d.jsonl").to_string()
}

impl Turn<'_> {
    /// Where the next record will stand; a torn last line is cut off first.
    pub(crate) fn end(&self, now: DateTime<Utc>) -> io::Result<Mark> {
        let newest = self.archive.files()?.pop().unwrap_or_default();
        let file = file_of(now).max(newest);
        let path = self.archive.folder.join(&file);
        let start = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(open) => mend(open)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => 0,
            Err(e) => return Err(e),
        };
        Ok(Mark { file, start: i64::try_from(start).unwrap_or(i64::MAX) })
    }

    /// Appends records at the end and waits until they are on the disk.
    pub(crate) fn append(&self, end: &Mark, records: &[&Record]) -> io::Result<()> {
        let mut file =
            OpenOptions::new().create(true).append(true).open(self.archive.folder.join(&end.file))?;
        let mut lines = Vec::new();
        for record in records {
            lines.extend_from_slice(record.line().as_bytes());
            lines.push(b'\n');
        }
        file.write_all(&lines)?;
        failpoint("archive.written");
        file.sync_data()?;
        if end.start == 0 {
            File::open(&self.archive.folder)?.sync_all()?;
        }
        failpoint("archive.synced");
        Ok(())
    }
}

/// Cuts what stands behind the last LF; the length that remains.
fn mend(mut file: File) -> io::Result<u64> {
    const BLOCK: u64 = 64 << 10;
    let length = file.metadata()?.len();
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start))?;
        let mut block = Vec::new();
        (&mut file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(id: &str) -> Record {
        Record::parse(format!("{{\"id\":\"{id}\",\"content_text\":\"x\"}}")).unwrap()
    }

    fn lines(archive: &Archive, from: &Mark) -> (Vec<String>, Mark) {
        let mut lines = Vec::new();
        let end = archive.read_from(from, |line, _| -> io::Result<()> {
            lines.push(String::from_utf8(line.to_vec()).unwrap());
            Ok(())
        });
        (lines, end.unwrap())
    }

    fn append(archive: &Archive, now: &str, id: &str) {
        let turn = archive.turn().unwrap();
        let end = turn.end(now.parse().unwrap()).unwrap();
        turn.append(&end, &[&record(id)]).unwrap();
    }

    #[test]
    fn a_torn_line_is_not_read_and_is_cut_off_by_the_next_writer() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::create(dir.path()).unwrap();
        append(&archive, "2026-11-22T23:59:00Z", "a");
        let path = dir.path().join("2026-11-22.jsonl");
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"id\":\"torn").unwrap();
        assert_eq!(lines(&archive, &Mark::default()).0.len(), 1);
        append(&archive, "2026-11-22T23:59:30Z", "b");
        let (all, end) = lines(&archive, &Mark::default());
        assert!(all[1].contains("\"b\""), "{all:?}");
        append(&archive, "2026-11-23T00:00:00Z", "c");
        assert_eq!(lines(&archive, &end).0, [record("c").line()]);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_write_behind_readers() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::create(dir.path()).unwrap();
        append(&archive, "2026-11-23T00:00:00Z", "a");
        let (_, end) = lines(&archive, &Mark::default());
        append(&archive, "2026-11-22T00:00:00Z", "b");
        assert_eq!(lines(&archive, &end).0, [record("b").line()]);
    }

    proptest! {
        #[test]
        fn mending_keeps_whole_lines(text in "[a\n]{0,30}") {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x");
            fs::write(&path, &text).unwrap();
            mend(OpenOptions::new().read(true).write(true).open(&path).unwrap()).unwrap();
            let whole = text.rfind('\n').map_or("", |at| &text[..=at]);
            prop_assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        }
    }
}
