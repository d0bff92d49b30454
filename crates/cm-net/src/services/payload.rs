//! The JSON object that `file:` and `webhook:` accounts get for a post, on one line:
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `id` | string | the post's id, `urn:cm:post:...`: the same in every repeat |
//! | `text` | string | what is to be published |
//! | `url` | string, absent where there is none | the record's permalink |
//! | `record` | object | the record that the post was made from, without where we read it |

use super::Draft;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

#[derive(Serialize)]
struct Payload<'a> {
    id: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    record: &'a Value,
}

#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// One line without its end.
pub(super) fn freeze(draft: &Draft) -> Result<Vec<u8>, String> {
    let Draft { id, text, record, .. } = draft;
    let url = record.get("url").and_then(Value::as_str);
    serde_json::to_vec(&Payload { id, text, url, record })
        .map_err(|e| format!("{id} cannot be written as JSON: {e}"))
}

/// Whether a line is the post of that id. A line that was cut off is no JSON and nobody's post.
pub(super) fn is_post(line: &[u8], id: &str) -> bool {
    serde_json::from_slice::<Identified>(line).is_ok_and(|post| post.id == id)
}
