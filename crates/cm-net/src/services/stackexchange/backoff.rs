//! `backoff`: so many seconds a method must not be asked again (api.stackexchange.com/docs/throttle). In: what answers
//! say. Out: pauses within a run; a run that comes too early is told when. Kept from run to run, since who comes too early is
//! shut out for longer.

use crate::services::{Trouble, Vault};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longer pauses are left to the next run.
const PATIENCE: i64 = 60;
/// No server's word counts for longer.
const LONGEST: i64 = 86_400;

/// When each method may be asked again.
pub(super) struct Backoff {
    name: String,
    vault: Option<Arc<dyn Vault>>,
    /// In this process: by the clock that runs, as the injected one may stand.
    here: Mutex<BTreeMap<String, tokio::time::Instant>>,
}

impl Backoff {
    /// Nothing is read yet.
    pub(super) fn new(account: &str, vault: Option<Arc<dyn Vault>>) -> Backoff {
        Backoff { name: format!("backoff {account}"), vault, here: Mutex::default() }
    }

    /// Waits until a method may be asked; where that is long, tells until when.
    pub(super) async fn wait(&self, method: &str, now: DateTime<Utc>) -> Result<(), Trouble> {
        let here = self.here.lock().unwrap_or_else(PoisonError::into_inner).get(method).copied();
        if let Some(until) = here {
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            if left.as_secs() <= PATIENCE.unsigned_abs() {
                tokio::time::sleep_until(until).await;
                return Ok(());
            }
            let reason = format!("{method} has asked for a pause");
            return Err(Trouble::Later { reason, after: Some(now + left) });
        }
        let Some(until) = self.kept().get(method).copied().filter(|until| *until > now) else {
            return Ok(());
        };
        let wait = until - now;
        if wait.num_seconds() <= PATIENCE {
            tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
            return Ok(());
        }
        let reason = format!("{method} asked for a pause the last time");
        Err(Trouble::Later { reason, after: Some(until.min(now + TimeDelta::seconds(LONGEST))) })
    }

    /// An answer asked for a pause. What cannot be kept holds for this process.
    pub(super) fn said(&self, method: &str, seconds: u64, now: DateTime<Utc>) {
        // A second more: theirs may have begun later than ours.
        let seconds = i64::try_from(seconds).unwrap_or(LONGEST).min(LONGEST) + 1;
        let until = tokio::time::Instant::now() + Duration::from_secs(seconds.unsigned_abs());
        self.here.lock().unwrap_or_else(PoisonError::into_inner).insert(method.to_owned(), until);
        let mut kept = self.kept();
        kept.retain(|_, until| *until > now);
        kept.insert(method.to_owned(), now + TimeDelta::seconds(seconds));
        if let (Some(vault), Ok(text)) = (&self.vault, serde_json::to_string(&kept)) {
            let _kept_for_this_process_only = vault.save(&self.name, &text);
        }
    }

    fn kept(&self) -> BTreeMap<String, DateTime<Utc>> {
        let kept = self.vault.as_ref().and_then(|vault| vault.load(&self.name).ok().flatten());
        kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_store_a_pause_holds_for_this_process() {
        let backoff = Backoff::new("stackexchange:coffee", None);
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        assert_eq!(backoff.wait("questions", now).await, Ok(()));
        backoff.said("questions", 600, now);
        assert_eq!(backoff.wait("search/advanced", now).await, Ok(()));
        let said = backoff.wait("questions", now).await;
        let Err(Trouble::Later { after: Some(after), .. }) = said else { panic!("{said:?}") };
        assert!((60..=601).contains(&(after - now).num_seconds()), "{after}");
    }
}
