//! Visits to sources: many at a time, each polite, handed over in the order in which the sources were given.
//! In: sources. Out: one `Visit` per source. Nothing is written here.

use crate::account::Reading;
use crate::arrival::{Arrived, Entries};
use crate::carried::{Carried, carried};
use crate::choice::Wish;
use crate::comments::is_comments_feed;
use crate::discovery::{self, LINKED, Offer, USUAL_PLACE};
use crate::explore::known;
use crate::feed::{Document, Feed, NotAFeed, read};
use crate::freshness::Headers;
use crate::gates::Gates;
use crate::get::{Answer, CREDENTIALS, Problem, Validators, get, shown};
use crate::hosts::Hosts;
use crate::item::Origin;
use crate::manners::{Manners, Rule, Secrets};
use crate::memory::{Memory, Remembering, manners};
use crate::push::Hub;
use crate::services::Services;
use crate::sites;
use crate::source::{Kind, Place, Source, public};
use crate::store::State;
use crate::turns::Turns;
use crate::unread::{Unread, fetched, on_the_disk};
use crate::watch::Watch;
use crate::window::Window;
use cm_net::Client;
use cm_net::services::Purse;
use cm_time::Zone;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, channel};
use url::Url;

/// Visits that wait to be handed out: what is there together is committed together.
const READY: usize = 64;
/// How many of the feeds that a page links to are tried.
const TRIED: usize = 3;
/// So much of a document is looked at to tell pages from feeds, and for the feeds that a page names.
const LOOKED_AT: u64 = 2 << 20;

/// The class of what was not asked because its host, in the same run, wanted to be left alone.
pub(crate) const COOLING: &str = "cooling";
/// The class of what was not asked because its account's credentials were refused a short while ago.
pub(crate) const WITHHELD: &str = "withheld";

/// What a visit needs.
pub(crate) struct Visitor {
    /// The one client.
    pub(crate) client: Client,
    /// Turns.
    pub(crate) gates: Arc<Gates>,
    /// Manners.
    pub(crate) hosts: Arc<Hosts>,
    /// Turns at hosts whose requests are far apart.
    pub(crate) turns: Turns,
    /// Accounts.
    pub(crate) services: Services,
    /// How far back streams without an end are read.
    pub(crate) wish: Wish,
    /// The memory of `--new`.
    pub(crate) memory: Option<Remembering>,
    /// `--force`.
    pub(crate) force: bool,
    /// `--max-cost`, and what was spent.
    pub(crate) purse: Purse,
    /// Held by the one visit that reads a document itself: one such is in memory at a time.
    pub(crate) reading: tokio::sync::Mutex<()>,
    /// In which people are told times.
    pub(crate) zone: Zone,
}

/// What came of a source.
pub(crate) struct Visit {
    /// The source.
    pub(crate) source: Source,
    /// What came.
    pub(crate) outcome: Outcome,
    /// With `--new`: what the store knew, claimed until the visit is committed.
    pub(crate) memory: Option<Memory>,
}

/// What came.
pub(crate) enum Outcome {
    /// A document, most likely a feed: it is read when its turn to be handed out has come.
    Document(Box<Unread>),
    /// A feed.
    Feed(Box<Fetched>),
    /// Nothing new, says the server.
    NotModified(Box<Answer>),
    /// Nothing.
    Failed(Problem),
    /// Not asked: why.
    Skipped(String),
}

/// A feed and where it came from.
pub(crate) struct Fetched {
    /// The feed.
    pub(crate) feed: Feed<Entries>,
    /// Where it came from.
    pub(crate) origin: Origin,
    /// The feed's address, when a page led to it.
    pub(crate) discovered: Option<String>,
    /// The page names no feed: this one stands where feeds usually do.
    pub(crate) guessed: bool,
    /// To be sent next time.
    pub(crate) validators: Validators,
    /// See `Answer`.
    pub(crate) moved_to: Option<String>,
    /// What its headers say of when to come back.
    pub(crate) headers: Box<Headers>,
    /// How long its document was, decompressed.
    pub(crate) bytes: usize,
    /// Where its pushes come from, where it says so.
    pub(crate) hub: Option<Hub>,
    /// Its hub delivered it; the source itself was not asked.
    pub(crate) delivered: bool,
    /// Of an account: how its reading went.
    pub(crate) reading: Option<Reading>,
}

/// Starts the visits on a thread of their own; they come in the order of the sources, or as they end.
pub(crate) fn start(
    visitor: Visitor,
    sources: Vec<Source>,
    in_order: bool,
    watch: Arc<Watch>,
) -> anyhow::Result<Receiver<Visit>> {
    let (send, receive) = channel(READY);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("cm-fetch".to_owned()).spawn(move || {
        runtime.block_on(Window::new(Arc::new(visitor), sources, in_order, watch).run(&send));
        // Whoever still waits for a name to resolve is not waited for.
        runtime.shutdown_background();
    })?;
    Ok(receive)
}

/// A visit that died on the way is a failure that is told, never a source that is missing.
pub(crate) fn lost(source: Source) -> Visit {
    let problem = Problem::new("internal", format!("{}: reading it failed inside", source.label()));
    Visit { source, outcome: Outcome::Failed(problem), memory: None }
}

