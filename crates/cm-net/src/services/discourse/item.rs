//! Posts, topics and notifications of a forum as items. A post is known by its number; in its topic it has another one, by
//! which answers name it (`reply_to_post_number`), so those are named by their place: `topics/12/3`.

use crate::services::members::{count, instant, list, name, text, unescaped, web};
use crate::services::{Audience, Item, Person};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

/// Whose forum it is, and who we are.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    /// The forum's address.
    pub(super) base: &'p Url,
    /// Our user.
    pub(super) me: Option<&'p str>,
    /// It is only for some: not everybody may see it.
    pub(super) private: bool,
}

/// What stands at a place of a topic.
pub(super) fn at(topic: &str, place: u64) -> String {
    format!("topics/{topic}/{place}")
}

impl Place<'_> {
    fn link(self, path: &str) -> String {
        format!("{}/{path}", self.base.as_str().trim_end_matches('/'))
    }

    fn is_me(self, user: Option<&str>) -> bool {
        self.me.zip(user).is_some_and(|(me, user)| me.eq_ignore_ascii_case(user))
    }

    fn person(self, entry: &Value) -> Option<Person> {
        let handle = text(&entry["username"])?;
        let avatar = text(&entry["avatar_template"]).map(|path| path.replace("{size}", "96"));
        Some(Person {
            name: text(&entry["name"]).or_else(|| text(&entry["display_username"])),
            url: Some(self.link(&format!("u/{handle}"))),
            avatar: avatar.and_then(|path| Some(self.base.join(&path).ok()?.into())),
            handle: Some(handle),
            ..Person::default()
        })
    }

    /// A post of any list; `title` is the topic's, where the list says it elsewhere.
    pub(super) fn post(self, post: &Value, title: Option<&str>) -> Option<Item> {
        let id = name(&post["id"])?;
        // Notes of moderators and of the forum itself ("closed this topic") are no posts of people.
        if !matches!(post["post_type"].as_u64(), None | Some(1)) {
            return None;
        }
        let topic = name(&post["topic_id"])?;
        let number = count(&post["post_number"]).unwrap_or(1);
        let slug = text(&post["topic_slug"]).unwrap_or_else(|| "-".to_owned());
        let said = count(&post["reply_to_post_number"]).filter(|place| *place > 0);
        let user = text(&post["username"]);
        let own = self.is_me(user.as_deref()) || post["yours"] == true;
        // Where nobody is named, others speak to who began, and we to all who spoke before.
        let parent = said.or((number > 1 && !own).then_some(1));
        let html = text(&post["cooked"]);
        let title = text(&post["topic_title"]).or_else(|| title.map(str::to_owned));
        // What is removed by its writer stays with a word in its place (`user_deleted`).
        let deleted = !post["deleted_at"].is_null() || post["user_deleted"] == true;
        let edited = count(&post["version"]).is_some_and(|version| version > 1);
        Some(Item {
            id: at(&topic, number),
            native: json!({"post": id, "topic": topic, "post_number": number}),
            url: Some(self.link(&format!("t/{slug}/{topic}/{number}"))),
            kind: kind(self.private, number),
            in_reply_to: parent.map(|place| at(&topic, place)),
            thread: Some(at(&topic, 1)),
            author: self.person(post),
            title: title.filter(|_| number == 1).map(|title| unescaped(&title)),
            text: html
                .is_none()
                .then(|| text(&post["raw"]).or_else(|| text(&post["blurb"])).unwrap_or_default()),
            html,
            published: instant(&post["created_at"]),
            modified: instant(&post["updated_at"]).filter(|_| edited),
            audience: self.audience(),
            status: (post["hidden"] == true).then(|| "hidden".to_owned()),
            own,
            deleted,
            counts: counts(post),
            ..Item::default()
        })
    }

    fn audience(self) -> Option<Audience> {
        match (self.private, self.me) {
            (true, _) => Some(Audience::Direct),
            // Who is let in to more than strangers cannot tell what they see.
            (false, None) => Some(Audience::Public),
            (false, Some(_)) => None,
        }
    }

    /// A topic of a list, which tells no more than an excerpt. It is its first post.
    pub(super) fn topic(self, topic: &Value, users: &[Value]) -> Option<Item> {
        let id = name(&topic["id"])?;
        let slug = text(&topic["slug"]).unwrap_or_else(|| "-".to_owned());
        let first = &list(&topic["posters"])
            .iter()
            .find(|who| who["description"].as_str().is_some_and(|words| words.contains("Original Poster")));
        let user = first.and_then(|who| users.iter().find(|user| user["id"] == who["user_id"]));
        let handle = user.and_then(|user| text(&user["username"]));
        let words = text(&topic["excerpt"]);
        Some(Item {
            id: at(&id, 1),
            native: json!({"topic": id, "post_number": 1}),
            url: Some(self.link(&format!("t/{slug}/{id}"))),
            kind: "note",
            thread: Some(at(&id, 1)),
            author: user.and_then(|user| self.person(user)),
            title: text(&topic["title"]),
            text: words.is_none().then(String::new),
            html: words,
            published: instant(&topic["created_at"]),
            tags: list(&topic["tags"])
                .iter()
                .filter_map(|tag| text(tag).or_else(|| text(&tag["name"])))
                .collect(),
            media: Vec::new(),
            audience: self.audience(),
            own: self.is_me(handle.as_deref()),
            external_url: web(&topic["featured_link"]),
            counts: counts(topic),
            ..Item::default()
        })
    }

    /// A notification that somebody wrote something; the rest (badges, likes) is none for the inbox. It names the post that
    /// it is about, not its words.
    pub(super) fn notification(self, told: &Value) -> Option<Item> {
        // Notification.types of Discourse.
        let kind = match told["notification_type"].as_u64()? {
            1 | 15 => "mention",
            2 | 3 | 9 => "reply",
            // Linked to, and new in what is watched; 24 reminds us of a bookmark of our own.
            11 | 17 | 36 => "mention",
            _ => return None,
        };
        let data = &told["data"];
        let topic = name(&told["topic_id"])?;
        let number = count(&told["post_number"]).unwrap_or(1);
        let slug = text(&told["slug"]).unwrap_or_else(|| "-".to_owned());
        let handle = ["original_username", "display_username", "username"]
            .iter()
            .find_map(|member| text(&data[*member]));
        let title =
            text(&told["fancy_title"]).map(|title| unescaped(&title)).or_else(|| text(&data["topic_title"]));
        Some(Item {
            id: at(&topic, number),
            native: json!({"topic": topic, "post_number": number, "post": data["original_post_id"]}),
            url: Some(self.link(&format!("t/{slug}/{topic}/{number}"))),
            kind,
            in_reply_to: (kind == "reply" && number > 1).then(|| at(&topic, 1)),
            thread: Some(at(&topic, 1)),
            author: handle.map(|handle| Person {
                url: Some(self.link(&format!("u/{handle}"))),
                handle: Some(handle),
                ..Person::default()
            }),
            text: Some(title.clone().unwrap_or_default()),
            title,
            published: instant(&told["created_at"]),
            ..Item::default()
        })
    }
}

