//! Moderation: a comment's status is set, once it is known to be another. In: what is wanted. Out: whether it is so.
//!
//! Documented: `POST comments/<id> {"status"}`, `DELETE comments/<id>` for the trash (REST API reference). Measured on 6.1: a
//! status that WordPress does not know is a 200 that changes nothing, so the status in the answer is compared. Such a POST
//! also writes the moderator's IP address and user agent over the commenter's, by which spam is told; so both are read
//! first and given back, or something that is nobody's in place of what WordPress would not take (imported comments have
//! none, proxies leave lists of addresses). `DELETE` leaves them alone, and says 501 where a blog has no trash, instead of
//! deleting for good.

use super::answer::{self, Said};
use super::comment::{ALL_FIELDS, Comment, shown};
use super::frozen::Moderate;
use super::reply::undelivered;
use super::session::Session;
use crate::client::Response;
use crate::services::Trouble;
use crate::{Delivery, Error, Found};
use serde_json::json;
use std::net::IpAddr;

/// As WordPress itself writes an address that nobody is to know (`wp_privacy_anonymize_ip`).
const NO_ADDRESS: &str = "0.0.0.0";
/// As web servers' logs write no user agent.
const NO_AGENT: &str = "-";

/// Sets it.
pub(super) async fn send(session: &Session, wanted: &Moderate) -> Delivery {
    let now = match comment(session, wanted.comment).await {
        Ok(Some(comment)) => comment,
        Ok(None) => return refused("the comment was deleted for good"),
        Err(trouble) => return trouble.into(),
    };
    if now.post != wanted.post {
        return refused(&format!("the comment belongs to post {}, not to {}", now.post, wanted.post));
    }
    if now.status == wanted.status {
        return Delivery::Published { url: now.url() };
    }
    match set(session, &now, &wanted.status).await {
        Ok(answer) => judge(session, wanted, &answer).await,
        Err(error) => undelivered(error),
    }
}

/// Sets the status of a comment that was read with what the change would overwrite.
pub(super) async fn set(session: &Session, comment: &Comment, status: &str) -> Result<Response, Error> {
    let route = format!("wp/v2/comments/{}", comment.id);
    if status == "trash" {
        return session.trash(&route).await;
    }
    let ip = comment.ip.as_deref().filter(|ip| ip.parse::<IpAddr>().is_ok());
    let (ip, agent) = (ip.unwrap_or(NO_ADDRESS), comment.agent.as_deref().unwrap_or(NO_AGENT));
    session.post(&route, &json!({"status": status, "author_ip": ip, "author_user_agent": agent})).await
}

/// Whether it is set.
pub(super) async fn find(session: &Session, wanted: &Moderate) -> Found {
    match comment(session, wanted.comment).await {
        Ok(Some(comment)) if comment.status == wanted.status => Found::Yes { url: comment.url() },
        Ok(Some(_)) => Found::No,
        // Somebody was more thorough.
        Ok(None) if wanted.status == "trash" => Found::Yes { url: None },
        Ok(None) => Found::No,
        Err(_) => Found::Unknown,
    }
}

async fn judge(session: &Session, wanted: &Moderate, answer: &Response) -> Delivery {
    let usual = answer::delivery(answer, session.now());
    let said = Said::from(answer);
    match (answer.status, said.as_ref().map_or("", Said::code)) {
        (_, "rest_trash_not_supported") => refused("the blog has no trash: it would be deleted for good"),
        (_, "rest_already_trashed") => Delivery::Published { url: None },
        (200, _) => match said.and_then(|said| Comment::of(&said.json)) {
            Some(comment) if comment.status == wanted.status => Delivery::Published { url: comment.url() },
            Some(comment) => {
                refused(&format!("WordPress left the comment as it is: {}", shown(&comment.status)))
            }
            None => usual,
        },
        // It failed, or somebody was quicker.
        (500.., _) if matches!(usual, Delivery::Unknown { .. }) => match find(session, wanted).await {
            Found::Yes { url } => Delivery::Published { url },
            Found::No => Delivery::Later { reason: answer::short(answer), after: None },
            Found::Unknown => usual,
        },
        _ => usual,
    }
}

/// A comment as it stands; `None` when it was deleted for good.
pub(super) async fn comment(session: &Session, id: u64) -> Result<Option<Comment>, Trouble> {
    let query = [("context", "edit"), ("_fields", ALL_FIELDS)];
    let said = session.get(&format!("wp/v2/comments/{id}"), &query).await?;
    if said.status == 404 && matches!(said.code(), "rest_comment_invalid_id" | "rest_post_invalid_id") {
        return Ok(None);
    }
    let said = said.well()?;
    let comment = Comment::of(&said.json);
    comment
        .map(Some)
        .ok_or_else(|| Trouble::Refused(format!("{} answered with JSON that is no comment", said.host)))
}

fn refused(reason: &str) -> Delivery {
    Delivery::Refused { reason: reason.to_owned() }
}
