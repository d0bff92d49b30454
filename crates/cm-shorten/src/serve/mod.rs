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
use cm_store::Mode;
use forwarded::Proxies;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use log::Log;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use table::Table;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Connections at once; more wait in the system's queue.
const CONNECTIONS: usize = 4096;
/// How long a client may take over a request's head; it bounds idle connections too.
const HEAD: Duration = Duration::from_secs(15);
/// The longest head of a request.
const HEAD_BYTES: usize = 32 << 10;
/// How often the store is asked for new links; a code that is not known asks at once.
const REFRESH: Duration = Duration::from_secs(2);
/// How long answers under way may take at the end.
const LAST: Duration = Duration::from_secs(5);

/// Serves until it is told to stop.
pub fn run(args: &Serve, session: &Session) -> Result<()> {
    let settings = Settings::read(session)?;
    let proxies = Proxies::read(&settings.proxies)?;
    let tables = Tables::open(&session.store_url()?, Mode::Write)?;
    let _lock = tables
        .store()
        .lock("serve", Duration::ZERO)?
        .ok_or_else(|| Failure::busy("another cm-shorten serve runs on this store"))?;
    let table = Table::load(tables.clone())?;
    let listen = args.listen.as_deref().unwrap_or(&settings.listen);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind(listen)).map_err(|e| unbound(listen, &e))?;
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

fn unbound(listen: &str, error: &std::io::Error) -> Failure {
    let why = match error.kind() {
        ErrorKind::AddrInUse => "something listens there already".to_owned(),
        ErrorKind::InvalidInput => "it is not HOST:PORT".to_owned(),
        _ => error.to_string(),
    };
    Failure::config(format!("cannot listen on {listen}: {why}"))
}

/// Answers, looks for new links and waits for the signal to stop, until that comes.
async fn serve(listener: TcpListener, server: &Arc<Server>, session: &Session) -> Result<()> {
    let graceful = GracefulShutdown::new();
    let stop = stopped()?;
    announce(&listener, session)?;
    tokio::select! {
        () = accept(&listener, server, &graceful) => {}
        () = keep_fresh(server, session) => {}
        () = stop => {}
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST, graceful.shutdown()).await;
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

async fn accept(listener: &TcpListener, server: &Arc<Server>, graceful: &GracefulShutdown) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = graceful.watch(connection(stream, peer.ip(), Arc::clone(server)));
                tokio::spawn(async move {
                    // A client that went away or spoke no HTTP is nobody's error.
                    let _ = connection.await;
                    drop(permit);
                });
            }
            // Out of descriptors, most likely: others will be closed in a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: std::net::IpAddr,
    server: Arc<Server>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send {
    let _ = stream.set_nodelay(true);
    let answer = move |request: hyper::Request<hyper::body::Incoming>| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(server.answer(&request, peer).await) }
    };
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
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

/// Ready when the process is told to end.
#[cfg(unix)]
fn stopped() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}

/// Ready when the process is told to end.
#[cfg(not(unix))]
fn stopped() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
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
