//! The click log: visits through a bounded queue to one thread that commits them in groups.

use super::Server;
use super::manner::Manner;
use super::queue::Queue;
use crate::rows::Click;
use crate::tables::Tables;
use crate::upkeep::Upkeep;
use crate::visit::{Keeper, Visit};
use anyhow::Result;
use cm_cli::{Exit, Session};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A click waits so long for company before it is committed: what a kill -9 can lose, with the commit under way.
pub const WAIT: Duration = Duration::from_millis(250);
/// A group is committed at so many clicks.
const GROUP: usize = 4096;
/// Visits that may wait; beyond that they are counted as dropped, and the visitor gets the redirect all the same. With
/// more load than the store takes, a kill -9 loses as many, so more is not better.
const QUEUE: usize = 16_384;
/// How often a visit for which there is no room is tried, and how long it waits each time.
const TRIES: u32 = 50;
const TRY: Duration = Duration::from_millis(10);
/// The most that a kill -9 loses: those that wait, and the group under way.
pub const MOST_LOST: usize = QUEUE + GROUP;
/// How long a store that fails is tried again once the server stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// The entrance of the log and its counts.
#[derive(Debug)]
pub struct Log {
    queue: Queue<Visit>,
    answered: AtomicU64,
    logged: AtomicU64,
    dropped: AtomicU64,
    failing: AtomicBool,
}

impl Log {
    /// An empty one.
    pub fn new() -> Log {
        let zero = || AtomicU64::new(0);
        Log {
            queue: Queue::new(QUEUE, GROUP),
            answered: zero(),
            logged: zero(),
            dropped: zero(),
            failing: AtomicBool::new(false),
        }
    }

    /// Takes a visit that is being answered. Where there is no room its answer waits a moment, so that the writer has its
    /// turn; a store that fails keeps nobody waiting. Who goes away meanwhile was not answered, and is not counted.
    pub async fn record(&self, mut visit: Visit) {
        let mut is_kept = false;
        for _ in 0..TRIES {
            match self.queue.put(visit) {
                Ok(()) => is_kept = true,
                Err(back) if self.is_well() => {
                    visit = back;
                    tokio::time::sleep(TRY).await;
                    continue;
                }
                Err(_) => {}
            }
            break;
        }
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.dropped.fetch_add(u64::from(!is_kept), Ordering::Relaxed);
    }

    /// Ends the queue: what is in it is still committed.
    pub fn close(&self) {
        self.queue.close();
    }

    /// Whether the store takes clicks, as far as is known.
    pub fn is_well(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// Clicks answered, logged and dropped since the start. Once the writer has ended, the first is the sum of the
    /// others.
    pub fn totals(&self) -> (u64, u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.answered), read(&self.logged), read(&self.dropped))
    }
}

/// Commits visits in groups until the queue is closed and empty, and looks after the log meanwhile.
pub fn write(server: &Server, tables: &Tables, session: &Session) {
    let manner = server.manner();
    let upkeep = Upkeep::new(&manner.settings);
    let mut writer =
        Writer { log: &server.log, tables, session, keeper: Keeper::default(), upkeep, manner, told: 0 };
    writer.obey();
    loop {
        if server.log.queue.wait(writer.upkeep.wait()) {
            let Some(group) = server.log.queue.take(WAIT) else { break };
            writer.look_at(server.manner());
            writer.upkeep.count(group.len());
            writer.commit(group);
        } else {
            writer.look_at(server.manner());
            writer.keeper.visitors.forget_before(session.now().timestamp_millis());
            writer.upkeep.rest();
        }
        writer.upkeep.run(tables, session);
    }
    // Drops that no later group carried into the store.
    writer.commit(Vec::new());
    writer.upkeep.finish(tables, session);
}

struct Writer<'a> {
    log: &'a Log,
    tables: &'a Tables,
    session: &'a Session,
    keeper: Keeper,
    upkeep: Upkeep,
    /// What is obeyed.
    manner: Arc<Manner>,
    /// Drops that the store knows of.
    told: u64,
}

impl Writer<'_> {
    /// Obeys another manner, where it is one.
    fn look_at(&mut self, now: Arc<Manner>) {
        if !Arc::ptr_eq(&now, &self.manner) {
            self.manner = now;
            self.obey();
        }
    }

    fn obey(&mut self) {
        self.keeper.obey(&self.manner.settings, self.manner.countries.clone());
        self.upkeep.obey(&self.manner.settings);
    }

    /// Makes clicks of visits and commits them; while the store fails, again and again.
    fn commit(&mut self, visits: Vec<Visit>) {
        let count = visits.len() as u64;
        let clicks: Result<Arc<[Click]>> = visits.iter().map(|visit| self.keeper.keep(visit)).collect();
        let begun = Instant::now();
        loop {
            let dropped = self.log.dropped.load(Ordering::Relaxed);
            let done = match &clicks {
                Ok(clicks) => self.commit_once(Arc::clone(clicks), dropped - self.told),
                Err(error) => Err(anyhow::anyhow!("{error:#}")),
            };
            match done {
                Ok(()) => {
                    self.told = dropped;
                    self.log.failing.store(false, Ordering::Relaxed);
                    self.log.logged.fetch_add(count, Ordering::Relaxed);
                    return;
                }
                Err(error) => self.tell(&error),
            }
            if clicks.is_err() || self.log.queue.is_closed() && begun.elapsed() > PATIENCE {
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
        if !self.log.failing.swap(true, Ordering::Relaxed) {
            self.session.error(Exit::Partial, "store", format_args!("clicks wait to be logged: {error:#}"));
        }
    }
}
