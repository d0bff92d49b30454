//! Where an export goes: standard output or a file, or a folder. Everything is written beside its place and then renamed,
//! so that a web server never reads half of it. In a folder a list of ours (`.cm-shorten`) says which files are ours:
//! others are never replaced, and of ours those go that a new export no longer has. A file alone is ours when its first
//! line is one that an export begins with. A dry run looks at all that, and leaves nothing behind.

use anyhow::{Context, Result};
use cm_cli::{Failure, is_open_already};
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write, stdout};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::{NamedTempFile, TempDir};

/// The list of our files in a folder.
const LIST: &str = ".cm-shorten";
/// What is written beside its place begins so.
const BESIDE: &str = ".cm-shorten-";
/// A file that was written to no longer ago than this may be that of an export that goes on.
const LEFT_BEHIND: Duration = Duration::from_secs(600);
/// The longest first line that is looked at.
const FIRST_LINE: u64 = 64 << 10;

/// A file alone: what it is called in a folder, and how its first line begins when an export wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its usual name.
    pub name: &'static str,
    /// What it begins with.
    pub begins: &'static str,
}

/// Standard output, or a file.
pub enum Sole {
    /// As it comes.
    Stream(BufWriter<Box<dyn Write>>),
    /// Beside its place.
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl Sole {
    /// `-` and none are standard output; in a folder the file has its usual name. A file that is there has to be ours.
    pub fn open(path: Option<&Path>, kind: Kind, dry_run: bool) -> Result<Sole> {
        let nowhere = || Sole::Stream(BufWriter::new(Box::new(io::sink())));
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            let out = || Sole::Stream(BufWriter::new(Box::new(stdout())));
            return Ok(if dry_run { nowhere() } else { out() });
        };
        if is_open_already(path) && !dry_run {
            // Where `>>` put it: what stands there stays.
            let open = File::options().append(true).open(path).map_err(|e| unwritable(path, &e))?;
            return Ok(Sole::Stream(BufWriter::new(Box::new(open))));
        }
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let path = if path.is_dir() { path.join(kind.name) } else { path };
        if path.is_file() && !is_ours(&path, kind.begins).map_err(|e| unwritable(&path, &e))? {
            return Err(in_the_way(&path, "file").into());
        }
        if dry_run {
            return Ok(nowhere());
        }
        if path.exists() && !path.is_file() {
            let device = File::options().write(true).open(&path).map_err(|e| unwritable(&path, &e))?;
            return Ok(Sole::Stream(BufWriter::new(Box::new(device))));
        }
        sweep_files(&path);
        let file = beside(&path).map_err(|e| unwritable(&path, &e))?;
        // Where the file system knows no locks, its age has to do.
        let _ = file.as_file().try_lock();
        Ok(Sole::File(BufWriter::with_capacity(256 << 10, file), path))
    }

    /// Puts it in its place.
    pub fn end(self) -> Result<()> {
        match self {
            Sole::Stream(mut stream) => Ok(stream.flush()?),
            Sole::File(file, path) => {
                let file = file.into_inner().map_err(|e| unwritable(&path, e.error()))?;
                keep(file, &path).map_err(|e| unwritable(&path, &e).into())
            }
        }
    }
}

impl Write for Sole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sole::Stream(stream) => stream.write(bytes),
            Sole::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sole::Stream(stream) => stream.flush(),
            Sole::File(file, _) => file.flush(),
        }
    }
}

/// A folder of ours, or one in which some files are.
pub struct Folder {
    path: PathBuf,
    /// What is written, until all of it is.
    new: TempDir,
    names: BTreeSet<String>,
    /// Of these names those that are as they were.
    same: BTreeSet<String>,
    /// Held while it is written to: no other export is at work here then.
    _lock: Option<File>,
    ours: BTreeSet<String>,
    dry_run: bool,
}

impl Folder {
    /// Makes it where it is not there.
    pub fn open(path: &Path, dry_run: bool) -> Result<Folder> {
        let failed = |e: &io::Error| unwritable(path, e);
        if !dry_run {
            fs::create_dir_all(path).map_err(|e| failed(&e))?;
        }
        let path = if dry_run {
            path.canonicalize().or_else(|_| std::path::absolute(path))
        } else {
            path.canonicalize()
        };
        let path = path.map_err(|e| failed(&e))?;
        let lock = if dry_run { None } else { alone(&path)? };
        let beside = if dry_run { std::env::temp_dir() } else { path.clone() };
        let new = tempfile::Builder::new().prefix(BESIDE).tempdir_in(&beside).map_err(|e| failed(&e))?;
        let ours = match fs::read_to_string(path.join(LIST)) {
            Ok(list) => list.lines().filter(|name| is_plain(name)).map(str::to_owned).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(failed(&error).into()),
        };
        let (names, same) = (BTreeSet::new(), BTreeSet::new());
        Ok(Folder { path, new, names, same, _lock: lock, ours, dry_run })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new file in it: a name, or a folder and a name.
    pub fn file(&mut self, name: &str) -> Result<File> {
        let place = self.place(name)?;
        let path = self.new.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        self.names.insert(name.to_owned());
        File::create_new(&path).with_context(|| place.display().to_string())
    }

    /// The same with all that stands in it: one that is there as it shall be is not written again.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let place = self.place(name)?;
        if self.dry_run || self.ours.contains(name) && fs::read(&place).is_ok_and(|old| old == bytes) {
            self.same.insert(name.to_owned());
            self.names.insert(name.to_owned());
            return Ok(());
        }
        Ok(self.file(name)?.write_all(bytes)?)
    }

