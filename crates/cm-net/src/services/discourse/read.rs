//! Reading half of `discourse:`. In: what is wanted and where the last run ended. Out: posts and topics, the newest first.
//!
//! Posts have numbers that grow, and `before` begins with one of them: pages cannot shift. Older versions look only at the
//! next fifty numbers, of which all may be hidden: an empty page is not the end then, and the next fifty are asked for, some
//! times. A topic names all its posts (`stream`). Topics come by page numbers, sorted by their last post: what moves
//! meanwhile moves to the front, and the next run meets it.

use super::Forum;
use super::item::Place;
use super::sources::{OFFERS, Source};
use crate::Read;
use crate::services::api::{Api, Fault};
use crate::services::members::{count, instant, list, text};
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::{NextPage, Trouble, Wanted};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::HashMap;
use url::Url;

/// Edits of the newest day are met, and what was hidden for a while.
const RULE: Rule = Rule { overlap: TimeDelta::days(1), pages: 100, sorted: true, resumes: true };
/// Page numbers hold for one run.
const NUMBERED: Rule = Rule { pages: 30, resumes: false, ..RULE };
/// How many numbers an empty page may stand for, and how many of those in turn are no end yet.
const STEP: u64 = 50;
const EMPTY: u64 = 10;
/// Posts of a topic that are asked for at once.
const AT_ONCE: usize = 20;

/// A forum.
pub(super) struct Reader {
    pub(super) forum: Forum,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        Source::is_stream(what)
    }

    fn server(&self) -> Option<Url> {
        Some(self.forum.base.clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what)?;
            let api = self.forum.api().map_err(Trouble::Credentials)?;
            let personal =
                matches!(source, Source::Notifications | Source::Posts { path: "private-posts.json" });
            if personal && self.forum.key.is_none() {
                return Err(Trouble::Credentials(format!(
                    "{} needs a key: give it as password_file",
                    wanted.what
                )));
            }
            let rule = match &source {
                Source::Posts { .. } => RULE,
                // Read whole: a topic's posts are told apart by what is seen already.
                Source::Topic(_) => Rule { sorted: false, pages: 200, ..NUMBERED },
                _ => NUMBERED,
            };
            let walk = Walk::resume(wanted, cursor, self.forum.user.as_deref().unwrap_or_default(), rule);
            let at = walk.at.as_deref();
            let taken = match &source {
                Source::Posts { path } => self.posts(&api, path, at, walk.until().is_some()).await?,
                Source::Topics(path) => self.topics(&api, path, at).await?,
                Source::Topic(id) => self.topic(&api, *id, at).await?,
                Source::Search(words) => self.search(&api, words, walk.until(), at).await?,
                Source::User(name) => self.user(&api, name, at).await?,
                Source::Notifications => self.notifications(&api, at).await?,
            };
            Ok(walk.turn(taken, wanted, rule, api.now()))
        })
    }
}