impl Visitor {
    /// Visits a source; one that was not recalled yet is, when its turn has come.
    pub(crate) async fn visit(self: Arc<Visitor>, source: Source, recalled: Option<Option<Memory>>) -> Visit {
        let mut turn = self.services.turn(&source).await;
        let memory = match recalled {
            Some(memory) => memory,
            None => match self.remember(&[&source]).await.pop() {
                Some(Err(outcome)) => return Visit { source, outcome: *outcome, memory: None },
                recalled => recalled.and_then(Result::ok).flatten(),
            },
        };
        let outcome = match &source.place {
            Place::Url(url) if source.comments => self.read_comments(&source, url, memory.as_ref()).await,
            Place::Url(url) => self.ask(&source, url, memory.as_ref()).await,
            Place::File(path) => self.read_local(&source, Some(path)).await,
            Place::Stdin => self.read_local(&source, None).await,
            Place::Account { account, what } => {
                self.read_account(&source, account, what, memory.as_ref(), &mut turn).await
            }
        };
        // That it was not asked is no failure of this source; what keeps it back is remembered by the one that was.
        let outcome = match outcome {
            Err(problem) if problem.class == COOLING && memory.is_some() => Outcome::Skipped(problem.message),
            Err(problem) if problem.class == WITHHELD => {
                let outcome = Outcome::Failed(Problem::new(CREDENTIALS, problem.message));
                return Visit { source, outcome, memory: None };
            }
            outcome => outcome.unwrap_or_else(Outcome::Failed),
        };
        Visit { source, outcome, memory }
    }

    pub(crate) async fn ask(
        &self,
        source: &Source,
        given: &Url,
        memory: Option<&Memory>,
    ) -> Result<Outcome, Problem> {
        let state = memory.map(|memory| &memory.state);
        let detour = state.and_then(State::detour);
        let detour = detour.and_then(|to| to.parse().ok()).map(|to| with_credentials(to, given));
        let url = detour.unwrap_or_else(|| given.clone());
        let now = self.client.options().clock.now();
        let validators = state.map(|state| state.validators(self.wish.changed, now)).unwrap_or_default();
        let manners = manners(&self.hosts, source, Some(&url));
        let mut answer = match self.get(&url, &validators, &manners).await {
            // Whoever shows programs no page may have feeds for them.
            Err(problem) if problem.refuses_programs() => {
                return self.first_of(source, known(&url), &manners).await.ok_or(problem);
            }
            answer => answer?,
        };
        let Some(mut document) = answer.document.take() else {
            return Ok(Outcome::NotModified(Box::new(answer)));
        };
        let discovered = state.and_then(|state| state.feed_url.clone());
        let at = self.client.options().clock.now();
        let reading = self.reading.lock();
        let looked = looked_at(&mut document, reading).await.map_err(|e| on_the_disk(&url, &e))?;
        let Some((reading, read, page)) = looked else {
            let unread = Unread { document, url, answer, discovered, guessed: false, at };
            return Ok(Outcome::Document(Box::new(unread)));
        };
        match (read, page) {
            (Ok(feed), _) => {
                Ok(Outcome::Feed(Box::new(fetched(source, feed.into(), answer, discovered, at))))
            }
            (Err(NotAFeed::Page), page) => {
                // What another feed of the site says is not what this one would have said.
                if state.is_some_and(|state| state.last_ok.is_some()) && sites::is_feed(&url) {
                    return Err(Problem { answered: true, ..not_a_feed(&url, NotAFeed::Page) });
                }
                let base = page.base.clone();
                let offers = base.as_ref().map(|base| discovery::offers(&page.into_text(), base));
                drop(reading);
                self.discover(source, base.zip(offers), &manners).await
            }
            (Err(why), _) => Err(Problem { answered: true, ..not_a_feed(&url, why) }),
        }
    }

    /// One request, in its turn. What it carries besides is read before.
    pub(crate) async fn get(
        &self,
        url: &Url,
        validators: &Validators,
        manners: &Manners,
    ) -> Result<Answer, Problem> {
        if let Some(why) = self.gates.cools(url).filter(|_| !manners.ignore.contains(&Rule::WholeHost)) {
            return Err(Problem::new(COOLING, format!("{}: not asked: {why}", shown(url))));
        }
        let carried = self.carried(url, manners).await?;
        let mut answer = get(&self.client, url, validators, &carried).await;
        if let Ok(answer) = &mut answer {
            answer.headers.host = answer.from.parse().ok().map(|from| self.hosts.name(&from));
        }
        if let Err(problem) = &mut answer {
            let asked = problem.from.as_deref().unwrap_or(url).clone();
            problem.headers.host = Some(self.hosts.name(&asked));
            if problem.class == "http-403" && self.hosts.refuses_with_403(&asked) {
                problem.whole_host = true;
            }
            problem.whole_host &= !manners.ignore.contains(&Rule::WholeHost);
            if let Some(reached) =
                problem.reached_host().filter(|_| !manners.ignore.contains(&Rule::WholeHost))
            {
                self.gates.trouble(&asked, &problem.message, reached);
            }
        }
        answer
    }

