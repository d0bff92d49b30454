//! From a link as it stands to its short one: refused or cleaned, tagged, and made in the store in one transaction
//! with all the others of a batch.

use crate::accounts;
use crate::args::{Backend, Existing, Naming, Tagging};
use crate::cleaning;
use crate::details;
use crate::expansion::Expander;
use crate::remote::{self, Remote};
use crate::rows::{Link, Wanted};
use crate::settings::{Domain, Settings};
use crate::slug::Codes;
use crate::tables::Tables;
use crate::target::{self, Guard, Refusal};
use crate::templates::Templates;
use crate::utm::{self, Fields};
use anyhow::Result;
use cm_cli::{Failure, Session};
use cm_net::shorteners::{self, Short};
use cm_record::ShortLink;
use cm_store::Mode;
use cm_web::Cleaner;
use sha2::{Digest, Sha256};
use std::cell::{Ref, RefCell};
use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;
use url::Url;

/// Links made in one transaction, at most. Every page of the store's indexes that a transaction touches is written once
/// more: with hundreds of thousands of links there, 4096 at a time wrote three times as much.
const MOST_TOGETHER: usize = 16_384;

/// What makes short links, with its settings for this run.
pub struct Shortener {
    domain: Domain,
    guard: Guard,
    cleaner: Cleaner,
    templates: Templates,
    /// What becomes of tags that links have; as the template says without.
    existing: Option<Existing>,
    campaign: Option<String>,
    accounts: Vec<Option<String>>,
    codes: Codes,
    created_ms: i64,
    /// What short links are one under: a domain of ours, or a service.
    scope: String,
    maker: Maker,
    expander: Option<RefCell<Expander>>,
    /// Where short links of other shorteners stand.
    places: Vec<String>,
}

/// Who makes the links.
enum Maker {
    Nobody,
    Store(Tables),
    Remote(Box<RefCell<Remote>>),
}

/// What became of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It is as it shall be.
    #[default]
    Made,
    /// The service said no, for good: it was told.
    Refused,
    /// Not this time: it was told, and the next run takes it up.
    Left,
}

/// A link on its way: what the record will say of it, and what has to be in the store for that.
#[derive(Clone, Debug)]
pub struct Plan {
    /// As the record will carry it.
    pub link: ShortLink,
    /// What the store must have; its `code` and limits may still be set.
    pub wanted: Wanted,
    /// Whether the store had no such link before.
    pub is_new: bool,
    /// What became of it.
    pub fate: Fate,
    /// Why it alone was not made.
    pub why: Option<String>,
    /// What another shortener said when it was asked just now.
    pub answer: Option<Short>,
}

impl Shortener {
    /// Opens the store unless the back end is `none`, and finds the template.
    pub fn open(
        session: &Session,
        backend: Option<&Backend>,
        tagging: &Tagging,
        naming: Naming,
        accounts: &[String],
    ) -> Result<Shortener> {
        Shortener::over(session, backend, tagging, naming, accounts, None)
    }

    /// The same over a store that is open already, where there is one.
    pub fn over(
        session: &Session,
        backend: Option<&Backend>,
        tagging: &Tagging,
        naming: Naming,
        accounts: &[String],
        store: Option<&Tables>,
    ) -> Result<Shortener> {
        let settings = Settings::read(session)?;
        accounts::check(accounts, &settings, session)?;
        let templates = Templates::choose(session, &settings, tagging, accounts)?;
        let backend = backend.unwrap_or(&settings.backend);
        let (maker, scope) = choose(session, backend, &settings, naming, store)?;
        let places = match &maker {
            Maker::Remote(remote) => remote::places(session, Some(&remote.borrow()))?,
            _ => remote::places(session, None)?,
        };
        let expander = if tagging.expand {
            let tables = match &maker {
                Maker::Store(tables) => Some(tables.clone()),
                _ => None,
            };
            Some(RefCell::new(Expander::open(session, &settings, tables)?))
        } else {
            None
        };
        Ok(Shortener {
            existing: tagging.existing_utm,
            domain: settings.domain,
            guard: settings.guard,
            cleaner: cleaning::cleaner(&tagging.cleaning, session)?,
            templates,
            campaign: tagging.campaign.clone().filter(|campaign| !campaign.trim().is_empty()),
            accounts: each_once(accounts),
            codes: naming.codes(),
            created_ms: session.now().timestamp_millis(),
            scope,
            maker,
            expander,
            places,
        })
    }

    /// Tells of tags that were asked for and that no link gets for want of an account.
    pub fn warn_of_gaps(&self, session: &Session) {
        if self.accounts.iter().all(Option::is_none) {
            self.templates.warn_of_gaps(self.campaign(), session);
        }
    }

