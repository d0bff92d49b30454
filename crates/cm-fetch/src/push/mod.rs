//! Sources that call (WebSub, W3C Recommendation of 23 January 2018). In: the hubs that feeds name, and what those hubs
//! send. Out: subscriptions kept in the store, and the documents that were delivered.
//!
//! What a hub delivers counts only when it is signed with the subscription's secret. Where there is none, as secrets go to
//! hubs over https only, a delivery is a hint to look: the feed itself is asked.

mod delivered;
mod hub;
mod hubs;
mod intent;
mod receiver;
mod signature;
mod subscriber;
mod subscription;

pub(crate) use hub::{No, ask};
pub(crate) use hubs::{Hub, write_hub};
pub(crate) use intent::{Verdict, judge};
pub(crate) use receiver::{Delivery, ROOM, Receiver};
pub(crate) use signature::is_genuine;
pub(crate) use subscriber::Subscriber;
pub(crate) use subscription::Subscription;

/// The lease that is asked for; hubs decide.
pub(crate) const LEASE: chrono::TimeDelta = chrono::TimeDelta::days(10);
