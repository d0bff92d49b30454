//! Deliveries as visits. In: what a hub has sent of a source. Out: the same that a visit to it brings, to be handed out
//! alike. What is kept of the last visit for the next one stays: a delivery may hold the newest entries only, and says nothing of
//! when the source itself may be asked.

use super::receiver::Delivered;
use crate::feed::Document;
use crate::freshness::Headers;
use crate::get::{Answer, Problem, charset_of};
use crate::manners::Rule;
use crate::memory::Memory;
use crate::source::Source;
use crate::unread::fetched;
use crate::visit::{Fetched, Outcome, Visit, Visitor, parse};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;

/// How often, and how long apart, a source that another run is reading is tried again.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);

impl Visitor {
    /// Reads what was delivered.
    pub(crate) async fn take(&self, source: Source, delivered: Delivered) -> Visit {
        let Delivered { bytes, content_type, topic, hub, room } = delivered;
        let memory = match self.claim_patiently(&source).await {
            Ok(memory) => memory,
            Err(outcome) => return Visit { source, outcome: *outcome, memory: None },
        };
        let state = memory.as_ref().map(|memory| memory.state.clone()).unwrap_or_default();
        let base = topic.parse().ok();
        let charset = content_type.as_deref().and_then(charset_of);
        let bytes = Vec::from(bytes);
        let now = self.client.options().clock.now();
        let answer = Answer {
            document: None,
            bytes: bytes.len(),
            from: topic.clone(),
            moved_to: None,
            validators: state.validators.clone(),
            headers: Box::new(Headers::default()),
            links: [Some(hub), Some(topic)],
        };
        let outcome = match parse(Document { bytes, charset, base }).await {
            (Ok(feed), _) => {
                let fetched = fetched(&source, feed.into(), answer, state.feed_url, now);
                Outcome::Feed(Box::new(Fetched { delivered: true, ..fetched }))
            }
            (Err(why), _) => Outcome::Skipped(format!("its hub delivered no feed: {why}")),
        };
        drop(room);
        Visit { source, outcome, memory }
    }

    /// Asks a source that its hub has hinted at, though it is not its time yet; a host that wants to be left alone is.
    pub(crate) async fn look(self: Arc<Visitor>, source: Source) -> Visit {
        match self.claim_patiently(&source).await {
            Ok(memory) => {
                let now = self.client.options().clock.now();
                if memory.as_ref().is_some_and(|memory| wants_to_be_left_alone(memory, now)) {
                    let why = "its hub says that there is something new; its host wants to be left alone";
                    return Visit { source, outcome: Outcome::Skipped(why.to_owned()), memory };
                }
                self.visit(source, Some(memory)).await
            }
            Err(outcome) => Visit { source, outcome: *outcome, memory: None },
        }
    }

    /// What the store knows of a source, claimed: a run that is reading it now will be done soon.
    async fn claim_patiently(&self, source: &Source) -> Result<Option<Memory>, Box<Outcome>> {
        let mut tries = 1;
        loop {
            match self.remember(&[source]).await.pop() {
                Some(Err(outcome)) if matches!(*outcome, Outcome::Skipped(_)) && tries < TRIES => {
                    tokio::time::sleep(PAUSE).await;
                }
                Some(Err(outcome)) => return Err(outcome),
                Some(Ok(memory)) => return Ok(memory),
                None => return Err(Box::new(Outcome::Failed(Problem::new("internal", "no answer")))),
            }
            tries += 1;
        }
    }
}

/// What a hint does not outweigh: a host or a source in trouble, and what it asked for then. How often there usually is
/// something new does not count.
fn wants_to_be_left_alone(memory: &Memory, now: DateTime<Utc>) -> bool {
    let cooling = memory.host.as_ref().and_then(|(_, cooling)| cooling.as_ref());
    let trouble = |rule| matches!(rule, Rule::RetryAfter | Rule::RateLimit | Rule::WholeHost | Rule::Pause);
    let mut why = memory.state.why.iter();
    cooling.is_some_and(|cooling| cooling.until > now)
        || why.any(|reason| reason.until > now && trouble(reason.rule))
}
