//! The networks of companies that let one in by key, some of them for money, and two services beside: each against a server
//! that answers as its documentation says and as servers do on bad days. None of them was asked itself: what is documented
//! and what is assumed stands in each file's head.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

#[expect(dead_code, reason = "it serves the tests of other networks too")]
#[path = "../forums/desk.rs"]
mod desk;
mod facebook;
mod github;
mod github_world;
mod linkedin;
#[path = "../server/mod.rs"]
mod server;
mod webmention;
mod x;
mod x_world;
