//! The accounts that are read, each opened once in a run when the first of its sources is visited. In: the accounts of the
//! configuration. Out: the reading halves of their networks, whose one table is cm-net's.

use crate::hosts::exact;
use crate::source::{Place, Source};
use crate::store::Tables;
use cm_cli::{Account, Session};
use cm_net::services::{self, Held, Means, NETWORKS, Password, Vault, network};
use cm_net::{Client, Error, Read};
use cm_record::hash_id;
use cm_store::{Mode, Store};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use url::Url;

/// How long a session that another run renews is waited for.
const RENEWAL: Duration = Duration::from_secs(60);

/// What the cool-down of an account is kept under, beside those of hosts.
pub(crate) fn account_key(account: &str) -> String {
    format!("account {account}")
}

/// The place that a server has, however its address is written: over http or https, with `www.` or without.
pub(crate) fn account_place(address: &Url) -> String {
    let host = exact(address);
    let path = address.path().trim_end_matches('/');
    format!("{}{path}", host.strip_prefix("www.").unwrap_or(&host))
}

/// The accounts, the client and the store of sessions, which is opened when a network asks for it.
pub(crate) struct Services {
    accounts: BTreeMap<String, Account>,
    client: Client,
    store_url: Result<String, String>,
    store: Mutex<Option<Store>>,
    opened: Mutex<HashMap<String, Arc<Opened>>>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<String>>>>>,
}

/// By what the settings of an account are known again; `None` where its password cannot be had. May run a program.
pub(crate) type Fingerprint = Box<dyn Fn() -> Option<String> + Send + Sync>;

/// An account that is being read.
pub(crate) struct Opened {
    /// `wordpress:blog`.
    pub(crate) name: String,
    /// See `Fingerprint`.
    pub(crate) settings: Fingerprint,
    /// Its server.
    pub(crate) address: Option<Url>,
    /// Its network.
    pub(crate) read: Box<dyn Read>,
    /// It asks as somebody: limits are the account's, not those of all who ask there.
    pub(crate) has_password: bool,
    /// Why it is asked no more in this run: its limit is used up.
    pub(crate) closed: Mutex<Option<String>>,
}

/// The turn to ask an account. What it holds: the source for which its credentials have failed in this run.
pub(crate) type Turn = OwnedMutexGuard<Option<String>>;

impl Services {
    /// Nothing is opened yet. With `tables` sessions are kept in their store.
    pub(crate) fn new(
        accounts: BTreeMap<String, Account>,
        client: Client,
        session: &Session,
        tables: Option<&Tables>,
    ) -> Services {
        let store_url = session.store_url().map_err(|e| format!("{e:#}"));
        let store = Mutex::new(tables.map(|tables| tables.store.clone()));
        Services { accounts, client, store_url, store, opened: Mutex::default(), turns: Mutex::default() }
    }

    /// Where an account's server is, as far as it is known without asking.
    pub(crate) fn address(&self, account: &str) -> Option<Url> {
        self.open(account).ok()?.address.clone()
    }

    /// An account of the configuration, or nobody's, where a network asks for none.
    fn account(&self, name: &str) -> Option<Account> {
        let nobody = || {
            network(name).filter(|network| network.open)?;
            let mut account = Account::default();
            account.name = name.to_owned();
            Some(account)
        };
        self.accounts.get(name).cloned().or_else(nobody)
    }

    /// By what an account's settings but for its password are known again: no program is run.
    pub(crate) fn settings(&self, account: &str) -> Option<String> {
        Some(fingerprint(&self.account(account)?, ""))
    }

    /// Waits for the turn of a source. Those of one account are read one at a time, in the order in which they were given:
    /// a session is renewed by one, and a wrong password is tried by the first.
    pub(crate) async fn turn(&self, source: &Source) -> Turn {
        let turn = match &source.place {
            Place::Account { account, .. } => {
                Arc::clone(locked(&self.turns).entry(account.clone()).or_default())
            }
            _ => Arc::default(),
        };
        turn.lock_owned().await
    }

    /// Opens an account, which asks nobody; `Err` is one line for a person.
    pub(crate) fn open(&self, name: &str) -> Result<Arc<Opened>, String> {
        let mut all = locked(&self.opened);
        if let Some(opened) = all.get(name) {
            return Ok(Arc::clone(opened));
        }
        let read = network(name).and_then(|network| network.read).ok_or_else(cannot_be_read)?;
        let account = self.account(name).ok_or_else(|| self.not_configured(name))?;
        let described = described(&account);
        if let (Some(network), Ok(url)) = (network(name), described.address()) {
            network.may_be_at(&url)?;
        }
        let read = read(&described, self)?;
        let address = described.address().ok().or_else(|| read.server());
        let has_password = account.has_password();
        let settings = Box::new(move || {
            let password = account.has_password().then(|| account.password()).transpose().ok()?;
            Some(fingerprint(&account, password.as_ref().map_or("", |password| password.expose())))
        });
        let closed = Mutex::default();
        let opened = Opened { name: name.to_owned(), settings, address, read, has_password, closed };
        Ok(Arc::clone(all.entry(name.to_owned()).or_insert(Arc::new(opened))))
    }

