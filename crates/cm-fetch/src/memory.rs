//! What the store knew of sources when they were visited. In: sources. Out: for each a `Memory`, whose source is this run's
//! until what came is committed, or why it is not asked now.
//!
//! Many are recalled in one transaction, and claimed in it: what is read here is what the run before left.

use crate::claims::{Claim, Run, claim, unclaim};
use crate::commit::HostChange;
use crate::course::Word;
use crate::course::{cooled, used_up};
use crate::freshness::Headers;
use crate::get::{Answer, Problem};
use crate::held::Held;
use crate::hosts::Hosts;
use crate::manners::Manners;
use crate::services::{Services, account_key};
use crate::source::{Place, Source};
use crate::store::{Cooling, State, Tables, host_of, state_of, turn_of};
use crate::turns::Turn;
use crate::visit::{Outcome, Visitor};
use crate::wall::wall;
use chrono::{DateTime, Utc};
use cm_record::hash_id;
use cm_store::{Error, Tx};
use std::sync::Arc;
use url::Url;

/// What the store knew of a source when it was visited.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Held until what came is committed.
    pub(crate) claim: Option<Claim>,
    /// The source.
    pub(crate) state: State,
    /// The host that was asked, and its cool-down.
    pub(crate) host: Option<(String, Option<Cooling>)>,
    /// The account that was asked, as its cool-down is kept, and whether its credentials were refused before.
    pub(crate) account: Option<(String, Option<Cooling>)>,
    /// By what its settings are known again; of an account without its password.
    pub(crate) settings: Option<String>,
    /// How it wants to be asked.
    pub(crate) manners: Manners,
    /// Where its host's requests have to be far apart.
    pub(crate) turn: Option<Turn>,
}

impl Memory {
    /// What becomes of the source when nothing has changed.
    pub(crate) fn not_modified(&self, before: State, answer: Answer, now: DateTime<Utc>) -> State {
        let word = Word {
            moved_to: answer.moved_to,
            headers: &answer.headers,
            rhythm: None,
            manners: &self.manners,
        };
        State { validators: answer.validators, ..before.answered(&word, now) }
    }

    /// All that can keep it from being asked.
    pub(crate) fn held(&self) -> Held<'_> {
        // Refused credentials are looked at when the account is read: that settings have changed shows only then.
        let account = self.account.as_ref().and_then(|(_, cooling)| cooling.as_ref());
        let account = account.filter(|cooling| cooling.settings.is_none());
        let host = self.host.as_ref().and_then(|(_, cooling)| cooling.as_ref());
        Held {
            state: &self.state,
            cooling: [host, account],
            manners: &self.manners,
            mended: self.is_mended(),
        }
    }

    /// Its settings have changed since it was last asked, and failed.
    pub(crate) fn is_mended(&self) -> bool {
        is_mended(&self.state, self.settings.as_deref())
    }

    /// What becomes of the cool-downs of a host and an account that have answered; a host that has no requests left for us
    /// cools down all the same.
    pub(crate) fn warmed(&self, headers: &Headers, now: DateTime<Utc>) -> Vec<HostChange> {
        let both = [&self.host, &self.account].into_iter().flatten();
        let warm = both.filter(|(_, cooling)| cooling.is_some()).map(|(name, _)| (name.clone(), None));
        let host = headers.host.as_ref().or(self.host.as_ref().map(|(name, _)| name));
        let host = host.and_then(|name| used_up(name, headers, &self.manners, now));
        warm.chain(host.map(|cooling| (cooling.whose.clone(), Some(cooling)))).collect()
    }

    /// The cool-down of whoever a problem is of: an account's limits are its own, whoever asks as nobody shares those of the
    /// host. `elsewhere` is the host that redirects led to, where it is that one's.
    pub(crate) fn cooled(
        &self,
        problem: &Problem,
        elsewhere: Option<&(String, Option<Cooling>)>,
        now: DateTime<Utc>,
    ) -> Option<HostChange> {
        let own = || self.account.as_ref().filter(|_| problem.of_account).or(self.host.as_ref());
        let whose = elsewhere.or_else(own);
        let (name, before) = whose.filter(|_| problem.whole_host)?;
        Some((name.clone(), Some(cooled(name, before.as_ref(), problem, &self.manners, now))))
    }
}

