//! Bitly, API v4 (<https://dev.bitly.com/api-reference>, documented; nobody was asked).
//!
//! `POST /shorten` gives the same link for the same target in a group: 201 for a new one, 200 for an old one. A name of
//! one's own is a second question, for paid plans. Robots are left out of its counts, which it does not tell apart.

use super::desk::{Desk, lacks, looked, need, set};
use super::short::{Clicks, Named, Page, Short, Wish};
use super::{Account, Asking, Offers, Once, Setback, Shortener};
use crate::Client;
use crate::services::api::{Api, Fault, Said};
use crate::services::members;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// What it can do.
pub(super) const OFFERS: Offers = Offers {
    kind: "bitly",
    slugs: true,
    expiry: false,
    max_clicks: false,
    tags: false,
    clicks: true,
    lists: true,
    once: Once::Target,
    hosts: &["bit.ly", "j.mp", "bitly.is"],
    // Its limits are per minute and hour; a month's is told by the message.
    rest: Duration::from_secs(60),
};

struct Bitly {
    desk: Desk,
    domain: Option<String>,
    group: Option<String>,
}

/// The secret: an access token. `url` only to stand in for the service.
pub(super) fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let api = Api::new(client, account.server_or("https://api-ssl.bitly.com")?).bearer(account.secret()?);
    Ok(Box::new(Bitly { desk: Desk::new(api), domain: account.domain.clone(), group: account.group.clone() }))
}

impl Bitly {
    async fn make(&self, wish: &Wish) -> Result<Short, Setback> {
        let mut body = json!({"long_url": wish.target});
        set(&mut body, "domain", self.domain.as_deref());
        set(&mut body, "group_guid", self.group.as_deref());
        let answer = self.desk.post("v4/shorten", &body).await.map_err(refused)?;
        let short = Short { created: answer.response.status == 201, ..link(&answer.value)? };
        match (&wish.slug, &short.id) {
            (Some(slug), Some(id)) => self.name(slug, id, &short).await,
            _ => Ok(short),
        }
    }

    /// Gives a link a name of its own.
    async fn name(&self, slug: &str, id: &str, short: &Short) -> Result<Short, Setback> {
        let domain = self.domain.as_deref().or_else(|| id.split('/').next()).unwrap_or(OFFERS.hosts[0]);
        let body = json!({"bitlink_id": id, "custom_bitlink": format!("{domain}/{slug}")});
        let answer = match self.desk.post("v4/custom_bitlinks", &body).await {
            Ok(answer) => answer,
            // The name may be this very link's already.
            Err(Fault::Said(said)) if matches!(said.status, 400 | 409 | 422) => {
                return self.named_so(domain, slug, short, said.reason).await;
            }
            Err(fault) => return Err(refused(fault)),
        };
        let named = need(&answer.value, "/custom_bitlink")?;
        renamed(named, short)
    }

    /// The link that has a name, where that leads to the same place; else what was said of the name stands.
    async fn named_so(&self, domain: &str, slug: &str, short: &Short, why: String) -> Result<Short, Setback> {
        let named = Named { host: Some(domain.to_owned()), slug: slug.to_owned() };
        match self.desk.get(&self.path(&named), &[]).await.map_err(looked) {
            Ok(answer) if link(&answer.value)?.url == short.url => {
                renamed(&format!("{domain}/{slug}"), &Short { created: false, ..short.clone() })
            }
            Ok(_) | Err(Setback::Unknown(_)) => Err(Setback::Refused(why)),
            Err(setback) => Err(setback),
        }
    }

    /// `bit.ly/abc` as a path.
    fn path(&self, named: &Named) -> String {
        let host = named.host.as_deref().or(self.domain.as_deref()).unwrap_or(OFFERS.hosts[0]);
        format!("v4/bitlinks/{host}/{}", named.segment())
    }

