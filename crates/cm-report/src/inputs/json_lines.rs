//! Records (items, drafts, histories) and clicks as facts. What they mean stands in docs/record.md.

use crate::facts::{Click, Facts, Item, Link, Post, Purpose, Source};
use cm_record::{
    Audience, FetchPart, InboxPart, Meta, PostState, Record, ScanPart, SchedulePart, ShortLink, ShortenPart,
};
use serde::Deserialize;

/// A title is told in so many characters at most.
const TITLE: usize = 120;

/// A line of `cm-shorten clicks`; members that are not needed here are left alone.
#[derive(Debug, Deserialize)]
struct ClickLine {
    r#type: String,
    at: Option<String>,
    code: Option<String>,
    class: Option<String>,
    #[serde(default)]
    family: String,
    #[serde(default)]
    source: String,
    short_url: Option<String>,
    url: Option<String>,
    account: Option<String>,
    campaign: Option<String>,
}

/// Takes a line if it is a click. `None`: it is none; `Some(Err)`: it is one that cannot be used.
pub fn take_click(line: &[u8], facts: &mut Facts) -> Option<Result<(), &'static str>> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let click: ClickLine =
        serde_json::from_slice(line).ok().filter(|click: &ClickLine| click.r#type == "click")?;
    let Some(at) = click.at.as_deref().and_then(cm_time::parse_rfc3339) else {
        return Some(Err("a click without \"at\" in RFC 3339"));
    };
    let Some(code) = click.code.filter(|code| !code.is_empty()) else {
        return Some(Err("a click without \"code\""));
    };
    let Some(class) = click.class.filter(|class| matches!(class.as_str(), "human" | "preview" | "bot"))
    else {
        return Some(Err("a click whose \"class\" is not human, preview or bot"));
    };
    let source = Source::told(click.family, click.source);
    facts.click(&Click { at_s: at.timestamp(), code: code.clone(), class, source }, 1);
    facts.posts.link(Link {
        code,
        short_url: click.short_url,
        url: click.url,
        account: click.account,
        campaign: click.campaign,
        title: None,
    });
    Some(Ok(()))
}

/// Takes a record: the item itself and the parts that our tools wrote into it.
pub fn take_record(record: &Record, facts: &mut Facts) -> Result<(), String> {
    let meta = record.meta()?;
    let links = record.get::<ShortenPart>("_cm_shorten")?.unwrap_or_default().links;
    let posts = record.get::<SchedulePart>("_cm_schedule")?.unwrap_or_default().posts;
    for post in posts {
        let mut post = post_of(post, &links);
        // Something done with an item, or the item shared, is no answer to it.
        post.in_reply_to = post.in_reply_to.filter(|_| meta.draft && meta.action.is_none());
        post.purpose = match &post.in_reply_to {
            _ if meta.action.is_some() => Purpose::Action,
            Some(_) => Purpose::Reply,
            None => Purpose::Share,
        };
        facts.post(post);
    }
    for link in links {
        take_link(link, record, facts);
    }
    let fetch = record.get::<FetchPart>("_cm_fetch")?;
    if meta.draft || meta.action.is_some() {
        return Ok(());
    }
    if is_seen(&meta, fetch.as_ref()) {
        facts.item(item_of(record, meta, fetch)?);
    } else if let (true, Some(parent), Some(at)) =
        (meta.own, &meta.in_reply_to, ms(record.text("date_published").as_deref()))
    {
        facts.items.unseen(parent, at);
    }
    Ok(())
}

/// Spam asks nothing, and a reply of ours that nobody sees answers nobody; somebody's comment that is held waits.
fn is_seen(meta: &Meta, fetch: Option<&FetchPart>) -> bool {
    match fetch.and_then(|fetch| fetch.status.as_deref()) {
        Some("spam" | "trash" | "post-trashed") => false,
        Some("held" | "hold") => !meta.own && !meta.deleted,
        _ => !meta.deleted,
    }
}

fn take_link(link: ShortLink, record: &Record, facts: &mut Facts) {
    if let Some(code) = link.code {
        let title = record.text("title").map(|title| clip(&title));
        let url = link.tagged_url.or(Some(link.clean_url));
        facts.posts.link(Link {
            code,
            short_url: link.short_url,
            url,
            account: link.account,
            campaign: None,
            title,
        });
    }
}

fn post_of(post: cm_record::Post, links: &[ShortLink]) -> Post {
    let used = |link: &&ShortLink| {
        link.short_url.as_deref().is_some_and(|short| post.text.contains(short))
            && link.account.as_ref().is_none_or(|account| *account == post.account)
    };
    let used = links.iter().filter(used).filter_map(|link| link.code.clone()).collect();
    Post {
        state: state_word(post.state).to_owned(),
        due_ms: ms(Some(&post.due)),
        published_ms: ms(post.published_at.as_deref()),
        links: used,
        id: post.id,
        account: post.account,
        text: post.text,
        published_url: post.published_url,
        in_reply_to: post.in_reply_to,
        error: post.error,
        purpose: Purpose::default(),
    }
}

fn state_word(state: PostState) -> &'static str {
    match state {
        PostState::Draft => "draft",
        PostState::Queued => "queued",
        PostState::Sending => "sending",
        PostState::Published => "published",
        PostState::Unsure => "unsure",
        PostState::Missed => "missed",
        PostState::Failed => "failed",
        PostState::Cancelled => "cancelled",
    }
}

fn item_of(record: &Record, meta: Meta, fetch: Option<FetchPart>) -> Result<Item, String> {
    let inbox = record.get::<InboxPart>("_cm_inbox")?;
    let authors = record.get::<Vec<cm_record::Author>>("authors")?.unwrap_or_default();
    let scan = record.get::<ScanPart>("_cm_scan")?.unwrap_or_default();
    let text = |name| record.text(name).filter(|text| !text.trim().is_empty());
    let title =
        text("title").or_else(|| text("summary")).or_else(|| text("content_text")).unwrap_or_default();
    let few = matches!(meta.audience, Some(Audience::Followers | Audience::Direct));
    Ok(Item {
        id: record.id().to_owned(),
        private: few || meta.kind.as_deref() == Some("message"),
        source: meta.source.unwrap_or_default(),
        number: inbox.as_ref().and_then(|part| part.number).and_then(|n| i64::try_from(n).ok()),
        kind: meta.kind.unwrap_or_else(|| "note".to_owned()),
        lane: inbox.as_ref().and_then(|part| part.lane.clone()),
        state: inbox.as_ref().map(|part| part.state.clone()),
        title: clip(&title),
        url: text("url").map(|url| url.into_owned()),
        author: authors.into_iter().find_map(|author| author.name.or(author.cm.and_then(|cm| cm.handle))),
        in_reply_to: meta.in_reply_to,
        own: meta.own,
        published_ms: ms(text("date_published").as_deref()),
        taken_ms: ms(fetch.map(|part| part.at).as_deref()).or(ms(inbox.map(|part| part.at).as_deref())),
        answered_ms: None,
        searches: scan.matches.into_iter().map(|found| found.query).collect(),
    })
}

fn ms(text: Option<&str>) -> Option<i64> {
    text.and_then(cm_time::parse_rfc3339).map(|at| at.timestamp_millis())
}

/// The beginning of a text on one line.
pub fn clip(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TITLE {
        return line;
    }
    let cut: String = line.chars().take(TITLE - 1).collect();
    format!("{}…", cut.trim_end())
}
