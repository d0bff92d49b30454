//! `add`: one link, with a code, an end or a title of its own. Out: the link as one JSON line; on a terminal its short
//! address alone.

use crate::args::Add;
use crate::clicks::{local, written};
use crate::edit::Changes;
use crate::remote;
use crate::rows::Link;
use crate::shortener::{self, Plan, Shortener};
use crate::tables::Tables;
use crate::target::{self, Refusal};
use crate::utm::{self, Fields};
use crate::{details, slug, title};
use anyhow::Result;
use cm_cli::{Failure, Session};
use serde::Serialize;

/// Makes the link and shows it.
pub fn run(args: &Add, session: &Session) -> Result<()> {
    details::warn_of(args.redirect, session);
    let (shortener, mut plan, identity) = prepare(args, session, None)?;
    shortener.warn_of_gaps(session);
    if args.url.trim().contains(' ') {
        session.warn(
            "blank",
            "the link holds a blank, which browsers send as %20: was more than one link meant?",
        );
    }
    tell_of_tags(&plan, session);
    if shortener.remote().is_some() {
        return remote::add(&shortener, session, &mut plan, identity.as_deref());
    }
    finish(&shortener, &mut plan, session)?;
    warn_of_capitals(&shortener, &plan, session)?;
    show(session, &plan)
}

/// The campaign tags that cleaning took off: at the prompt they were typed on purpose, perhaps.
fn tell_of_tags(plan: &Plan, session: &Session) {
    let lost = lost_tags(&plan.link.url, &plan.wanted.target);
    if !lost.is_empty() {
        session.say(format_args!("{} taken off: --existing-utm keep keeps them", lost.join(", ")));
    }
}

/// The names of the campaign tags that a link has and another has not, in their order.
fn lost_tags(given: &str, target: &str) -> Vec<String> {
    let names = |url: &str| -> Vec<String> {
        let tags = utm::tags_on(url);
        let name = |tag: &str| cm_web::parameter_name(tag.split('=').next().unwrap_or(tag)).into_owned();
        tags.split('&')
            .map(name)
            .filter(|name| name.starts_with("utm_") || name.starts_with("mtm_"))
            .collect()
    };
    let (mut lost, kept) = (Vec::new(), names(target));
    for name in names(given) {
        if !kept.contains(&name) && !lost.contains(&name) {
            lost.push(name);
        }
    }
    lost
}

/// A code that an imported link has with capitals: who types that one in lower case is led elsewhere from now on.
fn warn_of_capitals(shortener: &Shortener, plan: &Plan, session: &Session) -> Result<()> {
    let (Some(tables), Some(code)) = (shortener.tables(), &plan.wanted.code) else { return Ok(()) };
    if let Some(other) = tables.with_capitals(code)?.first().filter(|_| plan.is_new) {
        let told = "is a link too: who types that in lower case comes to the new one from now on";
        session.warn("capitals", format_args!("{other} {told}: {code}"));
    }
    Ok(())
}

/// Makes the link in an open store, unless it is there.
pub fn make(args: &Add, tables: &Tables, session: &Session) -> Result<Plan> {
    let (shortener, mut plan, _) = prepare(args, session, Some(tables))?;
    finish(&shortener, &mut plan, session)?;
    Ok(plan)
}

