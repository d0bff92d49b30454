//! Repair: whatever came in, one clean Atom document out.
//! In: a document as fetched, its charset headers and its address. Out: canonical Atom with one entry per entry element of
//! the original, and what Atom has no words for beside it (`Facts`).
//!
//! The way: bytes -> text (`charset`) -> tokens (`scan`) -> a tree in which everything is closed (`tree`) -> Atom (`atom`).

mod atom;
mod charset;
mod entities;
mod entry;
mod names;
mod people;
mod scan;
mod scope;
mod texts;
mod tree;
mod xml;

pub(crate) use atom::{Canonical, canonical};
pub(crate) use charset::decode;
pub(crate) use entry::Facts;
pub(crate) use tree::{Element, Node, parse};
