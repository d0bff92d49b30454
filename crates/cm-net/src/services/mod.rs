//! The networks: one folder each, behind two traits and a row in `network.rs`. Adding one is adding its folder and its row.
//! In: accounts, drafts, what to read. Out: deliveries, items in words that all networks share. It knows no records.

mod account;
#[cfg(test)]
mod any_json;
#[expect(dead_code, reason = "the networks that are coming use it")]
pub(crate) mod api;
mod asked;
mod bluesky;
mod discourse;
mod draft;
mod facebook;
pub mod file;
mod github;
mod grid;
mod hackernews;
mod item;
mod late;
mod lemmy;
mod linkedin;
pub(crate) mod links;
mod mastodon;
pub(crate) mod members;
mod network;
mod payload;
mod purse;
mod rates;
mod reddit;
mod stackexchange;
mod trouble;
mod walk;
pub mod webhook;
mod webmention;
mod window;
mod wordpress;
mod x;
mod youtube;

pub use account::{Account, Held, Means, Password, Vault};
pub use draft::{Draft, Link};
pub use item::{Audience, Item, Media, Page, Person, Wanted};
pub use network::{NETWORKS, Network, network};
pub use purse::{Money, Purse};
pub use trouble::{Limit, Standing, Trouble};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use unicode_segmentation::UnicodeSegmentation;
use url::Url;

/// Why a text is too long for a network that takes so many graphemes.
pub(crate) fn too_long(text: &str, longest: usize) -> Result<(), String> {
    let count = text.graphemes(true).count();
    if count <= longest { Ok(()) } else { Err(format!("takes {longest} characters, the text has {count}")) }
}

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
    /// The exact bytes to send, as `freeze` and `resolve` made them.
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
    /// The bytes of a post, as far as they can be made without asking anybody; `Err` says why the network does not take
    /// it, in words that follow the account's name ("takes 300 characters, the text has 301"). Pure: no I/O, no clock.
    fn freeze(&self, draft: &Draft) -> Result<Vec<u8>, String>;
    /// What people will read of frozen bytes, where that is not the draft's text as it stands. Pure.
    fn shown(&self, _body: &[u8]) -> Option<String> {
        None
    }
    /// Asks the network what must be known before the bytes are final, such as who is behind a handle. Called once, before
    /// the intent is committed; nothing is published here.
    fn resolve<'a>(&'a self, body: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, Trouble>> {
        Box::pin(async { Ok(body) })
    }
    /// Sends frozen bytes once. What must still hold at that moment (the parent is there and open) is checked first.
    fn send<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Delivery>;
    /// Looks whether a post is there.
    fn find<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Found>;
    /// Whether the account could post now, and as whom; nothing is published.
    fn check<'a>(&'a self) -> BoxFuture<'a, Result<Standing, Trouble>>;
}

/// A page that is asked for.
pub type NextPage<'a> = BoxFuture<'a, Result<Page, Trouble>>;

/// The reading half of a network.
pub trait Read: Send + Sync {
    /// What can be read, for people: `comments`, `held`, `search?q=...`.
    fn offers(&self) -> &'static [&'static str];
    /// Whether this is a stream without an end (a search, a timeline), of which `Wanted::since` says how far back it is read;
    /// the rest is queues, which are read whole.
    fn is_stream(&self, what: &str) -> bool;
    /// The server that is asked, where the account's url does not say it: its manners are kept by its host.
    fn server(&self) -> Option<Url> {
        None
    }
    /// One page of what is wanted, after the page that ended with `cursor`. The pages of one run are asked for in turn,
    /// until one has no `next`.
    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a>;
}
