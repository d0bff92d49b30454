//! The networks that posts can go to, as this tool opens them: the table that knows their names is cm-net's.

use cm_cli::{Account, Failure, Session};
use cm_net::services::{self, Means, NETWORKS, Network, Password, Vault};
use cm_net::{Client, Error, Options, Publish};
use cm_store::Store;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a session that another run renews is waited for.
const RENEWAL: Duration = Duration::from_secs(60);

/// Opens accounts, each once; the HTTP client and the store of sessions are opened when the first one needs them.
pub(crate) struct Services<'s> {
    session: &'s Session,
    client: OnceCell<Client>,
    opened: RefCell<BTreeMap<String, Rc<dyn Publish>>>,
}

impl<'s> Services<'s> {
    /// Nothing is opened yet.
    pub(crate) fn new(session: &'s Session) -> Services<'s> {
        Services { session, client: OnceCell::new(), opened: RefCell::default() }
    }

    /// The publishing half of an account's network. Opening sends nothing; what it learns of the account when it first
    /// asks is good for the run.
    pub(crate) fn open(&self, account: &Account) -> anyhow::Result<Rc<dyn Publish>> {
        if let Some(opened) = self.opened.borrow().get(&account.name) {
            return Ok(Rc::clone(opened));
        }
        let open = known(account)?.publish.ok_or_else(|| cannot_post(account))?;
        let wrong = |why| Failure::config(format!("{}: {why}", account.name));
        let opened: Rc<dyn Publish> = Rc::from(open(&described(account), self).map_err(wrong)?);
        self.opened.borrow_mut().insert(account.name.clone(), Rc::clone(&opened));
        Ok(opened)
    }

    /// Credentials that were refused may be others by the next try: the account is opened anew then.
    pub(crate) fn forget(&self, account: &str) {
        self.opened.borrow_mut().remove(account);
    }

    /// Whether an account hands on whom a post is for, instead of showing it to everybody.
    pub(crate) fn keeps_private(&self, account: &Account) -> bool {
        known(account).is_ok_and(|network| network.private)
    }

    /// The longest text that an account takes, in graphemes.
    pub(crate) fn longest(&self, account: &Account) -> Option<usize> {
        known(account).ok().and_then(|network| network.longest)
    }
}

impl Means for Services<'_> {
    fn client(&self) -> Result<Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let options = Options::new(self.session.name(), self.session.allow_private());
        let options = Options { clock: self.session.clock(), ..options };
        let client = Client::new(options, &mut |warning| self.session.say(warning))?;
        Ok(self.client.get_or_init(|| client).clone())
    }

    fn vault(&self) -> Result<Arc<dyn Vault>, String> {
        let url = self.session.store_url().map_err(|e| format!("{e:#}"))?;
        Ok(Arc::new(Sessions { url, store: Mutex::new(None) }))
    }
}

/// Sessions, kept in the store, which is opened (and made) when the first is asked for: looking makes none.
struct Sessions {
    url: String,
    store: Mutex<Option<Store>>,
}

impl Sessions {
    fn store(&self) -> Result<Store, String> {
        let mut opened = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*opened {
            return Ok(store.clone());
        }
        let store = crate::tables::open_at(&self.url).map_err(|e| format!("{e:#}"))?;
        Ok(opened.insert(store).clone())
    }
}

impl Vault for Sessions {
    fn lock(&self, name: &str) -> Result<services::Held, String> {
        let lock = self.store()?.lock(name, RENEWAL).map_err(|e| e.to_string())?;
        let lock = lock.ok_or_else(|| format!("another run has renewed {name} for {RENEWAL:?}"))?;
        Ok(Box::new(lock))
    }

    fn load(&self, name: &str) -> Result<Option<String>, String> {
        self.store()?.kept(name).map_err(|e| e.to_string())
    }

    fn save(&self, name: &str, secret: &str) -> Result<(), String> {
        self.store()?.keep(name, secret).map_err(|e| e.to_string())
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

fn known(account: &Account) -> Result<&'static Network, Failure> {
    services::network(&account.name).ok_or_else(|| cannot_post(account))
}

fn cannot_post(account: &Account) -> Failure {
    let known: Vec<&str> =
        NETWORKS.iter().filter(|network| network.publish.is_some()).map(|network| network.name).collect();
    let near = cm_cli::nearest(account.network(), &known).filter(|near| *near != account.network());
    let meant = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let known = known.join(", ") + &meant;
    Failure::config(format!("{}: this version cannot post there (it can: {known})", account.name))
}
