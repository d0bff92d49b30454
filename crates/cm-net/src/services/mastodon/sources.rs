//! What can be read of a `mastodon:` account. In: what stands after the account in a SOURCE. Out: which list is meant.

/// For people.
pub(super) const OFFERS: &[&str] = &[
    "notifications",
    "notifications?types=...",
    "mentions",
    "replies",
    "messages",
    "posts",
    "profile",
    "tag/NAME",
    "tag?q=NAME&any=...",
    "search?q=...",
    "thread?id=...",
    "thread?uri=...",
    "home",
    "list?id=...",
];

/// Types of notifications (entity `Notification`).
const TYPES: [&str; 14] = [
    "mention",
    "quote",
    "status",
    "update",
    "quoted_update",
    "poll",
    "favourite",
    "reblog",
    "follow",
    "follow_request",
    "admin.sign_up",
    "admin.report",
    "severed_relationships",
    "moderation_warning",
];
/// What a hashtag timeline takes, but for paging.
const OF_TAGS: [&str; 6] = ["any", "all", "none", "local", "remote", "only_media"];
/// What a search takes, but for paging.
const OF_SEARCHES: [&str; 2] = ["q", "account_id"];

/// Which of the mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of them.
    All,
    /// Those that answer nothing of ours.
    Mentions,
    /// Those that answer something of ours.
    Replies,
}

/// A source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Notifications of these types.
    Notifications(Vec<String>, Part),
    /// Conversations: what was written to us alone.
    Messages,
    /// What the account wrote.
    Posts,
    /// How many follow it.
    Profile,
    /// What is said with a tag; and with which parameters it is asked for.
    Tag(String, Vec<(String, String)>),
    /// What a search finds, by its parameters.
    Search(Vec<(String, String)>),
    /// A thread, by the server's number of one of its posts.
    Thread(String),
    /// A thread, by the address of one of its posts.
    ThreadAt(String),
    /// What those whom the account follows write.
    Home,
    /// What those on one of its lists write.
    List(String),
}

impl Source {
    /// See `Read::is_stream`.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Source::Posts | Source::Tag(..) | Source::Search(_) | Source::Home | Source::List(_))
    }

    /// `Err` is for a person.
    pub(super) fn parse(what: &str) -> Result<Source, String> {
        let (name, query) = what.split_once('?').unwrap_or((what, ""));
        let parameters: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if let Some(tag) = name.strip_prefix("tag/") {
            let tag = percent_encoding::percent_decode_str(tag).decode_utf8_lossy();
            return tagged(&tag, parameters);
        }
        let source = match name {
            "notifications" => return notifications(&parameters),
            "tag" => {
                let (tags, parameters): (Vec<_>, Vec<_>) =
                    parameters.into_iter().partition(|(name, _)| name == "q");
                return tagged(tags.first().map_or("", |(_, tag)| tag), parameters);
            }
            "search" => return search(parameters),
            "thread" => return thread(&parameters),
            "list" => match &parameters[..] {
                [(name, id)] if name == "id" && is_number(id) => return Ok(Source::List(id.clone())),
                _ => return Err("a list needs its number: list?id=...".to_owned()),
            },
            "mentions" => Source::Notifications(types(&["mention", "quote"]), Part::Mentions),
            "replies" => Source::Notifications(types(&["mention"]), Part::Replies),
            "messages" => Source::Messages,
            "posts" => Source::Posts,
            "profile" => Source::Profile,
            "home" => Source::Home,
            _ => return Err(format!("there is no {name:?}: {}", OFFERS.join(", "))),
        };
        match parameters.first() {
            None => Ok(source),
            Some((parameter, _)) => Err(format!("{name:?} takes no {parameter:?}")),
        }
    }
}

