//! A reply: one POST, once what WordPress itself does not check holds. In: what was frozen. Out: what came of it.
//!
//! Measured: WordPress takes a reply under a comment that is held, in the trash, of another post, or was never there; so
//! the parent is read first, and the post. It checks itself that comments are open.
//!
//! | answer to the POST | taken as |
//! |---|---|
//! | 201 | published; held or taken for spam: approved at once where we may, else told below |
//! | 409 `comment_duplicate` | ours by its marker or its words: published; else refused |
//! | 400 `comment_flood`, 429, 503 with Retry-After | nothing was published: later |
//! | 500 `rest_comment_failed_create` | the row could not be written (class-wp-rest-comments-controller.php): later |
//! | 401 and codes that refuse the password | credentials |
//! | 3xx, other 4xx | refused |
//! | anything else | unknown |

use super::answer::{self, Said};
use super::comment::{Comment, shown};
use super::frozen::Reply;
use super::session::Session;
use super::{moderate, ours};
use crate::client::Response;
use crate::services::Trouble;
use crate::{Delivery, Error};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// How long a user who may not moderate waits between two comments (`check_comment_flood_db`: 15 s), and a little more.
const FLOOD: TimeDelta = TimeDelta::seconds(20);

/// Sends it, when it may be sent.
pub(super) async fn send(session: &Session, wanted: &Reply, since: DateTime<Utc>) -> Delivery {
    // A run that slept since it was told to send may find it done; WordPress's own check for duplicates is no guard.
    match ours::settle(session, wanted, since).await {
        Ok(Some(kept)) => return there(session, &kept).await,
        Ok(None) => {}
        Err(trouble) => return trouble.into(),
    }
    if let Err(trouble) = check(session, wanted).await {
        return trouble.into();
    }
    let body = json!({
        "post": wanted.post,
        "parent": wanted.comment,
        "content": wanted.content,
        "author_user_agent": wanted.marker,
    });
    match session.post("wp/v2/comments", &body).await {
        Ok(answer) => judge(session, wanted, since, &answer).await,
        Err(error) => undelivered(error),
    }
}

/// What must hold at the moment of sending.
async fn check(session: &Session, wanted: &Reply) -> Result<(), Trouble> {
    let refused = |reason: String| Err(Trouble::Refused(reason));
    let route = format!("wp/v2/comments/{}", wanted.comment);
    // Not an address that anybody asks for: a cache may have an old answer to that.
    let context = if session.me.moderates { "edit" } else { "view" };
    let query = [("context", context), ("_fields", "id,post,parent,status,_links")];
    let said = session.get(&route, &query).await?;
    match (said.status, said.code()) {
        (404, "rest_comment_invalid_id") => {
            return refused("the comment that it answers was deleted".to_owned());
        }
        (404, "rest_post_invalid_id") => return refused("the post that it is about was deleted".to_owned()),
        (401 | 403, "rest_cannot_read") => {
            return refused(
                "the comment that it answers is not approved (held, spam or in the trash)".to_owned(),
            );
        }
        _ => {}
    }
    let said = said.well()?;
    let Some(parent) = Comment::of(&said.json) else {
        return refused(format!("{} answered with JSON that is no comment", said.host));
    };
    let stands = match parent.status.as_str() {
        "approved" => None,
        "hold" => Some("is still held: approve it first (cm-inbox approve)"),
        "spam" => Some("is marked as spam"),
        "trash" => Some("is in the trash"),
        _ => Some("is not shown"),
    };
    if let Some(stands) = stands {
        return refused(format!("the comment that it answers {stands}"));
    }
    if parent.post != wanted.post {
        return refused(format!(
            "the comment that it answers belongs to post {}, not to {}",
            parent.post, wanted.post
        ));
    }
    let up = said.json.pointer("/_links/up/0/href").and_then(Value::as_str);
    match up.and_then(|up| session.route(up)) {
        Some(route) => open(session, &route).await,
        // Posts of a kind that the API does not show: WordPress itself checks that comments are open.
        None => Ok(()),
    }
}

