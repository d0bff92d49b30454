//! Sending one post: claimed, its intent committed with frozen bytes and a fixed key before a byte leaves, sent, and
//! recorded. Whoever dies or freezes in between loses the claim; what happened is then found out as far as the network
//! allows, and otherwise a person is asked. Nothing is ever guessed.

use crate::post::Queued;
use crate::services::Services;
use crate::settings::Settings;
use crate::tables::{self, By, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use cm_cli::{Session, failpoint};
use cm_net::services::{Draft, Link, Trouble};
use cm_net::{Delivery, Found, Guarantee, Outgoing, Publish};
use cm_record::PostState;
use cm_store::{Error, Store};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a claim holds without a sign of life; `CM_LEASE_MS` in tests.
const LEASE_MS: i64 = 120_000;
/// The first pause after a failure; it doubles up to an hour.
const BACKOFF_S: i64 = 60;
const LONGEST_BACKOFF_S: i64 = 3600;
/// The pause after credentials were refused: a person has to act first.
const CREDENTIALS_PAUSE: TimeDelta = TimeDelta::minutes(15);
/// So long after its time, or its first attempt where that came late, a post is no longer tried.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);

/// Sends posts, one at a time.
pub(crate) struct Outbox<'s> {
    pub session: &'s Session,
    pub store: Store,
    pub settings: &'s Settings,
    services: &'s Services<'s>,
    pub runtime: Runtime,
    lease_ms: i64,
    actor: String,
}

/// A post that was tried, and what came of it.
#[derive(Debug)]
pub(crate) struct Tried {
    pub post: Queued,
    pub outcome: Outcome,
    /// The account's credentials were refused.
    pub credentials: bool,
}

impl Tried {
    pub(crate) fn is_published(&self) -> bool {
        self.outcome.state == PostState::Published
    }
}

