//! A real WordPress: what tests put there, and what they find. Fixtures go through tests/peers/wordpress/fixtures.php,
//! which checks nothing; what is done as somebody goes through the REST API or the form, as that person's own tool would.

use super::{start, unique};
use crate::Login;
use crate::http::{Reply, Request};
use serde_json::{Value, json};

/// A blog, seen by its administrator.
#[derive(Clone, Debug)]
pub struct WordPress {
    /// Where it is, without a final slash.
    pub url: String,
    /// The administrator.
    pub admin: User,
}

/// Somebody with an application password.
#[derive(Clone, Debug)]
pub struct User {
    /// The name to log in with, which is the name that comments show too.
    pub name: String,
    /// The application password.
    pub password: String,
    /// The number of the user; 0 for the administrator of a `WordPress`.
    pub id: u64,
}

/// A comment to be put there; nothing is checked. It counts when the blog refuses a user without the right to moderate who
/// comments twice within 15 seconds, so `date` it earlier where that user is to comment next.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    /// The post.
    pub post: u64,
    /// The words, as they are stored.
    pub content: &'a str,
    /// The visitor's name.
    pub author: &'a str,
    /// A user of the blog instead of a visitor.
    pub user: Option<&'a User>,
    /// `approved`, `hold`, `spam` or `trash`.
    pub status: &'a str,
    /// The comment that is answered; 0 is none.
    pub parent: u64,
    /// UTC, `2026-11-22T09:00:00`; now where there is none.
    pub date: Option<&'a str>,
}

/// A row of the table of comments.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// The comment that it answers; 0 is none.
    pub parent: u64,
    /// The user who wrote it; 0 is a visitor.
    pub user: u64,
    /// The name shown.
    pub author: String,
    /// The words, as they are stored.
    pub content: String,
    /// `approved`, `hold`, `spam`, `trash` or `post-trashed`.
    pub status: String,
    /// The User-Agent that it came with.
    pub agent: String,
    /// UTC, `2026-11-22T09:00:00`.
    pub date: String,
}

/// Starts WordPress.
pub fn wordpress() -> Option<WordPress> {
    start("WordPress", "wordpress-up").map(|keys| WordPress {
        url: keys.get("WP_URL"),
        admin: User { name: keys.get("WP_USER"), password: keys.get("WP_APP_PASSWORD"), id: 0 },
    })
}

impl<'a> Said<'a> {
    /// A visitor's approved comment of now.
    pub fn new(post: u64, author: &'a str, content: &'a str) -> Said<'a> {
        Said { post, content, author, user: None, status: "approved", parent: 0, date: None }
    }
}

impl User {
    /// A request to the REST API in this person's name.
    pub fn asks(&self, request: Request) -> Reply {
        request.basic(&self.name, &self.password).send()
    }
}

impl WordPress {
    /// An address of the REST API: `wp/v2/comments?...`.
    pub fn api(&self, path: &str) -> String {
        format!("{}/wp-json/{path}", self.url)
    }

    /// A request to the REST API that must succeed, as administrator.
    #[track_caller]
    fn done(&self, path: &str, body: &Value) -> Value {
        self.admin.asks(Request::post(self.api(path), body)).ok()
    }

    /// A published post of the administrator's that takes comments: its number.
    #[track_caller]
    pub fn post(&self, title: &str) -> u64 {
        self.post_of(&self.admin, title)
    }

    /// Whether a post takes comments from now on: `open` or `closed`.
    #[track_caller]
    pub fn discussion(&self, post: u64, status: &str) {
        self.done(&format!("wp/v2/posts/{post}"), &json!({"comment_status": status}));
    }

    /// A new user: `subscriber`, `contributor`, `author`, `editor` or `administrator`.
    #[track_caller]
    pub fn user(&self, role: &str) -> User {
        let made = self.done("cm-tests/v1/user", &json!({"login": unique(role), "role": role}));
        User { name: text(&made["login"]), password: text(&made["password"]), id: number(&made["id"]) }
    }

    /// A new administrator who is alone here: the API shows this user only the comments on own posts (fixtures.php), so that
    /// what other tests say is no concern of theirs.
    #[track_caller]
    pub fn desk(&self) -> User {
        let made = self.done("cm-tests/v1/user", &json!({"login": unique("desk"), "role": "administrator"}));
        User { name: text(&made["login"]), password: text(&made["password"]), id: number(&made["id"]) }
    }

