//! Reading half of `wordpress.com:`. In: what is wanted and where the last run ended. Out: comments as items, newest first.
//!
//! Lists come newest first and are read by offset, each page reaching a little into the last one: what comes meanwhile pushes
//! the list on and is met twice; what goes pulls it back, and then the list is begun again. There is no date of change, and
//! a comment that is approved late has an old date: so a run reads the newest 30 days, and everything when the count of
//! what is older has changed, and once a week (`../mark.rs`). What has left a list is looked up.

use super::super::comment::{self, Comment};
use super::super::list;
use super::super::mark::{APPROVED, HELD, Mark};
use super::place::Place;
use super::session::{Session, Site};
use crate::Read;
use crate::services::api::Fault;
use crate::services::{Item, NextPage, Page, Trouble, Wanted};
use serde_json::{Value, json};
use std::collections::HashSet;
use url::Url;

/// The most that the API gives at once.
const PAGE: u64 = 100;
/// How far a page reaches into the one before.
const REACH: u64 = 10;
/// Pages of one run: some nine thousand comments.
const PAGES: u32 = 100;
/// How often a list that shrinks while it is read is begun again.
const RESTARTS: u32 = 2;
/// How many comments one run looks up one by one.
const ALONE: usize = 50;

/// A site whose comments are read.
pub(super) struct Reader {
    pub(super) site: Site,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        &["comments", "held", "spam", "trash"]
    }

    fn is_stream(&self, _what: &str) -> bool {
        false
    }

    fn server(&self) -> Option<Url> {
        Some(self.site.base().clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let status = list(&wanted.what, STATUSES)?;
            let session = self.site.session().await?;
            if session.is_nobody && status != "approved" {
                return Err(Trouble::Credentials(
                    "without a token only comments can be read: write an account with url and password_file into cm.toml".to_owned(),
                ));
            }
            let place = match cursor {
                Some(cursor) => Place::read(cursor)?,
                None => Place::new(session.now(), wanted.mark.as_deref().and_then(Mark::read)),
            };
            Run { session, status }.page(place).await
        })
    }
}

/// What the API calls comments, held, spam and trash.
const STATUSES: [&str; 4] = ["approved", "unapproved", "spam", "trash"];

/// One run over one list.
struct Run<'s> {
    session: &'s Session,
    status: &'static str,
}

