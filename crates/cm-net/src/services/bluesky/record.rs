//! What is sent: the body of `com.atproto.repo.putRecord`.
//! In: a draft. Out: its body, but for what has to be asked first: whose repository it goes to (`repo` is null), who is
//! behind a handle (a mention's `did` is the handle), and what a reply answers where only its address is known (no `cid`).
//!
//! `putRecord` with a key of ours and `swapRecord: null` makes a record once: the same bytes again are a 200 that changes
//! nothing, other bytes under the key are refused as `InvalidSwap` (measured; atproto, packages/pds, putRecord.ts).

use super::facets::{Rich, rich};
use super::uri::{AtUri, POSTS};
use super::{LONGEST, LONGEST_BYTES, tid};
use crate::services::{Draft, too_long};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The body as far as it can be made without asking; `Err` says why Bluesky does not take the draft.
pub(super) fn body(draft: &Draft) -> Result<Value, String> {
    let (collection, record) = match draft.action() {
        None => (POSTS, post(draft)?),
        Some("like") => ("app.bsky.feed.like", pointer("app.bsky.feed.like", draft)?),
        Some("boost") => ("app.bsky.feed.repost", pointer("app.bsky.feed.repost", draft)?),
        Some(action) => return Err(format!("has no such action: {action} (it has like and boost)")),
    };
    Ok(json!({
        "repo": null, "collection": collection, "rkey": tid::of(draft.at, &draft.id),
        "validate": true, "swapRecord": null, "record": record,
    }))
}

fn post(draft: &Draft) -> Result<Value, String> {
    let Rich { text, facets, cut } = rich(draft.text.trim_end(), &draft.links);
    if text.trim().is_empty() {
        return Err("takes no empty text".to_owned());
    }
    fits(&text).map_err(|why| if cut { format!("{why} (links count as shown)") } else { why })?;
    let mut record = json!({"$type": POSTS, "text": text, "createdAt": created(draft.at)});
    if !facets.is_empty() {
        record["facets"] = facets.iter().map(|facet| facet.to_json()).collect();
    }
    if let Some(language) = draft.language().filter(|language| is_language(language)) {
        record["langs"] = json!([language]);
    }
    if draft.native().is_some() || draft.in_reply_to().is_some() {
        let parent = target(draft, "answer")?;
        let root = draft.native().and_then(|native| reference(&native["root"]));
        record["reply"] = json!({"parent": parent});
        if let Some(root) = root {
            record["reply"]["root"] = root;
        }
    }
    Ok(record)
}

/// A record that points at a post.
fn pointer(kind: &str, draft: &Draft) -> Result<Value, String> {
    Ok(json!({"$type": kind, "subject": target(draft, "act on")?, "createdAt": created(draft.at)}))
}

/// The post that is answered or acted on: with its `cid` where the reading half gave it.
fn target(draft: &Draft, what: &str) -> Result<Value, String> {
    if let Some(known) = draft.native().and_then(reference) {
        return Ok(known);
    }
    let named = draft.native().and_then(|native| native["uri"].as_str()).or_else(|| draft.in_reply_to());
    match named.filter(|uri| is_post(uri)) {
        Some(uri) => Ok(json!({"uri": uri})),
        None => {
            Err(format!("cannot {what} what is no post on Bluesky ({})", named.unwrap_or("it is not named")))
        }
    }
}

fn is_post(uri: &str) -> bool {
    AtUri::parse(uri).is_some_and(|uri| uri.collection == POSTS)
}

/// A post's `com.atproto.repo.strongRef`, if it is one.
pub(super) fn reference(value: &Value) -> Option<Value> {
    let uri = value["uri"].as_str().filter(|uri| is_post(uri))?;
    let cid = value["cid"]
        .as_str()
        .filter(|cid| !cid.is_empty() && cid.bytes().all(|b| b.is_ascii_alphanumeric()))?;
    Some(json!({"uri": uri, "cid": cid}))
}

fn fits(text: &str) -> Result<(), String> {
    too_long(text, LONGEST)?;
    match text.len() {
        0..=LONGEST_BYTES => Ok(()),
        bytes => Err(format!("takes {LONGEST_BYTES} bytes, the text has {bytes}")),
    }
}

