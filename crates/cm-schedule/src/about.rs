//! What a post is about, in words for people: what it says or does, whom it answers, and where to look for it. In: the
//! post, with the record that it was made from. Out: one line each; the record's words are cut, its addresses are not.

use crate::post::Queued;
use cm_cli::{Account, one_line};
use cm_record::{Item, PostState, Record};
use serde_json::Value;

/// So much of a text is told, in characters.
const FIRST_WORDS: usize = 60;

/// What it says, else what it does and to what: `approve the comment of Bob: Is there a free tier?`.
pub(crate) fn said(post: &Queued) -> String {
    said_by(&post.kind, &post.text, &post.record)
}

/// The same for a post that is not queued yet.
pub(crate) fn said_by(kind: &str, text: &str, record: &str) -> String {
    if kind != "action" {
        return text.to_owned();
    }
    let Some(item) = item(record) else { return kind.to_owned() };
    let action = item.cm.as_ref().and_then(|meta| meta.action.clone()).unwrap_or_else(|| kind.to_owned());
    match target(&item) {
        Some(target) => format!("{action} {target}"),
        None => action,
    }
}

/// The beginning of what it says or does.
pub(crate) fn first_words(post: &Queued) -> String {
    cut(&said(post))
}

/// What it answers or acts on, as far as its record says.
pub(crate) fn answers(post: &Queued) -> Option<String> {
    post.in_reply_to.as_ref()?;
    target(&item(&post.record)?)
}

/// What a person can do about a post that may be out or not: look there, then say one of these.
pub(crate) fn ways_out(post: &Queued, account: Option<&Account>) -> Option<(String, [String; 3])> {
    if !matches!(post.state, PostState::Unsure | PostState::Sending) {
        return None;
    }
    let resolve = |verdict: &str| format!("cm-schedule resolve {} {verdict}", post.short_id());
    Some((place(post, account), [resolve("--sent URL"), resolve("--send-again"), resolve("--drop")]))
}

/// Where a person sees whether it is out: at the page of what it answers, else at the account's own. The path of a
/// hook is its password and is not told.
fn place(post: &Queued, account: Option<&Account>) -> String {
    let parent =
        post.in_reply_to.clone().filter(|id| id.starts_with("https://") || id.starts_with("http://"));
    let page = item(&post.record)
        .filter(|_| post.kind == "action" || post.kind == "reply")
        .and_then(|item| item.url);
    if let Some(page) = parent.or(page) {
        return page;
    }
    let Some(account) = account else { return post.account.clone() };
    if let Some(path) = account.path() {
        return path.display().to_string();
    }
    let url = account.url.as_deref().and_then(|url| url::Url::parse(url).ok());
    match url {
        Some(url) if account.network() == "webhook" => {
            format!("{} ({})", post.account, url.origin().ascii_serialization())
        }
        Some(mut url) => {
            // No more than an address: whoever reads this needs no user name or password in it.
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            format!("{} ({url})", post.account)
        }
        None => post.account.clone(),
    }
}

/// What an action or answer is about: who said what, its page, else its network's own reference.
fn target(item: &Item) -> Option<String> {
    let meta = item.cm.as_ref();
    // A draft's own text is ours; an action has none, unless the whole item was made one by hand.
    let theirs = meta.is_some_and(|meta| meta.action.is_some()).then_some(item);
    let who = theirs.and_then(|item| item.authors.first()).and_then(|author| author.name.as_deref());
    let words = theirs.and_then(|item| item.content_text.as_deref()).map(one_line);
    let words = words.filter(|words| !words.trim().is_empty());
    let kind = meta.and_then(|meta| meta.kind.as_deref()).unwrap_or("item");
    match (item.title.as_deref(), who, words) {
        (Some(title), _, _) => return Some(cut(title)),
        (None, Some(who), Some(words)) => return Some(format!("the {kind} of {who}: {}", cut(&words))),
        (None, Some(who), None) => return Some(format!("the {kind} of {who}")),
        (None, None, Some(words)) => return Some(format!("the {kind}: {}", cut(&words))),
        (None, None, None) => {}
    }
    let parent = meta.and_then(|meta| meta.parent.as_ref());
    let native = parent.and_then(|parent| parent.native.as_ref()).and_then(reference);
    native.or_else(|| item.url.clone()).or_else(|| meta.and_then(|meta| meta.in_reply_to.clone()))
}

/// A network's own reference as words: its address, else `comment 7, post 4`.
fn reference(native: &Value) -> Option<String> {
    let members = native.as_object()?;
    if let Some(uri) = members.get("uri").and_then(Value::as_str) {
        return Some(uri.to_owned());
    }
    let word = |(name, value): (&String, &Value)| match value {
        Value::Number(number) => Some(format!("{name} {number}")),
        Value::String(text) => Some(format!("{name} {}", cut(text))),
        _ => None,
    };
    let words: Vec<String> = members.iter().filter_map(word).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn item(record: &str) -> Option<Item> {
    Record::parse(record.to_owned()).ok()?.item().ok()
}

fn cut(text: &str) -> String {
    let text = one_line(text);
    let text = text.trim();
    match text.char_indices().nth(FIRST_WORDS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn does(record: &str) -> String {
        said_by("action", "", record)
    }

    #[test]
    fn an_action_says_what_it_does_as_far_as_its_record_does() {
        let by = |members: &str, meta: &str| {
            does(&format!(
                r#"{{"id":"d","content_text":""{members},"_cm":{{"version":1,"action":"approve","in_reply_to":"urn:x:1"{meta}}}}}"#
            ))
        };
        let native =
            r#","parent":{"id":"urn:x:1","account":"wordpress:blog","native":{"post":4,"comment":7}}"#;
        assert_eq!(by("", native), "approve comment 7, post 4");
        assert_eq!(by("", ""), "approve urn:x:1");
        assert_eq!(by(r#","title":"Bob: a free tier?""#, native), "approve Bob: a free tier?");
        let uri = r#","parent":{"id":"x","account":"bluesky:acme","native":{"uri":"at://did:plc:x/app.bsky.feed.post/3k","cid":"b"}}"#;
        assert_eq!(by("", uri), "approve at://did:plc:x/app.bsky.feed.post/3k");
        let whole = r#"{"id":"c","content_text":"Is there\na free tier?","authors":[{"name":"Bob"}],"_cm":{"version":1,"kind":"comment","action":"approve"}}"#;
        assert_eq!(does(whole), "approve the comment of Bob: Is there a free tier?");
    }

    #[test]
    fn what_is_cut_is_cut_between_characters() {
        assert_eq!(cut(&"ä".repeat(61)), "ä".repeat(60) + "…");
        assert_eq!(cut(&"ä".repeat(60)), "ä".repeat(60));
    }
}
