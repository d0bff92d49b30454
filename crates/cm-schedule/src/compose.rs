//! What a post says: a draft's own words with its links shortened, any other record through the template.

use cm_record::{Item, ShortLink, ShortenPart};
use cm_text::find_links;
use std::collections::BTreeSet;

/// The placeholders of a template.
const PLACEHOLDERS: [&str; 6] = ["title", "url", "author", "feed", "tags", "campaign"];

/// A template, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(String),
}

impl Template {
    /// Reads `{title} {url}`; `{{` and `}}` are braces.
    pub(crate) fn parse(text: &str) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' | '}' if chars.next_if_eq(&c).is_some() => plain.push(c),
                '{' => {
                    let name: String = chars.clone().take_while(|c| *c != '}').collect();
                    let closed = chars.any(|c| c == '}');
                    if !closed || !PLACEHOLDERS.contains(&name.as_str()) {
                        let known = PLACEHOLDERS.join("} {");
                        return Err(format!("the template knows no {{{name}}} (known: {{{known}}})"));
                    }
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    pieces.push(Piece::Placeholder(name));
                }
                '}' => return Err("the template has a } without its {: write }} for a brace".to_owned()),
                c => plain.push(c),
            }
        }
        pieces.push(Piece::Text(plain));
        Ok(Template(pieces))
    }

    /// Fills it from a record that is not ours to quote.
    pub(crate) fn fill(&self, item: &Item, links: &Links<'_>, campaign: Option<&str>) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Placeholder(name) => text.push_str(&value(name, item, links, campaign)),
            }
        }
        text.trim().to_owned()
    }
}

fn value(name: &str, item: &Item, links: &Links<'_>, campaign: Option<&str>) -> String {
    let feed = || item.cm.as_ref()?.feed.as_ref()?.title.as_deref().map(one_line);
    match name {
        "url" => item.url.as_deref().or(item.external_url.as_deref()).map(|url| links.of(url).to_owned()),
        // Nothing stands in for a missing title: the text is its author's, and goes out as nobody else's.
        "title" => item.title.as_deref().map(one_line),
        "author" => item.authors.first().and_then(|author| author.name.as_deref()).map(one_line),
        "feed" => feed(),
        "tags" => Some(item.tags.iter().filter_map(|tag| hashtag(tag)).collect::<Vec<_>>().join(" ")),
        _ => campaign.map(str::to_owned),
    }
    .unwrap_or_default()
}

fn hashtag(tag: &str) -> Option<String> {
    let word: String = tag.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then(|| format!("#{word}"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The links that cm-shorten made for one account.
#[derive(Debug)]
pub(crate) struct Links<'a> {
    links: &'a [ShortLink],
    account: &'a str,
}

impl<'a> Links<'a> {
    /// Those of a record's `_cm_shorten` part.
    pub(crate) fn new(part: Option<&'a ShortenPart>, account: &'a str) -> Links<'a> {
        Links { links: part.map_or(&[], |part| part.links.as_slice()), account }
    }

    /// What stands for a link: the account's own short link, else one that is for all, else the link itself. Another
    /// account's is never taken, as its clicks are counted apart.
    pub(crate) fn of<'b>(&'b self, url: &'b str) -> &'b str {
        let find = |account: Option<&str>| {
            self.links.iter().find(|link| link.url == url && link.account.as_deref() == account)
        };
        let Some(link) = find(Some(self.account)).or_else(|| find(None)) else { return url };
        link.short_url.as_deref().or(link.tagged_url.as_deref()).unwrap_or(&link.clean_url)
    }

    /// A text of ours with each of its links replaced; every other byte stays.
    pub(crate) fn replace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for link in find_links(text) {
            out.push_str(&text[done..link.start]);
            out.push_str(self.of(&link.url));
            done = link.end;
        }
        out.push_str(&text[done..]);
        out
    }
}

/// The links in a finished text, each once.
pub(crate) fn links_in(text: &str) -> BTreeSet<String> {
    find_links(text).into_iter().map(|link| link.url).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(json: serde_json::Value) -> Item {
        serde_json::from_value(json).unwrap()
    }

    fn part(links: &[(&str, &str, Option<&str>)]) -> ShortenPart {
        let link = |(url, short, account): &(&str, &str, Option<&str>)| ShortLink {
            url: (*url).into(),
            clean_url: (*url).into(),
            short_url: Some((*short).into()),
            account: account.map(Into::into),
            ..ShortLink::default()
        };
        ShortenPart { at: String::new(), links: links.iter().map(link).collect() }
    }

    #[test]
    fn a_template_is_filled_from_the_record_and_the_accounts_own_link() {
        let item = item(serde_json::json!({
            "id": "x", "title": " Two\n lines ", "url": "https://news.example/a?b=1", "tags": ["cold brew", "!"],
            "authors": [{"name": "Ana"}], "_cm": {"version": 1, "feed": {"title": "News"}}}));
        let part = part(&[
            ("https://news.example/a?b=1", "https://go.example/o", Some("file:other")),
            ("https://news.example/a?b=1", "https://go.example/m", Some("file:mine")),
        ]);
        let fill = |template: &str, account: &str| {
            Template::parse(template).unwrap().fill(&item, &Links::new(Some(&part), account), Some("spring"))
        };
        assert_eq!(fill("{title} {url}", "file:mine"), "Two lines https://go.example/m");
        assert_eq!(fill("{title} {url}", "file:third"), "Two lines https://news.example/a?b=1");
        assert_eq!(fill("{{{author}}} {feed} {tags} {campaign}", "file:mine"), "{Ana} News #coldbrew spring");
    }

    #[test]
    fn what_is_missing_leaves_no_hole_at_the_ends() {
        let bare = item(serde_json::json!({"id": "x", "content_text": "", "url": "https://a.example/"}));
        let template = Template::parse("{title} {url}").unwrap();
        assert_eq!(template.fill(&bare, &Links::new(None, "file:a"), None), "https://a.example/");
        let note = item(
            serde_json::json!({"id": "x", "content_text": "somebody's words", "summary": "more of them"}),
        );
        assert_eq!(template.fill(&note, &Links::new(None, "file:a"), None), "");
    }

    #[test]
    fn templates_that_cannot_work_are_refused() {
        for text in ["{titel}", "{title", "}", "{title} }"] {
            assert!(Template::parse(text).unwrap_err().contains("template"), "{text}");
        }
    }

    #[test]
    fn only_whole_links_are_replaced_and_every_other_byte_stays() {
        let part = part(&[("https://a.example/x", "https://go.example/1", None)]);
        let links = Links::new(Some(&part), "file:a");
        assert_eq!(
            links.replace("see https://a.example/x, not https://a.example/xy\r\n (https://a.example/x)"),
            "see https://go.example/1, not https://a.example/xy\r\n (https://go.example/1)"
        );
    }

    proptest! {
        #[test]
        fn a_text_without_short_links_is_itself(text in ".*") {
            prop_assert_eq!(Links::new(None, "file:a").replace(&text), text);
        }

        #[test]
        fn any_template_is_answered(text in ".*") {
            let _ = Template::parse(&text);
        }
    }
}
