//! TinyURL (<https://tinyurl.com/app/dev>, documented; nobody was asked).
//!
//! Its trap: `data` is an object when it went well and an empty list when not, with `code` and `errors` beside it. Nothing
//! documented makes a second question for the same target the same link. Clicks are for paid plans and not asked for.

use super::desk::{Desk, lacks, looked, need, set};
use super::short::{Clicks, Named, Page, Short, Wish};
use super::{Account, Asking, Offers, Once, Setback, Shortener};
use crate::Client;
use crate::services::api::{Api, words};
use crate::services::members;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;

/// What it can do; an end is for paid plans.
pub(super) const OFFERS: Offers = Offers {
    kind: "tinyurl",
    slugs: true,
    expiry: true,
    max_clicks: false,
    tags: false,
    clicks: false,
    lists: false,
    once: Once::Nothing,
    hosts: &["tinyurl.com"],
    rest: Duration::from_secs(60),
};

struct TinyUrl {
    desk: Desk,
    domain: Option<String>,
}

/// The secret: an API token. `url` only to stand in for the service.
pub(super) fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let api = Api::new(client, account.server_or("https://api.tinyurl.com")?).bearer(account.secret()?);
    Ok(Box::new(TinyUrl { desk: Desk::new(api), domain: account.domain.clone() }))
}

impl TinyUrl {
    async fn make(&self, wish: &Wish) -> Result<Short, Setback> {
        let mut body = json!({"url": wish.target, "description": wish.title});
        set(&mut body, "domain", self.domain.as_deref());
        set(&mut body, "alias", wish.slug.as_deref());
        set(&mut body, "expires_at", wish.expires.map(cm_time::rfc3339));
        let answer = self.desk.post("create", &body).await?;
        Ok(Short { created: true, ..link(&answer.value)? })
    }

    async fn find(&self, named: &Named) -> Result<Short, Setback> {
        let domain = named.host.as_deref().or(self.domain.as_deref()).unwrap_or(OFFERS.hosts[0]);
        let path = format!("alias/{domain}/{}", named.segment());
        link(&self.desk.get(&path, &[]).await.map_err(looked)?.value)
    }
}

/// The link in `data`, or why there is none although the status was a good one.
pub(super) fn link(value: &Value) -> Result<Short, Setback> {
    let row = &value["data"];
    if !row.is_object() || members::count(&value["code"]).is_some_and(|code| code != 0) {
        let errors: Vec<&str> =
            value["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        return Err(match &errors[..] {
            [] => lacks("data"),
            errors => Setback::Refused(format!("the server says: {}", words(&errors.join("; ")))),
        });
    }
    let slug = members::name(&row["alias"]);
    let short = Short::at(need(row, "/tiny_url")?, slug.as_deref(), need(row, "/url")?)?;
    Ok(Short {
        clicks: Clicks::default(),
        tags: row["tags"].as_array().into_iter().flatten().filter_map(members::text).collect(),
        made: members::instant(&row["created_at"]),
        expires: members::instant(&row["expires_at"]),
        ..short
    })
}

impl Shortener for TinyUrl {
    fn offers(&self) -> &'static Offers {
        &OFFERS
    }
    fn create<'a>(&'a self, wish: &'a Wish) -> Asking<'a, Short> {
        self.make(wish).boxed()
    }
    fn look<'a>(&'a self, named: &'a Named) -> Asking<'a, Short> {
        self.find(named).boxed()
    }
    fn page<'a>(&'a self, _cursor: Option<&'a str>) -> Asking<'a, Page> {
        async { Err(Setback::Hopeless("tinyurl lists no links".to_owned())) }.boxed()
    }
    fn rest(&self) -> Option<DateTime<Utc>> {
        self.desk.rest()
    }
}
