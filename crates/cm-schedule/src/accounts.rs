//! The accounts that posts can go to: what each has waiting, what it takes, and with `--check`, which asks its network,
//! as whom it posts, what it lacks, how long its session holds and what is left of its limit.

use crate::args::Accounts;
use crate::services::Services;
use crate::settings::{Channel, Settings};
use crate::{list, tables};
use chrono::{DateTime, Utc};
use cm_cli::{Exit, Listing, Session};
use cm_net::services::{Limit, Standing, Trouble};
use cm_store::Store;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

const COLUMNS: [&str; 5] = ["ACCOUNT", "STATE", "QUEUED", "LAST", "LONGEST"];

/// An account as a line of the table, what its network says of it, one line each, and all of it as an object.
struct Row {
    cells: Vec<String>,
    notes: Vec<String>,
    object: Value,
}

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
    let mut rows = Vec::new();
    let build = || Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = args.check.then(build).transpose()?;
    let mut troubles = Vec::new();
    for channel in settings.channels() {
        let name = &channel.account.name;
        let known = store.as_ref().map(|store| known(session, store, name)).transpose()?.unwrap_or_default();
        let standing = stands(&services, channel, runtime.as_ref());
        rows.push(row(session, &services, channel, &known, &standing, args.check)?);
        if let Err(trouble) = standing {
            troubles.push((name.clone(), trouble));
        }
    }
    if args.check {
        tell(session, &troubles);
    }
    session.list(&listing(rows))
}

fn listing(rows: Vec<Row>) -> Listing {
    let mut listing = Listing::new(&COLUMNS).whole(&["ACCOUNT", "STATE", "LAST"]).spare(&["LONGEST"]);
    for row in rows {
        listing.row(row.cells, row.object);
        row.notes.into_iter().for_each(|note| listing.note(note));
    }
    listing
}

fn known(session: &Session, store: &Store, account: &str) -> anyhow::Result<Known> {
    let (account, now) = (account.to_owned(), session.now());
    Ok(store.read(move |tx| {
        let pauses = tables::pauses(tx)?;
        let paused = pauses.iter().any(|paused| paused == "*" || *paused == account);
        let queued = tables::count_queued(tx, &account)?;
        Ok::<_, cm_store::Error>(Known { paused, queued, last: tables::last_published(tx, &account, now)? })
    })?)
}

/// Whether it is configured as it must be and, with something to ask on, whether it could post; nothing is posted.
fn stands(
    services: &Services<'_>,
    channel: &Channel,
    runtime: Option<&Runtime>,
) -> Result<Standing, Trouble> {
    match services.open(&channel.account) {
        Ok(service) => runtime.map_or(Ok(Standing::default()), |runtime| runtime.block_on(service.check())),
        Err(error) => Err(Trouble::Refused(format!("{error:#}"))),
    }
}

/// An account's row. What only its network knows is there when it was asked.
fn row(
    session: &Session,
    services: &Services<'_>,
    channel: &Channel,
    known: &Known,
    standing: &Result<Standing, Trouble>,
    check: bool,
) -> anyhow::Result<Row> {
    let (name, longest) = (&channel.account.name, services.longest(&channel.account));
    let state = match standing {
        Err(trouble) => trouble.reason(),
        Ok(_) if known.paused => "paused",
        Ok(_) => "ok",
    };
    // With `--check` the whole reason is told beside the table.
    let short = match standing {
        Err(Trouble::Credentials(_)) if check => "credentials refused",
        Err(Trouble::Later { .. } | Trouble::Elsewhere(_)) if check => "not reached",
        Err(Trouble::Refused(_)) if check => "in trouble",
        _ => state,
    };
    let wall = |at: Option<DateTime<Utc>>| at.map(|at| list::local(session, at)).transpose();
    let cells = vec![
        name.clone(),
        short.to_owned(),
        known.queued.to_string(),
        wall(known.last)?.unwrap_or_default(),
        longest.map(|n| n.to_string()).unwrap_or_default(),
    ];
    let mut object = json!({"account": name, "state": state, "paused": known.paused, "queued": known.queued,
        "last_published": known.last.map(cm_time::rfc3339), "longest": longest});
    let mut notes = Vec::new();
    if let (true, Some(members)) = (check, object.as_object_mut()) {
        let unknown = Standing::default();
        let standing = standing.as_ref().unwrap_or(&unknown);
        notes.extend(standing.who.as_ref().map(|who| format!("posts as {who}")));
        notes.extend(standing.lacks.iter().cloned());
        notes.extend(wall(standing.token_until)?.map(|until| format!("session until {until}")));
        let left = |limit: &Limit| format!("{} of {} requests left", limit.remaining, limit.limit);
        notes.extend(standing.limit.as_ref().map(left));
        let limit = standing.limit.as_ref().map(|limit| {
            json!({"limit": limit.limit, "remaining": limit.remaining, "reset": limit.reset.map(cm_time::rfc3339)})
        });
        members.insert("posts_as".into(), standing.who.clone().into());
        members.insert("lacks".into(), standing.lacks.clone().into());
        members.insert("session_until".into(), standing.token_until.map(cm_time::rfc3339).into());
        members.insert("limit".into(), limit.into());
    }
    Ok(Row { cells, notes, object })
}

/// Names each trouble. The run is exit 4 when it found no other than with credentials, else 3.
fn tell(session: &Session, troubles: &[(String, Trouble)]) {
    let only_credentials = troubles.iter().all(|(_, trouble)| matches!(trouble, Trouble::Credentials(_)));
    let exit = if only_credentials { Exit::Credentials } else { Exit::Partial };
    for (name, trouble) in troubles {
        let code = if matches!(trouble, Trouble::Credentials(_)) { "credentials" } else { "account" };
        let told = trouble.to_string();
        // Settings that are wrong name their account themselves.
        let why = told.strip_prefix(&format!("{name}: ")).unwrap_or(&told);
        session.error(exit, code, format!("{name}: {why}"));
    }
}
