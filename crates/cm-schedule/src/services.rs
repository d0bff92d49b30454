//! The networks that posts can go to: the one table that knows their names.

use cm_cli::{Account, Failure, Session};
use cm_net::services::{file, webhook};
use cm_net::{Client, Options, Publish};
use std::cell::OnceCell;

/// A network.
struct Network {
    /// What stands before the colon of an account's name.
    name: &'static str,
    /// The longest text it takes, in graphemes, where that is known.
    longest: Option<usize>,
    open: fn(&Services<'_>, &Account) -> anyhow::Result<Box<dyn Publish>>,
}

const NETWORKS: &[Network] = &[
    Network { name: "file", longest: None, open: open_file },
    // Whoever is behind the hook: no chat takes more (Slack's limit is the highest of them).
    Network { name: "webhook", longest: Some(40_000), open: open_webhook },
];

/// Opens accounts; the HTTP client is made when the first one needs it.
pub(crate) struct Services<'s> {
    session: &'s Session,
    client: OnceCell<Client>,
}

impl<'s> Services<'s> {
    /// Nothing is opened yet.
    pub(crate) fn new(session: &'s Session) -> Services<'s> {
        Services { session, client: OnceCell::new() }
    }

    /// The publishing half of an account's network. Opening sends nothing.
    pub(crate) fn open(&self, account: &Account) -> anyhow::Result<Box<dyn Publish>> {
        (network(account)?.open)(self, account)
    }

    /// The longest text that an account takes, in graphemes.
    pub(crate) fn longest(&self, account: &Account) -> Option<usize> {
        network(account).ok().and_then(|network| network.longest)
    }

    /// The one client of this run.
    pub(crate) fn client(&self) -> anyhow::Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let options = Options::new(self.session.name(), self.session.allow_private());
        let options = Options { clock: self.session.clock(), ..options };
        let client = Client::new(options, &mut |warning| self.session.warn("proxy", warning))?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn network(account: &Account) -> Result<&'static Network, Failure> {
    NETWORKS.iter().find(|network| network.name == account.network()).ok_or_else(|| {
        let known: Vec<&str> = NETWORKS.iter().map(|network| network.name).collect();
        Failure::config(format!(
            "{}: this version cannot post there (it can: {})",
            account.name,
            known.join(", ")
        ))
    })
}

fn open_file(_: &Services<'_>, account: &Account) -> anyhow::Result<Box<dyn Publish>> {
    let path = account.path().ok_or_else(|| {
        Failure::config(format!("{}: no path: say which file posts are appended to", account.name))
    })?;
    Ok(Box::new(file::File { path }))
}

fn open_webhook(services: &Services<'_>, account: &Account) -> anyhow::Result<Box<dyn Publish>> {
    let client = services.client()?.clone();
    Ok(Box::new(webhook::Webhook { url: address(account)?, idempotent: account.idempotent, client }))
}

/// The address of an account that has one. The error does not repeat it: a hook's address is its secret.
pub(crate) fn address(account: &Account) -> anyhow::Result<url::Url> {
    let text = account
        .url
        .as_deref()
        .ok_or_else(|| Failure::config(format!("{}: no url: say where posts are sent", account.name)))?;
    url::Url::parse(text)
        .map_err(|e| Failure::config(format!("{}: the url is no address: {e}", account.name)).into())
}