    async fn carried(&self, url: &Url, manners: &Manners) -> Result<Carried, Problem> {
        let now = self.client.options().clock.now();
        let (asked, manners) = (url.clone(), manners.clone());
        // Nobody loses their turn over nothing to read.
        let read = match manners.secrets == Secrets::default() {
            true => carried(&manners, url, now),
            false => tokio::task::spawn_blocking(move || carried(&manners, &asked, now))
                .await
                .unwrap_or_else(|_| Err("interrupted".to_owned())),
        };
        read.map_err(|why| Problem::new(CREDENTIALS, format!("{}: {why}", shown(url))))
    }

    /// The feed behind a page: the first that it links to, or that stands where feeds usually do.
    async fn discover(
        &self,
        source: &Source,
        page: Option<(Url, Vec<Offer>)>,
        manners: &Manners,
    ) -> Result<Outcome, Problem> {
        let Some((base, offers)) = page else {
            return Err(Problem::new("page", "a page without an address"));
        };
        let (guesses, named): (Vec<_>, Vec<_>) =
            offers.into_iter().partition(|offer| offer.why == USUAL_PLACE);
        let linked = named.iter().any(|offer| offer.why == LINKED);
        let tried = named.into_iter().take(TRIED).chain(guesses.into_iter().filter(|_| !linked));
        let found = self.first_of(source, tried.collect(), manners).await;
        found.ok_or_else(|| Problem { answered: true, ..not_a_feed(&base, NotAFeed::Page) })
    }

    /// The first of these that is a feed.
    async fn first_of(&self, source: &Source, offers: Vec<Offer>, manners: &Manners) -> Option<Outcome> {
        for Offer { url, why } in offers {
            let Ok(mut answer) = self.get(&url, &Validators::default(), manners).await else { continue };
            let at = self.client.options().clock.now();
            let _reading = self.reading.lock().await;
            let Some(mut document) = answer.document.take() else { continue };
            let Ok(beginning) = document.beginning(LOOKED_AT) else { continue };
            let (Ok(feed), _) = parse(beginning).await else { continue };
            let (discovered, guessed) = (Some(public(&url)), why == USUAL_PLACE);
            if document.body.len() > LOOKED_AT {
                let unread = Unread { document, url, answer, discovered, guessed, at };
                return Some(Outcome::Document(Box::new(unread)));
            }
            let fetched = fetched(source, feed.into(), answer, discovered, at);
            return Some(Outcome::Feed(Box::new(Fetched { guessed, ..fetched })));
        }
        None
    }

    /// How a source's host is asked.
    pub(crate) fn manners_of(&self, source: &Source, url: &Url) -> Manners {
        manners(&self.hosts, source, Some(url))
    }
}

/// What the items of a feed are: what a person says, else comments where the feed shows that; else each says itself.
pub(crate) fn kind<E>(source: &Source, feed: &Feed<E>, addresses: &[&str]) -> Option<&'static str> {
    let shown = || is_comments_feed(&feed.head, &feed.facts, addresses).then_some("comment");
    source.kind.map(Kind::name).or_else(shown)
}

/// A remembered address with the credentials of the one that was given, which are not remembered: for the same origin only.
fn with_credentials(mut to: Url, given: &Url) -> Url {
    if to.origin() == given.origin() {
        let _ = to.set_username(given.username());
        let _ = to.set_password(given.password());
    }
    to
}

/// The class of a document that is no feed.
pub(crate) fn class(why: NotAFeed) -> &'static str {
    match why {
        NotAFeed::Challenge => "challenge",
        NotAFeed::Page => "page",
        NotAFeed::Empty | NotAFeed::List | NotAFeed::Other => "not-a-feed",
    }
}

pub(crate) fn not_a_feed(url: &Url, why: NotAFeed) -> Problem {
    Problem::new(class(why), format!("{}: {why}", shown(url)))
}

/// What stands in a document that may be a page; `None` of one that is left for the hand-out to read. Of long ones, which
/// take their turn to be in memory there, only the beginning is looked at.
async fn looked_at<G>(
    document: &mut Arrived,
    reading: impl Future<Output = G>,
) -> std::io::Result<Option<(G, Result<Feed, NotAFeed>, Document)>> {
    if !document.may_be_a_page()? {
        return Ok(None);
    }
    let turn = reading.await;
    let (read, page) = parse(document.beginning(LOOKED_AT)?).await;
    let is_left = document.body.len() > LOOKED_AT && !matches!(read, Err(NotAFeed::Page));
    Ok((!is_left).then_some((turn, read, page)))
}

/// Reading a document costs time: it happens beside the requests. The document comes back for who wants more of it.
pub(crate) async fn parse(document: Document) -> (Result<Feed, NotAFeed>, Document) {
    let read = tokio::task::spawn_blocking(move || (read(&document), document)).await;
    read.unwrap_or_else(|_| (Err(NotAFeed::Other), Document::default()))
}