impl Reader {
    fn place(&self, private: bool) -> Place<'_> {
        Place {
            base: &self.forum.base,
            me: self.forum.user.as_deref().filter(|_| self.forum.key.is_some()),
            private,
        }
    }

    async fn posts(&self, api: &Api, path: &str, at: Option<&str>, bounded: bool) -> Result<Taken, Trouble> {
        let (before, empty) = at.and_then(|at| at.split_once(' ')).unwrap_or_default();
        let query = [("before", before)];
        let query = if before.is_empty() { &[][..] } else { &query[..] };
        let answer = ask(api, path, query).await?;
        let root = if path == "posts.json" { "latest_posts" } else { "private_posts" };
        let posts = array(&answer, root)?;
        let lowest = posts.iter().filter_map(|post| count(&post["id"])).min();
        let before: u64 = before.parse().unwrap_or(0);
        let empty = if posts.is_empty() { empty.parse().unwrap_or(0) + 1 } else { 0 };
        let next = match lowest {
            Some(lowest) => lowest.checked_sub(1),
            // Nobody said where a list begins that is empty from the beginning.
            None if empty <= EMPTY || bounded && empty <= 10 * EMPTY => before.checked_sub(STEP),
            None => None,
        };
        let place = self.place(root == "private_posts");
        Ok(Taken {
            items: posts.iter().filter_map(|post| place.post(post, None)).collect(),
            dates: posts.iter().filter_map(|post| instant(&post["created_at"])).collect(),
            next: next.filter(|next| *next > 0).map(|next| format!("{next} {empty}")),
            ..Taken::default()
        })
    }

    async fn topics(&self, api: &Api, path: &str, at: Option<&str>) -> Result<Taken, Trouble> {
        let page = at.unwrap_or("0");
        let answer = ask(api, path, &[("page", page), ("order", "activity")]).await?;
        let topics = array(&answer["topic_list"], "topics")?;
        let users = list(&answer["users"]);
        // Pinned ones stand first, however old.
        let loose = topics.iter().filter(|topic| topic["pinned"] != true && topic["pinned_globally"] != true);
        let dates = loose
            .filter_map(|topic| instant(&topic["bumped_at"]).or_else(|| instant(&topic["last_posted_at"])));
        let more = !topics.is_empty() && text(&answer["topic_list"]["more_topics_url"]).is_some();
        Ok(Taken {
            items: topics.iter().filter_map(|topic| self.place(false).topic(topic, users)).collect(),
            dates: dates.collect(),
            next: if more { following(page) } else { None },
            ..Taken::default()
        })
    }

    /// The first page names all posts; those that it does not hold are asked for by their numbers.
    async fn topic(&self, api: &Api, id: u64, at: Option<&str>) -> Result<Taken, Trouble> {
        let (answer, rest) = match at {
            None => {
                let answer = ask(api, &format!("t/{id}.json"), &[]).await?;
                let here: Vec<&Value> =
                    array(&answer["post_stream"], "posts")?.iter().map(|post| &post["id"]).collect();
                let stream = list(&answer["post_stream"]["stream"]).iter().filter(|id| !here.contains(id));
                let rest: Vec<u64> = stream.filter_map(count).collect();
                (answer, rest)
            }
            Some(at) => {
                let mut rest: Vec<u64> = serde_json::from_str(at).unwrap_or_default();
                let some: Vec<String> =
                    rest.drain(..rest.len().min(AT_ONCE)).map(|id| id.to_string()).collect();
                let query: Vec<(&str, &str)> = some.iter().map(|id| ("post_ids[]", id.as_str())).collect();
                (ask(api, &format!("t/{id}/posts.json"), &query).await?, rest)
            }
        };
        let posts = array(&answer["post_stream"], "posts")?;
        let title = text(&answer["title"]);
        let place = self.place(answer["archetype"] == "private_message");
        if place.private {
            return Err(Trouble::Refused(format!("topic {id} is a private message: messages reads those")));
        }
        Ok(Taken {
            items: posts.iter().filter_map(|post| place.post(post, title.as_deref())).collect(),
            dates: posts.iter().filter_map(|post| instant(&post["created_at"])).collect(),
            next: if rest.is_empty() { None } else { serde_json::to_string(&rest).ok() },
            ..Taken::default()
        })
    }

    async fn search(
        &self,
        api: &Api,
        words: &str,
        since: Option<DateTime<Utc>>,
        at: Option<&str>,
    ) -> Result<Taken, Trouble> {
        let page = at.unwrap_or("1");
        // `after:` takes days.
        let after = since.map(|since| format!(" after:{}", (since - TimeDelta::days(1)).format("%Y-%m-%d")));
        let query = format!("{words} order:latest{}", after.unwrap_or_default());
        let answer = ask(api, "search.json", &[("q", &query), ("page", page)]).await?;
        let posts = list(&answer["posts"]);
        // `in:messages` finds what is private: that has a list of its own.
        let closed: Vec<&Value> = list(&answer["topics"])
            .iter()
            .filter(|topic| topic["archetype"] == "private_message")
            .map(|topic| &topic["id"])
            .collect();
        let titles: HashMap<String, String> = list(&answer["topics"])
            .iter()
            .filter_map(|topic| Some((topic["id"].to_string(), text(&topic["title"])?)))
            .collect();
        let title = |post: &Value| titles.get(&post["topic_id"].to_string()).map(String::as_str);
        let more = answer["grouped_search_result"]["more_full_page_results"] == true;
        Ok(Taken {
            items: posts
                .iter()
                .filter(|post| !closed.contains(&&post["topic_id"]))
                .filter_map(|post| self.place(false).post(post, title(post)))
                .collect(),
            dates: posts.iter().filter_map(|post| instant(&post["created_at"])).collect(),
            next: if more && !posts.is_empty() { following(page) } else { None },
            ..Taken::default()
        })
    }

    async fn user(&self, api: &Api, name: &str, at: Option<&str>) -> Result<Taken, Trouble> {
        let offset = at.unwrap_or("0");
        // 4 and 5: topics and replies.
        let query = [("username", name), ("filter", "4,5"), ("offset", offset)];
        let answer = ask(api, "user_actions.json", &query).await?;
        let actions = array(&answer, "user_actions")?;
        let posts = actions.iter().map(|action| {
            let mut post = action.clone();
            post["id"] = action["post_id"].clone();
            post["cooked"] = action["excerpt"].clone();
            post["topic_slug"] = action["slug"].clone();
            post["topic_title"] = action["title"].clone();
            post
        });
        let next = offset.parse::<usize>().ok().map(|offset| (offset + actions.len()).to_string());
        Ok(Taken {
            items: posts.filter_map(|post| self.place(false).post(&post, None)).collect(),
            dates: actions.iter().filter_map(|action| instant(&action["created_at"])).collect(),
            next: next.filter(|_| !actions.is_empty()),
            ..Taken::default()
        })
    }

    async fn notifications(&self, api: &Api, at: Option<&str>) -> Result<Taken, Trouble> {
        let offset = at.unwrap_or("0");
        let answer = ask(api, "notifications.json", &[("limit", "60"), ("offset", offset)]).await?;
        let told = array(&answer, "notifications")?;
        let total = count(&answer["total_rows_notifications"]).unwrap_or(0);
        // An overlap of ten: what is read away meanwhile pulls the list back.
        let next =
            offset.parse::<u64>().ok().map(|offset| offset + (told.len() as u64).saturating_sub(10).max(1));
        let more = next.filter(|next| !told.is_empty() && next + 10 < total);
        Ok(Taken {
            items: told.iter().filter_map(|one| self.place(false).notification(one)).collect(),
            dates: told.iter().filter_map(|one| instant(&one["created_at"])).collect(),
            next: more.map(|next| next.to_string()),
            ..Taken::default()
        })
    }
}

