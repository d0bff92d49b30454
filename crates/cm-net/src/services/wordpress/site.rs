//! Where a blog's REST API is, and whether a password may go there.
//!
//! In: the address of any page of a blog. Out: the API's base. Documented (REST API handbook, "Discovery"): pages say it
//! in `Link: <...>; rel="https://api.w.org/"`; blogs with plain permalinks answer at `/?rest_route=/`. Where no page says
//! it (caches drop headers), `wp-json/` and `?rest_route=/` are tried beside the page and in the folders above it.

use super::answer;
use crate::client::Response;
use crate::error::origin;
use crate::services::{Trouble, links};
use crate::{Client, Method, Request, is_public};
use url::{Host, Url};

const RELATION: &str = "https://api.w.org/";
/// Folders that are tried, the lowest first.
const FOLDERS: usize = 4;

/// The base of a REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Api {
    base: Url,
}

impl Api {
    /// The address of a route (`wp/v2/comments`) with a query.
    pub(super) fn at(&self, route: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if self.plain() {
            url.query_pairs_mut().clear().append_pair("rest_route", &format!("/{route}"));
        } else {
            url.set_path(&format!("{}/{route}", self.base.path().trim_end_matches('/')));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The route of an address of this API.
    pub(super) fn route(&self, address: &str) -> Option<String> {
        let url = Url::parse(address).ok()?;
        if self.plain() {
            let (_, route) = url.query_pairs().find(|(name, _)| name == "rest_route")?;
            return Some(route.trim_start_matches('/').to_owned());
        }
        let route = url.path().strip_prefix(self.base.path().trim_end_matches('/'))?.trim_start_matches('/');
        (url.host() == self.base.host() && !route.contains("..")).then(|| route.to_owned())
    }

    /// Routes are named in the query.
    fn plain(&self) -> bool {
        self.base.query_pairs().any(|(name, _)| name == "rest_route")
    }

    fn new(mut base: Url) -> Api {
        base.set_fragment(None);
        let _ = base.set_username("");
        let _ = base.set_password(None);
        Api { base }
    }
}

/// Finds the API of the blog that an address belongs to. No credentials are sent.
pub(super) async fn discover(client: &Client, address: &Url) -> Result<Api, Trouble> {
    let request = Request::get(Api::new(address.clone()).base);
    let head = client.send(Request { method: Method::Head, ..request.clone() }).await?;
    if let Some(base) = said(&head) {
        return trusted(client, address, base).await;
    }
    // Not every server tells by HEAD what it tells by GET.
    let page = client.send(request).await?;
    if let Some(base) = said(&page) {
        return trusted(client, address, base).await;
    }
    answer::in_order(&page, client.options().clock.now())?;
    for base in guesses(&page.url) {
        let index = Api::new(base.clone()).at("", &[("_fields", "namespaces")]);
        let found = client.send(Request::get(index)).await?;
        answer::in_order(&found, client.options().clock.now())?;
        // Plugins that close it to strangers answer in its words.
        let is_index = |said: answer::Said| match said.status {
            200 => said.json.get("namespaces").is_some(),
            401 | 403 => said.code().starts_with("rest_"),
            _ => false,
        };
        if answer::Said::from(&found).is_some_and(is_index) {
            return trusted(client, address, base).await;
        }
    }
    if matches!(page.status, 401 | 403) {
        return Err(answer::no_json(&page));
    }
    Err(Trouble::Refused(format!(
        "no WordPress REST API was found at {}: is this the blog's address, and is its REST API on?",
        origin(address)
    )))
}

/// Where a page says that the API is.
fn said(page: &Response) -> Option<Url> {
    let links = page.headers.iter().filter(|(name, _)| name == "link");
    links.filter_map(|(_, value)| links::target(value, RELATION)).find_map(|to| page.url.join(to).ok())
}

/// Where an API usually is: beside a page and in the folders above it.
fn guesses(page: &Url) -> Vec<Url> {
    let mut folders = Vec::new();
    let mut folder = page.join("./").ok();
    while let Some(here) = folder.filter(|_| folders.len() < FOLDERS) {
        folder = here.join("../").ok().filter(|above| *above != here);
        folders.push(here);
    }
    let root = page.join("/").ok().filter(|root| !folders.contains(root));
    let folders = folders.into_iter().chain(root);
    folders.flat_map(|folder| ["wp-json/", "?rest_route=/"].map(|api| folder.join(api))).flatten().collect()
}

/// The API when a password may go there: it is the blog's own, and nobody on the way can read along.
async fn trusted(client: &Client, address: &Url, mut base: Url) -> Result<Api, Trouble> {
    if address.scheme() == "https" {
        // Behind a proxy that does TLS for it, WordPress may not know that it has https.
        let _ = base.set_scheme("https");
    }
    if !same_site(address, &base) {
        return Err(Trouble::Refused(format!(
            "{} says that its REST API is at {}: the password is not sent to another host; if that is the blog, make it \
             the account's url",
            origin(address),
            origin(&base)
        )));
    }
    if base.scheme() != "https" && !(client.options().allow_private && private(&base).await) {
        return Err(Trouble::Refused(format!(
            "{}: without https the application password could be read on the way: give the blog https (plain http is \
             only for one's own machine or network, with --allow-private)",
            origin(&base)
        )));
    }
    Ok(Api::new(base))
}

/// The same host, with or without `www.`, and the same port, or both at their scheme's own.
fn same_site(address: &Url, base: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
    host(address) == host(base) && address.port() == base.port() && matches!(base.scheme(), "http" | "https")
}

/// Whether every address behind a URL is private.
async fn private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(v4)) => !is_public(v4.into()),
        Some(Host::Ipv6(v6)) => !is_public(v6.into()),
        Some(Host::Domain(name)) => match tokio::net::lookup_host((name, 0)).await {
            Ok(mut found) => found.all(|address| !is_public(address.ip())),
            Err(_) => false,
        },
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn routes_in_the_path_and_in_the_query() {
        let pretty = Api::new(url("https://b.example/blog/wp-json/"));
        let asked = pretty.at("wp/v2/comments", &[("status", "hold"), ("after", "2026-01-01T00:00:00Z")]);
        assert_eq!(
            asked.as_str(),
            "https://b.example/blog/wp-json/wp/v2/comments?status=hold&after=2026-01-01T00%3A00%3A00Z"
        );
        assert_eq!(
            pretty.at("wp/v2/users/me", &[]).as_str(),
            "https://b.example/blog/wp-json/wp/v2/users/me"
        );
        assert_eq!(
            pretty.route("https://b.example/blog/wp-json/wp/v2/posts/4").as_deref(),
            Some("wp/v2/posts/4")
        );
        for foreign in
            ["https://other.example/blog/wp-json/wp/v2/posts/4", "https://b.example/wp/v2/posts/4", "x"]
        {
            assert_eq!(pretty.route(foreign), None, "{foreign}");
        }
        let plain = Api::new(url("https://b.example/index.php?rest_route=/"));
        let asked = plain.at("wp/v2/comments", &[("page", "2")]);
        assert_eq!(asked.as_str(), "https://b.example/index.php?rest_route=%2Fwp%2Fv2%2Fcomments&page=2");
        assert_eq!(
            plain.route("https://b.example/index.php?rest_route=%2Fwp%2Fv2%2Fposts%2F4").as_deref(),
            Some("wp/v2/posts/4")
        );
    }

