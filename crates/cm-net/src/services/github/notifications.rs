//! Notifications: what concerns us, wherever it happened (<https://docs.github.com/rest/activity/notifications>). A notification
//! names a thread and no words: so the thread is asked for, and what was said in it since the last run. Nothing is marked
//! as read. The list says when it may be asked again (`X-Poll-Interval`), and with the date of the last answer
//! (`Last-Modified`) an unchanged one costs nothing; both are kept.

use super::read::Reader;
use crate::services::api::Answer;
use crate::services::members::{count, instant, list, text, web};
use crate::services::{Audience, Item, Page, Trouble, Wanted};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// Threads on a page, the most that is given.
const EACH: &str = "50";
/// Pages of one run.
const MOST_PAGES: u32 = 20;
/// Pages of comments that are read of a thread.
const MOST_COMMENT_PAGES: usize = 10;
/// How far before the newest known a run begins.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// Words are told so long after they were written, and mostly less.
const DELAY: TimeDelta = TimeDelta::days(1);
/// No longer pause is kept, in seconds.
const LONGEST_PAUSE: u64 = 3600;

/// From run to run, and within one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    /// The newest thread met.
    newest: Option<DateTime<Utc>>,
    last_modified: Option<String>,
    /// When the list may be asked for again.
    not_before: Option<DateTime<Utc>>,
    /// Threads that changed before this are on the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<DateTime<Utc>>,
    #[serde(default)]
    pages: u32,
    /// Threads from this on are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
}

impl Reader {
    /// A page of threads with what was said in them.
    pub(super) async fn notifications(&self, wanted: &Wanted, cursor: Option<&str>) -> Result<Page, Trouble> {
        if !self.api.has_secret() {
            let why = "notifications need a token (classic, with the scope notifications)";
            return Err(Trouble::Credentials(why.to_owned()));
        }
        let kept: Place = read(cursor.or(wanted.mark.as_deref())).unwrap_or_default();
        let now = self.api.now();
        if cursor.is_none() && kept.not_before.is_some_and(|at| at > now && at <= now + TimeDelta::hours(1)) {
            return Ok(Page { mark: wanted.mark.clone(), ..Page::default() });
        }
        let known = kept.newest.and_then(|newest| newest.checked_sub_signed(OVERLAP));
        let since = if cursor.is_some() { kept.since } else { known.or(wanted.since) };
        let said = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (from, before) = (since.map(said), kept.before.map(said));
        let mut query = vec![("all", "true"), ("participating", "true"), ("per_page", EACH)];
        query.extend(from.as_deref().map(|from| ("since", from)));
        query.extend(before.as_deref().map(|before| ("before", before)));
        let modified = kept.last_modified.as_deref().filter(|_| cursor.is_none());
        let headers: Vec<(&str, &str)> = modified.map(|at| ("if-modified-since", at)).into_iter().collect();
        let Some(answer) = self.ask("notifications", &query, &headers).await? else {
            return Ok(Page { mark: wanted.mark.clone(), ..Page::default() });
        };
        let mut place = kept;
        if cursor.is_none() {
            let header = |name: &str| answer.response.header(name).map(str::to_owned);
            let pause = header("x-poll-interval").and_then(|text| text.parse::<u64>().ok());
            let pause = pause.map(|pause| TimeDelta::seconds(pause.min(LONGEST_PAUSE) as i64));
            (place.since, place.pages, place.last_modified) = (since, 0, header("last-modified"));
            // A second early, as clocks differ in less than one.
            place.not_before = pause.map(|pause| now + pause - TimeDelta::seconds(1));
        }
        let mut items = Vec::new();
        for thread in list(&answer.value) {
            items.extend(self.thread(thread, since).await?);
        }
        let more = answer.link("next").is_some();
        Ok(place.turn(&answer.value, items, more, answer.limit))
    }

