//! A JSON API over HTTP, as most networks have one. In: its base, what every question carries, a path and a query.
//! Out: the answer's JSON with its rate limit, or why there is none, in words for a person.
//!
//! Secrets travel over https only, or over http to a server of one's own (`--allow-private`), and never in an error.
//! What each status means is the same everywhere unless the network says otherwise (`Fault::status`): 401 and 403 the
//! credentials, 408, 425, 429, 5xx and used-up limits later, the rest a definite no.

use super::{Limit, Trouble, rates};
use crate::client::Response;
use crate::{Client, Error, GUARDED, Request, error};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

/// How much of a server's words is told, in characters.
const EXCERPT: usize = 200;
/// Longer words are no words: tokens, keys.
const LONGEST_WORD: usize = 80;

/// An API.
pub(crate) struct Api {
    client: Client,
    base: Url,
    headers: Vec<(String, String)>,
    secrets: Vec<(Carrier, SecretString)>,
}

/// Where a secret travels.
enum Carrier {
    /// In a header of this name, behind these words (`Bearer `).
    Header(&'static str, &'static str),
    /// In the query, under this name.
    Query(&'static str),
    /// In every form, under this name.
    Form(&'static str),
}

/// An answer with a status of 2xx.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its JSON; `null` of an empty body.
    pub(crate) value: Value,
    /// What is left of the network's limits, where it says so.
    pub(crate) limit: Option<Limit>,
    /// The whole, for its headers.
    pub(crate) response: Response,
}

impl Answer {
    /// Where a relation of its `Link` headers leads (`next`, `prev`).
    pub(crate) fn link(&self, relation: &str) -> Option<Url> {
        self.response.link(relation)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It did not get there or back.
    Lost(Error),
    /// It could not be asked.
    Way(Trouble),
    /// The server said no.
    Said(Box<Said>),
}

/// A server's no.
#[derive(Debug)]
pub(crate) struct Said {
    /// HTTP status.
    pub(crate) status: u16,
    /// Its JSON, where it has some.
    pub(crate) value: Value,
    /// One line for a person, with the server's name and words.
    pub(crate) reason: String,
    /// Not before, where it says so.
    pub(crate) after: Option<DateTime<Utc>>,
    /// What is left of the network's limits.
    pub(crate) limit: Option<Limit>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Lost(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        match fault {
            Fault::Lost(error) => error.into(),
            Fault::Way(trouble) => trouble,
            Fault::Said(said) => (*said).into(),
        }
    }
}

impl From<Said> for Trouble {
    fn from(said: Said) -> Trouble {
        let used_up = said.limit.as_ref().is_some_and(|limit| limit.remaining == 0) && said.after.is_some();
        match said.status {
            408 | 425 | 429 | 500.. | 0..=299 => Trouble::Later { reason: said.reason, after: said.after },
            401 | 403 if used_up => Trouble::Later { reason: said.reason, after: said.after },
            401 | 403 => Trouble::Credentials(said.reason),
            300..=399 => {
                Trouble::Refused(format!("{}: the server has moved, change the account's url", said.reason))
            }
            _ => Trouble::Refused(said.reason),
        }
    }
}

impl Api {
    /// Nobody is asked yet. Paths are appended to the base's.
    pub(crate) fn new(client: Client, base: Url) -> Api {
        Api { client, base, headers: Vec::new(), secrets: Vec::new() }
    }

    /// With a header on every question.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Api {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With `Authorization: Bearer ...` on every question.
    pub(crate) fn bearer(self, token: SecretString) -> Api {
        self.secret_header("authorization", "Bearer ", token)
    }

    /// With a secret in a header of every question, behind a word.
    pub(crate) fn secret_header(
        mut self,
        name: &'static str,
        before: &'static str,
        secret: SecretString,
    ) -> Api {
        self.secrets.push((Carrier::Header(name, before), secret));
        self
    }

    /// With a secret in the query of every question, where the network takes it nowhere else.
    pub(crate) fn secret_query(mut self, name: &'static str, secret: SecretString) -> Api {
        self.secrets.push((Carrier::Query(name), secret));
        self
    }

    /// With a secret in every form, where the network takes it nowhere else.
    pub(crate) fn secret_form(mut self, name: &'static str, secret: SecretString) -> Api {
        self.secrets.push((Carrier::Form(name), secret));
        self
    }

