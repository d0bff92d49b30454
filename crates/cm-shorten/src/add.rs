//! `add`: one link, with a code, an end or a title of its own. Out: the link as one JSON line; on a terminal its short
//! address alone.

use crate::args::{Add, Backend};
use crate::shortener::{Plan, Shortener};
use crate::slug;
use crate::target::{self, Refusal};
use crate::utm::Fields;
use anyhow::Result;
use cm_cli::{Failure, Session};

/// Makes the link.
pub fn run(args: &Add, session: &Session) -> Result<()> {
    if let Some(code) = &args.slug {
        slug::check(code).map_err(|why| Failure::usage(format!("--slug {code:?}: {why}")))?;
    }
    let accounts: Vec<String> = args.account.iter().cloned().collect();
    let expires_ms = expiry(args, session)?;
    let shortener = Shortener::open(session, Backend::Embedded, &args.tagging, args.naming, &accounts)?;
    let fields = Fields { title: args.title.as_deref(), ..Fields::default() };
    let refused = |why| Failure::usage(format!("{} is not shortened: {why}", target::shown(&args.url)));
    let mut plans = shortener.plan(&args.url, &fields).map_err(refused)?;
    let plan = plans.first_mut().ok_or_else(|| refused(Refusal::Own))?;
    plan.wanted.code = args.slug.clone();
    plan.wanted.expires_ms = expires_ms;
    plan.wanted.max_clicks = args.max_clicks;
    if args.slug.is_some() || expires_ms.is_some() || args.max_clicks.is_some() {
        // Such a link is apart: the filter must not give it out, and it does not answer for another.
        plan.wanted.identity = None;
    }
    shortener.make(std::iter::once(&mut *plan))?;
    if plan.link.code.is_none() {
        accept_taken(&shortener, plan)?;
    }
    show(session, plan)
}

fn expiry(args: &Add, session: &Session) -> Result<Option<i64>> {
    let Some(text) = &args.expires else { return Ok(None) };
    let when = cm_time::parse_when(text, session.zone()?, session.now())
        .map_err(|e| Failure::usage(format!("--expires: {e}")))?;
    if when.at <= session.now() {
        return Err(Failure::usage(format!("--expires {text:?} is past")).into());
    }
    Ok(Some(when.at.timestamp_millis()))
}

/// A code that is taken by the very same link is no failure: adding twice is adding once.
fn accept_taken(shortener: &Shortener, plan: &mut Plan) -> Result<()> {
    let code = plan.wanted.code.clone().unwrap_or_default();
    let found = shortener.tables().map(|tables| tables.link(&code)).transpose()?.flatten();
    let taken = |by: String| Failure::usage(format!("--slug {code}: that code is taken{by}"));
    let link = found.ok_or_else(|| taken(String::new()))?;
    if link.target != plan.wanted.target {
        return Err(taken(format!(", it leads to {}", target::shown(&link.target))).into());
    }
    if (link.expires_ms, link.max_clicks) != (plan.wanted.expires_ms, plan.wanted.max_clicks.map(i64::from)) {
        return Err(taken(" by the same link with another end".to_owned()).into());
    }
    plan.link.short_url = Some(link.short_url());
    plan.link.code = Some(code);
    Ok(())
}

fn show(session: &Session, plan: &Plan) -> Result<()> {
    if session.stdout_is_terminal() {
        return session.print(&format!("{}\n", plan.link.short_url.as_deref().unwrap_or_default()));
    }
    session.print(&format!("{}\n", serde_json::to_string(&plan.link)?))
}
