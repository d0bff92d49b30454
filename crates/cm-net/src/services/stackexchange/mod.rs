//! `stackexchange:SITE` through the API of all its sites (<https://api.stackexchange.com/docs>, version 2.3). In: the site
//! in the name (`stackexchange:stackoverflow`); in an account a key as `client_id`, which is no secret there and raises the
//! quota from 300 to 10,000 a day, and an access token as password, which the inbox needs. Out: questions, answers and
//! comments. Posts are named `posts/7`, questions and answers alike, as they share their numbers.

mod backoff;
mod item;
mod read;
mod sources;

use super::api::Api;
use super::{Account, Means, Password, Read};
use url::Url;

const API: &str = "https://api.stackexchange.com/";

/// A site, and as whom it is read.
struct Site {
    client: crate::Client,
    base: Url,
    /// `stackoverflow`.
    name: String,
    key: Option<String>,
    token: Option<Password>,
    user: Option<String>,
}

impl Site {
    /// The API, with the token where there is one. Asking for it may block.
    fn api(&self) -> Result<Api, String> {
        let api = Api::new(self.client.clone(), self.base.clone());
        match &self.token {
            Some(token) => Ok(api.secret_query("access_token", token.ask()?)),
            None => Ok(api),
        }
    }
}

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let name = account.short_name();
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)) {
        return Err(format!("{name:?} is no site: stackexchange:stackoverflow, stackexchange:superuser"));
    }
    if account.has_password && account.client_id.is_none() {
        return Err("a token needs the key of its application: give it as client_id".to_owned());
    }
    let site = Site {
        client: means.client().map_err(|e| e.message)?,
        base: account.address_or(API)?,
        name: name.to_owned(),
        key: account.client_id.clone(),
        token: account.has_password.then(|| account.password.clone()),
        user: account.user.clone().filter(|user| !user.is_empty()),
    };
    let backoff = backoff::Backoff::new(&account.name, means.vault().ok());
    Ok(Box::new(read::Reader { site, backoff }))
}
