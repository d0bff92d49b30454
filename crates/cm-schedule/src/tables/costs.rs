//! What is asked at every run costs the same however many posts there were: no statement reads the whole table. In: the
//! statements, on the way to the database. Out: a panic with the plan of the first that does.

use super::*;
use chrono::TimeDelta;

/// A transaction that looks at the plan of every statement before it is run.
struct Planned<'a>(&'a mut dyn Tx);

/// The indexes that hold no more than what is not settled.
const SMALL: [&str; 2] = ["USING INDEX schedule_post_open", "USING INDEX schedule_post_unsettled"];

impl Planned<'_> {
    fn look(&mut self, sql: &str, values: &[Value]) {
        for step in self.0.query(&format!("EXPLAIN QUERY PLAN {sql}"), values).unwrap() {
            let step = step.need_text(3).unwrap();
            // An account is most of the table where there is one; its posts from some instant on are few.
            let whole = step.starts_with("SCAN schedule_post") || step.starts_with("SCAN schedule_audit");
            let account = step.ends_with("(account=?)") && step.contains(" schedule_post ");
            assert!(!(whole || account) || SMALL.iter().any(|index| step.contains(index)), "{step}: {sql}");
        }
    }
}

impl Tx for Planned<'_> {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Error> {
        self.look(sql, values);
        self.0.execute(sql, values)
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        self.look(sql, values);
        self.0.query(sql, values)
    }

    fn now_ms(&mut self) -> Result<i64, Error> {
        self.0.now_ms()
    }
}

#[test]
fn no_run_reads_the_whole_history() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("cm.db").display().to_string(), Mode::Write).unwrap();
    store.migrate(OWNER, MIGRATIONS).unwrap();
    let work = |tx: &mut dyn Tx| {
        let tx: &mut dyn Tx = &mut Planned(tx);
        let now = time(1_800_000_000_000);
        let by = By { actor: "test".into(), at: now };
        let grace = TimeDelta::hours(2);
        // Every minute, by cron.
        beat(tx, now)?;
        crate::publish::retime(tx, &by)?;
        miss(tx, grace, &by)?;
        lift_guarded(tx)?;
        ready(tx, now)?;
        would_go(tx, now, grace)?;
        next_due(tx, now)?;
        // For a post.
        claim(tx, "p", now, 1)?;
        hindrance(tx, "p", now)?;
        renew(tx, "p", 1, 1)?;
        defer(tx, "p", now)?;
        taken(tx, "file:a", now)?;
        of_record(tx, "r")?;
        by_digits(tx, "abcd")?;
        audit(tx, &by, "p", None, PostState::Queued, None)?;
        trail(tx, "p")?;
        // For people.
        count_queued(tx, "file:a")?;
        last_published(tx, "file:a", now)?;
        let open =
            [PostState::Queued, PostState::Sending, PostState::Unsure, PostState::Missed, PostState::Failed];
        due_in(tx, &open, &Range { since: now, until: now, account: String::new(), limit: 9 })?;
        published_records(tx, &Range { since: now, until: now, account: String::new(), limit: 9 })?;
        Ok::<_, Error>(())
    };
    store.write(work).unwrap();
}
