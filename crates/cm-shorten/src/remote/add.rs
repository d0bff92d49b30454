//! `add` with another shortener: one link, with a name or an end of its own as far as the service has such.

use super::{Remote, Shown};
use crate::rows::Wanted;
use crate::shortener::{Fate, Plan, Shortener, hashed};
use anyhow::Result;
use cm_cli::{Exit, Failure, Session};
use cm_net::shorteners::{Clicks, Short};

/// Refuses what the service cannot do.
fn check_wish(remote: &Remote, wanted: &Wanted) -> Result<(), Failure> {
    let offers = remote.offers();
    let cannot = [
        (wanted.code.is_some() && !offers.slugs, "--slug"),
        (wanted.expires_ms.is_some() && !offers.expiry, "--expires"),
        (wanted.max_clicks.is_some() && !offers.max_clicks, "--max-clicks"),
        (!wanted.labels.is_empty() && !offers.tags, "--tag"),
        (wanted.fallback.is_some(), "--fallback"),
        (wanted.note.is_some(), "--note"),
        (wanted.status.is_some(), "--status"),
        (wanted.max_age.is_some(), "--max-age"),
    ];
    match cannot.iter().find(|(asked, _)| *asked) {
        Some((_, option)) => Err(Failure::usage(format!("{option}: {} has no such thing", remote.name()))),
        None => Ok(()),
    }
}

/// What makes two wishes one link there, when it has a name or an end of its own too.
fn identity(plain: &str, wanted: &Wanted) -> String {
    let number = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
    let (expires, most) = (number(wanted.expires_ms), number(wanted.max_clicks.map(i64::from)));
    if wanted.code.is_none() && expires.is_empty() && most.is_empty() && wanted.labels.is_empty() {
        return plain.to_owned();
    }
    let own = [plain, wanted.code.as_deref().unwrap_or_default(), &expires, &most];
    hashed(own.into_iter().chain(wanted.labels.iter().map(String::as_str)))
}

/// Makes the link and shows it. `plain`: what the filter would know the link by.
pub fn add(shortener: &Shortener, session: &Session, plan: &mut Plan, plain: Option<&str>) -> Result<()> {
    if let Some(remote) = shortener.remote() {
        check_wish(&remote, &plan.wanted)?;
        remote.alone.set(true);
    }
    plan.wanted.identity = Some(identity(plain.unwrap_or_default(), &plan.wanted));
    shortener.make(session, std::iter::once(&mut *plan))?;
    let (Fate::Made, Some(short_url), Some(code)) = (plan.fate, &plan.link.short_url, &plan.link.code) else {
        // It was told why.
        return Ok(());
    };
    let name = shortener.remote().map(|remote| remote.name().to_owned()).unwrap_or_default();
    if let Some(asked) = plan.wanted.code.as_ref().filter(|asked| *asked != code) {
        let message =
            format!("{name}: the link is there as {code}, not as {asked}: the service gave it that name");
        session.error(Exit::Partial, "slug", message);
    }
    let known = || Short {
        slug: code.clone(),
        short_url: short_url.clone(),
        url: plan.wanted.target.clone(),
        clicks: Clicks::default(),
        ..Short::default()
    };
    let short = plan.answer.clone().unwrap_or_else(known);
    if session.stdout_is_terminal() {
        return session.print(&format!("{}\n", short.short_url));
    }
    session.print(&Shown::of(short, &name, session.now()).line()?)
}
