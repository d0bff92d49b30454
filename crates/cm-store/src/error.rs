//! What can go wrong with a store, each with a line for a person.

/// A store's failure.
#[derive(Debug)]
pub enum Error {
    /// The store was written by a newer version of that tool.
    Newer {
        /// The owner of the tables.
        owner: String,
        /// The version found.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The store's address cannot be used, or its file is not a store; says how to mend it.
    Open(String),
    /// The engine refused a statement or the disk failed.
    Engine(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Newer { owner, found, known } => write!(
                f,
                "the store was written by a newer {owner} (schema {found}, this one knows {known}): upgrade {owner}"
            ),
            Error::Open(why) | Error::Engine(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}