    /// Where a file will be, with nobody else's in the way.
    fn place(&self, name: &str) -> Result<PathBuf> {
        let place = self.path.join(name);
        // A file where a folder must be is in the way as well.
        let folder = place.parent().filter(|folder| folder.exists() && !folder.is_dir());
        let theirs = folder.or_else(|| Some(&*place).filter(|_| place.exists() && !self.ours.contains(name)));
        match theirs {
            Some(theirs) => Err(in_the_way(theirs, "folder").into()),
            None => Ok(place),
        }
    }

    /// What an export wrote here before under a name, as text.
    pub fn before(&self, name: &str) -> Option<String> {
        self.ours.contains(name).then(|| fs::read_to_string(self.path.join(name)).ok())?
    }

    /// Puts all of it in its place, and takes away what the export before had and this one has not.
    pub fn end(self) -> Result<()> {
        if self.dry_run {
            return Ok(());
        }
        // Killed from here on, all that may be there is known as ours.
        self.list(self.names.union(&self.ours))?;
        let mut moved = BTreeSet::new();
        for name in self.names.difference(&self.same) {
            let folder = name.split_once('/').map(|(folder, _)| folder);
            // A folder that is new goes to its place as it is: half the work of making it there.
            let unit = match folder {
                Some(folder) if moved.contains(folder) => continue,
                Some(folder) if !self.path.join(folder).exists() => folder,
                _ => name,
            };
            moved.extend(folder.filter(|folder| *folder == unit));
            let place = self.path.join(unit);
            fs::rename(self.new.path().join(unit), &place).with_context(|| place.display().to_string())?;
        }
        for name in self.ours.difference(&self.names) {
            let _ = fs::remove_file(self.path.join(name));
            if let Some((folder, _)) = name.split_once('/') {
                // Only one that is empty goes.
                let _ = fs::remove_dir(self.path.join(folder));
            }
        }
        self.list(self.names.iter())
    }

    /// Writes the list of our files.
    fn list<'a>(&self, names: impl Iterator<Item = &'a String>) -> Result<()> {
        let mut file = beside(&self.new.path().join(LIST))?;
        let text: String = names.map(|name| format!("{name}\n")).collect();
        file.write_all(text.as_bytes())?;
        Ok(keep(file, &self.path.join(LIST))?)
    }
}

/// Takes a folder for this export alone, and sweeps out what one that was killed left there. Nothing where it
/// cannot be read or locked.
fn alone(path: &Path) -> Result<Option<File>> {
    let Ok(folder) = File::open(path) else { return Ok(None) };
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let why = format!("{}: another export is being written there", path.display());
            return Err(Failure::config(why).into());
        }
        Err(TryLockError::Error(_)) => return Ok(None),
    }
    for entry in fs::read_dir(path).map_err(|e| unwritable(path, &e))?.flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && entry.file_name().to_string_lossy().starts_with(BESIDE) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(Some(folder))
}

/// Takes away what exports to a file of a folder left beside it when they were killed: what has not been written to for a
/// while, and that nobody holds.
fn sweep_files(path: &Path) {
    let Ok(entries) = fs::read_dir(folder_of(path)) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(BESIDE)) {
        let is_old = |meta: fs::Metadata| {
            meta.is_file() && meta.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_BEHIND))
        };
        if entry.metadata().is_ok_and(is_old)
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a name of the list can only lead to a file in the folder: the list may have been written by anybody.
fn is_plain(name: &str) -> bool {
    let good = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']);
    name.split('/').count() <= 2 && name.split('/').all(good)
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    // As other new files: what is left of these is the umask's to say.
    let mode = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(BESIDE).permissions(mode).tempfile_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Readable as the one that it replaces.
fn keep(file: NamedTempFile, path: &Path) -> io::Result<()> {
    if let Ok(old) = path.metadata() {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|e| e.error)
}

/// Whether a file is empty, or begins as one of ours does.
fn is_ours(path: &Path, begins: &str) -> io::Result<bool> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?.take(FIRST_LINE)).read_until(b'\n', &mut line)?;
    Ok(line.is_empty() || line.starts_with(begins.as_bytes()))
}

