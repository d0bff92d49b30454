//! `discourse:` forums, through the JSON behind their pages (<https://docs.discourse.org>). In: a forum's host as the name
//! (`discourse:meta.discourse.org`), which is read as nobody, or an account with its `url`; `user` and an API key as
//! password, or a `client_id` and a user's own API key. Out: posts, named by
//! their place (`topics/12/3`), and what the user is told of.

mod item;
mod read;
mod sources;

use super::api::Api;
use super::{Account, Means, Password, Read};
use crate::Client;
use url::Url;

/// A forum, and as whom it is read.
struct Forum {
    client: Client,
    base: Url,
    /// Whose key it is: in mails and mentions `@ana`.
    user: Option<String>,
    key: Option<Password>,
    /// With one, the key is a user's own.
    client_id: Option<String>,
}

impl Forum {
    /// The API with the key, where there is one. Asking for it may block.
    fn api(&self) -> Result<Api, String> {
        let api = Api::new(self.client.clone(), self.base.clone());
        let Some(key) = &self.key else { return Ok(api) };
        match (&self.client_id, &self.user) {
            (Some(id), _) => {
                Ok(api.header("user-api-client-id", id).secret_header("user-api-key", "", key.ask()?))
            }
            (None, Some(user)) => {
                Ok(api.header("api-username", user).secret_header("api-key", "", key.ask()?))
            }
            (None, None) => Err("a key needs its user: give it as user".to_owned()),
        }
    }
}

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let base = match &account.url {
        Some(_) => account.address()?,
        None => {
            let host = account.short_name();
            let url = Url::parse(&format!("https://{host}/")).ok();
            let url = url.filter(|_| host.contains('.') && !host.contains('@'));
            url.ok_or_else(|| {
                format!("{host:?} is no host: discourse:forum.example, or an account with its url")
            })?
        }
    };
    let forum = Forum {
        client: means.client().map_err(|e| e.message)?,
        base,
        user: account
            .user
            .clone()
            .filter(|user| !user.is_empty())
            .map(|user| user.trim_start_matches('@').to_owned()),
        key: account.has_password.then(|| account.password.clone()),
        client_id: account.client_id.clone(),
    };
    Ok(Box::new(read::Reader { forum }))
}
