//! A server and as whom it is asked. In: an account. Out: answers, and what a no means where Mastodon says it its own way.

use super::status::number;
use crate::Client;
use crate::services::api::{Answer, Api, Fault, Said};
use crate::services::{Account, Password, Trouble};
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

/// A server. Nobody is asked before the first question.
pub(super) struct Server {
    home: Url,
    client: Client,
    password: Option<Password>,
    session: OnceCell<Session>,
}

/// As whom it is asked.
pub(super) struct Session {
    /// Its API.
    pub(super) api: Api,
    /// Its host, which is that of accounts without one.
    pub(super) host: String,
    /// Our number on this server; empty for nobody.
    pub(super) id: String,
    /// The account (entity `CredentialAccount`); null for nobody.
    pub(super) me: Value,
    /// A token is sent.
    has_token: bool,
}

impl Server {
    pub(super) fn new(account: &Account, home: Url, client: Client) -> Server {
        let password = account.has_password.then(|| account.password.clone());
        Server { home, client, password, session: OnceCell::new() }
    }

    /// Its address.
    pub(super) fn home(&self) -> &Url {
        &self.home
    }

    /// The session; the account is asked for once.
    pub(super) async fn session(&self) -> Result<&Session, Trouble> {
        self.session.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<Session, Trouble> {
        let api = Api::new(self.client.clone(), self.home.clone());
        let host = self.home.host_str().unwrap_or_default().to_owned();
        let Some(password) = &self.password else {
            return Ok(Session { api, host, id: String::new(), me: Value::Null, has_token: false });
        };
        let token = password.ask().map_err(Trouble::Credentials)?;
        let api = api.bearer(trimmed(&token));
        let session = Session { api, host, id: String::new(), me: Value::Null, has_token: true };
        let me = session.get("api/v1/accounts/verify_credentials", &[], "read:accounts").await?.value;
        match number(&me["id"]) {
            Some(id) => Ok(Session { id, me, ..session }),
            None => Err(Trouble::Refused(format!(
                "{} does not say whose token this is: it has no Mastodon API",
                session.host
            ))),
        }
    }
}

/// A file ends with a line end.
fn trimmed(token: &SecretString) -> SecretString {
    use secrecy::ExposeSecret;
    token.expose_secret().trim().to_owned().into()
}

impl Session {
    /// Whether we are nobody.
    pub(super) fn is_nobody(&self) -> bool {
        self.me.is_null()
    }

    /// Asks a path, for which a token needs a scope.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        scope: &str,
    ) -> Result<Answer, Trouble> {
        self.ask(path, query).await.map_err(|fault| self.trouble(fault, scope))
    }

    /// Asks a path.
    pub(super) async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.api.get(path, query).await
    }

    /// What a no means. A token that lacks a scope is good for other lists, so it is no credential that failed; who is nobody
    /// is told 401, 403 or 422 (Mastodon before 4.4: "This method requires an authenticated user").
    pub(super) fn trouble(&self, fault: Fault, scope: &str) -> Trouble {
        let said = match fault {
            Fault::Way(trouble) => return trouble,
            Fault::Lost(error) => return error.into(),
            Fault::Said(said) => *said,
        };
        let Said { status, reason, limit, .. } = &said;
        let used_up = limit.as_ref().is_some_and(|limit| limit.remaining == 0);
        match status {
            401 if !used_up && self.has_token => {
                Trouble::Credentials(format!("{reason}: the token is wrong or has expired"))
            }
            401 | 403 | 422 if self.is_nobody() && !used_up => Trouble::Credentials(format!(
                "{reason}; it shows this to people with an account only: write one with url and password_file into cm.toml"
            )),
            403 if reason.contains("scope") => {
                Trouble::Refused(format!("{reason}: the token lacks the scope {scope}"))
            }
            _ => said.into(),
        }
    }
}
