//! The store as its users meet it: files and modes, migrations, many writers, readers that do not wait, kill -9.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use cm_store::{Error, Migration, Mode, Store, Tx};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const ONE: &[Migration] =
    &[Migration { version: 1, sql: "CREATE TABLE pair (a INTEGER PRIMARY KEY, b INTEGER NOT NULL)" }];
const TWO: &[Migration] = &[
    Migration { version: 1, sql: "CREATE TABLE pair (a INTEGER PRIMARY KEY, b INTEGER NOT NULL)" },
    Migration {
        version: 2,
        sql: "ALTER TABLE pair ADD COLUMN c TEXT; CREATE VIEW pairs_v1 AS SELECT a, b FROM pair",
    },
];

fn open(path: &Path) -> Store {
    let store = Store::open(&format!("sqlite:{}", path.display()), Mode::Write).unwrap();
    store.migrate("cm-test", ONE).unwrap();
    store
}

fn refused(path: &Path, mode: Mode) -> String {
    let error = Store::open(&path.display().to_string(), mode).unwrap_err();
    assert!(matches!(error, Error::Open(_)), "{error:?}");
    let line = error.to_string();
    assert!(!line.contains('\n') && line.contains(&path.display().to_string()), "{line}");
    line
}

fn count(tx: &mut dyn Tx) -> Result<i64, Error> {
    tx.query("SELECT count(*) FROM pair", &[])?[0].need_int(0)
}

#[test]
fn values_come_back_as_they_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("cm.db"));
    let row = store
        .read(|tx| {
            let values =
                [1.into(), 2.5.into(), "é".into(), vec![0u8, 255].into(), None::<i64>.into(), true.into()];
            Ok::<_, Error>(tx.query("SELECT ?1, ?2, ?3, ?4, ?5, ?6", &values)?.remove(0))
        })
        .unwrap();
    assert_eq!(
        (row.need_int(0).unwrap(), row.real(0).unwrap(), row.real(1).unwrap()),
        (1, Some(1.0), Some(2.5))
    );
    assert_eq!((row.need_text(2).unwrap().as_str(), row.blob(3).unwrap().unwrap()), ("é", vec![0, 255]));
    assert_eq!((row.int(4).unwrap(), row.text(4).unwrap(), row.need_int(5).unwrap()), (None, None, 1));
    assert!(row.need_int(4).is_err() && row.int(2).is_err() && row.text(0).is_err() && row.blob(2).is_err());
}

#[test]
fn now_ms_is_the_same_clock_in_sql_and_in_code() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("cm.db"));
    let (before, sql, after) = store
        .read(|tx| {
            Ok::<_, Error>((tx.now_ms()?, tx.query("SELECT now_ms()", &[])?[0].need_int(0)?, tx.now_ms()?))
        })
        .unwrap();
    assert!(before <= sql && sql <= after && before > 1_600_000_000_000);
}

#[cfg(unix)]
#[test]
fn a_new_store_is_its_owners_alone() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/er/cm.db");
    let _store = open(&path);
    let mode = |p: &Path| std::fs::metadata(p).unwrap().mode() & 0o777;
    for end in ["", "-wal", "-shm"] {
        assert_eq!(mode(Path::new(&format!("{}{end}", path.display()))), 0o600, "{end}");
    }
    assert_eq!((mode(path.parent().unwrap()), mode(&dir.path().join("deep"))), (0o700, 0o700));
}

