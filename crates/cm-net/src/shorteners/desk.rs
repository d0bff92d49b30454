//! Where a shortener is asked. In: questions to its API. Out: answers, or setbacks that say what to do next; and until when
//! the service wants to be left alone.

use super::Shortener;
use super::short::{Named, Short, Wish};
use crate::services::api::{Answer, Api, Fault, Said};
use crate::services::{Limit, Trouble};
use crate::{Error, Kind};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use url::Url;

/// Why there is no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setback {
    /// A definite no to this link; the others may do better.
    Refused(String),
    /// There is no such link.
    Unknown(String),
    /// The credentials are missing, wrong, or not enough.
    Credentials(String),
    /// Not now: the service's limit is reached, or it is not there for a moment. Nothing came of the question.
    Later {
        /// Why.
        reason: String,
        /// Not before.
        after: Option<DateTime<Utc>>,
        /// A limit is reached: the service's own rest holds where it names no time.
        limit: bool,
    },
    /// Something went wrong on the way or over there: the link may have been made or not.
    Unsure(String),
    /// As things are set up, no link comes of asking.
    Hopeless(String),
}

impl Setback {
    /// One line for a person.
    pub fn reason(&self) -> &str {
        match self {
            Setback::Refused(reason)
            | Setback::Unknown(reason)
            | Setback::Credentials(reason)
            | Setback::Later { reason, .. }
            | Setback::Unsure(reason)
            | Setback::Hopeless(reason) => reason,
        }
    }
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl From<Fault> for Setback {
    fn from(fault: Fault) -> Setback {
        match fault {
            Fault::Lost(error) => error.into(),
            Fault::Way(Trouble::Credentials(reason)) => Setback::Credentials(reason),
            Fault::Way(trouble) => Setback::Hopeless(trouble.to_string()),
            Fault::Said(said) => said.as_ref().into(),
        }
    }
}

impl From<Error> for Setback {
    fn from(error: Error) -> Setback {
        let reason = error.message;
        match error.kind {
            Kind::Connect | Kind::Dns => Setback::Later { reason, after: None, limit: false },
            Kind::Timeout if !error.sent => Setback::Later { reason, after: None, limit: false },
            Kind::Timeout | Kind::Broken | Kind::TooLarge | Kind::Redirect => Setback::Unsure(reason),
            Kind::Refused | Kind::BadUrl | Kind::Tls | Kind::Held | Kind::Disk => Setback::Hopeless(reason),
        }
    }
}

/// What a status means unless the service says otherwise.
impl From<&Said> for Setback {
    fn from(said: &Said) -> Setback {
        let (reason, after) = (said.reason.clone(), said.after);
        let used_up = said.limit.as_ref().is_some_and(|limit| limit.remaining == 0) && after.is_some();
        match said.status {
            429 => Setback::Later { reason, after, limit: true },
            401 | 403 if used_up => Setback::Later { reason, after, limit: true },
            401 | 403 => Setback::Credentials(reason),
            502..=504 => Setback::Later { reason, after, limit: false },
            0..=299 | 408 | 425 | 500.. => Setback::Unsure(reason),
            300..=399 => Setback::Hopeless(format!("{reason}: the server has moved, change the url")),
            404 | 405 | 410 => Setback::Hopeless(format!("{reason}: there is no such API at the url")),
            _ => Setback::Refused(reason),
        }
    }
}

/// An API, and how its limits stand.
pub(super) struct Desk {
    pub(super) api: Api,
    rest: Mutex<Option<DateTime<Utc>>>,
}

impl Desk {
    /// Nobody is asked yet.
    pub(super) fn new(api: Api) -> Desk {
        Desk { api, rest: Mutex::new(None) }
    }

    /// Asks a path.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.note(self.api.get(path, query).await)
    }

    /// Asks the address that an answer named.
    pub(super) async fn follow(&self, url: Url) -> Result<Answer, Fault> {
        self.note(self.api.follow(url).await)
    }

    /// Asks with JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Fault> {
        self.note(self.api.post_json(path, body).await)
    }

    /// Asks with a form.
    pub(super) async fn form(&self, path: &str, form: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.note(self.api.post_form(path, form).await)
    }

    /// Until when the service wants to be left alone.
    pub(super) fn rest(&self) -> Option<DateTime<Utc>> {
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what an answer that succeeded says of the limits.
    fn note(&self, came: Result<Answer, Fault>) -> Result<Answer, Fault> {
        let used_up = |limit: &Limit| if limit.remaining == 0 { limit.reset } else { None };
        let rest = came.as_ref().ok().and_then(|answer| answer.limit.as_ref()).and_then(used_up);
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = rest;
        came
    }
}

/// Puts a member into a question's JSON where there is something to put.
pub(super) fn set(body: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Some(value), Some(members)) = (value, body.as_object_mut()) {
        members.insert(name.to_owned(), value.into());
    }
}

/// A name that is taken by the very same link is no failure: it is the link. Else the service's words stand.
pub(super) async fn taken(service: &dyn Shortener, wish: &Wish, reason: String) -> Result<Short, Setback> {
    let Some(named) = wish.slug.as_deref().and_then(Named::read) else {
        return Err(Setback::Refused(reason));
    };
    match service.look(&named).await {
        Ok(found) if found.url == wish.target => Ok(found),
        Ok(_) | Err(Setback::Unknown(_)) => Err(Setback::Refused(reason)),
        Err(setback) => Err(setback),
    }
}

/// A setback of a look: 404 says that there is no such link.
pub(super) fn looked(fault: Fault) -> Setback {
    match fault {
        Fault::Said(said) if said.status == 404 => Setback::Unknown(said.reason),
        fault => fault.into(),
    }
}

/// A link that would be open to all elsewhere.
pub(super) fn asks_for_password(short: &Short) -> Setback {
    let slug = &short.slug;
    Setback::Refused(format!(
        "{slug}: it asks for a password, which no link here does: it would be open to all"
    ))
}

/// A success that lacks what it must have.
pub(super) fn lacks(what: &str) -> Setback {
    Setback::Unsure(format!("the answer has no {what}"))
}

/// A member that must be a text.
pub(super) fn need<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Setback> {
    let name = pointer.trim_start_matches('/');
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| lacks(name))
}
