//! `bluesky:` accounts, over the AT Protocol's XRPC (<https://atproto.com/specs/xrpc>) with the account's own server (PDS).
//! In: an account with `url` (its server), `user` (handle or DID) and an app password. Out: posts that go out once, and
//! what others wrote to it. What is read comes through that server, which hands `app.bsky.*` on to an AppView.

mod facets;
mod item;
mod mark;
mod parent;
mod publish;
mod punctuation;
mod read;
mod record;
mod said;
mod session;
mod sources;
mod text;
mod thread;
mod tid;
mod tokens;
mod uri;
mod xrpc;

use super::{Account, Means, Publish, Read};
use session::Session;
use url::{Host, Url};
use xrpc::Xrpc;

/// Graphemes of a post's text (lexicon `app.bsky.feed.post`, `maxGraphemes`).
pub(super) const LONGEST: usize = 300;
/// Bytes of a post's text (the same, `maxLength`).
const LONGEST_BYTES: usize = 3000;

/// Opens the publishing half; nobody is asked yet.
pub(super) fn open_publish(account: &Account, means: &dyn Means) -> Result<Box<dyn Publish>, String> {
    Ok(Box::new(publish::Poster { xrpc: open(account, means)? }))
}

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    Ok(Box::new(read::Reader { xrpc: open(account, means)? }))
}

fn open(account: &Account, means: &dyn Means) -> Result<Xrpc, String> {
    let home = home(account)?;
    let user = account.user()?.trim_start_matches('@').to_owned();
    let client = means.client().map_err(|e| e.message)?;
    Ok(Xrpc::new(Session::new(account, home, user, client, means.vault()?)))
}

/// The account's server. The password and the session go there, so http is for a server on one's own network only.
fn home(account: &Account) -> Result<Url, String> {
    let url = account.address()?;
    if url.scheme() == "http" && !is_near(&url) {
        return Err(
            "the url must begin with https://: over http everybody on the way reads the password".to_owned()
        );
    }
    let mut home = url;
    let _no_credentials = (home.set_username(""), home.set_password(None));
    home.set_path("/");
    home.set_query(None);
    home.set_fragment(None);
    Ok(home)
}

/// Whether an address is on this machine or its own network, as far as it shows.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => !crate::is_public(address.into()),
        Some(Host::Ipv6(address)) => !crate::is_public(address.into()),
        // RFC 6761, 6762 and 8375, `internal` as ICANN reserved it; a name without a dot is one of a local network.
        Some(Host::Domain(name)) => {
            !name.contains('.')
                || [".localhost", ".test", ".local", ".home.arpa", ".internal"]
                    .iter()
                    .any(|end| name.ends_with(end))
        }
        None => false,
    }
}
