//! The visits of a check: hosts side by side, the pages of one host one after the other with pauses between. In: pages. Out:
//! the way of each, host by host as they are done.

use crate::ways::{Asker, End, Way};
use cm_time::Clock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use url::Url;

/// Hosts asked at once.
const HOSTS: usize = 8;
/// A host that wants a longer rest is left alone for this run.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// What became of a page.
pub type Visit = (String, Way);

/// Pages by their host, in the order in which they came.
pub fn by_host(pages: impl Iterator<Item = String>) -> Vec<Vec<String>> {
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for page in pages {
        let host =
            Url::parse(&page).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        hosts.entry(host.trim_start_matches("www.").to_owned()).or_default().push(page);
    }
    hosts.into_values().collect()
}

/// Visits the pages of all hosts; what was found of one is sent on as soon as it is done.
pub async fn visit(
    hosts: Vec<Vec<String>>,
    asker: Asker,
    clock: Clock,
    pause: Duration,
    found: mpsc::Sender<Vec<Visit>>,
) {
    let room = Arc::new(Semaphore::new(HOSTS));
    for pages in hosts {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let (asker, clock, found) = (asker.clone(), clock, found.clone());
        tokio::spawn(async move {
            let visits = one_host(pages, &asker, &clock, pause).await;
            drop(place);
            // Nobody listens any more where the run has failed.
            let _ = found.send(visits).await;
        });
    }
}

async fn one_host(pages: Vec<String>, asker: &Asker, clock: &Clock, pause: Duration) -> Vec<Visit> {
    let mut visits = Vec::with_capacity(pages.len());
    let mut is_left_alone = false;
    for page in pages {
        if is_left_alone {
            visits.push((page, Way { hops: Vec::new(), end: End::Unasked }));
            continue;
        }
        if !visits.is_empty() {
            tokio::time::sleep(pause).await;
        }
        let mut way = asker.follow(&page, |_| true, false).await;
        if let Some(rest) = rest(&way, clock) {
            is_left_alone = rest > LONGEST_REST;
            if !is_left_alone {
                tokio::time::sleep(rest).await;
                way = asker.follow(&page, |_| true, false).await;
                is_left_alone = self::rest(&way, clock).is_some();
            }
        }
        visits.push((page, way));
    }
    visits
}

/// How long a server wants to be left alone, if it does.
fn rest(way: &Way, clock: &Clock) -> Option<Duration> {
    match &way.end {
        End::Answered { status: 429 | 503, retry_after } => {
            let until = retry_after.map(|at| (at - clock.now()).to_std().unwrap_or_default());
            // Too often is too often, said with a time or not.
            Some(until.unwrap_or(LONGEST_REST * 2))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_by_host() {
        let pages =
            ["https://b.example/1", "http://www.a.example/1", "https://a.example/2", "https://b.example/2"];
        let hosts = by_host(pages.iter().map(|page| (*page).to_owned()));
        assert_eq!(hosts, [vec![pages[1], pages[2]], vec![pages[0], pages[3]]]);
    }
}
