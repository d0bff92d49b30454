//! What waits and what went out.

use crate::about;
use crate::args::{self, History};
use crate::post::{Queued, state, word};
use crate::settings::Settings;
use crate::tables::{self, Range};
use chrono::{DateTime, TimeDelta, Utc};
use cm_cli::{Account, Exit, Failure, Listing, Session};
use cm_record::{PostState, Record, SchedulePart};
use cm_store::Store;

/// What `list` shows when nobody says.
const OPEN: [PostState; 5] =
    [PostState::Queued, PostState::Sending, PostState::Unsure, PostState::Missed, PostState::Failed];
const ALL: [PostState; 8] = [
    PostState::Draft,
    PostState::Queued,
    PostState::Sending,
    PostState::Published,
    PostState::Unsure,
    PostState::Missed,
    PostState::Failed,
    PostState::Cancelled,
];
/// Without a publish run for so long, posts that are due are worth a word.
const LONG: TimeDelta = TimeDelta::minutes(10);

/// Runs `list`.
pub(crate) fn list(session: &Session, args: &args::List) -> anyhow::Result<()> {
    let states = match args.state.as_slice() {
        [] => OPEN.to_vec(),
        [all] if all == "all" => ALL.to_vec(),
        words => words.iter().map(|word| state(word)).collect::<Result<_, _>>().map_err(Failure::usage)?,
    };
    let range = range(session, &args.range)?;
    let store = tables::open_to_read(session)?;
    let mut posts = Vec::new();
    if let Some(store) = &store {
        posts = store.read(move |tx| tables::due_in(tx, &states, &range))?;
        warn_when_stale(session, store)?;
    }
    let unsure = posts.iter().filter(|post| post.state == PostState::Unsure).count();
    if unsure > 0 && session.stdout_is_terminal() {
        let posts = if unsure == 1 { "1 post".to_owned() } else { format!("{unsure} posts") };
        session.warn(
            "unsure",
            format!(
                "{posts} may be out or not: cm-schedule show ID says where to look, and what to say then"
            ),
        );
    }
    if posts.is_empty() {
        session.say(if args.state.is_empty() && !args.range.is_some() {
            "nothing is queued, and nothing needs a person"
        } else {
            "there is no such post"
        });
    }
    if posts.is_empty() && args.range.exit_status {
        session.mark(Exit::Nothing);
    }
    session.list(&listing(session, &posts)?)
}

/// Posts as a table for people, in the configured zone, and as objects for programs.
pub(crate) fn listing(session: &Session, posts: &[Queued]) -> anyhow::Result<Listing> {
    let mut listing =
        Listing::new(&["ID", "WHEN", "ACCOUNT", "STATE", "TEXT"]).whole(&["ID", "WHEN", "STATE"]);
    // Looking works with settings that are wrong, too.
    let settings = Settings::read(session).ok();
    for post in posts {
        let account = settings.as_ref().and_then(|settings| settings.channel(&post.account).ok());
        let when = local(session, post.published.unwrap_or(post.due))?;
        let id = post.short_id().to_owned();
        let cells = vec![id, when, post.account.clone(), word(post.state).to_owned(), about::said(post)];
        listing.row(cells, object(post, account.map(|channel| &channel.account))?);
        post.error.iter().for_each(|error| listing.note(error.clone()));
        held(session, post.held)?.into_iter().for_each(|held| listing.note(held));
    }
    Ok(listing)
}

/// A post as an object: its part of the record, and what only the store knows.
pub(crate) fn object(post: &Queued, account: Option<&Account>) -> anyhow::Result<serde_json::Value> {
    let mut object = serde_json::to_value(post.part())?;
    if let Some(members) = object.as_object_mut() {
        members.insert("record".into(), post.record_id.clone().into());
        members.insert("kind".into(), post.kind.clone().into());
        members.insert("why".into(), post.why.clone().into());
        if post.kind == "action" {
            members.insert("does".into(), about::said(post).into());
        }
        if let Some((place, verdicts)) =
            about::ways_out(post, account).filter(|_| post.state == PostState::Unsure)
        {
            members.insert("look".into(), place.into());
            members.insert("resolve".into(), verdicts.to_vec().into());
        }
        if let Some(held) = post.held {
            members.insert("held_until".into(), cm_time::rfc3339(held).into());
        }
        if let Some(campaign) = &post.campaign {
            members.insert("campaign".into(), campaign.clone().into());
        }
        if let Some(again) =
            post.not_before.filter(|_| post.state == PostState::Queued || post.state == PostState::Sending)
        {
            members.insert("not_before".into(), cm_time::rfc3339(again).into());
        }
    }
    Ok(object)
}

