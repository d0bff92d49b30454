//! What people decide: another time, taking back, what became of a post that is unsure, and the crisis button.

use crate::args::{Cancel, Move, Pause, Resolve};
use crate::post::{Queued, short_id, word};
use crate::settings::Settings;
use crate::tables::{self, By};
use crate::{list, plan};
use chrono::{DateTime, Utc};
use cm_cli::{Failure, Session};
use cm_record::PostState;
use cm_store::Tx;

/// Who acts: `ana: publish`, or the command alone where nobody's name is known.
pub(crate) fn actor(command: &str) -> String {
    let user =
        ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    user.map_or_else(|| command.to_owned(), |user| format!("{user}: {command}"))
}

/// Runs `move`.
pub(crate) fn move_post(session: &Session, args: &Move) -> anyhow::Result<()> {
    let when = plan::when(session, "move", &args.when.join(" "))?;
    let zone = when.zone.as_ref().unwrap_or(session.zone()?).clone();
    let wall = when.wall.filter(|wall| zone.instant(*wall).0 == when.at);
    let moved = move |old: &Queued| {
        allow(old, &[PostState::Queued, PostState::Missed, PostState::Cancelled], "moved")?;
        Ok(Queued {
            state: PostState::Queued,
            due: when.at,
            wall: wall.map(|wall| wall.format(tables::WALL).to_string()),
            time_zone: zone.name().to_owned(),
            why: "moved by hand".to_owned(),
            error: None,
            ..old.clone()
        })
    };
    decide(session, "move", std::slice::from_ref(&args.id), args.dry_run, moved)
}

/// Runs `cancel`.
pub(crate) fn cancel(session: &Session, args: &Cancel) -> anyhow::Result<()> {
    decide(session, "cancel", &args.ids, args.dry_run, |old| {
        allow(
            old,
            &[PostState::Draft, PostState::Queued, PostState::Missed, PostState::Failed],
            "cancelled",
        )?;
        Ok(Queued { state: PostState::Cancelled, ..old.clone() })
    })
}

/// Runs `resolve`.
pub(crate) fn resolve(session: &Session, args: &Resolve) -> anyhow::Result<()> {
    let (now, sent, again) = (session.now(), args.sent.clone(), args.send_again);
    if !sent.as_deref().is_none_or(is_address) {
        let why = "--sent: give the whole address of the post, which begins with https://, http:// or at://";
        return Err(Failure::usage(why).into());
    }
    if sent.is_some() && args.ids.len() > 1 {
        return Err(Failure::usage("--sent: one address is that of one post: resolve them one by one").into());
    }
    decide(session, "resolve", &args.ids, args.dry_run, move |old| {
        // One that is `sending` waits to be found out; a person may know sooner.
        let states = [PostState::Unsure, PostState::Missed, PostState::Failed, PostState::Sending];
        allow(old, &states, "resolved")?;
        Ok(resolved(old, sent.clone(), again, now))
    })
}