    /// What requests are sent with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Now, by the injected clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.client.options().clock.now()
    }

    /// The address of a path (`api/v1/notifications`) with a query.
    pub(crate) fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{}", self.base.path().trim_end_matches('/'), path.trim_start_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Asks a path.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.follow(self.url(path, query)).await
    }

    /// Asks a path, with headers of this question alone, such as `If-None-Match`: a 304 is a `Fault::Said`.
    pub(crate) async fn get_with(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<Answer, Fault> {
        self.follow_with(self.url(path, query), headers).await
    }

    /// Asks an address that an answer named, such as the next page; one on another server is not asked.
    pub(crate) async fn follow(&self, url: Url) -> Result<Answer, Fault> {
        self.follow_with(url, &[]).await
    }

    /// The same, with headers of this question alone.
    pub(crate) async fn follow_with(&self, url: Url, headers: &[(&str, &str)]) -> Result<Answer, Fault> {
        if url.origin() != self.base.origin() {
            let (here, there) = (error::origin(&self.base), error::origin(&url));
            return Err(Fault::Way(Trouble::Refused(format!("{here} leads to another server, {there}"))));
        }
        let request = Request::get(url);
        self.send(headers.iter().fold(request, |request, (name, value)| request.header(name, value))).await
    }

    /// Asks with a body of JSON. Nothing is sent twice: what became of a question that was lost is the caller's to find out.
    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Result<Answer, Fault> {
        let request = Request::post(self.url(path, &[]), Bytes::from(body.to_string()));
        self.send(request.header("content-type", "application/json")).await
    }

    /// Asks with a form, sent once like `post_json`.
    pub(crate) async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Result<Answer, Fault> {
        let secrets = self.secrets.iter().filter_map(|(carrier, secret)| match carrier {
            Carrier::Form(name) => Some((*name, secret.expose_secret())),
            _ => None,
        });
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .extend_pairs(secrets)
            .finish();
        let request = Request::post(self.url(path, &[]), Bytes::from(body));
        self.send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    async fn send(&self, mut request: Request) -> Result<Answer, Fault> {
        if !self.secrets.is_empty() || !request.body.is_empty() {
            secret_may_travel(&request.url, &self.client).map_err(Fault::Way)?;
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.headers.iter().any(|(name, _)| name == "accept") {
            request = request.header("accept", "application/json");
        }
        for (carrier, secret) in &self.secrets {
            match carrier {
                Carrier::Header(name, before) => {
                    request = request.header(name, &format!("{before}{}", secret.expose_secret()));
                }
                Carrier::Query(name) => {
                    request.url.query_pairs_mut().append_pair(name, secret.expose_secret());
                }
                // It stands in the body.
                Carrier::Form(_) => {}
            }
        }
        let response = self.client.send(request).await?;
        self.read(response)
    }

    fn read(&self, response: Response) -> Result<Answer, Fault> {
        let limit = rates::limit(&response, self.now());
        let empty = response.body.is_empty() && (200..=299).contains(&response.status);
        let value = if empty { Some(Value::Null) } else { serde_json::from_slice(&response.body).ok() };
        match (response.status, value) {
            (200..=299, Some(value)) => Ok(Answer { value, limit, response }),
            (status, value) => {
                let value = value.unwrap_or_default();
                let what = match (200..=299).contains(&status) {
                    true => "something that is not what was asked for".to_owned(),
                    false => status.to_string(),
                };
                let says = self.told(&explanation(&value));
                let says = if says.is_empty() { String::new() } else { format!(": {says}") };
                let reason = format!("{} answered {what}{says}", error::origin(&response.url));
                let after = rates::after(&response, self.now());
                Err(Fault::Said(Box::new(Said {
                    status,
                    value,
                    reason,
                    after,
                    limit,
                    headers: response.headers,
                })))
            }
        }
    }

    /// One line of a server's words without our secrets, also where they stand in an answer that succeeded.
    pub(crate) fn told(&self, text: &str) -> String {
        words(&self.hidden(text))
    }

    /// A server's words without our secrets.
    fn hidden(&self, text: &str) -> String {
        self.secrets
            .iter()
            .map(|(_, secret)| secret.expose_secret())
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

/// A server's own words for what is wrong, from where APIs usually say them.
fn explanation(value: &Value) -> String {
    const PLACES: [&str; 12] = [
        "/error/message",
        "/error_description",
        "/errors/0/message",
        "/errors/0/detail",
        "/errors/0",
        "/error_message",
        "/detail",
        "/message",
        "/error/code",
        "/error",
        "/title",
        "/reason",
    ];
    let said = |place: &&str| value.pointer(place)?.as_str().filter(|text| !text.trim().is_empty());
    PLACES.iter().find_map(said).unwrap_or_default().to_owned()
}

/// One line of a server's words, without what may be a secret.
pub(crate) fn words(said: &str) -> String {
    let words = said.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| if word.len() > LONGEST_WORD { "***" } else { word }).collect();
    words.join(" ").chars().take(EXCERPT).collect()
}

/// Over http a secret goes to addresses that the caller has allowed only.
pub(crate) fn secret_may_travel(url: &Url, client: &Client) -> Result<(), Trouble> {
    if url.scheme() == "https" || client.options().allow_private {
        return Ok(());
    }
    let reason = format!("{}: over http only a server of one's own is asked: {GUARDED}", error::origin(url));
    Err(Trouble::Later { reason, after: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    fn api() -> Api {
        let client = Client::new(Options::new("cm-test", false), &mut |_| ()).unwrap();
        Api::new(client, "https://api.example/base/".parse().unwrap()).bearer("hush-hush".to_owned().into())
    }

    fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Answer, Fault> {
        api().read(Response {
            status,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.into(),
            url: "https://api.example/base/x?token=hush".parse().unwrap(),
            redirects: Vec::new(),
        })
    }

    fn trouble(status: u16, headers: &[(&str, &str)], body: &str) -> Trouble {
        answered(status, headers, body).unwrap_err().into()
    }

    #[test]
    fn paths_are_appended() {
        assert_eq!(api().url("/v1/tags", &[("q", "a b")]).as_str(), "https://api.example/base/v1/tags?q=a+b");
    }

    #[test]
    fn links_lead_on() {
        let headers = [("link", r#"<https://api.example/base/x?max_id=7>; rel="next", </p>; rel="prev""#)];
        let answer = answered(200, &headers, "[]").unwrap();
        assert_eq!(answer.link("next").unwrap().query(), Some("max_id=7"));
        assert_eq!(answer.link("prev").unwrap().as_str(), "https://api.example/p");
        assert_eq!(answer.link("last"), None);
    }

    #[test]
    fn a_no_is_told_in_the_servers_words_without_secrets() {
        let told = |body: &str| trouble(422, &[], body).to_string();
        let long = "x".repeat(100);
        for (body, words) in [
            (r#"{"error":"bad\nthing"}"#.to_owned(), ": bad thing"),
            (r#"{"error":{"message":"no hush-hush"}}"#.to_owned(), ": no ***"),
            (r#"{"errors":["slow down"]}"#.to_owned(), ": slow down"),
            (format!(r#"{{"message":"token {long}"}}"#), ": token ***"),
            ("<html>".to_owned(), ""),
        ] {
            assert_eq!(told(&body), format!("https://api.example answered 422{words}"));
        }
    }

    #[test]
    fn what_a_status_means() {
        for status in [401, 403] {
            assert!(matches!(trouble(status, &[], ""), Trouble::Credentials(_)), "{status}");
        }
        for status in [408, 429, 500, 503] {
            assert!(matches!(trouble(status, &[], ""), Trouble::Later { .. }), "{status}");
        }
        for status in [302, 400, 404, 410] {
            assert!(matches!(trouble(status, &[], ""), Trouble::Refused(_)), "{status}");
        }
        assert!(matches!(trouble(200, &[], "<html>"), Trouble::Later { .. }));
        let used_up =
            [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "60")];
        assert!(matches!(trouble(403, &used_up, ""), Trouble::Later { after: Some(_), .. }));
    }

    #[test]
    fn secrets_stay_off_open_ways_and_at_home() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = api().client.clone();
        let open = Api::new(client, "http://api.example/".parse().unwrap()).bearer("hush".to_owned().into());
        let why = Trouble::from(runtime.block_on(open.get("x", &[])).unwrap_err());
        assert!(why.to_string().contains("over http only a server of one's own"), "{why}");
        let elsewhere = "https://evil.example/".parse().unwrap();
        let why = Trouble::from(runtime.block_on(api().follow(elsewhere)).unwrap_err());
        assert!(why.to_string().contains("leads to another server"), "{why}");
    }
}
