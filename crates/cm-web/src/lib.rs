//! What the web's names mean: addresses cleaned and compared, user agents told apart, referrers grouped.
//! In: strings as servers and people write them. Out: decisions with the rule that made them.

mod access_log;
mod agent;
mod agent_table;
mod base64;
mod canonical;
mod clean;
mod google_news;
mod host;
mod json_log;
mod page;
mod params;
mod referrer;
mod referrer_table;
mod rules;
mod signature;
mod tracking;
mod unwrap;
mod wrappers;

pub use access_log::Entry as LogEntry;
pub use agent::{Agent, Verdict, classify};
pub use base64::base64;
pub use canonical::key;
pub use clean::{Cleaned, Cleaner, Removed, clean, is_signed};
pub use referrer::{Family, Referrer, family, named};
pub use rules::Rules;
pub use signature::signature;
pub use tracking::folded as parameter_name;
pub use unwrap::target;
