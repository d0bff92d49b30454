//! Manners within a run: few requests at a time to one host, and a pause between them; few in all.

use cm_cli::Failure;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::{Host, Url};

/// `[fetch]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Requests to one host at a time.
    pub(crate) per_host: usize,
    /// Between the beginnings of two requests to one host; none is kept on the own machine unless it is set.
    spacing: Option<String>,
    /// A source that has failed for so long is an error of the run.
    fail_after: String,
    /// A source that has failed so often is an error of the run.
    pub(crate) fail_times: i64,
    /// How far back a source is read when it is first met.
    first: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { per_host: 1, spacing: None, fail_after: "1d".into(), fail_times: 5, first: "7d".into() }
    }
}

impl Settings {
    /// How far back a source is read when it is first met.
    pub(crate) fn first(&self) -> Result<chrono::TimeDelta, Failure> {
        length("first", &self.first)
    }

    /// After how long a failing source is an error of the run.
    pub(crate) fn fail_after(&self) -> Result<chrono::TimeDelta, Failure> {
        length("fail_after", &self.fail_after)
    }

    fn spacing(&self) -> Result<Option<Duration>, Failure> {
        let Some(text) = &self.spacing else { return Ok(None) };
        Ok(Some(length("spacing", text)?.to_std().unwrap_or_default()))
    }
}

fn length(key: &str, text: &str) -> Result<chrono::TimeDelta, Failure> {
    cm_time::parse_duration(text).map_err(|e| Failure::config(format!("[fetch] {key}: {e}")))
}

/// The gates that every request of a run passes.
#[derive(Debug)]
pub(crate) struct Gates {
    in_all: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Arc<Gate>>>,
    per_host: usize,
    spacing: Option<Duration>,
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
/// Between two requests to one host where nobody says otherwise.
const USUAL_SPACING: Duration = Duration::from_secs(1);

impl Gates {
    /// Gates for so many requests at a time in all.
    pub(crate) fn new(concurrency: usize, settings: &Settings) -> Result<Gates, Failure> {
        Ok(Gates {
            in_all: Arc::new(Semaphore::new(concurrency.max(1))),
            hosts: Mutex::default(),
            per_host: settings.per_host.max(1),
            spacing: settings.spacing()?,
        })
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
        let pause = self.spacing.unwrap_or(if is_own_machine(url) { Duration::ZERO } else { USUAL_SPACING });
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
        let mut hosts = locked(&self.hosts);
        let gate = hosts.entry(host(url)).or_insert_with(|| {
            let permits = Arc::new(Semaphore::new(self.per_host));
            Arc::new(Gate { permits, next: Mutex::default(), trouble: Mutex::default() })
        });
        Arc::clone(gate)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The host that an address asks, with its port where that is not the usual one.
pub(crate) fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default().to_ascii_lowercase();
    url.port().map_or_else(|| name.clone(), |port| format!("{name}:{port}"))
}

fn is_own_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