/// Whether a post is there for everybody and takes comments.
async fn open(session: &Session, route: &str) -> Result<(), Trouble> {
    let said = session.get(route, &[("_fields", "id,status,comment_status,content.protected")]).await?;
    if matches!(said.status, 403 | 404) || (said.status == 401 && said.code().starts_with("rest_")) {
        return Err(Trouble::Refused(format!("the post that it is about cannot be read: {}", said.reason())));
    }
    let said = said.well()?;
    let text = |name: &str| said.json.get(name).and_then(Value::as_str).unwrap_or_default();
    let reason = match text("status") {
        // A photo is as public as the post that it stands in.
        "publish" | "inherit" | "" => None,
        other => Some(format!("the post that it is about is not published ({other})")),
    };
    let closed =
        (text("comment_status") == "closed").then(|| "comments are closed under that post".to_owned());
    let locked = said.json.pointer("/content/protected").and_then(Value::as_bool) == Some(true);
    let locked = locked.then(|| "the post that it is about is protected by a password".to_owned());
    reason.or(closed).or(locked).map_or(Ok(()), |reason| Err(Trouble::Refused(reason)))
}

async fn judge(session: &Session, wanted: &Reply, since: DateTime<Utc>, answer: &Response) -> Delivery {
    let (reason, now) = (answer::short(answer), session.now());
    let said = Said::from(answer);
    match (answer.status, said.as_ref().map_or("", Said::code)) {
        (201, _) => match said.and_then(|said| Comment::of(&said.json)) {
            Some(comment) => accepted(session, wanted, since, comment).await,
            None => Delivery::Unknown { reason },
        },
        (409, _) if said.is_some() => duplicate(session, wanted, since, reason).await,
        (_, "comment_flood") => {
            Delivery::Later { reason, after: answer.retry_after(now).or(Some(now + FLOOD)) }
        }
        (500, "rest_comment_failed_create") => Delivery::Later { reason, after: None },
        (_, "rest_comment_closed") => refused("comments are closed under that post"),
        _ => answer::delivery(answer, now),
    }
}

/// It was taken. Another run that woke up late may have sent the same at the same moment.
async fn accepted(session: &Session, wanted: &Reply, since: DateTime<Utc>, comment: Comment) -> Delivery {
    let status =
        if comment.status == "approved" { comment.status.clone() } else { lift(session, &comment).await };
    if matches!(shown(&status), "spam" | "trash") {
        return refused(&format!("WordPress took the reply for {}: comments/{}", shown(&status), comment.id));
    }
    let kept = ours::settle(session, wanted, since).await;
    let url = kept.ok().flatten().map_or_else(|| comment.url(), |kept| kept.url());
    Delivery::Published { url }
}

/// Approves our own comment where a rule of the blog or a plugin kept it back and we may; says how it stands then.
async fn lift(session: &Session, comment: &Comment) -> String {
    let stays = || comment.status.clone();
    // Out of the trash nobody takes it but a person.
    if !session.me.moderates || shown(&comment.status) == "trash" {
        return stays();
    }
    match moderate::set(session, comment, "approved").await {
        Ok(answer) => {
            let said = Said::from(&answer).filter(|said| said.status == 200);
            said.and_then(|said| Comment::of(&said.json)).map_or_else(stays, |comment| comment.status)
        }
        Err(_) => stays(),
    }
}

/// The same words stand there already: ours, or another's of the same name.
async fn duplicate(session: &Session, wanted: &Reply, since: DateTime<Utc>, reason: String) -> Delivery {
    match ours::settle(session, wanted, since).await {
        Err(_) => return Delivery::Unknown { reason },
        Ok(Some(kept)) => return there(session, &kept).await,
        Ok(None) => {}
    }
    match ours::alike(session, wanted).await {
        Err(_) => Delivery::Unknown { reason },
        Ok(Some(kept)) => there(session, &kept).await,
        Ok(None) => {
            refused("the same words stand under that comment already, and not as a comment of this user's")
        }
    }
}

async fn there(session: &Session, comment: &Comment) -> Delivery {
    let status =
        if comment.status == "approved" { comment.status.clone() } else { lift(session, comment).await };
    match shown(&status) {
        status @ ("spam" | "trash") => {
            refused(&format!("the reply is there already, but as {status}: comments/{}", comment.id))
        }
        _ => Delivery::Published { url: comment.url() },
    }
}

/// What never left is tried again; of what may have, nobody knows.
pub(super) fn undelivered(error: Error) -> Delivery {
    match error.sent {
        true => Delivery::Unknown { reason: error.message },
        false => Delivery::Later { reason: error.message, after: None },
    }
}

fn refused(reason: &str) -> Delivery {
    Delivery::Refused { reason: reason.to_owned() }
}
