//! Reading half of `x:`. In: what is wanted, what may be spent. Out: pages, newest first, each with a mark: what came is not
//! paid for again though a later page fails or would cost too much.

use super::costs::Costs;
use super::item::Reading;
use super::mark::{Mark, Place};
use super::sources::{OFFERS, Source};
use super::trouble::{is_free, trouble};
use super::user::said;
use crate::Read;
use crate::services::api::Answer;
use crate::services::late::Late;
use crate::services::members::{list, name, text};
use crate::services::{Item, Money, NextPage, Page, Trouble, Vault, Wanted};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// The most posts of a page.
const EACH: u64 = 100;
/// Pages of one run.
const MOST_PAGES: u32 = 100;
/// How far back searches reach, less what clocks differ.
const SEARCHED: TimeDelta = TimeDelta::minutes(7 * 24 * 60 - 5);
/// A list that gives nearly as many as can be reached may have had more.
const NEARLY: u64 = 20;
/// What is asked for of each post.
const FIELDS: &str = "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets";

/// An account that reads.
pub(super) struct Reader {
    pub(super) api: Late,
    pub(super) vault: Arc<dyn Vault>,
    /// `x:acme`.
    pub(super) name: String,
    /// Handle or number.
    pub(super) user: String,
    pub(super) costs: Costs,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    /// All lists: the first run is not to pay for what is long past.
    fn is_stream(&self, what: &str) -> bool {
        !what.starts_with("profile")
    }

    fn server(&self) -> Option<Url> {
        Some(self.api.base().clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what)?;
            if source == Source::Profile {
                return self.profile(wanted).await;
            }
            let place = match cursor.and_then(Place::read) {
                Some(place) => place,
                None => {
                    let us = self.id(wanted).await?;
                    let mark = wanted.mark.as_deref().and_then(|mark| Mark::read(mark, &us));
                    let place = Place::begin(mark, &us, wanted.since);
                    let (day, charged) = place.charged();
                    self.costs.remember(day, charged, self.api.now());
                    place
                }
            };
            self.list(&source, wanted, place).await
        })
    }
}

impl Reader {
    async fn list(&self, source: &Source, wanted: &Wanted, mut place: Place) -> Result<Page, Trouble> {
        let mut notes = Vec::new();
        let now = self.api.now();
        if matches!(source, Source::Search(_)) && !searchable(&mut place, now - SEARCHED, &mut notes) {
            return Ok(Page { mark: place.mark(false), notes, ..Page::default() });
        }
        let answer = match self.ask(source, wanted, &place).await? {
            Ok(answer) => answer,
            Err(too_much) => {
                notes.push(too_much);
                return Ok(Page { mark: place.mark(true).or(wanted.mark.clone()), notes, ..Page::default() });
            }
        };
        let value = &answer.value;
        if value["errors"].is_array() {
            let parts = list(&value["errors"]).len();
            notes.push(format!("{parts} things were not shown: {}", said(value, "no reason given")));
        }
        let items = self.items(source, value, &place.of);
        let more = self.turn(source, value, &mut place, &mut notes, now);
        let full = more && place.pages >= MOST_PAGES;
        notes.extend(full.then(|| "much is new: the next run goes on with the rest".to_owned()));
        let next = if more && !full { place.write() } else { None };
        Ok(Page { items, next, mark: place.mark(more), notes, limit: answer.limit })
    }

    /// Asks for a page, as large as may be paid for; the inner `Err` says that none may.
    async fn ask(
        &self,
        source: &Source,
        wanted: &Wanted,
        place: &Place,
    ) -> Result<Result<Answer, String>, Trouble> {
        let api = self.api.api()?;
        let with_author = *source != Source::Posts;
        let (path, fewest) = source.path(&place.of);
        let each = self.costs.of_a_post(with_author);
        let most = EACH.min(self.costs.affordable(each, &wanted.purse)).max(fewest);
        let taken = match self.costs.take(each.times(most), &wanted.purse) {
            Ok(taken) => taken,
            Err(too_much) => return Ok(Err(too_much)),
        };
        let query = question(source, place, most, with_author);
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = api.get(&path, &query).await.map_err(|fault| {
            if is_free(&fault) {
                taken.put_back(Money(0));
            }
            trouble(fault, self.api.now())
        })?;
        taken.put_back(self.costs.charge(&answer.value, self.api.now()));
        let value = &answer.value;
        if value["data"].is_array() || !value["meta"].is_null() {
            return Ok(Ok(answer));
        }
        let reason = said(value, "the answer has no posts");
        let refused = value["errors"].is_array();
        Err(if refused { Trouble::Refused(reason) } else { Trouble::Later { reason, after: None } })
    }

