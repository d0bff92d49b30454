//! Links made by another shortener. In: plans. Out: the same with their short addresses, each kept in the store before the
//! next one is asked for, so that a second run asks nothing and a killed one goes on.
//!
//! One process at a time asks a service, a few links at a time under the store's lock: whoever waited finds what the other
//! made. A link whose answer was lost is asked for again by the next run; where the service knows no way to make that the
//! same link (`Once::Nothing`), it may then be there twice.

pub mod account;
mod add;
mod exchange;
mod patience;
mod show;

pub use add::add;
pub use exchange::{export, rows};
pub use show::{Shown, asked_for, expand, stats};

use crate::shortener::{Fate, Plan};
use crate::tables::{self, Tables};
use crate::{target, utm};
use account::Account;
use anyhow::Result;
use chrono::{DateTime, Utc};
use cm_cli::{Exit, Failure, Session};
use cm_net::shorteners::{self, Setback, Short, Shortener, Wish};
use cm_net::{Client, Options};
use cm_time::Clock;
use patience::{Patience, Without};
use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How many links are asked for before another process has its turn, and how long that one is waited for.
const GROUP: usize = 16;
const TURN: Duration = Duration::from_secs(120);
/// No answer of a shortener is larger than a page of its list.
const LARGEST: usize = 4 << 20;

/// A shortener of somebody else's.
pub struct Remote {
    name: String,
    service: Box<dyn Shortener>,
    /// Absent where there is no store and nothing is to be made: a rehearsal leaves none behind.
    tables: Option<Tables>,
    runtime: Runtime,
    clock: Clock,
    max_wait: Duration,
    patience: Patience,
    /// Whether one link is all that is asked for: without it the run has done nothing.
    alone: Cell<bool>,
}

impl Remote {
    /// Opens the account of that name; nobody is asked yet.
    pub fn open(session: &Session, name: &str, tables: Option<Tables>) -> Result<Remote> {
        let Account { account, timeout, max_wait } = account::named(session, name)?;
        let options = Options::new(session.name(), session.allow_private());
        let options = Options { clock: session.clock(), deadline: timeout, max_body: LARGEST, ..options };
        let client = Client::new(options, &mut |warning| session.say(warning))?;
        let service = shorteners::open(&account, client).map_err(|why| wrong(name, &why))?;
        Ok(Remote {
            name: name.to_owned(),
            service,
            tables,
            runtime: Builder::new_multi_thread().worker_threads(1).enable_all().build()?,
            clock: session.clock(),
            max_wait,
            patience: Patience::default(),
            alone: Cell::new(false),
        })
    }

    /// As the configuration names it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it can do.
    pub fn offers(&self) -> &'static shorteners::Offers {
        self.service.offers()
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Makes the links that are not there yet and writes their addresses into the plans, in order.
    pub fn make(&mut self, session: &Session, plans: &mut [&mut Plan]) -> Result<()> {
        self.fill(plans.iter_mut().map(|plan| &mut **plan))?;
        let mut open: Vec<&mut &mut Plan> = plans.iter_mut().filter(|plan| plan.fate == Fate::Left).collect();
        for group in open.chunks_mut(GROUP) {
            if self.patience.stopped {
                return Ok(());
            }
            let Some(tables) = &self.tables else { return Ok(()) };
            let lock = tables.store().lock(&format!("shorten {}", self.name), TURN)?;
            let Some(_lock) = lock else {
                self.patience.stopped = true;
                let reason = format!("another run has asked it for {TURN:?}");
                return self.give_up(session, &Setback::Later { reason, after: None, limit: false });
            };
            self.fill(group.iter_mut().map(|plan| &mut ***plan))?;
            self.make_group(session, group)?;
        }
        Ok(())
    }

