//! The inbox's part of the store, opened; a rehearsal (`--dry-run`) is rolled back.

use crate::store;
use anyhow::Result;
use cm_cli::Session;
use cm_store::{Mode, Store, Tx};
use std::fmt::Display;

/// The inbox's part of the store.
pub struct Inbox {
    store: Store,
    rehearse: bool,
}

/// Why a writing transaction did not commit.
enum Stop<T> {
    Failed(anyhow::Error),
    /// `--dry-run`: what it would have come to.
    Rehearsed(T),
}

impl<T> From<cm_store::Error> for Stop<T> {
    fn from(error: cm_store::Error) -> Stop<T> {
        Stop::Failed(error.into())
    }
}

impl Inbox {
    /// Opens the store of this run; a rehearsal changes nothing in it.
    pub fn open(session: &Session, rehearse: bool) -> Result<Inbox> {
        let store = Store::open(&session.store_url()?, Mode::Write)?;
        store.migrate("cm-inbox", &store::MIGRATIONS)?;
        Ok(Inbox { store, rehearse })
    }

    /// Opens the store of this run to look at it or to change what is there: a mistyped name is told, not made.
    pub fn existing(session: &Session, rehearse: bool) -> Result<Inbox> {
        session.store_to_read()?;
        Inbox::open(session, rehearse)
    }

    /// Whether changes are only rehearsed; then says what would be, to those who do not watch too: nothing else was asked.
    pub fn rehearses(&self, session: &Session, what: impl Display) -> bool {
        if self.rehearse {
            session.warn("rehearsal", format!("would be {what}"));
        }
        self.rehearse
    }

    /// Looks.
    pub fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.read(work)
    }

    /// Changes, durably when this returns; a rehearsal is rolled back and its outcome returned all the same.
    pub fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let rehearse = self.rehearse;
        let outcome = self.store.write(move |tx| match work(tx) {
            Ok(value) if rehearse => Err(Stop::Rehearsed(value)),
            Ok(value) => Ok(value),
            Err(error) => Err(Stop::Failed(error)),
        });
        match outcome {
            Ok(value) | Err(Stop::Rehearsed(value)) => Ok(value),
            Err(Stop::Failed(error)) => Err(error),
        }
    }
}
