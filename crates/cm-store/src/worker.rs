//! A thread that owns one connection and does what it is handed, in order; SQL never runs on an async worker.

use crate::Error;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The handle of such a thread; dropping it lets the work in hand end, closes the connection and joins.
#[derive(Debug)]
pub(crate) struct Worker {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Opens the connection on a new thread.
    pub(crate) fn start(
        open: impl FnOnce() -> Result<Connection, Error> + Send + 'static,
    ) -> Result<Worker, Error> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (opened, answer) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("cm-store".to_owned())
            .spawn(move || {
                let mut connection = match open() {
                    Ok(connection) => connection,
                    Err(error) => return drop(opened.send(Err(error))),
                };
                let _ = opened.send(Ok(()));
                for job in inbox {
                    job(&mut connection);
                }
            })
            .map_err(|e| Error::Engine(format!("cannot start the store's thread: {e}")))?;
        let worker = Worker { jobs: Some(jobs), thread: Some(thread) };
        answer.recv().unwrap_or_else(|_| Err(gone()))?;
        Ok(worker)
    }

    /// Runs a job there and waits for what it returns. A panic in it is carried over to the caller; the thread lives on.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, Error> {
        if self.is_current() {
            return Err(Error::Engine("a transaction was begun inside another".to_owned()));
        }
        let (done, answer) = mpsc::channel();
        let job: Job = Box::new(move |connection| {
            let _ = done.send(catch_unwind(AssertUnwindSafe(|| job(connection))));
        });
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(gone)?;
        match answer.recv() {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(gone()),
        }
    }

    fn is_current(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| thread.thread().id() == thread::current().id())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // The last handle may die inside a job, on the thread itself, which cannot wait for its own end.
        if self.is_current() {
            return;
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn gone() -> Error {
    Error::Engine("the store's thread has ended".to_owned())
}
