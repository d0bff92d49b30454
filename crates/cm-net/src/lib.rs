//! HTTP as a good citizen, and the networks behind two small traits. It knows networks, not records.
//! In: requests and frozen posts. Out: bounded answers, and outcomes that say whether anything may have been sent.
//! `serve` is the other side: requests answered within bounds.
//!
//! Bounds: total deadline, pace, compressed and decompressed bytes, bytes in memory, redirects. Private, loopback and link-local addresses are
//! refused at connect time and on every redirect unless allowed. Secrets never reach Debug, errors or logs.

mod admission;
mod body;
mod client;
mod coding;
mod credentials;
mod error;
mod exchange;
mod guard;
mod headers;
mod patient;
pub mod probe;
mod proxy;
mod retry;
mod sent;
pub mod serve;
pub mod services;
pub mod shorteners;
mod spill;
mod transport;
mod workshop;

pub use admission::{Admission, Hop, Leave};
pub use client::{Client, Method, Options, Pace, Redirect, Request, Response};
pub use error::{Error, Kind};
pub use guard::{GUARDED, is_public};
pub use proxy::{Proxy, Via};
pub use retry::retry_after;
pub use services::{Delivery, Found, Guarantee, Outgoing, Publish, Read};
pub use spill::{Body, turn_of_the_large};
