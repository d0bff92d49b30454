//! An API whose secret is asked for when the first question is: opening an account asks nobody, and a program that knows
//! the secret runs once.

use super::api::Api;
use super::{Account, Means, Password, Trouble};
use crate::Client;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::sync::OnceLock;
use url::Url;

/// How a network takes its secret.
type Dress = fn(Api, SecretString) -> Api;

/// An API that will have its secret.
pub(crate) struct Late {
    client: Client,
    base: Url,
    password: Option<Password>,
    dress: Dress,
    api: OnceLock<Api>,
}

impl Late {
    /// Nobody is asked yet, for the secret neither. `dress` gives the API what every question carries.
    pub(crate) fn new(
        account: &Account,
        means: &dyn Means,
        usual: &str,
        dress: Dress,
    ) -> Result<Late, String> {
        let base = account.address_or(usual)?;
        let client = means.client().map_err(|e| e.message)?;
        let password = account.has_password.then(|| account.password.clone());
        Ok(Late { client, base, password, dress, api: OnceLock::new() })
    }

    /// Its base.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// Whether there is a secret.
    pub(crate) fn has_secret(&self) -> bool {
        self.password.is_some()
    }

    /// The API. May block, as a program may have to be run; an empty secret is none.
    pub(crate) fn api(&self) -> Result<&Api, Trouble> {
        if let Some(api) = self.api.get() {
            return Ok(api);
        }
        let secret = match &self.password {
            Some(password) => password.ask().map_err(Trouble::Credentials)?,
            None => SecretString::from(""),
        };
        let api = (self.dress)(Api::new(self.client.clone(), self.base.clone()), secret);
        Ok(self.api.get_or_init(|| api))
    }

    /// Now, by the injected clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.client.options().clock.now()
    }
}
