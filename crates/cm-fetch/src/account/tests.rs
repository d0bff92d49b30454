//! Visits to accounts, with a network that answers as it is told.

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
    assert_eq!((reading.mark.as_deref(), reading.reach, reading.trouble.is_none()), (Some("m"), None, true));
    assert_eq!(*asked.lock().unwrap(), [(None, None, None), (None, None, Some("2".into()))]);
}

#[test]
fn a_stream_is_read_as_far_back_as_was_decided_when_it_was_met() {
    let old =
        || page(vec![item("old", "2026-11-10T00:00:00Z"), item("new", "2026-11-20T00:00:00Z")], None, None);
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
