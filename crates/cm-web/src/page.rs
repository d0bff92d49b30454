//! An address taken apart without changing a byte. In: an address as written. Out: its host as browsers read it, and the
//! rest in the given bytes.

use url::Url;

/// An http or https address and its parts.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    url: Url,
    /// Everything before the query and the fragment, as given.
    pub(crate) head: &'a str,
    /// The part of `head` after the host; empty where the address is not written with `://`.
    pub(crate) path: &'a str,
    /// Between `?` and `#`, as given.
    pub(crate) query: Option<&'a str>,
    /// After `#`, as given.
    pub(crate) fragment: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// Reads an address; `None` when it is not http or https, or has no host.
    pub(crate) fn read(address: &'a str) -> Option<Page<'a>> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        url.host_str()?;
        let (page, fragment) = split(address, '#');
        let (head, query) = split(page, '?');
        let after_scheme = head.split_once("://").map_or("", |(_, rest)| rest);
        let slash = after_scheme.find(['/', '\\']).unwrap_or(after_scheme.len());
        let path = after_scheme.get(slash..).filter(|path| !path.starts_with('\\')).unwrap_or_default();
        Some(Page { url, head, path, query, fragment })
    }

    /// The host in lower case and punycode.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Host, path and query in lower case, for rules that know a page by a word.
    pub(crate) fn lower(&self) -> String {
        format!("{}{}?{}", self.host(), self.path, self.query.unwrap_or_default()).to_ascii_lowercase()
    }
}

/// A text before the first `mark`, and what follows it when there is one.
pub(crate) fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_stays() {
        let page = Page::read("HTTPS://U@Bücher.example:443/a%2fB?x=%20?y#z#?").unwrap();
        assert_eq!(page.host(), "xn--bcher-kva.example");
        assert_eq!((page.head, page.path), ("HTTPS://U@Bücher.example:443/a%2fB", "/a%2fB"));
        assert_eq!((page.query, page.fragment), (Some("x=%20?y"), Some("z#?")));
        for odd in ["https:a.example/x", "https:\\\\a.example\\x", "https://a.example\\x"] {
            assert_eq!(Page::read(odd).unwrap().path, "", "{odd}");
        }
        for none in ["ftp://a.example/", "x", "", "mailto:a@b.example", "https://"] {
            assert!(Page::read(none).is_none(), "{none}");
        }
    }
}
