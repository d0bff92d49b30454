//! `wordpress.com:` accounts: comments of sites that WordPress.com hosts, or that Jetpack connects with it, through its own
//! REST API (<https://developer.wordpress.com/docs/api/>, v1.1). In: a site, and a token (OAuth2) of who moderates it;
//! without one what its public comments are. Out: the same items as of `wordpress:`.

mod place;
mod read;
mod session;

use crate::services::{Account, Means, Read};
use session::Site;
use url::Url;

/// Where the API is.
const API: &str = "https://public-api.wordpress.com/rest/v1.1/sites/";

/// Opens the reading half; nobody is asked yet.
pub(in crate::services) fn reader(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let (api, site) = place(account)?;
    let client = means.client().map_err(|e| e.message)?;
    Ok(Box::new(read::Reader { site: Site::new(account, api, site, client) }))
}

/// The API and the site's name in it. The account's url is the site's address, or that of the site in an API at
/// another place (`.../rest/v1.1/sites/NAME`); without one the account's name is the site's.
fn place(account: &Account) -> Result<(Url, String), String> {
    let usual = || Url::parse(API).map_err(|e| format!("no address: {e}"));
    if account.url.is_none() {
        let name = account.short_name();
        let is_site = name.contains('.') || name.bytes().all(|b| b.is_ascii_digit());
        return match is_site {
            true => Ok((usual()?, name.to_owned())),
            false => Err(format!(
                "no url: say which site, or name it (wordpress.com:{name}.wordpress.com instead of wordpress.com:{name})"
            )),
        };
    }
    let mut url = account.address()?;
    let _no_credentials = (url.set_username(""), url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_matches('/').to_owned();
    if let Some((api, site)) = path.split_once("rest/v1.1/sites/") {
        url.set_path(&format!("{api}rest/v1.1/sites/"));
        return Ok((url, site.trim_matches('/').to_owned()));
    }
    // A site in a folder is named with `::` for each slash (documented under `$site`).
    let host = url.host_str().unwrap_or_default();
    let site = if path.is_empty() { host.to_owned() } else { format!("{host}::{}", path.replace('/', "::")) };
    Ok((usual()?, site))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_site() {
        let of = |name: &str, url: Option<&str>| {
            let account = Account { url: url.map(str::to_owned), ..Account::new(name) };
            place(&account).map(|(api, site)| (api.to_string(), site))
        };
        let usual = |site: &str| Ok((API.to_owned(), site.to_owned()));
        assert_eq!(of("wordpress.com:acme.example", None), usual("acme.example"));
        assert_eq!(of("wordpress.com:4711", None), usual("4711"));
        assert_eq!(of("wordpress.com:blog", Some("https://acme.example/")), usual("acme.example"));
        assert_eq!(of("wordpress.com:blog", Some("https://acme.example/news")), usual("acme.example::news"));
        assert_eq!(
            of("wordpress.com:blog", Some("http://127.0.0.1:8/rest/v1.1/sites/acme.example/")),
            Ok(("http://127.0.0.1:8/rest/v1.1/sites/".to_owned(), "acme.example".to_owned()))
        );
        assert!(of("wordpress.com:blog", None).unwrap_err().contains("wordpress.com:blog.wordpress.com"));
    }
}
