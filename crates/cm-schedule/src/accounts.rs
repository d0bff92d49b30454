//! The accounts that posts can go to: what each has waiting, what it takes, and with `--check` whether it can be reached.

use crate::args::Accounts;
use crate::services::Services;
use crate::settings::{Channel, Settings};
use crate::{list, tables};
use chrono::{DateTime, Utc};
use cm_cli::{Account, Exit, Failure, Listing, Session};
use cm_net::services::{Standing, Trouble};
use cm_store::Store;
use serde_json::json;

/// What the store knows of an account.
#[derive(Default)]
struct Known {
    paused: bool,
    queued: i64,
    last: Option<DateTime<Utc>>,
}

/// Runs `accounts`.
pub(crate) fn run(session: &Session, args: &Accounts) -> anyhow::Result<()> {
    let settings = Settings::read(session)?;
    let services = Services::new(session);
    let store = tables::open_to_read(session)?;
    let mut listing = Listing::new(&["ACCOUNT", "STATE", "QUEUED", "LAST", "LONGEST"]);
    for channel in settings.channels() {
        let name = &channel.account.name;
        let known = store.as_ref().map(|store| known(session, store, name)).transpose()?.unwrap_or_default();
        let state = state(session, &services, channel, &known, args.check);
        let last = known.last.map(|at| list::local(session, at)).transpose()?;
        let longest = services.longest(&channel.account);
        let cells = vec![
            name.clone(),
            state.clone(),
            known.queued.to_string(),
            last.unwrap_or_default(),
            longest.map(|n| n.to_string()).unwrap_or_default(),
        ];
        let object = json!({"account": name, "state": state, "paused": known.paused, "queued": known.queued,
            "last_published": known.last.map(cm_time::rfc3339), "longest": longest});
        listing.row(cells, object);
    }
    session.list(&listing)
}

fn known(session: &Session, store: &Store, account: &str) -> anyhow::Result<Known> {
    let (account, now) = (account.to_owned(), session.now());
    Ok(store.read(move |tx| {
        let pauses = tables::pauses(tx)?;
        let paused = pauses.iter().any(|paused| paused == "*" || *paused == account);
        let counts = tables::counts(tx, &account)?;
        let queued = counts.iter().find(|(state, _)| state == "queued").map_or(0, |(_, count)| *count);
        Ok::<_, cm_store::Error>(Known { paused, queued, last: tables::last_published(tx, &account, now)? })
    })?)
}

/// `ok`, `paused`, or what is wrong, which also marks the run when it was asked to check.
fn state(
    session: &Session,
    services: &Services<'_>,
    channel: &Channel,
    known: &Known,
    check: bool,
) -> String {
    let account = &channel.account;
    let trouble = match services.open(account) {
        Err(error) => Some(format!("{error:#}")),
        Ok(_) if check => ask(services, account).err().map(|error| format!("{error:#}")),
        Ok(_) => None,
    };
    match trouble {
        Some(trouble) => {
            if check {
                session.error(Exit::Partial, "account", format!("{}: {trouble}", account.name));
            }
            trouble
        }
        None if known.paused => "paused".to_owned(),
        None => "ok".to_owned(),
    }
}

/// Asks an account's network whether it could post, without posting.
fn ask(services: &Services<'_>, account: &Account) -> anyhow::Result<Standing> {
    let service = services.open(account)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(service.check()).map_err(|trouble| match trouble {
        Trouble::Credentials(why) => Failure::credentials(why).into(),
        Trouble::Refused(why) | Trouble::Later { reason: why, .. } => anyhow::anyhow!(why),
    })
}
