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
];
