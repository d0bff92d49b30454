//! How many records each search matched.

use crate::answer::Answer;
use crate::engine::Engine;
use crate::out::Out;
use crate::sink::{Miss, Scanned, Sink};
use cm_cli::{Listing, Session};

/// Counts per search, those without a match included.
pub struct Count<'a> {
    session: &'a Session,
    engine: &'a Engine,
    counts: Vec<u64>,
}

impl<'a> Count<'a> {
    /// Counts for these searches.
    pub fn new(session: &'a Session, engine: &'a Engine) -> Count<'a> {
        Count { session, engine, counts: vec![0; engine.len()] }
    }

    /// Counts a match of the search with this number.
    fn add(&mut self, number: usize) {
        if let Some(count) = self.counts.get_mut(number) {
            *count += 1;
        }
    }

    /// Writes the counts in the order of the searches.
    fn write(&self) -> anyhow::Result<()> {
        let mut listing = Listing::new(&["COUNT", "SEARCH"]);
        for (number, count) in self.counts.iter().enumerate() {
            let name = self.engine.name(number);
            let object = serde_json::json!({"query": name, "count": count});
            listing.row(vec![count.to_string(), name.to_owned()], object);
        }
        self.session.list(&listing)
    }
}

impl Sink for Count<'_> {
    fn take(&mut self, scanned: Scanned, _out: &mut Out) -> anyhow::Result<()> {
        self.matched(&scanned.answer);
        Ok(())
    }

    fn matched(&mut self, answer: &Answer) {
        answer.matched.iter().for_each(|(number, _)| self.add(*number));
    }

    fn miss(&self) -> Miss {
        Miss::Drop
    }

    fn end(&mut self, _out: &mut Out) -> anyhow::Result<()> {
        self.write()
    }
}
