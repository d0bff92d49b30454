//! A handle to a store: each transaction is a closure that runs whole, or not at all, on the store's own thread.

use crate::worker::Worker;
use crate::{Error, Lock, Migration, Tx, address, lock, migrate, sqlite};
use rusqlite::TransactionBehavior;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How a store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Read and write; made (mode 0600, its folder 0700) when it is not there, closed to others when it is.
    Write,
    /// Read only; `Error::Open` when it is not there.
    Read,
}

/// A handle; cheap to clone, usable from any thread. The last one dropped ends the store's thread.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    shown: Arc<str>,
    /// Absent in `Mode::Read`.
    writer: Option<Worker>,
    /// Its own connection, so that reads never queue behind a write that waits.
    reader: Worker,
}

impl Store {
    /// Opens `sqlite:PATH` (or a bare path); `postgres://` is refused for now with a line that says so.
    pub fn open(url: &str, mode: Mode) -> Result<Store, Error> {
        let path = address::file_of(url)?;
        let (for_writer, for_reader) = (path.clone(), path.clone());
        let writer = match mode {
            Mode::Write => Some(Worker::start(move || sqlite::open_writer(&for_writer))?),
            Mode::Read => None,
        };
        let reader = Worker::start(move || sqlite::open_reader(&for_reader, mode))?;
        let shown = path.display().to_string().into();
        Ok(Store { inner: Arc::new(Inner { path, shown, writer, reader }) })
    }

    /// Brings an owner's tables up to date, in one transaction; a newer version found is `Error::Newer`. A store that is
    /// open for reading is only checked: one that is older is `Error::Open`.
    pub fn migrate(&self, owner: &'static str, steps: &'static [Migration]) -> Result<(), Error> {
        let target = migrate::newest(steps);
        // Looked at first, so that a store that is up to date is not written at every start.
        if self.read(move |tx| migrate::check(tx, owner, target))? {
            return Ok(());
        }
        if self.inner.writer.is_none() {
            let shown = &self.inner.shown;
            return Err(Error::Open(format!(
                "the store {shown} has no tables of this {owner} yet: run {owner} on it first"
            )));
        }
        self.write(move |tx| migrate::apply(tx, owner, steps))
    }

    /// Runs a writing transaction, durable (fsync) when this returns. The closure may run again after a conflict, so it
    /// must have no effect but through `Tx`. Blocks; from async code use `spawn_blocking`.
    pub fn write<T, E>(&self, work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let Some(writer) = &self.inner.writer else {
            return Err(
                Error::Engine(format!("the store {} is open for reading only", self.inner.shown)).into()
            );
        };
        self.run(writer, TransactionBehavior::Immediate, work)
    }

    /// Runs a reading transaction: one consistent snapshot, never waits for writers.
    pub fn read<T, E>(&self, work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.run(&self.inner.reader, TransactionBehavior::Deferred, work)
    }

    /// Its file.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.inner.path
    }

    /// Whether a table or view of that name exists (a tool that reads another's view asks first).
    pub fn has_table(&self, name: &str) -> Result<bool, Error> {
        let name = name.to_owned();
        self.read(move |tx| migrate::has_table(tx, &name))
    }

    /// Takes the lock of a named job; waits up to `wait`; `None` when another holds it still.
    pub fn lock(&self, job: &str, wait: Duration) -> Result<Option<Lock>, Error> {
        lock::take(&self.inner.path, job, wait)
    }

    fn run<T, E>(
        &self,
        worker: &Worker,
        behavior: TransactionBehavior,
        mut work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let shown = self.inner.shown.clone();
        worker
            .run(move |connection| sqlite::transact(connection, behavior, &shown, &mut work))
            .map_err(E::from)?
    }
}
