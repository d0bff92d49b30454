//! `facebook:` reads a page of Facebook through the Graph API (<https://developers.facebook.com/docs/graph-api>). In: an account with
//! `user` (the page's number) and a page token. Out: comments on its posts, its posts, where it is tagged, its counts.
//! Cursors are never kept from run to run (they end with the item they name), and addresses of next pages, which hold the
//! token, are never followed: each page is asked for by the cursor alone.

mod comments;
mod item;
mod read;
mod trouble;

use super::late::Late;
use super::{Account, Means, Read};

/// The API.
const SERVICE: &str = "https://graph.facebook.com/";
/// The newest version that was known when this was written (November 2026); each is served for two years, then the next is
/// served in its place. `api_version` of the account says another.
const VERSION: &str = "v26.0";

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let page = account.user().map_err(|_| "no user: say the number of the page".to_owned())?.to_owned();
    // By its name it could be asked too, but what it wrote itself is known by its number.
    if !page.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!(
            "the user {page:?} is no number of a page (its About page says it, under Page transparency)"
        ));
    }
    if !account.has_password {
        return Err("no password_file: it holds the token of the page".to_owned());
    }
    let version = account.api_version.as_deref().unwrap_or(VERSION);
    let digits = version.strip_prefix('v').unwrap_or_default();
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(format!("api_version = {version:?} is no version of the Graph API, such as {VERSION:?}"));
    }
    let api = Late::new(account, means, SERVICE, |api, token| api.secret_query("access_token", token))?;
    // A version in the address counts.
    let prefix =
        if api.base().path().trim_matches('/').is_empty() { format!("{version}/") } else { String::new() };
    Ok(Box::new(read::Reader { api, page, prefix }))
}