/// <https://atproto.com/specs/lexicon#datetime>: with milliseconds, as the app writes it.
fn created(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A language tag of two or three letters, with what may follow (RFC 5646); `und` and private ones say nothing.
pub(super) fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let letters = matches!(first.len(), 2 | 3) && first.bytes().all(|b| b.is_ascii_alphabetic());
    letters
        && first != "und"
        && tag.len() <= 35
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::Link;
    use proptest::prelude::*;

    fn draft(text: &str, record: Value) -> Draft {
        let at = "2026-11-22T09:00:00.123Z".parse().unwrap();
        let start = text.find("https://");
        let link = |start: usize| {
            let url = text[start..].split_whitespace().next().unwrap().to_owned();
            Link { start, end: start + url.len(), url }
        };
        let links = start.map(link).into_iter().collect();
        Draft { id: "urn:cm:post:1".to_owned(), text: text.to_owned(), links, record, at }
    }

    fn refusal(text: &str) -> String {
        body(&draft(text, json!({}))).unwrap_err()
    }

    const POST: &str = "at://did:plc:a/app.bsky.feed.post/3k2a";

    #[test]
    fn a_post() {
        let record = json!({"language": "de-AT"});
        let made = body(&draft("Neu: https://acme.example/news/2026/spring\n", record)).unwrap();
        assert_eq!(
            made,
            json!({
                "repo": null, "collection": "app.bsky.feed.post", "rkey": made["rkey"], "validate": true, "swapRecord": null,
                "record": {
                    "$type": "app.bsky.feed.post", "text": "Neu: acme.example/news/2026/sp...", "createdAt": "2026-11-22T09:00:00.123Z", "langs": ["de-AT"],
                    "facets": [{"index": {"byteStart": 5, "byteEnd": 33}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://acme.example/news/2026/spring"}]}],
                },
            })
        );
        assert_eq!(
            made,
            body(&draft("Neu: https://acme.example/news/2026/spring\n", json!({"language": "de-AT"})))
                .unwrap()
        );
    }

    #[test]
    fn what_is_counted_is_what_is_shown() {
        assert!(body(&draft(&"👩🏽‍🚀".repeat(200), json!({}))).is_ok(), "3000 bytes");
        assert!(body(&draft(&"é".repeat(300), json!({}))).is_ok());
        assert_eq!(refusal(&"é".repeat(301)), "takes 300 characters, the text has 301");
        assert_eq!(refusal(&"👩🏽‍🚀".repeat(201)), "takes 3000 bytes, the text has 3015");
        let long = format!("https://acme.example/{} ", "x".repeat(400));
        assert!(body(&draft(&format!("{long}{}", "a".repeat(270)), json!({}))).is_ok());
        assert_eq!(
            refusal(&format!("{long}{}", "a".repeat(280))),
            "takes 300 characters, the text has 309 (links count as shown)"
        );
        assert_eq!(refusal(" \n"), "takes no empty text");
    }

    #[test]
    fn answers_and_actions() {
        let native = json!({"uri": POST, "cid": "bafya", "root": {"uri": "at://did:plc:b/app.bsky.feed.post/3k1", "cid": "bafyb"}});
        let answering = json!({"_cm": {"in_reply_to": POST, "parent": {"native": native}}});
        let made = body(&draft("yes", answering.clone())).unwrap();
        assert_eq!(
            made["record"]["reply"],
            json!({"parent": {"uri": POST, "cid": "bafya"}, "root": native["root"]})
        );
        let made = body(&draft("yes", json!({"_cm": {"in_reply_to": POST}}))).unwrap();
        assert_eq!(made["record"]["reply"], json!({"parent": {"uri": POST}}), "to be asked");
        let mut like = answering;
        like["_cm"]["action"] = "like".into();
        let made = body(&draft("", like.clone())).unwrap();
        assert_eq!(made["record"]["subject"], json!({"uri": POST, "cid": "bafya"}));
        assert_eq!(made["collection"], "app.bsky.feed.like");
        like["_cm"]["action"] = "spam".into();
        assert_eq!(body(&draft("", like)).unwrap_err(), "has no such action: spam (it has like and boost)");
        let elsewhere = json!({"_cm": {"in_reply_to": "https://blog.example/1#comment-7", "parent": {"native": {"post": 4, "comment": 7}}}});
        assert_eq!(
            body(&draft("yes", elsewhere)).unwrap_err(),
            "cannot answer what is no post on Bluesky (https://blog.example/1#comment-7)"
        );
    }

    #[test]
    fn languages() {
        for good in ["de", "gsw", "pt-BR", "zh-Hant-TW"] {
            assert!(is_language(good), "{good}");
        }
        for bad in ["", "und", "x-klingon", "english", "de_DE", "de-", "1a"] {
            assert!(!is_language(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_draft_is_taken_or_refused(text in "\\PC{0,400}", uri in "(at://)?\\PC{0,30}", action in proptest::option::of("like|boost|spam|\\PC{0,5}")) {
            let record = json!({"_cm": {"in_reply_to": uri, "action": action, "parent": {"native": {"uri": uri, "cid": uri, "root": uri}}}});
            let _ = body(&draft(&text, record));
        }
    }
}
