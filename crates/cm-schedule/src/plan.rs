//! When a post goes out: now, at a time that was asked for, or in the next free slot.

use crate::args::Add;
use crate::list;
use crate::post::Queued;
use crate::settings::{Channel, Settings};
use crate::slots::{Slots, shifted};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use cm_cli::{Failure, Session};
use cm_record::PostState;
use cm_time::{When, Zone};

/// No post is given a time beyond that.
const FARTHEST: TimeDelta = TimeDelta::days(3653);

/// What `add` was asked for.
#[derive(Clone, Debug)]
pub(crate) enum Timing {
    /// At once, whatever the slots.
    Now,
    /// Then; further posts of an account follow at its `min_gap`.
    At(When),
    /// These slots instead of the account's.
    Named(Slots),
    /// The account's slots.
    Own,
    /// With the next `publish`: nobody hears an action, so it takes no slot.
    Action,
}

/// When a post goes out, and why then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    /// The instant.
    pub due: DateTime<Utc>,
    /// The wall-clock time it was made from; the instant follows when a zone's law changes.
    pub wall: Option<NaiveDateTime>,
    /// The zone of that wall-clock time.
    pub zone: String,
    /// For a person.
    pub why: String,
    /// Goes out however late or close to others.
    pub urgent: bool,
}

impl Timing {
    /// Reads `--now`, `--at` or `--slots`.
    pub(crate) fn read(session: &Session, settings: &Settings, args: &Add) -> anyhow::Result<Timing> {
        if args.now {
            return Ok(Timing::Now);
        }
        if let Some(name) = &args.slots {
            return Ok(Timing::Named(settings.slots(name)?.clone()));
        }
        let Some(text) = &args.at else { return Ok(Timing::Own) };
        Ok(Timing::At(when(session, "--at", text)?))
    }

    /// The same for a post of this kind.
    pub(crate) fn of(&self, kind: &str) -> Timing {
        match self {
            Timing::Own if kind == "action" => Timing::Action,
            other => other.clone(),
        }
    }

    /// Whether it matters what else the account posts.
    pub(crate) fn slotted(&self) -> bool {
        matches!(self, Timing::Named(_) | Timing::Own)
    }

    /// Whether a post that was there already stands in the row that `--at` makes: a run that was killed goes on behind it.
    pub(crate) fn in_row(&self, post: &Queued) -> bool {
        matches!(self, Timing::At(when) if post.due >= when.at && post.state == PostState::Queued)
    }

    /// The instant that `--at` asks for one more post of an account: what `place` would give it.
    pub(crate) fn asked(&self, channel: &Channel, zone: &Zone, before: u32) -> Option<DateTime<Utc>> {
        let Timing::At(when) = self else { return None };
        Some(at(when, channel, zone, before).due)
    }

    /// Fails when an account can have no slot, whatever is queued there already.
    pub(crate) fn check(&self, channel: &Channel) -> Result<(), Failure> {
        if matches!(self, Timing::Own) && channel.slots.is_empty() {
            let name = &channel.account.name;
            return Err(Failure::usage(format!(
                "{name} has no slots: give --now, --at WHEN or --slots NAME, or configure slots for it"
            )));
        }
        Ok(())
    }

    /// The place of one more post of an account. `taken` are the instants at which it posts or posted; `before` is how
    /// many of its posts stand in the row of this run.
    pub(crate) fn place(
        &self,
        channel: &Channel,
        zone: &Zone,
        now: DateTime<Utc>,
        taken: &[DateTime<Utc>],
        before: u32,
    ) -> Result<Planned, String> {
        let slots = match self {
            Timing::Now => return Ok(planned(now, None, zone, "now, as asked", true)),
            Timing::At(when) => return Ok(at(when, channel, zone, before)),
            Timing::Action => return Ok(planned(now, None, zone, "an action takes no slot", false)),
            Timing::Named(slots) => slots,
            Timing::Own => &channel.slots,
        };
        self.check(channel).map_err(|e| e.message)?;
        let free = slots.next_free(&channel.manners, zone, now, taken).ok_or_else(|| {
            format!(
                "{} has no free slot within a year: its slots are taken or lie in quiet hours",
                channel.account.name
            )
        })?;
        Ok(planned(free.at, Some(free.wall), zone, &free.why, false))
    }
}

fn at(when: &When, channel: &Channel, zone: &Zone, before: u32) -> Planned {
    let zone = when.zone.as_ref().unwrap_or(zone);
    let gap =
        channel.manners.gap.checked_mul(i32::try_from(before).unwrap_or(i32::MAX)).unwrap_or(TimeDelta::MAX);
    let due = when.at.checked_add_signed(gap).unwrap_or(when.at);
    if due != when.at {
        return planned(due, None, zone, "min_gap after the one before it", false);
    }
    let quiet = channel.manners.quiet.covers(zone.wall(due).time());
    let why =
        format!("as asked{}{}", shifted(when.local), if quiet { ", although in quiet hours" } else { "" });
    // The second of two equal wall-clock times was named by its offset: the wall-clock time alone would mean the first.
    let wall = when.wall.filter(|wall| zone.instant(*wall).0 == due);
    planned(due, wall, zone, &why, false)
}

fn planned(due: DateTime<Utc>, wall: Option<NaiveDateTime>, zone: &Zone, why: &str, urgent: bool) -> Planned {
    Planned { due, wall, zone: zone.name().to_owned(), why: why.to_owned(), urgent }
}

/// Reads a WHEN that must not lie in the past, nor where a slip of the finger leads.
pub(crate) fn when(session: &Session, option: &str, text: &str) -> anyhow::Result<When> {
    let now = session.now(); // asked once, or `now` would lie in the past of a moment later
    let when = cm_time::parse_when(text, session.zone()?, now)
        .map_err(|e| Failure::usage(format!("{option}: {e}")))?;
    if when.at < now {
        let at = list::local(session, when.at)?;
        return Err(Failure::usage(format!(
            "{option}: {text:?} lies in the past ({at}): give a time to come"
        ))
        .into());
    }
    if when.at - now > FARTHEST {
        return Err(Failure::usage(format!("{option}: {text:?} is more than ten years ahead")).into());
    }
    Ok(when)
}
