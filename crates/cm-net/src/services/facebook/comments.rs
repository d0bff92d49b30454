//! Comments on a page's posts. Nothing lists them but the posts themselves, which are sorted by their own date: so every run
//! reads the posts of the newest thirty days with their newest fifty comments, and the first run of a day (UTC) those of a
//! year, as old posts are commented on too. Of a post with more, the rest is read as far back as the last run, less a
//! day. Visitors' posts come along.

use super::item::{COMMENT, comment, date, post};
use super::read::{Reader, earlier, listed, onward};
use super::trouble::limit;
use crate::services::api::Answer;
use crate::services::members::{list, name};
use crate::services::{Item, Page, Trouble, Wanted};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How old posts are whose comments every run reads.
const NEAR: TimeDelta = TimeDelta::days(30);
/// And the first of a day.
const FAR: TimeDelta = TimeDelta::days(365);
/// How far before the newest known comment a run begins.
const OVERLAP: TimeDelta = TimeDelta::days(1);
/// Posts on a page: each brings fifty comments. Fewer where that is too much for one answer.
const EACH: [&str; 3] = ["25", "5", "1"];
/// "Please reduce the amount of data you're asking for, then retry your request": code 1, as other things.
const TOO_MUCH: &str = "reduce the amount of data";
/// Pages of posts in one run, and of comments of one post.
const MOST_PAGES: u32 = 40;
const MOST_OF_A_POST: usize = 20;

/// From run to run, and within one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    /// Whose.
    of: String,
    /// The newest comment that was met.
    newest: Option<DateTime<Utc>>,
    /// When posts of a year were read.
    far: Option<NaiveDate>,
    /// Within a run: posts before this are not read, comments before that are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    floor: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(default)]
    pages: u32,
}

impl Reader {
    /// A page of posts with their comments.
    pub(super) async fn comments(&self, wanted: &Wanted, cursor: Option<&str>) -> Result<Page, Trouble> {
        let mut place = self.place(wanted, cursor);
        let answer = self.feed(place.after.as_deref()).await?;
        let posts = listed(&answer.value)?;
        let (mut items, mut notes, mut newest) = (Vec::new(), Vec::new(), place.newest);
        for value in posts {
            let found = self.of_post(value, place.since, &mut notes).await?;
            newest = found.iter().filter_map(|item| item.published).chain(newest).max();
            items.extend(found);
            items.extend(post(value, &self.page).filter(|post| !post.own && post.author.is_some()));
        }
        place.newest = newest.map(|newest| newest.min(self.api.now()));
        place.pages += 1;
        let last = posts.iter().filter_map(|post| date(&post["created_time"])).max();
        let reached = last.zip(place.floor).is_some_and(|(last, floor)| last < floor);
        let next = onward(&answer.value).filter(|next| !reached && Some(next) != place.after.as_ref());
        let full = place.pages >= MOST_PAGES;
        if full && next.is_some() {
            notes.push("many posts: comments on the oldest were not read".to_owned());
        }
        let limit = limit(&answer.response.headers);
        if let Some(after) = next.filter(|_| !full) {
            place.after = Some(after);
            let next = serde_json::to_string(&place).ok();
            return Ok(Page { items, next, mark: None, notes, limit });
        }
        let (of, newest, far) = (place.of, place.newest, place.far);
        let mark = Place { of, newest, far, ..Place::default() };
        Ok(Page { items, next: None, mark: serde_json::to_string(&mark).ok(), notes, limit })
    }

    async fn feed(&self, after: Option<&str>) -> Result<Answer, Trouble> {
        let (path, fields) = (format!("{}/feed", self.page), Reader::with_comments());
        for each in EACH {
            let query = [("fields", fields.as_str()), ("limit", each)];
            let query: Vec<(&str, &str)> =
                query.into_iter().chain(after.map(|after| ("after", after))).collect();
            match self.ask(&path, &query).await {
                Err(Trouble::Later { reason, .. }) if reason.contains(TOO_MUCH) => {}
                answer => return answer,
            }
        }
        let reason = "Facebook gives not even one post with its comments".to_owned();
        Err(Trouble::Later { reason, after: None })
    }

    fn place(&self, wanted: &Wanted, cursor: Option<&str>) -> Place {
        let read = |text: &str| serde_json::from_str::<Place>(text).ok();
        if let Some(place) = cursor.and_then(read) {
            return place;
        }
        let mark = wanted.mark.as_deref().and_then(read).filter(|mark| mark.of == self.page);
        let (now, first) = (self.api.now(), mark.is_none());
        let mark = mark.unwrap_or_default();
        let today = now.date_naive();
        let is_near = mark.far == Some(today);
        let known = mark.newest.and_then(|newest| newest.checked_sub_signed(OVERLAP));
        let floor = Some(now - if is_near { NEAR } else { FAR });
        Place {
            of: self.page.clone(),
            newest: mark.newest,
            far: Some(today),
            // At first sight as far as is wanted, where that is further.
            floor: if first { earlier(floor, wanted.since) } else { floor },
            since: known.or(wanted.since),
            ..Place::default()
        }
    }

    /// The comments of a post: what came with it, and what is new beyond that.
    async fn of_post(
        &self,
        post: &Value,
        since: Option<DateTime<Utc>>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Item>, Trouble> {
        let Some(number) = name(&post["id"]) else { return Ok(Vec::new()) };
        let item = |value: &Value| comment(value, &number, &self.page);
        let mut page = post["comments"].clone();
        let mut items: Vec<Item> = list(&page["data"]).iter().filter_map(item).collect();
        for _ in 0..MOST_OF_A_POST {
            let oldest = list(&page["data"]).iter().filter_map(|value| date(&value["created_time"])).min();
            let known = oldest.zip(since).is_some_and(|(oldest, since)| oldest < since);
            let Some(after) = onward(&page).filter(|_| !known) else { return Ok(items) };
            let query = [
                ("fields", COMMENT),
                ("filter", "stream"),
                ("order", "reverse_chronological"),
                ("limit", "100"),
                ("after", after.as_str()),
            ];
            page = self.ask(&format!("{number}/comments"), &query).await?.value;
            items.extend(listed(&page)?.iter().filter_map(item));
        }
        notes.push(format!("{number} has very many comments: the oldest were not read"));
        Ok(items)
    }
}
