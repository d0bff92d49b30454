//! Dub (<https://dub.co/docs/api-reference>; read in its source, apps/web/app/api/links and lib/api/links).
//!
//! A link carries our name for it as its `externalId`, which is unique in a workspace: asked for again, it is a 409, and the
//! link is looked up by that name. `PUT /links/upsert` is not used: it finds by URL and would write over a colleague's link.

use super::desk::{Desk, asks_for_password, lacks, looked, need, set};
use super::short::{Clicks, Named, Page, Short, Wish};
use super::{Account, Asking, Offers, Once, Setback, Shortener};
use crate::Client;
use crate::services::api::{Api, Fault};
use crate::services::members;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;

/// What it can do; an end is for paid plans.
pub(super) const OFFERS: Offers = Offers {
    kind: "dub",
    slugs: true,
    expiry: true,
    max_clicks: false,
    tags: false,
    clicks: true,
    lists: true,
    once: Once::Name,
    hosts: &["dub.sh"],
    // Its limits are per minute.
    rest: Duration::from_secs(60),
};

const PAGE: usize = 100;

struct Dub {
    desk: Desk,
    domain: Option<String>,
}

/// The secret: an API key of the workspace. `url` only for a server of one's own.
pub(super) fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let api = Api::new(client, account.server_or("https://api.dub.co")?).bearer(account.secret()?);
    Ok(Box::new(Dub { desk: Desk::new(api), domain: account.domain.clone() }))
}

impl Dub {
    async fn make(&self, wish: &Wish) -> Result<Short, Setback> {
        let mut body = json!({"url": wish.target, "comments": wish.title});
        set(&mut body, "domain", self.domain.as_deref());
        set(&mut body, "key", wish.slug.as_deref());
        set(&mut body, "externalId", wish.identity.as_deref());
        set(&mut body, "expiresAt", wish.expires.map(cm_time::rfc3339));
        match self.desk.post("links", &body).await {
            Ok(answer) => Ok(Short { created: true, ..link(&answer.value)? }),
            Err(Fault::Said(said)) if said.status == 409 => self.there(wish, said.reason).await,
            // The plan's quota of links, which no waiting mends today.
            Err(Fault::Said(said))
                if said.value.pointer("/error/code").is_some_and(|c| c == "exceeded_limit") =>
            {
                Err(Setback::Hopeless(said.reason))
            }
            // A domain or key that is not ours to use.
            Err(Fault::Said(said)) if said.status == 403 => Err(Setback::Refused(said.reason)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The link that stands in the way: ours of an earlier run, or another's key.
    async fn there(&self, wish: &Wish, reason: String) -> Result<Short, Setback> {
        let found = match (&wish.identity, &wish.slug) {
            (_, Some(slug)) => {
                let named = Named::read(slug).ok_or_else(|| Setback::Refused(reason.clone()))?;
                self.find(&named).await
            }
            (Some(name), None) => self.info(&[("externalId", &format!("ext_{name}"))]).await,
            (None, None) => return Err(Setback::Unsure(reason)),
        };
        match found {
            Ok(found) if found.url == wish.target || wish.slug.is_none() => Ok(found),
            Ok(_) => Err(Setback::Refused(reason)),
            // A random key that was taken the moment before: asking again gives another.
            Err(Setback::Unknown(_)) if wish.slug.is_none() => {
                Err(Setback::Later { reason, after: None, limit: false })
            }
            Err(Setback::Unknown(_)) => Err(Setback::Refused(reason)),
            Err(setback) => Err(setback),
        }
    }

    async fn find(&self, named: &Named) -> Result<Short, Setback> {
        let domain = named.host.as_deref().or(self.domain.as_deref()).unwrap_or(OFFERS.hosts[0]);
        self.info(&[("domain", domain), ("key", &named.slug)]).await
    }

    async fn info(&self, query: &[(&str, &str)]) -> Result<Short, Setback> {
        link(&self.desk.get("links/info", query).await.map_err(looked)?.value)
    }

    async fn list(&self, cursor: Option<&str>) -> Result<Page, Setback> {
        let page: usize = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(1);
        let (number, size) = (page.to_string(), PAGE.to_string());
        let answer = self.desk.get("links", &[("page", &number), ("pageSize", &size)]).await?;
        let rows = answer.value.as_array().ok_or_else(|| lacks("list"))?;
        let next = (rows.len() >= PAGE).then(|| (page + 1).to_string());
        Ok(Page { links: rows.iter().map(listed).collect(), next, total: None })
    }
}

/// A link of the list, unless it asks for a password.
fn listed(row: &Value) -> Result<Short, Setback> {
    let short = link(row)?;
    if members::text(&row["password"]).is_some() { Err(asks_for_password(&short)) } else { Ok(short) }
}

pub(super) fn link(row: &Value) -> Result<Short, Setback> {
    let slug = members::name(&row["key"]);
    let short = Short::at(need(row, "/shortLink")?, slug.as_deref(), need(row, "/url")?)?;
    // Robots are dropped before they are counted.
    let people = members::count(&row["clicks"]);
    let tags = row["tags"].as_array().into_iter().flatten();
    Ok(Short {
        clicks: Clicks { total: people, humans: people, bots: None },
        id: members::text(&row["id"]),
        title: members::text(&row["title"]).or_else(|| members::text(&row["comments"])),
        tags: tags.filter_map(|tag| members::text(&tag["name"])).collect(),
        made: members::instant(&row["createdAt"]),
        expires: members::instant(&row["expiresAt"]),
        fallback: members::text(&row["expiredUrl"]),
        ..short
    })
}

impl Shortener for Dub {
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
