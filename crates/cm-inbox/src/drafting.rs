//! Making drafts and actions from items, for the next in the pipe.

use crate::entry::account_of;
use crate::handout::Shown;
use crate::inbox::Inbox;
use crate::looking::{label, one, several};
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
    warn_of_moderation(session, &shown);
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
    let on = shown.place.as_ref().map(|place| format!(" on {}", place.full())).unwrap_or_default();
    session.warn("answering", format!("answering {who}{on} {through}: {}", shown.standing.headline));
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

/// A network refuses a reply to what nobody sees there; whether that has changed meanwhile is not known here.
fn warn_of_moderation(session: &Session, about: &Shown) {
    let (standing, label) = (&about.standing, label(about));
    let approve = match standing.number {
        Some(number) => format!("cm-inbox approve {number} | cm-schedule add --now"),
        None => "cm-inbox approve".to_owned(),
    };
    match standing.status.as_deref() {
        Some("held") if standing.action.as_deref() != Some("approve") => {
            let message =
                format!("{label} is still held: approve it first ({approve}), or the reply will be refused");
            session.warn("still_held", message);
        }
        Some(status @ ("spam" | "trash")) => {
            let stands = if status == "spam" { "marked as spam" } else { "in the trash" };
            let message = format!(
                "{label} is {stands}: the reply will be refused unless it is let through first ({approve})"
            );
            session.warn("not_answerable", message);
        }
        _ => {}
    }
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

/// Writes an action on each of several items; what cannot be done is told, the rest done.
pub fn act(session: &Session, inbox: &Inbox, items: &[String], action: &str) -> Result<()> {
    let (mut drafts, mut keys, mut labels, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (shown, item) in several(session, inbox, items)? {
        match draft::action(&item, action) {
            Ok(draft) => {
                labels.push(label(&shown));
                keys.push((shown.standing.key, draft.id.clone()));
                drafts.push(draft);
            }
            Err(why) => refused.push(format!("{}: {why}", label(&shown))),
        }
    }
    if drafts.is_empty() {
        return Err(Failure::usage(refused.join("; ")).into());
    }
    for why in refused {
        session.failed("refused", why)?;
    }
    let what = format!("{action} {}", labels.join(", "));
    changes::acted_on(session, inbox, keys, action, what)?;
    print(session, &drafts)
}

/// Remembers that the draft was made and hands it to the next in the pipe.
fn hand_over(session: &Session, inbox: &Inbox, about: &Shown, draft: &Item, what: &str) -> Result<()> {
    changes::drafted(session, inbox, &about.standing.key, &draft.id, format!("{what} {}", label(about)))?;
    print(session, std::slice::from_ref(draft))
}

fn print(session: &Session, drafts: &[Item]) -> Result<()> {
    let mut out = session.out();
    for draft in drafts {
        let record = Record::from_item(draft).map_err(|why| anyhow::anyhow!("the draft: {why}"))?;
        out.record(&record)?;
    }
    Ok(out.flush()?)
}