#[test]
fn what_is_no_store_is_refused_in_one_line_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    for content in ["hello\n".to_owned(), "a long text ".repeat(1000)] {
        std::fs::write(&text, &content).unwrap();
        assert!(refused(&text, Mode::Write).contains("not a store"));
        assert!(refused(&text, Mode::Read).contains("not a store"));
        assert_eq!(std::fs::read_to_string(&text).unwrap(), content);
    }
    assert!(refused(dir.path(), Mode::Write).contains("folder"));
    let empty = dir.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    assert!(refused(&empty, Mode::Read).contains("no store"));
    assert!(refused(&dir.path().join("none.db"), Mode::Read).contains("no store"));
    assert!(!dir.path().join("none.db").exists());
    refused(&text.join("cm.db"), Mode::Write);

    let foreign = dir.path().join("other.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = std::fs::read(&foreign).unwrap();
    assert!(refused(&foreign, Mode::Write).contains("not a store"));
    assert!(refused(&foreign, Mode::Read).contains("not a store"));
    assert_eq!(std::fs::read(&foreign).unwrap(), before);
}

#[test]
fn migrations_run_once_and_newer_stores_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cm.db");
    let store = open(&path);
    store.write(|tx| tx.execute("INSERT INTO pair VALUES (1, 2)", &[])).unwrap();
    store.migrate("cm-test", TWO).unwrap();
    store.migrate("cm-test", TWO).unwrap();
    assert!(store.has_table("pairs_v1").unwrap() && !store.has_table("other").unwrap());
    assert_eq!(store.read(count).unwrap(), 1);
    let newer = store.migrate("cm-test", ONE).unwrap_err();
    assert!(matches!(newer, Error::Newer { found: 2, known: 1, .. }), "{newer}");
    let reader = Store::open(&path.display().to_string(), Mode::Read).unwrap();
    reader.migrate("cm-test", TWO).unwrap();
    assert!(reader.migrate("cm-other", ONE).unwrap_err().to_string().contains("run cm-other"));
    assert!(reader.write(|tx| tx.execute("DELETE FROM pair", &[])).is_err());
}

#[test]
fn a_step_that_fails_leaves_nothing_of_itself() {
    const BROKEN: &[Migration] = &[Migration { version: 1, sql: "CREATE TABLE half (x INTEGER); NONSENSE" }];
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("cm.db"));
    assert!(store.migrate("cm-broken", BROKEN).is_err());
    assert!(!store.has_table("half").unwrap());
}

#[test]
fn an_error_or_a_panic_in_a_closure_rolls_back_and_reaches_the_caller() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("cm.db"));
    let failed = store.write(|tx| {
        tx.execute("INSERT INTO pair VALUES (1, 1)", &[])?;
        Err::<(), Error>(Error::Engine("mine".into()))
    });
    assert_eq!(failed.unwrap_err().to_string(), "mine");
    let panicking = store.clone();
    let panicked = std::thread::spawn(move || {
        panicking.write(|tx| -> Result<(), Error> {
            tx.execute("INSERT INTO pair VALUES (2, 2)", &[])?;
            panic!("in the closure")
        })
    });
    assert!(panicked.join().is_err());
    assert_eq!(store.read(count).unwrap(), 0);
    let nested = store.clone();
    let inside = store.write(move |_| Ok::<_, Error>(nested.write(count).is_err())).unwrap();
    assert!(inside, "a transaction inside another is refused, not waited for");
}

#[test]
fn a_reader_sees_one_snapshot_and_does_not_wait_for_a_writer() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cm.db");
    let store = open(&path);
    let (entered, writing) = mpsc::channel();
    let (finish, finished) = mpsc::channel::<()>();
    let writer = store.clone();
    let thread = std::thread::spawn(move || {
        writer.write(move |tx| {
            tx.execute("INSERT INTO pair VALUES (1, 1)", &[])?;
            let _ = entered.send(());
            let _ = finished.recv();
            Ok::<_, Error>(())
        })
    });
    writing.recv().unwrap();
    // The writer is inside its transaction until we say so: both would hang here if reads waited.
    assert_eq!(store.read(count).unwrap(), 0);
    let other = Store::open(&path.display().to_string(), Mode::Read).unwrap();
    assert_eq!(other.read(count).unwrap(), 0);
    finish.send(()).unwrap();
    thread.join().unwrap().unwrap();
    assert_eq!(other.read(count).unwrap(), 1);
}

