//! What a query is read against: the searches that it may name, and where and when it is read.

use chrono::{DateTime, Utc};
use cm_time::Zone;
use std::collections::HashMap;

/// The queries of a file of searches by the names of the searches.
pub type Names<'a> = HashMap<&'a str, &'a str>;

/// What a query is read against.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The searches that `@name` may mean.
    pub names: Option<&'a Names<'a>>,
    /// The name of the search that is read, so that it is not named by itself.
    pub itself: Option<&'a str>,
    /// What relative dates are counted from.
    pub now: DateTime<Utc>,
    /// In which days, months and years begin.
    pub zone: Zone,
}

impl Context<'_> {
    /// No other searches, UTC, and the machine's clock.
    pub fn alone() -> Context<'static> {
        Context { names: None, itself: None, now: Utc::now(), zone: Zone::utc() }
    }
}
