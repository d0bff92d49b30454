//! YOURLS (<https://yourls.org/docs/guide/essentials/api>; measured on 1.10.5-dev and read in its source,
//! includes/functions-api.php).
//!
//! Its traps: XML unless `format=json` is said; a URL that is there already is a 400 with `error:url` that carries the short
//! URL (a 200 before 1.9.1); a keyword is rewritten in silence; without a title the server fetches the page; numbers are
//! texts since 1.10.0. The signature travels in the body only, where no access log has it.

use super::desk::{Desk, lacks, need, taken};
use super::short::{Clicks, Named, Page, Short, Wish};
use super::{Account, Asking, Offers, Once, Setback, Shortener};
use crate::Client;
use crate::services::api::{Api, Fault};
use crate::services::members;
use chrono::{DateTime, NaiveDateTime, Utc};
use futures_util::FutureExt;
use serde_json::Value;
use std::time::Duration;

/// What it can do without plugins.
pub(super) const OFFERS: Offers = Offers {
    kind: "yourls",
    slugs: true,
    expiry: false,
    max_clicks: false,
    tags: false,
    clicks: true,
    lists: true,
    once: Once::Target,
    hosts: &[],
    // Its flood delay (YOURLS_FLOOD_DELAY_SECONDS), which only visitors without a key meet.
    rest: Duration::from_secs(15),
};

/// What answers for it.
pub(super) const SCRIPT: &str = "yourls-api.php";
/// Links on a page of the list.
const PAGE: usize = 100;

struct Yourls {
    desk: Desk,
    user: Option<String>,
}

/// `url`: the site, or its yourls-api.php; the secret: the signature token, or with `user` the password.
pub(super) fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let mut base = account.server()?;
    let path = base.path().trim_end_matches('/').to_owned();
    base.set_path(path.strip_suffix(SCRIPT).unwrap_or(&path));
    let secret = if account.user.is_some() { "password" } else { "signature" };
    let api = Api::new(client, base).secret_form(secret, account.secret()?);
    Ok(Box::new(Yourls { desk: Desk::new(api), user: account.user.clone() }))
}

impl Yourls {
    /// Asks for an action. What the answer says of itself counts, whatever the status: releases differ in it.
    async fn ask(&self, action: &str, more: &[(&str, &str)]) -> Result<Said, Setback> {
        let mut form = vec![("action", action), ("format", "json")];
        form.extend(self.user.as_deref().map(|user| ("username", user)));
        form.extend(more);
        let (value, http, fault) = match self.desk.form(SCRIPT, &form).await {
            Ok(answer) => (answer.value, 200, None),
            Err(Fault::Said(said))
                if said.value.is_object() && matches!(said.status, 400 | 403 | 404 | 500 | 503) =>
            {
                (said.value.clone(), u64::from(said.status), Some(said))
            }
            Err(fault) => return Err(fault.into()),
        };
        let own = |name: &str| members::count(&value[name]).filter(|status| (100..600).contains(status));
        let status = own("statusCode").or_else(|| own("errorCode")).unwrap_or(http);
        let reason = match fault {
            Some(said) => said.reason,
            None => {
                let told = self.desk.api.told(value["message"].as_str().unwrap_or_default());
                format!("the server says: {told}")
            }
        };
        if status == 403 {
            return Err(Setback::Credentials(reason));
        }
        Ok(Said { value, status, reason })
    }

    async fn make(&self, wish: &Wish) -> Result<Short, Setback> {
        let mut form = vec![("url", wish.target.as_str()), ("title", wish.title.as_str())];
        form.extend(wish.slug.as_deref().map(|slug| ("keyword", slug)));
        let said = self.ask("shorturl", &form).await?;
        let code = said.value["code"].as_str().unwrap_or_default();
        let created = said.value["status"].as_str() == Some("success");
        match code {
            _ if created => {}
            "error:url" => {}
            "error:keyword" => return taken(self, wish, said.reason).await,
            "error:concurrency" => {
                return Err(Setback::Later { reason: said.reason, after: None, limit: false });
            }
            "error:db" => return Err(Setback::Unsure(said.reason)),
            "" if said.status < 400 => return Err(lacks("status")),
            _ => return Err(Setback::Refused(said.reason)),
        }
        let url = need(&said.value, "/url/url")?;
        let slug = said.value.pointer("/url/keyword").and_then(members::name);
        let short = Short::at(need(&said.value, "/shorturl")?, slug.as_deref(), url)?;
        let total = if created { Some(0) } else { members::count(&said.value["url"]["clicks"]) };
        Ok(Short { created, clicks: Clicks { total, ..Clicks::default() }, ..short })
    }

    async fn find(&self, named: &Named) -> Result<Short, Setback> {
        let said = self.ask("url-stats", &[("shorturl", &named.slug)]).await?;
        match said.status {
            404 => Err(Setback::Unknown(said.reason)),
            200..=299 => link(&said.value["link"]),
            _ => Err(Setback::Refused(said.reason)),
        }
    }

    async fn list(&self, cursor: Option<&str>) -> Result<Page, Setback> {
        let start: usize = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let (limit, from) = (PAGE.to_string(), start.to_string());
        let more = [("filter", "last"), ("limit", limit.as_str()), ("start", from.as_str())];
        let said = self.ask("stats", &more).await?;
        // An object with numbered names, or an empty list.
        let mut rows: Vec<(u64, &Value)> = said.value["links"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, row)| (name.trim_start_matches("link_").parse().unwrap_or(u64::MAX), row))
            .collect();
        rows.sort_by_key(|(number, _)| *number);
        let total = members::count(&said.value["stats"]["total_links"]).ok_or_else(|| lacks("stats"))?;
        let end = start + rows.len();
        let next = (!rows.is_empty() && (end as u64) < total).then(|| end.to_string());
        Ok(Page { links: rows.into_iter().map(|(_, row)| link(row)).collect(), next, total: Some(total) })
    }
}

/// What an answer says, and what it means.
struct Said {
    value: Value,
    status: u64,
    reason: String,
}

/// A link of `url-stats` and `stats`.
pub(super) fn link(row: &Value) -> Result<Short, Setback> {
    let short = Short::at(need(row, "/shorturl")?, None, need(row, "/url")?)?;
    let total = members::count(&row["clicks"]);
    Ok(Short {
        clicks: Clicks { total, ..Clicks::default() },
        title: members::text(&row["title"]),
        made: row["timestamp"].as_str().and_then(made),
        ..short
    })
}

/// `2026-11-22 09:00:00`, in the server's zone, which it does not tell: taken for UTC.
fn made(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok().map(|at| at.and_utc())
}

impl Shortener for Yourls {
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
