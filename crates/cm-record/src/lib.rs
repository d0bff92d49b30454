//! The record contract, version 1: one line of UTF-8 JSON is one item (docs/record.md).
//! In: bytes from standard input, files and folders, plain, gzip or zstd. Out: records that keep every byte they do not
//! own, and the bad lines, each with its place and reason.

mod blocks;
mod checked;
mod error;
mod id;
mod item;
mod json;
mod parts;
mod reader;
mod record;
mod reject;
mod source;
mod structure;
mod writer;

pub use blocks::{Block, BlockLine, Blocks, Next, is_blank};
pub use checked::{Checked, Checker};
pub use error::{Bad, InputError, Place, Reason};
pub use id::{draft_id, hash_id, item_id, post_id};
pub use item::{Attachment, Audience, Author, AuthorExtra, Feed, Item, Meta, Parent};
pub use json::{Member, decode_text};
pub use parts::{
    FetchPart, Hit, InboxPart, LanguageHint, Match, Post, PostState, ReasonPoints, ScanPart, SchedulePart,
    SentimentHint, SentimentWord, ShortLink, ShortenPart,
};
pub use reader::{Line, Options, Reader};
pub use record::Record;
pub use reject::Reject;
pub use writer::Writer;

/// The version of the contract that this crate knows.
pub const VERSION: i64 = 1;
