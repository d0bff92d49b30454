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
mod tests {
    use super::*;
    use crate::choice::Wish;
    use crate::gates::Gates;
    use crate::hosts::Hosts;
    use crate::services::Services;
    use crate::store::Cooling;
    use cm_net::services::{Item, Limit, NextPage, Purse};
    use cm_net::{Client, Options, Read};
    use std::path::Path;
    use std::sync::Mutex;

    /// What is asked of a network, in turn: mark, since, cursor.
    type Asked = Arc<Mutex<Vec<(Option<String>, Option<DateTime<Utc>>, Option<String>)>>>;

    /// A network that gives what it was told to, answer by answer.
    struct Fake {
        answers: Mutex<Vec<Result<Page, Trouble>>>,
        asked: Asked,
    }

    impl Read for Fake {
        fn offers(&self) -> &'static [&'static str] {
            &["comments", "held", "search?q=..."]
        }

        fn is_stream(&self, what: &str) -> bool {
            word(what) == "search"
        }

        fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
            let said = (wanted.mark.clone(), wanted.since, cursor.map(str::to_owned));
            self.asked.lock().unwrap().push(said);
            let answer = self.answers.lock().unwrap().remove(0);
            Box::pin(async { answer })
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn item(id: &str, date: &str) -> Item {
        Item { id: id.into(), text: Some(id.into()), published: date.parse().ok(), ..Item::default() }
    }

