//! Claims: which run reads a source, so that two runs over one list share the work and nothing is handed out twice.
//! In: sources. Out: for each a claim, or that another run has it.
//!
//! A claim is a row of `fetch_claims`. It holds for as long as its run lives, which the run's lock shows: the kernel lets go
//! of that one when the process ends, however it ends. So a run needs one lock, not one for each source, and the claims of a
//! run that was killed are in nobody's way: the next run to start takes them back.

use crate::store::Tables;
use cm_store::{Error, Lock, Tx};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Runs over one store at a time.
const MOST_RUNS: i64 = 1000;

/// A run that claims sources; its lock is held until it ends.
#[derive(Debug)]
pub(crate) struct Run {
    /// By what its claims are known, one of those that no other run has now.
    pub(crate) number: i64,
    lock: Mutex<Option<Lock>>,
    /// Claimed, and not read after all.
    released: Mutex<Vec<String>>,
}

/// A source that is this run's; dropping it gives the source back with the next transaction.
#[derive(Debug)]
pub(crate) struct Claim {
    source: String,
    run: Arc<Run>,
    committed: bool,
}

impl Claim {
    pub(crate) fn new(source: &str, run: &Arc<Run>) -> Claim {
        Claim { source: source.to_owned(), run: Arc::clone(run), committed: false }
    }

    /// The run that it is of.
    pub(crate) fn run(&self) -> i64 {
        self.run.number
    }

    /// The transaction that committed the source has given it back.
    pub(crate) fn committed(mut self) {
        self.committed = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.committed {
            locked(&self.run.released).push(std::mem::take(&mut self.source));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn job(number: i64) -> String {
    format!("fetch-run-{number}")
}

impl Run {
    /// Begins a run, and takes back what runs have claimed that are no more.
    pub(crate) fn begin(tables: &Tables) -> Result<Arc<Run>, Error> {
        let mut free = (1..=MOST_RUNS)
            .filter_map(|number| tables.lock(&job(number)).map(|lock| Some((number, lock?))).transpose());
        let (number, lock) =
            free.next().ok_or_else(|| Error::Engine("too many runs at a time".to_owned()))??;
        let claiming = tables.store.read(|tx| {
            let rows = tx.query("SELECT DISTINCT run FROM fetch_claims", &[])?;
            rows.iter().map(|row| row.need_int(0)).collect::<Result<Vec<i64>, Error>>()
        })?;
        for other in claiming {
            // Held while its claims go, so that nobody begins under this number meanwhile.
            let held = if other == number { None } else { tables.lock(&job(other))? };
            if other == number || held.is_some() {
                tables.unclaim_all(other)?;
            }
        }
        Ok(Arc::new(Run { number, lock: Mutex::new(Some(lock)), released: Mutex::default() }))
    }

    /// Ends the run: what it has not read is anybody's again.
    pub(crate) fn end(&self, tables: &Tables) -> Result<(), Error> {
        tables.unclaim_all(self.number)?;
        drop(locked(&self.lock).take());
        Ok(())
    }

    /// Gives back what is not read after all.
    pub(crate) fn give_back(&self, tables: &Tables) -> Result<(), Error> {
        let (released, run) = (self.released(), self.number);
        if released.is_empty() {
            return Ok(());
        }
        tables.store.write(move |tx| released.iter().try_for_each(|source| unclaim(tx, source, run)))
    }

    /// What was given back since it was asked last.
    pub(crate) fn released(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.released))
    }
}

impl Tables {
    fn unclaim_all(&self, run: i64) -> Result<(), Error> {
        let sql = "DELETE FROM fetch_claims WHERE run = ?1";
        let any = self.store.read(move |tx| {
            let rows = tx.query("SELECT 1 FROM fetch_claims WHERE run = ?1 LIMIT 1", &[run.into()])?;
            Ok::<_, Error>(!rows.is_empty())
        })?;
        if any { self.store.write(move |tx| tx.execute(sql, &[run.into()])).map(drop) } else { Ok(()) }
    }
}

/// Claims a source, unless another run has it.
pub(crate) fn claim(tx: &mut dyn Tx, source: &str, run: i64) -> Result<bool, Error> {
    let sql = "INSERT INTO fetch_claims (source, run) VALUES (?1, ?2) ON CONFLICT (source) DO NOTHING";
    Ok(tx.execute(sql, &[source.into(), run.into()])? > 0)
}

/// Gives a source back.
pub(crate) fn unclaim(tx: &mut dyn Tx, source: &str, run: i64) -> Result<(), Error> {
    let sql = "DELETE FROM fetch_claims WHERE source = ?1 AND run = ?2";
    tx.execute(sql, &[source.into(), run.into()]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::STEPS;
    use cm_store::{Mode, Store};

    fn tables() -> (tempfile::TempDir, Tables) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("cm.db").display().to_string(), Mode::Write).unwrap();
        store.migrate("cm-fetch", STEPS).unwrap();
        (dir, Tables { store })
    }

    fn take(tables: &Tables, run: &Arc<Run>, source: &str) -> bool {
        let (number, source) = (run.number, source.to_owned());
        tables.store.write(move |tx| claim(tx, &source, number)).unwrap()
    }

    #[test]
    fn a_source_is_one_run_s_until_it_is_given_back() {
        let (dir, tables) = tables();
        let (first, second) = (Run::begin(&tables).unwrap(), Run::begin(&tables).unwrap());
        assert_ne!(first.number, second.number);
        assert!(take(&tables, &first, "a") && take(&tables, &second, "b"));
        assert!(!take(&tables, &second, "a") && !take(&tables, &first, "a"));
        drop(Claim::new("a", &first));
        Claim::new("b", &second).committed();
        assert_eq!((first.released(), second.released()), (vec!["a".to_owned()], vec![]));
        first.end(&tables).unwrap();
        assert!(take(&tables, &second, "a"));
        second.end(&tables).unwrap();
        let left = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name());
        assert!(left.into_iter().all(|name| !name.to_string_lossy().ends_with(".lock")));
    }

    #[test]
    fn what_a_dead_run_has_claimed_is_free_for_the_next() {
        let (_dir, tables) = tables();
        let (alive, killed) = (Run::begin(&tables).unwrap(), Run::begin(&tables).unwrap());
        assert!(take(&tables, &alive, "a") && take(&tables, &killed, "b"));
        // Its lock goes with the process; its rows stay.
        drop(locked(&killed.lock).take());
        let next = Run::begin(&tables).unwrap();
        assert_eq!(next.number, killed.number);
        assert!(take(&tables, &next, "b"), "a dead run's claim is in the way");
        assert!(!take(&tables, &next, "a"), "a living run lost its claim");
    }
}
