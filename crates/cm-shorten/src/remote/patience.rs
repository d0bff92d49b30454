//! Asking with patience. In: a question, and what the service says of its limits. Out: the answer, or that this link, or all
//! links of this run, have none.
//!
//! Only limits (429, and what says the same), 502, 503, 504 and connections that did not come about are asked again. Waits are
//! those that the service names, short, and bounded altogether; beyond that the run stops asking and the next one goes on.

use super::Remote;
use crate::tables::Tables;
use chrono::{DateTime, TimeDelta, Utc};
use cm_cli::Session;
use cm_net::shorteners::Setback;
use std::time::Duration;

/// Nothing is waited for longer than this at a time.
const LONGEST: Duration = Duration::from_secs(90);
/// How often a question is asked again, and how long the waits are where nobody names them.
const AGAIN: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// Shorter waits are not worth a word.
const TOLD: Duration = Duration::from_secs(3);
/// So many links in a row of which nobody knows what became of them are the service's trouble, not theirs.
const UNSURE: u32 = 3;

/// How a run stands with its service.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Waited altogether.
    waited: Duration,
    /// Until when was waited last: a clock that stands still is no reason to wait again.
    rested: Option<DateTime<Utc>>,
    unsure: u32,
    /// Nothing is asked any more.
    pub stopped: bool,
}

/// Why a link has no answer.
#[derive(Debug)]
pub(super) enum Without {
    /// It alone: by a definite no, or because nobody knows.
    This(Setback),
    /// Nothing more is asked in this run, for this reason.
    All(Setback),
}

impl Remote {
    /// Asks until there is an answer or no sense in asking.
    pub(super) fn ask<T>(
        &mut self,
        session: &Session,
        question: impl AsyncFn(&Remote) -> Result<T, Setback>,
    ) -> anyhow::Result<Result<T, Without>> {
        let mut tries = 0;
        loop {
            if let Some(stop) = self.rest_first(session)? {
                return Ok(Err(self.stop(stop)));
            }
            let setback = match self.runtime.block_on(question(self)) {
                Ok(answer) => {
                    self.patience.unsure = 0;
                    return Ok(Ok(answer));
                }
                Err(setback) => setback,
            };
            match setback {
                Setback::Later { ref after, limit, .. } => {
                    let wait = match after {
                        Some(after) => (*after - self.now()).to_std().unwrap_or_default(),
                        None if limit => self.service.offers().rest,
                        None => AGAIN[tries.min(AGAIN.len() - 1)],
                    };
                    if after.is_some() || limit {
                        self.keep_rest(self.now() + delta(wait))?;
                    }
                    if tries == AGAIN.len() || !self.wait(session, wait) {
                        return Ok(Err(self.stop(setback)));
                    }
                    tries += 1;
                }
                Setback::Unsure(_) => {
                    self.patience.unsure += 1;
                    let gives_up = self.patience.unsure >= UNSURE;
                    return Ok(Err(if gives_up { self.stop(setback) } else { Without::This(setback) }));
                }
                Setback::Refused(_) | Setback::Unknown(_) => {
                    self.patience.unsure = 0;
                    return Ok(Err(Without::This(setback)));
                }
                Setback::Credentials(_) | Setback::Hopeless(_) => return Ok(Err(self.stop(setback))),
            }
        }
    }

    /// Waits for the rest that the service asked for with its last answer, now or in another run; a setback when that is
    /// too long.
    fn rest_first(&mut self, session: &Session) -> anyhow::Result<Option<Setback>> {
        let now = self.now();
        let kept = self.tables.as_ref().map(|tables| tables.rest(&self.name)).transpose()?.flatten();
        let kept = kept.and_then(DateTime::from_timestamp_millis);
        let until = self.service.rest().max(kept).filter(|until| *until > now);
        let Some(until) = until.filter(|until| self.patience.rested.is_none_or(|rested| rested < *until))
        else {
            return Ok(None);
        };
        if self.wait(session, (until - now).to_std().unwrap_or_default()) {
            self.patience.rested = Some(until);
            return Ok(None);
        }
        let reason = format!("it wants to be left alone until {}", cm_time::rfc3339(until));
        Ok(Some(Setback::Later { reason, after: Some(until), limit: true }))
    }

    /// Keeps until when it is left alone, for the next run.
    fn keep_rest(&self, until: DateTime<Utc>) -> anyhow::Result<()> {
        let keep = |tables: &Tables| tables.set_rest(&self.name, until.timestamp_millis());
        Ok(self.tables.as_ref().map_or(Ok(()), keep)?)
    }

    /// Waits if that is within bounds; whether it did.
    fn wait(&mut self, session: &Session, wait: Duration) -> bool {
        let altogether = self.patience.waited.saturating_add(wait);
        if wait > LONGEST || altogether > self.max_wait {
            return false;
        }
        self.patience.waited = altogether;
        self.patience.rested = Some(self.now() + delta(wait));
        if wait >= TOLD {
            session.say(format_args!("{} wants to be left alone for {wait:.0?}", self.name));
        }
        std::thread::sleep(wait);
        true
    }

    fn stop(&mut self, setback: Setback) -> Without {
        self.patience.stopped = true;
        Without::All(setback)
    }
}

fn delta(wait: Duration) -> TimeDelta {
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX)
}
