//! A publish run: what is due goes out in order, one post at a time, under the store's `publish` lock. What a run that
//! died left half done is settled first; what nobody published in time is missed, and late posts never come in a burst.

use crate::args;
use crate::outbox::Outbox;
use crate::post::Queued;
use crate::services::Services;
use crate::settings::Settings;
use crate::signals::Stop;
use crate::tables::{self, By};
use crate::{decide, list};
use chrono::{DateTime, NaiveDateTime, Utc};
use cm_cli::{Exit, Failure, Session};
use cm_time::Zone;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often `--watch` looks for posts that others have queued.
const LOOK: Duration = Duration::from_secs(15);

/// Runs `publish`.
pub(crate) fn run(session: &Session, args: &args::Publish) -> anyhow::Result<()> {
    if args.dry_run {
        return dry_run(session, args);
    }
    let settings = Settings::read(session)?;
    let services = Services::new(session);
    let store = tables::open(session)?;
    let Some(_lock) = store.lock("publish", Duration::from_secs(args.wait))? else {
        return Err(
            Failure::busy("another publish is at work on this store: --wait SECS waits for it").into()
        );
    };
    let outbox = Outbox::new(session, store, &settings, &services, decide::actor("publish"))?;
    let stop = Stop::listen(session, &outbox.runtime)?;
    let mut run =
        Run { session, outbox, stop, left: args.limit, published: 0, refused: 0, barred: BTreeSet::new() };
    run.outbox.lift_guarded()?;
    run.round()?;
    run.tell_held()?;
    while args.watch && run.goes_on() {
        run.rest()?;
        run.round()?;
    }
    run.finish(args.exit_status);
    Ok(())
}

/// What would go out now, and no more.
fn dry_run(session: &Session, args: &args::Publish) -> anyhow::Result<()> {
    let Some(store) = tables::open_to_read(session)? else { return Ok(()) };
    let (now, grace) = (session.now(), Settings::read(session)?.grace);
    let mut ready = store.read(move |tx| tables::would_go(tx, now, grace))?;
    ready.truncate(args.limit.unwrap_or(usize::MAX));
    if ready.is_empty() {
        session.say("nothing is due");
    }
    session.list(&list::listing(session, &ready)?)
}

struct Run<'s> {
    session: &'s Session,
    outbox: Outbox<'s>,
    stop: Stop,
    /// `--limit`.
    left: Option<usize>,
    published: usize,
    /// Posts whose account's credentials were refused.
    refused: usize,
    /// Accounts whose settings are wrong: told once.
    barred: BTreeSet<String>,
}

