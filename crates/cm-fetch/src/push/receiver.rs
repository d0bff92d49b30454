//! The callback: hubs ask back here, and deliver here. In: requests. Out: answers; what is genuine goes on to be read.
//!
//! An address that names no subscription is gone (410: the hub forgets it). A delivery that is not signed as it must be is
//! answered like any other, so that nobody learns how to guess, and left out. 202 means taken over; what is lost behind it,
//! in a crash, the next `cm-fetch --new` finds, as it finds what no hub delivered.

use super::{Subscription, Verdict, is_genuine, judge};
use crate::source::Source;
use crate::store::Tables;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use cm_time::Clock;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long a delivery may take to come in.
const LONGEST: Duration = Duration::from_secs(60);
/// What has come in, or comes, and is not read yet, in KiB; beyond it hubs are asked to come again.
pub(crate) const ROOM: u32 = 32 << 10;
/// When they come again, in seconds.
const COME_AGAIN: &str = "30";

/// What a hub has sent.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The source that it is about.
    pub(crate) source: Source,
    /// The document, where it is signed; without one the source is to be asked.
    pub(crate) document: Option<Delivered>,
}

/// A document that a hub delivered.
#[derive(Debug)]
pub(crate) struct Delivered {
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// Its `Content-Type`.
    pub(crate) content_type: Option<String>,
    /// The feed's own address.
    pub(crate) topic: String,
    /// Who delivered it.
    pub(crate) hub: String,
    /// The room that it takes until it is read.
    pub(crate) room: OwnedSemaphorePermit,
}

/// Who answers hubs.
pub(crate) struct Receiver {
    /// Where subscriptions are kept.
    pub(crate) tables: Tables,
    /// The sources that are wanted, by key.
    pub(crate) sources: Arc<HashMap<String, Source>>,
    /// Where deliveries go.
    pub(crate) deliveries: Sender<Delivery>,
    /// `ROOM`.
    pub(crate) room: Arc<Semaphore>,
    /// The longest delivery, in bytes.
    pub(crate) longest: usize,
    /// Now.
    pub(crate) clock: Clock,
    /// Who is told what is worth a word.
    pub(crate) tell: Arc<dyn Fn(String) + Send + Sync>,
}

type Answer = Response<Full<Bytes>>;

impl Receiver {
    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Answer {
        let token = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        if token.len() != 32 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return plain(StatusCode::NOT_FOUND, "");
        }
        let tables = self.tables.clone();
        let called = spawn_blocking(move || tables.called(&token));
        let subscription = match called.await {
            Ok(Ok(Some(subscription))) => subscription,
            Ok(Ok(None)) => return plain(StatusCode::GONE, ""),
            _ => return come_again(),
        };
        match *request.method() {
            Method::GET => self.asked_back(request.uri().query().unwrap_or_default(), subscription).await,
            Method::POST => self.delivered(request, subscription).await,
            _ => plain(StatusCode::METHOD_NOT_ALLOWED, ""),
        }
    }

    async fn asked_back(&self, query: &str, subscription: Subscription) -> Answer {
        let now = self.clock.now();
        let (source, token) = (subscription.source.clone(), subscription.token.clone());
        let (kept, answer) = match judge(query, &subscription, now) {
            Verdict::Holds { challenge, until } => {
                (Some(subscription.confirmed(until, now)), plain(StatusCode::OK, &challenge))
            }
            Verdict::Ends { challenge } => (None, plain(StatusCode::OK, &challenge)),
            Verdict::Denied(reason) => (Some(subscription.denied(&reason, now)), plain(StatusCode::OK, "")),
            Verdict::NotOurs => return plain(StatusCode::NOT_FOUND, ""),
        };
        if let Some(why) = kept.as_ref().and_then(|kept| kept.error.as_ref()) {
            (self.tell)(format!("{source}: {why}"));
        }
        let tables = self.tables.clone();
        let keep = move || match kept {
            Some(kept) => tables.judged(&kept),
            None => tables.unsubscribe(&token),
        };
        // What is not on the disk is not confirmed.
        match spawn_blocking(keep).await {
            Ok(Ok(())) => answer,
            _ => come_again(),
        }
    }

    async fn delivered(&self, request: Request<Incoming>, subscription: Subscription) -> Answer {
        let Some(source) = self.sources.get(&subscription.source).filter(|_| !subscription.leaving) else {
            return plain(StatusCode::GONE, "");
        };
        let header = |name: &str| request.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (signature, content_type) = (header("x-hub-signature"), header("content-type"));
        if request.body().size_hint().lower() > self.longest as u64 {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "");
        }
        let Some(room) = self.room_for(request.body()) else { return come_again() };
        let whole = timeout(LONGEST, Limited::new(request.into_body(), self.longest).collect()).await;
        let Ok(Ok(whole)) = whole else { return plain(StatusCode::BAD_REQUEST, "") };
        let bytes = whole.to_bytes();
        let document = match &subscription.secret {
            Some(secret) if !signature.is_some_and(|signature| is_genuine(&signature, secret, &bytes)) => {
                (self.tell)(format!("{}: a delivery without a good signature was left out", source.label()));
                return plain(StatusCode::ACCEPTED, "");
            }
            Some(_) => {
                let (topic, hub) = (subscription.topic.clone(), subscription.hub.clone());
                Some(Delivered { bytes, content_type, topic, hub, room })
            }
            None => None,
        };
        match self.deliveries.try_send(Delivery { source: source.clone(), document }) {
            Ok(()) => {
                self.note(subscription, self.clock.now()).await;
                plain(StatusCode::ACCEPTED, "")
            }
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => come_again(),
        }
    }

    /// A body that does not say its length takes the room of the longest.
    fn room_for(&self, body: &Incoming) -> Option<OwnedSemaphorePermit> {
        let longest = self.longest as u64;
        let bytes = body.size_hint().upper().map_or(longest, |upper| upper.min(longest));
        let room = u32::try_from(bytes / 1024 + 1).unwrap_or(ROOM).min(ROOM);
        Arc::clone(&self.room).try_acquire_many_owned(room).ok()
    }

    /// That it delivered is for `health`; that it cannot be noted loses nothing.
    async fn note(&self, subscription: Subscription, now: DateTime<Utc>) {
        let tables = self.tables.clone();
        let _ = spawn_blocking(move || tables.pushed(&subscription.source, now)).await;
    }
}

fn come_again() -> Answer {
    let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE, "");
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(COME_AGAIN));
    answer
}

/// A challenge goes back as plain text that no browser takes for a page.
fn plain(status: StatusCode, text: &str) -> Answer {
    let mut answer = Response::new(Full::from(text.to_owned()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    answer
}
