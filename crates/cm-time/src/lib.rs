//! Time: the injected clock, TIME (looking back), WHEN (looking forward), and time zones.
//! In: what people and records write. Out: chrono instants in UTC. jiff lives here and nowhere else.

mod clock;
mod database;
mod duration;
mod expression;
mod rfc3339;
mod time;
mod when;
mod zone;

pub use clock::Clock;
pub use database::tzdb_version;
pub use duration::parse_duration;
pub use rfc3339::{parse_rfc3339, rfc3339};
pub use time::{TimeError, other_order, parse_time};
pub use when::{When, parse_end, parse_when};
pub use zone::{Local, Zone};