fn in_the_way(path: &Path, what: &str) -> Failure {
    let shown = path.display();
    Failure::usage(format!(
        "{shown} is there already and not of an export: name another {what} with -o, or remove it"
    ))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::config(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(path: &Path, files: &[(&str, &str)]) -> Result<()> {
        let mut folder = Folder::open(path, false)?;
        for (name, content) in files {
            folder.file(name)?.write_all(content.as_bytes())?;
        }
        folder.end()
    }

    #[test]
    fn only_our_files_are_replaced_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("site");
        export(&path, &[("a/index.html", "1"), ("b/index.html", "1"), ("c/index.html", "1")]).unwrap();
        fs::write(path.join("mine.html"), "mine").unwrap();
        fs::write(path.join("b/mine.html"), "mine").unwrap();
        export(&path, &[("a/index.html", "2")]).unwrap();
        assert_eq!(fs::read_to_string(path.join("a/index.html")).unwrap(), "2");
        assert!(!path.join("b/index.html").exists() && !path.join("c").exists());
        assert_eq!(fs::read_to_string(path.join("b/mine.html")).unwrap(), "mine");
        let error = export(&path, &[("a/index.html", "3"), ("mine.html", "3")]).unwrap_err();
        assert!(error.to_string().contains("mine.html is there already"), "{error}");
        fs::write(path.join("k7"), "mine").unwrap();
        let error = export(&path, &[("a/index.html", "3"), ("k7/index.html", "3")]).unwrap_err();
        assert!(error.to_string().contains("k7 is there already"), "{error}");
        assert_eq!(fs::read_to_string(path.join("a/index.html")).unwrap(), "2", "nothing was replaced");
        let left: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 5, "{left:?}");
    }

    #[test]
    fn what_a_killed_export_left_goes_with_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("site");
        export(&path, &[("a/index.html", "1")]).unwrap();
        fs::create_dir_all(path.join(".cm-shorten-Xy12z3/a")).unwrap();
        fs::write(path.join(".cm-shorten-Xy12z3/a/index.html"), "half").unwrap();
        let running = Folder::open(&path, false).unwrap();
        let second = export(&path, &[("a/index.html", "2")]).unwrap_err().to_string();
        assert!(second.contains("another export"), "{second}");
        drop(running);
        let left: BTreeSet<_> =
            fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, BTreeSet::from(["a".into(), LIST.into()]));
    }

    #[test]
    fn files_that_a_killed_export_left_go_and_those_of_one_that_goes_on_stay() {
        let dir = tempfile::tempdir().unwrap();
        let kind = Kind { name: "_redirects", begins: "#" };
        let made = |name: &str, hours: u64| {
            let file = File::create(dir.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
            file
        };
        let held = [("left", 1), ("held", 1), ("young", 0)]
            .map(|(name, hours)| made(&format!(".cm-shorten-{name}"), hours));
        held[1].lock().unwrap();
        Sole::open(Some(&dir.path().join("_redirects")), kind, false).unwrap().end().unwrap();
        let left: BTreeSet<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(
            left,
            [".cm-shorten-held", ".cm-shorten-young", "_redirects"].map(Into::into).into_iter().collect()
        );
    }

    #[test]
    fn what_is_as_it_was_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("site");
        let put = |pages: &[(&str, &str)]| {
            let mut folder = Folder::open(&path, false).unwrap();
            pages.iter().for_each(|(name, page)| folder.put(name, page.as_bytes()).unwrap());
            folder.end().unwrap();
        };
        put(&[("a/index.html", "1"), ("b/index.html", "1"), ("b/more.html", "1")]);
        let made = |name: &str| path.join(name).metadata().unwrap().modified().unwrap();
        let before = made("a/index.html");
        put(&[("a/index.html", "1"), ("b/index.html", "2"), ("c", "3")]);
        assert_eq!(made("a/index.html"), before);
        assert_eq!(fs::read_to_string(path.join("b/index.html")).unwrap(), "2");
        assert!(!path.join("b/more.html").exists() && path.join("c").exists());
        fs::write(path.join("a/index.html"), "edited").unwrap();
        put(&[("a/index.html", "1")]);
        assert_eq!(fs::read_to_string(path.join("a/index.html")).unwrap(), "1");
        assert!(!path.join("b").exists());
    }

    #[test]
    fn a_list_that_somebody_wrote_leads_nowhere_else() {
        assert!(!["../x", "/etc/passwd", "a/../x", "a//b", "", "a/b/c", "."].into_iter().any(is_plain));
        assert!(is_plain("links.conf") && is_plain("k7/index.html"));
    }
}
