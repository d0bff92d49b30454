//! Manners within a run: few requests at a time to one host, and a pause between them; few in all.

use crate::hosts::Hosts;
use cm_net::Admission;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::Url;

/// The gates that every request of a run passes.
#[derive(Debug)]
pub(crate) struct Gates {
    in_all: Arc<Semaphore>,
    hosts: Arc<Hosts>,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
}

#[derive(Debug)]
struct Gate {
    permits: Arc<Semaphore>,
    next: Mutex<Option<Instant>>,
    /// How often the host was in trouble in this run, and how at last.
    trouble: Mutex<(u32, String)>,
}

/// Leave to send one request; dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Leave {
    _host: Option<OwnedSemaphorePermit>,
    _in_all: Option<OwnedSemaphorePermit>,
}

/// So often may a host complain in one run.
const ENOUGH: u32 = 2;

impl Gates {
    /// Gates for so many requests at a time in all.
    pub(crate) fn new(concurrency: usize, hosts: Arc<Hosts>) -> Gates {
        Gates { in_all: Arc::new(Semaphore::new(concurrency.max(1))), hosts, gates: Mutex::default() }
    }

    /// Waits for leave to ask an address: the host's turn first, so that one slow host does not hold up the others. A host
    /// that was closed meanwhile is the error that closed it.
    pub(crate) async fn enter(&self, url: &Url) -> Result<Leave, String> {
        let gate = self.gate(url);
        let host = Arc::clone(&gate.permits).acquire_owned().await.ok();
        let (times, why) = locked(&gate.trouble).clone();
        if times >= ENOUGH {
            return Err(why);
        }
        let pause = self.hosts.spacing(url);
        let turn = {
            let mut next = locked(&gate.next);
            let turn = next.unwrap_or_else(Instant::now).max(Instant::now());
            *next = Some(turn + pause);
            turn
        };
        sleep_until(turn).await;
        Ok(Leave { _host: host, _in_all: Arc::clone(&self.in_all).acquire_owned().await.ok() })
    }

    /// A host that cannot be reached is asked no more in this run; one that is annoyed, when it says so again: it may have
    /// meant that address alone.
    pub(crate) fn trouble(&self, url: &Url, why: &str, reached: bool) {
        let gate = self.gate(url);
        let mut trouble = locked(&gate.trouble);
        *trouble = (trouble.0 + if reached { 1 } else { ENOUGH }, why.to_owned());
    }

    fn gate(&self, url: &Url) -> Arc<Gate> {
        let mut gates = locked(&self.gates);
        let gate = gates.entry(self.hosts.name(url)).or_insert_with(|| {
            let permits = Arc::new(Semaphore::new(self.hosts.per_host(url)));
            Arc::new(Gate { permits, next: Mutex::default(), trouble: Mutex::default() })
        });
        Arc::clone(gate)
    }
}

/// The gates as the client asks them, before each of its hops.
pub(crate) fn admission(gates: &Arc<Gates>) -> Admission {
    let gates = Arc::clone(gates);
    Admission::new(move |url, _| {
        let (gates, url) = (Arc::clone(&gates), url.clone());
        async move {
            let leave = gates.enter(&url).await.map_err(|why| format!("not asked after {why}"))?;
            Ok(Box::new(leave) as cm_net::Leave)
        }
    })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
