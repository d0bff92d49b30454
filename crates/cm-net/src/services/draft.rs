//! A post before it is frozen.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Its whole address.
    pub url: String,
}

/// A post before it is frozen.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The post's id (`urn:cm:post:...`).
    pub id: String,
    /// What is to be said; empty when something is to be done.
    pub text: String,
    /// The links in the text, in their order.
    pub links: Vec<Link>,
    /// The record as JSON, without where we read it.
    pub record: Value,
    /// When it is frozen.
    pub at: DateTime<Utc>,
}

impl Draft {
    /// What is to be done rather than said: `approve`, `spam`, `trash`, `like`, `boost`.
    pub fn action(&self) -> Option<&str> {
        self.record.pointer("/_cm/action")?.as_str()
    }

    /// The network's own reference of the item that is answered or acted on, as the reading half gave it.
    pub fn native(&self) -> Option<&Value> {
        self.record.pointer("/_cm/parent/native").filter(|native| !native.is_null())
    }

    /// The id of the item that is answered or acted on; absent when this is no answer.
    pub fn in_reply_to(&self) -> Option<&str> {
        self.record.pointer("/_cm/in_reply_to")?.as_str()
    }

    /// BCP 47, where it is known.
    pub fn language(&self) -> Option<&str> {
        self.record.get("language")?.as_str()
    }
}
