//! Records and drafts become posts: what may go out is composed, checked, given a time and queued once; the records come
//! out with their posts. With `--now` they are sent before this returns, through the same outbox.

use crate::args::Add;
use crate::candidate::{Candidate, Maker};
use crate::feed::feed;
use crate::outbox::Outbox;
use crate::plan::Timing;
use crate::post::{Queued, word};
use crate::services::Services;
use crate::settings::Settings;
use crate::signals::Stop;
use crate::tables::{self, By, Hindrance};
use crate::{decide, list, preview};
use chrono::{DateTime, TimeDelta, Utc};
use cm_cli::{Exit, Failure, Session};
use cm_record::{PostState, Record};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long `--now` waits for another sender that has the post in its hands.
const OTHER_SENDER: Duration = Duration::from_secs(60);

/// Runs `add`.
pub(crate) fn run(session: &Session, args: &Add) -> anyhow::Result<()> {
    let settings = Settings::read(session)?;
    let services = Services::new(session);
    let maker = Maker::new(args, &settings, &services, session.now())?;
    let timing = Timing::read(session, &settings, args)?;
    for name in &args.to {
        services.open(&settings.channel(name)?.account)?;
    }
    if args.dry_run {
        return preview::run(session, &maker, &timing);
    }
    let store = tables::open(session)?;
    let outbox = Outbox::new(session, store, &settings, &services, decide::actor("add"))?;
    if args.now {
        outbox.lift_guarded()?;
    }
    let stop = args.now.then(|| Stop::listen(session, &outbox.runtime)).transpose()?;
    let mut desk = Desk {
        session,
        maker,
        timing,
        outbox,
        stop,
        queued: 0,
        row: BTreeMap::new(),
        published: 0,
        refused: 0,
    };
    let watched = session.stdout_is_terminal();
    let mut shown = Vec::new();
    feed(session, args, !watched, |mut record, place| {
        let posts = desk.queue(&record, place)?;
        if !posts.is_empty() {
            record.set_part("_cm_schedule", &list::part(&posts));
        }
        shown.extend(posts.into_iter().filter(|_| watched));
        Ok(record)
    })?;
    desk.outbox.mark_credentials(desk.published, desk.refused);
    if args.exit_status && desk.queued == 0 {
        session.mark(Exit::Nothing);
    }
    if watched { session.list(&list::listing(session, &shown)?) } else { Ok(()) }
}

/// A record's candidates; whatever cannot go out is told, and the record flows on. An account of `--to` that can have no
/// slot for what wants one ends the run.
pub(crate) fn candidates(
    session: &Session,
    maker: &Maker<'_>,
    timing: &Timing,
    record: &Record,
    place: &str,
) -> anyhow::Result<Vec<Candidate>> {
    let refused = |why: String| session.failed("refused", format!("{place}: not posted: {why}"));
    let all = match maker.candidates(record) {
        Ok(all) => all,
        Err(why) => return refused(why).map(|()| Vec::new()),
    };
    let mut good = Vec::new();
    for candidate in all {
        match candidate {
            Ok(candidate) => good.push(candidate),
            Err(why) => refused(why)?,
        }
    }
    if !maker.args.to.is_empty() {
        good.iter().try_for_each(|post| timing.of(post.new.kind).check(&post.channel))?;
    }
    Ok(good)
}

struct Desk<'s> {
    session: &'s Session,
    maker: Maker<'s>,
    timing: Timing,
    outbox: Outbox<'s>,
    stop: Option<Stop>,
    /// How many posts this run has queued.
    queued: usize,
    /// How many posts of each account stand one after the other.
    row: BTreeMap<String, u32>,
    /// Posts that `--now` sent, and those whose account's credentials were refused.
    published: usize,
    refused: usize,
}