/// All that is checked before anything is made.
fn prepare(
    args: &Add,
    session: &Session,
    store: Option<&Tables>,
) -> Result<(Shortener, Plan, Option<String>)> {
    if let Some(code) = &args.slug {
        slug::check(code).map_err(|why| Failure::usage(format!("--slug {code:?}: {why}")))?;
    }
    let details = Details::read(args, session)?;
    let accounts: Vec<String> = args.account.iter().cloned().collect();
    let (backend, tagging) = (args.backend.as_ref(), &args.tagging);
    let shortener = Shortener::over(session, backend, tagging, args.naming, &accounts, store)?;
    let fallback = args.fallback.as_deref().map(|url| details::fallback(url, &shortener)).transpose()?;
    let fields = Fields { title: args.title.as_deref(), ..Fields::default() };
    let refused = |why: Refusal| {
        let meant =
            with_scheme(&args.url, &shortener).map(|url| format!("; write {url}")).unwrap_or_default();
        let shown = target::shown_refused(&args.url, &why);
        Failure::usage(format!("{shown} is not shortened: {why}{meant}"))
    };
    let leads_to = shortener.leads_to(session, &args.url)?;
    let mut plans = shortener.plan_for(&args.url, &leads_to, &fields).map_err(refused)?;
    if plans.is_empty() {
        return Err(refused(Refusal::Own).into());
    }
    let mut plan = plans.swap_remove(0);
    let identity = plan.wanted.identity.clone();
    details.put_on(&mut plan, args, fallback);
    if args.fetch_title {
        plan.wanted.title = title::fetch(&plan.wanted.target, &shortener, session)?;
    }
    Ok((shortener, plan, identity))
}

/// What was meant by an address without its beginning.
fn with_scheme(url: &str, shortener: &Shortener) -> Option<String> {
    let whole = format!("https://{}", url.trim());
    let is_bare = !url.contains("://") && !url.trim().contains(' ') && url.contains('.');
    (is_bare && shortener.check(&whole).is_ok()).then(|| target::shown(&whole))
}

fn finish(shortener: &Shortener, plan: &mut Plan, session: &Session) -> Result<()> {
    shortener.make(session, std::iter::once(&mut *plan))?;
    // With --backend none there is nothing to be made.
    if plan.link.code.is_none() && shortener.tables().is_some() {
        accept_taken(shortener, plan, session)?;
    }
    if !plan.is_new {
        describe_again(shortener, plan, session)?;
    }
    Ok(())
}

/// What was said of the link beside its target, checked.
struct Details {
    expires_ms: Option<i64>,
    title: Option<String>,
    note: Option<String>,
    labels: Vec<String>,
}

impl Details {
    fn read(args: &Add, session: &Session) -> Result<Details> {
        Ok(Details {
            expires_ms: args.expires.as_deref().map(|text| details::expiry(text, session)).transpose()?,
            title: args.title.as_deref().and_then(details::title),
            note: args.note.as_deref().map(details::note).transpose()?.flatten(),
            labels: details::tags(&args.tags)?,
        })
    }

    fn put_on(self, plan: &mut Plan, args: &Add, fallback: Option<String>) {
        let wanted = &mut plan.wanted;
        wanted.code.clone_from(&args.slug);
        wanted.max_clicks = args.max_clicks;
        wanted.fallback = fallback;
        wanted.status = args.redirect.status.filter(|status| *status != 302);
        wanted.max_age = args.redirect.max_age.filter(|seconds| *seconds > 0);
        (wanted.expires_ms, wanted.title) = (self.expires_ms, self.title);
        (wanted.note, wanted.labels) = (self.note, self.labels);
        let has_end = wanted.expires_ms.is_some() || wanted.max_clicks.is_some();
        if wanted.code.is_some() || has_end || wanted.status.is_some() || wanted.max_age.is_some() {
            // Such a link is apart: the filter must not give it out, and it does not answer for another.
            wanted.identity = None;
        }
    }
}

