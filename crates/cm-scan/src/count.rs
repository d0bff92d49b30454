//! How many records each search matched.

use crate::sink::{Scanned, Sink};
use cm_cli::{Listing, Out, Session};
use std::collections::HashMap;

/// Counts per search, those without a match included.
pub struct Count<'a> {
    session: &'a Session,
    names: Vec<String>,
    counts: HashMap<String, u64>,
}

impl<'a> Count<'a> {
    /// Counts for these searches.
    pub fn new(session: &'a Session, names: Vec<String>) -> Count<'a> {
        Count { session, names, counts: HashMap::new() }
    }

    /// Counts a match.
    pub fn add(&mut self, name: &str) {
        match self.counts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(name.to_owned(), 1);
            }
        }
    }

    /// Writes the counts in the order of the searches.
    pub fn write(&self) -> anyhow::Result<()> {
        let mut listing = Listing::new(&["COUNT", "SEARCH"]);
        for name in &self.names {
            let count = self.counts.get(name).copied().unwrap_or(0);
            listing.row(
                vec![count.to_string(), name.clone()],
                serde_json::json!({"query": name, "count": count}),
            );
        }
        self.session.list(&listing)
    }
}

impl Sink for Count<'_> {
    fn take(&mut self, scanned: Scanned, _out: &mut Out) -> anyhow::Result<()> {
        scanned.matches.iter().for_each(|found| self.add(&found.query));
        Ok(())
    }

    fn end(&mut self, _out: &mut Out) -> anyhow::Result<()> {
        self.write()
    }
}
