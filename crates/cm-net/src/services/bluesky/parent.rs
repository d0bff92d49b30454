//! The post that is answered or acted on: whether it is still there, and what a reply has to say of it.
//! In: its address. Out: its reference and its thread's, or that it is gone, or that nobody can tell.
//!
//! | who wrote it | who is asked |
//! |---|---|
//! | we | our own server: `com.atproto.repo.getRecord` |
//! | others | the AppView, through our server: `app.bsky.feed.getPosts`; where it does not answer or does not have it, `getRecord`, which knows the accounts of our server |

use super::record::reference;
use super::said::Fault;
use super::uri::AtUri;
use super::xrpc::Xrpc;
use crate::services::Trouble;
use serde_json::{Value, json};

/// What is known of a post.
pub(super) enum Parent {
    /// It is there.
    There {
        /// Its reference.
        own: Value,
        /// The reference of its thread's first post.
        root: Value,
    },
    /// It cannot be answered; why.
    Gone(String),
    /// It cannot be told; why.
    Untold(Trouble),
}

/// Asks for a post, to be answered or (`reply` is false) acted on; `me` is our DID.
pub(super) async fn look(xrpc: &Xrpc, me: &str, uri: &str, reply: bool) -> Parent {
    let Some(parts) = AtUri::parse(uri) else {
        return Parent::Gone("what it answers has no address".to_owned());
    };
    if parts.repo == me {
        return in_repository(xrpc, &parts).await;
    }
    match xrpc.get("app.bsky.feed.getPosts", &[("uris", uri)]).await {
        Ok(answer) => match answer.value["posts"].get(0) {
            Some(view) => judged(view, reply),
            // The AppView leaves out what was deleted, and posts of those who block us.
            None => match in_repository(xrpc, &parts).await {
                Parent::Untold(_) => {
                    Parent::Gone("the post was deleted, or its author blocks this account".to_owned())
                }
                known => known,
            },
        },
        Err(Fault::Session(trouble)) => Parent::Untold(trouble),
        Err(_no_app_view) => in_repository(xrpc, &parts).await,
    }
}

/// A post as the AppView shows it (`app.bsky.feed.defs#postView`).
fn judged(view: &Value, reply: bool) -> Parent {
    let is = |pointer: &str| view.pointer(pointer).is_some_and(|value| value == true || value.is_string());
    if is("/author/viewer/blockedBy") {
        return Parent::Gone("its author blocks this account".to_owned());
    }
    if is("/author/viewer/blocking") {
        return Parent::Gone("this account blocks its author".to_owned());
    }
    if reply && is("/viewer/replyDisabled") {
        return Parent::Gone("its author does not take replies from this account".to_owned());
    }
    there(view, &view["record"])
}

async fn in_repository(xrpc: &Xrpc, parts: &AtUri<'_>) -> Parent {
    let asked = [("repo", parts.repo), ("collection", parts.collection), ("rkey", parts.rkey)];
    match xrpc.get("com.atproto.repo.getRecord", &asked).await {
        Ok(answer) => there(&answer.value, &answer.value["value"]),
        Err(Fault::Said(said)) if said.name == "RecordNotFound" => {
            Parent::Gone("the post was deleted".to_owned())
        }
        Err(fault) => Parent::Untold(fault.into()),
    }
}

fn there(post: &Value, record: &Value) -> Parent {
    let Some(own) = reference(post) else {
        return Parent::Untold(Trouble::Refused(
            "its server tells no reference of what is answered".to_owned(),
        ));
    };
    let root = record.pointer("/reply/root").and_then(reference).unwrap_or_else(|| json!(own));
    Parent::There { own, root }
}
