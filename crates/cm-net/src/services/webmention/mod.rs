//! `webmention:` is read from webmention.io (<https://github.com/aaronpk/webmention.io>, "API"): who linked to, answered or
//! liked pages of a domain. In: an account named for the domain (`webmention:acme.example`), its API key as password. Out:
//! mentions in jf2 (<https://jf2.spec.indieweb.org>).

mod item;
mod read;

use super::late::Late;
use super::{Account, Means, Read};

/// The service.
const SERVICE: &str = "https://webmention.io/";

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    if !account.has_password {
        return Err("no password_file: it holds the API key of webmention.io".to_owned());
    }
    let api = Late::new(account, means, SERVICE, |api, key| api.secret_query("token", key))?;
    let domain = account.user.clone().unwrap_or_else(|| account.short_name().to_owned());
    Ok(Box::new(read::Reader { api, domain }))
}
