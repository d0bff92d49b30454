//! The inbox's tables: all of its SQL, in the dialect that cm-store describes. What it means is decided elsewhere.

mod evidence;
mod journal;
mod look;
mod rows;

pub use evidence::*;
pub use journal::*;
pub use look::*;
pub use rows::*;

use crate::args::Lane;
use crate::entry::Key;
use crate::reasons::Moment;
use anyhow::Result;
use cm_store::{Migration, Row};

/// The tables, step by step.
pub const MIGRATIONS: [Migration; 5] = [
    Migration { version: 1, sql: FIRST },
    Migration { version: 2, sql: MODERATION },
    Migration { version: 3, sql: CLAIMS },
    Migration { version: 4, sql: PRIVATE },
    Migration { version: 5, sql: ON_THE_WAY },
];

const FIRST: &str = "
CREATE TABLE inbox_items (
    source TEXT NOT NULL, id TEXT NOT NULL, number INTEGER, kind TEXT NOT NULL, lane TEXT NOT NULL,
    state TEXT NOT NULL, headline TEXT NOT NULL, url TEXT, author TEXT, author_key TEXT, thread TEXT,
    in_reply_to TEXT, own INTEGER NOT NULL, gone INTEGER NOT NULL, is_foreign INTEGER NOT NULL,
    published_ms INTEGER, fetched_ms INTEGER, taken_ms INTEGER NOT NULL, closed_ms INTEGER, later_ms INTEGER,
    drafted_ms INTEGER, answered_ms INTEGER, answered_by TEXT, searches TEXT NOT NULL, reasons TEXT NOT NULL,
    words TEXT NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (source, id)
);
CREATE INDEX inbox_items_number ON inbox_items (number, closed_ms) WHERE number IS NOT NULL;
CREATE INDEX inbox_items_id ON inbox_items (id);
CREATE INDEX inbox_items_state ON inbox_items (state);
CREATE INDEX inbox_items_thread ON inbox_items (thread) WHERE thread IS NOT NULL;
CREATE INDEX inbox_items_parent ON inbox_items (in_reply_to) WHERE in_reply_to IS NOT NULL;
CREATE INDEX inbox_items_answered_by ON inbox_items (answered_by) WHERE answered_by IS NOT NULL;
CREATE TABLE inbox_notes (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, source TEXT, id TEXT, text TEXT NOT NULL
);
CREATE INDEX inbox_notes_item ON inbox_notes (source, id);
CREATE TABLE inbox_journal (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, what TEXT NOT NULL, before TEXT NOT NULL);
CREATE VIEW report_items_v1 AS
    SELECT source, id, number, kind, lane, state, headline AS title, url, author, thread, in_reply_to, own,
           published_ms, taken_ms, answered_ms, answered_by, searches
    FROM inbox_items;
";

/// How an item stands where it is, what was done with it, and one comment met by two ways, which its page tells. The
/// report counts nothing that nobody sees; who was answered stays answered.
const MODERATION: &str = "
ALTER TABLE inbox_items ADD COLUMN status TEXT;
ALTER TABLE inbox_items ADD COLUMN action TEXT;
ALTER TABLE inbox_items ADD COLUMN acted_ms INTEGER;
CREATE INDEX inbox_items_url ON inbox_items (url) WHERE url IS NOT NULL;
DROP VIEW report_items_v1;
CREATE VIEW report_items_v1 AS
    SELECT source, id, number, kind, lane, state, headline AS title, url, author, thread, in_reply_to, own,
           published_ms, taken_ms, answered_ms, answered_by, searches
    FROM inbox_items WHERE gone = 0 OR (own = 0 AND answered_ms IS NOT NULL);
";

/// Every post that cm-schedule says answers an item: of two one may prove to be held, and one may be told of before its
/// item is here. The report counts none whose reply nobody sees. Of a busy thread only those are looked at who were answered.
const CLAIMS: &str = "
CREATE TABLE inbox_claims (id TEXT NOT NULL, post TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (id, post));
INSERT INTO inbox_claims (id, post, at_ms)
    SELECT id, answered_by, MIN(answered_ms) FROM inbox_items
    WHERE answered_by LIKE 'urn:cm:post:%' AND answered_ms IS NOT NULL GROUP BY id, answered_by;
DROP INDEX inbox_items_thread;
CREATE INDEX inbox_items_thread ON inbox_items (thread, own, author_key) WHERE thread IS NOT NULL;
CREATE VIEW report_unseen_replies_v1 AS
    SELECT in_reply_to, COALESCE(published_ms, taken_ms) AS published_ms FROM inbox_items
    WHERE own = 1 AND gone = 1 AND in_reply_to IS NOT NULL;
";

/// What was said to few people: its words are not for the report, which is shown around.
const PRIVATE: &str = r#"
ALTER TABLE inbox_items ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
UPDATE inbox_items SET private = 1
    WHERE kind = 'message' OR line LIKE '%"audience":"direct"%' OR line LIKE '%"audience":"followers"%';
DROP VIEW report_items_v1;
CREATE VIEW report_items_v1 AS
    SELECT source, id, number, kind, lane, state, CASE WHEN private = 0 THEN headline ELSE '(private)' END AS title, url,
           author, thread, in_reply_to, own, published_ms, taken_ms, answered_ms, answered_by, searches
    FROM inbox_items WHERE gone = 0 OR (own = 0 AND answered_ms IS NOT NULL);
"#;

/// Which draft was the last about an item, and until when it is known to be on its way out.
const ON_THE_WAY: &str = "
ALTER TABLE inbox_items ADD COLUMN draft TEXT;
ALTER TABLE inbox_items ADD COLUMN on_way_ms INTEGER;
CREATE INDEX inbox_items_draft ON inbox_items (draft) WHERE draft IS NOT NULL;
";

