//! A store's address: `sqlite:PATH` or a bare path in, the file out.

use crate::Error;
use std::path::PathBuf;

/// The file that an address names. A relative path is kept relative to the working folder.
pub(crate) fn file_of(url: &str) -> Result<PathBuf, Error> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if matches!(scheme, Some("postgres" | "postgresql")) {
        let why = "a PostgreSQL store is not supported yet, it comes in a later version: use sqlite:PATH";
        return Err(Error::Open(why.to_owned()));
    }
    if let Some(other) = scheme.filter(|scheme| *scheme != "sqlite") {
        return Err(Error::Open(format!("unknown kind of store {other:?}: use sqlite:PATH")));
    }
    let path = url.strip_prefix("sqlite:").map_or(url, |rest| rest.strip_prefix("//").unwrap_or(rest));
    match path {
        "" => Err(Error::Open("the store's address names no file: use sqlite:PATH".to_owned())),
        ":memory:" => Err(Error::Open("a store lives in a file: use sqlite:PATH".to_owned())),
        path => Ok(PathBuf::from(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_name_files() {
        for (url, path) in [
            ("sqlite:a/b.db", "a/b.db"),
            ("sqlite:///var/cm.db", "/var/cm.db"),
            ("sqlite:/x", "/x"),
            ("c.db", "c.db"),
        ] {
            assert_eq!(file_of(url).unwrap(), PathBuf::from(path));
        }
    }

    #[test]
    fn what_is_no_file_is_refused_with_the_way_out() {
        for url in ["postgres://db/cm", "postgresql://x", "mysql://x", "", "sqlite:", "sqlite::memory:"] {
            assert!(file_of(url).unwrap_err().to_string().contains("sqlite:PATH"), "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(url in ".*") {
            let _ = file_of(&url);
        }
    }
}
