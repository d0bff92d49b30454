//! Visits to accounts. In: what is wanted of an account. Out: one outcome, its items the oldest first, so that who has
//! waited longest comes first. Nothing is written here but a network's session.
//!
//! Pages are asked for in turn, each behind the gate of its host and on a thread of its own, as a network may run a
//! program or wait for a lock. What came before something went wrong is handed out; the mark does not move then.

use crate::arrival::Entries;
use crate::feed::{Entry, Feed, Head, MOST_ENTRIES};
use crate::freshness::Headers;
use crate::get::{CREDENTIALS, Problem, Validators};
use crate::item::Origin;
use crate::memory::Memory;
use crate::network::entry;
use crate::services::{Opened, Turn, account_place};
use crate::source::{Kind, Source};
use crate::store::State;
use crate::visit::{COOLING, Fetched, Outcome, Visitor, WITHHELD};
use crate::wall::wall;
use chrono::{DateTime, Utc};
use cm_net::GUARDED;
use cm_net::services::{Page, Trouble, Wanted};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// Pages that are read of a source in one run.
const MOST_PAGES: usize = 1000;
/// Text that is read of a source in one run, in bytes.
const MOST_BYTES: usize = 64 << 20;
/// How long a source is read in one run: one that answers slowly page after page does not hold up the rest for ever.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// How the reading of an account went.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// `wordpress:blog`.
    pub(crate) account: String,
    /// Where its server is (`account_place`).
    pub(crate) address: Option<String>,
    /// To go on from, once all was handed out.
    pub(crate) mark: Option<String>,
    /// How far back a stream was read.
    pub(crate) reach: Option<DateTime<Utc>>,
    /// Worth a word to a person.
    pub(crate) notes: Vec<String>,
    /// Why there is not all of it.
    pub(crate) trouble: Option<Problem>,
}

impl Visitor {
    /// Everything that an account has to say about what is wanted.
    pub(crate) async fn read_account(
        &self,
        source: &Source,
        account: &str,
        what: &str,
        memory: Option<&Memory>,
        turn: &mut Turn,
    ) -> Result<Outcome, Problem> {
        let label = source.label();
        let unreadable = |why: String| Problem::new("account", format!("{label}: {why}"));
        let opened = self.services.open(account).map_err(unreadable)?;
        offered(opened.read.offers(), account, what).map_err(unreadable)?;
        if let Some(other) = &**turn {
            let why = format!("{label}: not asked, the credentials of {account} have failed for {other}");
            return Err(Problem::new(WITHHELD, why));
        }
        self.keep_apart(&opened, &label, memory)?;
        self.keep_from_locking(&opened, &label, memory).await?;
        let reach =
            opened.read.is_stream(what).then(|| self.reach(memory.map(|memory| &memory.state))).flatten();
        let mark = memory.and_then(|memory| memory.state.mark.clone());
        let wanted =
            Arc::new(Wanted { what: what.to_owned(), mark, since: reach, purse: self.purse.clone() });
        let gathered = self.gather(&opened, &wanted, &label).await;
        let trouble = match &gathered {
            Ok(gathered) => gathered.trouble.as_ref(),
            Err(problem) => Some(problem),
        };
        // Without a password nothing can be locked, and what needs none is read.
        let failed = trouble.filter(|problem| problem.class == CREDENTIALS && opened.has_password);
        **turn = failed.map(|_| label.clone());
        let gathered = gathered?;
        Ok(Outcome::Feed(Box::new(self.made(source, &opened, gathered, reach))))
    }

    /// How far back a stream is read. With `--new` as far as it was decided when the source was first met, so that nothing
    /// between two runs is missed.
    pub(crate) fn reach(&self, state: Option<&State>) -> Option<DateTime<Utc>> {
        let wish = &self.wish;
        match state {
            Some(state) => state.reach.or(Some(wish.first_from.unwrap_or(DateTime::UNIX_EPOCH))),
            None => {
                wish.since.or(wish.first_from.filter(|from| wish.until.is_none_or(|until| until > *from)))
            }
        }
    }

    /// What networks number themselves is known by the account's name: at another place the same names may mean other items.
    fn keep_apart(&self, opened: &Opened, label: &str, memory: Option<&Memory>) -> Result<(), Problem> {
        let before = memory.and_then(|memory| memory.state.address.as_ref()).filter(|_| !self.force);
        let now = opened.address.as_ref().map(account_place);
        let Some((before, now)) = before.zip(now).filter(|(before, now)| *before != now) else {
            return Ok(());
        };
        let why = format!(
            "{label}: not asked, it was read at {before} and its url is now at {now}: if that is another one, give it \
             another name, as what is known of the first would be taken for its own; if it has moved, give --force once"
        );
        Err(Problem::new("account", why))
    }

