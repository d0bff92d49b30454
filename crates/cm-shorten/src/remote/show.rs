//! What another shortener says of a link, in the one shape that all of them share.

use super::patience::Without;
use super::{Remote, account, ended};
use crate::args;
use crate::tables::Tables;
use crate::target;
use anyhow::Result;
use chrono::{DateTime, Utc};
use cm_cli::{Exit, Failure, Listing, Session, one_line};
use cm_net::shorteners::{self, Clicks, Named, Short};
use serde::Serialize;
use std::fmt::Write;
use url::Url;

/// A link at another shortener.
#[derive(Debug, Serialize)]
pub struct Shown {
    slug: String,
    short_url: String,
    url: String,
    backend: String,
    created: bool,
    /// As the service counts; `null` is what it does not tell.
    clicks: Clicks,
    as_of: String,
}

impl Shown {
    /// Of an answer.
    pub fn of(short: Short, backend: &str, at: DateTime<Utc>) -> Shown {
        Shown {
            slug: short.slug,
            short_url: short.short_url,
            url: short.url,
            backend: backend.to_owned(),
            created: short.created,
            clicks: short.clicks,
            as_of: cm_time::rfc3339(at),
        }
    }

    /// As one JSON line.
    pub fn line(&self) -> Result<String> {
        Ok(format!("{}\n", serde_json::to_string(self)?))
    }

    /// As a page for people.
    fn page(&self) -> String {
        let mut page = format!("{} -> {}\n\nClicks\n", self.short_url, one_line(&self.url));
        let Clicks { total, humans, bots } = self.clicks;
        let rows = [(total, "as the service counts"), (humans, "by people"), (bots, "by robots")];
        for (count, what) in rows {
            let count = count.map_or("?".to_owned(), |count| count.to_string());
            let _ = writeln!(page, "{count:>8}  {what}");
        }
        page
    }
}

/// The shortener that `stats` is about: the one named, else the one whose domain a short address is on.
pub fn asked_for(session: &Session, args: &args::Stats, given: &str) -> Result<Option<String>> {
    if let Some(name) = &args.backend {
        account::check_name(name).map_err(|why| Failure::usage(format!("--backend: {why}")))?;
        return Ok(Some(name.clone()));
    }
    let Some(address) = given.contains("://").then(|| Url::parse(given).ok()).flatten() else {
        return Ok(None);
    };
    let configured = account::all(session)?;
    let held = configured
        .values()
        .filter(|account| shorteners::holds(&shorteners::places(&account.account), &address))
        .map(|account| account.account.name.clone());
    let mut found = match Tables::look(session)? {
        Some(tables) => tables.remote_backends(given)?,
        None => Vec::new(),
    };
    found.retain(|name| configured.contains_key(name));
    if found.is_empty() {
        found.extend(held);
    }
    match &found[..] {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        several => {
            let which = several.join(", ");
            Err(Failure::usage(format!(
                "{}: whose is it? Name one with --backend: {which}",
                target::shown(given)
            ))
            .into())
        }
    }
}

/// `stats`, of a link at another shortener: what is written of it.
pub fn stats(args: &args::Stats, name: &str, given: &str, session: &Session) -> Result<String> {
    if args.period.since.is_some() || args.period.until.is_some() {
        return Err(Failure::usage(format!(
            "{name} tells clicks of all time only: leave --since and --until out"
        ))
        .into());
    }
    let mut remote = open(session, name)?;
    let short = remote.look(session, given)?;
    if !remote.offers().clicks {
        session.warn("clicks", format_args!("{name} does not tell clicks"));
    }
    let shown = Shown::of(short, name, session.now());
    Ok(if session.stdout_is_terminal() { shown.page() } else { shown.line()? })
}

/// `expand`, by another shortener: where a link leads.
pub fn expand(session: &Session, name: &str, given: &[String]) -> Result<()> {
    account::check_name(name).map_err(|why| Failure::usage(format!("--backend: {why}")))?;
    let mut remote = open(session, name)?;
    let mut listing = Listing::new(&["SHORT", "LEADS TO"]);
    for given in given {
        match remote.look(session, given) {
            Ok(short) => {
                let object = serde_json::json!({"short_url": given, "url": short.url});
                listing.row(vec![given.clone(), short.url], object);
            }
            Err(error) if given_up(&error) => return Err(error),
            Err(error) => session.failed("unknown", format_args!("{error:#}"))?,
        }
    }
    session.list(&listing)
}

fn given_up(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.exit == Exit::Credentials)
}

fn open(session: &Session, name: &str) -> Result<Remote> {
    Remote::open(session, name, Tables::to_remember(session)?)
}

impl Remote {
    /// A link with its clicks, asked for now.
    fn look(&mut self, session: &Session, given: &str) -> Result<Short> {
        let shown = target::shown(given);
        let named = Named::read(given)
            .ok_or_else(|| Failure::usage(format!("{shown}: not the name of a short link")))?;
        let came = self.ask(session, async |remote: &Remote| remote.service.look(&named).await)?;
        came.map_err(|without| {
            let (Without::This(setback) | Without::All(setback)) = without;
            ended(format!("{}: {shown}: {setback}", self.name), &setback).into()
        })
    }
}
