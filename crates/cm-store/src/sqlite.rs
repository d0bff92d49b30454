//! SQLite behind the trait: WAL, synchronous=FULL, file mode 0600, a busy wait that never gives up early.

use crate::{Bound, Error, Mode, Row, Tx, Value, private};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Marks a file as ours ("CmSt"), so that somebody else's database is never taken for a store.
const APPLICATION_ID: i64 = 0x436d_5374;
/// How long one statement waits for another program's transaction before the whole attempt is begun anew.
const BUSY_WAIT: Duration = Duration::from_secs(30);
/// Pages that a writer holds in memory at most, KiB: an index that is written all over, such as that of clicks by link,
/// must not be read again for every transaction.
const CACHE_KIB: i64 = 16 << 10;
/// Pages of 4 KiB in the log before they are put in their places: one that changes with every transaction is put there once
/// for many.
const CHECKPOINT: i64 = 4096;
/// Attempts before a writer says that somebody holds the store: two minutes in all.
const ATTEMPTS: u32 = 4;

/// Opens the connection that writes; makes the file when it is not there.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, Error> {
    create(path)?;
    private::close(path);
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if connection.is_readonly("main").unwrap_or(false) {
        return Err(Error::Open(format!(
            "cannot write the store {}: check who owns it and its folder",
            path.display()
        )));
    }
    claim(&mut connection).map_err(|e| opening(path, e))??;
    patiently(|| {
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)
    })
    .map_err(|e| opening(path, e))?;
    Ok(connection)
}

/// Opens a connection that only reads, and therefore never waits for writers.
pub(crate) fn open_reader(path: &Path, mode: Mode) -> Result<Connection, Error> {
    if !path.exists() {
        return Err(absent(path));
    }
    let flags = match mode {
        Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Mode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let connection = connect(path, flags)?;
    let found = patiently(|| application_id(&connection)).map_err(|e| opening(path, e))?;
    if found != APPLICATION_ID {
        // An empty file is a store that somebody is just making, or was when the machine stopped.
        let empty = std::fs::metadata(path).is_ok_and(|file| file.len() == 0);
        return Err(if empty { absent(path) } else { foreign(path) });
    }
    connection.pragma_update(None, "query_only", true).map_err(|e| opening(path, e))?;
    Ok(connection)
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, Error> {
    if path.is_dir() {
        return Err(Error::Open(format!("the store {} is a folder: name a file in it", path.display())));
    }
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(|e| opening(path, e))?;
    let mut began = Instant::now();
    let wait = move |times: i32| {
        if times == 0 {
            began = Instant::now();
        }
        std::thread::sleep(Duration::from_millis(u64::try_from(times).unwrap_or(0).clamp(1, 20)));
        began.elapsed() < BUSY_WAIT
    };
    connection.busy_handler(Some(wait)).map_err(|e| opening(path, e))?;
    connection.set_prepared_statement_cache_capacity(128);
    let flags = FunctionFlags::SQLITE_UTF8;
    connection
        .create_scalar_function("now_ms", 0, flags, |_| Ok(machine_ms()))
        .map_err(|e| opening(path, e))?;
    Ok(connection)
}

/// Makes an empty file with mode 0600 in a folder with mode 0700: SQLite gives `-wal` and `-shm` the same mode.
fn create(path: &Path) -> Result<(), Error> {
    // Closing any descriptor of a file drops this process's POSIX locks on it (SQLite's among them), so nobody may
    // open the file between its creation here and the close.
    static CREATING: Mutex<()> = Mutex::new(());
    let _guard = CREATING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if path.exists() {
        return Ok(());
    }
    let failed = |e: std::io::Error| Error::Open(format!("cannot make the store {}: {e}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        create_folder(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(e)),
        _ => Ok(()),
    }
}

/// Makes a folder and those above it, mode 0700. SQLite sees to it that the store's name is on the disk; that the names of
/// its new folders are is up to us, as far as the folders above let us.
fn create_folder(folder: &Path) -> std::io::Result<()> {
    let made: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    for above in made.iter().filter_map(|folder| folder.parent()) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        let _ = std::fs::File::open(above).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Marks an empty file as ours; refuses one that holds somebody else's tables. Outer error: the engine's.
fn claim(connection: &mut Connection) -> rusqlite::Result<Result<(), Error>> {
    if patiently(|| application_id(connection))? == APPLICATION_ID {
        return Ok(Ok(()));
    }
    let path = connection.path().unwrap_or_default().to_owned();
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (found, tables): (i64, i64) =
        (application_id(&tx)?, tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?);
    match (found, tables) {
        (APPLICATION_ID, _) => {}
        (0, 0) => tx.pragma_update(None, "application_id", APPLICATION_ID)?,
        _ => return Ok(Err(foreign(Path::new(&path)))),
    }
    tx.commit()?;
    Ok(Ok(()))
}

fn application_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// Runs a step again while another program is in its way: some waits inside SQLite never ask the busy handler.
fn patiently<T>(mut step: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let began = Instant::now();
    loop {
        match step() {
            Err(e) if is_busy(&e) && began.elapsed() < BUSY_WAIT => {
                std::thread::sleep(Duration::from_millis(10))
            }
            result => return result,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Runs `work` in one transaction, again after a conflict; durable when this returns `Ok`.
pub(crate) fn transact<T, E: From<Error>>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    path: &Arc<str>,
    work: &mut dyn FnMut(&mut dyn Tx) -> Result<T, E>,
) -> Result<T, E> {
    let mut attempt = 1;
    loop {
        let mut conflict = false;
        let result = once(connection, behavior, path, &mut conflict, work);
        if result.is_ok() || !conflict || attempt == ATTEMPTS {
            return result;
        }
        attempt += 1;
    }
}

fn once<T, E: From<Error>>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    path: &Arc<str>,
    conflict: &mut bool,
    work: &mut dyn FnMut(&mut dyn Tx) -> Result<T, E>,
) -> Result<T, E> {
    let mut fail = |e: rusqlite::Error| {
        *conflict |= is_busy(&e);
        E::from(engine(path, &e))
    };
    let mut tx = SqliteTx {
        tx: connection.transaction_with_behavior(behavior).map_err(&mut fail)?,
        path,
        conflict: false,
    };
    let value = work(&mut tx);
    let (tx, inner) = (tx.tx, tx.conflict);
    let result = match value {
        Ok(value) => tx.commit().map(|()| value).map_err(fail),
        // The transaction is rolled back as it is dropped.
        Err(error) => Err(error),
    };
    *conflict |= inner;
    result
}

/// An open SQLite transaction.
struct SqliteTx<'a> {
    tx: Transaction<'a>,
    path: &'a Arc<str>,
    conflict: bool,
}

impl SqliteTx<'_> {
    fn failed(&mut self, error: &rusqlite::Error) -> Error {
        self.conflict |= is_busy(error);
        engine(self.path, error)
    }
}

impl Tx for SqliteTx<'_> {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Error> {
        let run = |tx: &Transaction<'_>| tx.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values));
        run(&self.tx).map(|rows| rows as u64).map_err(|e| self.failed(&e))
    }

    fn execute_each(&mut self, sql: &str, width: usize, values: &[Bound<'_>]) -> Result<u64, Error> {
        let run = |tx: &Transaction<'_>| {
            let mut statement = tx.prepare_cached(sql)?;
            let rows =
                values.chunks(width.max(1)).map(|row| statement.execute(rusqlite::params_from_iter(row)));
            rows.sum::<rusqlite::Result<usize>>()
        };
        run(&self.tx).map(|rows| rows as u64).map_err(|e| self.failed(&e))
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        query(&self.tx, sql, values).map_err(|e| self.failed(&e))
    }

    fn now_ms(&mut self) -> Result<i64, Error> {
        Ok(machine_ms())
    }
}

fn query(tx: &Transaction<'_>, sql: &str, values: &[Value]) -> rusqlite::Result<Vec<Row>> {
    let mut statement = tx.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(Row((0..columns)
            .map(|column| row.get_ref(column)?.try_into())
            .collect::<Result<_, _>>()?));
    }
    Ok(out)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(v) => ValueRef::Integer(*v),
            Value::Real(v) => ValueRef::Real(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Blob(v) => ValueRef::Blob(v),
        }))
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Bound::Null => ValueRef::Null,
            Bound::Int(v) => ValueRef::Integer(*v),
            Bound::Text(v) => ValueRef::Text(v.as_bytes()),
        }))
    }
}