    /// What the store knows; the rest is left.
    fn fill<'a>(&self, plans: impl Iterator<Item = &'a mut Plan>) -> Result<()> {
        let plans: Vec<&mut Plan> = plans.collect();
        let identities = plans.iter().map(|plan| plan.wanted.identity.clone().unwrap_or_default()).collect();
        let known = match &self.tables {
            Some(tables) => tables.remote(&self.name, identities)?,
            None => vec![None; plans.len()],
        };
        for (plan, found) in plans.into_iter().zip(known) {
            match found {
                Some(link) => made(plan, &link),
                None => plan.fate = Fate::Left,
            }
        }
        Ok(())
    }

    fn make_group(&mut self, session: &Session, plans: &mut [&mut &mut Plan]) -> Result<()> {
        // Two wishes for one link are asked for once.
        let mut known: HashMap<String, (Fate, Option<tables::Remote>)> = HashMap::new();
        for plan in plans.iter_mut().filter(|plan| plan.fate == Fate::Left) {
            let identity = plan.wanted.identity.clone().unwrap_or_default();
            if !known.contains_key(&identity) {
                if self.patience.stopped {
                    return Ok(());
                }
                let came = self.one(session, &identity, plan)?;
                known.insert(identity.clone(), came);
            }
            match known.get(&identity) {
                Some((_, Some(link))) => made(plan, link),
                Some((fate, None)) => plan.fate = *fate,
                None => {}
            }
        }
        Ok(())
    }

    /// Asks for one link and keeps it.
    fn one(
        &mut self,
        session: &Session,
        identity: &str,
        plan: &mut Plan,
    ) -> Result<(Fate, Option<tables::Remote>)> {
        let wish = wish(plan, identity);
        let came = self.ask(session, async |remote: &Remote| remote.service.create(&wish).await)?;
        let short = match came.map(|short| Remote::as_asked(&wish, short)) {
            Ok(Ok(short)) => short,
            Ok(Err(why)) | Err(Without::This(Setback::Refused(why) | Setback::Unknown(why))) => {
                plan.why = Some(why);
                return Ok((Fate::Refused, None));
            }
            Err(Without::This(setback)) => {
                let url = target::shown(&plan.link.url);
                session
                    .failed("backend", format_args!("{}: {url} is not shortened: {setback}", self.name))?;
                return Ok((Fate::Left, None));
            }
            Err(Without::All(setback)) => {
                self.give_up(session, &setback)?;
                return Ok((Fate::Left, None));
            }
        };
        let link = tables::Remote {
            code: short.slug.clone(),
            short_url: short.short_url.clone(),
            target: wish.target,
            id: short.id.clone(),
        };
        if let Some(tables) = &self.tables {
            tables.keep_remote(&self.name, identity, &link, self.now().timestamp_millis())?;
        }
        plan.answer = Some(short);
        Ok((Fate::Made, Some(link)))
    }

    /// An answer that leads elsewhere than was asked is not used.
    fn as_asked(wish: &Wish, short: Short) -> Result<Short, String> {
        if same_page(&wish.target, &short.url) {
            return Ok(short);
        }
        let (short_url, url) = (target::shown(&short.short_url), target::shown(&short.url));
        Err(format!("the service gave {short_url}, which leads to {url}"))
    }

    /// One line for all that is left; the end of a run that wanted one link only.
    fn give_up(&self, session: &Session, setback: &Setback) -> Result<()> {
        if self.alone.get() {
            return Err(ended(format!("{}: {setback}", self.name), setback).into());
        }
        let words = format!(
            "{}: {setback}: it is not asked any more; what has no short link yet goes on as it came, and the next run \
             takes it up again",
            self.name
        );
        if matches!(setback, Setback::Credentials(_)) {
            session.error(Exit::Credentials, "credentials", words);
            return Ok(());
        }
        session.failed("backend", words)
    }
}

/// How a run ends that wanted one thing and did not get it.
fn ended(message: String, setback: &Setback) -> Failure {
    match setback {
        Setback::Credentials(_) => Failure::credentials(message),
        Setback::Later { .. } | Setback::Unsure(_) => {
            Failure { exit: Exit::Partial, code: "backend", ..Failure::usage(message) }
        }
        _ => Failure::usage(message),
    }
}

/// The configuration is wrong, or the secret is not there.
fn wrong(name: &str, setback: &Setback) -> Failure {
    let why = setback.reason();
    let message = format!("{name}: {}", why.strip_prefix(&format!("{name}: ")).unwrap_or(why));
    match setback {
        Setback::Credentials(_) => Failure::credentials(message),
        _ => Failure::config(message),
    }
}

fn made(plan: &mut Plan, link: &tables::Remote) {
    plan.fate = Fate::Made;
    plan.link.short_url = Some(link.short_url.clone());
    plan.link.code = Some(link.code.clone());
}

fn wish(plan: &Plan, identity: &str) -> Wish {
    let wanted = &plan.wanted;
    // As Shlink writes labels: in lower case and without blanks.
    let label = |text: &String| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
    Wish {
        target: wanted.target.clone(),
        title: wanted
            .title
            .clone()
            .filter(|title| !title.trim().is_empty())
            .unwrap_or_else(|| wanted.target.clone()),
        slug: wanted.code.clone(),
        identity: Some(identity.to_owned()),
        tags: wanted
            .account
            .iter()
            .chain(&wanted.campaign)
            .chain(&wanted.labels)
            .map(label)
            .filter(|tag| !tag.is_empty())
            .collect(),
        expires: wanted.expires_ms.and_then(DateTime::from_timestamp_millis),
        max_clicks: wanted.max_clicks,
    }
}

/// Whether two addresses are one, as far as services rewrite them: case of the host, percent-encoding, an empty path.
fn same_page(asked: &str, answered: &str) -> bool {
    let place = |url: &str| url.split_once('#').map(|(_, place)| place.to_owned()).unwrap_or_default();
    asked == answered
        || (cm_web::key(asked).is_some_and(|key| cm_web::key(answered) == Some(key))
            && utm::tags_on(asked) == utm::tags_on(answered)
            && place(asked) == place(answered))
}

/// Where short links of all configured shorteners stand, and of the one that is asked: what is there already passes.
pub fn places(session: &Session, remote: Option<&Remote>) -> Result<Vec<String>> {
    let mut places: Vec<String> =
        account::all(session)?.values().flat_map(|account| shorteners::places(&account.account)).collect();
    if let Some(remote) = remote {
        places.extend(remote.offers().hosts.iter().map(|host| format!("{host}/")));
        let made = match &remote.tables {
            Some(tables) => tables.remote_addresses(&remote.name)?,
            None => Vec::new(),
        };
        places.extend(made.iter().filter_map(|address| shorteners::place_of(address)));
    }
    places.sort();
    places.dedup();
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_same_page_or_none() {
        for same in ["https://a.example/x?id=7", "https://A.example:443/x?id=7", "https://a.example/%78?id=7"]
        {
            assert!(same_page("https://a.example/x?id=7", same), "{same}");
        }
        for other in [
            "https://a.example/x?id=8",
            "https://a.example/x",
            "https://a.example/x?id=7#y",
            "https://a.example/x?id=7&utm_source=b",
            "https://evil.example/x?id=7",
            "",
        ] {
            assert!(!same_page("https://a.example/x?id=7", other), "{other}");
        }
    }
}
