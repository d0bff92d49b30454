//! `[fetch]` of the configuration. In: its keys. Out: patience, how far back a new source is read, and the hosts with their
//! manners.

use crate::hosts::{HostSettings, Hosts};
use crate::manners::{Length, settings};
use chrono::TimeDelta;
use cm_cli::{Failure, Session};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::Path;

settings! {
    /// `[fetch]`.
    Settings {
        /// Requests to one host at a time; 1.
        per_host: Option<usize>,
        /// Between the beginnings of two requests to one host; none is kept on the own machine unless it is set.
        spacing: Option<Length>,
        /// A source that has failed for so long is an error of the run; a day.
        fail_after: Option<Length>,
        /// A source that has failed so often is an error of the run; 5.
        fail_times: Option<i64>,
        /// How far back a source is read when it is first met; 7 days.
        first: Option<Length>,
        /// How long a feed may be, decompressed; 16 MiB.
        max_feed: Option<Size>,
        /// Where hubs reach `listen`.
        callback: Option<String>,
        /// By host, what holds for it in place of this.
        hosts: BTreeMap<String, HostSettings>,
    }
}

/// A number of bytes as people write it: `32 MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Size, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong =
            || serde::de::Error::custom(format!("{text:?} is no size (write \"32 MiB\" or \"500 KiB\")"));
        let digits = text.trim().find(|c: char| !c.is_ascii_digit()).unwrap_or(text.trim().len());
        let (number, unit) = text.trim().split_at(digits);
        let unit: usize = match unit.trim() {
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err(wrong()),
        };
        let size = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
        size.filter(|size| *size > 0).map(Size).ok_or_else(wrong)
    }
}

impl Settings {
    /// `[fetch]`, and the hosts of it, whose paths are relative to the file that names them.
    pub(crate) fn of(session: &Session) -> Result<(Settings, Hosts), Failure> {
        let (settings, file): (Settings, _) = session.config().section_at("fetch")?.unwrap_or_default();
        let hosts = settings.hosts(file.parent().unwrap_or(Path::new("")))?;
        Ok((settings, hosts))
    }

    /// The hosts.
    pub(crate) fn hosts(&self, folder: &Path) -> Result<Hosts, Failure> {
        let all = self.manners(folder).map_err(|why| Failure::config(format!("[fetch]: {why}")))?;
        let spacing = self.spacing.map(|spacing| spacing.0);
        let mut hosts = Hosts::new(all, spacing, self.per_host.unwrap_or(1), &self.hosts, folder)?;
        hosts.max_feed = self.max_feed.map(|size| size.0);
        Ok(hosts)
    }

    /// How far back a source is read when it is first met.
    pub(crate) fn first(&self) -> TimeDelta {
        self.first.map_or(TimeDelta::days(7), |first| first.0)
    }

    /// After how long, and after how many times, a failing source is an error of the run.
    pub(crate) fn patience(&self) -> (TimeDelta, i64) {
        (self.fail_after.map_or(TimeDelta::days(1), |after| after.0), self.fail_times.unwrap_or(5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_lengths_are_read_as_people_write_them() {
        let size = |text: &str| {
            let read = toml::from_str::<Settings>(&format!("max_feed = \"{text}\""));
            read.map(|settings| settings.max_feed.unwrap().0).map_err(|e| e.to_string())
        };
        assert_eq!((size("32 MiB"), size("500KiB")), (Ok(32 << 20), Ok(500 << 10)));
        for wrong in ["", "12", "0 MiB", "MiB", "99999999999999 GiB", "1 MB"] {
            assert!(size(wrong).unwrap_err().contains("is no size"), "{wrong}");
        }
        let settings: Settings = toml::from_str("fail_after = \"2d\"\nfirst = \"4w\"").unwrap();
        assert_eq!((settings.patience(), settings.first()), ((TimeDelta::days(2), 5), TimeDelta::weeks(4)));
        assert!(toml::from_str::<Settings>("password_file = \"x\"").is_err(), "told to every host");
    }
}