impl TryFrom<ValueRef<'_>> for Value {
    type Error = rusqlite::Error;

    fn try_from(value: ValueRef<'_>) -> rusqlite::Result<Value> {
        Ok(match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(v) => Value::Int(v),
            ValueRef::Real(v) => Value::Real(v),
            ValueRef::Text(v) => {
                Value::Text(std::str::from_utf8(v).map_err(|e| rusqlite::Error::Utf8Error(0, e))?.to_owned())
            }
            ValueRef::Blob(v) => Value::Blob(v.to_owned()),
        })
    }
}

/// The machine's clock, which is the database's clock for SQLite.
fn machine_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn absent(path: &Path) -> Error {
    Error::Open(format!("there is no store at {}", path.display()))
}

fn foreign(path: &Path) -> Error {
    Error::Open(format!("{} is not a store of cm: name another file with --store", path.display()))
}

/// An engine's error while opening, told for a person.
fn opening(path: &Path, error: rusqlite::Error) -> Error {
    let shown = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => foreign(path),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            Error::Open(format!("cannot open the store {shown}: check who owns it and its folder"))
        }
        _ => match engine(&shown.to_string(), &error) {
            Error::Engine(why) => Error::Open(why),
            other => other,
        },
    }
}

/// An engine's error while working, told for a person.
pub(crate) fn engine(path: &str, error: &rusqlite::Error) -> Error {
    Error::Engine(match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("the store {path} is held by another program: end it, or try again later")
        }
        Some(ErrorCode::DiskFull) => format!("no room left on the disk of the store {path}"),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            format!("the store {path} is damaged: put back a copy of it")
        }
        Some(ErrorCode::ReadOnly) => {
            format!("cannot write the store {path}: check who owns it and its folder")
        }
        _ => format!("the store {path}: {error}"),
    })
}
