//! The frozen bytes of a post: JSON that says what to do, and to which comment.
//!
//! | member | of | meaning |
//! |---|---|---|
//! | `do` | both | `reply` or `moderate` |
//! | `comment` | both | the comment that is answered or moderated |
//! | `post` | both | the post that it belongs to |
//! | `content` | `reply` | HTML: our text, escaped |
//! | `author_user_agent` | `reply` | the marker by which our comment is known again |
//! | `status` | `moderate` | `approved`, `spam` or `trash` |

use crate::services::Draft;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Bytes of a comment's content (`wp_get_comment_fields_max_lengths`).
const LONGEST: usize = 65_525;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(super) enum Frozen {
    /// A reply to a comment.
    Reply(Reply),
    /// A change of a comment's status.
    Moderate(Moderate),
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reply {
    pub post: u64,
    pub comment: u64,
    pub content: String,
    #[serde(rename = "author_user_agent")]
    pub marker: String,
}

/// A change of status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moderate {
    pub post: u64,
    pub comment: u64,
    pub status: String,
}

/// A comment, as the reading half refers to it.
#[derive(Deserialize)]
struct Native {
    post: u64,
    comment: u64,
}

/// Freezes a draft; the error follows the account's name.
pub(super) fn freeze(draft: &Draft) -> Result<Vec<u8>, String> {
    let frozen = match draft.action() {
        Some(action) => {
            let status = match action {
                "approve" => "approved",
                "spam" | "trash" => action,
                other => return Err(format!("can approve, spam and trash a comment; it cannot {other}")),
            };
            let Native { post, comment } = native(draft)?;
            Frozen::Moderate(Moderate { post, comment, status: status.to_owned() })
        }
        None if draft.in_reply_to().is_none() => {
            return Err("takes replies to comments and moderation; it does not write blog posts".to_owned());
        }
        None => {
            let Native { post, comment } = native(draft)?;
            let marker = format!("cm/{} {}", env!("CARGO_PKG_VERSION"), draft.id);
            Frozen::Reply(Reply { post, comment, content: content(&draft.text)?, marker })
        }
    };
    serde_json::to_vec(&frozen).map_err(|e| format!("cannot be written as JSON: {e}"))
}

/// Frozen bytes read again.
pub(super) fn thaw(body: &[u8]) -> Result<Frozen, String> {
    serde_json::from_slice(body).map_err(|e| format!("the frozen post cannot be read: {e}"))
}

fn native(draft: &Draft) -> Result<Native, String> {
    let native = draft.native().and_then(|native: &Value| Native::deserialize(native).ok());
    let native = native.filter(|native| native.post > 0 && native.comment > 0);
    native.ok_or_else(|| "needs to know which comment is meant, and the item does not say: fetch it again from this account".to_owned())
}

/// Our plain text as HTML that shows it as it is written. Paragraphs and links are made by WordPress. Backslashes are escaped
/// too: `wp_allow_comment` strips them from one side of its comparison, so that a text with one is never a duplicate (measured).
fn content(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("takes no empty replies".to_owned());
    }
    let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\\', "&#92;");
    match html.len() {
        ..=LONGEST => Ok(html),
        bytes => Err(format!("takes {LONGEST} bytes of HTML, the text makes {bytes}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn draft(text: &str, cm: Value) -> Draft {
        Draft {
            id: "urn:cm:post:1".to_owned(),
            text: text.to_owned(),
            links: Vec::new(),
            record: json!({"id": "x", "_cm": cm}),
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
        }
    }

    fn reply(text: &str) -> Result<String, String> {
        let cm = json!({"in_reply_to": "urn:cm:item:1", "parent": {"native": {"post": 4, "comment": 7}}});
        freeze(&draft(text, cm)).map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn a_reply_is_escaped_and_marked() {
        assert_eq!(
            reply(" a <b> & \\c\n").unwrap(),
            r#"{"do":"reply","post":4,"comment":7,"content":"a &lt;b&gt; &amp; &#92;c","author_user_agent":"cm/0.1.0 urn:cm:post:1"}"#
        );
        assert!(thaw(reply("x").unwrap().as_bytes()).is_ok());
        assert_eq!(reply(" \n\t").unwrap_err(), "takes no empty replies");
        assert!(reply(&"&".repeat(LONGEST / 5)).is_ok());
        assert!(reply(&"&".repeat(LONGEST / 5 + 1)).unwrap_err().starts_with("takes 65525 bytes"));
    }

    #[test]
    fn moderation_and_what_is_not_taken() {
        let act = |action: &str, native: Value| {
            let draft =
                draft("", json!({"action": action, "in_reply_to": "x", "parent": {"native": native}}));
            freeze(&draft).map(|body| String::from_utf8(body).unwrap())
        };
        let native = json!({"post": 4, "comment": 7});
        assert_eq!(
            act("approve", native.clone()).unwrap(),
            r#"{"do":"moderate","post":4,"comment":7,"status":"approved"}"#
        );
        assert!(act("spam", native.clone()).unwrap().contains(r#""status":"spam""#));
        assert!(act("like", native).unwrap_err().contains("cannot like"));
        for foreign in [
            json!(null),
            json!({"uri": "at://x"}),
            json!({"post": 0, "comment": 7}),
            json!({"post": "4", "comment": 7}),
        ] {
            assert!(act("trash", foreign.clone()).unwrap_err().contains("fetch it again"), "{foreign}");
        }
        assert!(freeze(&draft("Hello", json!({}))).unwrap_err().contains("does not write blog posts"));
    }

    proptest! {
        #[test]
        fn any_text_is_shown_as_it_is(text in any::<String>()) {
            match content(&text) {
                Ok(html) => {
                    prop_assert!(!html.contains(['<', '>', '\\']));
                    let shown = html.replace("&lt;", "<").replace("&gt;", ">").replace("&#92;", "\\").replace("&amp;", "&");
                    prop_assert_eq!(shown, text.trim());
                }
                Err(why) => prop_assert!(text.trim().is_empty(), "{}", why),
            }
        }

        #[test]
        fn any_reference_is_kept_or_refused(post in any::<i64>(), comment in any::<i64>()) {
            let cm = json!({"action": "spam", "parent": {"native": {"post": post, "comment": comment}}});
            match freeze(&draft("", cm)).map(|body| thaw(&body)) {
                Ok(Ok(Frozen::Moderate(kept))) => {
                    prop_assert_eq!((i64::try_from(kept.post), i64::try_from(kept.comment)), (Ok(post), Ok(comment)));
                    prop_assert!(post > 0 && comment > 0);
                }
                Ok(other) => prop_assert!(false, "{:?}", other),
                Err(_) => prop_assert!(post <= 0 || comment <= 0),
            }
        }

        #[test]
        fn no_bytes_are_a_panic(body in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(thaw(&body).is_err());
        }
    }
}
