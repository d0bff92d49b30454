//! `expand`: where short links of ours lead, and what wrappers of others hold, without asking the network unless told to.

use crate::args::Expand;
use crate::expansion::{Expander, of_shortener};
use crate::remote;
use crate::rows::Link;
use crate::settings::{Domain, Settings};
use crate::slug;
use crate::tables::Tables;
use crate::target;
use anyhow::Result;
use cm_cli::{Failure, Listing, Session};
use cm_store::Mode;
use serde_json::json;
use url::Url;

/// Expands each argument.
pub fn run(args: &Expand, session: &Session) -> Result<()> {
    if let Some(name) = &args.backend {
        return remote::expand(session, name, &args.url);
    }
    let settings = Settings::read(session)?;
    let expander = args.expand.then(|| Expander::open(session, &settings, Tables::to_remember(session)?));
    let mut expander = expander.transpose()?;
    let mut tables = None;
    let mut listing = Listing::new(&["SHORT", "LEADS TO"]).whole(&["LEADS TO"]);
    for given in &args.url {
        let target = if given.contains("://") && !target::is_short(given, &settings.domain) {
            let asked =
                expander.as_mut().map(|expander| expander.expand(session, given)).transpose()?.flatten();
            match asked {
                Some(place) => Some(unwrapped(&place).unwrap_or(place)),
                None => unwrapped(given),
            }
        } else {
            let tables = match &tables {
                Some(tables) => tables,
                None => tables.insert(Tables::open(&session.store_url()?, Mode::Read)?),
            };
            find(tables, session, given)?.map(|link| link.target)
        };
        match target {
            Some(target) => {
                listing.row(vec![given.clone(), target.clone()], json!({"short_url": given, "url": target}))
            }
            None => {
                let shown = target::shown(given);
                let host = of_shortener(given, &settings.shorteners).filter(|_| !args.expand);
                let hint = host.map(|host| format!("; --expand asks {host}")).unwrap_or_default();
                session.failed(
                    "unknown",
                    format_args!("{shown}: neither a link of this store nor a known wrapper{hint}"),
                )?;
            }
        }
    }
    session.list(&listing)
}

fn unwrapped(given: &str) -> Option<String> {
    let cleaned = cm_web::clean(given);
    (!cleaned.unwrapped.is_empty()).then_some(cleaned.url)
}

/// The link that a person names by its short address or code, with what typing does to it forgiven. An address counts
/// on the link's own domain and on the one that links are made under now: elsewhere the same code is another link.
fn find(tables: &Tables, session: &Session, given: &str) -> Result<Option<Link>> {
    let whole = |text: &str| Url::parse(text).ok().filter(Url::has_host);
    // On a poster it stands without its scheme.
    let bare = || given.contains(['.', ':']).then(|| whole(&format!("https://{given}"))).flatten();
    let address = whole(given).or_else(bare);
    let code = address.as_ref().map_or(given, Url::path).trim_matches('/');
    if code.is_empty() || code.len() > slug::LONGEST {
        return Ok(None);
    }
    let Some(link) = tables.typed(code)? else { return Ok(None) };
    Ok(match &address {
        Some(address) if !is_on_own(address, &link, session)? => None,
        _ => Some(link),
    })
}

fn is_on_own(address: &Url, link: &Link, session: &Session) -> Result<bool> {
    let is_there = Domain::read(&link.domain).is_ok_and(|domain| domain.holds(address));
    Ok(is_there || Settings::read(session)?.domain.holds(address))
}

/// The same, or the error to end with.
pub fn named(tables: &Tables, session: &Session, given: &str) -> Result<Link> {
    let found = find(tables, session, given)?;
    Ok(found.ok_or_else(|| Failure::usage(format!("{}: not a link of this store", target::shown(given))))?)
}
