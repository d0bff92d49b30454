//! `github:` is read through its REST API (<https://docs.github.com/rest>), discussions through GraphQL. In: an account with
//! a token, or any name (`github:any`) for what is public; `user` says who we are. Out: issues, pull requests, comments,
//! releases and discussions, whose ids are their permalinks.
//!
//! Nobody may ask 60 times an hour, a token 5,000 times, searches 30 times a minute. Lists are asked for with the tag of the last
//! answer: that nothing has changed costs nothing where a token is sent.

mod discussions;
mod item;
mod lists;
mod notifications;
mod place;
mod read;
mod sources;
mod trouble;

use super::late::Late;
use super::{Account, Means, Read};

/// The API of github.com; an own server's is `https://HOST/api/v3`.
const SERVICE: &str = "https://api.github.com/";

/// Opens the reading half; nobody is asked yet.
pub(super) fn open_read(account: &Account, means: &dyn Means) -> Result<Box<dyn Read>, String> {
    let api = Late::new(account, means, SERVICE, |api, token| {
        let api = api
            // Texts come as Markdown, as plain text and as HTML.
            .header("accept", "application/vnd.github.full+json")
            .header("x-github-api-version", "2022-11-28");
        if secrecy::ExposeSecret::expose_secret(&token).is_empty() { api } else { api.bearer(token) }
    })?;
    // An own server answers GraphQL beside its REST API: `/api/graphql` beside `/api/v3`.
    let mut graph = account.clone();
    graph.url = account.url.as_ref().map(|url| url.trim_end_matches('/').trim_end_matches("/v3").to_owned());
    let graph = Late::new(&graph, means, SERVICE, |api, token| api.bearer(token))?;
    let us = account.user.clone().map(|user| user.trim_start_matches('@').to_owned());
    let us = us.filter(|user| !user.is_empty());
    Ok(Box::new(read::Reader { api, graph, us, public: Default::default() }))
}