fn following(page: &str) -> Option<String> {
    page.parse::<u64>().ok().map(|page| (page + 1).to_string())
}

fn array<'v>(answer: &'v Value, member: &str) -> Result<&'v [Value], Trouble> {
    let nothing = || Trouble::Later { reason: format!("the forum answered without {member}"), after: None };
    answer[member].as_array().map(Vec::as_slice).ok_or_else(nothing)
}

/// Too many questions are told with a wait in the JSON (`extras.wait_seconds`); what is closed to strangers as 403 with a
/// name (`not_logged_in`, `invalid_access`).
async fn ask(api: &Api, path: &str, query: &[(&str, &str)]) -> Result<Value, Trouble> {
    let said = match api.get(path, query).await {
        Ok(answer) => return Ok(answer.value),
        Err(Fault::Said(said)) => *said,
        Err(fault) => return Err(fault.into()),
    };
    let wait = count(&said.value["extras"]["wait_seconds"]).filter(|wait| *wait <= 86_400);
    let wait = wait.and_then(|wait| TimeDelta::try_seconds(i64::try_from(wait).ok()?));
    match (said.status, said.value["error_type"].as_str()) {
        (429, _) => {
            let after = said.after.into_iter().chain(wait.map(|wait| api.now() + wait)).max();
            Err(Trouble::Later { reason: said.reason, after })
        }
        (403, Some("not_logged_in")) => {
            Err(Trouble::Credentials(format!("{}: the forum is closed to strangers", said.reason)))
        }
        // "The API username or key is invalid": these three letters are the same in all languages.
        (403, Some("invalid_access"))
            if text(&said.value["errors"][0]).is_some_and(|why| why.contains("API")) =>
        {
            Err(Trouble::Credentials(format!("{}; check user and password_file", said.reason)))
        }
        (403, Some("invalid_access")) if !said.value["errors"].is_null() => {
            Err(Trouble::Refused(said.reason))
        }
        (404, _) => Err(Trouble::Refused(format!("{}: not there, or not for us", said.reason))),
        _ => Err(said.into()),
    }
}
