//! `serve`: short links answered over HTTP from memory, every click logged. In: the store's links, requests. Out:
//! redirects, and clicks in the store. On standard output only its address, once it answers.
//!
//! Clicks are committed in groups, at most `log::WAIT` after they came: a process killed with -9 loses those of that
//! time, an orderly stop none. What is answered is logged or counted as dropped.

mod answer;
mod api;
mod arena;
mod forwarded;
mod log;
mod manner;
mod packed;
mod page;
mod queue;
mod table;
mod workers;

pub use answer::code;
pub use api::{Section, read_wish};

use crate::args::Serve;
use crate::tables::Tables;
use answer::Server;
use anyhow::{Context, Result};
use api::{Desk, Limits};
use cm_cli::{Exit, Failure, Session};
use cm_net::serve::{LAST, told_to_stop};
use cm_store::Mode;
use log::Log;
use manner::Manner;
use std::net::TcpListener;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use table::Table;
use workers::Workers;

/// How often the store is asked for new and changed links; a code that is not known asks at once.
const REFRESH: Duration = Duration::from_secs(1);

/// Serves until it is told to stop.
pub fn run(args: &Serve, session: &Session) -> Result<()> {
    let manner = Manner::read(session)?;
    let tables = Tables::open(&session.store_url()?, Mode::Write)?;
    let _lock = tables
        .store()
        .lock("serve", Duration::ZERO)?
        .ok_or_else(|| Failure::busy("another cm-shorten serve runs on this store"))?;
    let begun = Instant::now();
    let table = Table::load(tables.clone(), manner.settings.guard.blocked.clone())?;
    let links = if table.len() == 1 { "link" } else { "links" };
    session.say(format_args!("{} {links} read in {} ms", table.len(), begun.elapsed().as_millis()));
    let listen = args.listen.as_deref().unwrap_or(&manner.settings.listen);
    let runtime = workers::runtime()?;
    let listener = runtime.block_on(cm_net::serve::listen(listen)).map_err(Failure::config)?;
    let listener = listener.into_std()?;
    // Only one that can answer has begun: what fails before this loses no click.
    tell_of_the_last(&tables, session)?;
    session.handle_interrupts();
    let log = Log::new();
    let manner = RwLock::new(Arc::new(manner));
    let (desk, jobs) = Desk::new();
    let limits = Limits::default();
    let server = Arc::new(Server { table, log, clock: session.clock(), manner, desk, limits });
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let served = std::thread::scope(|scope| {
        // However this ends: the threads are told, and nobody waits for ever.
        let _ending = Ending(&server);
        thread("cm-clicks").spawn_scoped(scope, || log::write(&server, &tables, session))?;
        let (server, store) = (&server, &tables);
        thread("cm-links").spawn_scoped(scope, move || api::work(jobs, server, store, session))?;
        let workers = Workers::start(scope, &listener, server)?;
        let served = runtime.block_on(serve(listener, server, session, args.listen.as_deref()));
        workers.stop();
        runtime.shutdown_timeout(LAST);
        served
    });
    sum_up(&server.log, session);
    tables.end_serving()?;
    served
}

/// Takes nothing more when it goes: what was taken is still done, and then the threads of the click log and of the API end.
struct Ending<'a>(&'a Server);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.desk.close();
        self.0.log.close();
    }
}

/// Says that the server before was killed, and what that may have cost.
fn tell_of_the_last(tables: &Tables, session: &Session) -> Result<()> {
    let now = session.now().timestamp_millis();
    if let Some(begun) = tables.begin_serving(now)? {
        session.warn(
            "unclean",
            format_args!(
                "the server that began at {} did not end in order: clicks that it answered in its last {} ms may not be \
                 logged, {} at most",
                crate::clicks::written(begun),
                log::WAIT.as_millis(),
                log::MOST_LOST
            ),
        );
    }
    Ok(())
}

/// Answers, looks for new links and waits for the signal to stop, until that comes.
async fn serve(
    listener: TcpListener,
    server: &Arc<Server>,
    session: &Session,
    given: Option<&str>,
) -> Result<()> {
    let told = told_to_stop()?;
    announce(&listener, session)?;
    let stop = async {
        tokio::select! {
            () = keep_fresh(server, session) => {}
            () = obey(server, session, given) => {}
            () = told => {}
        }
    };
    workers::answer(listener, Arc::clone(server), stop).await.context("the listening socket")
}

/// The address on a line of its own: a script waits for it, and port 0 needs it.
fn announce(listener: &TcpListener, session: &Session) -> Result<()> {
    let address = listener.local_addr().context("the listening address")?;
    session.say(format_args!("listening on http://{address}"));
    match session.print(&format!("http://{address}\n")) {
        // Whoever started us may not listen; the links are served all the same.
        Err(error) if error.downcast_ref::<std::io::Error>().is_some() => Ok(()),
        result => result,
    }
}

/// Takes in new links again and again; a store that fails is told once until it works again.
async fn keep_fresh(server: &Arc<Server>, session: &Session) {
    let mut failing = false;
    loop {
        tokio::time::sleep(REFRESH).await;
        match Table::refresh(server, |server| &server.table).await {
            Ok(()) => failing = false,
            Err(error) if !failing => {
                failing = true;
                session.error(Exit::Partial, "store", format_args!("new links are not seen: {error:#}"));
            }
            Err(_) => {}
        }
    }
}

/// Reads the configuration again whenever SIGHUP comes; one that is wrong is told, and the old one stands.
#[cfg(unix)]
async fn obey(server: &Server, session: &Session, listen: Option<&str>) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut told) = signal(SignalKind::hangup()) else { return std::future::pending().await };
    while told.recv().await.is_some() {
        match Manner::reread(session).await {
            Ok(manner) => {
                let before = server.manner();
                if listen.is_none() && manner.settings.listen != before.settings.listen {
                    session.warn("listen", "another [shorten] listen is obeyed at the next start only");
                }
                server.table.block(&manner.settings.guard.blocked);
                *server.manner.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(manner);
                session.say("the configuration was read again");
            }
            Err(error) => session
                .warn("configuration", format_args!("the configuration is obeyed as it was: {error:#}")),
        }
    }
}

/// There is no SIGHUP.
#[cfg(not(unix))]
async fn obey(_server: &Server, _session: &Session, _listen: Option<&str>) {
    std::future::pending().await
}

fn sum_up(log: &Log, session: &Session) {
    let (answered, logged, dropped) = log.totals();
    session.say(format_args!("{answered} clicks answered: {logged} logged, {dropped} dropped"));
    if dropped > 0 {
        session.error(
            Exit::Partial,
            "dropped",
            format_args!("{dropped} clicks were answered but could not be logged"),
        );
    }
}
