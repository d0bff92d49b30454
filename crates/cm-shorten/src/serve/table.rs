//! The links in memory: all of the store's, and those made or changed since as soon as somebody asks for one.

use super::arena::Arena;
use super::packed::{Entry, pack, unpack};
use crate::block_list::BlockList;
use crate::rows::Route;
use crate::slug;
use crate::tables::{Position, START, Tables};
use anyhow::{Result, anyhow};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use url::Url;

/// Links read at once.
const PAGE: i64 = 10_000;
/// Links put in before those who ask have their turn.
const TURN: usize = 500;

/// A link that was found.
#[derive(Debug)]
pub struct Found {
    /// Its code, which may be written another way than what was typed.
    pub code: String,
    /// The link.
    pub entry: Entry,
    /// How many people have clicked, for one that ends by that.
    clicks: Option<Arc<AtomicU64>>,
}

impl Found {
    /// Takes one click at an instant; false when the link has ended. Only people's clicks use it up.
    pub fn take(&self, at_ms: i64, is_human: impl FnOnce() -> bool) -> bool {
        if self.entry.expires_ms.is_some_and(|end| at_ms >= end) {
            return false;
        }
        let (Some(most), Some(clicks)) = (self.entry.max_clicks, &self.clicks) else { return true };
        let (step, order) = (u64::from(is_human()), Ordering::Relaxed);
        clicks.try_update(order, order, |count| (count < most).then_some(count + step)).is_ok()
    }
}

/// All links.
#[derive(Debug)]
pub struct Table {
    tables: Tables,
    /// Where no link leads any more.
    blocked: RwLock<BlockList>,
    links: RwLock<Links>,
    /// Up to where the store has been read.
    position: Mutex<Position>,
    /// How many refreshes have begun, and the turn to do one.
    begun: AtomicU64,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Links {
    arena: Arena,
    /// Clicks of people on the links that end by them.
    clicks: HashMap<Box<str>, Arc<AtomicU64>>,
    /// Codes from elsewhere that have capitals, by their lower case; `None` where several differ in capitals only.
    capitals: HashMap<Box<str>, Option<Box<str>>>,
}

/// A link on its way into memory.
struct Ready {
    code: String,
    packed: Vec<u8>,
    clicks: Option<u64>,
}

impl Table {
    /// Reads all links.
    pub fn load(tables: Tables, blocked: BlockList) -> Result<Table> {
        let links = Links { arena: Arena::with_capacity(tables.link_count()?), ..Links::default() };
        let table = Table {
            tables,
            blocked: RwLock::new(blocked),
            links: RwLock::new(links),
            position: Mutex::new((START.0, START.1.to_owned())),
            begun: AtomicU64::new(0),
            turn: tokio::sync::Mutex::new(()),
        };
        table.read_on()?;
        Ok(table)
    }

    /// How many links there are.
    pub fn len(&self) -> usize {
        self.links.read().unwrap_or_else(PoisonError::into_inner).arena.len()
    }

    /// The link of a code as typed: the very code, else what the visitor must have meant.
    pub fn find(&self, typed: &str) -> Option<Found> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.find(typed).or_else(|| {
            let meant = slug::meant(typed);
            let found = meant.iter().find_map(|code| links.find(code));
            found.or_else(|| links.find(meant.iter().find_map(|lower| links.with_capitals(lower))?))
        })
    }

    /// Reads what is new in the store. Callers that come while others wait share one reading that began after they
    /// came, so that guessing codes costs the store little.
    pub async fn refresh<S: Send + Sync + 'static>(holder: &Arc<S>, table: fn(&S) -> &Table) -> Result<()> {
        let this = table(holder);
        let seen = this.begun.load(Ordering::SeqCst);
        let _turn = this.turn.lock().await;
        if this.begun.load(Ordering::SeqCst) > seen {
            return Ok(());
        }
        this.begun.fetch_add(1, Ordering::SeqCst);
        let holder = Arc::clone(holder);
        let reading = tokio::task::spawn_blocking(move || table(&holder).read_on());
        reading.await.map_err(|_| anyhow!("reading the store broke off"))?
    }

    fn read_on(&self) -> Result<()> {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((page, next)) = self.tables.routes_after(&position, PAGE)? {
            let people = self.people(&page)?;
            let ready: Vec<Ready> = page.iter().filter_map(|route| self.ready(route, &people)).collect();
            for some in ready.chunks(TURN) {
                let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
                some.iter().for_each(|one| links.put(one));
            }
            *position = next;
        }
        Ok(())
    }

    /// Obeys another block list; all links are read anew with the next refresh.
    pub fn block(&self, blocked: &BlockList) {
        let mut before = self.blocked.write().unwrap_or_else(PoisonError::into_inner);
        if *before == *blocked {
            return;
        }
        before.clone_from(blocked);
        drop(before);
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        *position = (START.0, START.1.to_owned());
    }

    /// Clicks of people on those links that end by them: asked for at once, for the clicks that are not added up yet are
    /// looked through each time.
    fn people(&self, page: &[Route]) -> Result<HashMap<String, u64>> {
        let ending = page.iter().filter(|route| route.max_clicks.is_some());
        let codes: Vec<String> = ending.map(|route| route.code.clone()).collect();
        if codes.is_empty() {
            return Ok(HashMap::new());
        }
        let counts = self.tables.counts(codes)?;
        Ok(counts.into_iter().map(|(code, count)| (code, u64::try_from(count.human).unwrap_or(0))).collect())
    }

    /// What of a link takes time, done before anybody has to wait for it.
    fn ready(&self, route: &Route, people: &HashMap<String, u64>) -> Option<Ready> {
        let packed = pack(&self.unblocked(route))?;
        let clicks = route.max_clicks.map(|_| people.get(&route.code).copied().unwrap_or(0));
        Some(Ready { code: route.code.clone(), packed, clicks })
    }

    /// The link without what leads to a blocked domain: it has ended, or has no fallback.
    fn unblocked<'a>(&self, route: &'a Route) -> Cow<'a, Route> {
        let blocked = self.blocked.read().unwrap_or_else(PoisonError::into_inner);
        let is_blocked = |url: &str| Url::parse(url).is_ok_and(|url| blocked.holds(&url).is_some());
        if blocked.is_empty() {
            return Cow::Borrowed(route);
        }
        let fallback = route.fallback.clone().filter(|fallback| !is_blocked(fallback));
        let expires_ms = if is_blocked(&route.target) { Some(i64::MIN) } else { route.expires_ms };
        Cow::Owned(Route { fallback, expires_ms, ..route.clone() })
    }
}

