//! One item met again: by the same way at another time, by another account, by a feed, or from somebody who only says it
//! is that item. In: an entry and what is known. Out: what stands in the store, under one key.

use crate::args::Lane;
use crate::authority;
use crate::entry::{Entry, Key, account_of};
use crate::store::{self, Copy};
use anyhow::Result;
use cm_store::Tx;
use std::borrow::Cow;

/// What an entry did to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Same,
    /// It stands there now.
    Updated,
    /// It needs someone and has no number yet.
    Opened,
}

/// An entry that was taken in.
#[derive(Debug)]
pub struct Arrived<'a> {
    /// Under which key it stands.
    pub key: Key,
    /// What that changed.
    pub change: Change,
    /// The entry, with what else is known of it.
    pub entry: Cow<'a, Entry>,
}

/// Takes an entry in.
pub fn take<'a>(tx: &mut dyn Tx, entry: &'a Entry, now_ms: i64) -> Result<Arrived<'a>> {
    let mut entry = Cow::Borrowed(entry);
    let (key, change) = put(tx, &mut entry, now_ms)?;
    Ok(Arrived { key, change, entry })
}

fn put(tx: &mut dyn Tx, entry: &mut Cow<Entry>, now_ms: i64) -> Result<(Key, Change)> {
    let copies = store::copies(tx, &entry.key.id)?;
    // Another account of ours may say of a mention that it is one of our own posts.
    let ours =
        !entry.own && copies.iter().any(|copy| copy.own && !copy.foreign && copy.source != entry.key.source);
    if ours {
        entry.to_mut().own = true;
    }
    if let Some(known) = copies.iter().find(|copy| copy.source == entry.key.source) {
        return again(tx, entry, known, now_ms);
    }
    if entry.foreign {
        if let Some(real) = copies.iter().find(|copy| !copy.foreign) {
            return Ok((key_of(real), Change::Same));
        }
    } else if let Some(spoof) = copies.iter().find(|copy| copy.foreign) {
        return instead_of(tx, entry, spoof, now_ms);
    }
    if let Some((twin, others)) = twins(tx, entry)?.split_first() {
        if account_of(&entry.key.source).is_none() {
            return Ok((key_of(twin), Change::Same));
        }
        store::rename(tx, &key_of(twin), &entry.key)?;
        others.iter().try_for_each(|other| store::close(tx, &key_of(other), now_ms))?;
        return write(tx, entry, Change::Updated, now_ms);
    }
    let change = if is_closed(entry) { Change::Updated } else { Change::Opened };
    write(tx, entry, change, now_ms)
}

fn key_of(copy: &Copy) -> Key {
    Key { source: copy.source.clone(), id: copy.id.clone() }
}

fn is_closed(entry: &Entry) -> bool {
    entry.own || entry.gone
}

/// The same item from the same source: an edit, another status, or the same words by a way that knows less of them.
fn again(tx: &mut dyn Tx, entry: &mut Cow<Entry>, known: &Copy, now_ms: i64) -> Result<(Key, Change)> {
    let same = Ok((entry.key.clone(), Change::Same));
    let is_older = entry.fetched_ms.zip(known.fetched_ms).is_some_and(|(new, old)| new < old);
    if is_older || (known.line == entry.line && known.reasons == entry.reasons) {
        return same;
    }
    // A search finds what was a mention already, or our own post.
    let is_weaker = known.own || (known.lane == Lane::Answer && entry.lane == Lane::Read);
    if is_weaker && !entry.own && !entry.gone {
        return same;
    }
    if entry.deleted {
        store::remember(tx, entry.to_mut())?;
    }
    match known.acted_ms {
        // Fetched before we approved it or marked it as spam, and here only now.
        Some(acted) if !entry.deleted && entry.fetched_ms.is_some_and(|at| at < acted) => {
            let entry = entry.to_mut();
            (entry.status, entry.gone) = (known.status.clone(), known.gone);
        }
        Some(_) => store::fetched_since(tx, &entry.key)?,
        None => {}
    }
    // Rescued from the spam, say.
    let is_back = known.gone && !is_closed(entry);
    if is_back {
        store::reopen(tx, &entry.key)?;
    }
    let change = if is_back && known.number.is_none() { Change::Opened } else { Change::Updated };
    write(tx, entry, change, now_ms)
}

/// The real item takes the place of a spoof; what was decided about other words does not hold for it.
fn instead_of(tx: &mut dyn Tx, entry: &Entry, spoof: &Copy, now_ms: i64) -> Result<(Key, Change)> {
    let is_new = spoof.words != entry.words && !is_closed(entry);
    store::rename(tx, &key_of(spoof), &entry.key)?;
    if is_new {
        store::reopen(tx, &entry.key)?;
    }
    let change = if is_new && spoof.number.is_none() { Change::Opened } else { Change::Updated };
    write(tx, entry, change, now_ms)
}

fn write(tx: &mut dyn Tx, entry: &Entry, change: Change, now_ms: i64) -> Result<(Key, Change)> {
    store::upsert(tx, entry, now_ms)?;
    if is_closed(entry) {
        store::close(tx, &entry.key, now_ms)?;
    }
    if entry.own && !entry.foreign {
        store::is_ours(tx, &entry.key.id, now_ms)?;
    }
    Ok((entry.key.clone(), change))
}

/// The same comment by another door: a blog's comments come through its account and stand in its public feed, under
/// another id but at the same place of the same page. The account knows more, so its copy stands. A feed of another host
/// that repeats a comment gives way to it too, but is never taken for it.
fn twins(tx: &mut dyn Tx, entry: &Entry) -> Result<Vec<Copy>> {
    let Some(url) = entry.url.as_deref().filter(|url| names_a_place(url)) else { return Ok(Vec::new()) };
    if !matches!(entry.kind.as_str(), "comment" | "reply") {
        return Ok(Vec::new());
    }
    let by_account = account_of(&entry.key.source).is_some();
    let is_twin = |copy: &Copy| match account_of(&copy.source) {
        Some(_) => !by_account,
        None => by_account && !copy.source.is_empty() && !authority::is_foreign(&copy.source, url),
    };
    Ok(store::at_address(tx, url, &entry.key.id)?.into_iter().filter(is_twin).collect())
}

/// Whether an address names a comment rather than the page that it stands on: some feeds give the page for all of them.
fn names_a_place(url: &str) -> bool {
    url.split_once('#').is_some_and(|(_, place)| place.contains(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_has_a_place_of_its_own_on_its_page() {
        for (url, own) in [
            ("https://blog.example/launch/#comment-7", true),
            ("https://blog.example/launch/", false),
            ("https://blog.example/launch/#comments", false),
            ("https://blog.example/launch/#", false),
        ] {
            assert_eq!(names_a_place(url), own, "{url}");
        }
    }
}
