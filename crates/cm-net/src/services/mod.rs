//! The networks: one folder each, behind two traits. Adding one is adding its folder.

pub mod file;
mod payload;
pub mod webhook;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// What a network promises about sending the same thing twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarantee {
    /// The same key is honoured for ever: after an unknown outcome, send the same bytes again.
    SameKey,
    /// `find` can tell for certain whether the post is there.
    ReadBack,
    /// Neither: an unknown outcome stays unknown until a person says.
    None,
}

/// A post as it leaves: frozen before the first attempt, the same at every later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The post's id (`urn:cm:post:...`), from which idempotency keys are made.
    pub id: String,
    /// The exact bytes to send, as `freeze` made them.
    pub body: Vec<u8>,
    /// When the intent was first committed.
    pub since: DateTime<Utc>,
}

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is out.
    Published {
        /// Its address, where the network says one.
        url: Option<String>,
    },
    /// The network said no, definitely: nothing was published.
    Refused {
        /// In its words.
        reason: String,
    },
    /// Nothing was sent, or the network asks to come back later: try again, not before `after` where given.
    Later {
        /// Why.
        reason: String,
        /// Not before.
        after: Option<DateTime<Utc>>,
    },
    /// The account's credentials were refused.
    Credentials {
        /// In its words.
        reason: String,
    },
    /// It may be out or not.
    Unknown {
        /// What happened.
        reason: String,
    },
}

/// What reading back found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Yes {
        /// Its address.
        url: Option<String>,
    },
    /// It is certainly not there.
    No,
    /// It cannot be told.
    Unknown,
}

/// The publishing half of a network.
pub trait Publish: Send + Sync {
    /// What may be relied on after an unknown outcome.
    fn guarantee(&self) -> Guarantee;
    /// The exact bytes for a post: its id, text, the record as JSON, and `_cm.parent.native` when it is a reply or action.
    /// Pure: no I/O, no clock.
    fn freeze(&self, id: &str, text: &str, record: &Value) -> Result<Vec<u8>, String>;
    /// Sends frozen bytes once.
    fn send<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Delivery>;
    /// Looks whether a post is there.
    fn find<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Found>;
}

/// A page of what a network holds, in its own words.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Items as the network gives them.
    pub items: Vec<Value>,
    /// Where to go on; `None` at the end.
    pub cursor: Option<String>,
}

/// The reading half of a network.
pub trait Read: Send + Sync {
    /// One page of `what` (`comments`, `held`, `mentions` ...) after a cursor.
    fn page<'a>(
        &'a self,
        what: &'a str,
        cursor: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page, crate::Error>>;
}
