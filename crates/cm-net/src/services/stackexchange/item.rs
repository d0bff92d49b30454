//! What the API tells as items. Titles and names come escaped as in HTML (docs: "all text is HTML encoded"), bodies as HTML.

use crate::services::members::{count, list, name, seconds, text, unescaped, web};
use crate::services::{Audience, Item, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is private to its reader is not read with the inbox.
const PRIVATE: [&str; 3] = ["moderator_message", "careers_message", "careers_invitations"];

/// What a list is sorted by.
pub(super) fn date(entry: &Value) -> Option<DateTime<Utc>> {
    seconds(&entry["last_activity_date"]).or_else(|| seconds(&entry["creation_date"]))
}

/// An entry of any list; `me` is our user's number.
pub(super) fn item(site: &str, me: Option<&str>, entry: &Value) -> Option<Item> {
    if entry["item_type"].is_string() {
        return notice(site, entry);
    }
    let owner = if entry["owner"].is_object() { &entry["owner"] } else { &Value::Null };
    let (question, answer, comment) =
        ["question_id", "answer_id", "comment_id"].map(|id| name(&entry[id])).into();
    let host = host(site);
    let (id, url, kind, in_reply_to) = match (&comment, &answer, &question) {
        (Some(comment), ..) => {
            let post = name(&entry["post_id"]).map(|post| format!("posts/{post}"));
            (
                format!("comments/{comment}"),
                format!("https://{host}/posts/comments/{comment}"),
                "comment",
                post,
            )
        }
        (_, Some(answer), question) => {
            let question = question.as_ref().map(|question| format!("posts/{question}"));
            (format!("posts/{answer}"), format!("https://{host}/a/{answer}"), "reply", question)
        }
        (.., Some(question)) => {
            (format!("posts/{question}"), format!("https://{host}/q/{question}"), "note", None)
        }
        _ => return None,
    };
    let thread = match (&in_reply_to, &question) {
        (_, Some(question)) => Some(format!("posts/{question}")),
        // Of a comment the post is known, which may be an answer: no thread then.
        _ => None,
    };
    let html = text(&entry["body"]);
    Some(Item {
        native: json!({"site": site, "id": id}),
        id,
        url: web(&entry["link"]).or(Some(url)),
        kind,
        in_reply_to,
        thread,
        own: me.is_some() && name(&owner["user_id"]).as_deref() == me,
        author: person(owner),
        title: text(&entry["title"]).map(|title| unescaped(&title)),
        text: html.is_none().then(String::new),
        html,
        published: seconds(&entry["creation_date"]),
        modified: seconds(&entry["last_edit_date"]),
        tags: list(&entry["tags"]).iter().filter_map(text).collect(),
        audience: Some(Audience::Public),
        counts: counts(entry),
        ..Item::default()
    })
}

/// An entry of the inbox: an excerpt of what was written, on any site.
fn notice(site: &str, entry: &Value) -> Option<Item> {
    let kind = entry["item_type"].as_str()?;
    if PRIVATE.contains(&kind) {
        return None;
    }
    let there = text(&entry["site"]["api_site_parameter"]);
    // Numbers are a site's own.
    let named = |what: &str, id: String| match there.as_deref() {
        Some(there) if there != site => format!("{there}/{what}/{id}"),
        _ => format!("{what}/{id}"),
    };
    let [question, answer, comment] = ["question_id", "answer_id", "comment_id"].map(|id| name(&entry[id]));
    let at = seconds(&entry["creation_date"]);
    let thread = question.clone().map(|id| named("posts", id));
    let post = answer.clone().or(question).map(|id| named("posts", id));
    let (id, kind, in_reply_to) = match (comment, answer) {
        (Some(id), _) => (named("comments", id), "comment", post),
        (None, Some(id)) => (named("posts", id), "reply", thread.clone()),
        _ => (format!("inbox/{kind}/{}", at?.timestamp()), "mention", thread.clone()),
    };
    Some(Item {
        native: json!({"site": there.as_deref().unwrap_or(site), "id": id}),
        id,
        url: web(&entry["link"]),
        kind,
        in_reply_to,
        thread,
        title: text(&entry["title"]).map(|title| unescaped(&title)),
        text: Some(text(&entry["body"]).map_or_else(String::new, |body| unescaped(&body))),
        published: at,
        audience: Some(Audience::Public),
        ..Item::default()
    })
}

fn person(owner: &Value) -> Option<Person> {
    let person = Person {
        name: text(&owner["display_name"]).map(|name| unescaped(&name)),
        // Display names are not unique: the number is who it is.
        handle: name(&owner["user_id"]),
        url: web(&owner["link"]),
        avatar: web(&owner["profile_image"]),
        ..Person::default()
    };
    (person != Person::default()).then_some(person)
}

fn counts(entry: &Value) -> BTreeMap<String, u64> {
    let said = [("likes", "score"), ("replies", "answer_count"), ("views", "view_count")];
    said.iter().filter_map(|(name, member)| Some(((*name).to_owned(), count(&entry[*member])?))).collect()
}

/// The host of a site by its name in the API (`/sites`, `api_site_parameter`).
fn host(site: &str) -> String {
    const OWN: [&str; 6] =
        ["stackoverflow", "superuser", "serverfault", "askubuntu", "stackapps", "stackexchange"];
    match site.rsplit('.').next() {
        Some(last) if OWN.contains(&last) => format!("{site}.com"),
        _ if site.contains('.') => site.to_owned(),
        _ => format!("{site}.stackexchange.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (site, at) in [
            ("stackoverflow", "stackoverflow.com"),
            ("pt.stackoverflow", "pt.stackoverflow.com"),
            ("meta.stackexchange", "meta.stackexchange.com"),
            ("mathoverflow.net", "mathoverflow.net"),
            ("coffee", "coffee.stackexchange.com"),
        ] {
            assert_eq!(host(site), at);
        }
    }

    #[test]
    fn a_question_an_answer_and_a_comment_know_each_other() {
        let of = |entry: Value| item("stackoverflow", Some("5"), &entry).unwrap();
        let question = of(
            json!({"question_id": 7, "title": "Why &amp; how?", "body": "<p>x</p>", "tags": ["rust"], "score": -2,
            "answer_count": 1, "creation_date": 1_700_000_000, "last_activity_date": 1_700_000_100, "last_edit_date": 1_700_000_050,
            "link": "https://stackoverflow.com/questions/7/why", "owner": {"user_type": "does_not_exist", "display_name": "user1"}}),
        );
        assert_eq!(
            (question.id.as_str(), question.kind, question.title.as_deref()),
            ("posts/7", "note", Some("Why & how?"))
        );
        assert_eq!(
            question.counts,
            BTreeMap::from([("replies".to_owned(), 1)]),
            "a score below zero counts nothing"
        );
        assert!(question.modified > question.published && question.tags == ["rust"]);
        let answer =
            of(json!({"question_id": 7, "answer_id": 8, "owner": {"user_id": 5, "display_name": "Ana"}}));
        assert_eq!(
            (answer.id.as_str(), answer.in_reply_to.as_deref(), answer.own),
            ("posts/8", Some("posts/7"), true)
        );
        assert_eq!(answer.url.as_deref(), Some("https://stackoverflow.com/a/8"));
        let comment = of(json!({"comment_id": 9, "post_id": 8}));
        assert_eq!(
            (comment.id.as_str(), comment.in_reply_to.as_deref(), comment.own),
            ("comments/9", Some("posts/8"), false)
        );
        assert_eq!(item("stackoverflow", None, &json!({})), None);
    }

    #[test]
    fn the_inbox_is_of_all_sites() {
        let of = |entry: Value| item("stackoverflow", None, &entry);
        let here = json!({"item_type": "comment", "comment_id": 9, "question_id": 7, "answer_id": 8, "creation_date": 1,
            "site": {"api_site_parameter": "stackoverflow"}, "body": "a &lt; b"});
        let here = of(here).unwrap();
        assert_eq!(
            (here.id.as_str(), here.in_reply_to.as_deref(), here.thread.as_deref()),
            ("comments/9", Some("posts/8"), Some("posts/7"))
        );
        assert_eq!(here.text.as_deref(), Some("a < b"));
        let there = of(json!({"item_type": "new_answer", "answer_id": 8, "question_id": 7, "site": {"api_site_parameter": "coffee"}})).unwrap();
        assert_eq!(
            (there.id.as_str(), there.in_reply_to.as_deref()),
            ("coffee/posts/8", Some("coffee/posts/7"))
        );
        assert_eq!(of(json!({"item_type": "moderator_message", "creation_date": 1})), None);
    }
}
