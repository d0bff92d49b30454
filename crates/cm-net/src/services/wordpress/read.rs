//! Reading half of `wordpress:`. In: what is wanted and where the last run ended. Out: comments as items, newest first.
//!
//! A list is read from the highest number down, by offset, each page reaching a little into the last one. Comments that
//! come meanwhile push the list on: what is met again is left out. Comments that go pull it back: a page that does not
//! reach what was handed out before may hide a gap, and the list is begun again. So no comment that was there all the
//! time is passed over. What the next run needs: `mark.rs`.

use super::comment::{self, Comment, FIELDS};
use super::list;
use super::mark::{APPROVED, HELD, Mark, Place};
use super::people;
use super::session::{Blog, Session};
use crate::Read;
use crate::services::{Item, NextPage, Page, Trouble, Wanted};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;

/// The most that WordPress gives at once.
pub(super) const PAGE: u64 = 100;
/// How far a page reaches into the one before.
const REACH: u64 = 10;
/// Pages of one run: some nine thousand comments.
const PAGES: u32 = 100;
/// How often a list that shrinks while it is read is begun again.
const RESTARTS: u32 = 2;
/// How many comments one run looks up one by one.
const ALONE: usize = 50;

const COMMENTS: &str = "wp/v2/comments";

/// A blog whose comments are read.
pub(super) struct Reader {
    pub(super) blog: Blog,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(&self.blog).finish()
    }
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        &["comments", "held", "spam", "trash"]
    }

    fn is_stream(&self, _what: &str) -> bool {
        false
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let status = list(&wanted.what, STATUSES)?;
            let session = self.blog.session().await?;
            let run = Run { session, status };
            let place = match cursor {
                Some(cursor) => Place::read(cursor)?,
                None => run.begin(wanted.mark.as_deref().and_then(Mark::read)).await?,
            };
            run.page(place).await
        })
    }
}

/// What the API calls comments, held, spam and trash.
const STATUSES: [&str; 4] = ["approve", "hold", "spam", "trash"];

/// One run over one list.
struct Run<'s> {
    session: &'s Session,
    status: &'static str,
}

