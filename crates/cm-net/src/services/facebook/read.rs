//! Reading half of `facebook:`. In: what is wanted. Out: pages of it.

use super::item::{COMMENT, POST, date, id, post};
use super::trouble::{limit, trouble};
use crate::Read;
use crate::services::api::Answer;
use crate::services::asked::Asked;
use crate::services::late::Late;
use crate::services::members::{count, list, text, web};
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::{Item, NextPage, Page, Person, Trouble, Wanted};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

const OFFERS: &[&str] = &["comments", "posts", "mentions", "profile"];
/// How posts and mentions are read.
const RULE: Rule = Rule { overlap: TimeDelta::days(1), pages: 40, sorted: true, resumes: false };

/// A page that is read.
pub(super) struct Reader {
    pub(super) api: Late,
    /// Its number.
    pub(super) page: String,
    /// The version, before each path.
    pub(super) prefix: String,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        what != "profile"
    }

    fn server(&self) -> Option<Url> {
        Some(self.api.base().clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let asked = Asked::of(&wanted.what);
            asked.only(&[])?;
            match asked.parts().as_slice() {
                ["comments"] => self.comments(wanted, cursor).await,
                ["posts"] => self.posts("published_posts", wanted, cursor).await,
                ["mentions"] => self.posts("tagged", wanted, cursor).await,
                ["profile"] => self.profile(wanted).await,
                _ => Err(asked.unknown(OFFERS)),
            }
        })
    }
}

impl Reader {
    /// Asks an edge of something.
    pub(super) async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let needs = "pages_read_engagement and pages_read_user_content";
        let path = format!("{}{path}", self.prefix);
        let answer = self.api.api()?.get(&path, query).await;
        answer.map_err(|fault| trouble(fault, needs, self.api.now()))
    }

    /// A page of posts, newest first.
    async fn posts(&self, edge: &str, wanted: &Wanted, cursor: Option<&str>) -> Result<Page, Trouble> {
        let walk = Walk::resume(wanted, cursor, &self.page, RULE);
        let fields = format!("{POST},comments.limit(0).filter(stream).summary(total_count)");
        let mut query = vec![("fields", fields.as_str()), ("limit", "50")];
        query.extend(walk.at.as_deref().map(|after| ("after", after)));
        let answer = self.ask(&format!("{}/{edge}", self.page), &query).await?;
        let posts = listed(&answer.value)?;
        let item = |value: &Value| {
            let item = post(value, &self.page)?;
            // Where nobody is named as its author, the edge says whose it is.
            let own = item.own || (edge == "published_posts" && item.author.is_none());
            Some(Item { own, kind: if own { "note" } else { "mention" }, ..item })
        };
        let taken = Taken {
            items: posts.iter().filter_map(item).collect(),
            dates: posts.iter().filter_map(|post| date(&post["created_time"])).collect(),
            next: onward(&answer.value),
            limit: limit(&answer.response.headers),
            ..Taken::default()
        };
        Ok(walk.turn(taken, wanted, RULE, self.api.now()))
    }

    /// Its counts, once a day.
    async fn profile(&self, wanted: &Wanted) -> Result<Page, Trouble> {
        let now = self.api.now();
        let today = now.date_naive().to_string();
        let mark = Some(today.clone());
        if wanted.mark == mark {
            return Ok(Page { mark, ..Page::default() });
        }
        let fields = "id,name,username,link,about,followers_count,fan_count,rating_count";
        let answer = self.ask(&self.page, &[("fields", fields)]).await?;
        let page = &answer.value;
        if text(&page["id"]).is_none() {
            return Err(Trouble::Later { reason: "the answer names no page".to_owned(), after: None });
        }
        let counts = [("followers", "followers_count"), ("likes", "fan_count"), ("ratings", "rating_count")];
        let url = web(&page["link"]).or_else(|| Some(id(&self.page)));
        let handle = text(&page["username"]).map(|name| format!("@{name}"));
        let item = Item {
            id: format!("profiles/{}/{today}", self.page),
            kind: "profile",
            own: true,
            url: url.clone(),
            author: Some(Person { name: text(&page["name"]), handle, url, ..Person::default() }),
            text: text(&page["about"]).or(Some(String::new())),
            published: Some(now),
            counts: counts
                .into_iter()
                .filter_map(|(ours, theirs)| Some((ours.to_owned(), count(&page[theirs])?)))
                .collect(),
            ..Item::default()
        };
        Ok(Page { items: vec![item], mark, limit: limit(&answer.response.headers), ..Page::default() })
    }

    /// The fields of posts with their newest comments.
    pub(super) fn with_comments() -> String {
        format!(
            "{POST},comments.filter(stream).order(reverse_chronological).limit(50).summary(total_count){{{COMMENT}}}"
        )
    }
}

/// The entries of an answer.
pub(super) fn listed(answer: &Value) -> Result<&[Value], Trouble> {
    if answer["data"].is_array() {
        return Ok(list(&answer["data"]));
    }
    Err(Trouble::Later { reason: "the answer is no list".to_owned(), after: None })
}

/// The cursor of the next page: its address is not used, as it holds the token.
pub(super) fn onward(answer: &Value) -> Option<String> {
    text(&answer["paging"]["cursors"]["after"]).filter(|_| !answer["paging"]["next"].is_null())
}

/// The earlier of two dates, where there are two.
pub(super) fn earlier(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    a.into_iter().chain(b).min()
}