impl<'s> Outbox<'s> {
    /// Over an open store.
    pub(crate) fn new(
        session: &'s Session,
        store: Store,
        settings: &'s Settings,
        services: &'s Services<'s>,
        actor: String,
    ) -> anyhow::Result<Outbox<'s>> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let lease_ms: Option<i64> = std::env::var("CM_LEASE_MS").ok().and_then(|ms| ms.parse().ok());
        // A lease of more than an hour would hold nothing (tables/claim.rs).
        let lease_ms = lease_ms.unwrap_or(LEASE_MS).clamp(1, 3_600_000);
        Ok(Outbox { session, store, settings, services, runtime, lease_ms, actor })
    }

    /// What waits only because private addresses were not allowed need not wait in a run that allows them.
    pub(crate) fn lift_guarded(&self) -> Result<(), Error> {
        if self.session.allow_private() { self.store.write(tables::lift_guarded) } else { Ok(()) }
    }

    /// Who acts, and when.
    pub(crate) fn by(&self) -> By {
        By { actor: self.actor.clone(), at: self.session.now() }
    }

    /// Tries a post once. `None` when it is in other hands. An error is one of the account's settings, or the store's.
    pub(crate) fn attempt(&self, ready: &Queued) -> anyhow::Result<Option<Tried>> {
        let service = self.services.open(&self.settings.channel(&ready.account)?.account)?;
        let (id, now, lease) = (ready.id.clone(), self.session.now(), self.lease_ms);
        let claimed = self.store.write(move |tx| tables::claim(tx, &id, now, lease))?;
        let Some(mut post) = claimed else { return Ok(None) };
        let begun = post.state;
        if let Some((outcome, credentials)) = self.reconcile(&post, &*service) {
            return self.record(post, outcome, credentials);
        }
        let body = match self.frozen(&post, &*service) {
            Ok(body) => body,
            Err(trouble) => {
                let credentials = matches!(trouble, Trouble::Credentials(_));
                let outcome = self.judge(&post, trouble.into(), &*service, begun);
                return self.record(post, outcome, credentials);
            }
        };
        let Some(intended) = self.intend(&post, body)? else { return Ok(None) };
        post = intended;
        failpoint("outbox.intent");
        if !self.renew(&post)? {
            return Ok(None);
        }
        failpoint("outbox.sending");
        let delivery = self.runtime.block_on(self.send(&post, &*service));
        failpoint("outbox.sent");
        let credentials = matches!(delivery, Delivery::Credentials { .. });
        let outcome = self.judge(&post, delivery, &*service, begun);
        self.record(post, outcome, credentials)
    }

    /// What a run that died left behind is settled first, and whether credentials were refused meanwhile; `None` means
    /// that it may be sent.
    fn reconcile(&self, post: &Queued, service: &dyn Publish) -> Option<(Outcome, bool)> {
        if post.state != PostState::Sending {
            return None;
        }
        match service.guarantee() {
            Guarantee::SameKey => None,
            Guarantee::None => {
                let why = "the run that was sending it ended before it knew";
                Some((ended(PostState::Unsure, why), false))
            }
            Guarantee::ReadBack => match self.find(post, service) {
                Found::No => None,
                Found::Yes { url } => Some((published(url), false)),
                Found::Unknown => Some(self.unread(post, service)),
            },
        }
    }

    /// A post that cannot be looked for now: the account itself may know why.
    fn unread(&self, post: &Queued, service: &dyn Publish) -> (Outcome, bool) {
        match self.runtime.block_on(service.check()) {
            Err(Trouble::Credentials(reason)) => (self.refuse_credentials(post, reason), true),
            Err(trouble) => (self.put_off(post, trouble.reason().to_owned(), None), false),
            Ok(_) => (self.put_off(post, "the network cannot be read back".to_owned(), None), false),
        }
    }

    /// The exact bytes: those of the first attempt, or made now.
    fn frozen(&self, post: &Queued, service: &dyn Publish) -> Result<Vec<u8>, Trouble> {
        if let Some(body) = &post.body {
            return Ok(body.clone());
        }
        let draft =
            draft(&post.id, &post.text, &post.record, self.session.now()).map_err(Trouble::Refused)?;
        let body =
            service.freeze(&draft).map_err(|why| Trouble::Refused(format!("{} {why}", post.account)))?;
        self.runtime.block_on(service.resolve(body))
    }

    fn intend(&self, post: &Queued, body: Vec<u8>) -> Result<Option<Queued>, Error> {
        let (post, lease, by) = (post.clone(), self.lease_ms, self.by());
        self.store.write(move |tx| tables::intend(tx, &post, &body, lease, &by))
    }

    fn renew(&self, post: &Queued) -> Result<bool, Error> {
        let (id, fence, lease) = (post.id.clone(), post.fence, self.lease_ms);
        self.store.write(move |tx| tables::renew(tx, &id, fence, lease))
    }

    /// Sends, with a heartbeat for as long as it takes. A lost claim cannot call the bytes back: `record` finds out.
    async fn send(&self, post: &Queued, service: &dyn Publish) -> Delivery {
        let outgoing = outgoing(post);
        let mut sending = service.send(&outgoing);
        let third = Duration::from_millis(u64::try_from(self.lease_ms / 3).unwrap_or(1).max(1));
        loop {
            tokio::select! {
                delivery = &mut sending => return delivery,
                () = tokio::time::sleep(third) => {
                    let (store, id, fence, lease) = (self.store.clone(), post.id.clone(), post.fence, self.lease_ms);
                    let beat = move || store.write(move |tx| tables::renew(tx, &id, fence, lease));
                    let _ = tokio::task::spawn_blocking(beat).await;
                }
            }
        }
    }

    fn find(&self, post: &Queued, service: &dyn Publish) -> Found {
        let outgoing = outgoing(post);
        self.runtime.block_on(service.find(&outgoing))
    }

    /// What a delivery means for the post. An attempt that published nothing leaves it where it was before (`begun`):
    /// an earlier attempt whose outcome nobody learned may have published it, or do so yet.
    fn judge(&self, post: &Queued, delivery: Delivery, service: &dyn Publish, begun: PostState) -> Outcome {
        let unsent = Queued { state: begun, ..post.clone() };
        match delivery {
            Delivery::Published { url } => published(url),
            Delivery::Refused { reason } if begun == PostState::Sending => match self.find(post, service) {
                Found::Yes { url } => published(url),
                Found::No => ended(PostState::Failed, reason),
                Found::Unknown => ended(PostState::Unsure, reason),
            },
            Delivery::Refused { reason } => ended(PostState::Failed, reason),
            Delivery::Later { reason, after } => {
                Outcome { cooldown: after, ..self.put_off(&unsent, reason, after) }
            }
            Delivery::Credentials { reason } => self.refuse_credentials(&unsent, reason),
            Delivery::Unknown { reason } => match service.guarantee() {
                Guarantee::None => ended(PostState::Unsure, reason),
                Guarantee::SameKey | Guarantee::ReadBack => match self.find(post, service) {
                    Found::Yes { url } => published(url),
                    Found::No | Found::Unknown => self.put_off(post, reason, None),
                },
            },
        }
    }

    /// The account rests as a whole: many tries with a wrong password lock it.
    fn refuse_credentials(&self, post: &Queued, reason: String) -> Outcome {
        let after = Some(self.session.now() + CREDENTIALS_PAUSE);
        Outcome { cooldown: after, ..self.put_off(post, reason, after) }
    }

    /// Keeps the state and tries again later, or gives up a day after its time: then a post that may be out is unsure,
    /// one that is certainly not is failed.
    fn put_off(&self, post: &Queued, reason: String, after: Option<DateTime<Utc>>) -> Outcome {
        let again = (self.session.now() + backoff(post)).max(after.unwrap_or_default());
        let begun = post.intent.unwrap_or(post.due).max(post.due);
        if again <= begun + GIVE_UP {
            return Outcome {
                state: post.state,
                error: Some(reason),
                again: Some(again),
                ..Outcome::default()
            };
        }
        // What failed before an intent was an attempt too.
        let tries = post.attempts.max(post.retries + 1);
        let attempts = if tries == 1 { "attempt" } else { "attempts" };
        let end = if post.state == PostState::Sending { PostState::Unsure } else { PostState::Failed };
        ended(end, format!("given up after {tries} {attempts}: {reason}"))
    }

    fn record(&self, post: Queued, outcome: Outcome, credentials: bool) -> anyhow::Result<Option<Tried>> {
        let (settled, result, by) = (post.clone(), outcome.clone(), self.by());
        let ours = self.store.write(move |tx| tables::settle(tx, &settled, &result, &by))?;
        failpoint("outbox.recorded");
        if credentials {
            self.services.forget(&post.account);
        }
        Ok(ours.then_some(Tried { post, outcome, credentials }))
    }
}

