//! Discussions and what is said in them, over GraphQL (<https://docs.github.com/graphql/reference/objects#discussion>), as the
//! REST API has none. They come by date of change, the newest first; what changes while they are read comes with the next
//! run, as the mark is the newest that the first page had.

use super::item::Reading;
use super::read::Reader;
use crate::services::api::{Answer, Fault};
use crate::services::members::{count, instant, list, name, text};
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::{Audience, Item, Limit, Page, Trouble, Wanted};
use chrono::TimeDelta;
use futures_util::TryFutureExt;
use serde_json::{Value, json};

/// How the list is read.
const RULE: Rule = Rule { overlap: TimeDelta::minutes(10), pages: 20, sorted: true, resumes: false };
/// Discussions on a page; fewer where the server has no time for so many.
const EACH: [u32; 2] = [25, 5];
/// Discussions, their newest comments, and the newest answers to each.
const QUERY: &str = "query($owner: String!, $name: String!, $first: Int!, $after: String) {
  rateLimit { limit remaining resetAt }
  repository(owner: $owner, name: $name) { isPrivate
    discussions(first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes { ...Words title url category { name } reactions { totalCount }
        comments(last: 50) { totalCount nodes { ...Words url isAnswer
          replies(last: 30) { totalCount nodes { ...Words url } } } } } } } }
fragment Words on Comment { id bodyText bodyHTML createdAt updatedAt authorAssociation
  author { __typename login url avatarUrl } ... on Votable { upvoteCount } }";

impl Reader {
    /// A page of discussions.
    pub(super) async fn discussions(
        &self,
        of: &str,
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        if !self.api.has_secret() {
            let why = "discussions need a token: GitHub's GraphQL answers nobody without one";
            return Err(Trouble::Credentials(why.to_owned()));
        }
        let walk = Walk::resume(wanted, cursor, of, RULE);
        let answer = match self.some(of, walk.at.as_deref(), EACH[0]).await {
            Err(Trouble::Later { after: None, .. }) => self.some(of, walk.at.as_deref(), EACH[1]).await?,
            answer => answer?,
        };
        let data = &answer.value["data"];
        let repository = &data["repository"];
        let public = repository["isPrivate"] == false;
        let reading = self.reading(public.then_some(Audience::Public));
        let found = &repository["discussions"];
        let mut taken = Taken { limit: limit(&data["rateLimit"]).or(answer.limit), ..Taken::default() };
        for discussion in list(&found["nodes"]) {
            taken.dates.extend(instant(&discussion["updatedAt"]));
            taken.items.extend(items(&reading, discussion));
        }
        taken.next = name_if(&found["pageInfo"], "hasNextPage", "endCursor");
        Ok(walk.turn(taken, wanted, RULE, self.api.now()))
    }

    /// So many discussions.
    async fn some(&self, of: &str, after: Option<&str>, first: u32) -> Result<Answer, Trouble> {
        let (owner, name) = of.split_once('/').unwrap_or((of, ""));
        let variables = json!({"owner": owner, "name": name, "first": first, "after": after});
        let asked = json!({"query": QUERY, "variables": variables});
        let explained = |fault: Fault| super::trouble::trouble(fault, true, self.api.now());
        let answer = self.graph.api()?.post_json("graphql", &asked).map_err(explained).await?;
        // Half an answer comes with a status of 200 too: its time was up.
        match answer.value["data"]["repository"]["discussions"]["nodes"].is_array() {
            true => Ok(answer),
            false => Err(self.said(of, &answer.value)),
        }
    }

    /// GraphQL says no with a status of 200.
    fn said(&self, of: &str, answer: &Value) -> Trouble {
        let error = &answer["errors"][0];
        let words = crate::services::api::words(error["message"].as_str().unwrap_or("the answer is no list"));
        let reason = format!("{of}: {words}");
        match error["type"].as_str() {
            Some("RATE_LIMITED") => {
                Trouble::Later { reason, after: Some(self.api.now() + TimeDelta::minutes(1)) }
            }
            Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => {
                Trouble::Refused(format!("{reason} (the token may not read this)"))
            }
            Some("NOT_FOUND") => {
                Trouble::Refused(format!("{reason} (it is not there, or the token may not see it)"))
            }
            _ => Trouble::Later { reason, after: None },
        }
    }
}

fn name_if(page: &Value, whether: &str, which: &str) -> Option<String> {
    name(&page[which]).filter(|_| page[whether] == true)
}

fn limit(said: &Value) -> Option<Limit> {
    let (limit, remaining) = (count(&said["limit"])?, count(&said["remaining"])?);
    Some(Limit { limit, remaining, reset: instant(&said["resetAt"]) })
}

/// A discussion, its comments and the answers to them.
fn items(reading: &Reading, discussion: &Value) -> Vec<Item> {
    let Some(first) = item(reading, discussion, "note") else { return Vec::new() };
    let thread = first.id.clone();
    let category = text(&discussion["category"]["name"]);
    let mut items = vec![Item {
        title: text(&discussion["title"]),
        thread: Some(thread.clone()),
        tags: first.tags.iter().cloned().chain(category).collect(),
        ..first
    }];
    let below = |value: &Value, parent: &str| {
        let item = item(reading, value, "comment")?;
        Some(Item { in_reply_to: Some(parent.to_owned()), thread: Some(thread.clone()), ..item })
    };
    for comment in list(&discussion["comments"]["nodes"]) {
        let Some(said) = below(comment, &thread) else { continue };
        let parent = said.id.clone();
        items.push(said);
        items.extend(list(&comment["replies"]["nodes"]).iter().filter_map(|reply| below(reply, &parent)));
    }
    items
}

/// In the words of the REST API, of which an item is made.
fn item(reading: &Reading, value: &Value, kind: &'static str) -> Option<Item> {
    let author = &value["author"];
    let replies = count(&value["comments"]["totalCount"]).or_else(|| count(&value["replies"]["totalCount"]));
    let likened = json!({
        "html_url": value["url"], "node_id": value["id"], "author_association": value["authorAssociation"],
        "body_text": value["bodyText"], "body_html": value["bodyHTML"], "comments": replies,
        "created_at": value["createdAt"], "updated_at": value["updatedAt"],
        "user": {
            "login": author["login"], "html_url": author["url"], "avatar_url": author["avatarUrl"],
            "type": author["__typename"],
        },
    });
    let mut item = reading.plain(&likened, kind)?;
    item.counts.extend(count(&value["upvoteCount"]).map(|votes| ("likes".to_owned(), votes)));
    item.counts.extend(count(&value["reactions"]["totalCount"]).map(|all| ("reactions".to_owned(), all)));
    Some(item)
}
