//! Who speaks for the blog. In: comments. Out: the numbers of those that the blog's own people wrote: this user, others who
//! moderate it where the user may list them, and who wrote the post that is talked about.

use super::comment::Comment;
use super::read::{PAGE, numbers};
use super::session::Session;
use crate::services::Trouble;
use std::collections::{BTreeSet, HashSet};

/// Those that are our own. Nobody is asked where strangers are among themselves.
pub(super) async fn own(session: &Session, comments: &[Comment]) -> Result<HashSet<u64>, Trouble> {
    let me = session.me.id;
    let mut own: HashSet<u64> = comments.iter().filter(|c| c.author == me).map(|c| c.id).collect();
    let users: Vec<&Comment> = comments.iter().filter(|c| c.author > 0 && c.author != me).collect();
    if users.is_empty() {
        return Ok(own);
    }
    let staff = session.staff().await?;
    let (staff, others): (Vec<_>, Vec<_>) = users.into_iter().partition(|c| staff.contains(&c.author));
    own.extend(staff.into_iter().map(|c| c.id));
    let posts: BTreeSet<u64> = others.iter().map(|c| c.post).filter(|post| *post > 0).collect();
    let wrote = authors(session, &Vec::from_iter(posts)).await?;
    own.extend(others.into_iter().filter(|c| wrote.contains(&(c.post, c.author))).map(|c| c.id));
    Ok(own)
}

/// Published posts and who wrote them.
async fn authors(session: &Session, posts: &[u64]) -> Result<HashSet<(u64, u64)>, Trouble> {
    let mut wrote = HashSet::new();
    for some in posts.chunks(PAGE as usize) {
        let (include, per_page) = (numbers(some), PAGE.to_string());
        let query = [("include", include.as_str()), ("per_page", &per_page), ("_fields", "id,author")];
        let said = session.get("wp/v2/posts", &query).await?;
        let rows = said.json.as_array().filter(|_| said.status == 200).into_iter().flatten();
        wrote.extend(rows.filter_map(|row| Some((row.get("id")?.as_u64()?, row.get("author")?.as_u64()?))));
    }
    Ok(wrote)
}
