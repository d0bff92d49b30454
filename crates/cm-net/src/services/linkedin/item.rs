//! A post, comment or notification of LinkedIn as an item. Ids are its URNs.

use super::little::plain;
use crate::services::members::{count, list, name, text, web};
use crate::services::{Audience, Item, Media, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Milliseconds since 1970.
pub(super) fn date(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(i64::try_from(count(value)?).ok()?).filter(|at| at.timestamp() > 0)
}

/// Where people see a URN; a comment is shown with its post.
fn page(urn: &str) -> String {
    match urn.strip_prefix("urn:li:comment:(").and_then(|inside| inside.split(',').next()) {
        Some(post) => {
            let comment = percent_encoding::utf8_percent_encode(urn, percent_encoding::NON_ALPHANUMERIC);
            format!("https://www.linkedin.com/feed/update/{post}?commentUrn={comment}")
        }
        None => format!("https://www.linkedin.com/feed/update/{urn}"),
    }
}

/// Who wrote something, of whom no more than a number is told.
fn person(urn: Option<&str>) -> Option<Person> {
    let urn = urn?;
    let number = urn
        .strip_prefix("urn:li:organization:")
        .map(|number| format!("https://www.linkedin.com/company/{number}"));
    Some(Person { handle: Some(urn.to_owned()), url: number, ..Person::default() })
}

/// A post of ours.
pub(super) fn post(value: &Value, us: &str) -> Option<Item> {
    let urn = name(&value["id"])
        .filter(|_| matches!(value["lifecycleState"].as_str(), None | Some("PUBLISHED")))?;
    let (said, tags) = plain(value["commentary"].as_str().unwrap_or_default());
    let author = value["author"].as_str();
    let article = &value["content"]["article"];
    let created = date(&value["publishedAt"]).or_else(|| date(&value["createdAt"]));
    let changed = value["lifecycleStateInfo"]["isEditedByAuthor"] == true;
    Some(Item {
        url: Some(page(&urn)),
        thread: Some(urn.clone()),
        id: urn,
        kind: "note",
        own: author == Some(us),
        author: person(author),
        title: text(&article["title"]),
        text: Some(said),
        tags,
        published: created,
        modified: date(&value["lastModifiedAt"]).filter(|_| changed),
        external_url: web(&article["source"]),
        media: Vec::<Media>::new(),
        audience: Some(if value["visibility"] == "PUBLIC" { Audience::Public } else { Audience::Followers }),
        ..Item::default()
    })
}

/// A comment, as the list of a post has it.
pub(super) fn comment(value: &Value, us: &str) -> Option<Item> {
    let object = text(&value["object"]);
    let number = name(&value["id"]);
    let made = || Some(format!("urn:li:comment:({},{})", object.as_deref()?, number.as_deref()?));
    let urn = text(&value["commentUrn"]).or_else(made)?;
    let actor = value["actor"].as_str();
    let mut item = said(urn, value["message"]["text"].as_str(), actor, us);
    item.in_reply_to = text(&value["parentComment"]).or_else(|| object.clone());
    item.thread = object;
    item.published = date(&value["created"]["time"]);
    item.modified = date(&value["lastModified"]["time"]).filter(|at| Some(*at) != item.published);
    let replies = count(&value["commentsSummary"]["aggregatedTotalComments"]);
    let likes = count(&value["likesSummary"]["aggregatedTotalLikes"]);
    item.counts = [("replies", replies), ("likes", likes)]
        .into_iter()
        .filter_map(|(name, count)| Some((name.to_owned(), count?)))
        .collect::<BTreeMap<String, u64>>();
    Some(item)
}

/// A notification: somebody has commented on a post of ours, or named us.
pub(super) fn notification(value: &Value, us: &str) -> Option<Item> {
    let decorated = &value["decoratedGeneratedActivity"];
    let of_comment = value["action"].as_str().is_some_and(|action| action.contains("COMMENT"));
    let activity = if of_comment { &decorated["comment"] } else { &decorated["share"] };
    let urn = text(&value["generatedActivity"]).or_else(|| text(&activity["entity"]))?;
    let source = text(&value["sourcePost"]);
    let mut item = said(urn, activity["text"].as_str(), activity["owner"].as_str(), us);
    item.native = json!({"notification": value["notificationId"], "action": value["action"]});
    item.published = date(&value["lastModifiedAt"]);
    if of_comment {
        let parent = text(&value["parentComment"]).or_else(|| text(&decorated["parentComment"]["entity"]));
        item.in_reply_to = parent.or_else(|| source.clone());
        item.thread = source;
    } else {
        (item.kind, item.thread) = ("mention", Some(item.id.clone()));
    }
    Some(item)
}

fn said(urn: String, words: Option<&str>, actor: Option<&str>, us: &str) -> Item {
    let (words, tags) = plain(words.unwrap_or_default());
    Item {
        url: Some(page(&urn)),
        id: urn,
        kind: "comment",
        own: actor == Some(us),
        author: person(actor),
        text: Some(words),
        tags,
        audience: Some(Audience::Public),
        ..Item::default()
    }
}

/// The numbers of a post's summary.
pub(super) fn commented(value: &Value) -> bool {
    count(&value["commentsSummary"]["totalFirstLevelComments"]).is_some_and(|count| count > 0)
}

/// The entries of an answer.
pub(super) fn elements(answer: &Value) -> Option<&[Value]> {
    answer["elements"].is_array().then(|| list(&answer["elements"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::any_json::any_json;
    use proptest::prelude::*;

    const NAMES: &str = "id|author|commentary|content|article|source|object|commentUrn|message|text|actor|created|time|action|generatedActivity|decoratedGeneratedActivity|comment|share|entity|owner|lastModifiedAt";

    proptest! {
        #[test]
        fn any_json_is_an_item_or_none(value in any_json(NAMES)) {
            let _ = (post(&value, "u"), comment(&value, "u"), notification(&value, "u"), commented(&value));
        }
    }
}