fn types(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Mentions and quotes, unless others are asked for.
fn notifications(parameters: &[(String, String)]) -> Result<Source, String> {
    if let Some((name, _)) = parameters.iter().find(|(name, _)| name != "types") {
        return Err(format!("\"notifications\" takes no {name:?}, only types"));
    }
    let mut all: Vec<String> = Vec::new();
    for kind in parameters.iter().flat_map(|(_, value)| value.split(',')).map(str::trim) {
        if !TYPES.contains(&kind) {
            return Err(format!("no type of notifications: {kind:?} (there are {})", TYPES.join(", ")));
        }
        if !all.iter().any(|known| known == kind) {
            all.push(kind.to_owned());
        }
    }
    let all = if all.is_empty() { types(&["mention", "quote"]) } else { all };
    Ok(Source::Notifications(all, Part::All))
}

fn tagged(tag: &str, parameters: Vec<(String, String)>) -> Result<Source, String> {
    let tag = tag.trim().trim_start_matches('#');
    if tag.is_empty() || tag.contains(['/', '?', '#', ' ']) {
        return Err("a tag needs its name: tag/NAME".to_owned());
    }
    if let Some((name, _)) = parameters.iter().find(|(name, _)| !OF_TAGS.contains(&name.as_str())) {
        return Err(format!("a tag takes no {name:?}: {}", OF_TAGS.join(", ")));
    }
    let listed = |(name, value): (String, String)| match name.as_str() {
        "any" | "all" | "none" => (format!("{name}[]"), value.trim_start_matches('#').to_owned()),
        _ => (name, value),
    };
    Ok(Source::Tag(tag.to_owned(), parameters.into_iter().map(listed).collect()))
}

fn search(parameters: Vec<(String, String)>) -> Result<Source, String> {
    if let Some((name, _)) = parameters.iter().find(|(name, _)| !OF_SEARCHES.contains(&name.as_str())) {
        return Err(format!("a search takes no {name:?}: {}", OF_SEARCHES.join(", ")));
    }
    match parameters.iter().any(|(name, value)| name == "q" && !value.trim().is_empty()) {
        true => Ok(Source::Search(parameters)),
        false => Err("a search needs words: search?q=...".to_owned()),
    }
}

fn thread(parameters: &[(String, String)]) -> Result<Source, String> {
    match parameters {
        [(name, id)] if name == "id" && is_number(id) => Ok(Source::Thread(id.clone())),
        [(name, uri)] if name == "uri" && uri.starts_with("http") => Ok(Source::ThreadAt(uri.clone())),
        _ => Err("a thread needs one of its posts: thread?id=... or thread?uri=https://...".to_owned()),
    }
}

/// Whether a text may be one of the server's numbers, which are opaque but never part of a path.
pub(super) fn is_number(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 100
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_meant() {
        let parse = |what| Source::parse(what).unwrap();
        assert_eq!(parse("notifications"), Source::Notifications(types(&["mention", "quote"]), Part::All));
        assert_eq!(
            parse("notifications?types=favourite,reblog&types=mention"),
            Source::Notifications(types(&["favourite", "reblog", "mention"]), Part::All)
        );
        assert_eq!(parse("replies"), Source::Notifications(types(&["mention"]), Part::Replies));
        assert_eq!(parse("tag/%23caf%C3%A9"), Source::Tag("café".into(), Vec::new()));
        assert_eq!(
            parse("tag?q=tea&any=chai&local=true"),
            Source::Tag("tea".into(), vec![("any[]".into(), "chai".into()), ("local".into(), "true".into())])
        );
        assert_eq!(parse("thread?id=109"), Source::Thread("109".into()));
        assert_eq!(parse("list?id=7"), Source::List("7".into()));
        assert!(parse("posts").is_stream() && !parse("mentions").is_stream());
    }

    #[test]
    fn what_is_not_is_told_with_what_is() {
        for (what, words) in [
            ("comments", "there is no \"comments\": notifications"),
            ("notifications?types=mentions", "no type of notifications: \"mentions\""),
            ("notifications?limit=1", "takes no \"limit\""),
            ("tag", "tag/NAME"),
            ("tag/a/b", "tag/NAME"),
            ("tag/a?since=1", "a tag takes no \"since\""),
            ("search", "search?q="),
            ("thread?id=../x", "thread?id="),
            ("list?id=a/b", "list?id="),
            ("posts?q=1", "\"posts\" takes no \"q\""),
        ] {
            let error = Source::parse(what).unwrap_err();
            assert!(error.contains(words), "{what}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_source_or_none(what in "(tag|thread|search|list|notifications)?[/?]?\\PC{0,30}") {
            let _ = Source::parse(&what);
        }
    }
}
