//! Reading half of `linkedin:`. Lists are paged by number: each page begins ten entries before the end of the one before, as
//! entries may vanish meanwhile. Comments come from the organisation's notifications, one question for all posts, as a day's quota is
//! small; those of one post, with the answers to them, from the post.

use super::item::{comment, commented, date, elements, notification, post};
use super::restli::{address, value};
use super::trouble::trouble;
use crate::Read;
use crate::services::api::Answer;
use crate::services::asked::Asked;
use crate::services::late::Late;
use crate::services::members::list;
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::{Item, NextPage, Page, Trouble, Wanted};
use chrono::TimeDelta;
use serde_json::Value;
use url::Url;

const OFFERS: &[&str] = &["comments", "comments?post=urn:li:share:...", "mentions", "posts"];
/// How lists are read: notifications are sorted in late and by their last change.
const RULE: Rule = Rule { overlap: TimeDelta::days(1), pages: 20, sorted: true, resumes: false };
/// Entries on a page, and how many of them are asked for again with the next.
const EACH: usize = 100;
const BACK: usize = 10;
/// Answered comments of one post whose answers are read.
const MOST_ANSWERED: usize = 50;

/// An organisation that is read.
pub(super) struct Reader {
    pub(super) api: Late,
    /// `urn:li:organization:42`.
    pub(super) us: String,
    pub(super) version: String,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    /// The comments of one post have an end.
    fn is_stream(&self, what: &str) -> bool {
        Asked::of(what).get("post").is_none()
    }

    fn server(&self) -> Option<Url> {
        Some(self.api.base().clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let asked = Asked::of(&wanted.what);
            let us = value(&self.us);
            let notified =
                |actions: &str| format!("q=criteria&actions=List({actions})&organizationalEntity={us}");
            let notifications = "rest/organizationalEntityNotifications";
            match (asked.parts().as_slice(), asked.get("post")) {
                (["comments"], Some(of)) => {
                    asked.only(&["post"])?;
                    self.thread(of, wanted, cursor).await
                }
                (["comments"], None) => {
                    asked.only(&["post"])?;
                    let query = notified("COMMENT,ADMIN_COMMENT");
                    self.list(notifications, &query, notification, "lastModifiedAt", wanted, cursor).await
                }
                (["mentions"], None) => {
                    asked.only(&[])?;
                    let query = notified("SHARE_MENTION");
                    self.list(notifications, &query, notification, "lastModifiedAt", wanted, cursor).await
                }
                (["posts"], None) => {
                    asked.only(&[])?;
                    let query = format!("q=author&author={us}&sortBy=LAST_MODIFIED");
                    self.list("rest/posts", &query, post, "lastModifiedAt", wanted, cursor).await
                }
                _ => Err(asked.unknown(OFFERS)),
            }
        })
    }
}

impl Reader {
    /// A page of a list that is sorted by a date, newest first.
    async fn list(
        &self,
        path: &str,
        query: &str,
        item: fn(&Value, &str) -> Option<Item>,
        sorted_by: &str,
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        let walk = Walk::resume(wanted, cursor, &self.us, RULE);
        let start: usize = walk.at.as_deref().and_then(|at| at.parse().ok()).unwrap_or_default();
        let answer = self.ask(path, &format!("{query}&start={start}&count={EACH}")).await?;
        let found = entries(&answer)?;
        let taken = Taken {
            items: found.iter().filter_map(|entry| item(entry, &self.us)).collect(),
            dates: found.iter().filter_map(|entry| date(&entry[sorted_by])).collect(),
            next: onward(&answer, start, found.len()),
            limit: answer.limit,
            ..Taken::default()
        };
        Ok(walk.turn(taken, wanted, RULE, self.api.now()))
    }

    /// The comments of one post, and the answers to them.
    async fn thread(&self, of: &str, wanted: &Wanted, cursor: Option<&str>) -> Result<Page, Trouble> {
        if !of.starts_with("urn:li:") {
            let why = format!("{of:?} is no post: comments?post=urn:li:share:NUMBER");
            return Err(Trouble::Refused(why));
        }
        let start: usize = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
        let answer = self.comments(of, start).await?;
        let found = entries(&answer)?;
        let mut items: Vec<Item> = found.iter().filter_map(|entry| comment(entry, &self.us)).collect();
        let answered = found.iter().filter(|entry| commented(entry));
        let answered: Vec<String> = answered.filter_map(|entry| Some(comment(entry, &self.us)?.id)).collect();
        let mut notes = Vec::new();
        if answered.len() > MOST_ANSWERED {
            notes.push(format!(
                "{}: answers to {MOST_ANSWERED} of {} comments were read",
                wanted.what,
                answered.len()
            ));
        }
        for urn in answered.iter().take(MOST_ANSWERED) {
            let below = self.comments(urn, 0).await?;
            let entries = entries(&below)?;
            items.extend(entries.iter().filter_map(|entry| comment(entry, &self.us)));
            if onward(&below, 0, entries.len()).is_some() {
                notes.push(format!("{urn} has more answers than the {} that were read", entries.len()));
            }
        }
        let on = onward(&answer, start, found.len());
        let next = on.clone().filter(|_| start < EACH * RULE.pages);
        if on.is_some() && next.is_none() {
            notes.push(format!("{}: very many comments, the rest was not read", wanted.what));
        }
        Ok(Page { items, next, notes, limit: answer.limit, ..Page::default() })
    }

    async fn comments(&self, of: &str, start: usize) -> Result<Answer, Trouble> {
        let path = format!("rest/socialActions/{}/comments", value(of));
        self.ask(&path, &format!("start={start}&count={EACH}")).await
    }

    async fn ask(&self, path: &str, query: &str) -> Result<Answer, Trouble> {
        let api = self.api.api()?;
        let url = address(self.api.base(), path, query);
        let answer = api.follow_with(url, &[("linkedin-version", &self.version)]).await;
        answer.map_err(|fault| trouble(fault, &self.version, api.now()))
    }
}

/// Where the next page begins, if there is one: pages may be shorter than was asked for.
fn onward(answer: &Answer, start: usize, found: usize) -> Option<String> {
    let named = list(&answer.value["paging"]["links"]).iter().any(|link| link["rel"] == "next");
    // Of a short page half at most, so that each leads on.
    let on = start + found - BACK.min(found / 2);
    ((named || found >= EACH) && on > start).then(|| on.to_string())
}

fn entries(answer: &Answer) -> Result<&[Value], Trouble> {
    let none = || Trouble::Later { reason: "the answer is no list".to_owned(), after: None };
    elements(&answer.value).ok_or_else(none)
}
