//! What may go out at all: our own drafts and actions, and public things worth sharing. Strangers' words never go out
//! as ours, and nothing is shared further than its author did.

use cm_record::{Audience, Item, Meta};

/// What a post is for; with the record and the account it makes the post's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Our own words, verbatim, to the world.
    Say,
    /// Our own words, verbatim, to somebody.
    Reply,
    /// Something to do, not to say.
    Act(String),
    /// Somebody's item, through the template.
    Share,
}

impl Purpose {
    /// The word in the post's id (docs/record.md).
    pub(crate) fn word(&self) -> &str {
        match self {
            Purpose::Say | Purpose::Share => "share",
            Purpose::Reply => "reply",
            Purpose::Act(action) => action,
        }
    }
}

/// Decides what a record is to be posted as, or why it must not. `share_unknown` allows an unknown audience.
pub(crate) fn purpose(item: &Item, share_unknown: bool) -> Result<Purpose, String> {
    // A plain feed item: version 1, kind `article`, public.
    let Some(meta) = &item.cm else { return Ok(Purpose::Share) };
    if meta.deleted {
        return Err("it was deleted by its author".to_owned());
    }
    if let Some(action) = &meta.action {
        return Ok(Purpose::Act(action.clone()));
    }
    if meta.draft { draft(meta) } else { shared(meta, share_unknown) }
}

fn draft(meta: &Meta) -> Result<Purpose, String> {
    let private = match meta.audience {
        Some(audience) => matches!(audience, Audience::Followers | Audience::Direct),
        None => meta.kind.as_deref() == Some("message"),
    };
    // No kind of account can address few people yet, so a private answer would become a public one.
    if private {
        return Err(
            "the draft is not for everybody, and posts can only go to everybody: answer by hand".to_owned()
        );
    }
    Ok(if meta.in_reply_to.is_some() { Purpose::Reply } else { Purpose::Say })
}

fn shared(meta: &Meta, share_unknown: bool) -> Result<Purpose, String> {
    let kind = meta.kind.as_deref().unwrap_or("article");
    if matches!(kind, "comment" | "reply" | "mention" | "message") {
        return Err(format!(
            "a {kind} is somebody else's words: answer or share it with a draft (cm-inbox reply, share)"
        ));
    }
    if kind == "profile" {
        return Err("a profile holds counts, nothing to say".to_owned());
    }
    match meta.audience {
        Some(Audience::Public) => Ok(Purpose::Share),
        Some(_) => Err(format!("the {kind} is not public: it is not shared further than its author did")),
        None if matches!(kind, "article" | "event") || share_unknown => Ok(Purpose::Share),
        None => {
            Err(format!("whether the {kind} is public is not known: --share-unknown shares it all the same"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(meta: serde_json::Value, share_unknown: bool) -> Result<Purpose, String> {
        let item = serde_json::json!({"id": "x", "content_text": "y", "_cm": meta});
        purpose(&serde_json::from_value(item).unwrap(), share_unknown)
    }

    #[test]
    fn plain_feed_items_are_shared() {
        assert_eq!(purpose(&Item::default(), false), Ok(Purpose::Share));
        assert_eq!(judge(serde_json::json!({"version": 1, "kind": "article"}), false), Ok(Purpose::Share));
        let note = serde_json::json!({"version": 1, "kind": "note", "audience": "public"});
        assert_eq!(judge(note, false), Ok(Purpose::Share));
    }

    #[test]
    fn drafts_and_actions_go_out_as_what_they_are() {
        let reply = serde_json::json!({"version": 1, "kind": "reply", "draft": true, "in_reply_to": "p", "audience": "public"});
        assert_eq!(judge(reply, false), Ok(Purpose::Reply));
        assert_eq!(
            judge(serde_json::json!({"version": 1, "kind": "note", "draft": true}), false),
            Ok(Purpose::Say)
        );
        let act = serde_json::json!({"version": 1, "action": "approve", "in_reply_to": "p"});
        assert_eq!(judge(act, false), Ok(Purpose::Act("approve".into())));
    }

    #[test]
    fn strangers_words_are_refused_whatever_their_audience() {
        for kind in ["comment", "reply", "mention", "message", "profile"] {
            let meta = serde_json::json!({"version": 1, "kind": kind, "audience": "public"});
            assert!(judge(meta, true).is_err(), "{kind}");
        }
    }

    #[test]
    fn what_is_not_public_or_not_known_to_be_is_refused() {
        for audience in ["unlisted", "followers", "direct"] {
            for kind in ["note", "article", "review", "of-tomorrow"] {
                let meta = serde_json::json!({"version": 1, "kind": kind, "audience": audience});
                assert!(judge(meta, true).unwrap_err().contains("not public"), "{kind} {audience}");
            }
        }
        for kind in ["note", "review", "of-tomorrow"] {
            let meta = serde_json::json!({"version": 1, "kind": kind});
            assert!(judge(meta.clone(), false).unwrap_err().contains("--share-unknown"), "{kind}");
            assert_eq!(judge(meta, true), Ok(Purpose::Share));
        }
        let private =
            serde_json::json!({"version": 1, "draft": true, "in_reply_to": "p", "audience": "direct"});
        assert!(judge(private, true).is_err());
        let message = serde_json::json!({"version": 1, "draft": true, "kind": "message"});
        assert!(judge(message, true).is_err(), "a message is private unless it says otherwise");
        assert!(judge(serde_json::json!({"version": 1, "deleted": true}), true).is_err());
    }
}