    /// What was said in a thread; of what cannot be asked for, that it has changed.
    async fn thread(&self, thread: &Value, since: Option<DateTime<Utc>>) -> Result<Vec<Item>, Trouble> {
        let subject = &thread["subject"];
        let since = since.and_then(|since| since.checked_sub_signed(DELAY));
        let kind = match thread["reason"].as_str() {
            Some("mention" | "team_mention") => "mention",
            _ => "reply",
        };
        let private = &thread["repository"]["private"];
        let audience = (*private == false).then_some(Audience::Public);
        let told = || notice(thread, kind, audience).into_iter().collect::<Vec<Item>>();
        let is_thread = matches!(subject["type"].as_str(), Some("Issue" | "PullRequest"));
        let latest = &subject["latest_comment_url"];
        let address = if is_thread || latest.is_null() { &subject["url"] } else { latest };
        let Some(Answer { value, .. }) = self.look(place(address, None)).await? else { return Ok(told()) };
        let reading = self.reading(audience);
        let whole = if value["title"].is_null() { reading.comment(&value) } else { reading.issue(&value) };
        let whole = if value["tag_name"].is_null() { whole } else { reading.release(&value) };
        let mut items: Vec<Item> = whole.into_iter().collect();
        if !value["comments_url"].is_null() && count(&value["comments"]).is_some_and(|comments| comments > 0)
        {
            let from = since.or_else(|| instant(&thread["updated_at"])?.checked_sub_signed(OVERLAP));
            let comments = self.comments(&value["comments_url"], from).await?;
            items.extend(comments.iter().filter_map(|comment| reading.comment(comment)));
        }
        // The thread's beginning comes along where it is new; old ones are dropped by their date.
        items.retain(|item| item.published.zip(since).is_none_or(|(at, since)| at >= since));
        items.iter_mut().for_each(|item| item.kind = kind);
        Ok(items)
    }

    /// Comments of a thread, the oldest first, a hundred on a page.
    async fn comments(&self, address: &Value, since: Option<DateTime<Utc>>) -> Result<Vec<Value>, Trouble> {
        let (mut at, mut all) = (place(address, since), Vec::new());
        for _ in 0..MOST_COMMENT_PAGES {
            let Some(answer) = self.look(at).await? else { break };
            all.extend_from_slice(list(&answer.value));
            at = answer.link("next");
        }
        Ok(all)
    }

    /// What stands at an address that the API named; `None` where it is gone or closed to us.
    async fn look(&self, address: Option<Url>) -> Result<Option<Answer>, Trouble> {
        let Some(url) = address else { return Ok(None) };
        let api = self.api.api()?;
        match api.follow(url).await {
            Ok(answer) => Ok(Some(answer)),
            Err(fault) => match super::trouble::trouble(fault, true, api.now()) {
                Trouble::Refused(_) | Trouble::Credentials(_) => Ok(None),
                trouble => Err(trouble),
            },
        }
    }
}

impl Place {
    fn turn(
        mut self,
        threads: &Value,
        items: Vec<Item>,
        more: bool,
        limit: Option<crate::services::Limit>,
    ) -> Page {
        let dates = || list(threads).iter().filter_map(|thread| instant(&thread["updated_at"]));
        self.newest = dates().chain(self.newest).max();
        self.pages += 1;
        // Inclusive of its last second, from which there may be more.
        let before = dates().min().and_then(|oldest| oldest.checked_add_signed(TimeDelta::seconds(1)));
        let moves = before.is_some() && self.before.is_none_or(|known| before < Some(known));
        let mut notes = Vec::new();
        if more && moves && self.pages < MOST_PAGES {
            self.before = before;
            let next = serde_json::to_string(&self).ok();
            return Page { items, next, mark: None, notes, limit };
        }
        if more {
            notes.push("many notifications: older ones were not read".to_owned());
        }
        (self.before, self.since, self.pages) = (None, None, 0);
        Page { items, next: None, mark: serde_json::to_string(&self).ok(), notes, limit }
    }
}

/// An address that the API named; of a list what has changed since.
fn place(address: &Value, since: Option<DateTime<Utc>>) -> Option<Url> {
    let mut url = Url::parse(address.as_str()?).ok()?;
    if let Some(since) = since {
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        url.query_pairs_mut().extend_pairs([("since", since.as_str()), ("per_page", "100")]);
    }
    Some(url)
}

fn read(text: Option<&str>) -> Option<Place> {
    serde_json::from_str(text?).ok()
}

/// A notification without words.
fn notice(thread: &Value, kind: &'static str, audience: Option<Audience>) -> Option<Item> {
    let at = instant(&thread["updated_at"]);
    let id = text(&thread["id"])?;
    Some(Item {
        id: format!("notifications/{id}/{}", at.map(|at| at.timestamp()).unwrap_or_default()),
        url: web(&thread["repository"]["html_url"]),
        kind,
        title: text(&thread["subject"]["title"]),
        text: Some(String::new()),
        tags: text(&thread["reason"]).into_iter().collect(),
        published: at,
        audience,
        ..Item::default()
    })
}
