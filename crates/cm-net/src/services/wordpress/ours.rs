//! Our own comments, known again. In: a frozen reply. Out: the one comment that it became, if it did.
//!
//! The REST API keeps what a client calls itself with the comment (`author_user_agent`) and tells moderators: the post's
//! id in it makes reading back exact. Users who may not moderate are not told; their comments are known by author, parent
//! and words, which can prove that one is there, never that none is.
//!
//! Two runs that send the same at the same moment get past WordPress's check for duplicates at times (measured). Each looks
//! after its comment is written, so at least one sees both, and all keep the lowest number: whoever sees more moves the
//! others to the trash, if they have the same marker, author, post, parent and words: one that somebody has reworked or
//! moved since is nobody's twin.

use super::comment::{ALL_FIELDS, Comment, shown};
use super::frozen::Reply;
use super::session::Session;
use crate::Found;
use crate::services::Trouble;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// How far the blog's clock may be off ours.
const SKEW: TimeDelta = TimeDelta::days(2);
/// The most that WordPress gives at once; and how often it is asked for more.
const PAGE: u64 = 100;
const PAGES: u64 = 10;

/// Whether a reply is there, in whatever state somebody or something put it.
pub(super) async fn find(session: &Session, wanted: &Reply, since: DateTime<Utc>) -> Found {
    if !session.me.moderates {
        return match alike(session, wanted).await {
            Ok(Some(comment)) => Found::Yes { url: comment.url() },
            Ok(None) | Err(_) => Found::Unknown,
        };
    }
    // Who moderates through the REST API writes over the marker: then the words are left.
    let found = match settle(session, wanted, since).await {
        Ok(None) => alike(session, wanted).await,
        settled => settled,
    };
    match found {
        Ok(Some(comment)) => Found::Yes { url: comment.url() },
        Ok(None) => Found::No,
        Err(_) => Found::Unknown,
    }
}

/// The comment with the reply's marker; of several that are shown or held, the first, and the others go to the trash.
/// `None` is certain for moderators, and all that others get.
pub(super) async fn settle(
    session: &Session,
    wanted: &Reply,
    since: DateTime<Utc>,
) -> Result<Option<Comment>, Trouble> {
    if !session.me.moderates {
        return Ok(None);
    }
    let after = (since - SKEW).to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut marked = list(session, wanted, &[("after", &after), ("status", "any")]).await?;
    marked.retain(|comment| comment.agent.as_deref() == Some(wanted.marker.as_str()));
    let alive = |comment: &Comment| ["approved", "hold"].contains(&comment.status.as_str());
    let (mut alive, other): (Vec<Comment>, Vec<Comment>) = marked.into_iter().partition(alive);
    alive.sort_by_key(|comment| comment.id);
    let mut alive = alive.into_iter();
    let Some(first) = alive.next() else {
        return Ok(other.into_iter().min_by_key(|comment| shown(&comment.status) == "trash"));
    };
    let same = |twin: &Comment| twin.parent == first.parent && said(twin) == said(&first);
    for twin in alive.filter(same) {
        // Whoever else saw both may have been first; what can't be moved is left to the next who looks.
        let _ = session.trash(&format!("wp/v2/comments/{}", twin.id)).await;
    }
    Ok(Some(first))
}

/// A comment of ours under the same parent that says the same, shown or held before any other.
pub(super) async fn alike(session: &Session, wanted: &Reply) -> Result<Option<Comment>, Trouble> {
    let ours = words(&wanted.content);
    if ours.is_empty() {
        return Ok(None);
    }
    let parent = wanted.comment.to_string();
    let parent = ("parent", parent.as_str());
    let mut found = match session.me.edits {
        true => list(session, wanted, &[parent, ("status", "any")]).await?,
        false => list(session, wanted, &[parent]).await?,
    };
    found.retain(|comment| shown(&comment.status) != "trash" && said(comment) == ours);
    Ok(found.into_iter().min_by_key(|comment| (comment.status == "spam", comment.id)))
}

/// Our comments under the reply's post.
async fn list(session: &Session, wanted: &Reply, further: &[(&str, &str)]) -> Result<Vec<Comment>, Trouble> {
    let (me, post, per_page) = (session.me.id.to_string(), wanted.post.to_string(), PAGE.to_string());
    let mut ours = Vec::new();
    for page in 0..PAGES {
        let offset = (page * PAGE).to_string();
        let mut query = vec![("post", post.as_str()), ("per_page", &per_page), ("offset", &offset)];
        query.extend([("orderby", "id"), ("order", "desc"), ("_fields", ALL_FIELDS)]);
        if session.me.moderates {
            query.push(("context", "edit"));
        }
        query.extend(further);
        if session.me.edits {
            query.push(("author", &me));
        }
        let answer = session.get("wp/v2/comments", &query).await?.well()?;
        let rows =
            answer.json.as_array().ok_or_else(|| Trouble::Refused("no list of comments".to_owned()))?;
        let found = rows.iter().filter_map(Comment::of);
        ours.extend(found.filter(|one| (one.author, one.post) == (session.me.id, wanted.post)));
        let end = answer.total.map_or(rows.is_empty(), |total| (page + 1) * PAGE >= total);
        if end {
            return Ok(ours);
        }
    }
    Err(Trouble::Refused(format!("more than {} comments of ours under one post", PAGE * PAGES)))
}

/// What a comment says.
fn said(comment: &Comment) -> String {
    words(comment.raw.as_deref().unwrap_or(&comment.html))
}

/// The letters and digits of HTML: what WordPress's typography leaves alone. Where it has none, its other signs.
fn words(html: &str) -> String {
    let (mut within, mut entity) = (false, false);
    let (mut words, mut signs) = (String::new(), String::new());
    for c in html.chars() {
        match c {
            '<' => within = true,
            '>' => within = false,
            _ if within => {}
            '&' => entity = true,
            ';' if entity => entity = false,
            _ if entity && (c.is_ascii_alphanumeric() || c == '#') => {}
            _ => {
                entity = false;
                words.extend(c.is_alphanumeric().then_some(c));
                signs.extend((!c.is_alphanumeric() && !c.is_whitespace()).then_some(c));
            }
        }
    }
    if words.is_empty() { signs } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_wordpress_shows_them() {
        let ours = words("It's &lt;b&gt; -- 5 &amp; \"more\"...\nhttps://b.example/?a=1&amp;b=2");
        let shown = words(
            "<p>It&#8217;s &lt;b&gt; &#8212; 5 &amp; &#8220;more&#8221;&#8230;<br />\n<a href=\"https://b.example/?a=1&#038;b=2\" \
             rel=\"nofollow ugc\">https://b.example/?a=1&#038;b=2</a></p>\n",
        );
        assert_eq!(ours, shown);
        assert_eq!(ours, "Itsb5morehttpsbexamplea1b2");
        assert_eq!(words("<p>🎉 !</p>\n"), "🎉!");
        assert_eq!(words("<p> &amp; </p>"), "");
    }
}
