//! What can be read of a Bluesky account. In: what stands after the account in a SOURCE. Out: which list is meant.

/// For people.
pub(super) const OFFERS: &[&str] =
    &["notifications", "mentions", "replies", "quotes", "posts", "search?q=...", "thread?uri=at://..."];

/// What `searchPosts` takes (lexicon), but for `limit` and `cursor`.
const SEARCHED: [&str; 10] =
    ["q", "sort", "since", "until", "mentions", "author", "lang", "domain", "url", "tag"];

/// A list of posts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Notifications for these reasons.
    Notifications(&'static [&'static str]),
    /// What the account posted.
    Posts,
    /// What a search finds, by its parameters.
    Search(Vec<(String, String)>),
    /// A thread, by the address of one of its posts.
    Thread(String),
}

impl Source {
    /// See `Read::is_stream`.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Source::Posts | Source::Search(_))
    }

    /// `Err` is for a person.
    pub(super) fn parse(what: &str) -> Result<Source, String> {
        let (name, query) = what.split_once('?').unwrap_or((what, ""));
        let parameters: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let source = match name {
            "notifications" => Source::Notifications(&["mention", "reply", "quote"]),
            "mentions" => Source::Notifications(&["mention"]),
            "replies" => Source::Notifications(&["reply"]),
            "quotes" => Source::Notifications(&["quote"]),
            "posts" => Source::Posts,
            "search" => return search(parameters),
            "thread" => return thread(&parameters),
            _ => return Err(format!("there is no {name:?}: {}", OFFERS.join(", "))),
        };
        match parameters.first() {
            None => Ok(source),
            Some((name, _)) => {
                Err(format!("{:?} takes no {name:?}", what.split('?').next().unwrap_or_default()))
            }
        }
    }
}

fn search(parameters: Vec<(String, String)>) -> Result<Source, String> {
    if let Some((name, _)) = parameters.iter().find(|(name, _)| !SEARCHED.contains(&name.as_str())) {
        return Err(format!("a search takes no {name:?}: {}", SEARCHED.join(", ")));
    }
    match parameters.iter().any(|(name, value)| name == "q" && !value.trim().is_empty()) {
        true => Ok(Source::Search(parameters)),
        false => Err("a search needs words: search?q=...".to_owned()),
    }
}

fn thread(parameters: &[(String, String)]) -> Result<Source, String> {
    match parameters {
        [(name, uri)] if name == "uri" && uri.starts_with("at://") => Ok(Source::Thread(uri.clone())),
        _ => Err("a thread needs the address of a post: thread?uri=at://...".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        let parse = |what| Source::parse(what).unwrap();
        assert_eq!(parse("mentions"), Source::Notifications(&["mention"]));
        assert_eq!(parse("posts"), Source::Posts);
        let pairs =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(
            parse("search?q=%22acme+roast%22&lang=en&tag=tea&tag=pot"),
            Source::Search(pairs(&[("q", "\"acme roast\""), ("lang", "en"), ("tag", "tea"), ("tag", "pot")]))
        );
        assert_eq!(
            parse("thread?uri=at://did:plc:a/app.bsky.feed.post/3k"),
            Source::Thread("at://did:plc:a/app.bsky.feed.post/3k".to_owned())
        );
    }

    #[test]
    fn what_is_not_is_told_with_what_is() {
        let error = |what| Source::parse(what).unwrap_err();
        assert!(error("comments").contains("notifications, mentions"), "{}", error("comments"));
        assert_eq!(error("search"), "a search needs words: search?q=...");
        assert!(error("search?q=a&limit=5").contains("takes no \"limit\""));
        assert_eq!(error("posts?q=a"), "\"posts\" takes no \"q\"");
        assert!(error("thread?uri=https://bsky.app/x").contains("at://"));
    }
}
