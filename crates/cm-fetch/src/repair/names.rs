//! Namespaces: what an element's prefix or address means, under any spelling that feeds use.

/// A vocabulary that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ns {
    /// No namespace, one of the RSS ones, or one that nobody knows as the document's default.
    Core,
    /// Atom 0.3 and 1.0.
    Atom,
    /// RDF syntax.
    Rdf,
    /// `content:encoded`.
    Content,
    /// Dublin Core elements.
    Dc,
    /// Dublin Core terms.
    Terms,
    /// Podcasts as Apple describes them.
    Itunes,
    /// Media RSS.
    Media,
    /// `wfw:commentRss`.
    Wfw,
    /// RFC 4685.
    Thr,
    /// `slash:comments`.
    Slash,
    /// `sy:updatePeriod`.
    Syndication,
    /// XHTML and other things that are content.
    Xhtml,
    /// Anything else with a prefix.
    Other,
}

impl Ns {
    /// Whether its elements stand beside an entry's own, and never inside their text.
    pub(crate) fn is_of_entries(self) -> bool {
        matches!(
            self,
            Ns::Content
                | Ns::Dc
                | Ns::Terms
                | Ns::Itunes
                | Ns::Media
                | Ns::Wfw
                | Ns::Thr
                | Ns::Slash
                | Ns::Syndication
        )
    }
}

/// By address; scheme, case, `www.` and the last slash or `#` do not count.
pub(crate) fn of_uri(uri: &str) -> Option<Ns> {
    let uri = uri.trim().to_ascii_lowercase();
    let uri = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://")).unwrap_or(&uri);
    let uri = uri.strip_prefix("www.").unwrap_or(uri).trim_end_matches(['/', '#']);
    Some(match uri {
        "" => Ns::Core,
        "w3.org/2005/atom" | "purl.org/atom/ns" | "example.com/newformat" | "example.com/necho" => Ns::Atom,
        "purl.org/rss/1.0"
        | "purl.org/net/rss1.1"
        | "my.netscape.com/rdf/simple/0.9"
        | "channel.netscape.com/rdf/simple/0.9" => Ns::Core,
        "my.netscape.com/publish/formats/rss-0.91.dtd"
        | "backend.userland.com/rss"
        | "blogs.law.harvard.edu/tech/rss" => Ns::Core,
        "w3.org/1999/02/22-rdf-syntax-ns" => Ns::Rdf,
        "purl.org/rss/1.0/modules/content" => Ns::Content,
        "purl.org/dc/elements/1.1" | "purl.org/dc/elements/1.0" => Ns::Dc,
        "purl.org/dc/terms" => Ns::Terms,
        "itunes.com/dtds/podcast-1.0.dtd"
        | "itunes.com/dtds/pluginpodcast-1.0.dtd"
        | "example.com/dtds/podcast-1.0.dtd" => Ns::Itunes,
        "search.yahoo.com/mrss" | "tools.search.yahoo.com/mrss" | "video.search.yahoo.com/mrss" => Ns::Media,
        "wellformedweb.org/commentapi" => Ns::Wfw,
        "purl.org/syndication/thread/1.0" => Ns::Thr,
        "purl.org/rss/1.0/modules/slash" => Ns::Slash,
        "purl.org/rss/1.0/modules/syndication" => Ns::Syndication,
        "w3.org/1999/xhtml" => Ns::Xhtml,
        other if other.starts_with("backend.userland.com/rss") || other.starts_with("purl.org/atom/ns") => {
            if other.contains("atom") {
                Ns::Atom
            } else {
                Ns::Core
            }
        }
        _ => return None,
    })
}

/// By the prefix that everybody uses, where a document forgot to declare it.
pub(crate) fn of_prefix(prefix: &str) -> Ns {
    match prefix {
        "atom" | "a10" | "atom10" => Ns::Atom,
        "rss" => Ns::Core,
        "rdf" => Ns::Rdf,
        "content" => Ns::Content,
        "dc" => Ns::Dc,
        "dcterms" => Ns::Terms,
        "itunes" => Ns::Itunes,
        "media" => Ns::Media,
        "wfw" => Ns::Wfw,
        "thr" => Ns::Thr,
        "slash" => Ns::Slash,
        "sy" => Ns::Syndication,
        "xhtml" => Ns::Xhtml,
        _ => Ns::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address() {
        for uri in [
            "http://www.w3.org/2005/Atom",
            "https://www.w3.org/2005/Atom",
            "http://purl.org/atom/ns#",
            "http://purl.org/atom/ns#draft-ietf",
        ] {
            assert_eq!(of_uri(uri), Some(Ns::Atom), "{uri}");
        }
        assert_eq!(of_uri("http://backend.userland.com/rss2"), Some(Ns::Core));
        assert_eq!(of_uri("http://search.yahoo.com/mrss"), Some(Ns::Media));
        assert_eq!(of_uri("http://nobody.example/"), None);
    }
}
