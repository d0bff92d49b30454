//! The session of an account, kept from run to run: never a login per run (`createSession` is limited to 30 in 5 minutes
//! and 300 a day). In: the account and the vault. Out: tokens that are good for the next request.
//!
//! | what happens | what is done |
//! |---|---|
//! | the access token has under a minute left, or the server calls it expired or invalid | `refreshSession`, under the vault's lock, unless another run has done so meanwhile; the new pair is on the disk before it is used |
//! | killed, or the answer lost, between the server's change of tokens and ours | the old refresh token: the server takes it for two more hours (atproto, `account-manager`) |
//! | the refresh token is refused | `createSession` with the password, once |
//! | the password is refused, there have been too many logins, or a new session cannot be kept | told; no login by this process for ten minutes |

use super::said::{self, Answer, Fault, Said};
use super::tokens::{Owner, Tokens};
use crate::services::api::secret_may_travel;
use crate::services::{Account, Held, Password, Trouble, Vault};
use crate::{Client, Request};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// How long a login that was refused is not tried again: 300 a day are one in five minutes.
const PAUSE: Duration = Duration::from_secs(600);
/// What is needed instead of the password that one signs in with.
const APP_PASSWORD: &str =
    "make an app password (Settings > Privacy and security > App passwords) and give that one";

/// The session of an account.
pub(super) struct Session {
    owner: Owner,
    /// The name that it is kept under.
    name: String,
    password: Password,
    vault: Arc<dyn Vault>,
    client: Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tokens: Option<Tokens>,
    refused: Option<(Instant, Trouble)>,
}

impl Session {
    /// Nobody is asked yet.
    pub(super) fn new(
        account: &Account,
        home: Url,
        user: String,
        client: Client,
        vault: Arc<dyn Vault>,
    ) -> Session {
        let name = format!("session {}", account.name);
        let (owner, password) = (Owner { home, user }, account.password.clone());
        Session { owner, name, password, vault, client, state: Mutex::default() }
    }

    /// What requests are sent with.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Tokens to ask with.
    pub(super) async fn tokens(&self) -> Result<Tokens, Trouble> {
        let mut state = self.state.lock().await;
        if state.tokens.is_none() {
            state.tokens = self.load().await?;
        }
        match state.tokens.clone() {
            Some(tokens) if !tokens.is_due(self.client.options().clock.now()) => Ok(tokens),
            stale => self.renew(&mut state, stale).await,
        }
    }

    /// Tokens in place of those that the server no longer takes.
    pub(super) async fn instead_of(&self, stale: &Tokens) -> Result<Tokens, Trouble> {
        let mut state = self.state.lock().await;
        match &state.tokens {
            Some(tokens) if !tokens.is(stale) => Ok(tokens.clone()),
            _ => self.renew(&mut state, Some(stale.clone())).await,
        }
    }

    async fn renew(&self, state: &mut State, stale: Option<Tokens>) -> Result<Tokens, Trouble> {
        let held = self.hold().await?;
        let now = self.client.options().clock.now();
        let kept = self.load().await?;
        let theirs = kept.clone().filter(|kept| !stale.as_ref().is_some_and(|stale| kept.is(stale)));
        if let Some(theirs) = theirs.filter(|theirs| !theirs.is_due(now)) {
            return Ok(state.tokens.insert(theirs).clone());
        }
        let refreshed = match kept.or(stale) {
            Some(last) => self.refresh(&last).await?,
            None => None,
        };
        let fresh = match refreshed {
            Some(fresh) => fresh,
            None => self.log_in(state).await?,
        };
        if let Err(trouble) = self.keep(&fresh).await {
            // Else every request would cost a login.
            state.refused = Some((Instant::now(), trouble.clone()));
            return Err(trouble);
        }
        drop(held);
        Ok(state.tokens.insert(fresh).clone())
    }