/// How long the number of an item that was closed is not given to another.
const NUMBER_REST_MS: i64 = 7 * 24 * 3_600_000;
/// The states in which an item may need someone.
const OPEN: &str = "state IN ('open', 'later', 'assigned')";
/// The columns of a `Standing`, in order.
const STANDING: &str = "source, id, number, kind, lane, state, headline, url, author, thread, in_reply_to, own, \
                        COALESCE(published_ms, taken_ms), closed_ms, later_ms, drafted_ms, answered_ms, reasons, \
                        status, action, acted_ms, on_way_ms";

/// An item as it stands in the inbox, without its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Which item.
    pub key: Key,
    /// At the prompt.
    pub number: Option<i64>,
    /// `comment`, `article` ...
    pub kind: String,
    /// Where it is listed.
    pub lane: Lane,
    /// `open` `later` `assigned` `answered` `done` `muted`; `open` too for what was put off until now.
    pub state: String,
    /// Its title or the start of its text.
    pub headline: String,
    /// Its page.
    pub url: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// The thread's first item.
    pub thread: Option<String>,
    /// The item it answers.
    pub in_reply_to: Option<String>,
    /// Ours.
    pub own: bool,
    /// When it was closed, milliseconds since 1970 UTC.
    pub closed_ms: Option<i64>,
    /// When it comes back, or came back.
    pub later_ms: Option<i64>,
    /// When we answered, by the evidence.
    pub answered_ms: Option<i64>,
    /// What its changing reasons are made from.
    pub moment: Moment,
    /// The reasons that do not change with time, a JSON array.
    pub reasons: String,
    /// How it stands where it is: `approved`, `held`, `spam`, `trash`, by what was fetched or done last.
    pub status: Option<String>,
    /// The last action that was drafted: `approve`, `spam`, `trash`, `like`, `boost`.
    pub action: Option<String>,
    /// When that went out; absent when nobody knows of it.
    pub acted_ms: Option<i64>,
}

impl Standing {
    fn of(row: &Row, now_ms: i64) -> Result<Standing> {
        let (state, later_ms) = (row.need_text(5)?, row.int(14)?);
        let back = state == "later" && later_ms.is_none_or(|at| at <= now_ms);
        Ok(Standing {
            key: Key { source: row.need_text(0)?, id: row.need_text(1)? },
            number: row.int(2)?,
            kind: row.need_text(3)?,
            lane: if row.need_text(4)? == "answer" { Lane::Answer } else { Lane::Read },
            state: if back { "open".to_owned() } else { state },
            headline: row.need_text(6)?,
            url: row.text(7)?,
            author: row.text(8)?,
            thread: row.text(9)?,
            in_reply_to: row.text(10)?,
            own: row.need_int(11)? != 0,
            closed_ms: row.int(13)?,
            later_ms,
            answered_ms: row.int(16)?,
            moment: Moment {
                now_ms,
                since_ms: row.need_int(12)?,
                later_ms: later_ms.filter(|_| back),
                drafted_ms: row.int(15)?,
                on_way_ms: row.int(21)?,
            },
            reasons: row.need_text(17)?,
            status: row.text(18)?,
            action: row.text(19)?,
            acted_ms: row.int(20)?,
        })
    }

    /// Whether it waits for somebody to approve it.
    pub fn is_held(&self) -> bool {
        self.status.as_deref() == Some("held")
    }

    /// Whether somebody has to look at it now.
    pub fn needs_someone(&self) -> bool {
        !self.own && matches!(self.state.as_str(), "open" | "assigned")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_store::{Mode, Store};

    #[test]
    fn an_inbox_of_the_first_version_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let store =
            Store::open(&format!("sqlite:{}", dir.path().join("cm.db").display()), Mode::Write).unwrap();
        store.migrate("cm-inbox", &MIGRATIONS[..1]).unwrap();
        let old = "INSERT INTO inbox_items (source, id, number, kind, lane, state, headline, own, gone, is_foreign, taken_ms,
                       searches, reasons, words, line)
                   VALUES ('wordpress:blog', 'q', 1, 'comment', 'answer', 'open', 'Hi', 0, 0, 0, 5, '[]', '[]', 'hi',
                           '{\"_cm\":{\"audience\":\"direct\"}}'),
                          ('wordpress:blog', 'x', 2, 'comment', 'answer', 'done', 'Pills', 0, 1, 0, 5, '[]', '[]', '', '{}')";
        store.write(|tx| tx.execute(old, &[])).unwrap();
        store.migrate("cm-inbox", &MIGRATIONS[..2]).unwrap();
        let claim = "UPDATE inbox_items SET answered_by = 'urn:cm:post:1', answered_ms = 4 WHERE id = 'q'";
        store.write(|tx| tx.execute(claim, &[])).unwrap();
        store.migrate("cm-inbox", &MIGRATIONS).unwrap();
        let claim = store.read(|tx| first_claim(tx, "q")).unwrap();
        assert_eq!(claim, Some(("urn:cm:post:1".to_owned(), 4)));
        let open = store.read(|tx| search(tx, &[], false, 6)).unwrap();
        assert_eq!((open.len(), open[0].number, open[0].is_held()), (1, Some(1), false));
        let told = store.read(|tx| tx.query("SELECT title FROM report_items_v1", &[])).unwrap();
        assert_eq!(told.len(), 1, "spam is not reported");
        assert_eq!(told[0].text(0).unwrap().as_deref(), Some("(private)"));
    }
}
