//! A notification as an item (entity `Notification`). In: notifications. Out: what somebody said to us, or that somebody did
//! something: liked, boosted, followed. What was written to us alone is a message and no mention: `messages` reads it.

use super::kin::Kin;
use super::session::Session;
use super::sources::Part;
use super::status::{Around, array, instant, item, name, number, person, text};
use crate::services::{Audience, Item};
use serde_json::Value;

/// What is said of what was done.
const DEEDS: [(&str, &str); 8] = [
    ("favourite", "likes this"),
    ("reblog", "boosted this"),
    ("follow", "follows"),
    ("follow_request", "asks to follow"),
    ("admin.sign_up", "signed up"),
    ("admin.report", "sent a report"),
    ("severed_relationships", "relationships were severed"),
    ("moderation_warning", "a moderator's warning"),
];

/// Which notifications are wanted.
pub(super) struct Wish<'a> {
    /// Their types.
    pub(super) types: &'a [String],
    /// Of mentions: which.
    pub(super) part: Part,
}

impl Wish<'_> {
    /// The status of a notification that is wanted, where its words are what counts.
    pub(super) fn status<'n>(&self, notification: &'n Value) -> Option<&'n Value> {
        let kind = self.kind(notification)?;
        let status = &notification["status"];
        let speaks = !is_deed(kind) && status.is_object() && status["visibility"] != "direct";
        speaks.then_some(status)
    }

    fn kind<'n>(&self, notification: &'n Value) -> Option<&'n str> {
        // Pleroma tells direct messages of its chats apart; a server that knows no `types` tells everything.
        notification["type"].as_str().filter(|kind| self.types.iter().any(|wanted| wanted == kind))
    }

    /// As an item, if it is wanted.
    pub(super) fn item(&self, notification: &Value, session: &Session, kin: &Kin) -> Option<Item> {
        let kind = self.kind(notification)?;
        if is_deed(kind) {
            return deed(kind, notification, session);
        }
        let status = self.status(notification)?;
        let answers_us = answers(status, &session.id);
        match self.part {
            Part::Mentions if answers_us => return None,
            Part::Replies if !answers_us => return None,
            _ => {}
        }
        let around = Around { me: &session.id, host: &session.host, kin: kin.of(status) };
        let item = item(status, around)?;
        let speaks_to_us = matches!(kind, "mention" | "quote");
        let kind = match (speaks_to_us, answers_us) {
            (true, true) => "reply",
            (true, false) => "mention",
            _ => item.kind,
        };
        Some(Item { kind, ..item })
    }
}

/// Whether a status answers something of ours.
fn answers(status: &Value, me: &str) -> bool {
    number(&status["in_reply_to_account_id"]).as_deref() == Some(me)
}

fn is_deed(kind: &str) -> bool {
    DEEDS.iter().any(|(deed, _)| *deed == kind)
}

/// Nobody wrote anything: who did what to which status of ours. 4.5: a report has no status, a warning no account.
fn deed(kind: &str, notification: &Value, session: &Session) -> Option<Item> {
    let (_, words) = DEEDS.iter().find(|(deed, _)| *deed == kind)?;
    let status = &notification["status"];
    let to = name(status);
    Some(Item {
        id: format!("notifications/{}", number(&notification["id"])?),
        kind: "event",
        url: text(&notification["account"]["url"]),
        external_url: text(&status["url"]).or_else(|| to.clone().filter(|to| to.starts_with("http"))),
        in_reply_to: to.clone(),
        thread: to,
        author: Some(person(&notification["account"], &session.host)),
        text: Some((*words).to_owned()),
        published: instant(&notification["created_at"]),
        audience: (!status["visibility"].is_string()).then_some(Audience::Direct).or_else(|| seen_by(status)),
        ..Item::default()
    })
}

/// Who may see a status of ours may see who liked it.
fn seen_by(status: &Value) -> Option<Audience> {
    match status["visibility"].as_str()? {
        "public" => Some(Audience::Public),
        "unlisted" => Some(Audience::Unlisted),
        "private" => Some(Audience::Followers),
        _ => Some(Audience::Direct),
    }
}

/// The statuses of a page of notifications whose kin is asked for.
pub(super) fn speaking<'n>(rows: &'n Value, wish: &Wish) -> Vec<&'n Value> {
    array(rows).iter().filter_map(|row| wish.status(row)).collect()
}
