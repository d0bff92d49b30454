//! The title of the page that a link leads to, asked for over the network. In: its address. Out: the title, or a line
//! that says why there is none.

use crate::{details, target};
use anyhow::Result;
use cm_cli::{Failure, Session};
use cm_net::{Client, Error, Options, Request, Response};
use std::time::Duration;
use url::Url;

/// How long a page is waited for, redirects included, how large it may be, and how far into it the title is looked for.
const PATIENCE: Duration = Duration::from_secs(20);
const LARGEST: usize = 8 << 20;
const LOOKED_AT: usize = 1 << 20;

/// Asks a page for its title; `None` where that was not to be had, which is told: the run will exit 3.
pub fn fetch(address: &str, session: &Session) -> Result<Option<String>> {
    let about = |why: String| format!("{}: {why}", target::shown(address));
    let asked = match Url::parse(address) {
        // What the client says names the address already.
        Ok(url) => {
            ask(url, session)?.map_err(|error| error.message).and_then(|answer| title(&answer).map_err(about))
        }
        Err(_) => Err(about("it is not a web address".to_owned())),
    };
    match asked {
        Ok(title) => Ok(Some(title)),
        Err(why) => session.failed("title", format_args!("no title: {why}")).map(|()| None),
    }
}

fn ask(url: Url, session: &Session) -> Result<Result<Response, Error>> {
    let options = Options {
        deadline: PATIENCE,
        max_compressed: LARGEST,
        max_body: LARGEST,
        clock: session.clock(),
        ..Options::new(session.name(), session.allow_private())
    };
    let client = Client::new(options, &mut |warning| session.say(warning))
        .map_err(|error| Failure::config(error.message))?;
    let request = Request::get(url).header("accept", "text/html, application/xhtml+xml;q=0.9, */*;q=0.1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(client.send(request)))
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
