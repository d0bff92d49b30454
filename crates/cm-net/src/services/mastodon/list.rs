//! Lists with `Link` headers (<https://docs.joinmastodon.org/api/guidelines/#pagination>). In: a list and how far it was read.
//! Out: its pages.
//!
//! The first time a list is read from the new to the old (`rel="next"`), a stream as far back as is wanted, a queue whole.
//! After that it is read from the mark to the new (`min_id`, then `rel="prev"`): `since_id` would give the newest page and
//! leave a hole behind it. Of a `Link` only the query is taken: behind a proxy its scheme and host may be wrong.

use super::ladder::{Ladder, Mark};
use super::session::Session;
use super::status::{array, instant, number};
use crate::services::api::Answer;
use crate::services::{Trouble, Wanted};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Pages of one run.
const MOST_PAGES: usize = 100;

/// A list.
pub(super) struct List {
    /// Its path.
    pub(super) path: String,
    /// What it is asked with, but for paging.
    pub(super) query: Vec<(String, String)>,
    /// Entries of a page, the most that servers give.
    pub(super) limit: &'static str,
    /// The scope that a token needs.
    pub(super) scope: &'static str,
    /// What is a stream is read back to an instant; a queue whole.
    pub(super) is_stream: bool,
}

/// Where a run stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Place {
    /// From the mark to the new; else from the new to the old.
    pub(super) forward: bool,
    /// The paging parameters of the next page.
    turn: Vec<(String, String)>,
    ladder: Ladder,
    pages: usize,
}

/// A page as the server has it.
pub(super) struct Taken {
    /// Its answer.
    pub(super) answer: Answer,
    /// The place after it; absent at the end.
    pub(super) next: Option<Place>,
    /// To go on from the next time; at the end only.
    pub(super) mark: Option<String>,
    /// What was not read.
    pub(super) note: Option<String>,
}

impl Place {
    /// At the mark of the last run, else at the newest.
    pub(super) fn begin(wanted: &Wanted, session: &Session) -> Place {
        match Mark::read(wanted.mark.as_deref(), &session.id) {
            Some(mark) => Place {
                forward: true,
                turn: vec![("min_id".to_owned(), mark.after.clone())],
                ladder: Ladder::from(&mark),
                pages: 0,
            },
            None => Place::newest(),
        }
    }

    /// At the newest, whatever was read before.
    pub(super) fn newest() -> Place {
        Place { forward: false, turn: Vec::new(), ladder: Ladder::default(), pages: 0 }
    }

    /// As the last page left it.
    pub(super) fn read(cursor: &str) -> Result<Place, Trouble> {
        serde_json::from_str(cursor).map_err(|e| Trouble::Refused(format!("no cursor of ours: {e}")))
    }

    /// As a cursor.
    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

impl List {
    /// The page at a place.
    pub(super) async fn page(
        &self,
        session: &Session,
        mut place: Place,
        since: Option<DateTime<Utc>>,
    ) -> Result<Taken, Trouble> {
        let mut query: Vec<(&str, &str)> = self.query.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        query.push(("limit", self.limit));
        query.extend(place.turn.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let answer = session.get(&self.path, &query, self.scope).await?;
        if !answer.value.is_array() {
            let host = &session.host;
            return Err(Trouble::Refused(format!(
                "{host} answered with JSON that is no list of {}",
                self.path
            )));
        }
        let entries: Vec<(Option<DateTime<Utc>>, String)> =
            array(&answer.value).iter().filter_map(|row| Some((date(row), position(row)?))).collect();
        let now = session.api.now();
        let dated = entries.iter().filter_map(|(at, id)| Some(((*at)?, id)));
        match place.forward {
            true => dated.rev().for_each(|(at, id)| place.ladder.up(at, id, now)),
            false => dated.for_each(|(at, id)| place.ladder.down(at, id, now)),
        }
        place.pages += 1;
        let turn = turn(&answer, place.forward, &entries);
        let newest = entries.iter().filter_map(|(at, _)| *at).max();
        let reached = !place.forward
            && self.is_stream
            && newest.zip(since).is_some_and(|(newest, since)| newest < since);
        let again = turn.as_ref() == Some(&place.turn);
        let more = turn.filter(|_| !entries.is_empty() && !reached && !again);
        if let Some(turn) = more.clone().filter(|_| place.pages < MOST_PAGES) {
            return Ok(Taken { answer, next: Some(Place { turn, ..place }), mark: None, note: None });
        }
        let note = more.as_ref().map(|_| match place.forward {
            true => format!("{} pages were read in one run, the rest comes with the next", place.pages),
            false => format!("{} pages were read in one run, older ones were not", place.pages),
        });
        // A run that goes forward and stops on its way goes on there.
        let mark = place.ladder.mark(&session.id, !(place.forward && more.is_some()));
        Ok(Taken { answer, next: None, mark, note })
    }
}

/// By what an entry stands where it stands: conversations by the number of their last status.
fn position(row: &Value) -> Option<String> {
    number(&row["last_status"]["id"]).or_else(|| number(&row["id"]))
}

/// When an entry was made; of a conversation, when something was last said in it.
pub(super) fn date(row: &Value) -> Option<DateTime<Utc>> {
    instant(&row["last_status"]["created_at"]).or_else(|| instant(&row["created_at"]))
}

/// How the next page is asked for: as the `Link` says; where a server sends none at all, by the numbers of this page.
fn turn(
    answer: &Answer,
    forward: bool,
    entries: &[(Option<DateTime<Utc>>, String)],
) -> Option<Vec<(String, String)>> {
    let pair = |name: &str, id: &String| vec![(name.to_owned(), id.clone())];
    if answer.response.header("link").is_none() {
        return match forward {
            true => entries.first().map(|(_, id)| pair("min_id", id)),
            false => entries.last().map(|(_, id)| pair("max_id", id)),
        };
    }
    let link = answer.link(if forward { "prev" } else { "next" })?;
    let paging = ["max_id", "min_id", "since_id", "offset"];
    let turn: Vec<(String, String)> =
        link.query_pairs().into_owned().filter(|(name, _)| paging.contains(&name.as_str())).collect();
    // Older servers write `since_id` where they go to the new: that would leave a hole.
    let forward_only = |(name, value): (String, String)| match name.as_str() {
        "since_id" if forward => ("min_id".to_owned(), value),
        _ => (name, value),
    };
    Some(turn.into_iter().map(forward_only).collect()).filter(|turn: &Vec<_>| !turn.is_empty())
}
