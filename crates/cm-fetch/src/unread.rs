//! What was fetched and is read when its turn to be handed out has come. In: a document that is most likely a feed, and the
//! answer that it came with. Out: the feed, or why it is none.

use crate::arrival::{Arrived, Entries, opened};
use crate::feed::Feed;
use crate::get::{Answer, Problem, shown};
use crate::item::Origin;
use crate::push::Hub;
use crate::source::{Source, address};
use crate::token;
use crate::visit::{Fetched, Outcome, kind, not_a_feed};
use chrono::{DateTime, Utc};
use url::Url;

/// Longer documents take turns to be in memory, in bytes.
const LARGE: u64 = 1 << 20;

/// A document and where it came from.
pub(crate) struct Unread {
    pub(crate) document: Arrived,
    /// The address that was asked.
    pub(crate) url: Url,
    pub(crate) answer: Answer,
    /// The feed's address, when a page led to it.
    pub(crate) discovered: Option<String>,
    /// See `Fetched`.
    pub(crate) guessed: bool,
    /// When it came.
    pub(crate) at: DateTime<Utc>,
}

impl Outcome {
    /// Whether its document is so long that it takes its turn to be in memory.
    pub(crate) fn is_large(&self) -> bool {
        matches!(self, Outcome::Document(unread) if unread.document.body.len() > LARGE)
    }

    /// With its document read as a feed, if there is one.
    pub(crate) fn opened(self, source: &Source) -> Outcome {
        let Outcome::Document(unread) = self else { return self };
        let Unread { document, url, answer, discovered, guessed, at } = *unread;
        match document.document().map(opened) {
            Ok(Ok(feed)) => {
                let fetched = fetched(source, feed, answer, discovered, at);
                Outcome::Feed(Box::new(Fetched { guessed, ..fetched }))
            }
            Ok(Err(why)) => Outcome::Failed(Problem { answered: true, ..not_a_feed(&url, why) }),
            Err(error) => Outcome::Failed(on_the_disk(&url, &error)),
        }
    }
}

/// A feed of a source, and what its answer said.
pub(crate) fn fetched(
    source: &Source,
    feed: Feed<Entries>,
    answer: Answer,
    discovered: Option<String>,
    at: DateTime<Utc>,
) -> Fetched {
    let hub = hub(&feed, &answer);
    let found_at = discovered.clone().unwrap_or_else(|| source.feed_key());
    Fetched {
        origin: Origin {
            ids: source.ids,
            kind: kind(source, &feed, &[&found_at, &answer.from]),
            source: found_at,
            from: answer.from,
            etag: answer.validators.etag.clone(),
            tags: source.tags.clone(),
            at,
        },
        feed,
        discovered,
        guessed: false,
        validators: answer.validators,
        moved_to: answer.moved_to,
        headers: answer.headers,
        bytes: answer.bytes,
        hub,
        delivered: false,
        reading: None,
    }
}

/// The first hub that headers or the document name, and the address under which it knows the feed. What lets its bearer in
/// is for no hub.
fn hub(feed: &Feed<Entries>, answer: &Answer) -> Option<Hub> {
    let [hub, own] = answer.links.clone();
    let url = hub.or_else(|| feed.head.hubs.first().cloned())?;
    let topic = own.or_else(|| feed.head.feed_url.clone()).unwrap_or_else(|| answer.from.clone());
    (is_open(&url) && is_open(&topic)).then_some(Hub { url, topic })
}

fn is_open(text: &str) -> bool {
    let secret = |url: &Url| !url.username().is_empty() || url.password().is_some() || token::is_in(url);
    address(text).is_ok_and(|url| !secret(&url))
}

/// What waits on the disk cannot be read back.
pub(crate) fn on_the_disk(url: &Url, error: &std::io::Error) -> Problem {
    Problem::new("disk", format!("{}: {error}", shown(url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hub_is_told_what_lets_its_bearer_in() {
        let public = "https://a.example/feed?feed=1";
        for (address, told) in [
            (public, true),
            ("https://www.reddit.com/message/inbox/.rss?feed=hush&user=acme", false),
            ("https://acme:hush@a.example/feed", false),
            ("ftp://a.example/feed", false),
        ] {
            assert_eq!(is_open(address), told, "{address}");
        }
    }
}