impl Desk<'_> {
    /// Queues a record's posts, sends them when asked to, and gives back all the posts that the record has by now.
    fn queue(&mut self, record: &Record, place: &str) -> anyhow::Result<Vec<Queued>> {
        for candidate in candidates(self.session, &self.maker, &self.timing, record, place)? {
            let post = match self.insert(candidate)? {
                Ok(post) => post,
                Err(why) => {
                    self.session.failed("refused", format!("{place}: not posted: {why}"))?;
                    continue;
                }
            };
            if self.maker.args.now {
                self.send_now(&post)?;
            }
        }
        let id = record.id().to_owned();
        Ok(self.outbox.store.read(move |tx| tables::of_record(tx, &id))?)
    }

    /// Queues a post, or finds that it is there already; both in one transaction, so that two runs queue it once and no
    /// slot is given away twice. The inner error says why it cannot have a place.
    fn insert(&mut self, candidate: Candidate) -> anyhow::Result<Result<Queued, String>> {
        let timing = self.timing.of(candidate.new.kind);
        let (zone, now) = (self.session.zone()?.clone(), self.session.now());
        let by = By { actor: decide::actor("add"), at: now };
        let speaks = candidate.new.kind != "action";
        let before = self.row.get(&candidate.new.account).copied().filter(|_| speaks).unwrap_or(0);
        let (account, text) = (candidate.new.account.clone(), candidate.new.text.clone());
        let asked = timing.asked(&candidate.channel, &zone, before);
        let result =
            self.outbox.store.write(move |tx| -> anyhow::Result<Result<(Queued, bool), String>> {
                let new = &candidate.new;
                if let Some(post) = tables::by_id(tx, &new.id)? {
                    return Ok(Ok((post, false)));
                }
                let since = now - candidate.channel.manners.gap;
                let taken =
                    if timing.slotted() { tables::taken(tx, &new.account, since)? } else { Vec::new() };
                let planned = match timing.place(&candidate.channel, &zone, now, &taken, before) {
                    Ok(planned) => planned,
                    Err(why) => return Ok(Err(why)),
                };
                tables::insert(tx, new, &planned, &by)?;
                let post = tables::by_id(tx, &new.id)?;
                Ok(post.map(|post| (post, true)).ok_or_else(|| "the store lost it".to_owned()))
            })?;
        let (post, new) = match result {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        if new {
            self.queued += 1;
        } else {
            self.tell_existing(&post, &text, asked)?;
        }
        if speaks && (new || self.timing.in_row(&post)) {
            *self.row.entry(account).or_default() += 1;
        }
        Ok(Ok(post))
    }

    /// Another text or another time than what was asked for now is worth a word: neither changes what is there.
    fn tell_existing(&self, post: &Queued, text: &str, asked: Option<DateTime<Utc>>) -> anyhow::Result<()> {
        let id = post.short_id();
        let what = format!("post {id} to {} is {} already", post.account, word(post.state));
        // `--at 2h` said twice within a minute is the same to a person.
        let elsewhen = |asked: DateTime<Utc>| (asked - post.due).abs() >= TimeDelta::minutes(1);
        let mut known = true;
        if post.text != text {
            known = false;
            self.session.warn("exists", format!("{what}, with another text, which stays"));
        }
        if post.state == PostState::Queued && asked.is_some_and(elsewhen) {
            known = false;
            let due = list::local(self.session, post.due)?;
            let mend = format!("cm-schedule move {id} WHEN changes that");
            self.session.warn("exists", format!("{what} for {due}: {mend}"));
        }
        // With `--now` what was cancelled is told as what was not done.
        if known && !(self.maker.args.now && post.state == PostState::Cancelled) {
            self.session.say(what);
        }
        Ok(())
    }

    /// Sends a post that is to go out at once; one that was there already and cannot is told, as is what a person
    /// took back: it stays back.
    fn send_now(&mut self, post: &Queued) -> anyhow::Result<()> {
        let (id, what) = (post.short_id(), format!("post {} to {}", post.short_id(), post.account));
        let due = list::local(self.session, post.due)?;
        match post.state {
            PostState::Published => Ok(()),
            PostState::Cancelled => self.session.failed(
                "later",
                format!(
                    "{what} was not sent, it was cancelled before: cm-schedule move {id} now lets it go out"
                ),
            ),
            PostState::Queued if post.due > self.session.now() => self.session.failed(
                "later",
                format!("{what} was queued before, for {due}, and waits: cm-schedule move {id} now"),
            ),
            PostState::Queued | PostState::Sending => self.send(post),
            state => self.session.failed(
                "later",
                format!("{what} was not sent, it is {}: see cm-schedule show {id}", word(state)),
            ),
        }
    }

    /// Sends a post at once. Another sender may have it in its hands: then it is waited for.
    fn send(&mut self, post: &Queued) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < OTHER_SENDER {
            // However politely it was asked: what is left of the input was not queued.
            if self.stop.as_ref().and_then(Stop::asked).is_some() {
                let interrupted = Failure::usage("interrupted");
                return Err(Failure { exit: Exit::Interrupted, code: "interrupted", ..interrupted }.into());
            }
            if let Some(tried) = self.outbox.attempt(post)? {
                self.published += usize::from(tried.is_published());
                self.refused += usize::from(tried.credentials);
                return self.outbox.report(&tried);
            }
            let (id, now) = (post.id.clone(), self.session.now());
            let (state, hindrance) = self.outbox.store.read(move |tx| tables::hindrance(tx, &id, now))?;
            if state == PostState::Published {
                return Ok(());
            }
            if let Some(hindrance) = hindrance {
                let why = match hindrance {
                    Hindrance::Until(at) => format!("the next try is {}", list::local(self.session, at)?),
                    Hindrance::Other(why) => why,
                };
                let what = format!("post {} to {} was not sent", post.short_id(), post.account);
                return self.session.failed("later", format!("{what}, it is {}: {why}", word(state)));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let (id, long) = (post.short_id(), post.id.clone());
        let held = self.outbox.store.read(move |tx| tables::by_id(tx, &long))?.and_then(|post| post.held);
        let held = list::held(self.session, held)?.unwrap_or_else(|| "was in other hands".to_owned());
        let what = format!("post {id} {held}: cm-schedule show {id} says what comes of it");
        self.session.failed("later", what)
    }
}