/// Whether somebody can look there. A DID in an `at://` address is no host, as other addresses have one.
fn is_address(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("at://") {
        return !rest.is_empty() && !rest.contains(char::is_whitespace);
    }
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

fn resolved(old: &Queued, sent: Option<String>, again: bool, now: DateTime<Utc>) -> Queued {
    match sent {
        // It went out when it was last tried, not when a person found it.
        Some(url) => Queued {
            state: PostState::Published,
            published: Some(old.intent.unwrap_or(now)),
            url: Some(url),
            error: None,
            ..old.clone()
        },
        None if again => {
            let why = "sent again by hand".to_owned();
            Queued {
                state: PostState::Queued,
                due: now,
                wall: None,
                urgent: true,
                why,
                error: None,
                ..old.clone()
            }
        }
        None => Queued { state: PostState::Cancelled, ..old.clone() },
    }
}

/// Runs `pause`.
pub(crate) fn pause(session: &Session, args: &Pause) -> anyhow::Result<()> {
    let account = account(session, args)?;
    let by = By { actor: actor("pause"), at: session.now() };
    let name = account.clone();
    let new = tables::open(session)?.write(move |tx| tables::pause(tx, &name, &by))?;
    let what = if account == "*" { "every account" } else { &account };
    session.say(format!("{what} {} paused", if new { "is" } else { "was already" }));
    Ok(())
}

/// Runs `resume`. Lifting the pause of all leaves those that were paused by name.
pub(crate) fn resume(session: &Session, args: &Pause) -> anyhow::Result<()> {
    let account = account(session, args)?;
    let name = account.clone();
    let (lifted, left) = tables::open(session)?
        .write(move |tx| Ok::<_, cm_store::Error>((tables::resume(tx, &name)?, tables::pauses(tx)?)))?;
    if !lifted {
        session.say("nothing to resume");
    }
    for paused in left {
        let all = paused == "*";
        session.warn(
            "paused",
            if all {
                "everything stays paused: cm-schedule resume".to_owned()
            } else {
                format!("{paused} stays paused: cm-schedule resume {paused}")
            },
        );
    }
    Ok(())
}

fn account(session: &Session, args: &Pause) -> anyhow::Result<String> {
    let Some(name) = &args.account else { return Ok("*".to_owned()) };
    Settings::read(session)?.channel(name)?;
    Ok(name.clone())
}

/// Changes posts one after the other, each in its own transaction, and shows them as they are then. Of several, one that
/// cannot be changed is told and the others are.
fn decide(
    session: &Session,
    command: &str,
    ids: &[String],
    dry_run: bool,
    change: impl Fn(&Queued) -> Result<Queued, Failure> + Clone + Send + 'static,
) -> anyhow::Result<()> {
    let store = tables::open_existing(session)?;
    let mut changed = Vec::new();
    for id in ids {
        let (id, change) = (id.clone(), change.clone());
        let by = By { actor: actor(command), at: session.now() };
        let result = store.write(move |tx| -> anyhow::Result<Queued> {
            let old = pick(tx, &id)?;
            let new = change(&old)?;
            if !dry_run && !tables::change(tx, &old, &new, &by, None)? {
                return Err(Failure::busy(format!("post {} is being sent right now", old.short_id())).into());
            }
            Ok(new)
        });
        match result {
            Ok(post) => changed.push(post),
            Err(error) if ids.len() > 1 && error.downcast_ref::<Failure>().is_some() => {
                session.failed(command, format!("{error:#}"))?;
            }
            Err(error) => return Err(error),
        }
    }
    session.list(&list::listing(session, &changed)?)
}

/// The one post that an id, or the beginning of one, means.
pub(crate) fn pick(tx: &mut dyn Tx, given: &str) -> anyhow::Result<Queued> {
    let digits = given.strip_prefix("urn:cm:post:").unwrap_or(given).to_ascii_lowercase();
    if digits.len() < 4 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Failure::usage(format!("{given:?} is no post's id: cm-schedule list shows them")).into());
    }
    let mut found = tables::by_digits(tx, &digits)?;
    match (found.pop(), found.is_empty()) {
        (Some(post), true) => Ok(post),
        (None, _) => {
            Err(Failure::usage(format!("no post {given}: cm-schedule list --state all shows them")).into())
        }
        (Some(_), false) => {
            let some: Vec<&str> = found.iter().map(|post| short_id(&post.id)).collect();
            Err(Failure::usage(format!(
                "{given} means several posts: write more digits ({} ...)",
                some.join(", ")
            ))
            .into())
        }
    }
}

fn allow(post: &Queued, states: &[PostState], done: &str) -> Result<(), Failure> {
    if states.contains(&post.state) {
        return Ok(());
    }
    let (id, state) = (post.short_id(), word(post.state));
    let known = states.iter().map(|state| word(*state)).collect::<Vec<_>>().join(", ");
    Err(Failure::usage(format!("post {id} is {state} and cannot be {done} (only {known} can)")))
}
