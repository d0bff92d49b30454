//! Comments on what a user wrote. In: a name. Out: who answered. The index does not know whom a comment answers but by its
//! number, so the threads that the user wrote in lately are asked for, and what does not answer the user is left out.

use super::item::{date, item, number};
use super::read::Reader;
use crate::services::Trouble;
use crate::services::members::name;
use crate::services::walk::Taken;
use crate::services::window::Window;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far back what the user wrote is watched: threads are closed after two weeks.
const WATCHED: TimeDelta = TimeDelta::days(21);
/// Answers come late into the index, and a user's words too.
pub(super) const OVERLAP: TimeDelta = TimeDelta::days(2);
/// Threads of one question.
const THREADS: usize = 50;

/// Where a run stands.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Plan {
    /// What the user wrote.
    mine: BTreeSet<String>,
    /// Threads that remain.
    threads: Vec<String>,
    /// Where the next page of the first of them begins.
    at: Option<String>,
}

impl Plan {
    /// As a cursor says.
    pub(super) fn read(at: &str) -> Option<Plan> {
        serde_json::from_str(at).ok()
    }
}

impl Reader {
    /// The first page finds the threads, each further one reads some of them.
    pub(super) async fn replies(
        &self,
        user: &str,
        since: Option<DateTime<Utc>>,
        plan: Option<Plan>,
    ) -> Result<Taken, Trouble> {
        let Some(mut plan) = plan else { return self.threads(user).await };
        let some = plan.threads.len().min(THREADS);
        let tags: Vec<String> = plan.threads[..some].iter().map(|thread| format!("story_{thread}")).collect();
        let from = since.unwrap_or_else(|| self.api.now() - WATCHED);
        let tags = format!("comment,({})", tags.join(","));
        let window = plan.at.as_deref().and_then(Window::read);
        let (taken, hits) = self.some_window(&tags, from, window).await?;
        let answers = |hit: &&serde_json::Value| {
            name(&hit["parent_id"]).is_some_and(|parent| plan.mine.contains(&parent))
        };
        let items = hits.iter().filter(answers).filter_map(|hit| item(hit, Some(user)));
        let items = items.map(|item| crate::services::Item { kind: "reply", ..item }).collect();
        plan.at = taken.next;
        if plan.at.is_none() {
            plan.threads.drain(..some);
        }
        let next = if plan.threads.is_empty() { None } else { serde_json::to_string(&plan).ok() };
        Ok(Taken { items, next, ..taken })
    }

    async fn some_window(
        &self,
        tags: &str,
        from: DateTime<Utc>,
        window: Option<Window>,
    ) -> Result<(Taken, Vec<serde_json::Value>), Trouble> {
        let hits = self.hits("", tags, Some(from), window).await?;
        let (next, _) = Window::after(window, hits.seen);
        let dates = hits.hits.iter().filter_map(date).collect();
        Ok((Taken { dates, next: next.map(Window::write), ..Taken::default() }, hits.hits))
    }

    async fn threads(&self, user: &str) -> Result<Taken, Trouble> {
        let since = self.api.now() - WATCHED;
        let hits = self.hits("", &format!("(story,comment),author_{user}"), Some(since), None).await?.hits;
        let mine: BTreeSet<String> = hits.iter().filter_map(number).collect();
        let story = |hit: &serde_json::Value| name(&hit["story_id"]).or_else(|| number(hit));
        let threads: BTreeSet<String> = hits.iter().filter_map(story).collect();
        let plan = Plan { mine, threads: threads.into_iter().collect(), at: None };
        let next = if plan.threads.is_empty() { None } else { serde_json::to_string(&plan).ok() };
        Ok(Taken { next, ..Taken::default() })
    }
}
