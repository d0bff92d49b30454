//! is.gd and v.gd (<https://is.gd/apishorteningreference.php>, documented; nobody was asked).
//!
//! No account, no secret, no counts. Failures come as an error code, with 200 or with a status that means something else
//! elsewhere: 502 is "too many". After that code it wants a minute of rest. That the same target gives the same link is
//! assumed: it is what it did as long as anybody remembers, and nowhere promised.

use super::desk::{Desk, lacks, need, taken};
use super::short::{Named, Page, Short, Wish};
use super::{Account, Asking, Offers, Once, Setback, Shortener};
use crate::Client;
use crate::services::api::{Api, Fault, words};
use crate::services::members;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::Value;
use std::time::Duration;

/// What it can do.
pub(super) const IS_GD: Offers = Offers {
    kind: "is.gd",
    slugs: true,
    expiry: false,
    max_clicks: false,
    tags: false,
    clicks: false,
    lists: false,
    once: Once::Target,
    hosts: &["is.gd"],
    rest: Duration::from_secs(60),
};
/// Its sister.
pub(super) const V_GD: Offers = Offers { kind: "v.gd", hosts: &["v.gd"], ..IS_GD };

struct IsGd {
    desk: Desk,
    offers: &'static Offers,
}

/// Nothing need be configured. `url` only to stand in for the service.
pub(super) fn open(account: &Account, client: Client) -> Result<Box<dyn Shortener>, Setback> {
    let offers = if account.kind() == V_GD.kind { &V_GD } else { &IS_GD };
    let api = Api::new(client, account.server_or(&format!("https://{}", offers.hosts[0]))?);
    Ok(Box::new(IsGd { desk: Desk::new(api), offers }))
}

impl IsGd {
    async fn ask(&self, script: &str, form: &[(&str, &str)]) -> Result<Value, Setback> {
        let form: Vec<(&str, &str)> = [("format", "json")].into_iter().chain(form.iter().copied()).collect();
        let (value, status, reason) = match self.desk.form(script, &form).await {
            Ok(answer) => (answer.value, 200, String::new()),
            Err(Fault::Said(said)) if matches!(said.status, 400 | 406 | 502 | 503) => {
                (said.value, said.status, said.reason)
            }
            Err(fault) => return Err(fault.into()),
        };
        let code = members::count(&value["errorcode"]).or(match status {
            400 => Some(1),
            406 => Some(2),
            502 => Some(3),
            503 => Some(4),
            _ => None,
        });
        let told = words(value["errormessage"].as_str().unwrap_or_default());
        let reason = if told.is_empty() { reason } else { format!("{} says: {told}", self.offers.kind) };
        match code {
            None => Ok(value),
            Some(3) => Err(Setback::Later { reason, after: None, limit: true }),
            Some(4) => Err(Setback::Later { reason, after: None, limit: false }),
            Some(_) => Err(Setback::Refused(reason)),
        }
    }

    async fn make(&self, wish: &Wish) -> Result<Short, Setback> {
        let mut form = vec![("url", wish.target.as_str())];
        form.extend(wish.slug.as_deref().map(|slug| ("shorturl", slug)));
        match self.ask("create.php", &form).await {
            // It does not say where the link leads: it is what was asked for.
            Ok(value) => {
                Ok(Short { created: true, ..Short::at(need(&value, "/shorturl")?, None, &wish.target)? })
            }
            Err(Setback::Refused(reason)) if wish.slug.is_some() => taken(self, wish, reason).await,
            Err(setback) => Err(setback),
        }
    }

    async fn find(&self, named: &Named) -> Result<Short, Setback> {
        let unknown = |setback| match setback {
            Setback::Refused(reason) => Setback::Unknown(reason),
            setback => setback,
        };
        let value = self.ask("forward.php", &[("shorturl", &named.slug)]).await.map_err(unknown)?;
        let url = value["url"].as_str().ok_or_else(|| lacks("url"))?;
        Short::at(&format!("https://{}/{}", self.offers.hosts[0], named.slug), Some(&named.slug), url)
    }
}

impl Shortener for IsGd {
    fn offers(&self) -> &'static Offers {
        self.offers
    }
    fn create<'a>(&'a self, wish: &'a Wish) -> Asking<'a, Short> {
        self.make(wish).boxed()
    }
    fn look<'a>(&'a self, named: &'a Named) -> Asking<'a, Short> {
        self.find(named).boxed()
    }
    fn page<'a>(&'a self, _cursor: Option<&'a str>) -> Asking<'a, Page> {
        async { Err(Setback::Hopeless(format!("{} lists no links", self.offers.kind))) }.boxed()
    }
    fn rest(&self) -> Option<DateTime<Utc>> {
        self.desk.rest()
    }
}
