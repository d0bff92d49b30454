//! Shlink, REST API v3 (<https://api-spec.shlink.io>; read in its source, docs/swagger and module/Rest).
//!
//! Asked with `findIfExists`, so that the same target with the same tags and limits is the same link. It answers 200 for a
//! new link and an old one alike: which it was is told by comparing `dateCreated` with the answer's own `Date`.

use super::desk::{Desk, looked, need, set, taken};
use super::short::{Clicks, Named, Page, Short, Wish};
use super::{Account, Asking, Offers, Once, Setback, Shortener};
use crate::Client;
use crate::retry::http_date;
use crate::services::api::{Answer, Api, Fault, Said};
use crate::services::members;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;

/// What it can do.
pub(super) const OFFERS: Offers = Offers {
    kind: "shlink",
    slugs: true,
    expiry: true,
    max_clicks: true,
    tags: true,
    clicks: true,
    lists: true,
    once: Once::Target,
    hosts: &[],
    // It has no limit of its own; one before it, such as a proxy's, counts by the minute as a rule.
    rest: Duration::from_secs(60),
};

const PAGE: &str = "100";

struct Shlink {
    desk: Desk,
    domain: Option<String>,
}

/// `url`: the server; the secret: an API key.
pub(super) fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let api = Api::new(client, account.server()?).secret_header("x-api-key", "", account.secret()?);
    Ok(Box::new(Shlink { desk: Desk::new(api), domain: account.domain.clone() }))
}

impl Shlink {
    async fn make(&self, wish: &Wish) -> Result<Short, Setback> {
        let mut body =
            json!({"longUrl": wish.target, "findIfExists": true, "title": wish.title, "tags": wish.tags});
        set(&mut body, "domain", self.domain.as_deref());
        set(&mut body, "customSlug", wish.slug.as_deref());
        set(&mut body, "validUntil", wish.expires.map(cm_time::rfc3339));
        set(&mut body, "maxVisits", wish.max_clicks);
        match self.desk.post("rest/v3/short-urls", &body).await {
            Ok(answer) => {
                let short = link(&answer.value)?;
                Ok(Short { created: is_new(&short, &answer, self.desk.api.now()), ..short })
            }
            Err(Fault::Said(said)) if is_taken(&said) => taken(self, wish, said.reason).await,
            Err(fault) => Err(fault.into()),
        }
    }

    async fn find(&self, named: &Named) -> Result<Short, Setback> {
        let domain: Vec<(&str, &str)> =
            self.domain.iter().map(|domain| ("domain", domain.as_str())).collect();
        let path = format!("rest/v3/short-urls/{}", named.segment());
        link(&self.desk.get(&path, &domain).await.map_err(looked)?.value)
    }

    /// Oldest first, so that what is made meanwhile shifts nothing.
    async fn list(&self, cursor: Option<&str>) -> Result<Page, Setback> {
        let page = cursor.unwrap_or("1");
        let query = [("page", page), ("itemsPerPage", PAGE), ("orderBy", "dateCreated-ASC")];
        let answer = self.desk.get("rest/v3/short-urls", &query).await?;
        let list = &answer.value["shortUrls"];
        let links = list["data"].as_array().ok_or_else(|| super::desk::lacks("shortUrls"))?;
        let current: u64 = page.parse().unwrap_or(1);
        let pages = members::count(&list["pagination"]["pagesCount"]).unwrap_or(current);
        let next = (!links.is_empty() && current < pages).then(|| (current + 1).to_string());
        let total = members::count(&list["pagination"]["totalItems"]);
        Ok(Page { links: links.iter().map(link).collect(), next, total })
    }
}

/// By its type since 3.0, by the slug of that type before.
fn is_taken(said: &Said) -> bool {
    let kind = said.value["type"].as_str().unwrap_or_default();
    said.status == 400 && (kind.ends_with("/non-unique-slug") || kind == "INVALID_SLUG")
}

pub(super) fn link(row: &Value) -> Result<Short, Setback> {
    let slug = members::name(&row["shortCode"]);
    let short = Short::at(need(row, "/shortUrl")?, slug.as_deref(), need(row, "/longUrl")?)?;
    let visits = &row["visitsSummary"];
    let clicks = Clicks {
        total: members::count(&visits["total"]).or_else(|| members::count(&row["visitsCount"])),
        humans: members::count(&visits["nonBots"]),
        bots: members::count(&visits["bots"]),
    };
    Ok(Short {
        clicks,
        title: members::text(&row["title"]),
        tags: row["tags"].as_array().into_iter().flatten().filter_map(members::text).collect(),
        made: members::instant(&row["dateCreated"]),
        expires: members::instant(&row["meta"]["validUntil"]),
        max_clicks: members::count(&row["meta"]["maxVisits"]).and_then(|most| most.try_into().ok()),
        ..short
    })
}

/// Made within the last seconds, by the server's own clock where it tells the time.
fn is_new(short: &Short, answer: &Answer, now: DateTime<Utc>) -> bool {
    const JUST: TimeDelta = TimeDelta::seconds(2);
    let date = answer.response.header("date");
    let now = date.and_then(|date| http_date(date, now)).unwrap_or(now);
    short.clicks.total.unwrap_or(0) == 0 && short.made.is_some_and(|made| (now - made).abs() <= JUST)
}

impl Shortener for Shlink {
    fn offers(&self) -> &'static Offers {
        &OFFERS
    }
    fn create<'a>(&'a self, wish: &'a Wish) -> Asking<'a, Short> {
        self.make(wish).boxed()
    }
    fn look<'a>(&'a self, named: &'a Named) -> Asking<'a, Short> {
        self.find(named).boxed()
    }
    fn page<'a>(&'a self, cursor: Option<&'a str>) -> Asking<'a, Page> {
        self.list(cursor).boxed()
    }
    fn rest(&self) -> Option<DateTime<Utc>> {
        self.desk.rest()
    }
}
