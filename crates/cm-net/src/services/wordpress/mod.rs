//! `wordpress:` accounts: comments of a blog are read, answered and moderated through its REST API.
//!
//! In: the blog's address, a user and one of the user's application passwords. `site.rs` finds the API, `session.rs` asks
//! as whom we are let in before anything else, `read.rs` reads, `publish.rs` answers and moderates. E-mail
//! addresses of commenters are never asked for, their IP addresses only to be given back unchanged (`moderate.rs`).

mod answer;
mod com;
mod comment;
mod frozen;

mod mark;
mod moderate;
mod ours;
mod people;
mod publish;
mod read;
mod reply;
mod session;
mod site;

pub(super) use com::reader as com_reader;
use publish::Writer;
use read::Reader;

use super::{Account, Means, Publish, Read, Trouble};
use session::Blog;

/// Opens the publishing half; nobody is asked yet.
pub(super) fn publisher(account: &Account, means: &dyn Means) -> Result<Box<dyn Publish>, String> {
    Ok(Box::new(Writer { blog: Blog::open(account, means)? }))
}

/// Opens the reading half, alike.
pub(super) fn reader(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    Ok(Box::new(Reader { blog: Blog::open(account, means)? }))
}

/// The list that a source means: the APIs' own words for comments, held, spam and trash, in this order.
fn list(what: &str, [comments, held, spam, trash]: [&'static str; 4]) -> Result<&'static str, Trouble> {
    match what {
        "comments" => Ok(comments),
        "held" => Ok(held),
        "spam" => Ok(spam),
        "trash" => Ok(trash),
        other => {
            Err(Trouble::Refused(format!("reads comments, held, spam, trash; \"{other}\" is none of them")))
        }
    }
}
