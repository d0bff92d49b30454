//! As whom a blog lets us in: asked first in every run, since wrong credentials look like an anonymous 200 on what is
//! public (measured).
//!
//! In: an account. Out: requests with its credentials, to its own API only, and what the user may do. Documented:
//! `users/me?context=edit` (REST API reference, Users), Basic authentication with application passwords (since 5.6).

use super::answer::{self, Said};
use super::site::{self, Api};
use crate::client::Response;
use crate::services::{Account, Means, Password, Trouble};
use crate::{Client, Error, Request};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;
use tokio::sync::OnceCell;
use url::Url;

/// A blog, as an account names it. Debug shows the account's name only.
pub(super) struct Blog {
    name: String,
    address: Url,
    user: String,
    password: Password,
    client: Client,
    session: OnceCell<Session>,
}

impl Blog {
    /// Nobody is asked yet.
    pub(super) fn open(account: &Account, means: &dyn Means) -> Result<Blog, String> {
        Ok(Blog {
            name: account.name.clone(),
            address: account.address()?,
            user: account.user()?.to_owned(),
            password: account.password.clone(),
            client: means.client().map_err(|e| e.message)?,
            session: OnceCell::new(),
        })
    }

    /// The session of this run: the API is found and says who we are, once.
    pub(super) async fn session(&self) -> Result<&Session, Trouble> {
        self.session.get_or_try_init(|| self.enter()).await
    }

    async fn enter(&self) -> Result<Session, Trouble> {
        let asked = self.password.clone();
        let secret = tokio::task::spawn_blocking(move || asked.ask()).await;
        let secret = secret.map_err(|e| e.to_string()).flatten().map_err(Trouble::Credentials)?;
        let api = site::discover(&self.client, &self.address).await?;
        let (user, client) = (self.user.clone(), self.client.clone());
        let mut session = Session { api, user, secret, client, me: Me::default(), staff: OnceCell::new() };
        let who = [("context", "edit"), ("_fields", "id,name,username,roles,capabilities")];
        let said = session.get("wp/v2/users/me", &who).await?;
        session.me = match Me::of(&said) {
            Err(Trouble::Credentials(_)) if !session.takes_passwords().await? => {
                let off = "offers no application passwords: a security plugin, or WordPress not knowing that it has https, \
                           switches them off";
                return Err(Trouble::Credentials(format!("{} {off}", said.host)));
            }
            me => me?,
        };
        Ok(session)
    }
}

impl fmt::Debug for Blog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Blog").field(&self.name).finish()
    }
}

/// Users a page: the most that WordPress gives.
const USERS: usize = 100;
/// So many pages are read of those who moderate.
const STAFF_PAGES: usize = 20;

/// The user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Me {
    /// Its number.
    pub id: u64,
    /// Its display name.
    pub name: String,
    /// `administrator`, `editor`, ...
    pub roles: Vec<String>,
    /// May see and moderate comments that are not approved (`moderate_comments`), and ask for them (`edit_posts`).
    pub moderates: bool,
    /// May filter lists of comments (`edit_posts`).
    pub edits: bool,
    /// May see who else writes on the blog (`list_users`).
    pub lists: bool,
}

impl Me {
    fn of(said: &Said) -> Result<Me, Trouble> {
        if matches!(said.status, 401 | 403) {
            return Err(said.credentials());
        }
        if said.status == 404 {
            return Err(Trouble::Refused(format!(
                "{}: its REST API has no users: has a plugin switched them off?",
                said.host
            )));
        }
        let json = &said.json;
        let id = json.get("id").and_then(Value::as_u64).filter(|_| said.status == 200);
        let id = id.ok_or_else(|| Trouble::Refused(said.reason()))?;
        let text = |name: &str| json.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let roles = json.get("roles").and_then(Value::as_array).into_iter().flatten();
        Ok(Me {
            id,
            name: super::comment::unescaped(text("name").or_else(|| text("username")).unwrap_or("?")),
            roles: roles.filter_map(Value::as_str).map(str::to_owned).collect(),
            moderates: may(json, "moderate_comments") && may(json, "edit_posts"),
            edits: may(json, "edit_posts"),
            lists: may(json, "list_users"),
        })
    }
}