    /// Credentials that were refused a short while ago are not tried again, unless something has changed: that locks accounts.
    async fn keep_from_locking(
        &self,
        opened: &Arc<Opened>,
        label: &str,
        memory: Option<&Memory>,
    ) -> Result<(), Problem> {
        let Some((_, Some(refused))) = memory.and_then(|memory| memory.account.as_ref()) else {
            return Ok(());
        };
        let now = self.client.options().clock.now();
        if self.force || refused.until <= now || refused.settings != fingerprint(opened).await {
            return Ok(());
        }
        let until = wall(&self.zone, refused.until, now);
        let why = format!(
            "{label}: not asked, the credentials of {} were refused: not before {until}, unless its settings change or \
             --force is given",
            opened.name
        );
        Err(Problem::new(WITHHELD, why))
    }

    async fn gather(
        &self,
        opened: &Arc<Opened>,
        wanted: &Arc<Wanted>,
        label: &str,
    ) -> Result<Gathered, Problem> {
        let mut gathered = Gathered::new(Instant::now());
        let mut cursor = None;
        loop {
            let page = match self.page(opened, wanted, cursor.clone(), label).await {
                Ok(page) => page,
                Err(problem) if gathered.entries.is_empty() => return Err(problem),
                Err(problem) => {
                    gathered.trouble = Some(problem);
                    return Ok(gathered);
                }
            };
            let spent = spent(&page, self.client.options().clock.now());
            let Some(next) = gathered.take(&opened.name, page) else { return Ok(gathered) };
            if let Some(trouble) = spent {
                gathered.trouble = Some(self.failed(opened, label, trouble).await);
                return Ok(gathered);
            }
            if Some(&next) == cursor.as_ref() || gathered.is_full() {
                let why = format!(
                    "{label}: more than {} items on {} pages in {} s: the rest is not read",
                    gathered.entries.len(),
                    gathered.pages,
                    gathered.began.elapsed().as_secs()
                );
                gathered.trouble = Some(Problem::new("too-much", why));
                return Ok(gathered);
            }
            cursor = Some(next);
        }
    }

    async fn page(
        &self,
        opened: &Arc<Opened>,
        wanted: &Arc<Wanted>,
        cursor: Option<String>,
        label: &str,
    ) -> Result<Page, Problem> {
        let closed = opened.closed.lock().ok().and_then(|closed| closed.clone());
        let leave = match &opened.address {
            _ if closed.is_some() => closed.map(Err),
            Some(address) => Some(self.gates.enter(address).await),
            None => None,
        };
        let _leave = leave
            .transpose()
            .map_err(|why| Problem::new(COOLING, format!("{label}: not asked after {why}")))?;
        let (reader, asked) = (Arc::clone(opened), Arc::clone(wanted));
        let page =
            spawn_blocking(move || Handle::current().block_on(reader.read.page(&asked, cursor.as_deref())));
        let trouble = match page.await {
            Ok(Ok(page)) => return Ok(page),
            Ok(Err(trouble)) => trouble,
            Err(_) => return Err(Problem::new("internal", format!("{label}: reading it failed inside"))),
        };
        Err(self.failed(opened, label, trouble).await)
    }

    /// What a network's trouble means for the account and its host.
    async fn failed(&self, opened: &Arc<Opened>, label: &str, trouble: Trouble) -> Problem {
        let mut problem = problem(label, trouble);
        if problem.class == CREDENTIALS && opened.has_password {
            problem.settings = fingerprint(opened).await;
        }
        problem.of_account = opened.has_password;
        let limited = problem.whole_host && problem.of_account;
        if let Ok(mut closed) = opened.closed.lock()
            && limited
        {
            *closed = Some(problem.message.clone());
        }
        if let Some(address) = opened.address.as_ref().filter(|_| problem.class == LATER && !limited) {
            self.gates.trouble(address, &problem.message, !problem.whole_host);
        }
        problem
    }

    fn made(
        &self,
        source: &Source,
        opened: &Opened,
        gathered: Gathered,
        reach: Option<DateTime<Utc>>,
    ) -> Fetched {
        let account = opened.name.clone();
        let address = opened.address.as_ref().map(account_place);
        let Gathered { mut entries, mark, notes, trouble, .. } = gathered;
        entries.retain(|entry| entry.date().zip(reach).is_none_or(|(date, reach)| date >= reach));
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        let origin = Origin {
            source: account.clone(),
            from: source.key(),
            etag: None,
            tags: source.tags.clone(),
            ids: source.ids,
            kind: source.kind.map(Kind::name),
            at: self.client.options().clock.now(),
        };
        Fetched {
            feed: Feed {
                head: Head { title: Some(source.key()), ..Head::default() },
                facts: Default::default(),
                entries: Entries::Whole(entries),
            },
            origin,
            discovered: None,
            guessed: false,
            validators: Validators::default(),
            moved_to: None,
            headers: Box::default(),
            bytes: 0,
            hub: None,
            delivered: false,
            reading: Some(Reading { account, address, mark, reach, notes, trouble }),
        }
    }
}

