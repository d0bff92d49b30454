//! The tables of this tool, as the steps that lead to them. A step that was released is never changed.

use cm_store::Migration;

/// One after another.
pub(crate) const STEPS: &[Migration] = &[
    Migration {
    version: 1,
    sql: "
    CREATE TABLE fetch_sources (
        source TEXT PRIMARY KEY, name TEXT NOT NULL, feed_url TEXT, etag TEXT, last_modified TEXT,
        moved_to TEXT, moved_seen INTEGER NOT NULL, next_ms INTEGER, tried_ms INTEGER, last_ok_ms INTEGER,
        failing_since_ms INTEGER, failures INTEGER NOT NULL, class TEXT, error TEXT, items INTEGER NOT NULL);
    CREATE TABLE fetch_seen (
        source TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, present_ms INTEGER NOT NULL,
        PRIMARY KEY (source, key));
    CREATE TABLE fetch_hosts (
        host TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, failures INTEGER NOT NULL, error TEXT NOT NULL);
    CREATE TABLE fetch_pending (
        source TEXT NOT NULL, archive TEXT NOT NULL, file TEXT NOT NULL, start INTEGER NOT NULL,
        PRIMARY KEY (source, archive));
    CREATE TABLE fetch_readers (
        name TEXT NOT NULL, archive TEXT NOT NULL, file TEXT NOT NULL, start INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (name, archive));
    CREATE VIEW report_sources_v1 AS
        SELECT source, name,
               CASE WHEN class = 'gone' THEN 'gone' WHEN failing_since_ms IS NOT NULL THEN 'failing'
                    WHEN last_ok_ms IS NULL THEN 'new' ELSE 'ok' END AS state,
               last_ok_ms, failing_since_ms, error, items
        FROM fetch_sources;",
},
    Migration {
        version: 2,
        sql: "
    ALTER TABLE fetch_sources ADD COLUMN mark TEXT;
    ALTER TABLE fetch_sources ADD COLUMN reach_ms INTEGER;
    ALTER TABLE fetch_hosts ADD COLUMN settings TEXT;",
    },
    Migration { version: 3, sql: "ALTER TABLE fetch_sources ADD COLUMN address TEXT" },
    Migration { version: 4, sql: "ALTER TABLE fetch_sources ADD COLUMN settings TEXT" },
    Migration {
        version: 5,
        sql: "CREATE TABLE fetch_claims (source TEXT PRIMARY KEY, run INTEGER NOT NULL) WITHOUT ROWID",
    },
    Migration {
        version: 6,
        sql: "
    ALTER TABLE fetch_sources ADD COLUMN ids TEXT;
    ALTER TABLE fetch_sources ADD COLUMN renamed INTEGER;
    ALTER TABLE fetch_sources ADD COLUMN told_ms INTEGER;",
    },
    Migration {
        version: 7,
        sql: "
    ALTER TABLE fetch_sources ADD COLUMN said TEXT;
    ALTER TABLE fetch_sources ADD COLUMN why TEXT;
    ALTER TABLE fetch_sources ADD COLUMN whole_ms INTEGER;
    ALTER TABLE fetch_sources ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE fetch_sources ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE fetch_sources ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE fetch_hosts ADD COLUMN at_ms INTEGER;
    CREATE TABLE fetch_turns (host TEXT PRIMARY KEY, asked_ms INTEGER NOT NULL);",
    },
    Migration {
        version: 8,
        sql: "
    CREATE TABLE fetch_hubs (source TEXT PRIMARY KEY, hub TEXT NOT NULL, topic TEXT NOT NULL);
    CREATE TABLE fetch_pushes (
        source TEXT PRIMARY KEY, hub TEXT NOT NULL, topic TEXT NOT NULL, token TEXT NOT NULL UNIQUE, secret TEXT,
        until_ms INTEGER, next_ms INTEGER, tries INTEGER NOT NULL, pushed_ms INTEGER, error TEXT,
        leaving INTEGER NOT NULL);",
    },
    // Each source that is met for the first time is looked up by them: without, each looks through all others.
    Migration {
        version: 9,
        sql: "
    CREATE INDEX fetch_sources_moved ON fetch_sources (moved_to) WHERE moved_to IS NOT NULL;
    CREATE INDEX fetch_sources_feed ON fetch_sources (feed_url) WHERE feed_url IS NOT NULL;",
    },
    // Of what came before, nobody knows whether changes were asked for.
    Migration {
        version: 10,
        sql: "
    ALTER TABLE fetch_sources ADD COLUMN waits_since_ms INTEGER;
    ALTER TABLE fetch_sources ADD COLUMN unlooked INTEGER NOT NULL DEFAULT 1;",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commit::Change;
    use crate::store::{Cooling, State, Tables};
    use chrono::DateTime;
    use cm_store::{Mode, Store};

    /// What is asked for each source of a run must not look through all sources, or all that was ever seen.
    #[test]
    fn nothing_asked_of_one_source_looks_through_a_whole_table() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("cm.db").display().to_string(), Mode::Write).unwrap();
        store.migrate("cm-fetch", STEPS).unwrap();
        let statements = [
            crate::store::FORMER.to_owned(),
            crate::store::SEEN.to_owned(),
            crate::store::HOST.to_owned(),
            format!("SELECT {} FROM fetch_sources WHERE source = ?1", crate::store::COLUMNS),
            "SELECT file, start FROM fetch_pending WHERE source = ?1 AND archive = ?2".to_owned(),
            "DELETE FROM fetch_pending WHERE source = ?1 AND archive = ?2".to_owned(),
            "DELETE FROM fetch_claims WHERE source = ?1 AND run = ?2".to_owned(),
            crate::commit::FORGET.to_owned(),
        ];
        for sql in statements {
            let explained = format!("EXPLAIN QUERY PLAN {sql}");
            let plan = store.read(move |tx| {
                let values = ["a".into(), "b".into()];
                let count = if explained.contains("?2") { 2 } else { 1 };
                let rows = tx.query(&explained, &values[..count])?;
                rows.iter().map(|row| row.need_text(3)).collect::<Result<Vec<String>, cm_store::Error>>()
            });
            let plan = plan.unwrap();
            assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{sql}: {plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{sql}: {plan:?}");
        }
    }

    #[test]
    fn a_store_of_the_first_version_keeps_what_it_knows_and_takes_what_is_new() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("cm.db").display().to_string(), Mode::Write).unwrap();
        store.migrate("cm-fetch", &STEPS[..1]).unwrap();
        let old = "INSERT INTO fetch_sources (source, name, moved_seen, failures, items, etag) VALUES ('a', 'n', 0, 0, 7, 'e')";
        let write = store.write(move |tx| {
            tx.execute(old, &[])?;
            tx.execute(
                "INSERT INTO fetch_hosts (host, until_ms, failures, error) VALUES ('h', 1, 2, 'x')",
                &[],
            )
        });
        write.unwrap();
        store.migrate("cm-fetch", STEPS).unwrap();
        let tables = Tables { store };
        let state = tables.sources().unwrap().remove("a").unwrap();
        assert_eq!((state.items, state.mark, state.reach, state.address), (7, None, None, None));
        assert!(state.settings.is_none() && state.unlooked, "changes may wait in what came before");
        assert_eq!(state.validators.etag.as_deref(), Some("e"));
        assert_eq!(tables.host("h").unwrap().unwrap().settings, None);

        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let address = Some("blog.example".into());
        let state = State {
            mark: Some("m".into()),
            reach: Some(now),
            address,
            settings: Some("abcde".into()),
            why: vec![crate::interval::Reason::new(crate::manners::Rule::Ttl, "ttl 60 min", now)],
            asked: 3,
            unchanged: 2,
            bytes: 1,
            whole: Some(now),
            waits_since: Some(now),
            unlooked: true,
            ..State::default()
        };
        let refused = Cooling {
            until: now,
            settings: Some("abcde".into()),
            at: Some(now),
            whose: "account wordpress:blog".into(),
            ..Cooling::default()
        };
        let seen = |status: &str| vec![("id".to_owned(), status.to_owned())];
        let change = Change {
            hub: None,
            key: "wordpress:blog/held".into(),
            state: state.clone(),
            seen: seen("hash"),
            standing: Some(("wordpress:blog".into(), seen("held"))),
            hosts: vec![("h".into(), None), ("account wordpress:blog".into(), Some(refused.clone()))],
            turn: Some("h".into()),
            settled: true,
            run: None,
            replaced: Vec::new(),
        };
        tables.commit(None, vec![change], now).unwrap();
        assert_eq!(tables.sources().unwrap()["wordpress:blog/held"], state);
        assert_eq!(
            (tables.host("h").unwrap(), tables.host("account wordpress:blog").unwrap()),
            (None, Some(refused))
        );
        assert_eq!(tables.seen("wordpress:blog").unwrap()["id"], "held");
        assert_eq!(tables.seen("wordpress:blog/held").unwrap()["id"], "hash");
    }
}
