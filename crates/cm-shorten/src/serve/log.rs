//! The click log: visits through a bounded queue to one thread that commits them in groups.

use super::visit::Visit;
use super::visitor::Visitors;
use crate::rows::Click;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::{Exit, Session};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A click waits so long for company before it is committed: what a kill -9 can lose, with the commit under way.
pub const WAIT: Duration = Duration::from_millis(250);
/// A group is committed at so many clicks.
const GROUP: usize = 4096;
/// Visits that may wait; beyond that they are counted as dropped, and the visitor gets the redirect all the same. With
/// more load than the store takes, a kill -9 loses as many, so more is not better.
const QUEUE: usize = 16_384;
/// How long a store that fails is tried again once the server stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// The entrance of the log and its counts.
#[derive(Debug)]
pub struct Log {
    queue: Mutex<Option<SyncSender<Visit>>>,
    answered: AtomicU64,
    logged: AtomicU64,
    dropped: AtomicU64,
}

impl Log {
    /// A log and the far end of its queue.
    pub fn new() -> (Log, Receiver<Visit>) {
        let (queue, visits) = mpsc::sync_channel(QUEUE);
        let zero = || AtomicU64::new(0);
        (Log { queue: Mutex::new(Some(queue)), answered: zero(), logged: zero(), dropped: zero() }, visits)
    }

    /// Takes a visit that is being answered; never waits.
    pub fn record(&self, visit: Visit) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.as_ref().is_none_or(|queue| queue.try_send(visit).is_err()) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends the queue: what is in it is still committed.
    pub fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn is_closed(&self) -> bool {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Clicks answered, logged and dropped since the start. Once the writer has ended, the first is the sum of the
    /// others.
    pub fn totals(&self) -> (u64, u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.answered), read(&self.logged), read(&self.dropped))
    }
}

/// Commits visits in groups until the queue is closed and empty. `domain` is our own host.
pub fn write(visits: Receiver<Visit>, log: &Log, tables: &Tables, domain: &str, session: &Session) {
    let mut writer = Writer { log, tables, session, visitors: Visitors::default(), told: 0, failing: false };
    while let Ok(first) = visits.recv() {
        writer.commit(domain, gather(first, &visits));
    }
    // Drops that no later group carried into the store.
    writer.commit(domain, Vec::new());
}

/// The visits that come within the wait, as many as a group holds.
fn gather(first: Visit, visits: &Receiver<Visit>) -> Vec<Visit> {
    let until = Instant::now() + WAIT;
    let mut group = vec![first];
    while group.len() < GROUP {
        match visits.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(visit) => group.push(visit),
            Err(_) => break,
        }
    }
    group
}

struct Writer<'a> {
    log: &'a Log,
    tables: &'a Tables,
    session: &'a Session,
    visitors: Visitors,
    /// Drops that the store knows of.
    told: u64,
    failing: bool,
}

impl Writer<'_> {
    /// Makes clicks of visits and commits them; while the store fails, again and again.
    fn commit(&mut self, domain: &str, visits: Vec<Visit>) {
        let count = visits.len() as u64;
        let clicks: Result<Arc<[Click]>> =
            visits.into_iter().map(|visit| visit.click(domain, &mut self.visitors)).collect();
        let begun = Instant::now();
        loop {
            let dropped = self.log.dropped.load(Ordering::Relaxed);
            let done = match &clicks {
                Ok(clicks) => self.commit_once(Arc::clone(clicks), dropped - self.told),
                Err(error) => Err(anyhow::anyhow!("{error:#}")),
            };
            match done {
                Ok(()) => {
                    (self.told, self.failing) = (dropped, false);
                    self.log.logged.fetch_add(count, Ordering::Relaxed);
                    return;
                }
                Err(error) => self.tell(&error),
            }
            if clicks.is_err() || self.log.is_closed() && begun.elapsed() > PATIENCE {
                self.log.dropped.fetch_add(count, Ordering::Relaxed);
                return;
            }
            thread::sleep(WAIT);
        }
    }

    fn commit_once(&self, clicks: Arc<[Click]>, dropped: u64) -> Result<()> {
        if clicks.is_empty() && dropped == 0 {
            return Ok(());
        }
        cm_cli::failpoint("clicks.batched");
        self.tables.log(clicks, dropped)?;
        cm_cli::failpoint("clicks.committed");
        Ok(())
    }

    fn tell(&mut self, error: &anyhow::Error) {
        if !self.failing {
            self.failing = true;
            self.session.error(Exit::Partial, "store", format_args!("clicks wait to be logged: {error:#}"));
        }
    }
}