/// The oldest first, the undated last; who came at the same second in the order of their names.
fn order(entry: &Entry) -> (bool, Option<DateTime<Utc>>, &Option<String>) {
    (entry.date().is_none(), entry.date(), &entry.native)
}

/// What came, page by page.
struct Gathered {
    began: Instant,
    entries: Vec<Entry>,
    /// Where each item stands in `entries`.
    places: HashMap<String, usize>,
    pages: usize,
    bytes: usize,
    mark: Option<String>,
    notes: Vec<String>,
    trouble: Option<Problem>,
}

impl Gathered {
    fn new(began: Instant) -> Gathered {
        let (entries, places, notes) = Default::default();
        Gathered { began, entries, places, pages: 0, bytes: 0, mark: None, notes, trouble: None }
    }

    /// Takes a page; where to go on, if anywhere. Lists move while they are read: of an item that comes twice the last
    /// words count.
    fn take(&mut self, account: &str, page: Page) -> Option<String> {
        self.pages += 1;
        for item in page.items {
            let name = item.id.clone();
            let entry = entry(account, item);
            self.bytes += entry.text.len() + entry.html.as_ref().map_or(0, String::len);
            match self.places.get(&name).and_then(|place| self.entries.get_mut(*place)) {
                Some(before) => *before = entry,
                None => {
                    self.places.insert(name, self.entries.len());
                    self.entries.push(entry);
                }
            }
        }
        self.notes.extend(page.notes);
        self.mark = page.mark;
        page.next
    }

    fn is_full(&self) -> bool {
        let much = self.pages >= MOST_PAGES || self.entries.len() >= MOST_ENTRIES || self.bytes >= MOST_BYTES;
        much || self.began.elapsed() >= LONGEST
    }
}

/// What stands before the `?`.
fn word(what: &str) -> &str {
    what.split('?').next().unwrap_or_default()
}

/// Whether what is wanted is of the form of an offer, in which segments in capitals stand for any: `OWNER/REPO/issues`.
fn fits(offer: &str, what: &str) -> bool {
    let any = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let (offer, what) = (offer.split('/'), what.split('/'));
    offer.clone().count() == what.clone().count()
        && offer.zip(what).all(|(offer, what)| offer == what || (any(offer) && !what.is_empty()))
}

/// Whether a network offers what is wanted.
fn offered(offers: &[&str], account: &str, what: &str) -> Result<(), String> {
    if offers.iter().any(|offer| fits(word(offer), word(what))) {
        return Ok(());
    }
    let all: Vec<String> = offers.iter().map(|offer| format!("{account}/{offer}")).collect();
    let all = all.join(", ");
    Err(if what.is_empty() {
        format!("say what to read: {all}")
    } else {
        format!("cannot be read (these can: {all})")
    })
}

/// A limit that is used up: the next question would be refused.
fn spent(page: &Page, now: DateTime<Utc>) -> Option<Trouble> {
    let limit = page.limit.as_ref().filter(|limit| limit.remaining == 0)?;
    let after = limit.reset.filter(|reset| *reset > now)?;
    let reason = format!("its limit of {} requests is used up, the rest is read later", limit.limit);
    Some(Trouble::Later { reason, after: Some(after) })
}

/// Asking for a password may run a program.
async fn fingerprint(opened: &Arc<Opened>) -> Option<String> {
    let opened = Arc::clone(opened);
    spawn_blocking(move || (opened.settings)()).await.ok().flatten()
}

/// The class of what may go better later.
const LATER: &str = "later";

fn problem(label: &str, trouble: Trouble) -> Problem {
    let told = format!("{label}: {trouble}");
    match trouble {
        Trouble::Refused(_) => Problem::new("denied", told),
        Trouble::Credentials(_) => Problem::new(CREDENTIALS, told),
        Trouble::Elsewhere(_) => Problem::new("elsewhere", told),
        Trouble::Later { reason, .. } if reason.ends_with(GUARDED) => Problem::new("refused", told),
        Trouble::Later { after, .. } => {
            let headers = Box::new(Headers { retry_at: after, ..Headers::default() });
            Problem { headers, answered: true, whole_host: after.is_some(), ..Problem::new(LATER, told) }
        }
    }
}

#[cfg(test)]
mod tests;
