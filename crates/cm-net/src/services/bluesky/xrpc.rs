//! Questions and orders to the account's server, with its session.
//! In: a method's name and its parameters or body. Out: its answer, or why there is none.

use super::said::{self, Answer, Fault};
use super::session::Session;
use super::tokens::Tokens;
use crate::services::Trouble;
use crate::services::api::secret_may_travel;
use crate::{Client, Request};
use bytes::Bytes;
use secrecy::ExposeSecret;

/// The account's server.
pub(super) struct Xrpc {
    session: Session,
}

/// What is asked, so that it can be asked again with a new token.
enum Call<'a> {
    Get(&'a [(&'a str, &'a str)]),
    Post(Bytes),
}

impl Xrpc {
    /// Nobody is asked yet.
    pub(super) fn new(session: Session) -> Xrpc {
        Xrpc { session }
    }

    /// What requests are sent with.
    pub(super) fn client(&self) -> &Client {
        self.session.client()
    }

    /// Who asks.
    pub(super) async fn me(&self) -> Result<Tokens, Trouble> {
        self.session.tokens().await
    }

    /// Whether there is a password to log in with, when the session has ended; it is not tried.
    pub(super) async fn has_password(&self) -> Result<(), Trouble> {
        self.session.password().await.map(drop)
    }

    /// A query.
    pub(super) async fn get(&self, method: &str, parameters: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.call(method, Call::Get(parameters)).await
    }

    /// A procedure with a JSON body. A session that ran out is renewed, and the same bytes are sent once more: the server
    /// looks at the token first.
    pub(super) async fn post(&self, method: &str, body: Bytes) -> Result<Answer, Fault> {
        self.call(method, Call::Post(body)).await
    }

    async fn call(&self, method: &str, call: Call<'_>) -> Result<Answer, Fault> {
        let tokens = self.session.tokens().await.map_err(Fault::Session)?;
        match self.once(method, &call, &tokens).await {
            Err(Fault::Said(said)) if said.wants_new_token() => {
                let tokens = self.session.instead_of(&tokens).await.map_err(Fault::Session)?;
                self.once(method, &call, &tokens).await
            }
            answered => answered,
        }
    }

    async fn once(&self, method: &str, call: &Call<'_>, tokens: &Tokens) -> Result<Answer, Fault> {
        let mut url = tokens.service.clone();
        url.set_path(&format!("xrpc/{method}"));
        secret_may_travel(&url, self.client()).map_err(Fault::Session)?;
        let request = match call {
            Call::Get(parameters) => {
                url.query_pairs_mut().extend_pairs(*parameters);
                Request::get(url)
            }
            Call::Post(body) => Request::post(url, body.clone()).header("content-type", "application/json"),
        };
        let bearer = format!("Bearer {}", tokens.access.expose_secret());
        let response =
            self.client().send(request.header("authorization", &bearer)).await.map_err(Fault::Net)?;
        said::read(&response, self.client().options().clock.now(), "").map_err(Fault::Said)
    }
}
