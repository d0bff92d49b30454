//! `serve`: short links answered over HTTP from memory, every click logged. In: the store's links, requests. Out:
//! redirects, and clicks in the store. On standard output only its address, once it answers.
//!
//! Clicks are committed in groups, at most `log::WAIT` after they came: a process killed with -9 loses those of that
//! time, an orderly stop none. What is answered is logged or counted as dropped.

mod answer;
mod forwarded;
mod log;
mod table;
mod visit;
mod visitor;

use crate::args::Serve;
use crate::settings::Settings;
use crate::tables::Tables;
use answer::Server;
use anyhow::{Context, Result};
use cm_cli::{Exit, Failure, Session};
use cm_net::serve::{LAST, told_to_stop};
use cm_store::Mode;
use forwarded::Proxies;
use hyper::Request;
use hyper::body::Incoming;
use log::Log;
use std::sync::Arc;
use std::time::Duration;
use table::Table;
use tokio::net::TcpListener;

/// Connections at once; more wait in the system's queue.
const CONNECTIONS: usize = 4096;
/// How often the store is asked for new links; a code that is not known asks at once.
const REFRESH: Duration = Duration::from_secs(2);

/// Serves until it is told to stop.
pub fn run(args: &Serve, session: &Session) -> Result<()> {
    let settings = Settings::read(session)?;
    let proxies = Proxies::read(&settings.proxies)?;
    let tables = Tables::open(&session.store_url()?, Mode::Write)?;
    let _lock = tables
        .store()
        .lock("serve", Duration::ZERO)?
        .ok_or_else(|| Failure::busy("another cm-shorten serve runs on this store"))?;
    let table = Table::load(tables.clone(), settings.guard.blocked)?;
    let listen = args.listen.as_deref().unwrap_or(&settings.listen);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(cm_net::serve::listen(listen)).map_err(Failure::config)?;
    session.handle_interrupts();
    let (log, queue) = Log::new();
    let own = settings.domain.host().to_owned();
    let server = Arc::new(Server { table, log, clock: session.clock(), proxies });
    std::thread::scope(|scope| {
        let writer = std::thread::Builder::new()
            .name("cm-clicks".to_owned())
            .spawn_scoped(scope, || log::write(queue, &server.log, &tables, &own, session))?;
        let served = runtime.block_on(serve(listener, &server, session));
        runtime.shutdown_timeout(LAST);
        server.log.close();
        let _ = writer.join();
        served
    })?;
    sum_up(&server.log, session);
    Ok(())
}

/// Answers, looks for new links and waits for the signal to stop, until that comes.
async fn serve(listener: TcpListener, server: &Arc<Server>, session: &Session) -> Result<()> {
    let told = told_to_stop()?;
    announce(&listener, session)?;
    let stop = async {
        tokio::select! {
            () = keep_fresh(server, session) => {}
            () = told => {}
        }
    };
    let answering = Arc::clone(server);
    let answer = move |request: Request<Incoming>, peer| {
        let server = Arc::clone(&answering);
        async move { server.answer(&request, peer).await }
    };
    cm_net::serve::serve(listener, CONNECTIONS, answer, stop).await;
    Ok(())
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
