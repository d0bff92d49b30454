//! Manners within a run: few requests at a time to one host, and a pause between them; few in all.

use crate::hosts::Hosts;
use cm_net::{Admission, Hop};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::Url;

/// The gates that every request of a run passes.
#[derive(Debug)]
pub(crate) struct Gates {
    in_all: Arc<Semaphore>,
    hosts: Arc<Hosts>,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    /// Hosts that cool down since an earlier run, by name: until when, and why.
    cooling: Mutex<HashMap<String, (Instant, String)>>,
}

#[derive(Debug)]
struct Gate {
    permits: Arc<Semaphore>,
    next: Mutex<Option<Instant>>,
    /// How often the host was in trouble lately, how at last, and when.
    trouble: Mutex<(u32, String, Option<Instant>)>,
}

/// Leave to send one request; dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Leave {
    _host: Option<OwnedSemaphorePermit>,
    _in_all: Option<OwnedSemaphorePermit>,
}

/// So often may a host complain in one run.
const ENOUGH: u32 = 2;
/// A run that listens goes on for weeks: trouble that is so long ago counts no more.
const LATELY: Duration = Duration::from_secs(3600);

impl Gates {
    /// Gates for so many requests at a time in all.
    pub(crate) fn new(concurrency: usize, hosts: Arc<Hosts>) -> Gates {
        let in_all = Arc::new(Semaphore::new(concurrency.max(1)));
        Gates { in_all, hosts, gates: Mutex::default(), cooling: Mutex::default() }
    }

    /// A host of this name is asked by nobody for so long, whoever leads to it.
    pub(crate) fn cool(&self, name: &str, length: Duration, why: &str) {
        let until = Instant::now().checked_add(length);
        let until = until.map(|until| (name.to_owned(), (until, format!("{name} cools down, after {why}"))));
        locked(&self.cooling).extend(until);
    }

    /// Why the host of an address is not asked, if it cools down.
    pub(crate) fn cools(&self, url: &Url) -> Option<String> {
        let cooling = locked(&self.cooling);
        let (_, why) = cooling.get(&self.hosts.name(url)).filter(|(until, _)| *until > Instant::now())?;
        Some(why.clone())
    }

