//! A link as another shortener tells of it, and what became of it here: one shape for files and for services.

use chrono::NaiveDate;
use serde::Serialize;

/// A link to take in. Texts stand as the source has them; nothing is checked yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Which one of the source it is, from 1; of a table as spreadsheets count, with the first line.
    pub number: u64,
    /// Its code: `AbC`. Without one it is shortened anew.
    pub code: Option<String>,
    /// What its short link begins with, where the source says so: `https://go.acme.example`.
    pub domain: Option<String>,
    /// Where it leads.
    pub target: String,
    /// Its title.
    pub title: Option<String>,
    /// What its owner wrote about it.
    pub note: Option<String>,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// The account whose clicks these are.
    pub account: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// When it was made, in ms since 1970.
    pub created_ms: Option<i64>,
    /// Whether it says when it was made in a way that cannot be read.
    pub is_undated: bool,
    /// When it ends, ms.
    pub expires_ms: Option<i64>,
    /// The day with which it ends, where no time of day stands beside it.
    pub expires_with: Option<NaiveDate>,
    /// What the link can there and none can here, each in a few words.
    pub lost: Vec<&'static str>,
    /// Before when it leads nowhere, ms.
    pub begins_ms: Option<i64>,
    /// After how many people's clicks it ends.
    pub max_clicks: Option<u32>,
    /// Where it leads once it has ended.
    pub fallback: Option<String>,
    /// The redirect's status.
    pub status: Option<u16>,
    /// Seconds that browsers may keep the redirect.
    pub max_age: Option<u32>,
    /// What makes two wishes one link, of links that come from another store of ours.
    pub identity: Option<String>,
    /// Clicks that the source has counted, by whatever rules.
    pub clicks: Option<i64>,
    /// Those of them that were people's, where the source tells them apart.
    pub people: Option<i64>,
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// As in `Row`.
    pub number: u64,
    /// Its code, as far as that is known.
    pub code: Option<String>,
    /// What is wrong with it, in lower case and without a full stop.
    pub why: String,
}

/// What a source gives, one by one. An error ends the run; a `Bad` row costs no other.
pub type Rows<'a> = Box<dyn Iterator<Item = anyhow::Result<Result<Row, Bad>>> + 'a>;

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was made, or would be.
    Created {
        /// Its short link; of a dry run only where the code is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        short_url: Option<String>,
    },
    /// It is there already, with the same target.
    Exists {
        /// Its short link, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        short_url: Option<String>,
    },
    /// The code leads elsewhere already; nothing was changed.
    Taken {
        /// Where to.
        leads_to: String,
    },
    /// It is not taken in.
    Refused {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// It was made.
    pub fn created(short_url: impl Into<String>) -> Outcome {
        Outcome::Created { short_url: Some(short_url.into()) }
    }

    /// It is there already.
    pub fn exists(short_url: impl Into<String>) -> Outcome {
        Outcome::Exists { short_url: Some(short_url.into()) }
    }

    /// It is not taken in.
    pub fn refused(reason: impl ToString) -> Outcome {
        Outcome::Refused { reason: reason.to_string() }
    }
}

/// Where rows go: our own store, or another shortener.
pub trait Sink {
    /// Puts rows there, durable when this returns; an outcome for each, in their order. With `dry_run` nothing is
    /// changed, and the outcomes are those that a run would have.
    fn put(&mut self, rows: &[Row], dry_run: bool) -> anyhow::Result<Vec<Outcome>>;
}
