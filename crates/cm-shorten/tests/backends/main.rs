//! cm-shorten with other people's shorteners, as a black box against servers that answer as they do (fakes/).

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod account;
mod bad_days;
mod each;
mod exchange;
mod fakes;
#[path = "../home/mod.rs"]
mod home;
mod limits;
mod page;
mod runs;
#[path = "../../../cm-net/tests/server/mod.rs"]
mod server;
mod traps;
mod world;
