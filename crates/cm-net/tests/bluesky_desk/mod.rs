//! What tests of `bluesky:` accounts need: a vault in memory, accounts, drafts. Each `Desk::poster` and `Desk::reader` is
//! a run of its own: nothing but the vault is shared between them.

use chrono::{DateTime, Utc};
use cm_net::services::{self, Account, Draft, Held, Link, Means, Password, Vault};
use cm_net::{Client, Error, Options, Outgoing, Publish, Read};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// A vault whose lock is one for all, as the store's is for one name.
#[derive(Default)]
pub struct Memory {
    kept: Mutex<BTreeMap<String, String>>,
    lock: Arc<(Mutex<bool>, Condvar)>,
    /// It keeps nothing more.
    pub full: AtomicBool,
}

struct Lock(Arc<(Mutex<bool>, Condvar)>);

impl Drop for Lock {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap() = false;
        self.0.1.notify_one();
    }
}

impl Vault for Memory {
    fn lock(&self, _name: &str) -> Result<Held, String> {
        let free = self.lock.0.lock().unwrap();
        let mut taken = self.lock.1.wait_while(free, |taken| *taken).unwrap();
        *taken = true;
        Ok(Box::new(Lock(Arc::clone(&self.lock))))
    }
    fn load(&self, name: &str) -> Result<Option<String>, String> {
        Ok(self.kept.lock().unwrap().get(name).cloned())
    }
    fn save(&self, name: &str, secret: &str) -> Result<(), String> {
        if self.full.load(Ordering::SeqCst) {
            return Err("disk full".to_owned());
        }
        self.kept.lock().unwrap().insert(name.to_owned(), secret.to_owned());
        Ok(())
    }
}

/// An account and what its runs share.
#[derive(Clone)]
pub struct Desk {
    pub url: String,
    pub user: String,
    pub password: String,
    pub vault: Arc<Memory>,
    pub allow_private: bool,
}

impl Means for Desk {
    fn client(&self) -> Result<Client, Error> {
        Client::new(Options::new("cm-test", self.allow_private), &mut |_| ())
    }
    fn vault(&self) -> Result<Arc<dyn Vault>, String> {
        Ok(Arc::clone(&self.vault) as Arc<dyn Vault>)
    }
}

impl Desk {
    pub fn new(url: &str, user: &str, password: &str) -> Desk {
        let (url, user, password) = (url.to_owned(), user.to_owned(), password.to_owned());
        Desk { url, user, password, vault: Arc::default(), allow_private: true }
    }

    pub fn account(&self) -> Account {
        let password = self.password.clone();
        Account {
            url: Some(self.url.clone()),
            user: Some(self.user.clone()),
            // None at all, as where the file is gone.
            password: Password::new(move || match password.as_str() {
                "" => Err("no password".to_owned()),
                password => Ok(password.to_owned()),
            }),
            has_password: true,
            ..Account::new("bluesky:acme")
        }
    }

    pub fn poster(&self) -> Box<dyn Publish> {
        services::network("bluesky:acme").unwrap().publish.unwrap()(&self.account(), self).unwrap()
    }

    pub fn reader(&self) -> Box<dyn Read> {
        services::network("bluesky:acme").unwrap().read.unwrap()(&self.account(), self).unwrap()
    }

    /// Frozen and resolved, as cm-schedule commits it.
    pub fn ready(&self, draft: &Draft) -> Outgoing {
        let poster = self.poster();
        let body = run(poster.resolve(poster.freeze(draft).unwrap())).unwrap();
        Outgoing { id: draft.id.clone(), body, since: draft.at }
    }
}

/// A draft, with its links found as far as these tests need it: an address ends at white space.
pub fn draft(id: &str, text: &str, record: Value, at: DateTime<Utc>) -> Draft {
    let links = text.match_indices("https://").map(|(start, _)| {
        let url = text[start..].split_whitespace().next().unwrap().to_owned();
        Link { start, end: start + url.len(), url }
    });
    Draft { id: id.to_owned(), text: text.to_owned(), links: links.collect(), record, at }
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}
