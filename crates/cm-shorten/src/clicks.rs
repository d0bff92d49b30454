//! `clicks`: the click log as JSON lines, in order of time; a table on a terminal. `clicks reclassify`: all of it judged
//! anew by this version's table of robots.

use crate::args::{Action, Clicks, Period};
use crate::expand::named;
use crate::rows::{Click, Link, Span};
use crate::tables::{Judged, Tables};
use crate::visit;
use anyhow::Result;
use chrono::DateTime;
use cm_cli::{Failure, Listing, Session};
use cm_store::Mode;
use cm_time::Zone;
use serde::Serialize;

/// Clicks read at once.
const PAGE: i64 = 5000;

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    at: String,
    code: &'a str,
    short_url: String,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<&'a str>,
    class: &'a str,
    rule: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<&'a str>,
    family: &'a str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visitor: Option<&'a str>,
}

/// Writes the clicks of a period, or does with them what is asked for.
pub fn run(args: &Clicks, session: &Session) -> Result<()> {
    match &args.action {
        None => tell(args, session),
        Some(Action::Import(args)) => crate::web_log::import(args, session),
        Some(Action::Reclassify) => reclassify(session),
    }
}

/// Judges every click anew, from what is kept of its user agent.
fn reclassify(session: &Session) -> Result<()> {
    let tables = Tables::open(&session.store_url()?, Mode::Write)?;
    let (mut seq, mut changed) = (0, 0);
    while let (Some(last), count) = tables.reclassify(seq, judge)? {
        (seq, changed) = (last, changed + count);
    }
    while tables.roll_up()? {}
    session.say(format_args!("{changed} clicks are of another class now"));
    Ok(())
}

/// The judgement of what is kept of a user agent.
fn judge(agent: &str, how: Option<&str>) -> Judged {
    let verdict = visit::judge(Some(agent), how);
    let device = (verdict.agent == cm_web::Agent::Human).then(|| visit::device(agent));
    Judged { class: verdict.agent.as_str(), rule: verdict.rule, device }
}

fn tell(args: &Clicks, session: &Session) -> Result<()> {
    let span = span(&args.period, session)?;
    let Some(tables) = Tables::look(session)? else { return Ok(()) };
    let code =
        args.slug.as_deref().map(|given| named(&tables, session, given)).transpose()?.map(|link| link.code);
    let mut out = session.out();
    let mut listing = Listing::new(&["AT", "CODE", "CLASS", "SOURCE", "RULE", "URL"]);
    let code = code.as_deref();
    let start = args.limit.map(|limit| tables.before_the_last(code, span, limit)).transpose()?.flatten();
    let mut last = start.unwrap_or((i64::MIN, 0));
    loop {
        let page = tables.clicks_after(code, last, span, PAGE)?;
        let Some((seq, click, _)) = page.last() else { break };
        last = (click.at_ms, *seq);
        for (_, click, link) in &page {
            if session.stdout_is_terminal() {
                listing.row(cells(click, link, session.zone()?), serde_json::Value::Null);
            } else {
                out.line(&serde_json::to_string(&line(click, link))?)?;
            }
        }
    }
    out.flush()?;
    if session.stdout_is_terminal() { session.list(&listing) } else { Ok(()) }
}

fn line<'a>(click: &'a Click, link: &'a Link) -> Line<'a> {
    Line {
        r#type: "click",
        at: written(click.at_ms),
        code: &click.code,
        short_url: link.short_url(),
        url: &link.target,
        account: link.account.as_deref(),
        campaign: link.campaign.as_deref(),
        class: &click.class,
        rule: &click.rule,
        referrer: click.referrer.as_deref(),
        family: &click.family,
        source: &click.source,
        device: click.device.as_deref(),
        country: click.country.as_deref(),
        visitor: click.visitor.as_deref(),
    }
}

fn cells(click: &Click, link: &Link, zone: &Zone) -> Vec<String> {
    let texts: [&str; 5] = [&click.code, &click.class, &click.source, &click.rule, &link.target];
    std::iter::once(local(click.at_ms, zone)).chain(texts.map(str::to_owned)).collect()
}

/// An instant for people.
pub fn local(ms: i64, zone: &Zone) -> String {
    let wall = DateTime::from_timestamp_millis(ms).map(|at| zone.wall(at));
    wall.map(|wall| wall.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// An instant as records carry it.
pub fn written(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(cm_time::rfc3339).unwrap_or_default()
}

/// `--since` and `--until`.
pub fn span(period: &Period, session: &Session) -> Result<Span> {
    let read = |option: &str, text: &Option<String>| -> Result<Option<i64>> {
        text.as_deref().map(|text| Ok(session.time(option, text)?.timestamp_millis())).transpose()
    };
    let since_ms = read("--since", &period.since)?.unwrap_or(0);
    let until_ms = read("--until", &period.until)?.unwrap_or(i64::MAX);
    if since_ms >= until_ms {
        return Err(Failure::usage("--since is not before --until").into());
    }
    Ok(Span { since_ms, until_ms })
}