    async fn find(&self, named: &Named) -> Result<Short, Setback> {
        let path = self.path(named);
        let short = link(&self.desk.get(&path, &[]).await.map_err(looked)?.value)?;
        let query = [("unit", "month"), ("units", "-1")];
        let summary = self.desk.get(&format!("{path}/clicks/summary"), &query).await.map_err(looked)?;
        let total = members::count(&summary.value["total_clicks"]);
        Ok(Short { clicks: Clicks { total, ..Clicks::default() }, ..short })
    }

    /// The links of the group; pages name the next one by its whole address.
    async fn list(&self, cursor: Option<&str>) -> Result<Page, Setback> {
        let answer = match cursor {
            Some(next) => {
                let next = Url::parse(next).map_err(|_| lacks("pagination"))?;
                self.desk.follow(next).await?
            }
            None => {
                let group = self.group().await?;
                self.desk.get(&format!("v4/groups/{group}/bitlinks"), &[("size", "100")]).await?
            }
        };
        let rows = answer.value["links"].as_array().ok_or_else(|| lacks("links"))?;
        let next = members::text(&answer.value["pagination"]["next"]).filter(|_| !rows.is_empty());
        let total = members::count(&answer.value["pagination"]["total"]);
        Ok(Page { links: rows.iter().flat_map(links).collect(), next, total })
    }

    /// The group of the account, else the only one that the token sees.
    async fn group(&self) -> Result<String, Setback> {
        if let Some(group) = &self.group {
            return Ok(group.clone());
        }
        let answer = self.desk.get("v4/groups", &[]).await?;
        let groups = answer.value["groups"].as_array().ok_or_else(|| lacks("groups"))?;
        match &groups[..] {
            [only] => Ok(need(only, "/guid")?.to_owned()),
            several => {
                let named: Vec<String> = several
                    .iter()
                    .filter_map(|group| {
                        Some(format!("{} ({})", group["guid"].as_str()?, group["name"].as_str()?))
                    })
                    .collect();
                Err(Setback::Hopeless(format!("name a group of the account: {}", named.join(", "))))
            }
        }
    }
}

/// What its error names mean where the status does not say it.
fn refused(fault: Fault) -> Setback {
    match fault {
        Fault::Said(said) if is_used_up(&said) => {
            Setback::Hopeless(format!("{} (the month's or plan's limit)", said.reason))
        }
        Fault::Said(said) if said.status == 402 => Setback::Hopeless(said.reason),
        // A group that does not have the domain: no link can be made so.
        Fault::Said(said) if message(&said) == "INVALID_ARG_DOMAIN" => Setback::Hopeless(said.reason),
        // A 200 or 201 that is none.
        fault => fault.into(),
    }
}

fn is_used_up(said: &Said) -> bool {
    said.status == 429 && message(said).starts_with("MONTHLY_")
}

fn message(said: &Said) -> &str {
    said.value["message"].as_str().unwrap_or_default()
}

/// A link of the list, and with each of its other names: all of them may be in people's hands.
fn links(row: &Value) -> Vec<Result<Short, Setback>> {
    let first = match link(row) {
        Ok(first) => first,
        Err(setback) => return vec![Err(setback)],
    };
    let names = row["custom_bitlinks"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut links: Vec<_> = names.map(|name| renamed(name, &first)).collect();
    links.retain(|other| other.as_ref().map_or(true, |other| other.slug != first.slug));
    links.insert(0, Ok(first));
    links
}

/// The link by another of its names.
fn renamed(name: &str, short: &Short) -> Result<Short, Setback> {
    let address = if name.contains("://") { name.to_owned() } else { format!("https://{name}") };
    let at = Short::at(&address, None, &short.url)?;
    Ok(Short { slug: at.slug, short_url: at.short_url, ..short.clone() })
}

pub(super) fn link(row: &Value) -> Result<Short, Setback> {
    let short = Short::at(need(row, "/link")?, None, need(row, "/long_url")?)?;
    Ok(Short {
        id: members::text(&row["id"]),
        title: members::text(&row["title"]),
        tags: row["tags"].as_array().into_iter().flatten().filter_map(members::text).collect(),
        made: members::instant(&row["created_at"]),
        ..short
    })
}

impl Shortener for Bitly {
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
