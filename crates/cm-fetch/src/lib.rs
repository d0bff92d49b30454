//! cm-fetch: feeds, blogs and accounts in, one record a line out.
//!
//! In: sources (feed and page addresses, feed files, standard input, accounts), at the prompt or in a file. Out: a record
//! per entry, in the order of the sources and of each feed, of an account the oldest first, though many are asked at a time.
//! Without `--new` that is all: no state is read or written but a network's session. With it, what a store has handed out before is left out, and every publisher's wishes are
//! kept from run to run. `read` lets many readers share the archive of one fetch; `health`, `discover` and `opml` look
//! after the sources.

mod account;
mod archive;
mod args;
mod arrival;
mod batch;
mod carried;
mod choice;
mod claims;
mod comments;
mod commit;
mod content;
mod course;
mod dates;
mod delivery;
mod discovery;
mod discussions;
mod explain;
mod explore;
mod feed;
mod freshness;
mod gates;
mod get;
mod handout;
mod health;
mod held;
mod hosts;
mod ids;
mod interval;
mod item;
mod json_feed;
mod listen;
mod local;
mod manners;
mod memory;
mod network;
mod noise;
mod opml;
pub mod probe;
mod push;
mod reader;
mod recognition;
mod repair;
mod rhythm;
mod schema;
mod services;
mod settings;
mod sites;
mod source;
mod sources;
mod store;
#[cfg(test)]
mod suite;
mod telling;
mod token;
mod turns;
mod unread;
#[cfg(test)]
mod variations;
mod visit;
mod wall;
mod watch;
mod window;

pub use args::Args;

use archive::Archive;
use args::{Command, Fetch};
use choice::Wish;
use cm_cli::{Account, Failure, Session, Tool};
use cm_net::services::{Money, Purse};
use cm_net::{Client, Options};
use cm_store::Mode;
use gates::Gates;
use handout::Handout;
use hosts::Hosts;
use ids::Policy;
use memory::Remembering;
use services::Services;
use settings::Settings;
use source::{Place, Source};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use store::Tables;
use visit::Visitor;
use watch::Watch;

/// What cm-cli has to know of this tool.
pub const TOOL: Tool = Tool {
    name: "cm-fetch",
    example: "  cm-fetch https://blog.example/ | jq -r .title\n  cm-fetch --new --archive archive | cm-scan | cm-inbox",
    habits: &[],
};

/// Fetches, or does what the subcommand says.
pub fn run(args: Args, session: &Session) -> anyhow::Result<()> {
    match args.command {
        None => fetch(session, &args.fetch),
        Some(Command::Read(read)) => reader::run(session, &read),
        Some(Command::Listen(listen)) => listen::run(session, &listen),
        Some(Command::Health { file }) => health::list(session, listed(session, file.as_deref())?),
        Some(Command::Discover { places }) => discover(session, &places),
        Some(Command::Opml { file }) => opml(session, file.as_deref()),
    }
}

fn fetch(session: &Session, args: &Fetch) -> anyhow::Result<()> {
    let (settings, hosts) = Settings::of(session)?;
    let wish = wish(session, args, &settings)?;
    let mut sources = sources::gather(session, &args.sources, args.file.as_deref())?;
    let tables = if args.new { Some(Tables::open(session, Mode::Write)?) } else { None };
    if tables.is_some() {
        sources = merged(sources);
    }
    let archive = if args.new { archive(session, args.archive.as_deref())? } else { None };
    let count = sources.len();
    let watch = Arc::new(Watch::new(session.progress(Some(count as u64), "fetch")));
    let accounts = sources.iter().any(|source| matches!(source.place, Place::Account { .. }));
    let accounts = if accounts { session.accounts()? } else { BTreeMap::new() };
    let purse = purse(args)?;
    let memory = tables.as_ref().map(|tables| Remembering::begin(tables, session.now())).transpose()?;
    let visitor = Visitor {
        wish: wish.clone(),
        memory: memory.clone(),
        force: args.force,
        purse: purse.clone(),
        ..visitor(session, hosts, args.concurrency, accounts, tables.clone())?
    };
    if let Some(tables) = tables.as_ref().filter(|_| !args.force) {
        visitor.heed(tables.cooling(session.now())?, session.now());
    }
    if let Some(tables) = &tables {
        visitor.beware(tables.troubled()?);
    }
    let visits = visit::start(visitor, sources, !args.unordered, Arc::clone(&watch))?;
    let ran = Handout::new(session, wish, args.limit, tables, archive, &settings).run(visits, count, &watch);
    watch.finish();
    // It was spent whatever came of it.
    if purse.spent() > Money::default() {
        session.say(format!("what was read cost {} at most, by the prices that cm knows", purse.spent()));
    }
    ran?;
    memory.map(|memory| memory.run.end(&memory.tables)).transpose()?;
    Ok(())
}

