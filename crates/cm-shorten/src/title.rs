//! The title of the page that a link leads to, asked for over the network. In: its address. Out: the title, or a line
//! that says why there is none.

use crate::shortener::Shortener;
use crate::{details, target, ways};
use anyhow::Result;
use cm_cli::{Failure, Session};
use cm_net::{Client, Options, Request, Response};
use std::time::Duration;
use url::Url;

/// How long a page is waited for, redirects included, how many of those are followed, how large the page may be, and how
/// far into it the title is looked for.
const PATIENCE: Duration = Duration::from_secs(20);
const MOST_HOPS: usize = 5;
const LARGEST: usize = 8 << 20;
const LOOKED_AT: usize = 1 << 20;

/// Asks a page for its title; `None` where that was not to be had, which is told: the run will exit 3. Every address on
/// the way is checked as a link is: our own short links are not asked, whose clicks count people.
pub fn fetch(address: &str, shortener: &Shortener, session: &Session) -> Result<Option<String>> {
    let about = |why: String| format!("{}: {why}", target::shown(address));
    let asked = ask(address, shortener, session)?.and_then(|answer| title(&answer).map_err(about));
    match asked {
        Ok(title) => Ok(Some(title)),
        Err(why) => session.failed("title", format_args!("no title: {why}")).map(|()| None),
    }
}

fn ask(address: &str, shortener: &Shortener, session: &Session) -> Result<Result<Response, String>> {
    let options = Options {
        deadline: PATIENCE,
        max_compressed: LARGEST,
        max_body: LARGEST,
        max_redirects: 0,
        clock: session.clock(),
        ..Options::new(session.name(), session.allow_private())
    };
    let client = Client::new(options, &mut |warning| session.say(warning))
        .map_err(|error| Failure::config(error.message))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let late = || {
        let shown = target::shown(address);
        Err(format!("{shown}: no page within {} s, redirects included", PATIENCE.as_secs()))
    };
    Ok(runtime.block_on(async {
        let followed = tokio::time::timeout(PATIENCE, follow(address, shortener, &client)).await;
        followed.unwrap_or_else(|_| late())
    }))
}

async fn follow(address: &str, shortener: &Shortener, client: &Client) -> Result<Response, String> {
    let mut at = address.to_owned();
    for _ in 0..=MOST_HOPS {
        shortener.check(&at).map_err(|why| format!("{}: {why}", target::shown(&at)))?;
        let url = Url::parse(&at).map_err(|_| format!("{}: it is not a web address", target::shown(&at)))?;
        let request =
            Request::get(url.clone()).header("accept", "text/html, application/xhtml+xml;q=0.9, */*;q=0.1");
        // What the client says names the address already.
        let answer = client.send(request).await.map_err(|error| error.message)?;
        let Some(written) = ways::location(&answer) else { return Ok(answer) };
        at = ways::next(&url, written)
            .ok_or_else(|| format!("{}: it redirects to what is not a web address", target::shown(&at)))?;
    }
    Err(format!("{}: more than {MOST_HOPS} redirects", target::shown(address)))
}

fn title(answer: &Response) -> Result<String, String> {
    if !(200..300).contains(&answer.status) {
        return Err(format!("the server answered {}", answer.status));
    }
    let kind = answer.header("content-type").unwrap_or("text/html").to_ascii_lowercase();
    if !kind.contains("html") {
        return Err(format!("it is no page but {}", kind.split(';').next().unwrap_or_default().trim()));
    }
    let charset =
        kind.split_once("charset=").map(|(_, rest)| rest.split(';').next().unwrap_or_default().trim());
    let page = cm_text::decode_page(&answer.body[..answer.body.len().min(LOOKED_AT)], charset);
    let title = cm_text::page_title(&page).as_deref().and_then(details::title);
    title.ok_or_else(|| "the page has none".to_owned())
}
