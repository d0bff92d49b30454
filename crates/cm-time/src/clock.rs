//! The clock that every tool asks: the system's, or one that stands still for tests and replays.

use chrono::{DateTime, Utc};

/// Where "now" comes from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// `--clock TIME` and `CM_CLOCK`: always the same instant.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The instant now.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now(),
            Clock::Fixed(at) => *at,
        }
    }
}
