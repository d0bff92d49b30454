//! Where other people's addresses lead, asked over the network one hop at a time. In: an address. Out: the way from it, read
//! from redirects alone; no page is opened but where a shortener answers with one.

mod asker;
mod refresh;

#[cfg(test)]
pub use asker::Hop;
pub use asker::{Asker, End, Way, location, next, same_host};
