//! `x:` is read through API v2 of X (<https://docs.x.com/x-api>), where every thing that is read costs money. In: an account
//! with `user` (handle or number) and a bearer token. Out: mentions, answers, posts, hits of the newest seven days, the
//! counts of a day. What a page can cost at most is known before it is asked for, and a bound is never exceeded: `costs.rs`;
//! what a bound left is read by a later run: `mark.rs`.

mod costs;
mod item;
mod mark;
mod read;
mod sources;
mod trouble;
mod user;

use super::late::Late;
use super::{Account, Means, Read};

/// The API.
const SERVICE: &str = "https://api.x.com/";

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let user = account.user().map_err(|_| "no user: say which handle (or number) is ours".to_owned())?;
    if !account.has_password {
        return Err("no password_file: it holds the bearer token of an app at console.x.com".to_owned());
    }
    let user = user.trim_start_matches('@').to_owned();
    if !user.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("the user {user:?} is no handle of X"));
    }
    let costs = costs::Costs::of(account)?;
    let api = Late::new(account, means, SERVICE, |api, token| api.bearer(token))?;
    let name = account.name.clone();
    Ok(Box::new(read::Reader { api, vault: means.vault()?, name, user, costs }))
}
