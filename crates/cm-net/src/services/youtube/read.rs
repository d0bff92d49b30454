//! Reading half of `youtube:`. In: what is wanted and where the last run ended. Out: comments and their replies.
//!
//! A thread comes with up to five of its replies; the others are asked for by `comments.list`, where there are more than the
//! last run handed out. Each question costs one unit of 10,000 a day; how many a run took is told from a hundred on.

use super::item::item;
use super::mark::{Place, Thread};
use super::sources::{OFFERS, filter, is_stream};
use super::{API, Channel};
use crate::Read;
use crate::services::api::{Api, Fault, Said};
use crate::services::members::{count, instant, list, text};
use crate::services::{Item, NextPage, Page, Trouble, Wanted};
use chrono::{DateTime, TimeDelta, Utc};
use cm_time::Zone;
use serde_json::Value;
use url::Url;

/// Pages of threads in one run.
const PAGES: u32 = 50;
/// Units of one run, those for replies included.
const UNITS: u32 = 1000;
/// From how many on a run tells what it cost.
const WORTH_A_WORD: u32 = 100;

/// A channel whose comments are read.
pub(super) struct Reader {
    pub(super) channel: Channel,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        is_stream(what)
    }

    fn server(&self) -> Option<Url> {
        Url::parse(API).ok()
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let (name, whose) = filter(&wanted.what, self.channel.id.as_deref())?;
            let api = self.channel.api().map_err(Trouble::Credentials)?;
            let begin = || Place::begin(wanted.mark.as_deref(), &whose, wanted.since, api.now());
            let mut place = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(begin);
            let items = match place.threads.is_empty() {
                true => self.threads(&api, (name, &whose), &mut place).await?,
                false => self.replies(&api, &mut place).await?,
            };
            Ok(turn(place, items, wanted))
        })
    }
}

impl Reader {
    fn me(&self) -> Option<&str> {
        self.channel.id.as_deref()
    }

    async fn threads(&self, api: &Api, whose: (&str, &str), place: &mut Place) -> Result<Vec<Item>, Trouble> {
        let mut query = vec![
            ("part", "snippet,replies"),
            whose,
            ("order", "time"),
            ("maxResults", "100"),
            ("textFormat", "plainText"),
        ];
        query.extend(place.token.as_deref().map(|token| ("pageToken", token)));
        let answer = ask(api, "youtube/v3/commentThreads", &query).await?;
        let threads = items(&answer)?;
        let mut found = Vec::new();
        let mut dates = Vec::new();
        for thread in threads {
            let Some(id) = text(&thread["id"]) else { continue };
            let (first, all) =
                (&thread["snippet"]["topLevelComment"], count(&thread["snippet"]["totalReplyCount"]));
            dates.extend(instant(&first["snippet"]["publishedAt"]));
            let video = text(&thread["snippet"]["videoId"]);
            let told = list(&thread["replies"]["comments"]);
            found.extend(item(&with_video(first, video.as_deref()), &id, all, self.me()));
            found.extend(
                told.iter()
                    .filter_map(|reply| item(&with_video(reply, video.as_deref()), &id, None, self.me())),
            );
            let all = all.unwrap_or(0);
            if all > told.len() as u64 {
                match place.grew(&id, all) {
                    true => place.threads.push(Thread { id, video, replies: all, token: None }),
                    false => {
                        place.mark.replies.insert(id, all);
                    }
                }
            }
        }
        let newest = dates.iter().max().copied();
        let reached = newest.zip(place.until).is_some_and(|(newest, until)| newest < until);
        place.mark.newest = newest.into_iter().chain(place.mark.newest).max().map(|at| at.min(api.now()));
        let before = place.token.take();
        place.token = text(&answer["nextPageToken"]).filter(|next| Some(next) != before.as_ref());
        (place.pages, place.units) = (place.pages + 1, place.units + 1);
        place.end = reached || place.token.is_none();
        Ok(found)
    }

