//! Accounts as the configuration describes them; which tool uses which member is that tool's business.

use crate::config::beside;
use crate::{Failure, Origin, Secret, SecretSource};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// `[accounts."NETWORK:NAME"]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// `bluesky:acme`; set from the table's name.
    #[serde(skip)]
    pub name: String,
    /// Where its secret is.
    #[serde(skip)]
    secret: SecretSource,
    /// The server, blog or hook.
    pub url: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// Where a `file:` account appends.
    path: Option<String>,
    /// The application that asks, where the network wants it named (OAuth `client_id`).
    pub client_id: Option<String>,
    /// What a run may spend on it where reading costs money, in US dollars.
    pub max_cost: Option<f64>,
    /// What a thing costs there by now, in US dollars: `post`, `user`, `media`.
    pub prices: BTreeMap<String, f64>,
    /// The version of the network's API to ask for, where it has several.
    pub api_version: Option<String>,
    password_file: Option<String>,
    password_command: Option<Vec<String>>,
    /// Times of day per weekday: `mon-fri`, `sat`, `daily`.
    pub slots: Option<BTreeMap<String, Vec<String>>>,
    /// Ranges of the day in which nothing goes out: `22:00-07:00`.
    pub quiet: Vec<String>,
    /// The least time between two posts: `45m`.
    pub min_gap: Option<String>,
    /// The receiver of a webhook promises to honour `Idempotency-Key` for ever.
    pub idempotent: bool,
}

impl Account {
    pub(crate) fn named(mut self, name: &str, origin: &Origin) -> Result<Account, Failure> {
        let (file, command) = (self.password_file.take(), self.password_command.take());
        self.secret = SecretSource::read(name, origin, file, command)?;
        self.name = name.to_owned();
        Ok(self)
    }

    /// What stands before the colon.
    pub fn network(&self) -> &str {
        self.name.split_once(':').map_or("", |(network, _)| network)
    }

    /// The path of a `file:` account, relative to the configuration that names it.
    pub fn path(&self) -> Option<PathBuf> {
        self.path.as_deref().map(|path| beside(&self.secret.beside, path))
    }

    /// A secret is configured; it is not asked for, as that may run a program.
    pub fn has_password(&self) -> bool {
        self.secret.is_given()
    }

    /// The account's secret; `CM_PASSWORD_NETWORK_NAME` in the environment is the last resort.
    pub fn password(&self) -> Result<Secret, Failure> {
        self.secret.ask()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let origin = Origin::File("cm.toml".into(), 3);
        assert!(Account::default().named("drafts", &origin).is_err());
        let account = Account::default().named("file:drafts", &origin).unwrap();
        assert_eq!((account.network(), account.name.as_str()), ("file", "file:drafts"));
    }
}