#[test]
fn the_last_handle_may_die_in_its_own_closure() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("cm.db"));
    let (mut inner, (dropped, gate)) = (Some(store.clone()), mpsc::channel::<()>());
    let caller = std::thread::spawn(move || {
        store.read(move |tx| {
            drop(inner.take());
            let _ = dropped.send(());
            count(tx)
        })
    });
    gate.recv().unwrap();
    assert_eq!(caller.join().unwrap().unwrap(), 0);
}

/// Runs this test binary again as another process that runs only `role`.
fn process(role: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", role, "--nocapture", "--test-threads=1"])
        .env("CM_STORE_TEST", path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn role_path() -> Option<std::path::PathBuf> {
    std::env::var_os("CM_STORE_TEST").map(Into::into)
}

#[test]
#[ignore = "the other process of the tests below"]
fn role_writer() {
    let Some(path) = role_path() else { return };
    let store = open(&path);
    for _ in 0..60 {
        store
            .write(|tx| {
                let n = tx.query("SELECT coalesce(max(a), 0) + 1 FROM pair", &[])?[0].need_int(0)?;
                tx.execute("INSERT INTO pair VALUES (?1, 0)", &[n.into()])?;
                tx.execute("UPDATE pair SET b = ?1 WHERE a = ?1", &[n.into()])
            })
            .unwrap();
    }
}

#[test]
fn several_processes_and_threads_write_at_once_and_none_is_turned_away() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cm.db");
    // All of them also make the file and its tables at once.
    let children: Vec<Child> = (0..4).map(|_| process("role_writer", &path)).collect();
    for mut child in children {
        let out =
            BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).collect::<Vec<_>>();
        assert!(child.wait().unwrap().success(), "{out:?}");
    }
    let store = open(&path);
    let good = "SELECT count(*), max(a), sum(a = b) FROM pair";
    let row = store.read(move |tx| Ok::<_, Error>(tx.query(good, &[])?.remove(0))).unwrap();
    assert_eq!([row.need_int(0), row.need_int(1), row.need_int(2)].map(Result::unwrap), [240, 240, 240]);
}

#[test]
#[ignore = "the other process of the test below"]
fn role_endless() {
    let Some(path) = role_path() else { return };
    let store = open(&path);
    let _held = store.lock("job", Duration::from_secs(60)).unwrap().unwrap();
    loop {
        let n = store
            .write(|tx| {
                let n = tx.query("SELECT coalesce(max(a), 0) + 1 FROM pair", &[])?[0].need_int(0)?;
                tx.execute("INSERT INTO pair VALUES (?1, 0)", &[n.into()])?;
                tx.execute("UPDATE pair SET b = ?1 WHERE a = ?1", &[n.into()])?;
                Ok::<_, Error>(n)
            })
            .unwrap();
        println!("\ncommitted {n}");
    }
}

#[test]
fn killed_at_any_instant_nothing_committed_is_lost_and_nothing_is_half() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cm.db");
    for round in 1..=5 {
        let mut child = process("role_endless", &path);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut acknowledged =
            lines.by_ref().filter_map(|line| line.strip_prefix("committed ")?.parse::<i64>().ok());
        let mut last = acknowledged.by_ref().nth(round * 3).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        last = acknowledged.last().unwrap_or(last);
        let store = open(&path);
        assert!(
            store.lock("job", Duration::ZERO).unwrap().is_some(),
            "the kernel let go of the dead one's lock"
        );
        let row = store
            .read(|tx| {
                Ok::<_, Error>(tx.query("SELECT max(a), count(*), sum(a = b) FROM pair", &[])?.remove(0))
            })
            .unwrap();
        let [max, rows, whole] = [row.need_int(0), row.need_int(1), row.need_int(2)].map(Result::unwrap);
        assert!(
            max >= last && rows == max && whole == rows,
            "last {last}, max {max}, rows {rows}, whole {whole}"
        );
    }
}
