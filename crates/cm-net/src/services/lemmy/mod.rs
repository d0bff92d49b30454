//! `lemmy:` servers, through their API v3, and v4 where only that is left (<https://join-lemmy.org/docs/contributors/04-api.html>).
//! In: a server's host as the name (`lemmy:lemmy.world`), which is read as nobody, or an account with `url`, `user` and
//! password, whose session is kept. Out: posts and comments, whose ids are their addresses in the fediverse (`ap_id`).

mod item;
mod read;
mod session;
mod sources;

use super::{Account, Means, Read};
use url::Url;

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let base = match &account.url {
        Some(_) => account.address()?,
        None => {
            let host = account.short_name();
            let url = Url::parse(&format!("https://{host}/"))
                .ok()
                .filter(|_| host.contains('.') && !host.contains('@'));
            url.ok_or_else(|| {
                format!("{host:?} is no host: lemmy:lemmy.example, or an account with its url")
            })?
        }
    };
    let client = means.client().map_err(|e| e.message)?;
    let login = match account.has_password {
        true => Some(session::Login::new(account, means.vault()?)?),
        false => None,
    };
    Ok(Box::new(read::Reader { session: session::Session::new(client, base, login) }))
}
