//! Publishing half of `wordpress:`. In: frozen replies and moderations. Out: one POST each, after what must hold was looked
//! at. Replies: `reply.rs`, `ours.rs`; moderation: `moderate.rs`; the bytes: `frozen.rs`.

use super::frozen::{self, Frozen};
use super::session::Blog;
use super::{moderate, ours, reply};
use crate::services::{Draft, Standing, Trouble};
use crate::{Delivery, Found, Guarantee, Outgoing, Publish};
use futures_util::future::BoxFuture;
use std::fmt;

/// A blog whose comments are answered and moderated.
pub(super) struct Writer {
    pub(super) blog: Blog,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(&self.blog).finish()
    }
}

impl Publish for Writer {
    fn guarantee(&self) -> Guarantee {
        Guarantee::ReadBack
    }

    fn freeze(&self, draft: &Draft) -> Result<Vec<u8>, String> {
        frozen::freeze(draft)
    }

    fn send<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Delivery> {
        Box::pin(async move {
            let frozen = match frozen::thaw(&post.body) {
                Ok(frozen) => frozen,
                Err(reason) => return Delivery::Refused { reason },
            };
            let session = match self.blog.session().await {
                Ok(session) => session,
                Err(trouble) => return trouble.into(),
            };
            match frozen {
                Frozen::Reply(wanted) => reply::send(session, &wanted, post.since).await,
                Frozen::Moderate(wanted) => moderate::send(session, &wanted).await,
            }
        })
    }

    fn find<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let (Ok(frozen), Ok(session)) = (frozen::thaw(&post.body), self.blog.session().await) else {
                return Found::Unknown;
            };
            match frozen {
                Frozen::Reply(wanted) => ours::find(session, &wanted, post.since).await,
                Frozen::Moderate(wanted) => moderate::find(session, &wanted).await,
            }
        })
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<Standing, Trouble>> {
        Box::pin(async move {
            let me = &self.blog.session().await?.me;
            let who = match me.roles.is_empty() {
                true => me.name.clone(),
                false => format!("{} ({})", me.name, me.roles.join(", ")),
            };
            let mut lacks = Vec::new();
            if !me.moderates {
                lacks.push("may not moderate comments: held, spam and trash cannot be read".to_owned());
                lacks.push(
                    "its replies may wait for approval, and one whose sending was cut off may stay unsure"
                        .to_owned(),
                );
            }
            Ok(Standing { who: Some(who), lacks, ..Standing::default() })
        })
    }
}