    /// Replies of the first thread that has some missing; its count is kept once all are there.
    async fn replies(&self, api: &Api, place: &mut Place) -> Result<Vec<Item>, Trouble> {
        let mut thread = place.threads.remove(0);
        place.units += 1;
        let mut query = vec![
            ("part", "snippet"),
            ("parentId", &*thread.id),
            ("maxResults", "100"),
            ("textFormat", "plainText"),
        ];
        query.extend(thread.token.as_deref().map(|token| ("pageToken", token)));
        let answer = match ask(api, "youtube/v3/comments", &query).await {
            Ok(answer) => answer,
            // It has gone since.
            Err(Trouble::Refused(_)) => return Ok(Vec::new()),
            Err(trouble) => return Err(trouble),
        };
        let video = thread.video.as_deref();
        let replies = items(&answer)?.iter();
        let found = replies
            .filter_map(|reply| item(&with_video(reply, video), &thread.id, None, self.me()))
            .collect();
        let next = text(&answer["nextPageToken"]).filter(|next| Some(next) != thread.token.as_ref());
        match next {
            Some(next) => {
                thread.token = Some(next);
                place.threads.insert(0, thread);
            }
            None => {
                place.mark.replies.insert(thread.id, thread.replies);
            }
        }
        Ok(found)
    }
}

fn turn(place: Place, items: Vec<Item>, wanted: &Wanted) -> Page {
    let full = place.units >= UNITS || place.pages >= PAGES && place.threads.is_empty();
    let more = !place.end || !place.threads.is_empty();
    if more && !full {
        return Page { items, next: serde_json::to_string(&place).ok(), ..Page::default() };
    }
    let mut notes = Vec::new();
    if more && place.threads.is_empty() {
        let read = place.pages * 100;
        notes.push(format!(
            "{}: the newest {read} threads were read, replies to older ones were not",
            wanted.what
        ));
    } else if more {
        notes.push(format!(
            "{}: {UNITS} questions in one run, the next one goes on with replies",
            wanted.what
        ));
    }
    if place.units >= WORTH_A_WORD {
        notes.push(format!("{}: this run took about {} of the day's 10,000 units", wanted.what, place.units));
    }
    Page { items, mark: place.leave(), notes, ..Page::default() }
}

/// Only the thread says which video it is about.
fn with_video(comment: &Value, video: Option<&str>) -> Value {
    let mut comment = comment.clone();
    if let (Some(video), Some(members)) = (video, comment.as_object_mut()) {
        members.insert("videoId".to_owned(), video.into());
    }
    comment
}

fn items(answer: &Value) -> Result<&[Value], Trouble> {
    let nothing = || Trouble::Later { reason: "the API answered without items".to_owned(), after: None };
    answer["items"].as_array().map(Vec::as_slice).ok_or_else(nothing)
}

/// Errors have a reason (`error.errors[0].reason`), which says more than their status.
async fn ask(api: &Api, path: &str, query: &[(&str, &str)]) -> Result<Value, Trouble> {
    match api.get(path, query).await {
        Ok(answer) => Ok(answer.value),
        Err(Fault::Said(said)) => Err(refused(*said, api.now())),
        Err(fault) => Err(fault.into()),
    }
}

fn refused(said: Said, now: DateTime<Utc>) -> Trouble {
    let detail = |pointer: &str| said.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (why, named) = (detail("/error/errors/0/reason"), detail("/error/details/0/reason"));
    let plain = |words: &str| format!("{words} ({})", said.reason);
    match (why, named) {
        ("quotaExceeded" | "dailyLimitExceeded", _) => Trouble::Later {
            reason: plain("the day's quota is used up"),
            after: said.after.or_else(|| midnight(now)),
        },
        ("rateLimitExceeded" | "userRateLimitExceeded", _) => {
            Trouble::Later { reason: said.reason, after: said.after }
        }
        ("commentsDisabled", _) => Trouble::Refused(plain("comments are switched off there")),
        ("keyInvalid" | "badRequest", "API_KEY_INVALID") | ("keyInvalid", _) => {
            Trouble::Credentials(plain("the API key is not valid"))
        }
        ("accessNotConfigured", _) => {
            Trouble::Credentials(plain("the YouTube Data API is not switched on for the key"))
        }
        // Of one video, which may be private: the key is good.
        ("videoNotFound" | "channelNotFound" | "forbidden", _) => Trouble::Refused(said.reason),
        _ => said.into(),
    }
}

/// Quotas begin anew at midnight in California.
fn midnight(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let zone = Zone::named("America/Los_Angeles").ok()?;
    Some(zone.day_start(zone.wall(now).date() + TimeDelta::days(1)))
}
