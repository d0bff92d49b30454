//! A comment as an item. Its text is asked for as plain text; a reply's id has its thread's before the dot.

use crate::services::members::{count, instant, text, web};
use crate::services::{Audience, Item, Person};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A `comment` resource; `thread` is the id of its thread, `replies` how many it has there; `me` our channel.
pub(super) fn item(comment: &Value, thread: &str, replies: Option<u64>, me: Option<&str>) -> Option<Item> {
    let id = text(&comment["id"])?;
    let said = &comment["snippet"];
    let is_reply = id != thread;
    let video = text(&said["videoId"]).or_else(|| text(&comment["videoId"]));
    let page = video.as_ref().map(|video| format!("https://www.youtube.com/watch?v={video}"));
    let author = text(&said["authorChannelId"]["value"]);
    let parent = text(&said["parentId"]).unwrap_or_else(|| thread.to_owned());
    let (published, updated) = (instant(&said["publishedAt"]), instant(&said["updatedAt"]));
    let counts = [("likes", count(&said["likeCount"])), ("replies", replies.filter(|_| !is_reply))];
    let status = text(&said["moderationStatus"]).map(|status| match status.as_str() {
        "heldForReview" => "held".to_owned(),
        "likelySpam" => "spam".to_owned(),
        "rejected" => "trash".to_owned(),
        _ => "approved".to_owned(),
    });
    Some(Item {
        url: page.as_ref().map(|page| format!("{page}&lc={id}")),
        native: json!({"comment": id, "thread": thread, "video": video}),
        kind: if is_reply { "reply" } else { "comment" },
        in_reply_to: if is_reply { Some(parent) } else { page.clone() },
        thread: page.or_else(|| Some(thread.to_owned())),
        id,
        own: author.is_some() && author.as_deref() == me,
        author: person(said, author),
        text: Some(text(&said["textOriginal"]).or_else(|| text(&said["textDisplay"])).unwrap_or_default()),
        published,
        modified: updated.filter(|updated| published.is_some_and(|published| *updated > published)),
        audience: Some(Audience::Public),
        status,
        counts: counts
            .into_iter()
            .filter_map(|(name, number)| Some((name.to_owned(), number?)))
            .collect::<BTreeMap<_, _>>(),
        ..Item::default()
    })
}

/// Since handles came, the display name is one (`@ana`).
fn person(said: &Value, channel: Option<String>) -> Option<Person> {
    let name = text(&said["authorDisplayName"]);
    let person = Person {
        handle: name.clone().filter(|name| name.starts_with('@')).or_else(|| channel.clone()),
        name,
        url: web(&said["authorChannelUrl"])
            .or_else(|| Some(format!("https://www.youtube.com/channel/{}", channel?))),
        avatar: web(&said["authorProfileImageUrl"]),
        ..Person::default()
    };
    (person != Person::default()).then_some(person)
}
