//! A thread as a list. In: the answer of `app.bsky.feed.getPostThread`. Out: its posts, the first one first, and what of
//! it cannot be read.

use super::item::{Post, array};
use super::uri::AtUri;
use crate::services::Item;
use serde_json::Value;

/// Levels of replies that are asked for: a JSON reader takes 128 nested values, and a level is two of them.
pub(super) const DEPTH: &str = "30";
/// Levels of parents that are asked for.
pub(super) const HEIGHT: &str = "80";
/// More posts of one thread are passed over.
const MOST: usize = 10_000;
/// Further notes are counted.
const MOST_NOTES: usize = 10;

/// The posts of a thread, and notes for a person.
pub(super) fn flatten(thread: &Value, me: &str) -> (Vec<Item>, Vec<String>) {
    let mut found = Found { me, items: Vec::new(), notes: Vec::new() };
    let mut parents = Vec::new();
    let mut above = &thread["parent"];
    while above.is_object() {
        parents.push(above);
        above = &above["parent"];
    }
    parents.into_iter().rev().for_each(|node| found.take(node));
    let mut waiting = vec![thread];
    while let Some(node) = waiting.pop() {
        if found.items.len() + found.notes.len() >= MOST {
            found.notes.push(format!("the thread is longer than {MOST} posts: the rest was not read"));
            break;
        }
        found.take(node);
        let replies = array(&node["replies"]);
        found.look_below(node, replies);
        waiting.extend(replies.iter().rev());
    }
    let more = found.notes.len().saturating_sub(MOST_NOTES);
    if more > 0 {
        found.notes.truncate(MOST_NOTES);
        found.notes.push(format!("{more} more parts of the thread were not read"));
    }
    (found.items, found.notes)
}

struct Found<'a> {
    me: &'a str,
    items: Vec<Item>,
    notes: Vec<String>,
}

impl Found<'_> {
    fn take(&mut self, node: &Value) {
        let item = Post::of_view(&node["post"]).item(self.me);
        let uri = || named(&node["uri"]);
        match item {
            Some(item) => self.items.push(item),
            None if node["blocked"] == true => {
                self.notes.push(format!("{} is not shown: one blocks the other", uri()))
            }
            None if node["notFound"] == true => {
                self.notes.push(format!("{} was deleted, or never was", uri()))
            }
            None => self.notes.push("a part of the thread is no post".to_owned()),
        }
    }

    /// The AppView ends where it was asked to, and says how many replies a post has.
    fn look_below(&mut self, node: &Value, replies: &[Value]) {
        if replies.is_empty() && node.pointer("/post/replyCount").and_then(Value::as_u64).unwrap_or(0) > 0 {
            let uri = named(&node["post"]["uri"]);
            self.notes
                .push(format!("the replies to {uri} were not read: too deep, or not shown to this account"));
        }
    }
}

/// An address that can be told to a person as it is.
fn named(uri: &Value) -> &str {
    uri.as_str().filter(|uri| AtUri::parse(uri).is_some()).unwrap_or("a post")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn post(key: &str) -> Value {
        json!({"uri": format!("at://did:plc:a/app.bsky.feed.post/{key}"), "cid": "bafya", "record": {"text": key}, "author": {"did": "did:plc:a"}})
    }

    #[test]
    fn parents_then_the_post_then_its_replies_in_order() {
        let thread = json!({
            "post": post("c"),
            "parent": {"post": post("b"), "parent": {"post": post("a")}},
            "replies": [{"post": post("d"), "replies": [{"post": post("e")}]}, {"uri": "at://x/y/z", "blocked": true}, {"uri": "at://\u{1b}", "notFound": true}, {"post": post("f")}, 7],
        });
        let (items, notes) = flatten(&thread, "did:plc:us");
        let texts: Vec<&str> = items.iter().filter_map(|item| item.text.as_deref()).collect();
        assert_eq!(texts, ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(
            notes,
            [
                "at://x/y/z is not shown: one blocks the other",
                "a post was deleted, or never was",
                "a part of the thread is no post"
            ]
        );
    }

    #[test]
    fn replies_that_were_not_given_are_told() {
        let mut last = post("a");
        last["replyCount"] = 3.into();
        let (items, notes) = flatten(&json!({"post": last}), "did:plc:us");
        assert_eq!((items.len(), notes.len()), (1, 1));
    }

    #[test]
    fn a_flood_of_what_cannot_be_read_is_told_in_few_lines() {
        let (items, notes) = flatten(&json!({"post": post("a"), "replies": vec![7; 20_000]}), "did:plc:us");
        assert_eq!((items.len(), notes.len()), (1, 11));
        assert_eq!(notes[9], "a part of the thread is no post");
        assert_eq!(notes[10], "9990 more parts of the thread were not read");
    }

    #[test]
    fn nonsense_is_told() {
        for odd in [json!(null), json!([]), json!({"parent": {"parent": 7}, "replies": {"a": 1}})] {
            assert!(flatten(&odd, "did:plc:us").0.is_empty());
        }
    }
}
