//! One thread a core, each with a runtime and connections of its own: nothing of a request crosses from one to another.

use super::Server;
use cm_net::serve::LAST;
use hyper::Request;
use hyper::body::Incoming;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, Scope, ScopedJoinHandle};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// Connections at once, of all together; more wait in the system's queue.
const CONNECTIONS: usize = 4096;
/// More do not pay: the store takes one writer.
const MOST: usize = 16;

/// The workers beside the one that waits for signals.
pub struct Workers<'scope> {
    end: watch::Sender<()>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
}

/// How many there are.
pub fn count() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST)
}

/// A runtime of one thread.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

impl<'scope> Workers<'scope> {
    /// Starts all but one of them.
    pub fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        listener: &TcpListener,
        server: &Arc<Server>,
    ) -> io::Result<Workers<'scope>> {
        let (end, ended) = watch::channel(());
        let start = |_| {
            let (listener, server, mut ended) = (listener.try_clone()?, Arc::clone(server), ended.clone());
            let runtime = runtime()?;
            thread::Builder::new().name("cm-serve".to_owned()).spawn_scoped(scope, move || {
                // The other end is dropped when it is time.
                let _ = runtime.block_on(answer(listener, server, async move {
                    while ended.changed().await.is_ok() {}
                }));
                runtime.shutdown_timeout(LAST);
            })
        };
        let threads = (1..count()).map(start).collect::<io::Result<_>>()?;
        Ok(Workers { end, threads })
    }

    /// Lets the answers under way end.
    pub fn stop(self) {
        drop(self.end);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

/// Answers what comes to a listener until `stop` is ready.
pub async fn answer(
    listener: TcpListener,
    server: Arc<Server>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let answer = move |request: Request<Incoming>, peer| {
        let server = Arc::clone(&server);
        async move { server.answer(request, peer).await }
    };
    cm_net::serve::serve(listener, CONNECTIONS.div_ceil(count()), answer, stop).await;
    Ok(())
}
