//! `youtube:` comments, through the Data API v3 (<https://developers.google.com/youtube/v3/docs>). In: an account with an API
//! key as password and the channel's id (`UC...`) as user. Out: comments and replies, held ones not: those only an OAuth
//! login is told. Feeds of channels and playlists are ordinary feeds.

mod item;
mod mark;
mod read;
mod sources;

use super::api::Api;
use super::{Account, Means, Password, Read};
use crate::Client;
use url::Url;

const API: &str = "https://www.googleapis.com/";

/// A channel, and the key with which it is read.
struct Channel {
    client: Client,
    base: Url,
    key: Password,
    /// `UC...`.
    id: Option<String>,
}

impl Channel {
    /// The API with the key. Asking for it may block.
    fn api(&self) -> Result<Api, String> {
        Ok(Api::new(self.client.clone(), self.base.clone()).secret_query("key", self.key.ask()?))
    }
}

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    if !account.has_password {
        return Err("no API key: give it as password_file (Google Cloud console, Credentials)".to_owned());
    }
    let id = account.user.clone().filter(|id| !id.is_empty());
    if let Some(id) = id.as_ref().filter(|id| !id.starts_with("UC")) {
        return Err(format!("{id:?} is no channel id: those begin with UC (youtube.com/account_advanced)"));
    }
    let (client, base) = (means.client().map_err(|e| e.message)?, account.address_or(API)?);
    Ok(Box::new(read::Reader { channel: Channel { client, base, key: account.password.clone(), id } }))
}