    /// How many links are made together: few where each is a question to another service, so that records flow.
    pub fn most_together(&self) -> usize {
        match &self.maker {
            Maker::Remote(_) => 16,
            _ => MOST_TOGETHER,
        }
    }

    /// The other shortener, where there is one.
    pub fn remote(&self) -> Option<Ref<'_, Remote>> {
        match &self.maker {
            Maker::Remote(remote) => Some(remote.borrow()),
            _ => None,
        }
    }

    /// Whether an address is a short link already, of ours or of a shortener that is configured.
    fn is_short(&self, address: &str) -> bool {
        let theirs = |url: &Url| shorteners::holds(&self.places, url);
        let places = address.len() <= target::LONGEST && !self.places.is_empty();
        target::is_short(address, &self.domain)
            || (places && Url::parse(address).is_ok_and(|url| theirs(&url)))
    }

    /// What is to be done for a link: one plan per account, none when it is one of our short links already. `fields`
    /// fill the template; their account counts where `--for` named none.
    pub fn plan(&self, url: &str, fields: &Fields<'_>) -> Result<Vec<Plan>, Refusal> {
        self.plan_for(url, url, fields)
    }

    /// Where a link leads with `--expand`; itself without, and where nobody says.
    pub fn leads_to(&self, session: &Session, url: &str) -> Result<String> {
        let given = url.trim();
        let found = match &self.expander {
            Some(expander) if !self.is_short(given) => expander.borrow_mut().expand(session, given)?,
            _ => None,
        };
        Ok(found.unwrap_or_else(|| url.to_owned()))
    }

    /// The same as `plan` for a link that leads to another place than where it stands.
    pub fn plan_for(&self, url: &str, leads_to: &str, fields: &Fields<'_>) -> Result<Vec<Plan>, Refusal> {
        let given = leads_to.trim();
        if self.is_short(given) {
            return Ok(Vec::new());
        }
        self.guard.check(given)?;
        let cleaned = self.cleaner.clean(given);
        if self.is_short(&cleaned.url) {
            return Ok(Vec::new());
        }
        self.guard.check(&cleaned.url)?;
        let key = self.cleaner.key(&cleaned.url).ok_or(Refusal::Malformed)?;
        // Tags of a link that was wrapped are not seen: they went with its wrapper.
        let given = if cleaned.unwrapped.is_empty() { given } else { &cleaned.url };
        let one = |account: &Option<String>| {
            let fields = Fields {
                account: account.as_deref().or(fields.account),
                campaign: self.campaign(),
                ..*fields
            };
            let tagged = self.tag(&cleaned.url, given, account.as_deref(), &fields);
            let link = ShortLink {
                url: url.to_owned(),
                clean_url: cleaned.url.clone(),
                tagged_url: Some(tagged).filter(|tagged| *tagged != cleaned.url),
                account: account.clone(),
                ..ShortLink::default()
            };
            let wanted = self.wanted(&link, &key, fields.title);
            Plan { link, wanted, is_new: false, fate: Fate::Made, why: None, answer: None }
        };
        let plans: Vec<Plan> = self.accounts.iter().map(one).collect();
        match plans.iter().find(|plan| plan.wanted.target.len() > target::LONGEST) {
            Some(plan) => Err(Refusal::Long(plan.wanted.target.len())),
            None => Ok(plans),
        }
    }

    fn campaign(&self) -> Option<&str> {
        self.campaign.as_deref()
    }

    fn tag(&self, clean: &str, given: &str, account: Option<&str>, fields: &Fields<'_>) -> String {
        if cm_web::is_signed(clean) {
            return clean.to_owned();
        }
        let template = self.templates.of(account);
        let tags = template.map(|template| template.fill(fields)).unwrap_or_default();
        let existing = self.existing.or(template.map(|template| template.existing)).unwrap_or_default();
        utm::tag(clean, given, &tags, existing)
    }

    fn wanted(&self, link: &ShortLink, key: &str, title: Option<&str>) -> Wanted {
        let target = link.tagged_url.as_ref().unwrap_or(&link.clean_url);
        Wanted {
            identity: Some(identity(&self.scope, key, target, link.account.as_deref(), self.campaign())),
            domain: self.domain.prefix().to_owned(),
            target: target.clone(),
            account: link.account.clone(),
            campaign: self.campaign.clone(),
            title: title.and_then(details::title),
            created_ms: self.created_ms,
            ..Wanted::default()
        }
    }

    /// Checks an address that a link may lead to.
    pub fn check(&self, url: &str) -> Result<(), Refusal> {
        self.guard.check(url)
    }

    /// How links are cleaned.
    pub fn cleaner(&self) -> &Cleaner {
        &self.cleaner
    }

    /// The store's tables, where the links are made there.
    pub fn tables(&self) -> Option<&Tables> {
        match &self.maker {
            Maker::Store(tables) => Some(tables),
            _ => None,
        }
    }

    /// Makes the links that are not there, durable when this returns, and writes code and short address into the plans.
    /// A plan whose own code is taken keeps none; one that another service did not make says so in its fate.
    pub fn make<'a>(&self, session: &Session, plans: impl Iterator<Item = &'a mut Plan>) -> Result<()> {
        let mut plans: Vec<&mut Plan> = plans.collect();
        if plans.is_empty() {
            return Ok(());
        }
        let tables = match &self.maker {
            Maker::Nobody => return Ok(()),
            Maker::Remote(remote) => {
                let mut remote = remote.borrow_mut();
                remote.make(session, &mut plans)?;
                return tell(session, remote.name(), &plans);
            }
            Maker::Store(tables) => tables,
        };
        let wanted: Arc<[Wanted]> = plans.iter().map(|plan| plan.wanted.clone()).collect();
        for (plan, kept) in plans.iter_mut().zip(tables.ensure(&wanted, self.codes)?) {
            plan.is_new = kept.as_ref().is_some_and(|kept| kept.is_new);
            plan.link.code = kept.map(|kept| kept.code);
            plan.link.short_url = plan.link.code.as_deref().map(|code| self.domain.short_url(code));
        }
        Ok(())
    }
}

