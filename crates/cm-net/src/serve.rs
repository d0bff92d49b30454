//! An HTTP/1 server within bounds, without TLS: a web server stands before it. In: a listener, and who answers requests.
//! Out: nothing but answers; it ends in order when it is told to stop.

use crate::patient::Patient;
use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How long a client may take over a request's head; it bounds idle connections too.
const HEAD: Duration = Duration::from_secs(15);
/// How long a client may take none of what it is sent.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest head of a request.
const HEAD_BYTES: usize = 32 << 10;
/// How long answers under way may take at the end.
pub const LAST: Duration = Duration::from_secs(5);

/// Answers requests, each with its peer, over so many connections at once (more wait in the system's queue), until `stop`
/// is ready; then those under way get `LAST` to end.
pub async fn serve<A, F, B>(
    listener: TcpListener,
    connections: usize,
    answer: A,
    stop: impl Future<Output = ()>,
) where
    A: Fn(Request<Incoming>, IpAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = accept(&listener, connections, &answer, &graceful) => {}
        () = stop => {}
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST, graceful.shutdown()).await;
}

async fn accept<A, F, B>(listener: &TcpListener, connections: usize, answer: &A, graceful: &GracefulShutdown)
where
    A: Fn(Request<Incoming>, IpAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(connections));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = graceful.watch(connection(stream, peer.ip(), answer.clone()));
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

fn connection<A, F, B>(
    stream: TcpStream,
    peer: IpAddr,
    answer: A,
) -> impl GracefulConnection<Error = hyper::Error> + Send
where
    A: Fn(Request<Incoming>, IpAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    let answer = move |request| {
        let answered = answer(request, peer);
        async move { Ok::<_, Infallible>(answered.await) }
    };
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        // Answers are small: one copy costs less than to hand over two pieces.
        .writev(false)
        .serve_connection(TokioIo::new(Patient::new(stream, PATIENCE)), service_fn(answer))
}

/// Listens at `HOST:PORT`; `Err` is one line for a person.
pub async fn listen(address: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => "something listens there already".to_owned(),
            std::io::ErrorKind::InvalidInput => "it is not HOST:PORT".to_owned(),
            _ => error.to_string(),
        };
        format!("cannot listen on {address}: {why}")
    })
}

/// Ready when the process is told to end. Must be made inside a runtime.
#[cfg(unix)]
pub fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
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
pub fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
