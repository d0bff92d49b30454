//! Where links are made and looked up for the API, one after the other, on a thread of its own: the store takes one writer,
//! and answers must not wait for it. In: jobs, a bounded number. Out: JSON, or what is wrong.

use super::super::Server;
use super::trouble::Trouble;
use crate::add;
use crate::args::Add;
use crate::list;
use crate::tables::Tables;
use crate::target::MEANT;
use anyhow::Result;
use cm_cli::{Exit, Failure, Session};
use hyper::StatusCode;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// Jobs that may wait.
const WAITING: usize = 64;

/// What is asked for.
#[derive(Debug)]
pub enum Task {
    /// A link shall be there.
    Make(Box<Add>),
    /// What is known of a code.
    Read(String),
}

/// A task, and where its answer goes.
#[derive(Debug)]
pub struct Job {
    task: Task,
    answer: oneshot::Sender<Result<Told, Trouble>>,
}

/// What is answered.
#[derive(Debug)]
pub struct Told {
    /// 200, or 201 for a link that was made.
    pub status: StatusCode,
    /// The link's code.
    pub code: String,
    /// The link as JSON.
    pub json: String,
}

/// The way in.
#[derive(Debug)]
pub struct Desk(Mutex<Option<SyncSender<Job>>>);

impl Desk {
    /// A desk and the far end of its queue.
    pub fn new() -> (Desk, Receiver<Job>) {
        let (jobs, queue) = mpsc::sync_channel(WAITING);
        (Desk(Mutex::new(Some(jobs))), queue)
    }

    /// Has a task done.
    pub async fn ask(&self, task: Task) -> Result<Told, Trouble> {
        let (answer, told) = oneshot::channel();
        let taken = match self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(jobs) => jobs.try_send(Job { task, answer }).is_ok(),
            None => false,
        };
        if !taken {
            return Err(Trouble::busy());
        }
        told.await.unwrap_or_else(|_| Err(Trouble::busy()))
    }

    /// Takes nothing more; what was taken is still done.
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Does what is asked until the desk is closed.
pub fn work(jobs: Receiver<Job>, server: &Server, tables: &Tables, session: &Session) {
    for job in jobs {
        let manner = server.manner();
        let obeyed = manner.session.as_ref().unwrap_or(session);
        let done = match &job.task {
            Task::Make(add) => make(add, tables, obeyed),
            Task::Read(code) => read(StatusCode::OK, code, tables, obeyed),
        };
        let done = done.map_err(|error| trouble(&error, session));
        // Who asked may be gone; a link that was made is there all the same.
        let _ = job.answer.send(done.and_then(|told| told.ok_or_else(Trouble::unknown)));
    }
}

fn make(add: &Add, tables: &Tables, session: &Session) -> Result<Option<Told>> {
    let plan = add::make(add, tables, session)?;
    let status = if plan.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let Some(code) = &plan.link.code else { return Ok(None) };
    read(status, code, tables, session)
}

fn read(status: StatusCode, code: &str, tables: &Tables, session: &Session) -> Result<Option<Told>> {
    let Some(link) = tables.link(code)? else { return Ok(None) };
    let json = list::one(&link, tables, session)?;
    Ok(Some(Told { status, code: link.code, json }))
}

/// What was refused is told to who asked, in the words of the command line; what failed here to who runs the server.
fn trouble(error: &anyhow::Error, session: &Session) -> Trouble {
    match error.downcast_ref::<Failure>() {
        Some(failure) if failure.code == "usage" => {
            // The one member that is not called as its option is.
            Trouble::refused(&failure.message.replace(MEANT, "").replace("--for:", "account:"))
        }
        _ => {
            session.error(Exit::Partial, "api", format_args!("{error:#}"));
            Trouble::failed()
        }
    }
}
