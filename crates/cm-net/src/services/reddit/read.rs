//! Reading half of `reddit:`. In: what is wanted and where the last run ended. Out: posts and comments, the newest first.
//!
//! A listing goes back from a thing that is named (`after`), a thousand things at most. When that thing has gone, the page
//! after it is empty: then the one before it is named. What moderators let through late stands where it was written: the
//! overlap is a day. A personal feed is one page of a hundred.

use super::api::{Door, refused};
use super::item::{date, full_name, item, things};
use super::sources::{OFFERS, Source};
use super::{feed, item::things as all};
use crate::services::api::{Said, secret_may_travel};
use crate::services::members::text;
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::{NextPage, Password, Trouble, Wanted, rates};
use crate::{Read, Request};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

/// A listing has ten pages at most; some more for those that are asked for again.
const RULE: Rule = Rule { overlap: TimeDelta::days(1), pages: 20, sorted: true, resumes: false };
/// A feed with fewer entries holds all there are.
const FULL: usize = 25;
/// Things that a page may begin behind.
const ANCHORS: usize = 10;

/// An account.
pub(super) struct Reader {
    pub(super) door: Door,
    pub(super) token: Password,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        Source::is_stream(what)
    }

    fn server(&self) -> Option<Url> {
        Some(self.door.base.clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what)?;
            if source.personal && self.door.user.is_none() {
                return Err(Trouble::Credentials(format!(
                    "{} needs a user: give it, and SECRET:PASSWORD",
                    wanted.what
                )));
            }
            let walk = Walk::resume(wanted, cursor, self.door.user.as_deref().unwrap_or_default(), RULE);
            let taken = match source.feed {
                true => self.feed(&source, wanted, walk.until()).await?,
                // A post's comments are no listing: they come as one tree, in any order.
                false => self.listing(&source, walk.at.as_deref()).await?,
            };
            Ok(walk.turn(taken, wanted, RULE, self.door.client.options().clock.now()))
        })
    }
}

impl Reader {
    async fn listing(&self, source: &Source, at: Option<&str>) -> Result<Taken, Trouble> {
        let anchors: Vec<&str> = at.map(|at| at.split(' ').collect()).unwrap_or_default();
        let mut query: Vec<(&str, &str)> =
            source.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        query.extend([("limit", "100"), ("raw_json", "1")]);
        query.extend(anchors.first().map(|after| ("after", *after)));
        let answer = self.door.get(&source.path, &query).await?;
        let found = things(&answer.value);
        if found.is_empty() && answer.value["data"]["children"].as_array().is_none() {
            let reason = "the API answered without a listing".to_owned();
            return Err(Trouble::Later { reason, after: None });
        }
        let names: Vec<String> = found.iter().filter_map(|thing| full_name(thing)).collect();
        let after = text(&answer.value["data"]["after"]);
        let next = match (&after, found.is_empty()) {
            (Some(after), _) => Some(behind(after, &names)),
            // It has gone since: the one before it.
            (None, true) if anchors.len() > 1 => Some(anchors[1..].join(" ")),
            _ => None,
        };
        let me = self.door.user.as_deref();
        let wanted = |thing: &&&Value| (thing["kind"] == "t4") == source.messages;
        Ok(Taken {
            items: found.iter().filter(wanted).filter_map(|thing| item(thing, me, source.kind)).collect(),
            dates: found.iter().filter_map(|thing| date(thing)).collect(),
            next,
            notes: rest(&answer.value),
            limit: answer.limit,
        })
    }

    async fn feed(
        &self,
        source: &Source,
        wanted: &Wanted,
        until: Option<DateTime<Utc>>,
    ) -> Result<Taken, Trouble> {
        let Some(user) = self.door.user.as_deref().filter(|_| self.door.app.is_none()) else {
            let why = "a personal feed needs its user and as password its token (reddit.com/prefs/feeds), and no client_id";
            return Err(Trouble::Credentials(why.to_owned()));
        };
        let token = self.token.ask().map_err(Trouble::Credentials)?;
        let mut url = self.door.site.clone();
        url.set_path(&format!("{}/.rss", source.path).replace("//", "/"));
        url.query_pairs_mut().extend_pairs([
            ("limit", "100"),
            ("feed", token.expose_secret()),
            ("user", user),
        ]);
        secret_may_travel(&url, &self.door.client)?;
        let response =
            self.door.client.send(Request::get(url).header("accept", "application/atom+xml")).await?;
        let now = self.door.client.options().clock.now();
        let limit = rates::limit(&response, now);
        let text = String::from_utf8_lossy(&response.body);
        let entries = feed::entries(&text).filter(|_| (200..=299).contains(&response.status));
        let Some(entries) = entries else {
            let reason =
                format!("{} answered {} and no feed", crate::error::origin(&response.url), response.status);
            let after = rates::after(&response, now);
            return Err(refused(Said {
                status: response.status,
                value: Value::Null,
                reason,
                after,
                limit,
                headers: Vec::new(),
            }));
        };
        let dates: Vec<DateTime<Utc>> = entries.iter().filter_map(|entry| feed::date(entry)).collect();
        let items = entries.iter().filter_map(|entry| feed::item(entry, user, source.kind)).collect();
        let missed = wanted.mark.is_some()
            && entries.len() >= FULL
            && dates.iter().min().zip(until).is_some_and(|(oldest, until)| *oldest > until + RULE.overlap);
        let notes = missed.then(|| {
            "a feed holds no more than this: some came and went between two runs, run it more often"
                .to_owned()
        });
        Ok(Taken { items, dates, next: None, notes: notes.into_iter().collect(), limit })
    }
}

/// Where the next page begins: behind this, or should it go, behind one of those before it.
fn behind(after: &str, names: &[String]) -> String {
    let before = names.iter().rev().map(String::as_str).filter(|name| *name != after);
    std::iter::once(after).chain(before).take(ANCHORS).collect::<Vec<_>>().join(" ")
}

/// What a post's page leaves out (`more`).
fn rest(answer: &Value) -> Vec<String> {
    let shown = answer.is_array().then(|| all(answer).len());
    let said = answer.pointer("/0/data/children/0/data/num_comments").and_then(Value::as_u64);
    match (shown, said) {
        (Some(shown), Some(said)) if said as usize >= shown => {
            vec![format!(
                "{} of {said} comments are shown: the rest is folded away there",
                shown.saturating_sub(1)
            )]
        }
        _ => Vec::new(),
    }
}
