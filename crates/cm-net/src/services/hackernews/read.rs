//! Reading half of `hackernews:`. In: what is wanted and where the last run ended. Out: hits as items, the newest first.
//!
//! Of a question only the first 1000 hits can be had. So a list is read by windows of time (`window.rs`): each page asks
//! for what is no newer than the oldest of the last one. What comes late into the index is met by the overlap.

use super::item::{date, item};
use super::replies::{self, Plan};
use super::sources::{OFFERS, Source};
use crate::Read;
use crate::services::api::Api;
use crate::services::members::{count, list};
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::window::{Seen, Window};
use crate::services::{NextPage, Trouble, Wanted};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

/// The most hits of a question.
const HITS: u64 = 1000;
/// A run reads forty thousand at most. The index is asked for what is new: it leaves out the rest itself.
const RULE: Rule = Rule { overlap: TimeDelta::days(1), pages: 40, sorted: false, resumes: true };

/// The index.
pub(super) struct Reader {
    pub(super) api: Api,
    pub(super) base: Url,
    pub(super) user: Option<String>,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        Source::is_stream(what)
    }

    fn server(&self) -> Option<Url> {
        super::server(&self.base)
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what)?;
            let rule = match &source {
                // The window of what people answer moves on without us.
                Source::Replies(_) => Rule { overlap: replies::OVERLAP, resumes: false, ..RULE },
                Source::Index { .. } => RULE,
            };
            let walk = Walk::resume(wanted, cursor, "", rule);
            let since = walk.until();
            let taken = match &source {
                Source::Index { words, tags } => {
                    self.window(words, tags, since, walk.at.as_deref().and_then(Window::read)).await?
                }
                Source::Replies(user) => {
                    self.replies(user, since, walk.at.as_deref().and_then(Plan::read)).await?
                }
            };
            Ok(walk.turn(taken, wanted, rule, self.api.now()))
        })
    }
}

/// What a question found.
pub(super) struct Hits {
    /// The hits.
    pub(super) hits: Vec<Value>,
    /// How far they reach.
    pub(super) seen: Seen,
}

impl Reader {
    async fn window(
        &self,
        words: &str,
        tags: &str,
        since: Option<DateTime<Utc>>,
        window: Option<Window>,
    ) -> Result<Taken, Trouble> {
        let hits = self.hits(words, tags, since, window).await?;
        let (next, passed) = Window::after(window, hits.seen);
        let mut notes = Vec::new();
        if passed {
            notes.push(format!("{HITS} items of one second: there may be more of that second"));
        }
        Ok(Taken {
            items: hits.hits.iter().filter_map(|hit| item(hit, self.user.as_deref())).collect(),
            dates: hits.hits.iter().filter_map(date).collect(),
            next: next.map(Window::write),
            notes,
            limit: None,
        })
    }

    /// Asks the index once.
    pub(super) async fn hits(
        &self,
        words: &str,
        tags: &str,
        since: Option<DateTime<Utc>>,
        window: Option<Window>,
    ) -> Result<Hits, Trouble> {
        let (hits_per_page, page) = (HITS.to_string(), window.map_or(0, |window| window.page).to_string());
        let since = since.map(|since| format!("created_at_i>={}", since.timestamp()));
        let upto = window.map(|window| format!("created_at_i<={}", window.upto));
        let filters = since.into_iter().chain(upto).collect::<Vec<_>>().join(",");
        let mut query =
            vec![("tags", tags), ("hitsPerPage", hits_per_page.as_str()), ("page", page.as_str())];
        if !words.is_empty() {
            query.push(("query", words));
        }
        if words.contains('"') {
            query.push(("advancedSyntax", "true"));
        }
        if !filters.is_empty() {
            query.push(("numericFilters", filters.as_str()));
        }
        let answer = self.api.get("api/v1/search_by_date", &query).await?.value;
        if !answer["hits"].is_array() {
            return Err(Trouble::Later { reason: "the index answered without hits".to_owned(), after: None });
        }
        let hits = list(&answer["hits"]).to_vec();
        let most = count(&answer["hitsPerPage"]).filter(|most| (1..=HITS).contains(most)).unwrap_or(HITS);
        let pages = count(&answer["nbPages"]).unwrap_or(1);
        let seen = Seen {
            more: hits.len() as u64 >= most,
            last: window.map_or(0, |window| window.page) + 1 >= pages,
            oldest: hits.iter().filter_map(date).map(|date| date.timestamp()).min(),
        };
        Ok(Hits { hits, seen })
    }
}
