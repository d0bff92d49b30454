//! What a network has to know of an account, and what it may use of its surroundings.

use crate::{Client, Error};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Asks for an account's secret; called only when it is needed, as a program may have to be run for it. May block.
/// `Err` is one line for a person.
#[derive(Clone)]
pub struct Password(Arc<dyn Fn() -> Result<SecretString, String> + Send + Sync>);

impl Password {
    /// From what knows it.
    pub fn new(ask: impl Fn() -> Result<String, String> + Send + Sync + 'static) -> Password {
        Password(Arc::new(move || ask().map(SecretString::from)))
    }

    /// The secret.
    pub fn ask(&self) -> Result<SecretString, String> {
        (self.0)()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// An account as it is configured. Debug shows neither its password nor its address, which may be one.
#[derive(Clone)]
pub struct Account {
    /// `wordpress:blog`.
    pub name: String,
    /// The server, blog or hook.
    pub url: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// Where a `file:` account appends.
    pub path: Option<PathBuf>,
    /// The receiver of a webhook promises to honour `Idempotency-Key` for ever.
    pub idempotent: bool,
    /// Its secret.
    pub password: Password,
    /// It has a secret: some networks are read without one.
    pub has_password: bool,
    /// The application that asks, where the network wants it named (OAuth `client_id`).
    pub client_id: Option<String>,
    /// What a run may spend on it, where reading costs money, in US dollars.
    pub max_cost: Option<f64>,
    /// What a thing costs there by now, in US dollars: `post`, `user`, `media`.
    pub prices: BTreeMap<String, f64>,
    /// The version of the network's API to ask for, where it has several.
    pub api_version: Option<String>,
}

impl Account {
    /// An account that says nothing but its name.
    pub fn new(name: &str) -> Account {
        Account {
            name: name.to_owned(),
            url: None,
            user: None,
            path: None,
            idempotent: false,
            password: Password::new(|| Err("no password".to_owned())),
            has_password: false,
            client_id: None,
            max_cost: None,
            prices: BTreeMap::new(),
            api_version: None,
        }
    }

    /// Its address; the error does not repeat it: a hook's address is its secret.
    pub fn address(&self) -> Result<url::Url, String> {
        let text = self.url.as_deref().ok_or("no url: say where its server is")?;
        let url = url::Url::parse(text).map_err(|e| format!("the url is no address: {e}"))?;
        match (url.scheme(), url.host()) {
            ("http" | "https", Some(_)) => Ok(url),
            _ => Err("the url must begin with https:// or http://".to_owned()),
        }
    }

    /// Its address, else the network's usual one.
    pub fn address_or(&self, usual: &str) -> Result<url::Url, String> {
        match &self.url {
            Some(_) => self.address(),
            None => url::Url::parse(usual).map_err(|e| format!("no address: {e}")),
        }
    }

    /// What stands behind the colon of its name.
    pub fn short_name(&self) -> &str {
        self.name.split_once(':').map_or(self.name.as_str(), |(_, name)| name)
    }

    /// Its user.
    pub fn user(&self) -> Result<&str, String> {
        self.user
            .as_deref()
            .filter(|user| !user.is_empty())
            .ok_or_else(|| "no user: say who posts there".to_owned())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("name", &self.name).field("user", &self.user).finish_non_exhaustive()
    }
}

/// Holds a lock of a vault until it is dropped.
pub type Held = Box<dyn Send>;

/// Keeps secrets from run to run, such as a network's session, where nobody else can read them. All methods may block;
/// `Err` is one line for a person.
pub trait Vault: Send + Sync {
    /// Takes the lock of a name, waiting for whoever holds it, within reason: one process at a time renews a session.
    fn lock(&self, name: &str) -> Result<Held, String>;
    /// What is kept under a name.
    fn load(&self, name: &str) -> Result<Option<String>, String>;
    /// Keeps it: on the disk when this returns.
    fn save(&self, name: &str, secret: &str) -> Result<(), String>;
}

/// What a network may use.
pub trait Means {
    /// The one HTTP client of the run.
    fn client(&self) -> Result<Client, Error>;
    /// Where sessions are kept.
    fn vault(&self) -> Result<Arc<dyn Vault>, String>;
}
