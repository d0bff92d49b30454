//! What may go out at all: our own drafts and actions, and public things worth sharing. Strangers' words never go out
//! as ours, and nothing is shared further than its author did.

use cm_record::{Audience, Item, Meta};

/// What can be done about an item (docs/record.md); which of them a network has is for its `freeze` to say.
const ACTIONS: [&str; 6] = ["approve", "spam", "trash", "like", "boost", "follow"];

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
    match &meta.action {
        Some(action) => act(meta, action),
        None if meta.draft && meta.in_reply_to.is_some() => Ok(Purpose::Reply),
        None if meta.draft => Ok(Purpose::Say),
        None => shared(meta, share_unknown),
    }
}

/// For whom alone a draft of ours is, in words that follow "only for"; `None` when it is for everybody.
pub(crate) fn only_for(item: &Item) -> Option<&'static str> {
    let meta = item.cm.as_ref().filter(|meta| meta.draft && meta.action.is_none())?;
    match meta.audience {
        Some(Audience::Followers) => Some("followers"),
        Some(Audience::Direct) => Some("the people addressed"),
        Some(_) => None,
        // A message is private unless it says otherwise.
        None => (meta.kind.as_deref() == Some("message")).then_some("the people addressed"),
    }
}

fn act(meta: &Meta, action: &str) -> Result<Purpose, String> {
    if !ACTIONS.contains(&action) {
        return Err(format!("unknown action {action:?} (known: {})", ACTIONS.join(", ")));
    }
    if meta.in_reply_to.is_none() && meta.parent.is_none() {
        return Err(format!("it does not say what to {action}: _cm.in_reply_to and _cm.parent are missing"));
    }
    match meta.audience {
        Some(Audience::Followers | Audience::Direct) if action == "boost" => {
            Err("it is not public: it is not shared further than its author did".to_owned())
        }
        _ => Ok(Purpose::Act(action.to_owned())),
    }
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
    fn actions_are_known_ones_on_something() {
        let act = |action: &str, more: &str| {
            let meta = format!(r#"{{"version": 1, "action": "{action}"{more}}}"#);
            judge(serde_json::from_str(&meta).unwrap(), false)
        };
        assert!(act("aprove", r#", "in_reply_to": "p""#).unwrap_err().contains("(known: approve, spam"));
        assert!(act("approve", "").unwrap_err().contains("does not say what to approve"));
        assert!(act("boost", r#", "in_reply_to": "p", "audience": "followers""#).is_err());
        assert_eq!(act("like", r#", "in_reply_to": "p""#), Ok(Purpose::Act("like".into())));
    }

    #[test]
    fn a_draft_says_whom_it_is_for() {
        let of = |more: &str| {
            let meta = format!(r#"{{"id":"x","content_text":"y","_cm":{{"version":1{more}}}}}"#);
            only_for(&serde_json::from_str(&meta).unwrap())
        };
        assert_eq!(of(r#","draft":true,"audience":"direct""#), Some("the people addressed"));
        assert_eq!(of(r#","draft":true,"audience":"followers""#), Some("followers"));
        assert_eq!(of(r#","draft":true,"kind":"message""#), Some("the people addressed"));
        for public in [r#","draft":true"#, r#","draft":true,"audience":"public","kind":"message""#] {
            assert_eq!(of(public), None, "{public}");
        }
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
        assert!(judge(serde_json::json!({"version": 1, "deleted": true}), true).is_err());
    }
}