    /// A published post of somebody's that takes comments: its number.
    #[track_caller]
    pub fn post_of(&self, user: &User, title: &str) -> u64 {
        let post =
            json!({"title": title, "content": "About it.", "status": "publish", "comment_status": "open"});
        number(&user.asks(Request::post(self.api("wp/v2/posts"), &post)).ok()["id"])
    }

    /// Puts a comment there, without any check: its number.
    #[track_caller]
    pub fn comment(&self, said: &Said<'_>) -> u64 {
        let comment = json!({
            "post": said.post, "content": said.content, "status": said.status, "parent": said.parent,
            "author": said.user.is_none().then_some(said.author), "user": said.user.map(|user| user.id),
            "date": said.date,
        });
        number(&self.done("cm-tests/v1/comment", &comment)["id"])
    }

    /// What a visitor does in a browser: fills in the form below a post, from an address of his own. Answered 302, and held for
    /// moderation or not, as the blog decides.
    pub fn visit(&self, post: u64, parent: u64, author: &str, content: &str) -> Reply {
        let (email, address) = (format!("{}@example.com", unique("visitor")), unique(""));
        let address: Vec<String> = address.bytes().take(3).map(|byte| byte.to_string()).collect();
        let (post, parent) = (post.to_string(), parent.to_string());
        let fields = [
            ("comment_post_ID", post.as_str()),
            ("comment_parent", &parent),
            ("author", author),
            ("email", &email),
            ("comment", content),
        ];
        Request::form(format!("{}/wp-comments-post.php", self.url), &fields)
            .header("User-Agent", crate::USER_AGENT)
            .header("X-Forwarded-For", &format!("10.{}", address.join(".")))
            .send()
    }

    /// A reply through the REST API, as somebody; answered 201, or refused. Who may not moderate is refused a second one
    /// within 15 seconds (400 `comment_flood`).
    pub fn reply(&self, user: &User, post: u64, parent: u64, content: &str) -> Reply {
        let body = json!({"post": post, "parent": parent, "content": content});
        user.asks(Request::post(self.api("wp/v2/comments"), &body))
    }

    /// Moderates, as administrator: `approved`, `hold`, `spam` or `trash`.
    #[track_caller]
    pub fn moderate(&self, comment: u64, status: &str) {
        self.done(&format!("wp/v2/comments/{comment}"), &json!({"status": status}));
    }

    /// New words for a comment, as administrator.
    #[track_caller]
    pub fn edit(&self, comment: u64, content: &str) {
        self.done(&format!("wp/v2/comments/{comment}"), &json!({"content": content}));
    }

    /// Deletes a comment for good, past the trash.
    #[track_caller]
    pub fn delete(&self, comment: u64) {
        let path = self.api(&format!("wp/v2/comments/{comment}?force=true"));
        self.admin.asks(Request::get(path).method("DELETE")).ok();
    }

    /// Every comment of a post, whatever became of it, oldest first: from the table, past the REST API.
    #[track_caller]
    pub fn comments(&self, post: u64) -> Vec<Comment> {
        let path = self.api(&format!("cm-tests/v1/comments?post={post}"));
        let rows = self.admin.asks(Request::get(path)).ok();
        rows.as_array().unwrap().iter().map(Comment::of).collect()
    }

    /// The administrator's account as the tools know it, by a name such as `wordpress:blog`.
    pub fn login(&self, account: &str) -> Login {
        self.login_of(account, &self.admin)
    }

    /// Somebody's account as the tools know it.
    pub fn login_of(&self, account: &str, user: &User) -> Login {
        Login::new(account, &self.url, &user.name, &user.password)
    }
}

impl Comment {
    fn of(row: &Value) -> Comment {
        Comment {
            id: number(&row["id"]),
            parent: number(&row["parent"]),
            user: number(&row["user"]),
            author: text(&row["author"]),
            content: text(&row["content"]),
            status: text(&row["status"]),
            agent: text(&row["agent"]),
            date: text(&row["date"]),
        }
    }
}

#[track_caller]
fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("not a number: {value}"))
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