    #[test]
    fn beside_the_page_and_above() {
        let found = guesses(&url("https://b.example/blog/2026/launch?x=1"));
        let found: Vec<&str> = found.iter().map(Url::as_str).collect();
        assert_eq!(found[0], "https://b.example/blog/2026/wp-json/");
        assert!(found.contains(&"https://b.example/blog/wp-json/"), "{found:?}");
        assert!(found.contains(&"https://b.example/?rest_route=/"), "{found:?}");
        assert!(guesses(&url("https://b.example/a/b/c/d/e/f/g/")).len() <= 2 * (FOLDERS + 1));
    }

    #[test]
    fn only_the_blogs_own_host_gets_the_password() {
        let same = |a: &str, b: &str| same_site(&url(a), &url(b));
        assert!(same("https://b.example/", "https://www.b.example/wp-json/"));
        assert!(same("http://b.example/", "https://b.example/wp-json/"));
        assert!(same("http://127.0.0.1:8080/", "http://127.0.0.1:8080/wp-json/"));
        assert!(!same("https://b.example/", "https://api.b.example/wp-json/"));
        assert!(!same("https://b.example/", "https://b.example:8443/wp-json/"));
        assert!(!same("https://b.example/", "https://b.example.evil.test/wp-json/"));
    }

    /// Literal addresses and a name that means this machine: nobody is asked.
    #[test]
    fn a_password_goes_over_https_or_not_far() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let goes = |allow_private: bool, address: &str, base: &str| {
            let client = Client::new(crate::Options::new("cm-test", allow_private), &mut |_| ()).unwrap();
            let api = runtime.block_on(trusted(&client, &url(address), url(base)));
            api.map(|api| api.base.scheme().to_owned()).map_err(|trouble| trouble.to_string())
        };
        assert_eq!(goes(false, "https://b.example/", "https://b.example/wp-json/").as_deref(), Ok("https"));
        assert_eq!(
            goes(false, "https://b.example/", "http://b.example/wp-json/").as_deref(),
            Ok("https"),
            "never less"
        );
        assert_eq!(goes(true, "http://127.0.0.1:80/", "http://127.0.0.1/wp-json/").as_deref(), Ok("http"));
        assert_eq!(goes(true, "http://localhost/", "http://localhost/wp-json/").as_deref(), Ok("http"));
        for (allowed, address) in [
            (false, "http://127.0.0.1/"),
            (true, "http://93.184.216.34/"),
            (true, "http://[2606:4700::1111]/"),
        ] {
            let why = goes(allowed, address, &format!("{address}wp-json/")).unwrap_err();
            assert!(why.contains("could be read on the way"), "{address}: {why}");
        }
    }
}