    /// `None` when only the password helps.
    async fn refresh(&self, last: &Tokens) -> Result<Option<Tokens>, Trouble> {
        let mut url = self.owner.home.clone();
        url.set_path("xrpc/com.atproto.server.refreshSession");
        let bearer = format!("Bearer {}", last.refresh.expose_secret());
        match self.ask(Request::post(url, "").header("authorization", &bearer), "").await {
            Ok(answer) => {
                let fresh = self.active(&answer.value)?.filter(|fresh| fresh.did == last.did);
                let moved = answer.value.get("didDoc").is_some();
                Ok(fresh.map(|fresh| if moved { fresh } else { fresh.at_the_service_of(last) }))
            }
            Err(Fault::Said(said)) if said.shuts_out() => Err(said.into()),
            Err(Fault::Said(said))
                if (400..=499).contains(&said.status) && !matches!(said.status, 408 | 425 | 429) =>
            {
                Ok(None)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    async fn log_in(&self, state: &mut State) -> Result<Tokens, Trouble> {
        if let Some((at, trouble)) = &state.refused
            && at.elapsed() < PAUSE
        {
            return Err(trouble.clone());
        }
        let came = self.try_log_in().await;
        if let Err(trouble @ (Trouble::Credentials(_) | Trouble::Later { after: Some(_), .. })) = &came {
            state.refused = Some((Instant::now(), trouble.clone()));
        }
        came
    }

    /// The password, which a session that holds does without.
    pub(super) async fn password(&self) -> Result<SecretString, Trouble> {
        let password = self.password.clone();
        blocking(move || password.ask()).await?.map_err(Trouble::Credentials)
    }

    async fn try_log_in(&self) -> Result<Tokens, Trouble> {
        let password = self.password().await?;
        let mut url = self.owner.home.clone();
        url.set_path("xrpc/com.atproto.server.createSession");
        let body = json!({"identifier": self.owner.user, "password": password.expose_secret()}).to_string();
        let request = Request::post(url, body).header("content-type", "application/json");
        match self.ask(request, password.expose_secret()).await {
            Ok(answer) => self.active(&answer.value)?.ok_or_else(|| {
                Trouble::Refused(format!(
                    "{} answered a login with no session",
                    self.owner.home.host_str().unwrap_or_default()
                ))
            }),
            Err(Fault::Said(said)) => Err(refused(said)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The tokens of an answer, if the account is in use.
    fn active(&self, answer: &Value) -> Result<Option<Tokens>, Trouble> {
        if answer["active"] == false {
            return Err(Trouble::Credentials(format!("the account is {}", said::standing(answer))));
        }
        Ok(Tokens::answered(answer, &self.owner.home))
    }

    /// Asks the server that the password belongs to.
    async fn ask(&self, request: Request, secret: &str) -> Result<Answer, Fault> {
        secret_may_travel(&request.url, &self.client).map_err(Fault::Session)?;
        let response = self.client.send(request).await.map_err(Fault::Net)?;
        said::read(&response, self.client.options().clock.now(), secret).map_err(Fault::Said)
    }

    async fn hold(&self) -> Result<Held, Trouble> {
        self.vault(|vault, name| vault.lock(name)).await
    }

    async fn load(&self) -> Result<Option<Tokens>, Trouble> {
        let kept = self.vault(|vault, name| vault.load(name)).await?;
        Ok(kept.and_then(|kept| Tokens::kept(&kept, &self.owner)))
    }

    async fn keep(&self, tokens: &Tokens) -> Result<(), Trouble> {
        let text = tokens.to_keep(&self.owner);
        self.vault(move |vault, name| vault.save(name, &text)).await
    }

    async fn vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Vault, &str) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (vault, name) = (Arc::clone(&self.vault), self.name.clone());
        blocking(move || work(&*vault, &name)).await?.map_err(Trouble::Elsewhere)
    }
}

/// Why a login failed, and how to mend it.
fn refused(said: Said) -> Trouble {
    let reason = &said.reason;
    match &*said.name {
        "AuthFactorTokenRequired" => Trouble::Credentials(format!(
            "{reason}; this account signs in with a code by mail, which its main password does not do alone: {APP_PASSWORD}"
        )),
        _ if said.shuts_out() => Trouble::Credentials(said.reason),
        _ if matches!(said.status, 400 | 401 | 403) => {
            Trouble::Credentials(format!("{reason}; check the account's user, or {APP_PASSWORD}"))
        }
        // Without a name it is no answer of XRPC: another kind of site.
        _ if matches!(said.status, 404 | 405) => Trouble::Refused(format!(
            "{reason}: no Bluesky server (PDS); let the account's url be the one where it signs in, for most \
             https://bsky.social"
        )),
        _ => said.into(),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    let stopped = |_| Trouble::Elsewhere("the run is being stopped".to_owned());
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}
