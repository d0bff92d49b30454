//! `edit`: what is known of a link, changed. In: its code and what shall be another way. Out: the changes, one JSON line
//! each as `history` writes them; a table on a terminal.

use crate::args::{Backend, Cleaning, Edit, MaxClicks, Naming, Tagging};
use crate::expand::named;
use crate::rows::Link;
use crate::shortener::{self, Shortener};
use crate::tables::Tables;
use crate::utm::Fields;
use crate::{accounts, cleaning, details, history, target, title};
use anyhow::Result;
use cm_cli::{Failure, Session};
use cm_store::Mode;

/// Changes the link.
pub fn run(args: &Edit, session: &Session) -> Result<()> {
    let link = named(&Tables::open(&session.store_url()?, Mode::Read)?, session, &args.slug)?;
    let edit = read(args, &link, session)?;
    if edit == Changes::default() && !args.fetch_title {
        return Err(Failure::usage(
            "nothing to change: say what, such as --url LINK, --title TEXT or --expires now",
        )
        .into());
    }
    edit.check(&link)?;
    let has_not: Vec<&str> =
        edit.untags.iter().filter(|tag| !link.labels.contains(tag)).map(String::as_str).collect();
    if !has_not.is_empty() {
        let has = if link.labels.is_empty() { "none".to_owned() } else { link.labels.join(", ") };
        session.warn(
            "tags",
            format_args!("--untag {}: it has no such tag; its tags: {has}", has_not.join(", ")),
        );
    }
    let tables = Tables::open(&session.store_url()?, Mode::Write)?;
    edit.make(&tables, &link.code, session)
}

/// What of a link shall be another way; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Where it leads.
    pub target: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// The title, or none.
    pub title: Option<Option<String>>,
    /// The note, or none.
    pub note: Option<Option<String>>,
    /// Tags that it gets.
    pub tags: Vec<String>,
    /// Tags that it loses.
    pub untags: Vec<String>,
    /// When it ends, in ms, or never.
    pub expires_ms: Option<Option<i64>>,
    /// After how many clicks of people it ends, or never.
    pub max_clicks: Option<Option<u32>>,
    /// Where it leads once it has ended, or nowhere.
    pub fallback: Option<Option<String>>,
    /// The redirect's status.
    pub status: Option<u16>,
    /// Seconds that it may be kept.
    pub max_age: Option<u32>,
}

impl Changes {
    /// Makes them in the store and tells of them.
    fn make(self, tables: &Tables, code: &str, session: &Session) -> Result<()> {
        let now = session.now().timestamp_millis();
        let cleaner = cleaning::cleaner(&Cleaning::default(), session)?;
        let identity = move |link: &Link| shortener::identity_of(link, &cleaner);
        let made = tables.edit(code, now, identity, move |link| self.apply(link))?;
        let made = made.ok_or_else(|| Failure::usage(format!("{code}: not a link of this store")))?;
        if made.is_empty() {
            session.say(format_args!("{code}: all of it is so already"));
        }
        history::show(code, &made, session)
    }

    /// Checks what a link would be.
    pub fn check(&self, link: &Link) -> Result<(), Failure> {
        let mut link = link.clone();
        self.apply(&mut link);
        details::check_count(link.labels.len())
    }

    /// Changes a link in memory.
    pub fn apply(&self, link: &mut Link) {
        let Changes { target, campaign, title, note, tags, untags, expires_ms, max_clicks, fallback, .. } =
            self;
        set(&mut link.target, target);
        set(&mut link.title, title);
        set(&mut link.note, note);
        set(&mut link.expires_ms, expires_ms);
        set(&mut link.fallback, fallback);
        set(&mut link.max_clicks, &max_clicks.map(|most| most.map(i64::from)));
        link.campaign = campaign.clone().or_else(|| link.campaign.take());
        // What nobody would tell from the default is the default.
        link.status = self.status.or(link.status).filter(|status| *status != 302);
        link.max_age = self.max_age.or(link.max_age).filter(|seconds| *seconds != 0);
        link.labels.retain(|label| !untags.contains(label));
        let new: Vec<&String> = tags.iter().filter(|tag| !link.labels.contains(tag)).collect();
        link.labels.extend(new.into_iter().cloned());
    }
}

