//! Searches by their number among those that run.

use super::builder::Builder;
use super::entry::{Entry, Text};
use super::names::Names;
use super::{Search, Searches, Wanted};
use cm_cli::Failure;

impl Searches {
    /// How many run.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// The one with a number, from 0.
    pub fn get(&self, number: usize) -> Option<Search<'_>> {
        self.chosen.get(number).map(|row| self.row(*row))
    }

    /// Searches with these queries, named by their numbers.
    pub fn of_queries(queries: &[impl AsRef<str>]) -> Result<Searches, Failure> {
        let mut read = Builder::default();
        for (number, query) in queries.iter().enumerate() {
            let [name, query] = [number.to_string(), query.as_ref().to_owned()].map(|text| Text(text.into()));
            let entry = Entry { name, query, enabled: true, ..Entry::default() };
            read.add(&entry, number + 1, 0).map_err(Failure::config)?;
        }
        let names = Names::for_up_to(read.rows.len());
        let mut searches = Searches { read, names, ..Searches::none() };
        searches.name_all();
        searches.choose(&Wanted::default())?;
        Ok(searches)
    }
}
