//! `mastodon:` accounts: Mastodon and servers that speak its REST API (<https://docs.joinmastodon.org/api/>): Pleroma, Akkoma,
//! GoToSocial, Pixelfed. In: a server and a token, or a server alone (`mastodon:HOST/tag/NAME` is read as nobody).
//! Out: what others wrote to the account, what is said about something, what the account wrote, how many follow it.
//!
//! Every item is named by its ActivityPub `uri`, so that two accounts on two servers mean the same by it. An answer names
//! what it answers by the server's own number: `kin.rs` asks for the addresses behind such numbers.

mod kin;
mod ladder;
mod list;
mod notification;
mod profile;
mod read;
mod search;
mod session;
mod sources;
mod status;

use super::{Account, Means, Read};
use session::Server;
use url::Url;

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let client = means.client().map_err(|e| e.message)?;
    let server = Server::new(account, home(account)?, client);
    Ok(Box::new(read::Reader { server, kin: kin::Kin::default() }))
}

/// The server's address: the account's url, else its name where that is a host.
fn home(account: &Account) -> Result<Url, String> {
    let name = account.short_name();
    if account.url.is_none() && !name.contains('.') {
        return Err(format!(
            "no url: say where its server is, or name the server itself (mastodon:HOST instead of mastodon:{name})"
        ));
    }
    let mut home = account.address_or(&format!("https://{name}/"))?;
    let _no_credentials = (home.set_username(""), home.set_password(None));
    home.set_path("/");
    home.set_query(None);
    home.set_fragment(None);
    Ok(home)
}
