//! Making drafts and actions from items, for the next in the pipe.

use crate::entry::account_of;
use crate::handout::Shown;
use crate::inbox::Inbox;
use crate::looking::{label, one};
use crate::{changes, compose, draft, show};
use anyhow::Result;
use cm_cli::{Failure, Session};
use cm_record::{Item, Record};

/// Writes a draft that answers an item and says whom it answers.
pub fn reply(
    session: &Session,
    inbox: &Inbox,
    item: String,
    message: Option<String>,
    with: Option<String>,
) -> Result<()> {
    let (shown, parent) = one(session, inbox, item)?;
    let meta = parent.meta();
    if meta.own || meta.deleted {
        let why = if meta.own { "is our own" } else { "was deleted by its author" };
        return Err(Failure::usage(format!("{} {why}: there is nobody to answer", label(&shown))).into());
    }
    warn_of_a_second(session, &shown)?;
    let text = match (message, with) {
        (Some(message), _) => compose::given(&message)?,
        (None, Some(name)) => compose::canned(session, &name, &parent)?,
        (None, None) => compose::edit(session, &parent)?,
    };
    let draft = draft::reply(&parent, &text);
    let who = shown.standing.author.as_deref().unwrap_or("somebody");
    let through = match account_of(&shown.standing.key.source) {
        Some(account) => format!("through {account}"),
        None => "whose words came by a feed (where to: cm-schedule add --to)".to_owned(),
    };
    // Not only for those who watch: whom a pipe answers belongs into its log.
    session.warn("answering", format!("answering {who} {through}: {}", shown.standing.headline));
    hand_over(session, inbox, &shown, &draft, "reply to")
}

/// People do not like to be answered twice; whether they are is for the one who writes to say.
fn warn_of_a_second(session: &Session, about: &Shown) -> Result<()> {
    let standing = &about.standing;
    if let Some(at) = standing.answered_ms {
        let at = show::wall(session, at)?;
        session.warn("answered_already", format!("{} was answered {at} already", label(about)));
    } else if let Some(at) = standing.moment.drafted_ms {
        let at = show::wall(session, at)?;
        let message = format!(
            "a draft about {} was made {at} already: cm-schedule list shows whether it is queued",
            label(about)
        );
        session.warn("drafted_already", message);
    }
    Ok(())
}

/// Writes a draft that shares an item.
pub fn share(
    session: &Session,
    inbox: &Inbox,
    item: String,
    message: Option<String>,
    share_unknown: bool,
) -> Result<()> {
    let (shown, item) = one(session, inbox, item)?;
    let text = message.as_deref().map(compose::given).transpose()?;
    let own_idea = shown.standing.key.source == changes::IDEAS;
    let draft = draft::share(&item, text.as_deref(), own_idea, share_unknown)
        .map_err(|why| Failure::usage(format!("{}: {why}", label(&shown))))?;
    hand_over(session, inbox, &shown, &draft, "share")
}

/// Writes an action on an item: `approve`, `spam` or `trash`.
pub fn act(session: &Session, inbox: &Inbox, item: String, action: &str) -> Result<()> {
    let (shown, parent) = one(session, inbox, item)?;
    let draft =
        draft::action(&parent, action).map_err(|why| Failure::usage(format!("{}: {why}", label(&shown))))?;
    // What was let through still waits for an answer.
    if action == "approve" {
        print(session, &draft)
    } else {
        hand_over(session, inbox, &shown, &draft, action)
    }
}

/// Remembers that the draft was made and hands it to the next in the pipe.
fn hand_over(session: &Session, inbox: &Inbox, about: &Shown, draft: &Item, what: &str) -> Result<()> {
    let what = format!("the mark of a draft, {what} {} (was it queued: cm-schedule cancel)", label(about));
    changes::drafted(session, inbox, &about.standing.key, what)?;
    print(session, draft)
}

fn print(session: &Session, draft: &Item) -> Result<()> {
    let record = Record::from_item(draft).map_err(|why| anyhow::anyhow!("the draft: {why}"))?;
    let mut out = session.out();
    out.record(&record)?;
    Ok(out.flush()?)
}
