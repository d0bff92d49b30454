//! Why a network did not do what it was asked, and how an account stands with it.

use crate::{Delivery, Error};
use chrono::{DateTime, Utc};

/// Why a network did not do or say what it was asked. Nothing was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It said no, definitely, or what was asked for does not exist.
    Refused(String),
    /// The account's credentials are missing or were refused.
    Credentials(String),
    /// It did not answer, or asks to come back later.
    Later {
        /// Why.
        reason: String,
        /// Not before.
        after: Option<DateTime<Utc>>,
    },
    /// Something else stood in the way (the store of sessions, a service behind the server): it may go better later, and
    /// says nothing about the server.
    Elsewhere(String),
}

impl Trouble {
    /// One line for a person.
    pub fn reason(&self) -> &str {
        match self {
            Trouble::Refused(reason)
            | Trouble::Credentials(reason)
            | Trouble::Later { reason, .. }
            | Trouble::Elsewhere(reason) => reason,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.reason())
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Later { reason: error.message, after: None }
    }
}

impl From<Trouble> for Delivery {
    fn from(trouble: Trouble) -> Delivery {
        match trouble {
            Trouble::Refused(reason) => Delivery::Refused { reason },
            Trouble::Credentials(reason) => Delivery::Credentials { reason },
            Trouble::Later { reason, after } => Delivery::Later { reason, after },
            Trouble::Elsewhere(reason) => Delivery::Later { reason, after: None },
        }
    }
}

/// How many requests are left, in the words that all networks' headers are translated to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests in a window.
    pub limit: u64,
    /// Left in this one.
    pub remaining: u64,
    /// When the next begins.
    pub reset: Option<DateTime<Utc>>,
}

/// How an account stands with its network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// As whom it posts, where the network says: `Ana Roe (administrator)`, `acme.example`.
    pub who: Option<String>,
    /// What it may not do, one line each.
    pub lacks: Vec<String>,
    /// Until when its session holds without a new login.
    pub token_until: Option<DateTime<Utc>>,
    /// What is left of the network's limits.
    pub limit: Option<Limit>,
}