/// What the run may spend: `--max-cost`, else each network has a bound of its own.
fn purse(args: &Fetch) -> Result<Purse, Failure> {
    let bound = args.max_cost.as_deref().map(str::parse::<Money>).transpose();
    let bound = bound.map_err(|why| Failure::usage(format!("--max-cost: {why}")))?;
    Ok(bound.map_or_else(Purse::default, Purse::of))
}

/// `--archive`, else `archive` of the configuration, else none.
fn archive(session: &Session, given: Option<&Path>) -> anyhow::Result<Option<Archive>> {
    let configured = session.config().path("archive")?;
    let folder = given.or(configured.as_deref());
    Ok(folder.map(Archive::create).transpose()?)
}

fn wish(session: &Session, args: &Fetch, settings: &Settings) -> anyhow::Result<Wish> {
    let time =
        |option, text: &Option<String>| text.as_deref().map(|text| session.time(option, text)).transpose();
    let first_from = match args.backfill.as_deref() {
        None => session.now().checked_sub_signed(settings.first()),
        Some("all") => None,
        Some(text) => Some(session.time("--backfill", text)?),
    };
    Ok(Wish {
        since: time("--since", &args.since)?,
        until: time("--until", &args.until)?,
        changed: args.changed,
        first_from,
    })
}

/// A source that stands in the lists twice is one source, with the tags of both.
fn merged(sources: Vec<Source>) -> Vec<Source> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut merged: Vec<Source> = Vec::new();
    for source in sources {
        let at = *places.entry(source.key()).or_insert(merged.len());
        match merged.get_mut(at) {
            Some(first) => {
                first.name = first.name.take().or(source.name);
                first.kind = first.kind.or(source.kind);
                if first.ids == Policy::Auto {
                    first.ids = source.ids;
                }
                let fresh: Vec<String> =
                    source.tags.into_iter().filter(|tag| !first.tags.contains(tag)).collect();
                first.tags.extend(fresh);
                *first.manners = first.manners.over(&source.manners);
            }
            None => merged.push(source),
        }
    }
    merged
}

fn visitor(
    session: &Session,
    hosts: Hosts,
    concurrency: usize,
    accounts: BTreeMap<String, Account>,
    tables: Option<Tables>,
) -> anyhow::Result<Visitor> {
    let hosts = Arc::new(hosts);
    let gates = Arc::new(Gates::new(concurrency, Arc::clone(&hosts)));
    let usual = Options::new(session.name(), session.allow_private());
    let options = Options {
        clock: session.clock(),
        admission: Some(gates::admission(&gates)),
        max_feed: hosts.max_feed.unwrap_or(usual.max_feed),
        ..usual
    };
    let client = Client::new(options, &mut |warning| session.say(warning))
        .map_err(|error| Failure::config(error.message))?;
    let services = Services::new(accounts, client.clone(), session, tables.as_ref());
    Ok(Visitor {
        client,
        gates,
        hosts,
        turns: Default::default(),
        services,
        wish: Wish::default(),
        memory: None,
        force: false,
        reading: Default::default(),
        purse: Purse::default(),
        zone: session.zone()?.clone(),
    })
}

/// The sources of a file; `None` without one.
fn listed(session: &Session, file: Option<&Path>) -> anyhow::Result<Option<Vec<Source>>> {
    let default = sources::default_file(session)?;
    let Some(file) = file.or(default.as_deref()) else { return Ok(None) };
    Ok(Some(merged(sources::read_file(session, file)?)))
}

fn discover(session: &Session, places: &[String]) -> anyhow::Result<()> {
    let (_, hosts) = Settings::of(session)?;
    let visitor = visitor(session, hosts, 4, BTreeMap::new(), None)?;
    explore::list(session, &visitor, places)
}

fn opml(session: &Session, file: Option<&Path>) -> anyhow::Result<()> {
    let Some(sources) = listed(session, file)? else {
        return Err(Failure::usage("which sources? give a FILE, or set sources in cm.toml").into());
    };
    let others = sources.iter().filter(|source| !opml::can_say(source)).count();
    if others > 0 {
        session.warn("opml", format!("{others} accounts and files are left out: OPML has no words for them"));
    }
    let settings = |source: &&Source| {
        let secret = matches!(&source.place, Place::Url(url)
            if !url.username().is_empty() || url.password().is_some() || token::is_in(url));
        secret || source.kind.is_some() || source.ids != Policy::Auto || source.manners != Box::default()
    };
    let with_settings = sources.iter().filter(|source| opml::can_say(source)).filter(settings).count();
    if with_settings > 0 {
        session.warn(
            "opml",
            format!("{with_settings} sources have settings or credentials of their own, which are left out"),
        );
    }
    session.print(&opml::write(&sources))
}