/// A record's post before it is frozen. Where we read the record is left out: the address of a private feed is its
/// password.
pub(crate) fn draft(id: &str, text: &str, line: &str, at: DateTime<Utc>) -> Result<Draft, String> {
    let record = cm_record::Record::parse(line).map_err(|e| e.to_string())?;
    let mut item = record.item()?;
    item.fetch = None;
    if let Some(meta) = &mut item.cm {
        meta.source = None;
        meta.feed.iter_mut().for_each(|feed| feed.feed_url = None);
    }
    let record = serde_json::to_value(item).map_err(|e| e.to_string())?;
    let links = cm_text::find_links(text).into_iter();
    let links = links.map(|link| Link { start: link.start, end: link.end, url: link.url }).collect();
    Ok(Draft { id: id.to_owned(), text: text.to_owned(), links, record, at })
}

fn outgoing(post: &Queued) -> Outgoing {
    let since = post.intent.unwrap_or(post.due);
    Outgoing { id: post.id.clone(), body: post.body.clone().unwrap_or_default(), since }
}

fn published(url: Option<String>) -> Outcome {
    Outcome { state: PostState::Published, url, ..Outcome::default() }
}

fn ended(state: PostState, why: impl Into<String>) -> Outcome {
    Outcome { state, error: Some(why.into()), ..Outcome::default() }
}

/// 1, 2, 4 ... 60 minutes, and up to a tenth more that is a post's own, so that a crowd does not come back at once.
fn backoff(post: &Queued) -> TimeDelta {
    let doubled = BACKOFF_S << post.retries.clamp(0, 10);
    let seconds = doubled.min(LONGEST_BACKOFF_S);
    let own = post.id.bytes().fold(0_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 100);
    TimeDelta::seconds(seconds + seconds * own / 1000)
}
