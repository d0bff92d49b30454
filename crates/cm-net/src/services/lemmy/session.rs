//! A session of a server. In: the account. Out: answers, asked as whom we are. A login is done once; its token is kept, as
//! logins are rationed. Since 0.19 it travels in a header, before that in the query; v4 has its own paths.

use crate::Client;
use crate::services::api::{Answer, Api, Fault, Said};
use crate::services::members::text;
use crate::services::{Account, Password, Trouble, Vault};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

/// With what an account logs in, and where its session is kept.
pub(super) struct Login {
    name: String,
    pub(super) user: String,
    password: Password,
    vault: Arc<dyn Vault>,
}

impl Login {
    /// `Err` says what the account lacks.
    pub(super) fn new(account: &Account, vault: Arc<dyn Vault>) -> Result<Login, String> {
        let user = account.user()?.trim_start_matches('@').to_owned();
        Ok(Login {
            name: format!("session {}", account.name),
            user,
            password: account.password.clone(),
            vault,
        })
    }
}

/// What is kept of a session.
#[derive(Clone, Deserialize, Serialize)]
struct Token {
    /// Whose it is: server and user.
    whose: String,
    jwt: String,
}

/// How this server takes questions.
#[derive(Clone, Default)]
struct State {
    token: Option<Token>,
    /// It takes the token in the query.
    in_query: bool,
    /// It has no v3 any more.
    v4: bool,
    /// The login was refused: not again by this process.
    refused: Option<Trouble>,
}

/// A server, and as whom it is asked.
pub(super) struct Session {
    client: Client,
    pub(super) base: Url,
    pub(super) login: Option<Login>,
    state: Mutex<State>,
}

impl Session {
    /// Nobody is asked yet.
    pub(super) fn new(client: Client, base: Url, login: Option<Login>) -> Session {
        Session { client, base, login, state: Mutex::default() }
    }

    /// What requests are sent with.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Asks a list or thing: `comment/list`.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let mut state = self.state.lock().await;
        if let (Some(login), None) = (&self.login, &state.token) {
            let token = self.kept(login)?;
            state.token = Some(match token {
                Some(token) => token,
                None => self.log_in(login, &mut state).await?,
            });
        }
        let mut renewed = false;
        // At most: v3, v4, the query instead of the header, a new token.
        for _ in 0..5 {
            let version = if state.v4 { "v4" } else { "v3" };
            let said = match self.api(&state).get(&format!("api/{version}/{path}"), query).await {
                Ok(answer) => return Ok(answer),
                Err(Fault::Said(said)) => *said,
                Err(fault) => return Err(fault.into()),
            };
            if is_gone(&said) && !state.v4 {
                state.v4 = true;
                continue;
            }
            match &self.login {
                Some(_) if is_out(&said) && !state.in_query && !state.v4 => state.in_query = true,
                Some(login) if is_out(&said) && !renewed => {
                    (renewed, state.in_query) = (true, false);
                    state.token = Some(self.log_in(login, &mut state).await?);
                }
                _ => return Err(refused(said)),
            }
        }
        Err(Trouble::Refused("the server takes no questions that we know".to_owned()))
    }

    fn api(&self, state: &State) -> Api {
        let api = Api::new(self.client.clone(), self.base.clone());
        match &state.token {
            Some(token) if state.in_query => api.secret_query("auth", token.jwt.clone().into()),
            Some(token) => api.bearer(token.jwt.clone().into()),
            None => api,
        }
    }

    fn whose(&self, login: &Login) -> String {
        format!("{} at {}", login.user, self.base)
    }

    fn kept(&self, login: &Login) -> Result<Option<Token>, Trouble> {
        let kept = login.vault.load(&login.name).map_err(later)?;
        let token: Option<Token> = kept.and_then(|kept| serde_json::from_str(&kept).ok());
        Ok(token.filter(|token| token.whose == self.whose(login)))
    }

    /// A new session, kept before it is used.
    async fn log_in(&self, login: &Login, state: &mut State) -> Result<Token, Trouble> {
        if let Some(trouble) = &state.refused {
            return Err(trouble.clone());
        }
        let held = login.vault.lock(&login.name).map_err(later)?;
        // Another run may have logged in meanwhile.
        let stale = state.token.as_ref().map(|token| token.jwt.clone());
        if let Some(token) = self.kept(login)?.filter(|token| Some(&token.jwt) != stale.as_ref()) {
            return Ok(token);
        }
        let came = self.try_log_in(login, state).await;
        if let Err(trouble @ Trouble::Credentials(_)) = &came {
            state.refused = Some(trouble.clone());
        }
        let token = came?;
        let text = serde_json::to_string(&token).unwrap_or_default();
        login.vault.save(&login.name, &text).map_err(later)?;
        drop(held);
        Ok(token)
    }

    async fn try_log_in(&self, login: &Login, state: &mut State) -> Result<Token, Trouble> {
        let password = login.password.ask().map_err(Trouble::Credentials)?;
        let body = json!({"username_or_email": login.user, "password": password.expose_secret()});
        let api = Api::new(self.client.clone(), self.base.clone());
        let path = |v4| if v4 { "api/v4/account/auth/login" } else { "api/v3/user/login" };
        let mut answer = api.post_json(path(state.v4), &body).await;
        if matches!(&answer, Err(Fault::Said(said)) if is_gone(said)) && !state.v4 {
            state.v4 = true;
            answer = api.post_json(path(true), &body).await;
        }
        let said = match answer {
            Ok(answer) => {
                let jwt = text(&answer.value["jwt"]);
                let none = || {
                    Trouble::Credentials(
                        "the login brought no session: is the user approved there?".to_owned(),
                    )
                };
                return Ok(Token { whose: self.whose(login), jwt: jwt.ok_or_else(none)? });
            }
            Err(Fault::Said(said)) => *said,
            Err(fault) => return Err(fault.into()),
        };
        match name(&said) {
            "missing_totp_token" | "incorrect_totp_token" => Err(Trouble::Credentials(format!(
                "{}: this user signs in with a second factor, which a program has not: make one without",
                said.reason
            ))),
            "rate_limit_error" => Err(Trouble::Later { reason: said.reason, after: said.after }),
            _ if matches!(said.status, 400 | 401 | 403 | 404) => {
                Err(Trouble::Credentials(format!("{}; check user and password", said.reason)))
            }
            _ => Err(said.into()),
        }
    }
}

fn later(reason: String) -> Trouble {
    Trouble::Later { reason, after: None }
}

/// The name of an error; older versions write it so, newer ones too.
fn name(said: &Said) -> &str {
    said.value["error"].as_str().unwrap_or_default()
}

/// There is no such path: what is not there otherwise has a name.
fn is_gone(said: &Said) -> bool {
    said.status == 404 && name(said).is_empty()
}

fn is_out(said: &Said) -> bool {
    matches!(name(said), "not_logged_in" | "incorrect_login") || said.status == 401
}

fn refused(said: Said) -> Trouble {
    match name(&said) {
        "rate_limit_error" => Trouble::Later { reason: said.reason, after: said.after },
        "instance_is_private" | "not_logged_in" => Trouble::Credentials(said.reason),
        name if name.starts_with("couldnt_find") || name == "not_found" || name == "unknown" => {
            Trouble::Refused(said.reason)
        }
        _ => said.into(),
    }
}
