//! Lists sorted by date of change, the oldest first: issues, pull requests, comments, searches. And releases, which are
//! sorted by nothing that is of use and are few.

use super::place::{Mark, Onward, Place, Turned};
use super::read::Reader;
use super::sources::{List, Source};
use crate::services::members::{instant, list};
use crate::services::{Audience, Item, Page, Trouble, Wanted};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// Releases on a page.
const EACH: &str = "100";
/// Pages of releases at first sight.
const MOST_RELEASES: u32 = 5;

impl Reader {
    /// A page of issues, pull requests, comments or hits.
    pub(super) async fn list(
        &self,
        source: &Source,
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        let mut place = Place::resume(wanted, cursor, &wanted.what);
        let since = place.since.map(|since| since.to_rfc3339_opts(SecondsFormat::Secs, true));
        let (path, query) = question(source, since, &place)?;
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let headers: Vec<(&str, &str)> =
            place.etag().map(|etag| ("if-none-match", etag)).into_iter().collect();
        let Some(answer) = self.ask(&path, &query, &headers).await? else {
            return Ok(Page { mark: wanted.mark.clone(), ..Page::default() });
        };
        let entries =
            if matches!(source, Source::Search(_)) { &answer.value["items"] } else { &answer.value };
        if !entries.is_array() {
            let reason = format!("{}: the answer is no list", wanted.what);
            return Err(Trouble::Later { reason, after: None });
        }
        let items = self.items(source, list(entries)).await;
        let dates = list(entries).iter().filter_map(|value| instant(&value["updated_at"]));
        let more = answer.link("next").is_some();
        let mut notes = Vec::new();
        // What was not found in time is looked for again.
        let partial = answer.value["incomplete_results"] == true;
        let etag = answer.response.header("etag");
        let onward = place.turn(dates, Turned { more, whole: !partial, etag }, self.api.now());
        notes.extend(partial.then(|| "the search took too long there, hits may be missing".to_owned()));
        if matches!(onward, Onward::NextRun) {
            notes.push("much has changed: the next run goes on with the rest".to_owned());
        }
        let next = if matches!(onward, Onward::Page) { place.write() } else { None };
        // Few questions a minute may end a run in the middle of many pages: the next one goes on from there.
        Ok(Page { items, next, mark: place.mark.write(), notes, limit: answer.limit })
    }

    /// The items of a list's entries: issues and pull requests share one.
    async fn items(&self, source: &Source, entries: &[Value]) -> Vec<Item> {
        let audience = match source {
            Source::Repository(of, _) => self.audience(of).await,
            _ => (!self.api.has_secret()).then_some(Audience::Public),
        };
        let reading = self.reading(audience);
        let item = |value: &Value| -> Option<Item> {
            let is_pull = value["pull_request"].is_object();
            match source {
                Source::Repository(_, List::Comments | List::Reviews) => reading.comment(value),
                Source::Repository(_, List::Issues) if is_pull => None,
                Source::Repository(_, List::Pulls) if !is_pull => None,
                _ => reading.issue(value),
            }
        };
        entries.iter().filter_map(item).collect()
    }

    /// Releases: a page at a time until they are older than is wanted, in later runs the first page.
    pub(super) async fn releases(
        &self,
        of: &str,
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        let number: u32 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(1);
        let mark = Mark::read(wanted, &wanted.what);
        let headers: Vec<(&str, &str)> = mark
            .etag
            .as_deref()
            .filter(|_| number == 1)
            .map(|etag| ("if-none-match", etag))
            .into_iter()
            .collect();
        let page = number.to_string();
        let query = [("per_page", EACH), ("page", page.as_str())];
        let Some(answer) = self.ask(&format!("repos/{of}/releases"), &query, &headers).await? else {
            return Ok(Page { mark: wanted.mark.clone(), ..Page::default() });
        };
        let reading = self.reading(self.audience(of).await);
        let items: Vec<Item> =
            list(&answer.value).iter().filter_map(|value| reading.release(value)).collect();
        let newest = items.iter().filter_map(|item| item.published).max();
        let wanted_more = wanted.mark.is_none() && number < MOST_RELEASES && !older(newest, wanted.since);
        let next = (wanted_more && answer.link("next").is_some()).then(|| (number + 1).to_string());
        // The tag is of the first page; a run of several has none.
        let etag = answer.response.header("etag").filter(|_| number == 1).map(str::to_owned);
        let mark = next.is_none().then(|| Mark { newest, etag, of: wanted.what.clone() }.write()).flatten();
        Ok(Page { items, next, mark, notes: Vec::new(), limit: answer.limit })
    }
}

fn older(newest: Option<DateTime<Utc>>, since: Option<DateTime<Utc>>) -> bool {
    newest.zip(since).is_some_and(|(newest, since)| newest < since)
}

/// Path and query.
type Question = (String, Vec<(&'static str, String)>);

fn question(source: &Source, since: Option<String>, place: &Place) -> Result<Question, Trouble> {
    let (each, page) = (place.each.to_string(), place.page.to_string());
    let mut query = vec![("per_page", each), ("page", page), ("sort", "updated".to_owned())];
    let path = match source {
        Source::Search(words) => {
            let since = since.map(|since| format!(" updated:>={since}")).unwrap_or_default();
            query.extend([("q", format!("{words}{since}")), ("order", "asc".to_owned())]);
            return Ok(("search/issues".to_owned(), query));
        }
        Source::Repository(of, List::Issues | List::Pulls) => {
            query.push(("state", "all".to_owned()));
            format!("repos/{of}/issues")
        }
        Source::Repository(of, List::Comments) => format!("repos/{of}/issues/comments"),
        Source::Repository(of, List::Reviews) => format!("repos/{of}/pulls/comments"),
        _ => return Err(Trouble::Refused("no list by date of change".to_owned())),
    };
    query.push(("direction", "asc".to_owned()));
    query.extend(since.map(|since| ("since", since)));
    Ok((path, query))
}