impl Run<'_> {
    /// Whether it is the queue of those that wait, which is read whole each time.
    fn is_queue(&self) -> bool {
        self.status == "hold"
    }

    /// How many of the list are watched for leaving it; what leaves the spam and the trash is met elsewhere or gone.
    fn watches(&self) -> usize {
        match self.status {
            "hold" => HELD,
            "approve" => APPROVED,
            _ => 0,
        }
    }

    /// Whether a comment is still in the list.
    fn has(&self, comment: &Comment) -> bool {
        comment.status == if self.status == "approve" { "approved" } else { self.status }
    }

    /// Where to begin: at the newest days when nothing older has come or gone, else at everything. What is counted is
    /// counted before anything is read, so that what changes meanwhile is seen by the next run.
    async fn begin(&self, last: Option<Mark>) -> Result<Place, Trouble> {
        let me = &self.session.me;
        if self.status != "approve" && !me.moderates {
            return Err(Trouble::Refused(format!(
                "{} may not moderate comments, so only comments can be read (a user with the role Editor may)",
                me.name
            )));
        }
        let now = self.session.now();
        let whole = Mark::new(now);
        if self.is_queue() {
            let before = last.map(|mark| mark.listed).unwrap_or_default();
            return Ok(Place { before, ..Place::new(whole, None) });
        }
        let whole = Mark { older: self.older(whole.since).await?, ..whole };
        let Some(last) = last else { return Ok(Place::new(whole, None)) };
        let still = match last.since == whole.since {
            true => whole.older,
            false => self.older(last.since).await?,
        };
        let place = match last.holds(still, now) {
            true => Place::new(Mark { whole: last.whole, ..whole }, Some(last.since)),
            false => Place::new(whole, None),
        };
        // They are of the days since `last.since`, so that neither reading leaves one out that is there.
        Ok(Place { before: last.listed, ..place })
    }

    /// How many are older, counted by one request: two could be told of different moments.
    async fn older(&self, since: DateTime<Utc>) -> Result<Option<u64>, Trouble> {
        let query = [("before", second(since)), ("per_page", "1".to_owned()), ("_fields", "id".to_owned())];
        Ok(self.list(&query).await?.1)
    }

    /// Rows of the list, and how long it is in all.
    async fn list(&self, further: &[(&str, String)]) -> Result<(Vec<Value>, Option<u64>), Trouble> {
        let mut query = vec![("status", self.status)];
        if self.session.me.edits {
            // Pingbacks too; who may not edit posts gets comments only.
            query.push(("type", "all"));
        }
        query.extend(further.iter().map(|(name, value)| (*name, value.as_str())));
        let said = self.session.get(COMMENTS, &query).await?.well()?;
        match said.json {
            Value::Array(rows) => Ok((rows, said.total)),
            _ => {
                Err(Trouble::Refused(format!("{} answered with JSON that is no list of comments", said.host)))
            }
        }
    }

    async fn page(&self, mut place: Place) -> Result<Page, Trouble> {
        let (rows, end) = self.rows(&mut place).await?;
        let fresh: Vec<Comment> =
            rows.into_iter().filter(|c| place.lowest.is_none_or(|low| c.id < low)).collect();
        place.lowest = fresh.iter().map(|comment| comment.id).min().or(place.lowest);
        place.offset += PAGE - REACH;
        let fresh: Vec<Comment> = fresh.into_iter().filter(Comment::is_for_readers).collect();
        let since = place.mark.since;
        let newest = |c: &&Comment| self.is_queue() || c.published.is_some_and(|at| at >= since);
        place.mark.list(fresh.iter().filter(newest).map(|comment| comment.id), self.watches());
        let mut page = Page { items: self.items(fresh).await?, ..Page::default() };
        if !end && place.pages < PAGES {
            page.next = Some(place.write());
            return Ok(page);
        }
        if place.hidden && self.status != "approve" {
            let name = &self.session.me.name;
            page.notes.push(format!("some are not shown to {name}, who may not edit what they are about"));
        }
        page.items.extend(self.left(&mut place, end).await?);
        if !end {
            page.notes.push(format!("only the newest {} were read: there are more", place.offset));
        }
        page.mark = Some(place.mark.write());
        Ok(page)
    }

    /// The next rows of the list, and whether it ends with them.
    async fn rows(&self, place: &mut Place) -> Result<(Vec<Comment>, bool), Trouble> {
        loop {
            place.pages += 1;
            let mut query = vec![
                ("orderby", "id".to_owned()),
                ("order", "desc".to_owned()),
                ("per_page", PAGE.to_string()),
                ("offset", place.offset.to_string()),
                ("_fields", FIELDS.to_owned()),
            ];
            // What is of the second itself is neither before nor after it.
            query.extend(place.after.map(|after| ("after", second(after - TimeDelta::seconds(1)))));
            let (rows, total) = self.list(&query).await?;
            let rows: Vec<Comment> = rows.iter().filter_map(Comment::of).collect();
            // Counted, but not shown to this user: then only the count tells whether the list has shrunk.
            let counted = total.map_or(0, |total| total.saturating_sub(place.offset).min(PAGE));
            let hides = (rows.len() as u64) < counted;
            let shrank = total < place.total;
            (place.total, place.hidden) = (total, place.hidden || hides);
            let joins = place.lowest.is_none_or(|low| rows.first().is_some_and(|first| first.id >= low));
            let whole = place.offset == 0 || joins || (hides && !shrank);
            if whole || place.restarts == RESTARTS {
                if !whole {
                    // Counted as never seen, so that the next run reads everything.
                    (place.mark.older, place.gap) = (None, true);
                }
                let end = total.map_or(rows.is_empty(), |total| place.offset + PAGE >= total);
                return Ok((rows, end));
            }
            (place.restarts, place.offset) = (place.restarts + 1, 0);
        }
    }

    async fn items(&self, comments: Vec<Comment>) -> Result<Vec<Item>, Trouble> {
        let own = people::own(self.session, &comments).await?;
        let public = self.public(&comments).await?;
        let of = |c: Comment| (own.contains(&c.id), public.contains(&c.id), c);
        Ok(comments.into_iter().map(of).map(|(own, public, c)| c.item(own, public)).collect())
    }

    /// Those that anybody can see: a comment may be approved under a post that is private or wants a password. Where
    /// strangers are let in to nothing, none are. Pingbacks are not listed for strangers: their posts are asked for.
    async fn public(&self, comments: &[Comment]) -> Result<HashSet<u64>, Trouble> {
        let approved = comments.iter().filter(|comment| comment.status == "approved");
        let (pings, others): (Vec<&Comment>, Vec<&Comment>) = approved.partition(|comment| comment.is_ping());
        let others: Vec<u64> = others.iter().map(|comment| comment.id).collect();
        let mut public = self.shown(COMMENTS, &others, "id").await?;
        let posts = Vec::from_iter(pings.iter().map(|ping| ping.post).collect::<HashSet<u64>>());
        let posts = self.shown("wp/v2/posts", &posts, "id,content.protected").await?;
        public.extend(pings.into_iter().filter(|ping| posts.contains(&ping.post)).map(|ping| ping.id));
        Ok(public)
    }

    /// Which of a list a stranger is shown, and without a password.
    async fn shown(&self, route: &str, ids: &[u64], fields: &str) -> Result<HashSet<u64>, Trouble> {
        let mut shown = HashSet::new();
        for some in ids.chunks(PAGE as usize) {
            let (include, per_page) = (numbers(some), PAGE.to_string());
            let query = [("include", include.as_str()), ("per_page", &per_page), ("_fields", fields)];
            match self.session.get_as_anybody(route, &query).await {
                Ok(said) if said.status == 200 => {
                    let rows = said.json.as_array().into_iter().flatten();
                    let open =
                        rows.filter(|row| row.pointer("/content/protected") != Some(&Value::Bool(true)));
                    shown.extend(open.filter_map(|row| row.get("id")?.as_u64()));
                }
                Ok(_) | Err(Trouble::Refused(_) | Trouble::Credentials(_)) => {}
                Err(later) => return Err(later),
            }
        }
        Ok(shown)
    }

    /// What became of those that the list had when the last run looked and has no longer. Those that no list has are looked
    /// up one by one; of many, the next run looks up more. What was not met in a reading that is not whole may be there.
    async fn left(&self, place: &mut Place, end: bool) -> Result<Vec<Item>, Trouble> {
        let mut missing = place.missing();
        let (mut items, mut later) = (Vec::new(), Vec::new());
        if end && !place.gap {
            let found = self.found(&missing).await?;
            let met: HashSet<u64> = found.iter().map(|comment| comment.id).collect();
            missing.retain(|id| !met.contains(id));
            items = self.items(found.into_iter().filter(|comment| !self.has(comment)).collect()).await?;
            later = missing.split_off(missing.len().min(ALONE));
            for id in missing.drain(..) {
                items.extend(self.alone(id).await?);
            }
        }
        place.mark.list(missing.into_iter().chain(later), 2 * self.watches());
        Ok(items)
    }

    /// Those of them that any list has; who may not edit posts is told of approved ones only, and asks for each.
    async fn found(&self, ids: &[u64]) -> Result<Vec<Comment>, Trouble> {
        let mut found = Vec::new();
        for some in ids.chunks(PAGE as usize).filter(|_| self.session.me.edits) {
            let (include, per_page) = (numbers(some), PAGE.to_string());
            let query = [
                ("include", include.as_str()),
                ("status", "any"),
                ("type", "all"),
                ("per_page", &per_page),
                ("_fields", FIELDS),
            ];
            let said = self.session.get(COMMENTS, &query).await?.well()?;
            found.extend(said.json.as_array().into_iter().flatten().filter_map(Comment::of));
        }
        Ok(found)
    }

    /// A comment that no list has: gone for good when WordPress says so. Who may not see how it stands is told nothing.
    async fn alone(&self, id: u64) -> Result<Option<Item>, Trouble> {
        let said = self.session.get(&format!("{COMMENTS}/{id}"), &[("_fields", FIELDS)]).await?;
        match said.status {
            404 if said.code() == "rest_comment_invalid_id" => Ok(Some(comment::gone(id))),
            200 => {
                let found = Comment::of(&said.json).filter(|comment| !self.has(comment));
                Ok(self.items(found.into_iter().collect()).await?.pop())
            }
            _ => Ok(None),
        }
    }
}

fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Numbers as a parameter of a list.
pub(super) fn numbers(ids: &[u64]) -> String {
    ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}
