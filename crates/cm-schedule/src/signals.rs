//! Ctrl-C and SIGTERM end a run between posts, never inside one; a second one ends it at once.

use cm_cli::{Exit, Session};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether the run was asked to stop.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<Option<Exit>>);

impl Stop {
    /// Listens from now on.
    pub(crate) fn listen(session: &Session, runtime: &Runtime) -> std::io::Result<Stop> {
        let _within = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        session.handle_interrupts();
        let (asked, stop) = watch::channel(None);
        runtime.spawn(async move {
            // An interrupt is told as such; a request to end is a good end.
            let exit = tokio::select! {
                _ = interrupt.recv() => Exit::Interrupted,
                _ = terminate.recv() => Exit::Done,
            };
            asked.send_replace(Some(exit));
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            std::process::exit(Exit::Interrupted as i32);
        });
        Ok(Stop(stop))
    }

    /// How the run is to end, once it was asked to.
    pub(crate) fn asked(&self) -> Option<Exit> {
        *self.0.borrow()
    }

    /// Sleeps, or less when it is asked to stop.
    pub(crate) fn sleep(&self, runtime: &Runtime, length: Duration) {
        let mut stop = self.0.clone();
        runtime.block_on(async move {
            let _ = tokio::time::timeout(length, stop.wait_for(Option::is_some)).await;
        });
    }
}
