//! The API behind its token (<https://github.com/reddit-archive/reddit/wiki/OAuth2>). In: an application, perhaps with the
//! user whose script it is. Out: answers. A token holds for a day at most and is kept from run to run.

use crate::Client;
use crate::services::api::{Answer, Api, Fault, Said};
use crate::services::members::{count, text};
use crate::services::{Account, Password, Trouble, Vault};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

/// An application.
pub(super) struct App {
    name: String,
    id: String,
    secret: Password,
    vault: Arc<dyn Vault>,
}

impl App {
    /// `Err` says what the account lacks.
    pub(super) fn new(account: &Account, id: &str, vault: Arc<dyn Vault>) -> Result<App, String> {
        let secret = account.password.clone();
        Ok(App { name: format!("session {}", account.name), id: id.to_owned(), secret, vault })
    }
}

/// What is kept.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Token {
    whose: String,
    token: String,
    until: DateTime<Utc>,
}

/// In this process.
#[derive(Default)]
pub(super) struct State {
    token: Option<Token>,
    refused: Option<Trouble>,
}

/// Where questions are asked.
pub(super) struct Door {
    pub(super) client: Client,
    pub(super) base: Url,
    pub(super) site: Url,
    pub(super) user: Option<String>,
    pub(super) app: Option<App>,
    pub(super) state: Mutex<State>,
}

impl Door {
    /// Asks a listing.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let Some(app) = &self.app else {
            return Err(Trouble::Credentials(
                "only feeds are read with a token: an application needs its client_id".to_owned(),
            ));
        };
        let mut state = self.state.lock().await;
        let mut stale = None;
        loop {
            let token = self.token(app, &mut state, stale.as_deref()).await?;
            let api = Api::new(self.client.clone(), self.base.clone()).bearer(token.token.clone().into());
            match api.get(path, query).await {
                Ok(answer) => return Ok(answer),
                // Taken back, or older than it seems: once.
                Err(Fault::Said(said)) if said.status == 401 && stale.is_none() => stale = Some(token.token),
                Err(Fault::Said(said)) => return Err(refused(*said)),
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.client.options().clock.now()
    }

    fn whose(&self, app: &App) -> String {
        format!("{} of {}", app.id, self.user.as_deref().unwrap_or_default())
    }

    async fn token(&self, app: &App, state: &mut State, stale: Option<&str>) -> Result<Token, Trouble> {
        let now = self.now();
        let good = |token: &Token| {
            token.until > now && Some(token.token.as_str()) != stale && token.whose == self.whose(app)
        };
        if let Some(token) = state.token.clone().filter(good) {
            return Ok(token);
        }
        if let Some(trouble) = &state.refused {
            return Err(trouble.clone());
        }
        let held = app.vault.lock(&app.name).map_err(later)?;
        let kept = app.vault.load(&app.name).map_err(later)?;
        let kept: Option<Token> = kept.and_then(|kept| serde_json::from_str(&kept).ok());
        let token = match kept.filter(good) {
            Some(token) => token,
            None => {
                let came = self.fresh(app, now).await;
                if let Err(trouble @ Trouble::Credentials(_)) = &came {
                    state.refused = Some(trouble.clone());
                }
                let token = came?;
                let text = serde_json::to_string(&token).unwrap_or_default();
                app.vault.save(&app.name, &text).map_err(later)?;
                token
            }
        };
        drop(held);
        Ok(state.token.insert(token).clone())
    }

    /// A new token: of the user whose script it is, else of the application alone.
    async fn fresh(&self, app: &App, now: DateTime<Utc>) -> Result<Token, Trouble> {
        let secrets = app.secret.ask().map_err(Trouble::Credentials)?;
        // Secrets of applications hold no colon.
        let (secret, password) = match secrets.expose_secret().split_once(':') {
            Some((secret, password)) => (secret, Some(password)),
            None => (secrets.expose_secret(), None),
        };
        let basic = STANDARD.encode(format!("{}:{secret}", app.id));
        let api = Api::new(self.client.clone(), self.site.clone()).secret_header(
            "authorization",
            "Basic ",
            basic.into(),
        );
        let form = match (&self.user, password) {
            (Some(user), Some(password)) => {
                vec![("grant_type", "password"), ("username", user), ("password", password)]
            }
            _ => vec![("grant_type", "client_credentials")],
        };
        let answer = match api.post_form("api/v1/access_token", &form).await {
            Ok(answer) => answer,
            Err(Fault::Said(said)) if matches!(said.status, 400 | 401 | 403) && !said.value.is_null() => {
                return Err(Trouble::Credentials(format!(
                    "{}; check client_id and the secret in password_file",
                    said.reason
                )));
            }
            Err(Fault::Said(said)) => return Err(refused(*said)),
            Err(fault) => return Err(fault.into()),
        };
        let Some(token) = text(&answer.value["access_token"]) else {
            let why = text(&answer.value["error"]).unwrap_or_else(|| "no token".to_owned());
            return Err(Trouble::Credentials(format!(
                "the login was refused ({}); check user and password_file (SECRET:PASSWORD); with a second factor a script cannot log in",
                crate::services::api::words(&why)
            )));
        };
        let seconds = i64::try_from(count(&answer.value["expires_in"]).unwrap_or(3600)).unwrap_or(3600);
        let until = now + TimeDelta::seconds(seconds.clamp(120, 86_400) - 60);
        Ok(Token { whose: self.whose(app), token, until })
    }
}

fn later(reason: String) -> Trouble {
    Trouble::Later { reason, after: None }
}

/// 403 may be 429 in other words: a page instead of JSON. With a reason it is a subreddit that lets nobody in.
pub(super) fn refused(said: Said) -> Trouble {
    let why = said.value["reason"].as_str().unwrap_or_default().to_owned();
    match said.status {
        403 if said.value.is_null() => Trouble::Later {
            reason: format!("{}: shut out for a while, as for too many questions", said.reason),
            after: said.after,
        },
        403 | 404 if !why.is_empty() => Trouble::Refused(format!("{} ({why})", said.reason)),
        403 => Trouble::Refused(said.reason),
        _ => said.into(),
    }
}
