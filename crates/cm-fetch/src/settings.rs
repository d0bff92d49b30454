//! `[fetch]` of the configuration. In: its keys. Out: patience, how far back a new source is read, and the hosts with their
//! manners.

use crate::hosts::{HostSettings, Hosts};
use crate::manners::{Length, settings};
use chrono::TimeDelta;
use cm_cli::{Failure, Session};
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
        /// By host, what holds for it in place of this.
        hosts: BTreeMap<String, HostSettings>,
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
        Hosts::new(
            all,
            self.spacing.map(|spacing| spacing.0),
            self.per_host.unwrap_or(1),
            &self.hosts,
            folder,
        )
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