impl Run<'_> {
    fn goes_on(&self) -> bool {
        self.stop.asked().is_none() && self.left != Some(0)
    }

    /// Sends everything that may go out now; each post is tried at most once.
    fn round(&mut self) -> anyhow::Result<()> {
        self.prepare()?;
        let mut tried = BTreeSet::new();
        let mut resting = self.barred.clone();
        loop {
            let now = self.session.now();
            let mut ready = self.outbox.store.read(move |tx| tables::ready(tx, now))?;
            ready.retain(|post| !tried.contains(&post.id) && !resting.contains(&post.account));
            if ready.is_empty() {
                return Ok(());
            }
            for post in ready {
                if !self.goes_on() {
                    return Ok(());
                }
                tried.insert(post.id.clone());
                if resting.contains(&post.account) || self.defer(&post, now)? || self.send(&post)? {
                    continue;
                }
                // The account does not answer, or asks to be left alone: its other posts would fare no better.
                resting.insert(post.account);
            }
        }
    }

    /// The sign of life; zones' new laws; what is missed.
    fn prepare(&self) -> anyhow::Result<()> {
        let (by, grace) = (self.outbox.by(), self.outbox.settings.grace);
        let missed = self.outbox.store.write(move |tx| {
            tables::beat(tx, by.at)?;
            retime(tx, &by)?;
            tables::miss(tx, grace, &by)
        })?;
        for post in missed {
            let (id, due) = (post.short_id(), list::local(self.session, post.due)?);
            let what = format!("post {id} to {} was due {due} and is missed", post.account);
            self.session
                .failed("missed", format!("{what}: cm-schedule move {id} WHEN, or resolve {id} --drop"))?;
        }
        Ok(())
    }

    /// What another sender holds, if only because that one died, is told to whoever watches.
    fn tell_held(&self) -> anyhow::Result<()> {
        let now = self.session.now();
        for post in self.outbox.store.read(move |tx| tables::in_other_hands(tx, now))? {
            if let Some(held) = list::held(self.session, post.held)? {
                self.session.say(format!("post {} to {} {held}", post.short_id(), post.account));
            }
        }
        Ok(())
    }

    /// Puts a late post off when its account has just posted: a machine that wakes up does not burst. Nor does it speak
    /// in quiet hours that the post's own time did not lie in: then it waits, and is missed if they outlast the grace.
    fn defer(&self, post: &Queued, now: DateTime<Utc>) -> anyhow::Result<bool> {
        let settings = self.outbox.settings;
        let fresh = post.state == cm_record::PostState::Queued && post.attempts == 0;
        if post.urgent || post.kind == "action" || !fresh || now - post.due <= settings.late_gap {
            return Ok(false);
        }
        let manners =
            settings.channel(&post.account).map(|channel| channel.manners.clone()).unwrap_or_default();
        let zone = self.session.zone()?;
        let quiet = |at| manners.quiet.covers(zone.wall(at).time());
        if quiet(now) && !quiet(post.due) {
            return Ok(true);
        }
        let (id, account, gap) = (post.id.clone(), post.account.clone(), manners.gap.max(settings.late_gap));
        Ok(self.outbox.store.write(move |tx| {
            let free = tables::last_published(tx, &account, now)?.map(|last| last + gap);
            match free.filter(|free| *free > now) {
                Some(free) => tables::defer(tx, &id, free).map(|()| true),
                None => Ok::<_, cm_store::Error>(false),
            }
        })?)
    }

    /// Tries a post; false when its account should rest.
    fn send(&mut self, post: &Queued) -> anyhow::Result<bool> {
        let tried = match self.outbox.attempt(post) {
            Ok(None) => return Ok(true),
            Ok(Some(tried)) => tried,
            Err(error) if error.downcast_ref::<Failure>().is_some() => {
                self.session.failed("account", format!("post {} waits: {error:#}", post.short_id()))?;
                self.barred.insert(post.account.clone());
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.published += usize::from(tried.is_published());
        self.refused += usize::from(tried.credentials);
        self.outbox.report(&tried)?;
        Ok(tried.outcome.again.is_none())
    }

    /// Sleeps until something is due, or somebody may have queued something.
    fn rest(&self) -> anyhow::Result<()> {
        let now = self.session.now();
        let next = self.outbox.store.read(move |tx| tables::next_due(tx, now))?;
        let until = next.and_then(|due| (due - now).to_std().ok()).unwrap_or(LOOK);
        self.stop.sleep(&self.outbox.runtime, until.clamp(Duration::from_millis(50), LOOK));
        Ok(())
    }

    fn finish(&self, exit_status: bool) {
        self.outbox.mark_credentials(self.published, self.refused);
        if exit_status && self.published == 0 {
            self.session.mark(Exit::Nothing);
        }
        if let Some(exit) = self.stop.asked() {
            self.session.mark(exit);
        }
    }
}

/// Makes the instants of waiting posts anew from their wall-clock times: a zone's law may have changed since.
pub(crate) fn retime(tx: &mut dyn cm_store::Tx, by: &By) -> Result<(), cm_store::Error> {
    let waiting = format!("{} AND state = 'queued' AND wall IS NOT NULL AND retries = 0", tables::OPEN);
    for post in tables::select(tx, &waiting, &[])? {
        let wall =
            post.wall.as_deref().and_then(|wall| NaiveDateTime::parse_from_str(wall, tables::WALL).ok());
        let (Some(wall), Ok(zone)) = (wall, Zone::named(&post.time_zone)) else { continue };
        let due = zone.instant(wall).0;
        if due != post.due {
            let moved = Queued { due, ..post.clone() };
            tables::change(tx, &post, &moved, by, Some("the law of its time zone changed"))?;
        }
    }
    Ok(())
}
