//! `expand`: where short links of ours lead, and what wrappers of others hold, without asking the network.

use crate::args::Expand;
use crate::settings::Settings;
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
    let settings = Settings::read(session)?;
    let mut tables = None;
    let mut listing = Listing::new(&["SHORT", "LEADS TO"]);
    for given in &args.url {
        let target = if given.contains("://") && !target::is_short(given, &settings.domain) {
            let cleaned = cm_web::clean(given);
            (!cleaned.unwrapped.is_empty()).then_some(cleaned.url)
        } else {
            let tables = match &tables {
                Some(tables) => tables,
                None => tables.insert(Tables::open(&session.store_url()?, Mode::Read)?),
            };
            code(given).map(|code| tables.link(&code)).transpose()?.flatten().map(|link| link.target)
        };
        match target {
            Some(target) => {
                listing.row(vec![given.clone(), target.clone()], json!({"short_url": given, "url": target}))
            }
            None => session
                .failed("unknown", format_args!("{}: not a link of this store", target::shown(given)))?,
        }
    }
    session.list(&listing)
}

/// The code in a short link or a bare code, with what typing does to it forgiven.
pub fn code(given: &str) -> Option<String> {
    let path = Url::parse(given).ok().filter(|url| url.has_host()).map(|url| url.path().to_owned());
    let code = path.as_deref().unwrap_or(given).trim_matches('/').to_owned();
    (!code.is_empty() && code.len() <= slug::LONGEST).then_some(code)
}

/// The link that a person names, or the error to end with.
pub fn named(tables: &Tables, given: &str) -> Result<crate::rows::Link> {
    let code = code(given).unwrap_or_default();
    let found = match tables.link(&code)? {
        Some(link) => Some(link),
        None => tables.link(&slug::forgive(&code))?,
    };
    Ok(found.ok_or_else(|| Failure::usage(format!("{}: not a link of this store", target::shown(given))))?)
}