    fn not_configured(&self, name: &str) -> String {
        let known: Vec<&str> = self.accounts.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
        let needs = network(name).map_or("url, user and password_file", |network| network.needs);
        format!("no such account: write [accounts.{name:?}] into cm.toml, with {needs} (there: {known})")
    }
}

fn cannot_be_read() -> String {
    let known: Vec<&str> =
        NETWORKS.iter().filter(|known| known.read.is_some()).map(|known| known.name).collect();
    format!("this version cannot read there (it can: {})", known.join(", "))
}

/// 20 bits of a hash: too few to find the password out.
fn fingerprint(account: &Account, password: &str) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let client = text(&account.client_id);
    let hash = hash_id(&[&account.name, &text(&account.url), &text(&account.user), &client, password]);
    hash[hash.len() - 5..].to_owned()
}

impl Means for Services {
    fn client(&self) -> Result<Client, Error> {
        Ok(self.client.clone())
    }

    fn vault(&self) -> Result<Arc<dyn Vault>, String> {
        let mut store = locked(&self.store);
        let store = match &mut *store {
            Some(store) => store.clone(),
            none => {
                let opened =
                    Store::open(self.store_url.as_deref()?, Mode::Write).map_err(|e| e.to_string())?;
                none.insert(opened).clone()
            }
        };
        Ok(Arc::new(Sessions(store)))
    }
}

/// Sessions, kept in the store.
struct Sessions(Store);

impl Vault for Sessions {
    fn lock(&self, name: &str) -> Result<Held, String> {
        let lock = self.0.lock(name, RENEWAL).map_err(|e| e.to_string())?;
        Ok(Box::new(lock.ok_or_else(|| format!("another run has renewed {name} for {RENEWAL:?}"))?))
    }

    fn load(&self, name: &str) -> Result<Option<String>, String> {
        self.0.kept(name).map_err(|e| e.to_string())
    }

    fn save(&self, name: &str, secret: &str) -> Result<(), String> {
        self.0.keep(name, secret).map_err(|e| e.to_string())
    }
}

/// The account as cm-net has to know it.
fn described(account: &Account) -> services::Account {
    let asked = account.clone();
    services::Account {
        name: account.name.clone(),
        url: account.url.clone(),
        user: account.user.clone(),
        path: account.path(),
        idempotent: account.idempotent,
        has_password: account.has_password(),
        client_id: account.client_id.clone(),
        max_cost: account.max_cost,
        prices: account.prices.clone(),
        api_version: account.api_version.clone(),
        password: Password::new(move || match asked.password() {
            Ok(secret) => Ok(secret.expose().to_owned()),
            Err(failure) => Err(failure.message),
        }),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
impl Services {
    /// Accounts that are opened already, without store.
    pub(crate) fn with(client: Client, opened: Vec<Opened>) -> Services {
        let opened = opened.into_iter().map(|one| (one.name.clone(), Arc::new(one))).collect();
        let store_url = Err("no store".to_owned());
        Services {
            accounts: BTreeMap::new(),
            client,
            store_url,
            store: Mutex::default(),
            opened: Mutex::new(opened),
            turns: Mutex::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_net::Options;

    fn account(user: &str) -> Account {
        let mut account = Account::default();
        account.name = "wordpress:blog".into();
        account.url = Some("https://blog.example/".into());
        account.user = Some(user.into());
        account
    }

    #[test]
    fn what_cannot_be_opened_says_what_can() {
        let client = Client::new(Options::new("test", false), &mut |_| {}).unwrap();
        let mut services = Services::with(client, Vec::new());
        services.accounts.insert("wordpress:blog".to_owned(), account("ana"));
        let why = |name: &str| services.open(name).err().unwrap();
        assert!(why("telegram:acme").starts_with("this version cannot read there (it can: "));
        assert!(why("file:drafts").starts_with("this version cannot read there"));
        let unknown = why("wordpress:other");
        assert!(
            unknown.contains("[accounts.\"wordpress:other\"]") && unknown.contains("(there: wordpress:blog)"),
            "{unknown}"
        );
        assert_eq!(services.address("wordpress:blog").unwrap().as_str(), "https://blog.example/");
    }

    #[test]
    fn a_place_is_the_same_however_it_is_written() {
        let place = |address: &str| account_place(&address.parse().unwrap());
        for same in ["https://blog.example", "http://www.Blog.example/", "https://u:p@blog.example:443/?x#y"]
        {
            assert_eq!(place(same), "blog.example");
        }
        assert_eq!(place("https://blog.example:8443/en/"), "blog.example:8443/en");
    }

    #[test]
    fn settings_are_known_again_and_tell_no_password() {
        assert_eq!(fingerprint(&account("ana"), "hush"), fingerprint(&account("ana"), "hush"));
        assert_ne!(fingerprint(&account("ana"), "hush"), fingerprint(&account("ana"), "hush2"));
        assert_ne!(fingerprint(&account("ana"), "hush"), fingerprint(&account("bob"), "hush"));
        let mut application = account("ana");
        application.client_id = Some("cm".into());
        assert_ne!(fingerprint(&account("ana"), "hush"), fingerprint(&application, "hush"));
        assert_eq!(fingerprint(&account("ana"), "hush").len(), 5);
    }
}
