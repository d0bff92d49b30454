//! Text: bytes in any charset, HTML to text that a person can read, links found in text, folding and words, lengths as networks count them.
//! In: strings as published. Out: strings, spans in code points or bytes as each function says.

mod charset;
mod fold;
mod hashtags;
mod html;
mod layout;
mod length;
mod links;
mod position;
mod table;
mod title;
mod words;

pub use charset::{decode, decode_in_place, decode_page, is_xml};
pub use fold::{fold, fold_both_into, fold_into, is_invisible};
pub use hashtags::{Hashtag, HashtagRule, find_hashtags, is_mark};
pub use html::html_to_text;
pub use length::{grapheme_from, graphemes, shorten_to_graphemes};
pub use links::{Link, find_links};
pub use position::{CodePoints, code_points};
pub use table::{CharTable, is_alphanumeric};
pub use title::page_title;
pub use words::{Kind, Segment, Segments, Word, is_symbol, segments, words};
