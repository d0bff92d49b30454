//! The links in memory: all of the store's, and those made since as soon as somebody asks for one.

use crate::block_list::BlockList;
use crate::rows::Link;
use crate::slug;
use crate::tables::Tables;
use crate::target;
use anyhow::{Result, anyhow};
use hyper::header::HeaderValue;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use url::Url;

/// Links read at once.
const PAGE: i64 = 10_000;

/// A link as it is answered.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The `Location`.
    pub location: HeaderValue,
    /// When it ends, for those that do.
    pub end: Option<Arc<End>>,
}

/// The end of a link.
#[derive(Debug)]
pub struct End {
    expires_ms: i64,
    max_clicks: u64,
    clicks: AtomicU64,
}

impl End {
    /// The end of a link that leads nowhere any more.
    fn past() -> Arc<End> {
        Arc::new(End { expires_ms: i64::MIN, max_clicks: 0, clicks: AtomicU64::new(0) })
    }

    /// Takes one click at an instant; false when the link has ended. Only people's clicks use it up.
    pub fn take(&self, at_ms: i64, is_human: bool) -> bool {
        if at_ms >= self.expires_ms {
            return false;
        }
        let (step, order) = (u64::from(is_human), Ordering::Relaxed);
        let more = |clicks: u64| (clicks < self.max_clicks).then_some(clicks + step);
        self.clicks.try_update(order, order, more).is_ok()
    }
}

/// All links.
#[derive(Debug)]
pub struct Table {
    tables: Tables,
    /// Where no link leads any more.
    blocked: BlockList,
    links: RwLock<HashMap<Box<str>, Entry>>,
    /// Up to where the store has been read: revision and code.
    position: Mutex<(i64, String)>,
    /// How many refreshes have begun, and the turn to do one.
    begun: AtomicU64,
    turn: tokio::sync::Mutex<()>,
}

impl Table {
    /// Reads all links.
    pub fn load(tables: Tables, blocked: BlockList) -> Result<Table> {
        let table = Table {
            tables,
            blocked,
            links: RwLock::default(),
            position: Mutex::new((-1, String::new())),
            begun: AtomicU64::new(0),
            turn: tokio::sync::Mutex::new(()),
        };
        table.read_on()?;
        Ok(table)
    }

    /// The link of a code as typed: the very code, else what the visitor must have meant.
    pub fn find(&self, typed: &str) -> Option<(String, Entry)> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        let look = |code: String| links.get(code.as_str()).cloned().map(|entry| (code, entry));
        slug::meant(typed).into_iter().find_map(look)
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
        loop {
            let page = self.tables.links_after(&position, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            let next = (last.revision, last.code.clone());
            let entries = page.iter().map(|link| self.entry(link)).collect::<Result<Vec<_>>>()?;
            let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
            links.extend(entries.into_iter().flatten());
            *position = next;
        }
    }

    /// A link for memory; `None` for one whose target cannot be written into a header, which none that we made is.
    fn entry(&self, link: &Link) -> Result<Option<(Box<str>, Entry)>> {
        let location = target::location(&link.target).and_then(|text| HeaderValue::try_from(text).ok());
        let Some(location) = location else { return Ok(None) };
        let is_blocked = Url::parse(&link.target).is_ok_and(|url| self.blocked.holds(&url).is_some());
        let end = if is_blocked {
            Some(End::past())
        } else if link.expires_ms.is_some() || link.max_clicks.is_some() {
            Some(Arc::new(End {
                expires_ms: link.expires_ms.unwrap_or(i64::MAX),
                max_clicks: link.max_clicks.and_then(|max| u64::try_from(max).ok()).unwrap_or(u64::MAX),
                clicks: AtomicU64::new(self.tables.count(&link.code, "human")?),
            }))
        } else {
            None
        };
        Ok(Some((link.code.as_str().into(), Entry { location, end })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_use_a_link_up_and_time_ends_it_for_all() {
        let end = End { expires_ms: 100, max_clicks: 2, clicks: AtomicU64::new(1) };
        assert!(end.take(0, false) && end.take(0, false) && end.take(0, true));
        assert!(!end.take(0, true) && !end.take(0, false));
        let end = End { expires_ms: 100, max_clicks: u64::MAX, clicks: AtomicU64::new(0) };
        assert!(end.take(99, true) && !end.take(100, true));
    }
}
