//! What an answer answers. In: statuses, which name their parents by this server's numbers. Out: the addresses of the
//! parents, and of the first of each thread.
//!
//! What was met in this run is known. The rest is asked for: parents by twenties (`GET /api/v1/statuses?id[]=`, Mastodon
//! 4.3), level by level; where a server cannot do that, all that stands above an answer at once
//! (`GET /api/v1/statuses/:id/context`), answer by answer. A parent that the server does not show, as it was deleted or was
//! meant for others, is nobody's: the answer then names none. Who runs short of requests does without: the items are more
//! important than their threads.

use super::session::Session;
use super::status::{array, name, number};
use crate::services::api::{Answer, Fault};
use crate::services::{Limit, Trouble};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

/// What the batch takes at once (Mastodon: `DEFAULT_STATUSES_LIMIT`).
const AT_ONCE: usize = 20;
/// How far up a thread is followed by twenties.
const LEVELS: usize = 40;
/// How far up what is known is followed: threads of the network have no such length.
const HEIGHT: usize = 5_000;
/// Questions of one run.
const MOST: usize = 300;
/// So many requests of the window are left for the lists themselves, which may have a hundred pages.
const RESERVE: u64 = 100;
/// Statuses that are remembered.
const REMEMBERED: usize = 100_000;

/// A status that was met.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    parent: Option<String>,
}

/// Statuses by their numbers; `None` is not to be had.
#[derive(Default)]
pub(super) struct Kin {
    known: Mutex<HashMap<String, Option<Known>>>,
    /// The server has no batch.
    one_by_one: AtomicBool,
    /// Questions asked.
    asked: AtomicUsize,
}

/// How the asking went.
#[derive(Default)]
pub(super) struct Asking {
    /// What is left of the limits.
    pub(super) limit: Option<Limit>,
    /// How many answers were left without what they answer, for want of requests, or as the server was in trouble.
    pub(super) left: usize,
    /// The last question met trouble of the server's own.
    in_trouble: bool,
}

impl Asking {
    /// Of whom nothing was asked yet.
    pub(super) fn of(limit: Option<Limit>) -> Asking {
        Asking { limit, ..Asking::default() }
    }
}

/// What is not asked with.
fn reserve(limit: &Limit) -> u64 {
    RESERVE.min(limit.limit / 3)
}

impl Kin {
    /// Asks for whatever stands above these statuses and is not known.
    pub(super) async fn gather(
        &self,
        session: &Session,
        statuses: &[&Value],
        limit: Option<Limit>,
    ) -> Result<Asking, Trouble> {
        statuses.iter().for_each(|status| self.meet(status));
        let mut asking = Asking::of(limit);
        for _ in 0..LEVELS {
            let missing = self.missing(statuses);
            if missing.is_empty() {
                return Ok(asking);
            }
            let enough = asking.limit.as_ref().is_none_or(|limit| limit.remaining > reserve(limit));
            if !enough || self.asked.load(Ordering::Relaxed) >= MOST {
                asking.left += missing.len();
                return Ok(asking);
            }
            if self.one_by_one.load(Ordering::Relaxed) {
                self.above(session, &missing, &mut asking).await?;
            } else {
                self.batch(session, &missing, &mut asking).await?;
            }
        }
        Ok(asking)
    }

    /// The names of what a status answers and of the first of its thread, as far as they are known.
    pub(super) fn of(&self, status: &Value) -> (Option<String>, Option<String>) {
        let known = self.known();
        let (mut next, mut parent, mut root) = (number(&status["in_reply_to_id"]), None, None);
        for _ in 0..HEIGHT {
            let Some(Some(met)) = next.as_ref().and_then(|id| known.get(id)) else { break };
            root = Some(met.name.clone());
            parent = parent.or_else(|| root.clone());
            next = met.parent.clone();
        }
        (parent, root)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Option<Known>>> {
        self.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn meet(&self, status: &Value) {
        let Some((id, name)) = number(&status["id"]).zip(name(status)) else { return };
        let mut known = self.known();
        if known.len() < REMEMBERED || known.contains_key(&id) {
            known.insert(id, Some(Known { name, parent: number(&status["in_reply_to_id"]) }));
        }
    }

    /// What is not known of what stands above, each with the status below which it was missed.
    fn missing(&self, statuses: &[&Value]) -> BTreeMap<String, String> {
        let known = self.known();
        let mut missing = BTreeMap::new();
        for status in statuses {
            let mut below = number(&status["id"]);
            let mut next = number(&status["in_reply_to_id"]);
            for _ in 0..HEIGHT {
                let Some((id, child)) = next.clone().zip(below) else { break };
                match known.get(&id) {
                    Some(Some(met)) => next = met.parent.clone(),
                    Some(None) => break,
                    None => {
                        missing.insert(id, child);
                        break;
                    }
                }
                below = Some(id);
            }
        }
        missing
    }

    async fn batch(
        &self,
        session: &Session,
        missing: &BTreeMap<String, String>,
        asking: &mut Asking,
    ) -> Result<(), Trouble> {
        let ids: Vec<&str> = missing.keys().map(String::as_str).collect();
        for some in ids.chunks(AT_ONCE) {
            let query: Vec<(&str, &str)> = some.iter().map(|id| ("id[]", *id)).collect();
            let Some(answer) = self.ask(session, "api/v1/statuses", &query, asking).await? else {
                self.one_by_one.store(true, Ordering::Relaxed);
                return Ok(());
            };
            let found = array(&answer.value);
            // Who does not know the question may answer with an empty list.
            if found.is_empty() && !answer.value.is_null() {
                self.one_by_one.store(true, Ordering::Relaxed);
                return Ok(());
            }
            found.iter().for_each(|status| self.meet(status));
            self.give_up(some.iter().copied());
        }
        Ok(())
    }

    /// All that stands above each of the answers.
    async fn above(
        &self,
        session: &Session,
        missing: &BTreeMap<String, String>,
        asking: &mut Asking,
    ) -> Result<(), Trouble> {
        for (id, child) in missing {
            if self.known().contains_key(id) {
                continue;
            }
            let path = format!("api/v1/statuses/{child}/context");
            if let Some(answer) = self.ask(session, &path, &[], asking).await? {
                array(&answer.value["ancestors"]).iter().for_each(|status| self.meet(status));
            } else if asking.limit.as_ref().is_some_and(|limit| limit.remaining <= reserve(limit)) {
                return Ok(());
            } else if asking.in_trouble {
                asking.left += 1;
            }
            self.give_up([id.as_str()]);
        }
        Ok(())
    }

    /// What was asked for and did not come is not to be had.
    fn give_up<'i>(&self, ids: impl IntoIterator<Item = &'i str>) {
        let mut known = self.known();
        for id in ids {
            known.entry(id.to_owned()).or_insert(None);
        }
    }

    /// `None`: the server said no. "Too many requests" leaves none to ask with.
    async fn ask(
        &self,
        session: &Session,
        path: &str,
        query: &[(&str, &str)],
        asking: &mut Asking,
    ) -> Result<Option<Answer>, Trouble> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match session.ask(path, query).await {
            Ok(answer) => {
                asking.limit = answer.limit.clone().or(asking.limit.take());
                Ok(Some(answer))
            }
            Err(Fault::Said(said)) => {
                asking.limit = said.limit.clone().or(asking.limit.take());
                asking.in_trouble = said.status >= 500;
                if said.status == 429 {
                    self.asked.store(MOST, Ordering::Relaxed);
                }
                Ok(None)
            }
            Err(Fault::Way(trouble)) => Err(trouble),
            Err(Fault::Lost(error)) => Err(error.into()),
        }
    }
}