/// A code that is taken by the very same link is no failure: adding twice is adding once.
fn accept_taken(shortener: &Shortener, plan: &mut Plan, session: &Session) -> Result<()> {
    let wanted = &plan.wanted;
    let code = wanted.code.clone().unwrap_or_default();
    let found = shortener.tables().map(|tables| tables.link(&code)).transpose()?.flatten();
    let taken = |by: String| Failure::usage(format!("--slug {code}: that code is taken{by}"));
    let link = found.ok_or_else(|| taken(String::new()))?;
    if link.target != wanted.target {
        return Err(taken(format!(", it leads to {}", target::shown(&link.target))).into());
    }
    let now = session.now().timestamp_millis();
    let same_end =
        is_same_end(&link, wanted.expires_ms, now) && link.max_clicks == wanted.max_clicks.map(i64::from);
    if (&link.account, &link.campaign) != (&wanted.account, &wanted.campaign) {
        return Err(taken(" by the same link for another account or campaign".to_owned()).into());
    }
    if !same_end || (link.status, link.max_age) != (wanted.status, wanted.max_age) {
        let told = " by the same link with another end or way to redirect (cm-shorten edit changes these)";
        return Err(taken(told.to_owned()).into());
    }
    plan.wanted.expires_ms = link.expires_ms;
    plan.link.short_url = Some(link.short_url());
    plan.link.code = Some(code);
    Ok(())
}

/// Whether a link ends as is wished again: at the same instant, or as long after it was made (`2w`, asked for twice).
fn is_same_end(link: &Link, wished_ms: Option<i64>, now_ms: i64) -> bool {
    match (link.expires_ms, wished_ms) {
        // A few ms lie between the clock's being read for the one and for the other.
        (Some(end), Some(wished)) => {
            end == wished || (end - link.created_ms).abs_diff(wished - now_ms) < 1000
        }
        (end, wished) => end == wished,
    }
}

/// What was said of a link that is there already is put on that one.
fn describe_again(shortener: &Shortener, plan: &Plan, session: &Session) -> Result<()> {
    let (Some(tables), Some(code)) = (shortener.tables(), &plan.link.code) else { return Ok(()) };
    let wanted = &plan.wanted;
    let changes = Changes {
        title: wanted.title.clone().map(Some),
        note: wanted.note.clone().map(Some),
        fallback: wanted.fallback.clone().map(Some),
        tags: wanted.labels.clone(),
        ..Changes::default()
    };
    if let Some(link) = tables.link(code)? {
        changes.check(&link)?;
    }
    let now = session.now().timestamp_millis();
    let cleaner = shortener.cleaner().clone();
    let identity = move |link: &Link| shortener::identity_of(link, &cleaner);
    let made = tables.edit(code, now, identity, move |link: &mut Link| changes.apply(link))?;
    let put =
        if made.is_some_and(|made| !made.is_empty()) { ": what you say of it was put on it" } else { "" };
    session.say(format_args!("{code} was there already{put}"));
    Ok(())
}

/// A link as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    url: &'a str,
    clean_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tagged_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// Whether it was made just now; absent where none is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<bool>,
}

fn show(session: &Session, plan: &Plan) -> Result<()> {
    let link = &plan.link;
    if session.stdout_is_terminal() {
        let address = link.short_url.as_ref().or(link.tagged_url.as_ref()).unwrap_or(&link.clean_url);
        if let Some(end) = plan.wanted.expires_ms.filter(|_| link.code.is_some()) {
            session.say(format_args!("good until {}", local(end, session.zone()?)));
        }
        return session.print(&format!("{address}\n"));
    }
    let shown = Shown {
        url: &link.url,
        clean_url: &link.clean_url,
        tagged_url: link.tagged_url.as_deref(),
        short_url: link.short_url.as_deref(),
        code: link.code.as_deref(),
        account: link.account.as_deref(),
        expires: plan.wanted.expires_ms.filter(|_| link.code.is_some()).map(written),
        created: link.code.is_some().then_some(plan.is_new),
    };
    session.print(&format!("{}\n", serde_json::to_string(&shown)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_are_lost_are_named_once() {
        let given = "https://a.example/?utm_campaign=m&x=1&UTM_source=n&utm_campaign=o#utm_term=y";
        assert_eq!(lost_tags(given, "https://a.example/?x=1"), ["utm_campaign", "utm_source"]);
        assert_eq!(lost_tags(given, "https://a.example/?utm_source=new"), ["utm_campaign"]);
        assert!(lost_tags("https://a.example/?x=1", "https://a.example/").is_empty());
    }
}
