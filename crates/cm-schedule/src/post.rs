//! A post as the store holds it, and as a record's `_cm_schedule` part shows it.

use chrono::{DateTime, Utc};
use cm_record::{Post, PostState};

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Queued {
    /// `urn:cm:post:...`.
    pub id: String,
    /// Where it goes.
    pub account: String,
    /// `share`, `reply`, `action` or `note`, for reports.
    pub kind: String,
    /// The record's id.
    pub record_id: String,
    /// The record's line as it was queued.
    pub record: String,
    /// What it says.
    pub text: String,
    /// The item it answers.
    pub in_reply_to: Option<String>,
    /// The campaign it belongs to.
    pub campaign: Option<String>,
    /// When it was queued.
    pub created: DateTime<Utc>,
    /// When it is to go out.
    pub due: DateTime<Utc>,
    /// The zone of `wall`.
    pub time_zone: String,
    /// The wall-clock time that `due` was made from, `%Y-%m-%dT%H:%M:%S`.
    pub wall: Option<String>,
    /// Why then.
    pub why: String,
    /// Asked for with `--now`: goes out however late or close to others.
    pub urgent: bool,
    /// Where it stands.
    pub state: PostState,
    /// How often sending was begun.
    pub attempts: i64,
    /// How often it was put off since a person last decided about it.
    pub retries: i64,
    /// Not to be tried before.
    pub not_before: Option<DateTime<Utc>>,
    /// The exact bytes, from the first intent on.
    pub body: Option<Vec<u8>>,
    /// When the intent was first committed.
    pub intent: Option<DateTime<Utc>>,
    /// Goes up with every claim and decision: whoever holds an older one has lost the post.
    pub fence: i64,
    /// Until when a sender holds it, if it lets go of it no sooner.
    pub held: Option<DateTime<Utc>>,
    /// When it went out.
    pub published: Option<DateTime<Utc>>,
    /// Where it stands on the network.
    pub url: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

impl Queued {
    /// As the part shows it.
    pub(crate) fn part(&self) -> Post {
        Post {
            id: self.id.clone(),
            account: self.account.clone(),
            in_reply_to: self.in_reply_to.clone(),
            text: self.text.clone(),
            due: cm_time::rfc3339(self.due),
            time_zone: self.time_zone.clone(),
            state: self.state,
            attempts: u64::try_from(self.attempts).unwrap_or(0),
            published_at: self.published.map(cm_time::rfc3339),
            published_url: self.url.clone(),
            error: self.error.clone(),
        }
    }

    /// The id as people type it.
    pub(crate) fn short_id(&self) -> &str {
        short_id(&self.id)
    }
}

/// The first eight digits of a post's id: enough to tell it apart, and what the commands take.
pub(crate) fn short_id(id: &str) -> &str {
    let hex = id.strip_prefix("urn:cm:post:").unwrap_or(id);
    hex.get(..8).unwrap_or(hex)
}

const STATES: [(PostState, &str); 8] = [
    (PostState::Draft, "draft"),
    (PostState::Queued, "queued"),
    (PostState::Sending, "sending"),
    (PostState::Published, "published"),
    (PostState::Unsure, "unsure"),
    (PostState::Missed, "missed"),
    (PostState::Failed, "failed"),
    (PostState::Cancelled, "cancelled"),
];

/// A state's word in the store and in records.
pub(crate) fn word(state: PostState) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("draft", |(_, word)| word)
}

/// The state of a word; an unknown one lists the known.
pub(crate) fn state(text: &str) -> Result<PostState, String> {
    STATES.iter().find(|(_, word)| *word == text).map(|(state, _)| *state).ok_or_else(|| {
        format!("unknown state {text:?} (known: {}, all)", STATES.map(|(_, word)| word).join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_record() {
        for (known, text) in STATES {
            assert_eq!(serde_json::to_value(known).unwrap(), text);
            assert_eq!((word(known), state(text)), (text, Ok(known)));
        }
        assert!(state("sent").unwrap_err().contains("published"));
    }
}