fn kind(private: bool, number: u64) -> &'static str {
    match (private, number) {
        (true, _) => "message",
        (false, 1) => "note",
        (false, _) => "comment",
    }
}

fn counts(entry: &Value) -> BTreeMap<String, u64> {
    // Likes are the action number 2.
    let likes = list(&entry["actions_summary"]).iter().find(|action| action["id"] == 2);
    let likes = likes.and_then(|action| count(&action["count"])).or_else(|| count(&entry["like_count"]));
    let posts = count(&entry["posts_count"]).map(|posts| posts.saturating_sub(1));
    let replies = count(&entry["reply_count"]).filter(|_| posts.is_none()).or(posts);
    let said = [
        ("likes", likes),
        ("replies", replies),
        ("views", count(&entry["views"]).or_else(|| count(&entry["reads"]))),
    ];
    said.into_iter().filter_map(|(name, number)| Some((name.to_owned(), number?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(base: &Url) -> Place<'_> {
        Place { base, me: Some("acme"), private: false }
    }

    #[test]
    fn a_post() {
        let base = "https://forum.example/sub/".parse().unwrap();
        let post = json!({"id": 70, "topic_id": 12, "post_number": 3, "reply_to_post_number": 2, "topic_slug": "tea", "username": "Acme",
            "name": "", "avatar_template": "/a/{size}.png", "cooked": "<p>x</p>", "created_at": "2026-11-22T09:00:00.000Z",
            "updated_at": "2026-11-22T10:00:00.000Z", "version": 2, "actions_summary": [{"id": 2, "count": 4}], "reply_count": 1,
            "topic_title": "Tea &amp; pots", "post_type": 1, "hidden": true});
        let item = place(&base).post(&post, None).unwrap();
        assert_eq!(
            (item.id.as_str(), item.in_reply_to.as_deref(), item.thread.as_deref()),
            ("topics/12/3", Some("topics/12/2"), Some("topics/12/1"))
        );
        assert_eq!(item.url.as_deref(), Some("https://forum.example/sub/t/tea/12/3"));
        assert_eq!(
            (item.kind, item.own, item.status.as_deref(), item.title),
            ("comment", true, Some("hidden"), None)
        );
        assert!(item.modified.is_some() && item.counts["likes"] == 4 && item.audience.is_none());
        let author = item.author.unwrap();
        assert_eq!(
            (author.handle.as_deref(), author.avatar.as_deref()),
            (Some("Acme"), Some("https://forum.example/a/96.png"))
        );
        let mut plain = post.clone();
        plain["reply_to_post_number"] = Value::Null;
        let item = place(&base).post(&plain, None).unwrap();
        assert_eq!((item.own, item.in_reply_to, item.thread.as_deref()), (true, None, Some("topics/12/1")));
        plain["username"] = json!("bob");
        let item = place(&base).post(&plain, None).unwrap();
        assert_eq!((item.own, item.in_reply_to.as_deref()), (false, Some("topics/12/1")));
        let mut small = post.clone();
        small["post_type"] = json!(3);
        assert_eq!(place(&base).post(&small, None), None);
        let bare = place(&base).post(&json!({"id": 1, "topic_id": 2}), Some("T")).unwrap();
        assert_eq!(
            (bare.kind, bare.author, bare.in_reply_to, bare.title.as_deref()),
            ("note", None, None, Some("T"))
        );
    }

    #[test]
    fn a_notification_is_the_post_that_it_is_about() {
        let base = "https://forum.example/".parse().unwrap();
        let told = json!({"notification_type": 1, "topic_id": 12, "post_number": 3, "slug": "tea", "fancy_title": "Tea &amp; pots",
            "created_at": "2026-11-22T09:00:00Z", "data": {"original_username": "bob", "original_post_id": 70}});
        let item = place(&base).notification(&told).unwrap();
        assert_eq!(
            (item.id.as_str(), item.kind, item.title.as_deref()),
            ("topics/12/3", "mention", Some("Tea & pots"))
        );
        assert_eq!(item.author.unwrap().handle.as_deref(), Some("bob"));
        for (kind, topic) in
            [(5, json!(12)), (6, json!(12)), (24, json!(12)), (12, Value::Null), (1, Value::Null)]
        {
            assert_eq!(
                place(&base).notification(&json!({"notification_type": kind, "topic_id": topic})),
                None
            );
        }
    }
}
