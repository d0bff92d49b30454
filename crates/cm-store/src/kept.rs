//! Values that several tools share under a name, such as a network's session: kept until they are replaced.
//! The store's file is its owner's alone (mode 0600), so they may be secret: where it is not, nothing is kept.

use crate::{Error, Migration, Store, private};

const OWNER: &str = "cm-store";

const STEPS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE store_kept (name TEXT PRIMARY KEY, value TEXT NOT NULL, at_ms INTEGER NOT NULL)",
}];

impl Store {
    /// What is kept under a name.
    pub fn kept(&self, name: &str) -> Result<Option<String>, Error> {
        self.migrate(OWNER, STEPS)?;
        let name = name.to_owned();
        self.read(move |tx| {
            let rows = tx.query("SELECT value FROM store_kept WHERE name = ?1", &[name.as_str().into()])?;
            rows.first().map(|row| row.need_text(0)).transpose()
        })
    }

    /// Keeps a value under a name: on the disk when this returns. Whoever replaces what others use holds a lock meanwhile.
    /// `Error::Open` where others can read the store and this user cannot help it.
    pub fn keep(&self, name: &str, value: &str) -> Result<(), Error> {
        private::check(self.path())?;
        self.migrate(OWNER, STEPS)?;
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write(move |tx| {
            let sql = "INSERT INTO store_kept (name, value, at_ms) VALUES (?1, ?2, ?3)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value, at_ms = excluded.at_ms";
            let at = tx.now_ms()?;
            tx.execute(sql, &[name.as_str().into(), value.as_str().into(), at.into()]).map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mode;

    #[test]
    fn the_last_value_is_kept_for_whoever_opens_the_store_next() {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("cm.db").display());
        let open = || Store::open(&url, Mode::Write).unwrap();
        assert_eq!(open().kept("session bluesky:acme").unwrap(), None);
        open().keep("session bluesky:acme", "one").unwrap();
        open().keep("session bluesky:acme", "two").unwrap();
        open().keep("another", "three").unwrap();
        assert_eq!(open().kept("session bluesky:acme").unwrap().as_deref(), Some("two"));
    }
}
