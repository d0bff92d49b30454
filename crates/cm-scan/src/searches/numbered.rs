//! Searches by their number among those that run.

use super::{Search, Searches};

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
    #[cfg(test)]
    pub fn of_queries(queries: &[impl AsRef<str>]) -> Searches {
        let mut lines = String::new();
        for (number, query) in queries.iter().enumerate() {
            lines += &serde_json::json!({"name": number.to_string(), "query": query.as_ref()}).to_string();
            lines.push('\n');
        }
        let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
        std::io::Write::write_all(&mut file, lines.as_bytes()).unwrap();
        Searches::read(&[file.path().to_owned()], &super::Wanted::default()).unwrap()
    }
}
