//! A site and as whom it is asked. In: an account. Out: answers, and what a no means where this API says it its own way.

use crate::Client;
use crate::services::api::{Answer, Api, Fault};
use crate::services::{Account, Password, Trouble};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

/// A site. Nobody is asked before the first question.
pub(super) struct Site {
    base: Url,
    name: String,
    client: Client,
    password: Option<Password>,
    session: OnceCell<Session>,
}

/// As whom it is asked.
pub(super) struct Session {
    api: Api,
    anybody: Api,
    name: String,
    /// Our number on WordPress.com; none for nobody, and where the token is not told.
    pub(super) me: Option<u64>,
    /// We are nobody.
    pub(super) is_nobody: bool,
}

impl Site {
    pub(super) fn new(account: &Account, base: Url, name: String, client: Client) -> Site {
        let password = account.has_password.then(|| account.password.clone());
        Site { base, name, client, password, session: OnceCell::new() }
    }

    /// Where its API is.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The session; who we are is asked for once.
    pub(super) async fn session(&self) -> Result<&Session, Trouble> {
        self.session.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<Session, Trouble> {
        let api = || Api::new(self.client.clone(), self.base.clone());
        let session = |api: Api, is_nobody: bool, anybody: Api| Session {
            api,
            anybody,
            name: self.name.clone(),
            me: None,
            is_nobody,
        };
        let Some(password) = &self.password else { return Ok(session(api(), true, api())) };
        let token: SecretString =
            password.ask().map_err(Trouble::Credentials)?.expose_secret().trim().to_owned().into();
        let mut open = session(api().bearer(token.clone()), false, api());
        open.me = self.me(&open, Api::new(self.client.clone(), self.above()).bearer(token)).await?;
        Ok(open)
    }

    /// `/rest/v1.1/`, where `me` is.
    fn above(&self) -> Url {
        let mut url = self.base.clone();
        url.set_path(self.base.path().trim_end_matches('/').strip_suffix("/sites").unwrap_or_default());
        url
    }

    /// A token for one site alone may not be told whose it is: then nothing is known as ours.
    async fn me(&self, session: &Session, api: Api) -> Result<Option<u64>, Trouble> {
        match api.get("me", &[("fields", "ID")]).await {
            Ok(answer) => Ok(answer.value["ID"].as_u64()),
            Err(Fault::Said(said)) if said.status == 403 => Ok(None),
            Err(fault) => Err(session.trouble(fault)),
        }
    }
}

impl Session {
    fn path(&self, path: &str) -> String {
        let site = percent_encoding::utf8_percent_encode(&self.name, percent_encoding::NON_ALPHANUMERIC);
        format!("{site}/{path}")
    }

    /// Asks a path below the site.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Trouble> {
        self.ask(path, query).await.map_err(|fault| self.trouble(fault))
    }

    /// The same, where a no is an answer.
    pub(super) async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.api.get(&self.path(path), query).await
    }

    /// The same as anybody sees it; null where a stranger is told no.
    pub(super) async fn as_anybody(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Trouble> {
        match self.anybody.get(&self.path(path), query).await {
            Ok(answer) => Ok(answer.value),
            Err(Fault::Said(said)) if (400..500).contains(&said.status) && said.status != 429 => {
                Ok(Value::Null)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Now, by the injected clock.
    pub(super) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.api.now()
    }

    /// What a no means: a bad token is said with 400, and 403 is said of a list, not of the token.
    fn trouble(&self, fault: Fault) -> Trouble {
        let said = match fault {
            Fault::Way(trouble) => return trouble,
            Fault::Lost(error) => return error.into(),
            Fault::Said(said) => *said,
        };
        let code = said.value["error"].as_str().unwrap_or_default();
        match (said.status, code) {
            (400, "invalid_token" | "invalid_grant") => Trouble::Credentials(said.reason),
            (401 | 403, _) if self.is_nobody => Trouble::Credentials(format!(
                "{}; strangers are not told: write an account with url and password_file into cm.toml",
                said.reason
            )),
            (403, "unauthorized") => {
                Trouble::Refused(format!("{}: may this user moderate the site?", said.reason))
            }
            _ => said.into(),
        }
    }
}
