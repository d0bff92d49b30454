//! One post: all about it, and everything that happened to it.

use crate::args::Show;
use crate::decide::pick;
use crate::post::{Queued, word};
use crate::settings::Settings;
use crate::{about, list, tables};
use cm_cli::{Account, Session, printable};
use cm_store::Row;
use serde_json::{Value, json};

/// Runs `show`.
pub(crate) fn run(session: &Session, args: &Show) -> anyhow::Result<()> {
    let (store, id) = (tables::open_existing(session)?, args.id.clone());
    let (post, trail) = store.read(move |tx| -> anyhow::Result<(Queued, Vec<Row>)> {
        let post = pick(tx, &id)?;
        let trail = tables::trail(tx, &post.id)?;
        Ok((post, trail))
    })?;
    let settings = Settings::read(session).ok();
    let account = settings.as_ref().and_then(|settings| settings.channel(&post.account).ok());
    let account = account.map(|channel| &channel.account);
    if session.stdout_is_terminal() {
        return session.print(&page(session, &post, account, &trail)?);
    }
    let mut object = list::object(&post, account)?;
    if let Some(members) = object.as_object_mut() {
        members.insert("trail".into(), trail.iter().map(event).collect::<Result<Vec<_>, _>>()?.into());
    }
    session.print(&format!("{object}\n"))
}

fn event(row: &Row) -> Result<Value, cm_store::Error> {
    let mut event = json!({"at": cm_time::rfc3339(tables::time(row.need_int(0)?)), "by": row.need_text(1)?, "to": row.need_text(3)?});
    if let Some(members) = event.as_object_mut() {
        for (name, column) in [("from", 2), ("note", 4)] {
            if let Some(text) = row.text(column)? {
                members.insert(name.into(), text.into());
            }
        }
    }
    Ok(event)
}

fn page(
    session: &Session,
    post: &Queued,
    account: Option<&Account>,
    trail: &[Row],
) -> anyhow::Result<String> {
    let mut page = format!(
        "{}\n{} to {}, {}\nrecord {}\ndue {} ({}): {}\n",
        post.id,
        post.kind,
        post.account,
        word(post.state),
        post.record_id,
        list::local(session, post.due)?,
        session.zone()?.name(),
        post.why
    );
    let target = about::answers(post);
    for (name, value) in [
        ("answers", &post.in_reply_to.clone().filter(|_| post.kind != "action")),
        (
            "which is",
            &target.filter(|target| post.kind != "action" && Some(target) != post.in_reply_to.as_ref()),
        ),
        ("campaign", &post.campaign),
        ("at", &post.url),
        ("error", &post.error),
    ] {
        if let Some(value) = value {
            page.push_str(&format!("{name} {value}\n"));
        }
    }
    if let Some(held) = list::held(session, post.held)? {
        page.push_str(&format!("it {held}\n"));
    }
    if let Some((place, verdicts)) = about::ways_out(post, account) {
        page.push_str(&format!("\nlook at {place}, then say one of\n  {}\n", verdicts.join("\n  ")));
    }
    page.push_str(&format!("\n{}\n\n", about::said(post)));
    for row in trail {
        let at = list::local(session, tables::time(row.need_int(0)?))?;
        let note = row.text(4)?.map(|note| format!(" ({note})")).unwrap_or_default();
        page.push_str(&format!("{at}  {}  {}{note}\n", row.need_text(3)?, row.need_text(1)?));
    }
    Ok(printable(&page))
}
