//! An issue, comment, release or discussion of GitHub as an item. Ids are permalinks, so that a comment names its issue by
//! the address that it has itself. Texts are plain as GitHub makes them of Markdown, and HTML beside.

use crate::services::members::{count, instant, list, text, web};
use crate::services::{Audience, Item, Person};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who reads.
pub(super) struct Reading<'a> {
    /// Our own login.
    pub(super) us: Option<&'a str>,
    /// Whether what is read is open to everybody, where that is known.
    pub(super) audience: Option<Audience>,
}

impl Reading<'_> {
    fn is_ours(&self, user: &Value) -> bool {
        let login = user["login"].as_str();
        self.us.zip(login).is_some_and(|(us, login)| us.eq_ignore_ascii_case(login))
    }

    /// What all of them share; `None` without an address, which is its id.
    pub(super) fn plain(&self, value: &Value, kind: &'static str) -> Option<Item> {
        let id = web(&value["html_url"])?;
        let user = if value["user"].is_object() { &value["user"] } else { &value["author"] };
        let association = &value["author_association"];
        Some(Item {
            url: Some(id.clone()),
            id,
            native: json!({"node_id": value["node_id"], "association": association, "state": value["state"]}),
            kind,
            own: self.is_ours(user),
            author: person(user),
            text: text(&value["body_text"]).or_else(|| text(&value["body"])).or(Some(String::new())),
            html: text(&value["body_html"]),
            published: instant(&value["created_at"]),
            modified: instant(&value["updated_at"]).filter(|at| Some(*at) != instant(&value["created_at"])),
            tags: tags(value, user),
            audience: self.audience,
            counts: counts(value),
            ..Item::default()
        })
    }

    /// An issue or pull request.
    pub(super) fn issue(&self, value: &Value) -> Option<Item> {
        let item = self.plain(value, "note")?;
        Some(Item { title: text(&value["title"]), thread: Some(item.id.clone()), ..item })
    }

    /// A comment on an issue or pull request, or on lines of the latter.
    pub(super) fn comment(&self, value: &Value) -> Option<Item> {
        let item = self.plain(value, "comment")?;
        let issue = item.id.split('#').next().filter(|issue| *issue != item.id).map(str::to_owned);
        let answered = count(&value["in_reply_to_id"]).zip(issue.as_ref());
        let answered = answered.map(|(number, issue)| format!("{issue}#discussion_r{number}"));
        // GitHub does not know whom a comment answers: ours answers who spoke before it in the thread.
        let named = answered.or_else(|| issue.clone().filter(|_| !item.own));
        Some(Item { in_reply_to: named, thread: issue, ..item })
    }

    /// A release; drafts are none.
    pub(super) fn release(&self, value: &Value) -> Option<Item> {
        let published = instant(&value["published_at"])?;
        let item = self.plain(value, "article").filter(|_| value["draft"] != true)?;
        let mut tags = item.tags;
        tags.extend((value["prerelease"] == true).then(|| "prerelease".to_owned()));
        let title = text(&value["name"]).or_else(|| text(&value["tag_name"]));
        Some(Item { title, tags, published: Some(published), ..item })
    }
}

fn person(user: &Value) -> Option<Person> {
    let login = text(&user["login"])?;
    Some(Person {
        url: web(&user["html_url"]),
        avatar: web(&user["avatar_url"]),
        handle: Some(format!("@{login}")),
        name: Some(login),
        followers: None,
    })
}

/// Labels; `bot` where no person wrote it.
fn tags(value: &Value, user: &Value) -> Vec<String> {
    let label = |label: &Value| text(&label["name"]).or_else(|| text(label));
    let bot = (user["type"] == "Bot").then(|| "bot".to_owned());
    list(&value["labels"]).iter().filter_map(label).chain(bot).take(50).collect()
}

fn counts(value: &Value) -> BTreeMap<String, u64> {
    let reactions = &value["reactions"];
    let likes = ["+1", "heart", "hooray", "rocket"].iter().filter_map(|name| count(&reactions[*name]));
    let likes = reactions.is_object().then(|| likes.sum());
    let comments = count(&value["comments"]);
    [("replies", comments), ("likes", likes), ("reactions", count(&reactions["total_count"]))]
        .into_iter()
        .filter_map(|(name, count)| Some((name.to_owned(), count?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::any_json::any_json;
    use proptest::prelude::*;

    const NAMES: &str = "html_url|user|login|type|body|body_text|labels|name|reactions|comments|created_at|published_at|in_reply_to_id|draft|title";

    proptest! {
        #[test]
        fn any_json_is_an_item_or_none(value in any_json(NAMES)) {
            let reading = Reading { us: Some("acme"), audience: None };
            let mut there = value.clone();
            if there.is_object() {
                there["html_url"] = "https://github.com/a/b/issues/7".into();
                prop_assert!(reading.issue(&there).is_some() && reading.comment(&there).is_some(), "its address is enough");
            }
            let _ = (reading.issue(&value), reading.comment(&value), reading.release(&value));
        }
    }
}
