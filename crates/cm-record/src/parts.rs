//! The tools' parts, typed: who owns a part writes it, others may read it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `_cm_fetch`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FetchPart {
    /// When it was fetched, RFC 3339.
    pub at: String,
    /// The address it came from.
    pub from: String,
    /// The network's own id: a string, or what a reply needs (`parent.native` of a draft is made from it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native_id: Option<Value>,
    /// `held`, `spam` ... where the network says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The date of the item as its source wrote it, where that is not how the record writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The validator it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Of an item that is handed out again because it was changed: the members that say something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
}

/// `_cm_scan`. All but the matches is there only where it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScanPart {
    /// One per search that matched.
    pub matches: Vec<Match>,
    /// The id of the item that this one is a near-duplicate of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// How much of the shorter of the two stands in the other, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// The language that the text seems to be in, where the record names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageHint>,
    /// How the text seems to be meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<SentimentHint>,
}

/// A guess at a language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LanguageHint {
    /// BCP 47.
    pub code: String,
    /// 0 to 1.
    pub confidence: f64,
}

/// A guess at what an English text feels, from its words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SentimentHint {
    /// `positive` `negative` `neutral`.
    pub label: String,
    /// -1 to 1.
    pub score: f64,
    /// What decided, in the order of the text.
    pub words: Vec<SentimentWord>,
}

/// A word that a guess was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SentimentWord {
    /// As it stands in the text.
    pub word: String,
    /// What it counted for, negation and emphasis included.
    pub weight: f64,
}

/// A search that matched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// Its name, or the query itself when ad hoc.
    pub query: String,
    /// How good an occasion it is.
    pub score: f64,
    /// Where.
    pub hits: Vec<Hit>,
}

/// A place in a field, in Unicode code points; `end` is not included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The member.
    pub field: String,
    /// First code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The words as they stand.
    pub exact: String,
    /// The 12 code points before.
    pub prefix: String,
    /// The 12 code points after.
    pub suffix: String,
    /// The clause of the query that asked for it, with `--clauses`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
}

/// `_cm_shorten`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShortenPart {
    /// When.
    pub at: String,
    /// With `--for`, one per link and account.
    pub links: Vec<ShortLink>,
}

/// A link that was cleaned, tagged and shortened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShortLink {
    /// As it stands in the record.
    pub url: String,
    /// Cleaned.
    pub clean_url: String,
    /// With campaign tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagged_url: Option<String>,
    /// Short; absent with `--backend none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_url: Option<String>,
    /// The short link's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The account it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// `_cm_inbox`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InboxPart {
    /// When.
    pub at: String,
    /// The item's number at the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// `answer` or `read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// `open` `later` `assigned` `answered` `done` `muted`.
    pub state: String,
    /// Seconds that its author has waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_s: Option<i64>,
    /// Why it stands where it stands.
    #[serde(default)]
    pub reasons: Vec<ReasonPoints>,
    /// Who takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned: Option<String>,
    /// Notes on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A reason and its weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReasonPoints {
    /// The reason.
    pub why: String,
    /// Its points.
    pub points: f64,
}

/// `_cm_schedule`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SchedulePart {
    /// One per account.
    pub posts: Vec<Post>,
}

/// Where a post stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostState {
    /// Not to be sent yet.
    Draft,
    /// Waits for its time.
    #[default]
    Queued,
    /// Its intent is committed; it may be on its way.
    Sending,
    /// It is out.
    Published,
    /// Whether it is out is not known: a person decides.
    Unsure,
    /// Its time passed while nothing ran.
    Missed,
    /// The network refused it.
    Failed,
    /// Taken back before it went.
    Cancelled,
}

/// A post.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// `urn:cm:post:...`.
    pub id: String,
    /// Where it goes.
    pub account: String,
    /// The item it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// What it says.
    pub text: String,
    /// When, UTC.
    pub due: String,
    /// The IANA zone that its slot was read in.
    pub time_zone: String,
    /// Where it stands.
    pub state: PostState,
    /// How often sending was begun.
    pub attempts: u64,
    /// When it went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// Where it stands on the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_url: Option<String>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
