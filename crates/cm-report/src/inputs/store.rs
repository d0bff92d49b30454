//! The store, through the views that its owners publish. All the SQL of this tool is here and, of clicks, in clicks.rs.
//! In: `report_*_v1`, each only where it is there. Out: facts.

use super::clicks;
use super::json_lines::clip;
use crate::facts::{Facts, Feed, Input, Item, Link, LinkCheck, Post, Purpose};
use cm_store::{Error, Mode, Row, Store, Tx, Value};

const POSTS: &str = "SELECT id, account, text, state, due_ms, published_ms, published_url, links,
        CASE WHEN kind = 'reply' THEN in_reply_to END, error, kind
    FROM report_posts_v1
    WHERE published_ms >= ?1 OR due_ms >= ?1 OR state IN ('draft', 'queued', 'sending', 'unsure', 'missed', 'failed')";
const LINKS: &str = "SELECT code, short_url, url, account, campaign, title FROM report_links_v1
    WHERE created_ms >= ?1 OR code IN (SELECT code FROM report_clicks_v1 WHERE at_ms >= ?1)";
const LINKS_BY_SUMS: &str = "SELECT code, short_url, url, account, campaign, title FROM report_links_v1
    WHERE created_ms >= ?1 OR code IN (SELECT code FROM report_click_days_v1 WHERE begin_ms >= ?1 - 86400000)
      OR code IN (SELECT code FROM report_clicks_fresh_v1)";
const LINKS_WITHOUT_CLICKS: &str =
    "SELECT code, short_url, url, account, campaign, title FROM report_links_v1 WHERE created_ms >= ?1";
const ITEMS: &str = "SELECT source, id, number, kind, lane, state, title, url, author, in_reply_to, own,
        published_ms, taken_ms, answered_ms, searches
    FROM report_items_v1
    WHERE published_ms >= ?1 OR taken_ms >= ?1 OR answered_ms >= ?1 OR state IN ('open', 'later', 'assigned')";
const UNSEEN: &str =
    "SELECT in_reply_to, published_ms FROM report_unseen_replies_v1 WHERE published_ms >= ?1";
const FEEDS: &str = "SELECT source, name, state, last_ok_ms, failing_since_ms, error FROM report_sources_v1";

const LINK_CHECKS: &str =
    "SELECT code, url, title, state, since_ms, reason, moved_to FROM report_link_checks_v1";

/// Which views are there.
#[derive(Clone, Copy, Debug)]
struct Views {
    posts: bool,
    links: bool,
    clicks: bool,
    sums: bool,
    items: bool,
    unseen: bool,
    feeds: bool,
    link_checks: bool,
}

/// What one look at the store found, all of the same instant.
#[derive(Debug, Default)]
struct Found {
    posts: Vec<Post>,
    links: Vec<Link>,
    first_click_ms: Option<i64>,
    items: Vec<Item>,
    /// Replies of ours that nobody sees: to which item, when.
    unseen: Vec<(String, i64)>,
    feeds: Vec<Feed>,
    link_checks: Vec<LinkCheck>,
}

/// Reads the store at `url`. Errors: it is not there, or cannot be read.
pub fn read_store(url: &str, facts: &mut Facts) -> Result<(), Error> {
    let store = Store::open(url, Mode::Read)?;
    let has = |name| store.has_table(name);
    let views = Views {
        posts: has("report_posts_v1")?,
        links: has("report_links_v1")?,
        clicks: has("report_clicks_v1")?,
        sums: clicks::has_sums(&store)?,
        items: has("report_items_v1")?,
        unseen: has("report_unseen_replies_v1")?,
        feeds: has("report_sources_v1")?,
        link_checks: has("report_link_checks_v1")?,
    };
    let since = facts.period.earliest_ms();
    let found = store.read(move |tx| look(tx, views, since))?;
    facts.seen.next_input();
    let first = found.first_click_ms;
    let records = (found.posts.len() + found.items.len()) as u64;
    take(found, facts);
    let clicks = match first {
        Some(first) => clicks::read_clicks(&store, since.max(first), facts)?,
        None => 0,
    };
    facts.clicks.first_ms = facts.clicks.first_ms.into_iter().chain(first).min();
    facts.inputs.push(Input { name: "store".into(), records, clicks, ..Input::default() });
    Ok(())
}

/// What only sums of clicks tell, once the files are read.
pub fn read_sums(url: &str, facts: &mut Facts) -> Result<(), Error> {
    let store = Store::open(url, Mode::Read)?;
    let clicks = clicks::read_sums(&store, facts)?;
    if let Some(input) = facts.inputs.first_mut() {
        input.clicks += clicks;
    }
    Ok(())
}

