//! The durable store: open, migrate, transact, claim. It knows SQL, not what the tables mean.
//! In: a store URL and SQL in the dialect that SQLite and PostgreSQL share. Out: rows.
//!
//! SQL here is written once for both: `?1` parameters, `UPDATE ... RETURNING`, `ON CONFLICT`, partial indexes,
//! `now_ms()`; times are INTEGER milliseconds since 1970 UTC; truth is 0 or 1; no AUTOINCREMENT.

mod address;
mod error;
mod kept;
mod lock;
mod migrate;
mod private;
mod sqlite;
mod store;
mod value;
mod worker;

pub use error::Error;
pub use lock::Lock;
pub use migrate::Migration;
pub use store::{Mode, Store};
pub use value::{Bound, Row, Tx, Value};