impl Run<'_> {
    /// How many of the list are watched for leaving it.
    fn watches(&self) -> usize {
        match self.status {
            "unapproved" => HELD,
            "approved" => APPROVED,
            _ => 0,
        }
    }

    async fn page(&self, mut place: Place) -> Result<Page, Trouble> {
        let (rows, public, limit, end) = self.rows(&mut place).await?;
        let fresh: Vec<&Value> = rows
            .iter()
            .filter(|row| !row["ID"].as_u64().is_some_and(|id| place.before.contains(&id)))
            .collect();
        let comments: Vec<(Comment, &Value)> =
            fresh.into_iter().filter_map(|row| Some((of(row)?, row))).collect();
        let oldest = comments.iter().filter_map(|(comment, _)| comment.published).min();
        comments.iter().for_each(|(comment, _)| place.meet(comment.id, comment.published));
        let since = place.mark.since;
        let watched = comments.iter().filter(|(comment, _)| {
            self.status == "unapproved" || comment.published.is_some_and(|at| at >= since)
        });
        place.mark.list(watched.map(|(comment, _)| comment.id), self.watches());
        place.before = rows.iter().filter_map(|row| row["ID"].as_u64()).collect();
        place.offset += PAGE - REACH;
        let items = comments.into_iter().map(|(comment, row)| self.item(comment, row, &public)).collect();
        let mut page = Page { items, limit, ..Page::default() };
        let enough = end || (self.status != "unapproved" && place.is_enough(oldest, self.session.now()));
        if !enough && place.pages < PAGES {
            page.next = Some(place.write());
            return Ok(page);
        }
        if !enough {
            page.notes.push(format!("only the newest {} were read: there are more", place.offset));
        }
        let whole = enough && !place.gap;
        page.items.extend(self.left(&mut place, whole).await?);
        page.mark = Some(place.finished(end).write());
        Ok(page)
    }

    /// The next rows of the list, those of them that strangers see, and whether the list ends with them.
    async fn rows(
        &self,
        place: &mut Place,
    ) -> Result<(Vec<Value>, HashSet<u64>, Option<crate::services::Limit>, bool), Trouble> {
        loop {
            place.pages += 1;
            let (number, offset) = (PAGE.to_string(), place.offset.to_string());
            let query = [
                ("status", self.status),
                ("type", "any"),
                ("order", "DESC"),
                ("number", &number),
                ("offset", &offset),
            ];
            let mut answer = self.session.get("comments/", &query).await?;
            let total = answer.value["found"].as_u64();
            let Some(rows) =
                answer.value.get_mut("comments").and_then(Value::as_array_mut).map(std::mem::take)
            else {
                return Err(Trouble::Refused("answered with JSON that is no list of comments".to_owned()));
            };
            let shrank = total < place.total;
            place.total = total;
            let joins =
                rows.iter().any(|row| row["ID"].as_u64().is_some_and(|id| place.before.contains(&id)));
            // What came meanwhile may make up for what went; a stranger is not shown all, so only the count tells him.
            let passed = shrank || (!self.session.is_nobody && !rows.is_empty());
            if passed && !joins && place.offset > 0 {
                if place.restarts < RESTARTS {
                    place.restart();
                    continue;
                }
                place.gap = true;
            }
            let end = total.map_or(rows.is_empty(), |total| place.offset + PAGE >= total);
            let public = self.public(&rows, &query).await?;
            return Ok((rows, public, answer.limit, end));
        }
    }

    /// Those that strangers are shown: a site or a post may be private.
    async fn public(&self, rows: &[Value], query: &[(&str, &str)]) -> Result<HashSet<u64>, Trouble> {
        let numbers = |rows: &[Value]| rows.iter().filter_map(|row| row["ID"].as_u64()).collect();
        if self.status != "approved" || rows.is_empty() {
            return Ok(HashSet::new());
        }
        if self.session.is_nobody {
            return Ok(numbers(rows));
        }
        let seen = self.session.as_anybody("comments/", query).await?;
        Ok(numbers(seen["comments"].as_array().map(Vec::as_slice).unwrap_or_default()))
    }

    fn item(&self, comment: Comment, row: &Value, public: &HashSet<u64>) -> Item {
        let own = self.session.me.is_some() && self.session.me == Some(comment.author);
        let public = public.contains(&comment.id);
        let mut item = comment.item(own, public);
        if let Some(likes) = row["like_count"].as_u64() {
            item.counts.insert("likes".to_owned(), likes);
        }
        item
    }

    /// What became of those that the list had when the last run looked and has no longer. Of many, the next run looks up
    /// more. What was not met in a reading that is not whole may be there.
    async fn left(&self, place: &mut Place, whole: bool) -> Result<Vec<Item>, Trouble> {
        let mut missing = place.missing();
        let mut items = Vec::new();
        if whole {
            let later = missing.split_off(missing.len().min(ALONE));
            for id in std::mem::replace(&mut missing, later) {
                items.extend(self.alone(id).await?);
            }
        }
        place.mark.list(missing.into_iter(), 2 * self.watches());
        Ok(items)
    }

    /// A comment that the list has no longer: gone for good when the API says so.
    async fn alone(&self, id: u64) -> Result<Option<Item>, Trouble> {
        match self.session.ask(&format!("comments/{id}"), &[]).await {
            Ok(answer) => {
                let moved = of(&answer.value).filter(|_| answer.value["status"] != self.status);
                Ok(moved.map(|comment| self.item(comment, &answer.value, &HashSet::new())))
            }
            Err(Fault::Said(said)) if said.status == 404 && said.value["error"] == "unknown_comment" => {
                Ok(Some(comment::gone(id)))
            }
            Err(Fault::Said(said)) if (400..500).contains(&said.status) && said.status != 429 => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }
}

/// A comment, in the words of WordPress's own API: e-mail addresses are left where they are.
fn of(row: &Value) -> Option<Comment> {
    let status = match row["status"].as_str() {
        Some("unapproved") => "hold",
        other => other.unwrap_or_default(),
    };
    Comment::of(&json!({
        "id": row["ID"], "post": row["post"]["ID"], "parent": row["parent"]["ID"], "author": row["author"]["ID"],
        "author_name": row["author"]["name"], "author_url": row["author"]["URL"],
        "author_avatar_urls": {"96": row["author"]["avatar_URL"]}, "content": {"rendered": row["content"]},
        "date_gmt": row["date"], "link": row["URL"], "status": status, "type": row["type"],
    }))
    .filter(Comment::is_for_readers)
}
