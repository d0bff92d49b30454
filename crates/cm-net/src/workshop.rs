//! The one thread that takes heavy codings off, so that a client's requests never stand still meanwhile and its memory has
//! room for one decoder only. In: coded bodies. Out: plain ones, in the order in which they were brought.

use crate::coding::{self, Limit};
use crate::spill::{Body, Budget, turn_of_the_large};
use crate::{Error, Kind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use tokio::sync::oneshot;

/// The thread, once it was needed. It ends with its client.
#[derive(Default)]
pub(crate) struct Workshop {
    bench: Mutex<Option<mpsc::Sender<Job>>>,
}

struct Job {
    body: Body,
    layers: Vec<String>,
    limit: Limit,
    budget: Arc<Budget>,
    shown: String,
    done: oneshot::Sender<Result<Body, Error>>,
}

impl Workshop {
    /// Takes all codings off.
    pub(crate) async fn decode(
        &self,
        body: Body,
        layers: Vec<String>,
        limit: Limit,
        budget: &Arc<Budget>,
        shown: &str,
    ) -> Result<Body, Error> {
        let (done, plain) = oneshot::channel();
        let job = Job { body, layers, limit, budget: Arc::clone(budget), shown: shown.to_owned(), done };
        self.bring(job);
        let lost = || Error::after(Kind::Broken, shown, "its encoding could not be taken off");
        plain.await.unwrap_or_else(|_| Err(lost()))
    }

    /// A job that finds no thread is dropped, which its owner is told by the closed channel.
    fn bring(&self, job: Job) {
        let mut bench = self.bench.lock().unwrap_or_else(PoisonError::into_inner);
        let job = match &*bench {
            Some(jobs) => match jobs.send(job) {
                Ok(()) => return,
                Err(mpsc::SendError(job)) => job,
            },
            None => job,
        };
        let (jobs, taken) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new().name("cm-net-decode".to_owned());
        if thread.spawn(move || taken.into_iter().for_each(work)).is_ok() && jobs.send(job).is_ok() {
            *bench = Some(jobs);
        }
    }
}

fn work(job: Job) {
    // Whoever asked may have run out of time meanwhile.
    if !job.done.is_closed() {
        let Job { body, layers, limit, budget, shown, done } = job;
        // Their windows are of megabytes; those of gzip and deflate are not.
        let is_large = layers.iter().any(|coding| matches!(coding.as_str(), "br" | "zstd"));
        let _turn = is_large.then(turn_of_the_large);
        let _ = done.send(coding::decode(body, &layers, limit, &budget, &shown));
    }
}
