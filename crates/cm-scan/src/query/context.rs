//! What a query is read against: the searches that it may name, and where and when it is read.

use chrono::{DateTime, Utc};
use cm_time::Zone;
use std::fmt::Debug;

/// Searches that a query may name.
pub trait Names: Debug {
    /// The query of the search of exactly this name.
    fn query_of(&self, name: &str) -> Option<&str>;

    /// A name that was most likely meant.
    fn nearest(&self, name: &str) -> Option<String>;
}

/// What a query is read against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The searches that `@name` may mean.
    pub names: Option<&'a dyn Names>,
    /// The name of the search that is read, so that it does not name itself.
    pub itself: Option<&'a str>,
    /// What relative dates are counted from.
    pub now: DateTime<Utc>,
    /// Where days, months and years begin.
    pub zone: &'a Zone,
}