impl Links {
    fn find(&self, code: &str) -> Option<Found> {
        let entry = unpack(self.arena.get(code.as_bytes())?)?;
        let clicks = entry.max_clicks.and_then(|_| self.clicks.get(code).cloned());
        Some(Found { code: code.to_owned(), entry, clicks })
    }

    /// The code that is this one but for its capitals.
    fn with_capitals(&self, lower: &str) -> Option<&str> {
        self.capitals.get(lower)?.as_deref()
    }

    fn put(&mut self, one: &Ready) {
        self.arena.put(one.code.as_bytes(), &one.packed);
        if one.code.bytes().any(|b| b.is_ascii_uppercase()) {
            let known = self.capitals.entry(one.code.to_ascii_lowercase().into());
            let known = known.or_insert_with(|| Some(one.code.as_str().into()));
            if known.as_deref() != Some(&one.code) {
                *known = None;
            }
        }
        match one.clicks {
            // Who has counted already knows of clicks that are not in the store yet.
            Some(count) => {
                self.clicks
                    .entry(one.code.as_str().into())
                    .or_insert_with(|| Arc::new(AtomicU64::new(count)));
            }
            None => {
                self.clicks.remove(one.code.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expires_ms: Option<i64>, max_clicks: Option<u64>, count: u64) -> Found {
        let route = Route {
            code: "k".into(),
            target: "https://a.example/".into(),
            expires_ms,
            max_clicks,
            fallback: None,
            status: None,
            max_age: None,
        };
        let entry = unpack(&pack(&route).unwrap()).unwrap();
        Found { code: route.code, entry, clicks: Some(Arc::new(AtomicU64::new(count))) }
    }

    #[test]
    fn only_people_use_a_link_up_and_time_ends_it_for_all() {
        let link = found(Some(100), Some(2), 1);
        assert!(link.take(0, || false) && link.take(0, || false) && link.take(0, || true));
        assert!(!link.take(0, || true) && !link.take(0, || false));
        let link = found(Some(100), None, 0);
        assert!(link.take(99, || true) && !link.take(100, || true));
    }

    #[test]
    fn codes_from_elsewhere_are_found_in_other_capitals_unless_there_are_several() {
        let mut links = Links::default();
        for code in ["12Kb3", "AbC", "aBC", "12Kb3"] {
            links.put(&Ready { code: code.into(), packed: pack_of(2), clicks: None });
        }
        assert_eq!(links.with_capitals("12kb3"), Some("12Kb3"));
        assert_eq!((links.with_capitals("abc"), links.with_capitals("none")), (None, None));
    }

    #[test]
    fn a_link_that_is_read_again_keeps_its_count() {
        let mut links = Links::default();
        let ready = |clicks| Ready { code: "k".into(), packed: pack_of(2), clicks };
        links.put(&ready(Some(0)));
        assert!(links.find("k").unwrap().take(0, || true));
        links.put(&ready(Some(0)));
        assert!(links.find("k").unwrap().take(0, || true) && !links.find("k").unwrap().take(0, || true));
        links.put(&ready(None));
        assert!(links.clicks.is_empty());
    }

    fn pack_of(most: u64) -> Vec<u8> {
        let target = "https://a.example/".to_owned();
        let route = Route {
            code: "k".into(),
            target,
            expires_ms: None,
            max_clicks: Some(most),
            fallback: None,
            status: None,
            max_age: None,
        };
        pack(&route).unwrap()
    }
}