    fn items(&self, source: &Source, value: &Value, us: &str) -> Vec<Item> {
        let handle = Some(self.user.as_str()).filter(|user| !user.bytes().all(|b| b.is_ascii_digit()));
        let names_us = matches!(source, Source::Mentions | Source::Replies);
        let reading = Reading { us, handle, includes: &value["includes"], names_us };
        let items = list(&value["data"]).iter().filter_map(|post| reading.item(post));
        items.filter(|item| *source != Source::Replies || item.kind == "reply").collect()
    }

    /// Whether there is more after a page.
    fn turn(
        &self,
        source: &Source,
        value: &Value,
        place: &mut Place,
        notes: &mut Vec<String>,
        now: DateTime<Utc>,
    ) -> bool {
        let posts = list(&value["data"]);
        let numbers: Vec<u64> = posts.iter().filter_map(|post| name(&post["id"])?.parse().ok()).collect();
        let token = text(&value["meta"]["next_token"]);
        let ends = token.is_none() && place.is_head && place.part.since.is_some();
        let read = place.read + numbers.len() as u64;
        if let Some(reachable) = source.reachable().filter(|reachable| ends && read + NEARLY >= *reachable) {
            notes.push(format!(
                "only the newest {reachable} can be read: older ones since the last run may be missing"
            ));
        }
        let charged = posts.iter().filter_map(|post| Some(format!("data{}", name(&post["id"])?)));
        let users = list(&value["includes"]["users"]).iter();
        let users = users.filter_map(|user| Some(format!("users{}", name(&user["id"])?)));
        let charged = charged.chain(users).collect();
        place.turn(&numbers, token, charged, now)
    }
}

/// Leaves out what searches do not reach any more; `false` when nothing is left.
fn searchable(place: &mut Place, floor: DateTime<Utc>, notes: &mut Vec<String>) -> bool {
    if place.part.reaches(floor) {
        let floor = floor.to_rfc3339_opts(SecondsFormat::Secs, true);
        notes.push(format!("searches reach back seven days: nothing before {floor} was found"));
    }
    while !place.part.not_before(floor) {
        if !place.next_part() {
            return false;
        }
    }
    true
}

fn question(source: &Source, place: &Place, most: u64, with_author: bool) -> Vec<(&'static str, String)> {
    let mut query = vec![("max_results", most.to_string()), ("tweet.fields", FIELDS.to_owned())];
    let expansions = if with_author { "author_id,attachments.media_keys" } else { "attachments.media_keys" };
    query.push(("expansions", expansions.to_owned()));
    query.push(("media.fields", "type,url,preview_image_url,alt_text,variants".to_owned()));
    if with_author {
        query.push(("user.fields", "name,username,profile_image_url,protected,public_metrics".to_owned()));
    }
    let part = &place.part;
    query.extend(part.since.map(|since| ("since_id", since.to_string())));
    query.extend(part.until.map(|until| ("until_id", until.to_string())));
    let start = part.start.filter(|_| part.since.is_none());
    query.extend(start.map(|start| ("start_time", start.to_rfc3339_opts(SecondsFormat::Secs, true))));
    if let Source::Search(words) = source {
        query.push(("query", words.clone()));
        query.extend(place.token.iter().map(|token| ("next_token", token.clone())));
    } else {
        query.extend(place.token.iter().map(|token| ("pagination_token", token.clone())));
    }
    query
}
