//! The networks on which people talk in public, each against a server that answers as its documentation says and as real
//! ones do on bad days. None of them was asked itself: what is documented and what is assumed stands in each file's head.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod desk;
mod discourse;
mod hackernews;
mod lemmy;
mod reddit;
#[path = "../server/mod.rs"]
mod server;
mod stackexchange;
mod world;
mod youtube;
