//! Deliveries as visits. In: what a hub has sent of a source. Out: the same that a visit to it brings, to be handed out
//! alike. The validators of the last visit stay: a delivery may hold the newest entries only.

use super::receiver::Delivered;
use crate::feed::Document;
use crate::get::{Answer, Problem};
use crate::source::Source;
use crate::visit::{Memory, Outcome, Visit, Visitor, parse};
use std::sync::Arc;
use std::time::Duration;

/// How often, and how long apart, a source that another run is reading is tried again.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);

impl Visitor {
    /// Reads what was delivered.
    pub(crate) async fn take(self: Arc<Visitor>, source: Source, delivered: Delivered) -> Visit {
        let memory = match self.remember_patiently(&source).await {
            Ok(memory) => memory,
            Err(outcome) => return Visit { source, outcome, memory: None },
        };
        let base = delivered.topic.parse().ok();
        let charset = delivered.content_type.as_deref().and_then(crate::get::charset_of);
        let document = Document { bytes: delivered.bytes.into(), charset, base };
        let state = memory.as_ref().map(|memory| memory.state.clone()).unwrap_or_default();
        let answer = Answer {
            document: None,
            validators: state.validators,
            from: delivered.topic,
            moved_to: None,
            fresh_until: None,
        };
        let outcome = match parse(document).await {
            (Ok(feed), _) => {
                Outcome::Feed(Box::new(self.fetched(&source, feed, answer, state.feed_url)))
            }
            (Err(why), _) => {
                Outcome::Skipped(format!("{}: its hub delivered no feed: {why}", source.label()))
            }
        };
        Visit { source, outcome, memory }
    }

    /// What the store knows of a source, under its lock: a run that is reading it now will be done soon.
    async fn remember_patiently(&self, source: &Source) -> Result<Option<Memory>, Outcome> {
        let mut tries = 1;
        loop {
            match self.remember(source).await {
                Err(Outcome::Skipped(_)) if tries < TRIES => tokio::time::sleep(PAUSE).await,
                Err(Outcome::Skipped(why)) => return Err(Outcome::Failed(Problem::new("busy", why))),
                remembered => return remembered,
            }
            tries += 1;
        }
    }
}
