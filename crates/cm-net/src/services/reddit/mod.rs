//! `reddit:` accounts. In: either an application (`client_id`, and as password its secret, or `SECRET:PASSWORD` with the
//! `user` whose script it is), which asks the API (<https://www.reddit.com/dev/api>, 100 questions a minute); or a `user` and
//! as password the token of personal feeds (reddit.com/prefs/feeds). Out: posts and comments, named as Reddit names them
//! (`t3_...`, `t1_...`) by either way. Feeds without a token are ordinary feeds.

mod api;
mod feed;
mod item;
mod read;
mod sources;

use super::{Account, Means, Read};

const API: &str = "https://oauth.reddit.com/";
const SITE: &str = "https://www.reddit.com/";

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    if !account.has_password {
        return Err("no password_file: give the application's secret, or the token of your feeds".to_owned());
    }
    let user = account.user.clone().filter(|user| !user.is_empty());
    let user = user.map(|user| user.trim_start_matches("/u/").trim_start_matches("u/").to_owned());
    let client = means.client().map_err(|e| e.message)?;
    let (usual, app) = match &account.client_id {
        Some(id) => (API, Some(api::App::new(account, id, means.vault()?)?)),
        None => (SITE, None),
    };
    let base = account.address_or(usual)?;
    let site = account.address_or(SITE)?;
    let door = api::Door { client, base, site, user, app, state: tokio::sync::Mutex::default() };
    Ok(Box::new(read::Reader { door, token: account.password.clone() }))
}