    /// Waits for leave to ask an address: the host's turn first, so that one slow host does not hold up the others. A host
    /// that was closed meanwhile is the error that closed it.
    pub(crate) async fn enter(&self, url: &Url) -> Result<Leave, String> {
        let gate = self.gate(url);
        let host = Arc::clone(&gate.permits).acquire_owned().await.ok();
        let (times, why) = gate.lately();
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

    /// The first request to the host of an address waits so long.
    pub(crate) fn hold(&self, url: &Url, wait: Duration) {
        let gate = self.gate(url);
        let mut next = locked(&gate.next);
        *next = next.max(Some(Instant::now() + wait));
    }

    /// A host that cannot be reached is asked no more in this run; one that is annoyed, when it says so again: it may have
    /// meant that address alone.
    pub(crate) fn trouble(&self, url: &Url, why: &str, reached: bool) {
        let gate = self.gate(url);
        let times = gate.lately().0 + if reached { 1 } else { ENOUGH };
        *locked(&gate.trouble) = (times, why.to_owned(), Some(Instant::now()));
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

impl Gate {
    /// How often the host was in trouble lately, and how at last.
    fn lately(&self) -> (u32, String) {
        let (times, why, at) = locked(&self.trouble).clone();
        if at.is_some_and(|at| at.elapsed() < LATELY) { (times, why) } else { Default::default() }
    }
}

/// The gates as the client asks them, before each of its hops.
pub(crate) fn admission(gates: &Arc<Gates>) -> Admission {
    let gates = Arc::clone(gates);
    Admission::new(move |url, hop| {
        let (gates, url) = (Arc::clone(&gates), url.clone());
        async move {
            // Whoever is asked itself was looked up before.
            if let Some(why) = gates.cools(&url).filter(|_| hop == Hop::Redirect) {
                return Err(format!("not asked: {why}"));
            }
            let leave = gates.enter(&url).await.map_err(|why| format!("not asked after {why}"))?;
            Ok(Box::new(leave) as cm_net::Leave)
        }
    })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manners::Manners;
    use std::collections::BTreeMap;
    use std::path::Path;

    /// When each address was let in, in seconds, all asked for at once; each holds its leave for so long.
    async fn entered(gates: &Arc<Gates>, urls: &[&str], holds: Duration) -> Vec<(String, f64)> {
        let began = Instant::now();
        let each = urls.iter().map(|url| {
            let (gates, url): (_, Url) = (Arc::clone(gates), url.parse().unwrap());
            async move {
                let leave = gates.enter(&url).await;
                let at = (began.elapsed().as_secs_f64() * 10.0).round() / 10.0;
                if leave.is_ok() {
                    tokio::time::sleep(holds).await;
                }
                (leave.err().unwrap_or_default(), at)
            }
        });
        futures_util::future::join_all(each).await
    }

    fn gates(concurrency: usize, set: &str) -> Arc<Gates> {
        let set = if set.is_empty() { BTreeMap::new() } else { toml::from_str(set).unwrap() };
        let hosts = Hosts::new(Manners::default(), None, 1, &set, Path::new("")).unwrap();
        Arc::new(Gates::new(concurrency, Arc::new(hosts)))
    }

    fn times(entered: &[(String, f64)]) -> Vec<f64> {
        entered.iter().map(|(_, at)| *at).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_to_one_host_are_a_second_apart_and_others_do_not_wait() {
        let all = ["https://a.example/1", "https://a.example/2", "https://b.example/", "https://a.example/3"];
        assert_eq!(times(&entered(&gates(16, ""), &all, Duration::ZERO).await), [0.0, 1.0, 0.0, 2.0]);
        let slow = entered(&gates(16, ""), &all, Duration::from_secs(5)).await;
        assert_eq!(times(&slow), [0.0, 5.0, 0.0, 10.0], "one at a time");
        let few = entered(&gates(1, ""), &all, Duration::from_secs(5)).await;
        let mut few = times(&few);
        few.sort_by(f64::total_cmp);
        assert_eq!(few, [0.0, 5.0, 10.0, 15.0], "few in all");
    }

    #[tokio::test(start_paused = true)]
    async fn who_shares_limits_shares_a_gate() {
        let reddit = [
            "https://www.reddit.com/r/a.rss",
            "https://old.reddit.com/r/b.rss",
            "https://oauth.reddit.com/c",
        ];
        assert_eq!(times(&entered(&gates(16, ""), &reddit, Duration::ZERO).await), [0.0, 60.0, 0.0]);
        let set = "[\"blogs.example\"]\nspacing = \"10s\"\nper_host = 2\n";
        let blogs = ["https://a.blogs.example/", "https://b.blogs.example/", "https://c.blogs.example/"];
        let two = entered(&gates(16, set), &blogs, Duration::from_secs(60)).await;
        assert_eq!(times(&two), [0.0, 10.0, 60.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_in_trouble_is_closed_for_the_run() {
        let gates = gates(16, "");
        let url: Url = "https://a.example/".parse().unwrap();
        gates.trouble(&url, "slow down", true);
        assert_eq!(entered(&gates, &["https://a.example/"], Duration::ZERO).await[0].0, "");
        gates.trouble(&url, "slow down", true);
        assert_eq!(entered(&gates, &["https://a.example/"], Duration::ZERO).await[0].0, "slow down");
        gates.trouble(&"https://b.example/".parse().unwrap(), "no connection", false);
        let both = entered(&gates, &["https://b.example/", "https://c.example/"], Duration::ZERO).await;
        assert_eq!((both[0].0.as_str(), both[1].0.as_str()), ("no connection", ""));
        tokio::time::advance(LATELY).await;
        let both = entered(&gates, &["https://a.example/", "https://b.example/"], Duration::ZERO).await;
        assert_eq!(
            (both[0].0.as_str(), both[1].0.as_str()),
            ("", ""),
            "a run that listens goes on for weeks"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn every_hop_of_the_client_passes_its_gate() {
        let gates = gates(16, "");
        let asked: Vec<Url> =
            ["https://a.example/", "https://b.example/"].map(|url| url.parse().unwrap()).into();
        let began = Instant::now();
        for _ in 0..2 {
            for url in &asked {
                drop(gates.enter(url).await.unwrap());
            }
        }
        assert_eq!(began.elapsed().as_secs(), 1, "a redirect to b counts for b alone");
        assert!(format!("{:?}", admission(&gates)).contains("Admission"));
    }
}
