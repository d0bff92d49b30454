//! A report by the sums of clicks tells the same as one by the clicks, whether these are still there or were deleted.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod sample;

use cm_store::{Mode, Store};
use sample::{DAY, Dice, NOW, NOW_MS};
use serde_json::Value;
use std::fmt::Write;
use std::process::Command;
use tempfile::TempDir;

const LOG: &str = "CREATE TABLE log (seq INTEGER PRIMARY KEY, at_ms INTEGER, code TEXT, class TEXT, family TEXT, source TEXT)";
const VIEW: &str = "CREATE VIEW report_clicks_v1 AS SELECT at_ms, code, class, family, source FROM log";

/// What cm-shorten publishes of its sums, made of the log up to a click.
fn sums(rolled: i64) -> Vec<String> {
    let by_class =
        "SUM(class = 'human') AS human, SUM(class = 'preview') AS preview, SUM(class = 'bot') AS bot";
    let by = |unit: i64, name: &str| {
        let begin = format!("at_ms / {unit} * {unit}");
        format!(
            "CREATE TABLE {name} AS SELECT code, {begin} AS begin_ms, {by_class} FROM log WHERE seq <= {rolled}
             GROUP BY code, {begin} UNION ALL SELECT '', {begin}, {by_class} FROM log WHERE seq <= {rolled} GROUP BY {begin}"
        )
    };
    vec![
        by(900_000, "report_click_quarters_v1"),
        by(DAY, "report_click_days_v1"),
        format!(
            "CREATE TABLE report_click_sources_v1 AS SELECT at_ms / {DAY} * {DAY} AS begin_ms, family, source, COUNT(*) AS human
             FROM log WHERE seq <= {rolled} AND class = 'human' GROUP BY 1, 2, 3"
        ),
        format!(
            "CREATE VIEW report_clicks_fresh_v1 AS SELECT at_ms, code, class, family, source FROM log WHERE seq > {rolled}"
        ),
        "CREATE TABLE report_clicks_kept_v1 (since_ms INTEGER)".to_owned(),
        "INSERT INTO report_clicks_kept_v1 VALUES (0)".to_owned(),
    ]
}

struct Room(TempDir);

impl Room {
    /// Eighty days of clicks, in order of time.
    fn new() -> Room {
        let room = Room(tempfile::tempdir().unwrap());
        let mut dice = Dice(5);
        let mut clicks = vec![LOG.to_owned(), VIEW.to_owned()];
        let mut file = String::new();
        for seq in 0..4_000 {
            let at = NOW_MS - 80 * DAY + seq * 80 * DAY / 4_000 / 1000 * 1000;
            let code = ["k7qmtd", "b2xwzr", "sale"][usize::try_from(dice.roll(3)).unwrap()];
            let class = ["human", "human", "human", "preview", "bot"][usize::try_from(dice.roll(5)).unwrap()];
            let (family, source) = [("social", "Mastodon"), ("search", "Google"), ("direct", "direct")]
                [usize::try_from(dice.roll(3)).unwrap()];
            clicks.push(format!(
                "INSERT INTO log VALUES ({seq}, {at}, '{code}', '{class}', '{family}', '{source}')"
            ));
            let time = chrono::DateTime::from_timestamp_millis(at).unwrap().to_rfc3339();
            let _ = writeln!(
                file,
                r#"{{"type":"click","at":"{time}","code":"{code}","class":"{class}","family":"{family}","source":"{source}"}}"#
            );
        }
        room.sql(&clicks);
        std::fs::write(room.0.path().join("clicks.jsonl"), file).unwrap();
        room
    }

    fn sql(&self, statements: &[String]) {
        let store =
            Store::open(&format!("sqlite:{}", self.0.path().join("cm.db").display()), Mode::Write).unwrap();
        let statements = statements.to_vec();
        store.write(move |tx| statements.iter().try_for_each(|sql| tx.execute(sql, &[]).map(drop))).unwrap();
    }

    /// The sections of a report as JSON.
    fn report(&self, zone: &str, args: &[&str]) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cm-report"));
        command.args(["--format", "json"]).args(args).current_dir(self.0.path()).env_clear();
        command
            .env("HOME", self.0.path())
            .env("CM_CLOCK", NOW)
            .env("CM_TIME_ZONE", zone)
            .env("CM_STORE", "cm.db");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["sections"].take()
    }

    fn reports(&self, zone: &str) -> Vec<Value> {
        let asked: [&[&str]; 5] = [
            &[],
            &["--period", "month"],
            &["--since", "2026-10-01", "--until", "2026-11-20"],
            &["--since", "2026-10-03T07:11:00Z"],
            &["--since", "2026-11-17T23:30:00Z", "--compare", "week"],
        ];
        asked.iter().map(|args| self.report(zone, args)).collect()
    }
}

/// Deletes the clicks of days before the last so many, as `keep_clicks` does.
fn forget(room: &Room, days: i64) {
    let kept = (NOW_MS - days * DAY) / DAY * DAY;
    room.sql(&[
        format!("UPDATE report_clicks_kept_v1 SET since_ms = {kept}"),
        format!("DELETE FROM log WHERE at_ms < {kept}"),
    ]);
}

#[test]
fn sums_and_clicks_never_differ() {
    let room = Room::new();
    let zones = ["UTC", "Asia/Kathmandu"];
    let by_log = zones.map(|zone| room.reports(zone));
    assert!(by_log[0][0]["links"]["metrics"]["clicks_people"]["value"].as_u64().unwrap() > 150);
    room.sql(&sums(3_900));
    for (zone, by_log) in zones.iter().zip(&by_log) {
        assert_eq!(&room.reports(zone), by_log, "{zone}");
    }
}

#[test]
fn deleted_clicks_are_told_by_their_sums() {
    let room = Room::new();
    let zones = ["UTC", "Asia/Kathmandu"];
    let by_log = zones.map(|zone| room.reports(zone));
    room.sql(&sums(3_900));
    forget(&room, 10);
    for (zone, by_log) in zones.iter().zip(&by_log) {
        for (by_sums, by_log) in room.reports(zone).iter().zip(by_log) {
            assert_eq!(by_sums["links"], by_log["links"], "{zone}");
        }
    }
    // Where the days of the period are those of UTC, all else is the same too.
    for at in [0, 1, 2] {
        assert_eq!(room.reports("UTC")[at], by_log[0][at], "{at}");
    }
}

#[test]
fn deleted_clicks_that_a_file_still_has_count_once() {
    let room = Room::new();
    std::fs::write(room.0.path().join("cm.toml"), "[report]\ninputs = [\"clicks.jsonl\"]\n").unwrap();
    let month = || room.report("UTC", &["--period", "month", "--config", "cm.toml"])["links"].take();
    let whole = month();
    room.sql(&sums(3_900));
    assert_eq!(month(), whole);
    forget(&room, 10);
    assert_eq!(month(), whole, "of the file");
    // A file of other days takes nothing away.
    let file = std::fs::read_to_string(room.0.path().join("clicks.jsonl")).unwrap();
    let last: String = file.lines().skip(3_700).map(|line| format!("{line}\n")).collect();
    std::fs::write(room.0.path().join("clicks.jsonl"), last).unwrap();
    assert_eq!(month(), whole, "of the sums");
}