/// The host whose trouble a problem is, where redirects led to another than the source's own.
pub(crate) fn elsewhere<'p>(memory: &Memory, problem: &'p Problem) -> Option<&'p str> {
    let host = problem.headers.host.as_deref().filter(|_| problem.whole_host)?;
    memory.host.as_ref().is_some_and(|(own, _)| own != host).then_some(host)
}

/// Whether the settings of a source have changed since it was last asked, and failed.
pub(crate) fn is_mended(state: &State, settings: Option<&str>) -> bool {
    state.failing_since.is_some() && state.settings.is_some() && state.settings.as_deref() != settings
}

/// How a source wants to be asked, at the address at which it is.
pub(crate) fn manners(hosts: &Hosts, source: &Source, asked: Option<&Url>) -> Manners {
    match asked {
        Some(url) => hosts.manners(url, &source.manners),
        None => hosts.anywhere(&source.manners),
    }
}

/// By what the settings of a source are known again: 20 bits of a hash. Files with secrets are looked at, programs are not
/// run.
pub(crate) fn settings(
    services: &Services,
    source: &Source,
    manners: &Manners,
    allow_private: bool,
) -> Option<String> {
    if let Place::Account { account, .. } = &source.place {
        return services.settings(account);
    }
    if *manners == Manners::default() && source.place.password().is_none() {
        return Some(if allow_private { "usual, private" } else { "usual" }.to_owned());
    }
    let secrets = &manners.secrets;
    let files = [&secrets.password_file, &secrets.cookie_file, &secrets.header_file, &secrets.proxy_file];
    let files = files.into_iter().flatten();
    let texts: Vec<String> = files.map(|file| std::fs::read_to_string(file).unwrap_or_default()).collect();
    let given = source.place.password().unwrap_or_default();
    let hash = hash_id(&[&format!("{manners:?} {allow_private}"), given, &texts.join("\0")]);
    Some(hash[hash.len() - 5..].to_owned())
}

/// What a source asks at: its detour where it has one; of an account its server.
pub(crate) fn asked(source: &Source, state: &State, services: &Services) -> Option<Url> {
    match &source.place {
        Place::Url(url) => state.detour().and_then(|to| to.parse().ok()).or_else(|| Some(url.clone())),
        Place::Account { account, .. } => services.address(account),
        Place::File(_) | Place::Stdin => None,
    }
}

/// The memory of `--new`, and the run that claims sources of it.
#[derive(Clone, Debug)]
pub(crate) struct Remembering {
    /// The store.
    pub(crate) tables: Tables,
    /// The run.
    pub(crate) run: Arc<Run>,
    /// When it began.
    pub(crate) since: DateTime<Utc>,
}

/// What is looked up of a source.
struct Question {
    key: String,
    url: Option<Url>,
    account: Option<String>,
}

/// What was found of it; nothing when another run reads it.
type Found = Option<Known>;

struct Known {
    state: State,
    /// What it asks at.
    url: Option<Url>,
    host: Option<(String, Option<Cooling>)>,
    account: Option<(String, Option<Cooling>)>,
    turn: Option<Turn>,
}

/// What is remembered of a source, if anything is at all; or what is made of it instead of asking.
pub(crate) type Recalled = Result<Option<Memory>, Box<Outcome>>;