fn look(tx: &mut dyn Tx, views: Views, since: i64) -> Result<Found, Error> {
    let mut found = Found::default();
    if views.posts {
        found.posts = rows(tx, POSTS, &[since.into()], post)?;
    }
    if views.links {
        let sql = match (views.clicks, views.sums) {
            (_, true) => LINKS_BY_SUMS,
            (true, false) => LINKS,
            (false, false) => LINKS_WITHOUT_CLICKS,
        };
        found.links = rows(tx, sql, &[since.into()], link)?;
    }
    if views.clicks {
        found.first_click_ms = clicks::first(tx, views.sums)?;
    }
    if views.items {
        found.items = rows(tx, ITEMS, &[since.into()], item)?;
    }
    if views.unseen {
        found.unseen = rows(tx, UNSEEN, &[since.into()], |row| Ok((row.need_text(0)?, row.need_int(1)?)))?;
    }
    if views.feeds {
        found.feeds = rows(tx, FEEDS, &[], feed)?;
    }
    if views.link_checks {
        found.link_checks = rows(tx, LINK_CHECKS, &[], link_check)?;
    }
    Ok(found)
}

pub(super) fn rows<T>(
    tx: &mut dyn Tx,
    sql: &str,
    values: &[Value],
    read: fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    tx.query(sql, values)?.iter().map(read).collect()
}

fn take(found: Found, facts: &mut Facts) {
    found.items.into_iter().for_each(|item| facts.item(item));
    found.unseen.into_iter().for_each(|(parent, at)| facts.items.unseen(&parent, at));
    found.posts.into_iter().for_each(|post| facts.post(post));
    found.links.into_iter().for_each(|link| facts.posts.link(link));
    facts.feeds = found.feeds;
    facts.link_checks = found.link_checks;
}

fn post(row: &Row) -> Result<Post, Error> {
    Ok(Post {
        id: row.need_text(0)?,
        account: row.need_text(1)?,
        text: row.text(2)?.unwrap_or_default(),
        state: row.need_text(3)?,
        due_ms: row.int(4)?,
        published_ms: row.int(5)?,
        published_url: row.text(6)?,
        links: list(row.text(7)?),
        in_reply_to: row.text(8)?,
        error: row.text(9)?,
        purpose: match row.text(10)?.as_deref() {
            Some("reply") => Purpose::Reply,
            Some("action") => Purpose::Action,
            _ => Purpose::Share,
        },
    })
}

fn link(row: &Row) -> Result<Link, Error> {
    Ok(Link {
        code: row.need_text(0)?,
        short_url: row.text(1)?,
        url: row.text(2)?,
        account: row.text(3)?,
        campaign: row.text(4)?,
        title: row.text(5)?,
    })
}

fn item(row: &Row) -> Result<Item, Error> {
    let kind = row.need_text(3)?;
    Ok(Item {
        source: row.need_text(0)?,
        id: row.need_text(1)?,
        number: row.int(2)?,
        private: kind == "message",
        kind,
        lane: row.text(4)?,
        state: row.text(5)?,
        title: clip(&row.text(6)?.unwrap_or_default()),
        url: row.text(7)?,
        author: row.text(8)?,
        in_reply_to: row.text(9)?,
        own: row.int(10)? == Some(1),
        published_ms: row.int(11)?,
        taken_ms: row.int(12)?,
        answered_ms: row.int(13)?,
        searches: list(row.text(14)?),
    })
}

fn feed(row: &Row) -> Result<Feed, Error> {
    Ok(Feed {
        source: row.need_text(0)?,
        name: row.text(1)?.unwrap_or_default(),
        state: row.need_text(2)?,
        last_ok_ms: row.int(3)?,
        failing_since_ms: row.int(4)?,
        error: row.text(5)?,
    })
}

fn link_check(row: &Row) -> Result<LinkCheck, Error> {
    Ok(LinkCheck {
        code: row.need_text(0)?,
        url: row.need_text(1)?,
        title: row.text(2)?,
        state: row.need_text(3)?,
        since_ms: row.int(4)?,
        reason: row.need_text(5)?,
        moved_to: row.text(6)?,
    })
}

/// A JSON array of names; of objects, their `code`, `short_url` or `query`.
fn list(text: Option<String>) -> Vec<String> {
    let values: Vec<serde_json::Value> =
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let name = |value: &serde_json::Value| {
        let keys = ["code", "short_url", "query", "name"];
        let text = value.as_str().or_else(|| keys.iter().find_map(|key| value.get(key)?.as_str()));
        text.map(str::to_owned)
    };
    values.iter().filter_map(name).collect()
}
