//! How many follow an account, as an item a day. In: the account, as the server says it of itself. Out: one item, whose
//! counts are those of the first run of the day (UTC).

use super::session::Session;
use super::status::{count, person, text};
use crate::services::{Audience, Item};
use chrono::{DateTime, Utc};

/// The profile.
pub(super) fn item(session: &Session, now: DateTime<Utc>) -> Item {
    let me = &session.me;
    let counts = [
        ("followers", &me["followers_count"]),
        ("following", &me["following_count"]),
        ("posts", &me["statuses_count"]),
    ];
    let counts: Vec<(&str, u64)> =
        counts.into_iter().filter_map(|(name, value)| Some((name, count(value)?))).collect();
    let words: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    Item {
        id: format!("profiles/{}/{}", session.id, now.format("%Y-%m-%d")),
        kind: "profile",
        url: text(&me["url"]),
        author: Some(person(me, &session.host)),
        text: Some(words.join(", ")),
        published: Some(now),
        audience: Some(Audience::Public),
        own: true,
        counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        ..Item::default()
    }
}
