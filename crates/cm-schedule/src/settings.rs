//! The settings of cm-schedule: accounts with their slots, quiet hours and gaps; named slots; `[schedule]`.

use crate::quiet::Quiet;
use crate::slots::{Manners, Slots};
use chrono::TimeDelta;
use cm_cli::{Account, Failure, Origin, Session};
use serde::Deserialize;
use std::collections::BTreeMap;

/// No gap and no grace is longer: slots are looked for within a year.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// `[schedule]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    /// How late a post may still go out (default 2h); later it is missed, and a person decides.
    grace: Option<String>,
    /// The least time between late posts of one account, so that a machine that wakes up does not burst (default 5m).
    late_gap: Option<String>,
}

/// An account and when it likes to post.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    /// As configured.
    pub account: Account,
    /// Its slots; empty when it has none.
    pub slots: Slots,
    /// Its quiet hours and gap.
    pub manners: Manners,
}

/// Everything that the configuration says about scheduling.
#[derive(Debug)]
pub(crate) struct Settings {
    channels: BTreeMap<String, Channel>,
    named: BTreeMap<String, Slots>,
    /// How late a post may still go out.
    pub grace: TimeDelta,
    /// The least time between late posts of one account.
    pub late_gap: TimeDelta,
}

impl Settings {
    /// Reads and checks them all.
    pub(crate) fn read(session: &Session) -> anyhow::Result<Settings> {
        let section: Section = session.config().section("schedule")?.unwrap_or_default();
        let named = session.config().tables::<BTreeMap<String, Vec<String>>>("slots")?;
        Ok(Settings {
            channels: session.accounts()?.into_iter().map(channel).collect::<Result<_, _>>()?,
            named: named.into_iter().map(named_slots).collect::<Result<_, _>>()?,
            grace: length("schedule: grace", section.grace.as_deref(), TimeDelta::hours(2))?,
            late_gap: length("schedule: late_gap", section.late_gap.as_deref(), TimeDelta::minutes(5))?,
        })
    }

    /// The account of that name.
    pub(crate) fn channel(&self, name: &str) -> Result<&Channel, Failure> {
        self.channels.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.channels.keys().map(String::as_str).collect();
            Failure::config(format!("no account {name:?} is configured (configured: {})", listed(&known)))
        })
    }

    /// All accounts in the order of their names.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// The slots of `[slots.NAME]`.
    pub(crate) fn slots(&self, name: &str) -> Result<&Slots, Failure> {
        self.named.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.named.keys().map(String::as_str).collect();
            Failure::config(format!("no [slots.{name}] is configured (configured: {})", listed(&known)))
        })
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn channel((name, account): (String, Account)) -> Result<(String, Channel), Failure> {
    let wrong = |why: String| Failure::config(format!("account {name}: {why}"));
    let slots = account.slots.as_ref().map(Slots::parse).transpose().map_err(wrong)?.unwrap_or_default();
    let quiet = Quiet::parse(&account.quiet).map_err(wrong)?;
    let gap = length(&format!("account {name}: min_gap"), account.min_gap.as_deref(), TimeDelta::zero())?;
    Ok((name, Channel { account, slots, manners: Manners { quiet, gap } }))
}

fn named_slots(
    (name, (table, origin)): (String, (BTreeMap<String, Vec<String>>, Origin)),
) -> Result<(String, Slots), Failure> {
    let slots = Slots::parse(&table).map_err(|why| Failure::config(format!("{origin}: {name}: {why}")))?;
    Ok((name, slots))
}

fn length(what: &str, text: Option<&str>, default: TimeDelta) -> Result<TimeDelta, Failure> {
    let Some(text) = text else { return Ok(default) };
    match cm_time::parse_duration(text) {
        Ok(length) if length <= LONGEST => Ok(length),
        Ok(_) => Err(Failure::config(format!("{what}: {text:?} is longer than a year"))),
        Err(e) => Err(Failure::config(format!("{what}: {e}"))),
    }
}
