//! `hackernews:` is read as nobody, through the search of its public index (<https://hn.algolia.com/api>, about 10,000
//! questions an hour). In: any name (`hackernews:any`), or an account whose `user` says what is ours. Out: stories and
//! comments, whose ids are their permalinks.

mod item;
mod read;
mod replies;
mod sources;

use super::api::Api;
use super::{Account, Means, Read};
use url::Url;

/// Where the index is.
const INDEX: &str = "https://hn.algolia.com/";

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let base = account.address_or(INDEX)?;
    let client = means.client().map_err(|e| e.message)?;
    let user = account.user.clone().filter(|user| !user.is_empty());
    Ok(Box::new(read::Reader { api: Api::new(client, base.clone()), base, user }))
}

/// What servers are told of this network, where no account says another one.
fn server(base: &Url) -> Option<Url> {
    Some(base.clone())
}
