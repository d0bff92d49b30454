//! Reading XML that may be broken in any way.
//! In: a document as fetched, its charset headers and its address. Out: its head, facts about the whole of it, and its
//! entries one at a time: one per entry element of the document, in its order.
//!
//! The way: bytes -> text (`cm_text::decode`) -> tokens (`scan`) -> trees of one entry each, in which everything is closed (`tree`)
//! -> the entry, whatever the vocabulary (`entry`).

mod document;
mod element;
mod entities;
mod entry;
mod forgotten;
mod head;
mod names;
mod people;
mod scan;
mod scope;
mod texts;
mod tree;

#[cfg(test)]
pub(crate) use cm_text::is_xml;
pub(crate) use cm_text::{decode, decode_in_place};
pub(crate) use document::{Outline, entries, survey};
pub(crate) use element::{Element, Node};
pub(crate) use tree::parse;