/// Whether a user has a capability; plugins that manage roles keep 1 for it, too (WP_User::has_cap asks if it is empty).
fn may(user: &Value, what: &str) -> bool {
    match user.get("capabilities").and_then(|all| all.get(what)) {
        Some(Value::Bool(granted)) => *granted,
        Some(Value::Number(granted)) => granted.as_f64() != Some(0.0),
        Some(Value::String(granted)) => !["", "0"].contains(&granted.as_str()),
        _ => false,
    }
}

/// Who we are where.
pub(super) struct Session {
    api: Api,
    user: String,
    secret: SecretString,
    client: Client,
    /// The user.
    pub me: Me,
    staff: OnceCell<Vec<u64>>,
}

impl Session {
    /// Asks for a route. JSON of any status is an answer.
    pub(super) async fn get(&self, route: &str, query: &[(&str, &str)]) -> Result<Said, Trouble> {
        self.ask(self.with_credentials(self.api.at(route, query))).await
    }

    /// The same as anybody sees it.
    pub(super) async fn get_as_anybody(&self, route: &str, query: &[(&str, &str)]) -> Result<Said, Trouble> {
        self.ask(self.api.at(route, query)).await
    }

    /// What a cache kept is asked for anew (RFC 9111, 5.2.1.4): it may be out of date, or another's.
    async fn ask(&self, url: Url) -> Result<Said, Trouble> {
        let answer = self.client.send(Request::get(url).header("cache-control", "no-cache")).await?;
        answer::said(&answer, self.now())
    }

    /// Whether the blog offers application passwords; its index says so (`authentication`, since 5.6).
    async fn takes_passwords(&self) -> Result<bool, Trouble> {
        let index = self.get_as_anybody("", &[("_fields", "authentication")]).await?;
        let offers = index.json.get("authentication").filter(|_| index.status == 200);
        Ok(offers.is_none_or(|offers| offers.get("application-passwords").is_some()))
    }

    /// Sends JSON to a route, once.
    pub(super) async fn post(&self, route: &str, body: &Value) -> Result<Response, Error> {
        self.send(self.api.at(route, &[]), body).await
    }

    /// Moves what a route names to the trash: WordPress takes the method from the query too (WP_REST_Server).
    pub(super) async fn trash(&self, route: &str) -> Result<Response, Error> {
        self.send(self.api.at(route, &[("_method", "DELETE")]), &Value::Object(serde_json::Map::new())).await
    }

    async fn send(&self, url: Url, body: &Value) -> Result<Response, Error> {
        let url = self.with_credentials(url);
        self.client
            .send(Request::post(url, body.to_string()).header("content-type", "application/json"))
            .await
    }

    /// The route of an address that the API gave.
    pub(super) fn route(&self, address: &str) -> Option<String> {
        self.api.route(address)
    }

    /// The client's clock.
    pub(super) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.client.options().clock.now()
    }

    /// The numbers of those who moderate the blog, ourselves among them; ourselves only where others can't be learned.
    pub(super) async fn staff(&self) -> Result<&[u64], Trouble> {
        let ask = || async {
            let mut staff = vec![self.me.id];
            for page in 1..=STAFF_PAGES {
                if !self.me.lists || !self.staff_page(page, &mut staff).await? {
                    break;
                }
            }
            Ok::<_, Trouble>(staff)
        };
        self.staff.get_or_try_init(ask).await.map(Vec::as_slice)
    }

    /// Whether there may be another page.
    async fn staff_page(&self, page: usize, staff: &mut Vec<u64>) -> Result<bool, Trouble> {
        let (page, per_page) = (page.to_string(), USERS.to_string());
        let query = [
            ("capabilities", "moderate_comments"),
            ("context", "edit"),
            ("per_page", &per_page),
            ("page", &page),
            ("_fields", "id,capabilities"),
        ];
        let said = self.get("wp/v2/users", &query).await?;
        let users = said.json.as_array().filter(|_| said.status == 200).map_or(&[][..], Vec::as_slice);
        // WordPress before 5.9 does not know that filter, and lists everybody.
        let staff_only = users.iter().filter(|user| may(user, "moderate_comments"));
        staff.extend(staff_only.filter_map(|user| user.get("id")?.as_u64()));
        Ok(users.len() == USERS)
    }

    /// As `Authorization: Basic`, which the HTTP client makes of it; hosts that a redirect leads to are not told.
    fn with_credentials(&self, mut url: Url) -> Url {
        // It has a host, so neither can fail.
        let _ = url.set_username(&self.user);
        let _ = url.set_password(Some(self.secret.expose_secret()));
        url
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("me", &self.me).finish_non_exhaustive()
    }
}