fn set<T: Clone>(place: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        place.clone_from(value);
    }
}

fn read(args: &Edit, link: &Link, session: &Session) -> Result<Changes> {
    let campaign = args.tagging.campaign.clone().filter(|campaign| !campaign.trim().is_empty());
    let tagging =
        Tagging { campaign: campaign.clone().or_else(|| link.campaign.clone()), ..args.tagging.clone() };
    if args.url.is_none() && (tagging.utm.is_some() || tagging.existing_utm.is_some()) {
        return Err(
            Failure::usage("--utm and --existing-utm go with --url: they are about a new target").into()
        );
    }
    // A link that was imported may carry what is no account to anybody but its old home.
    let accounts: Vec<String> =
        link.account.iter().filter(|account| accounts::is_account(account)).cloned().collect();
    let shortener = Shortener::open(session, Some(&Backend::None), &tagging, Naming::default(), &accounts)?;
    details::warn_of(args.redirect, session);
    let place = args.url.as_ref().map(|url| shortener.leads_to(session, url)).transpose()?;
    let target = place.map(|place| new_target(&place, link, &shortener)).transpose()?;
    let fallback = args.fallback.as_deref().map(|url| match url {
        "none" => Ok(None),
        url => details::fallback(url, &shortener).map(Some),
    });
    let expires = args.expires.as_deref().map(|text| match text {
        "never" => Ok(None),
        text => details::expiry(text, session).map(Some),
    });
    let mut title = args.title.as_deref().map(details::title);
    if args.fetch_title {
        let page = target.as_deref().unwrap_or(&link.target);
        title = title::fetch(page, &shortener, session)?.map(Some);
    }
    Ok(Changes {
        target,
        campaign,
        title,
        note: args.note.as_deref().map(details::note).transpose()?,
        tags: details::tags(&args.tags)?,
        untags: details::tags(&args.untags)?,
        expires_ms: expires.transpose()?,
        max_clicks: args.max_clicks.map(|MaxClicks(most)| most),
        fallback: fallback.transpose()?,
        status: args.redirect.status,
        max_age: args.redirect.max_age,
    })
}

/// Where the link is to lead, refused, cleaned and tagged as a new one would be.
fn new_target(url: &str, link: &Link, shortener: &Shortener) -> Result<String, Failure> {
    let refused = |why| Failure::usage(format!("{}: {why}", target::shown_refused(url, &why)));
    let fields = Fields { title: link.title.as_deref(), ..Fields::default() };
    let plans = shortener.plan(url, &fields).map_err(refused)?;
    let plan = plans.into_iter().next().ok_or_else(|| refused(target::Refusal::Own))?;
    Ok(plan.wanted.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            code: "k".into(),
            domain: "https://go.acme.example".into(),
            target: "https://a.example/".into(),
            account: None,
            campaign: Some("c".into()),
            title: Some("T".into()),
            created_ms: 0,
            expires_ms: Some(1),
            max_clicks: Some(2),
            revision: 1,
            fallback: Some("https://b.example/".into()),
            note: None,
            labels: vec!["one".into(), "two".into()],
            status: Some(301),
            max_age: Some(9),
        }
    }

    #[test]
    fn nothing_asked_is_nothing_changed() {
        let mut same = link();
        Changes::default().apply(&mut same);
        assert_eq!(same, link());
    }

    #[test]
    fn each_part_is_set_and_taken_away() {
        let changes = Changes {
            title: Some(None),
            note: Some(Some("n".into())),
            tags: vec!["two".into(), "three".into()],
            untags: vec!["one".into()],
            expires_ms: Some(None),
            max_clicks: Some(None),
            fallback: Some(None),
            status: Some(302),
            max_age: Some(0),
            ..Changes::default()
        };
        let mut plain = link();
        changes.apply(&mut plain);
        let expected = Link {
            title: None,
            note: Some("n".into()),
            labels: vec!["two".into(), "three".into()],
            expires_ms: None,
            max_clicks: None,
            fallback: None,
            status: None,
            max_age: None,
            ..link()
        };
        assert_eq!(plain, expected);
    }
}