impl Visitor {
    /// Claims sources and recalls what the store knows of them; without a memory, nothing. Those that are not to be asked
    /// now come with the reason.
    pub(crate) async fn remember(&self, sources: &[&Source]) -> Vec<Recalled> {
        let Some(remembering) = self.memory.clone() else {
            return sources.iter().map(|_| Ok(None)).collect();
        };
        let questions: Vec<Question> = sources.iter().map(|source| self.question(source)).collect();
        let (run, hosts) = (Arc::clone(&remembering.run), Arc::clone(&self.hosts));
        let recalled = tokio::task::spawn_blocking(move || remembering.recall(questions, hosts)).await;
        let found = match recalled {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                let failed = |source: &&Source| Problem::new("store", format!("{}: {error}", source.label()));
                return sources.iter().map(|source| Err(Box::new(Outcome::Failed(failed(source))))).collect();
            }
            Err(_) => {
                let words = |source: &&Source| format!("{}: interrupted", source.label());
                return sources.iter().map(|source| Err(Box::new(Outcome::Skipped(words(source))))).collect();
            }
        };
        let private = self.client.options().allow_private;
        let each = sources.iter().zip(found);
        let mut all: Vec<Recalled> = each
            .map(|(source, found)| match found {
                None => Err(Box::new(Outcome::Skipped("another run is reading it".to_owned()))),
                Some(Known { state, url, host, account, turn }) => {
                    let claim = Some(Claim::new(&source.key(), &run));
                    let manners = manners(&self.hosts, source, url.as_ref());
                    let settings = settings(&self.services, source, &manners, private);
                    let memory = Memory { claim, state, host, account, settings, manners, turn };
                    self.not_yet(&memory).map_or(Ok(Some(memory)), |why| Err(Box::new(Outcome::Skipped(why))))
                }
            })
            .collect();
        self.take_turns(&mut all);
        all
    }

    /// Gives back what was claimed and is not asked now: no other run waits until this one has ended.
    pub(crate) async fn give_back(&self) {
        let Some(remembering) = self.memory.clone() else { return };
        // What fails here is given back when the run ends.
        let _ = tokio::task::spawn_blocking(move || remembering.run.give_back(&remembering.tables)).await;
    }

    fn question(&self, source: &Source) -> Question {
        let url = match &source.place {
            Place::Account { account, .. } => self.services.address(account),
            Place::Url(url) => Some(url.clone()),
            Place::File(_) | Place::Stdin => None,
        };
        Question { key: source.key(), url, account: account(source) }
    }

    /// Why a source is not asked now, if so.
    fn not_yet(&self, memory: &Memory) -> Option<String> {
        let now = self.client.options().clock.now();
        let state = &memory.state;
        // Both runs were given it, and the other one was faster. What lies ahead is the word of a clock that was wrong.
        let begun = self.memory.as_ref().map_or(now, |remembering| remembering.since);
        if state.tried.is_some_and(|tried| tried > begun && tried <= now) {
            return Some("another run has just read it".to_owned());
        }
        if self.force {
            return None;
        }
        if state.is_gone() && !memory.is_mended() {
            return Some("gone for good (HTTP 410)".to_owned());
        }
        let reasons = memory.held().reasons(now);
        let first = reasons.first()?;
        Some(format!("not asked before {}: {}", wall(&self.zone, first.until, now), first.says))
    }
}

/// As the cool-down of a source's account is kept.
pub(crate) fn account(source: &Source) -> Option<String> {
    match &source.place {
        Place::Account { account, .. } => Some(account_key(account)),
        _ => None,
    }
}

impl Remembering {
    /// Begins a run.
    pub(crate) fn begin(tables: &Tables, since: DateTime<Utc>) -> Result<Remembering, Error> {
        Ok(Remembering { tables: tables.clone(), run: Run::begin(tables)?, since })
    }

    fn recall(&self, questions: Vec<Question>, hosts: Arc<Hosts>) -> Result<Vec<Found>, Error> {
        let (run, released) = (self.run.number, self.run.released());
        self.tables.store.write(move |tx| {
            released.iter().try_for_each(|source| unclaim(tx, source, run))?;
            questions.iter().map(|question| look_up(tx, question, run, &hosts)).collect()
        })
    }
}

fn look_up(tx: &mut dyn Tx, question: &Question, run: i64, hosts: &Hosts) -> Result<Found, Error> {
    if !claim(tx, &question.key, run)? {
        return Ok(None);
    }
    let state = state_of(tx, &question.key)?;
    let detour = state.detour().filter(|_| question.account.is_none()).and_then(|to| to.parse().ok());
    let url: Option<Url> = detour.or_else(|| question.url.clone());
    let asked = url.as_ref().map(|url| hosts.name(url));
    let host = asked.map(|name| Ok::<_, Error>((host_of(tx, &name)?, name))).transpose()?;
    let account =
        question.account.clone().map(|name| Ok::<_, Error>((host_of(tx, &name)?, name))).transpose()?;
    let turned = |(cooling, name)| (name, cooling);
    let turn = match (&url, url.as_ref().and_then(|url| hosts.turns(url))) {
        (Some(url), Some(spacing)) => {
            let (url, host) = (url.clone(), hosts.name(url));
            Some(Turn { last: turn_of(tx, &host)?, url, host, spacing })
        }
        _ => None,
    };
    Ok(Some(Known { state, url, host: host.map(turned), account: account.map(turned), turn }))
}
