//! What the tables hold, as values: links wanted and there, clicks, and clicks added up.

use std::borrow::Cow;

/// A day of UTC, ms.
pub const DAY_MS: i64 = 86_400_000;

/// A link that shall be there.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The same for wishes that one link fulfils; absent for one that stands apart.
    pub identity: Option<String>,
    /// The code asked for.
    pub code: Option<String>,
    /// What short links begin with.
    pub domain: String,
    /// Where it leads.
    pub target: String,
    /// The account whose clicks these are.
    pub account: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// A title for lists.
    pub title: Option<String>,
    /// When, in ms since 1970.
    pub created_ms: i64,
    /// When it ends.
    pub expires_ms: Option<i64>,
    /// After how many people's clicks it ends.
    pub max_clicks: Option<u32>,
    /// Where it leads once it has ended; without one it is gone then.
    pub fallback: Option<String>,
    /// What its owner wants to remember.
    pub note: Option<String>,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// The redirect's status, 302 without: 301, 302, 307 or 308.
    pub status: Option<u16>,
    /// Seconds that browsers may keep the redirect; 0 without.
    pub max_age: Option<u32>,
}

/// The link that fulfils a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its code.
    pub code: String,
    /// Whether it was made for this wish.
    pub is_new: bool,
}

/// A link that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its code.
    pub code: String,
    /// What its short link begins with.
    pub domain: String,
    /// Where it leads.
    pub target: String,
    /// The account whose clicks these are.
    pub account: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it was made, ms.
    pub created_ms: i64,
    /// When it ends, ms.
    pub expires_ms: Option<i64>,
    /// After how many people's clicks it ends.
    pub max_clicks: Option<i64>,
    /// The revision that it came with.
    pub revision: i64,
    /// Where it leads once it has ended; without one it is gone then.
    pub fallback: Option<String>,
    /// What its owner wants to remember.
    pub note: Option<String>,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// The redirect's status, 302 without: 301, 302, 307 or 308.
    pub status: Option<u16>,
    /// Seconds that browsers may keep the redirect; 0 without.
    pub max_age: Option<u32>,
}

impl Link {
    /// Whether it has ended at an instant, after so many clicks of people.
    pub fn has_ended(&self, at_ms: i64, human: i64) -> bool {
        self.expires_ms.is_some_and(|end| at_ms >= end) || self.max_clicks.is_some_and(|most| human >= most)
    }

    /// Whether its short link is on a domain, named with or without its scheme.
    pub fn is_on(&self, domain: &str) -> bool {
        Link::is_same_domain(&self.domain, domain)
    }

    /// Whether two names are of one domain.
    pub fn is_same_domain(one: &str, other: &str) -> bool {
        let bare = |domain: &str| {
            let host = domain.split_once("://").map_or(domain, |(_, host)| host);
            host.trim_end_matches('/').to_ascii_lowercase()
        };
        bare(one) == bare(other)
    }

    /// Its short link.
    pub fn short_url(&self) -> String {
        format!("{}/{}", self.domain, self.code)
    }
}

/// A link as the server needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its code.
    pub code: String,
    /// Where it leads.
    pub target: String,
    /// When it ends, ms.
    pub expires_ms: Option<i64>,
    /// After how many people's clicks it ends.
    pub max_clicks: Option<u64>,
    /// Where it leads then.
    pub fallback: Option<String>,
    /// The redirect's status, 302 without.
    pub status: Option<u16>,
    /// Seconds that browsers may keep the redirect; 0 without.
    pub max_age: Option<u32>,
}

/// What was changed of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When, ms.
    pub at_ms: i64,
    /// `url`, `title`, `expires` ...
    pub field: String,
    /// What it was, as a person reads it; absent where there was nothing.
    pub old: Option<String>,
    /// What it is since.
    pub new: Option<String>,
}

/// A click as it is kept: no address, no user agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// When, ms since 1970.
    pub at_ms: i64,
    /// Of which link.
    pub code: String,
    /// `human`, `preview` or `bot`.
    pub class: Cow<'static, str>,
    /// What decided the class.
    pub rule: Cow<'static, str>,
    /// The referring host.
    pub referrer: Option<String>,
    /// The referrer's family.
    pub family: Cow<'static, str>,
    /// The referrer's name.
    pub source: String,
    /// `desktop`, `mobile` or `tablet`, of people.
    pub device: Option<Cow<'static, str>>,
    /// Two letters, where the user has a table of networks that knows it.
    pub country: Option<String>,
    /// What may be kept of the user agent (`cm_web::signature`); absent where it is not known.
    pub agent: Option<String>,
    /// `head`, `ahead` (a browser fetched before anybody opened the link), absent for the usual GET.
    pub how: Option<String>,
    /// Who, for a day, as a keyed hash.
    pub visitor: Option<String>,
    /// Whether this visitor had not opened this link before on this UTC day.
    pub first_here: bool,
    /// Whether this visitor had not opened any link before on this UTC day.
    pub first_of_all: bool,
}

/// From, inclusive, to, exclusive, in ms.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// From.
    pub since_ms: i64,
    /// To.
    pub until_ms: i64,
}

/// Clicks by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ByClass {
    /// By people.
    pub human: i64,
    /// By link previews.
    pub preview: i64,
    /// By robots.
    pub bot: i64,
}

impl ByClass {
    /// Counts clicks of a class.
    pub fn add(&mut self, class: &str, count: i64) {
        match class {
            "human" => self.human += count,
            "preview" => self.preview += count,
            _ => self.bot += count,
        }
    }

    /// Adds another count.
    pub fn join(&mut self, other: ByClass) {
        self.human += other.human;
        self.preview += other.preview;
        self.bot += other.bot;
    }
}

/// People's clicks that have something in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// `source`, `device` or `country`.
    pub part: String,
    /// The referrer's family, of sources.
    pub family: String,
    /// The source, the device, the country.
    pub name: String,
}
