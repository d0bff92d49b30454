//! Whether a server runs, as the store knows it: one that was killed leaves its mark for the next.

use super::{Tables, links};
use cm_store::{Error, Tx};

const SERVING: &str = "serving";
const UNCLEAN: &str = "unclean";

impl Tables {
    /// A server begins at an instant. Out: when the one before began, if that never ended in order; it is counted.
    pub fn begin_serving(&self, at_ms: i64) -> Result<Option<i64>, Error> {
        self.store.write(move |tx| {
            let before = links::state(tx, SERVING)?;
            set(tx, SERVING, at_ms)?;
            if before == 0 {
                return Ok(None);
            }
            let times = links::state(tx, UNCLEAN)? + 1;
            set(tx, UNCLEAN, times)?;
            Ok(Some(before))
        })
    }

    /// It ended in order: all its clicks are logged or counted as dropped.
    pub fn end_serving(&self) -> Result<(), Error> {
        self.store.write(|tx| set(tx, SERVING, 0))
    }

    /// How many servers did not end in order, as far as their successors know.
    pub fn unclean_ends(&self) -> Result<i64, Error> {
        self.store.read(|tx| links::state(tx, UNCLEAN))
    }
}

fn set(tx: &mut dyn Tx, name: &str, value: i64) -> Result<(), Error> {
    let sql = "INSERT INTO shorten_state (name, value) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[name.into(), value.into()]).map(drop)
}