/// Who makes the links, and under what name they are told apart. `store`: one that is open already.
fn choose(
    session: &Session,
    backend: &Backend,
    settings: &Settings,
    naming: Naming,
    store: Option<&Tables>,
) -> Result<(Maker, String)> {
    let open = || match store {
        Some(tables) => Ok(tables.clone()),
        None => Tables::open(&session.store_url()?, Mode::Write).map_err(anyhow::Error::from),
    };
    let scope = settings.domain.prefix().to_owned();
    Ok(match backend {
        Backend::None => (Maker::Nobody, scope),
        Backend::Embedded => {
            // A server that has the store open makes links for others, who read nothing of this.
            if let (None, Some(told)) = (store, settings.local_domain()) {
                session.warn("domain", told);
            }
            (Maker::Store(open()?), scope)
        }
        Backend::Remote(name) => {
            if naming.codes() != Codes::Random {
                let why = format!("--hash, --seq and --words: {name} names its links itself");
                return Err(Failure::usage(why).into());
            }
            let remote = Remote::open(session, name, Some(open()?))?;
            (Maker::Remote(Box::new(RefCell::new(remote))), name.clone())
        }
    })
}

/// Tells of the links that another service did not make; each is told once.
fn tell(session: &Session, name: &str, plans: &[&mut Plan]) -> Result<()> {
    let mut told = HashSet::new();
    for plan in plans {
        let Some(why) = &plan.why else { continue };
        let code = if plan.fate == Fate::Refused { "refused" } else { "backend" };
        if told.insert(&plan.wanted.identity) {
            let url = target::shown(&plan.link.url);
            session.failed(code, format_args!("{name}: {url} is not shortened: {why}"))?;
        }
    }
    Ok(())
}

/// What makes two wishes one link, as 32 hex digits: the domain, the page, its tags, the account and the campaign.
fn identity(domain: &str, key: &str, target: &str, account: Option<&str>, campaign: Option<&str>) -> String {
    let tags = utm::tags_on(target);
    // The key is the page's; a short link leads to a place on it too.
    let place = target.split_once('#').map(|(_, fragment)| fragment).filter(|fragment| !fragment.is_empty());
    let parts = [domain, key, &tags, account.unwrap_or_default(), campaign.unwrap_or_default()];
    hashed(parts.into_iter().chain(place))
}

/// Texts as 32 hex digits.
pub fn hashed<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0x1F]);
    }
    hash.finalize()[..16].iter().fold(String::with_capacity(32), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What the filter finds a link by that was changed; none where it is no longer what the filter would make.
pub fn identity_of(link: &Link, cleaner: &Cleaner) -> Option<String> {
    let is_plain = link.expires_ms.is_none()
        && link.max_clicks.is_none()
        && link.status.is_none()
        && link.max_age.is_none();
    let key = cleaner.key(&cleaner.clean(&link.target).url).filter(|_| is_plain)?;
    Some(identity(&link.domain, &key, &link.target, link.account.as_deref(), link.campaign.as_deref()))
}

/// The accounts to make links for; none named is one link for no account.
fn each_once(accounts: &[String]) -> Vec<Option<String>> {
    let mut once: Vec<Option<String>> = Vec::new();
    for account in accounts.iter().cloned().map(Some) {
        if !once.contains(&account) {
            once.push(account);
        }
    }
    if once.is_empty() { vec![None] } else { once }
}