    fn page(items: Vec<Item>, next: Option<&str>, mark: Option<&str>) -> Result<Page, Trouble> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Page { items, next: owned(next), mark: owned(mark), ..Page::default() })
    }

    fn visitor(answers: Vec<Result<Page, Trouble>>) -> (Visitor, Asked) {
        let options = Options { clock: cm_time::Clock::Fixed(now()), ..Options::new("test", true) };
        let client = Client::new(options, &mut |_| {}).unwrap();
        let asked = Asked::default();
        let opened = Opened {
            name: "wordpress:blog".into(),
            settings: Box::new(|| Some("abcde".into())),
            address: "http://localhost/".parse().ok(),
            read: Box::new(Fake { answers: Mutex::new(answers), asked: Arc::clone(&asked) }),
            has_password: true,
            closed: Mutex::default(),
        };
        let visitor = Visitor {
            services: Services::with(client.clone(), vec![opened]),
            client,
            gates: Arc::new(Gates::new(4, Arc::default())),
            hosts: Arc::<Hosts>::default(),
            turns: Default::default(),
            wish: Wish { first_from: "2026-11-15T12:00:00Z".parse().ok(), ..Wish::default() },
            memory: None,
            force: false,
            reading: Default::default(),
            purse: Purse::default(),
            zone: cm_time::Zone::named("Europe/Berlin").unwrap(),
        };
        (visitor, asked)
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    fn read(visitor: &Visitor, what: &str, memory: Option<&Memory>) -> Result<Box<Fetched>, Problem> {
        let source = Source::parse(&format!("wordpress:blog/{what}"), Path::new("")).unwrap();
        let read = async {
            let mut turn = visitor.services.turn(&source).await;
            visitor.read_account(&source, "wordpress:blog", what, memory, &mut turn).await
        };
        match run(read)? {
            Outcome::Feed(fetched) => Ok(fetched),
            _ => panic!("no feed"),
        }
    }

    fn names(fetched: &Fetched) -> Vec<String> {
        fetched.feed.entries.iter().map(|entry| entry.native.clone().unwrap()).collect()
    }

    #[test]
    fn pages_in_turn_the_oldest_first_and_each_item_once() {
        let (visitor, asked) = visitor(vec![
            page(vec![item("c", "2026-11-22T09:00:00Z"), item("b", "2026-11-21T09:00:00Z")], Some("2"), None),
            page(
                vec![
                    Item { text: Some("edited".into()), ..item("b", "2026-11-21T09:00:00Z") },
                    item("undated", ""),
                    item("a", "2020-01-01T00:00:00Z"),
                ],
                None,
                Some("m"),
            ),
        ]);
        let fetched = read(&visitor, "comments", None).unwrap();
        assert_eq!(names(&fetched), ["a", "b", "c", "undated"], "a queue comes whole");
        assert_eq!(fetched.feed.entries.iter().nth(1).unwrap().text, "edited");
        let reading = fetched.reading.unwrap();
        assert_eq!(
            (reading.mark.as_deref(), reading.reach, reading.trouble.is_none()),
            (Some("m"), None, true)
        );
        assert_eq!(*asked.lock().unwrap(), [(None, None, None), (None, None, Some("2".into()))]);
    }

    #[test]
    fn a_stream_is_read_as_far_back_as_was_decided_when_it_was_met() {
        let old = || {
            page(vec![item("old", "2026-11-10T00:00:00Z"), item("new", "2026-11-20T00:00:00Z")], None, None)
        };
        let (visitor, asked) = visitor(vec![old(), old()]);
        assert_eq!(names(&read(&visitor, "search?q=tea", None).unwrap()), ["new"]);
        let reach: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
        let state = State { reach: Some(reach), mark: Some("m".into()), ..State::default() };
        let memory = memory(state, None);
        let fetched = read(&visitor, "search?q=tea", Some(&memory)).unwrap();
        assert_eq!(names(&fetched), ["old", "new"]);
        assert_eq!(fetched.reading.unwrap().reach, Some(reach));
        let asked = asked.lock().unwrap();
        assert_eq!(asked[0].1, visitor.wish.first_from);
        assert_eq!(asked[1], (Some("m".into()), Some(reach), None));
    }

    fn memory(state: State, refused: Option<Cooling>) -> Memory {
        Memory {
            claim: None,
            state,
            host: None,
            account: Some(("account wordpress:blog".into(), refused)),
            settings: None,
            manners: Default::default(),
            turn: None,
        }
    }

    #[test]
    fn what_came_before_the_trouble_is_kept() {
        let later = Trouble::Later { reason: "slow down".into(), after: Some(now()) };
        let (visitor, _) =
            visitor(vec![page(vec![item("a", "")], Some("2"), None), Err(later.clone()), Err(later)]);
        let fetched = read(&visitor, "comments", None).unwrap();
        let trouble = fetched.reading.as_ref().unwrap().trouble.clone().unwrap();
        assert_eq!((names(&fetched), trouble.class.as_str()), (vec!["a".to_owned()], LATER));
        assert_eq!(trouble.message, "wordpress:blog/comments: slow down");
        let cooling = read(&visitor, "held", None).err().unwrap();
        assert_eq!(cooling.class, COOLING, "the host said when: it is not asked again in this run");
    }

    #[test]
    fn a_limit_that_is_used_up_is_not_overdrawn() {
        let with = |next, minutes: i64| {
            let reset = Some(now() + chrono::TimeDelta::minutes(minutes));
            let limit = Some(Limit { limit: 100, remaining: 0, reset });
            page(vec![item("a", "")], next, None).map(|page| Page { limit, ..page })
        };
        let (one, asked) = visitor(vec![with(Some("2"), 5)]);
        let trouble = read(&one, "comments", None).unwrap().reading.unwrap().trouble.unwrap();
        assert_eq!((asked.lock().unwrap().len(), trouble.class.as_str()), (1, LATER));
        assert_eq!(trouble.headers.retry_at, Some(now() + chrono::TimeDelta::minutes(5)));
        assert!(trouble.message.contains("limit of 100 requests is used up"), "{}", trouble.message);
        let whole = |answers| read(&visitor(answers).0, "comments", None).unwrap().reading.unwrap().trouble;
        assert!(whole(vec![with(None, 5)]).is_none(), "nothing more was to be asked");
        assert!(whole(vec![with(Some("2"), 0), with(None, 0)]).is_none(), "it begins anew");
    }

    #[test]
    fn a_network_that_goes_round_in_circles_is_left() {
        let round = || page(vec![item("a", "")], Some("2"), None);
        let (visitor, asked) = visitor(vec![round(), round(), round()]);
        let fetched = read(&visitor, "comments", None).unwrap();
        assert_eq!(fetched.reading.unwrap().trouble.unwrap().class, "too-much");
        assert_eq!(asked.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_source_is_read_for_so_long_and_no_longer() {
        let now = Instant::now();
        assert!(!Gathered::new(now).is_full());
        assert!(now.checked_sub(LONGEST).is_none_or(|began| Gathered::new(began).is_full()));
    }

    #[test]
    fn refused_credentials_are_tried_once_in_a_run_and_then_not_for_a_while() {
        let no = || Err(Trouble::Credentials("the password was refused".into()));
        let (first, asked) = visitor(vec![no()]);
        let problem = read(&first, "comments", None).err().unwrap();
        assert_eq!((problem.class.as_str(), problem.settings.as_deref()), (CREDENTIALS, Some("abcde")));
        assert_eq!(read(&first, "held", None).err().unwrap().class, WITHHELD);
        assert_eq!(asked.lock().unwrap().len(), 1);

        let refused = |minutes: i64, settings: &str| Cooling {
            until: now() + chrono::TimeDelta::minutes(minutes),
            settings: Some(settings.to_owned()),
            ..Cooling::default()
        };
        let asks = |refused: Cooling, force: bool| {
            let (again, asked) = visitor(vec![page(Vec::new(), None, None)]);
            let again = Visitor { force, ..again };
            let kept = read(&again, "comments", Some(&memory(State::default(), Some(refused))));
            assert_eq!(kept.is_err(), asked.lock().unwrap().is_empty());
            kept.is_ok()
        };
        assert!(!asks(refused(1, "abcde"), false), "too early");
        assert!(asks(refused(1, "abcde"), true), "--force");
        assert!(asks(refused(1, "fffff"), false), "the password was changed");
        assert!(asks(refused(0, "abcde"), false), "late enough");
    }

    #[test]
    fn what_needs_credentials_does_not_silence_what_needs_none() {
        let (visitor, asked) = visitor(Vec::new());
        let answers = Mutex::new(vec![
            Err(Trouble::Credentials("notifications need a token".into())),
            page(Vec::new(), None, None),
        ]);
        let nobody = Opened {
            name: "wordpress:blog".into(),
            settings: Box::new(|| Some("abcde".into())),
            address: "http://localhost/".parse().ok(),
            read: Box::new(Fake { answers, asked: Arc::clone(&asked) }),
            has_password: false,
            closed: Mutex::default(),
        };
        let services = Services::with(visitor.client.clone(), vec![nobody]);
        let visitor = Visitor { services, ..visitor };
        let problem = read(&visitor, "held", None).err().unwrap();
        assert_eq!((problem.class.as_str(), problem.settings.as_deref()), (CREDENTIALS, None));
        assert!(read(&visitor, "comments", None).is_ok());
        assert_eq!(asked.lock().unwrap().len(), 2);
    }

    #[test]
    fn what_is_not_offered_is_told_with_what_is() {
        let (visitor, asked) = visitor(Vec::new());
        let why = |what: &str| read(&visitor, what, None).err().unwrap();
        assert_eq!(
            why("coments").message,
            "wordpress:blog/coments: cannot be read (these can: wordpress:blog/comments, wordpress:blog/held, \
             wordpress:blog/search?q=...)"
        );
        assert!(why("").message.contains("say what to read: wordpress:blog/comments"));
        assert!(why("").needs_a_person() && asked.lock().unwrap().is_empty());
    }

    #[test]
    fn an_offer_may_leave_parts_open() {
        assert!(fits("OWNER/REPO/issues", "acme/Tea.shop/issues") && fits("mentions", "mentions"));
        for other in ["acme/issues", "acme//issues", "acme/tea/pulls", "acme/tea/issues/7"] {
            assert!(!fits("OWNER/REPO/issues", other), "{other}");
        }
    }

    #[test]
    fn only_the_guard_is_in_the_way() {
        let trouble = Trouble::Later { reason: format!("127.0.0.1: {GUARDED}"), after: None };
        assert!(problem("x", trouble).needs_a_person());
    }
}
