//! Schema versions, one row per owner, so that tools can share a store and be upgraded one at a time.

use crate::{Error, Tx};

/// One step of an owner's schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// 1, 2, 3 ...: applied in order, once.
    pub version: i64,
    /// The statements, separated by `;`.
    pub sql: &'static str,
}

/// The version that these steps lead to.
pub(crate) fn newest(steps: &[Migration]) -> i64 {
    steps.iter().map(|step| step.version).max().unwrap_or(0)
}

/// Whether an owner's tables are at `target`; beyond it is `Error::Newer`.
pub(crate) fn check(tx: &mut dyn Tx, owner: &str, target: i64) -> Result<bool, Error> {
    let found = if has_table(tx, "cm_schema")? { version(tx, owner)? } else { 0 };
    if found > target {
        return Err(Error::Newer { owner: owner.to_owned(), found, known: target });
    }
    Ok(found == target)
}

/// Applies the steps that are missing. Whoever comes second, after waiting for the first, finds nothing left to do.
pub(crate) fn apply(tx: &mut dyn Tx, owner: &str, steps: &[Migration]) -> Result<(), Error> {
    tx.execute(
        "CREATE TABLE IF NOT EXISTS cm_schema (owner TEXT PRIMARY KEY, version INTEGER NOT NULL)",
        &[],
    )?;
    let target = newest(steps);
    if check(tx, owner, target)? {
        return Ok(());
    }
    let found = version(tx, owner)?;
    for step in steps.iter().filter(|step| step.version > found) {
        for statement in statements(step.sql) {
            tx.execute(statement, &[])?;
        }
    }
    let sql = "INSERT INTO cm_schema (owner, version) VALUES (?1, ?2)
               ON CONFLICT (owner) DO UPDATE SET version = excluded.version";
    tx.execute(sql, &[owner.into(), target.into()])?;
    Ok(())
}

/// Whether a table or view of that name exists.
pub(crate) fn has_table(tx: &mut dyn Tx, name: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?1";
    Ok(!tx.query(sql, &[name.into()])?.is_empty())
}

fn version(tx: &mut dyn Tx, owner: &str) -> Result<i64, Error> {
    let rows = tx.query("SELECT version FROM cm_schema WHERE owner = ?1", &[owner.into()])?;
    rows.first().map_or(Ok(0), |row| row.need_int(0))
}

/// Cuts a script at each `;` that stands outside quotes and `--` comments. Triggers, whose bodies hold `;`, are not part
/// of the shared dialect.
fn statements(script: &str) -> impl Iterator<Item = &str> {
    let (mut quote, mut comment, mut dash) = (None, false, false);
    script
        .split(move |c: char| {
            let second_dash = c == '-' && dash && quote.is_none();
            dash = c == '-' && !second_dash;
            match quote {
                _ if comment => comment = c != '\n',
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if second_dash => comment = true,
                None if c == '\'' || c == '"' => quote = Some(c),
                None => return c == ';',
            }
            false
        })
        .filter(|statement| {
            statement
                .lines()
                .any(|line| !matches!(line.trim_start(), l if l.is_empty() || l.starts_with("--")))
        })
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scripts_are_cut_between_statements_only() {
        let script = "CREATE TABLE a (x TEXT DEFAULT ';'); -- one; two\nINSERT INTO a VALUES ('it''s; \"');\n-- end\n;";
        let cut: Vec<&str> = statements(script).collect();
        assert_eq!(
            cut,
            ["CREATE TABLE a (x TEXT DEFAULT ';')", "-- one; two\nINSERT INTO a VALUES ('it''s; \"')"]
        );
    }

    proptest! {
        #[test]
        fn any_script_is_cut(script in ".*") {
            prop_assert!(statements(&script).all(|statement| script.contains(statement)));
        }
    }
}
