//! Searches (`GET /api/v2/search`). In: a query. Out: pages of statuses, by offset: searches have no `Link`.
//!
//! A server finds words only where its makers gave it full-text search (Mastodon: Elasticsearch), and then in what its
//! accounts wrote, boosted or were told, and what people left open to searches. Without it, it answers an empty list, as if
//! nothing were there. So when nothing is found, it is asked for what we wrote ourselves (`from:me`, 4.2).

use super::session::Session;
use super::status::{array, count, instant};
use crate::services::api::Answer;
use crate::services::{Trouble, Wanted};
use chrono::{DateTime, TimeDelta, Utc};

/// Hits of a page.
const PAGE: usize = 40;
/// How far a page reaches into the one before: what is deleted meanwhile pulls the list back.
const REACH: usize = 5;
/// Hits of one run.
const MOST: usize = 1_000;
/// How far a run reaches into the last one.
const OVERLAP: TimeDelta = TimeDelta::days(1);
const PATH: &str = "api/v2/search";
const SCOPE: &str = "read:search";

/// A page of hits.
pub(super) struct Hits {
    /// The answer.
    pub(super) answer: Answer,
    /// Where to go on.
    pub(super) next: Option<String>,
    /// For the next run.
    pub(super) mark: Option<String>,
    /// Why there is nothing, or not all.
    pub(super) note: Option<String>,
}

/// The page of a search after `cursor`: an offset and the newest instant met.
pub(super) async fn page(
    session: &Session,
    parameters: &[(String, String)],
    wanted: &Wanted,
    cursor: Option<&str>,
) -> Result<Hits, Trouble> {
    let (offset, met) = cursor.and_then(|cursor| cursor.split_once(' ')).unwrap_or(("0", ""));
    let offset: usize = offset.parse().unwrap_or(0);
    let (text, limit) = (offset.to_string(), PAGE.to_string());
    let mut query: Vec<(&str, &str)> = parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    query.extend([("type", "statuses"), ("limit", &limit), ("offset", &text)]);
    let answer = session.get(PATH, &query, SCOPE).await?;
    let rows = array(&answer.value["statuses"]);
    let last = wanted.mark.as_deref().and_then(|mark| mark.split_once(' '));
    let last = last.filter(|(_, me)| *me == session.id).and_then(|(at, _)| cm_time::parse_rfc3339(at));
    let until = last.map(|at| at - OVERLAP).or(wanted.since);
    let dates: Vec<DateTime<Utc>> = rows.iter().filter_map(|row| instant(&row["created_at"])).collect();
    let reached = dates.iter().max().zip(until).is_some_and(|(newest, until)| *newest < until);
    let newest = dates.iter().copied().chain(cm_time::parse_rfc3339(met)).chain(last).max();
    let newest = newest.map(|at| at.min(session.api.now()));
    let more = rows.len() > REACH && !reached;
    let full = offset + PAGE >= MOST;
    let note = match (more && full, offset == 0 && rows.is_empty()) {
        (true, _) => Some(format!("{MOST} hits were read in one run, older ones were not")),
        (_, true) if cannot(session).await? => Some(
            "nothing found, nor any of the account's own posts: this server has no full-text search, as it seems; follow a tag instead (tag/NAME)".to_owned(),
        ),
        _ => None,
    };
    let shown = newest.map(cm_time::rfc3339).unwrap_or_default();
    let next = (more && !full).then(|| format!("{} {shown}", offset + rows.len() - REACH));
    let mark = newest.filter(|_| next.is_none()).map(|at| format!("{} {}", cm_time::rfc3339(at), session.id));
    Ok(Hits { answer, next, mark, note })
}

/// Whether the server does not even find what we wrote. That it cannot be asked is no answer.
async fn cannot(session: &Session) -> Result<bool, Trouble> {
    if count(&session.me["statuses_count"]).unwrap_or(0) == 0 {
        return Ok(false);
    }
    let query = [("q", "from:me"), ("type", "statuses"), ("limit", "1")];
    match session.get(PATH, &query, SCOPE).await {
        Ok(answer) => Ok(array(&answer.value["statuses"]).is_empty()),
        Err(Trouble::Refused(_) | Trouble::Credentials(_)) => Ok(false),
        Err(later) => Err(later),
    }
}

/// The server's number of a status that is known by its address; asking makes the server fetch what it has not.
pub(super) async fn number_of(session: &Session, uri: &str) -> Result<String, Trouble> {
    let query = [("q", uri), ("type", "statuses"), ("resolve", "true"), ("limit", "1")];
    let answer = session.get(PATH, &query, SCOPE).await?;
    let found =
        array(&answer.value["statuses"]).first().and_then(|status| super::status::number(&status["id"]));
    found.ok_or_else(|| Trouble::Refused(format!("{} does not know {uri}", session.host)))
}
