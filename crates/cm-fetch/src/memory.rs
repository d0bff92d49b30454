//! What the store knew of sources when they were visited. In: sources. Out: for each a `Memory`, whose source is this run's
//! until what came is committed, or why it is not asked now.
//!
//! Many are recalled in one transaction, and claimed in it: what is read here is what the run before left.

use crate::claims::{Claim, Run, claim, unclaim};
use crate::commit::HostChange;
use crate::gates::host;
use crate::get::Problem;
use crate::services::account_key;
use crate::source::{Place, Source};
use crate::store::{Cooling, State, Tables, host_of, state_of};
use crate::visit::{Outcome, Visitor};
use crate::wall::wall;
use chrono::{DateTime, Utc};
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
    /// By what the settings of the account are known again, without its password.
    pub(crate) settings: Option<String>,
}

impl Memory {
    /// What becomes of the cool-downs of a host and an account that have answered.
    pub(crate) fn warmed(&self) -> Vec<HostChange> {
        let both = [&self.host, &self.account].into_iter().flatten();
        both.filter(|(_, cooling)| cooling.is_some()).map(|(name, _)| (name.clone(), None)).collect()
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
    settings: Option<String>,
}

/// What was found of it; nothing when another run reads it.
type Found = Option<Known>;

struct Known {
    state: State,
    host: Option<(String, Option<Cooling>)>,
    account: Option<(String, Option<Cooling>)>,
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
        let settings: Vec<Option<String>> = questions.iter().map(|asked| asked.settings.clone()).collect();
        let run = Arc::clone(&remembering.run);
        let recalled = tokio::task::spawn_blocking(move || remembering.recall(questions)).await;
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
        let each = sources.iter().zip(found).zip(settings);
        each.map(|((source, found), settings)| match found {
            None => Err(Box::new(Outcome::Skipped("another run is reading it".to_owned()))),
            Some(Known { state, host, account }) => {
                let claim = Some(Claim::new(&source.key(), &run));
                let memory = Memory { claim, state, host, account, settings };
                self.not_yet(&memory).map_or(Ok(Some(memory)), |why| Err(Box::new(Outcome::Skipped(why))))
            }
        })
        .collect()
    }

    fn question(&self, source: &Source) -> Question {
        let (url, account, settings) = match &source.place {
            Place::Account { account, .. } => {
                let settings = self.services.settings(account);
                (self.services.address(account), Some(account_key(account)), settings)
            }
            Place::Url(url) => (Some(url.clone()), None, None),
            Place::File(_) | Place::Stdin => (None, None, None),
        };
        Question { key: source.key(), url, account, settings }
    }

    /// Why a source is not asked now, if so.
    fn not_yet(&self, memory: &Memory) -> Option<String> {
        let now = self.client.options().clock.now();
        let state = &memory.state;
        // Both runs were given it, and the other one was faster.
        if self.memory.as_ref().is_some_and(|it| state.tried.is_some_and(|tried| tried > it.since)) {
            return Some("another run has just read it".to_owned());
        }
        if self.force {
            return None;
        }
        if state.is_gone() {
            return Some("gone for good (HTTP 410)".to_owned());
        }
        let cooling =
            memory.host.as_ref().and_then(|(_, cooling)| cooling.as_ref()).map(|cooling| cooling.until);
        // Whoever has mended an address does not wait for what was wrong with it.
        let mended =
            state.failing_since.is_some() && state.settings.is_some() && state.settings != memory.settings;
        let until = state.next.filter(|_| !mended).max(cooling).filter(|until| *until > now)?;
        Some(format!("not asked before {}", wall(&self.zone, until, now)))
    }
}

impl Remembering {
    /// Begins a run.
    pub(crate) fn begin(tables: &Tables, since: DateTime<Utc>) -> Result<Remembering, Error> {
        Ok(Remembering { tables: tables.clone(), run: Run::begin(tables)?, since })
    }

    fn recall(&self, questions: Vec<Question>) -> Result<Vec<Found>, Error> {
        let (run, released) = (self.run.number, self.run.released());
        self.tables.store.write(move |tx| {
            released.iter().try_for_each(|source| unclaim(tx, source, run))?;
            questions.iter().map(|question| look_up(tx, question, run)).collect()
        })
    }
}

fn look_up(tx: &mut dyn Tx, question: &Question, run: i64) -> Result<Found, Error> {
    if !claim(tx, &question.key, run)? {
        return Ok(None);
    }
    let state = state_of(tx, &question.key)?;
    let detour = state.detour().filter(|_| question.account.is_none()).and_then(|to| to.parse().ok());
    let asked = detour.as_ref().or(question.url.as_ref()).map(host);
    let host = asked.map(|name| Ok::<_, Error>((host_of(tx, &name)?, name))).transpose()?;
    let account =
        question.account.clone().map(|name| Ok::<_, Error>((host_of(tx, &name)?, name))).transpose()?;
    let turned = |(cooling, name)| (name, cooling);
    Ok(Some(Known { state, host: host.map(turned), account: account.map(turned) }))
}
