//! Kutt, API v2 (<https://docs.kutt.it>; read in its source, docs/api/api.js and server/handlers).
//!
//! Its traps: a name that is taken is a 500 with "Custom URL is already in use.", which no repeat mends; there is no
//! question for one link by its name, only a search; with `reuse` even a banned link is handed out again.

use super::desk::{Desk, asks_for_password, lacks, need, set, taken};
use super::short::{Clicks, Named, Page, Short, Wish};
use super::{Account, Asking, Offers, Once, Setback, Shortener};
use crate::Client;
use crate::services::api::{Api, Fault, Said};
use crate::services::members;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;

/// What it can do.
pub(super) const OFFERS: Offers = Offers {
    kind: "kutt",
    slugs: true,
    expiry: true,
    max_clicks: false,
    tags: false,
    clicks: true,
    lists: true,
    once: Once::Target,
    hosts: &[],
    rest: Duration::from_secs(60),
};

/// The most that it lists at once, and how far a search is followed.
const PAGE: usize = 50;
const PAGES: usize = 20;
const TAKEN: &str = "Custom URL is already in use";

struct Kutt {
    desk: Desk,
    domain: Option<String>,
}

/// `url`: the server; the secret: an API key.
pub(super) fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let api = Api::new(client, account.server()?).secret_header("x-api-key", "", account.secret()?);
    Ok(Box::new(Kutt { desk: Desk::new(api), domain: account.domain.clone() }))
}

/// The host of a link.
fn host(row: &Value) -> Option<&str> {
    let (_, rest) = row["link"].as_str()?.split_once("://")?;
    rest.split('/').next()
}

impl Kutt {
    async fn make(&self, wish: &Wish) -> Result<Short, Setback> {
        // A link found again keeps its own name and end, so one that shall have others is asked for anew.
        let reuse = wish.slug.is_none() && wish.expires.is_none();
        // One that ends may be there all the same: its answer was lost to an earlier run.
        if let (None, Some(end)) = (&wish.slug, wish.expires)
            && let Some(found) = self.ending(&wish.target, end).await?
        {
            return Ok(found);
        }
        let mut body = json!({"target": wish.target, "description": wish.title, "reuse": reuse});
        set(&mut body, "domain", self.domain.as_deref());
        set(&mut body, "customurl", wish.slug.as_deref());
        set(&mut body, "expire_in", wish.expires.map(|at| minutes(at, self.desk.api.now())));
        match self.desk.post("api/v2/links", &body).await {
            Ok(answer) if answer.value["banned"] == true => {
                Err(Setback::Refused("the link that is there already is banned".to_owned()))
            }
            Ok(answer) => Ok(Short { created: answer.response.status == 201, ..link(&answer.value)? }),
            Err(Fault::Said(said)) if is_taken(&said) => taken(self, wish, said.reason).await,
            Err(fault) => Err(fault.into()),
        }
    }

    /// The link for a target that ends at an instant, within the minutes that ends are told in.
    async fn ending(&self, target: &str, end: DateTime<Utc>) -> Result<Option<Short>, Setback> {
        let (rows, _) = self.rows(0, Some(target)).await?;
        // Of another domain it is another account's. `domain` is null where it is the server's own (link.queries.js).
        let is_here = |row: &&Value| match &self.domain {
            Some(ours) => host(row).is_some_and(|theirs| theirs.eq_ignore_ascii_case(ours)),
            None => row["domain"].is_null(),
        };
        let is_it = |short: &Short| {
            short.url == target
                && short.expires.is_some_and(|at| (at - end).abs() <= chrono::TimeDelta::seconds(90))
        };
        Ok(rows.iter().filter(is_here).filter_map(|row| listed(row).ok()).find(is_it))
    }

    async fn find(&self, named: &Named) -> Result<Short, Setback> {
        let mut skip = 0;
        for _ in 0..PAGES {
            let (rows, total) = self.rows(skip, Some(&named.slug)).await?;
            let found = rows.iter().find(|row| row["address"].as_str() == Some(&named.slug));
            if let Some(row) = found {
                return link(row);
            }
            skip += rows.len();
            if rows.is_empty() || skip as u64 >= total {
                break;
            }
        }
        Err(Setback::Unknown(format!("no link {} there", named.slug)))
    }

    async fn rows(&self, skip: usize, search: Option<&str>) -> Result<(Vec<Value>, u64), Setback> {
        let (limit, skipped) = (PAGE.to_string(), skip.to_string());
        let mut query = vec![("limit", limit.as_str()), ("skip", skipped.as_str())];
        query.extend(search.map(|search| ("search", search)));
        let answer = self.desk.get("api/v2/links", &query).await?;
        let rows = answer.value["data"].as_array().cloned().ok_or_else(|| lacks("data"))?;
        let total = members::count(&answer.value["total"]).unwrap_or((skip + rows.len()) as u64);
        Ok((rows, total))
    }

    async fn list(&self, cursor: Option<&str>) -> Result<Page, Setback> {
        let skip: usize = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let (rows, total) = self.rows(skip, None).await?;
        let end = skip + rows.len();
        let next = (!rows.is_empty() && (end as u64) < total).then(|| end.to_string());
        Ok(Page { links: rows.iter().map(listed).collect(), next, total: Some(total) })
    }
}

fn is_taken(said: &Said) -> bool {
    said.value["error"].as_str().is_some_and(|error| error.contains(TAKEN))
}

/// `expire_in` as its `ms` package reads it; at least a minute.
fn minutes(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} minutes", (at - now).num_minutes().max(1))
}

/// A link of the list, unless it would do elsewhere what it does not do there.
fn listed(row: &Value) -> Result<Short, Setback> {
    let short = link(row)?;
    match (&row["password"], &row["banned"]) {
        (Value::Bool(true), _) => Err(asks_for_password(&short)),
        (_, Value::Bool(true)) => Err(Setback::Refused(format!("{}: it was banned there", short.slug))),
        _ => Ok(short),
    }
}

pub(super) fn link(row: &Value) -> Result<Short, Setback> {
    let slug = members::name(&row["address"]);
    let short = Short::at(need(row, "/link")?, slug.as_deref(), need(row, "/target")?)?;
    // Robots are not counted there, so that all are people's.
    let people = members::count(&row["visit_count"]);
    Ok(Short {
        clicks: Clicks { total: people, humans: people, bots: None },
        id: members::text(&row["id"]),
        title: members::text(&row["description"]),
        made: members::instant(&row["created_at"]),
        expires: members::instant(&row["expire_in"]),
        ..short
    })
}

impl Shortener for Kutt {
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