/// That a sender has a post in its hands, in words that follow the post's name.
pub(crate) fn held(session: &Session, until: Option<DateTime<Utc>>) -> anyhow::Result<Option<String>> {
    let Some(until) = until else { return Ok(None) };
    let until = session.zone()?.wall(until).format("%H:%M");
    Ok(Some(format!("is in the hands of another sender until {until}")))
}

/// An instant on the wall of the configured zone.
pub(crate) fn local(session: &Session, at: DateTime<Utc>) -> anyhow::Result<String> {
    Ok(session.zone()?.wall(at).format("%a %Y-%m-%d %H:%M").to_string())
}

/// Runs `history`: a line per record of which something went out, oldest first.
pub(crate) fn history(session: &Session, args: &History) -> anyhow::Result<()> {
    let range = range(session, &args.range)?;
    let store = tables::open_to_read(session)?;
    let shown = range.clone();
    let records = match &store {
        Some(store) => store.read(move |tx| tables::published_records(tx, &shown))?,
        None => Vec::new(),
    };
    if records.is_empty() {
        session.say("nothing went out");
    }
    if records.is_empty() && args.range.exit_status {
        session.mark(Exit::Nothing);
    }
    let Some(store) = store else { return Ok(()) };
    if session.stdout_is_terminal() {
        let mut posts = Vec::new();
        for record in records {
            posts.extend(store.read(move |tx| tables::of_record(tx, &record))?);
        }
        posts.retain(|post| range.holds(post));
        return session.list(&listing(session, &posts)?);
    }
    let mut out = session.out();
    for record in records {
        let posts = store.read(move |tx| tables::of_record(tx, &record))?;
        let Some(first) = posts.first() else { continue };
        let mut record =
            Record::parse(first.record.clone()).map_err(|why| anyhow::anyhow!("{}: {why}", first.id))?;
        record.set_part("_cm_schedule", &part(&posts));
        out.record(&record)?;
    }
    Ok(out.flush()?)
}

/// The part that a record gets.
pub(crate) fn part(posts: &[Queued]) -> SchedulePart {
    SchedulePart { posts: posts.iter().map(Queued::part).collect() }
}

fn range(session: &Session, args: &args::Range) -> anyhow::Result<Range> {
    let time = |option: &str, text: &Option<String>, open: DateTime<Utc>| {
        text.as_deref().map_or(Ok(open), |text| session.time(option, text))
    };
    Ok(Range {
        since: time("--since", &args.since, DateTime::<Utc>::MIN_UTC)?,
        until: time("--until", &args.until, DateTime::<Utc>::MAX_UTC)?,
        account: args.to.clone().unwrap_or_default(),
        limit: args.limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX)),
    })
}

/// Says so when posts wait and nothing has run `publish` for long, or everything is paused.
fn warn_when_stale(session: &Session, store: &Store) -> anyhow::Result<()> {
    let now = session.now();
    let (waiting, beat, pauses) = store.read(move |tx| {
        let due =
            Range { since: DateTime::<Utc>::MIN_UTC, until: now, account: String::new(), limit: i64::MAX };
        let waiting = tables::due_in(tx, &[PostState::Queued, PostState::Sending], &due)?.len();
        Ok::<_, cm_store::Error>((waiting, tables::last_beat(tx)?, tables::pauses(tx)?))
    })?;
    for paused in pauses {
        let what = if paused == "*" { "everything" } else { &paused };
        session.warn("paused", format!("{what} is paused: cm-schedule resume lifts it"));
    }
    if waiting == 0 || beat.is_some_and(|beat| now - beat < LONG) {
        return Ok(());
    }
    let since = match beat {
        Some(beat) => format!("since {}", local(session, beat)?),
        None => "yet".to_owned(),
    };
    let posts = if waiting == 1 { "1 post is".to_owned() } else { format!("{waiting} posts are") };
    session.warn(
        "stale",
        format!("nothing has run cm-schedule publish {since} and {posts} due: run it from cron every minute"),
    );
    Ok(())
}
