//! `linkedin:` reads the page of an organisation through LinkedIn's Community Management API
//! (<https://learn.microsoft.com/linkedin/marketing/community-management/>). In: an account with `user` (the organisation's number or
//! `urn:li:organization:N`) and a member's token who administers the page. Out: comments on its posts, mentions of it, its posts. People
//! are known by number only: the API tells their names to nobody.

mod item;
mod little;
mod read;
mod restli;
mod trouble;

use super::late::Late;
use super::{Account, Means, Read};

/// The API.
const SERVICE: &str = "https://api.linkedin.com/";
/// The newest version that was known when this was written (November 2026): of July 2026, served until July 2027 at
/// least (each for a year). `api_version` of the account says another.
const VERSION: &str = "202607";

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let user =
        account.user().map_err(|_| "no user: say the organisation, urn:li:organization:NUMBER".to_owned())?;
    let number = user.strip_prefix("urn:li:organization:").unwrap_or(user);
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("the user {user:?} is no organisation: urn:li:organization:NUMBER"));
    }
    if !account.has_password {
        return Err("no password_file: it holds the token of a member who administers the page".to_owned());
    }
    let version = account.api_version.clone().unwrap_or_else(|| VERSION.to_owned());
    if version.len() < 6 || !version.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(format!(
            "api_version = {version:?} is no version of LinkedIn's API, such as {VERSION:?}"
        ));
    }
    let api = Late::new(account, means, SERVICE, |api, token| {
        api.header("x-restli-protocol-version", "2.0.0").bearer(token)
    })?;
    Ok(Box::new(read::Reader { api, us: format!("urn:li:organization:{number}"), version }))
}
