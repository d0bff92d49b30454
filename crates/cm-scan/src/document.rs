//! What a query can look at in an item, read when it is first asked for.
//! In: a record. Out: its texts with their words, its links and handles. A member of the wrong type counts as absent.

use crate::engine::{Focus, Members, Part, text};
use crate::handle::{Handle, handles};
use crate::hashtag::{Hashtag, hashtags, rule_of};
use crate::language::guess;
use crate::surrogate::mended;
use crate::token::Tokens;
use cm_record::{Author, Checked, LanguageHint, Meta};
use cm_text::{CodePoints, Link, find_links, html_to_text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::OnceCell;

/// A text that hits can stand in: a member, or one value of a member that has several.
pub struct Text<'a> {
    /// The member: `title`, `content_text`, `tags` ...
    pub field: &'static str,
    /// The text, decoded.
    pub text: Cow<'a, str>,
    /// False where the text was made from HTML, so that a position in it would mean nothing.
    pub located: bool,
    running: bool,
    is_handle: bool,
    /// Where its words are, as far as they matter; `None` for all of it.
    stretches: Option<Vec<(usize, usize)>>,
    tokens: OnceCell<Tokens>,
    links: OnceCell<Vec<Link>>,
    handles: OnceCell<Vec<Handle>>,
    hashtags: OnceCell<Vec<Hashtag>>,
    code_points: OnceCell<CodePoints>,
}

impl<'a> Text<'a> {
    /// Running text: its links are no words.
    fn running(field: &'static str, text: Cow<'a, str>) -> Text<'a> {
        Text { running: true, ..Text::value(field, text) }
    }

    /// A short value: a tag, a name, an address.
    fn value(field: &'static str, text: Cow<'a, str>) -> Text<'a> {
        Text {
            field,
            text,
            located: true,
            running: false,
            is_handle: false,
            stretches: None,
            tokens: OnceCell::new(),
            links: OnceCell::new(),
            handles: OnceCell::new(),
            hashtags: OnceCell::new(),
            code_points: OnceCell::new(),
        }
    }

    /// Whether it is running text: not a tag, a name or an address.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Its words; in a document with a focus at least those that matter, which of them stand beside each other is then
    /// not known.
    pub fn tokens(&self) -> &Tokens {
        self.tokens.get_or_init(|| match &self.stretches {
            Some(stretches) if stretches.is_empty() => Tokens::default(),
            Some(stretches) => Tokens::outside(&self.text, &self.beside(stretches)),
            None => {
                let spans: Vec<_> = self.links().iter().map(|link| (link.start, link.end)).collect();
                Tokens::outside(&self.text, &spans)
            }
        })
    }

    /// What stands between stretches, and the links in them; no link goes beyond a space.
    fn beside(&self, stretches: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let (mut spans, mut at) = (Vec::new(), 0);
        for (from, to) in stretches {
            spans.push((at, *from));
            let stretch = &self.text[*from..*to];
            if self.running && stretch.contains("://") {
                spans.extend(find_links(stretch).iter().map(|link| (from + link.start, from + link.end)));
            }
            at = *to;
        }
        spans.push((at, self.text.len()));
        spans
    }

    /// Its code points, counted.
    pub fn code_points(&self) -> &CodePoints {
        self.code_points.get_or_init(|| CodePoints::of(&self.text))
    }

    /// Its links.
    pub fn links(&self) -> &[Link] {
        self.links.get_or_init(|| {
            if self.running && self.text.contains("://") { find_links(&self.text) } else { Vec::new() }
        })
    }

    /// The handles in it.
    pub fn handles(&self) -> &[Handle] {
        self.handles.get_or_init(|| handles(&self.text, self.links()))
    }
}

/// An item as queries see it.
pub struct Document<'a> {
    record: Option<Checked<'a>>,
    /// Its members.
    members: Members<'a>,
    /// What of its running texts matters; `None` for everything.
    focus: Option<&'a Focus>,
    /// The text of `content_html`, where it was made already.
    html_text: Option<&'a str>,
    title: OnceCell<Option<Text<'a>>>,
    summary: OnceCell<Option<Text<'a>>>,
    content: OnceCell<Option<Text<'a>>>,
    tags: OnceCell<Vec<Text<'a>>>,
    authors: OnceCell<Vec<Text<'a>>>,
    addresses: OnceCell<Vec<Text<'a>>>,
    html_links: OnceCell<Vec<Text<'a>>>,
    meta: OnceCell<Meta>,
    /// Whether the language is guessed at where the record names none.
    guesses: bool,
    guess: OnceCell<Option<LanguageHint>>,
}

impl<'a> Document<'a> {
    /// A record.
    pub fn of(record: impl Into<Checked<'a>>) -> Document<'a> {
        let record = record.into();
        Document::of_members(record, Members::of(record))
    }

    /// A record whose members were looked for already.
    pub fn of_members(record: Checked<'a>, members: Members<'a>) -> Document<'a> {
        Document { members, ..Document::with(Some(record), OnceCell::new()) }
    }

    /// A text by itself: a sentence, or a line that is no record.
    pub fn of_text(text: &'a str) -> Document<'a> {
        Document::with(None, OnceCell::from(Some(Text::running("content_text", text.into()))))
    }

    fn with(record: Option<Checked<'a>>, content: OnceCell<Option<Text<'a>>>) -> Document<'a> {
        Document {
            record,
            members: Members::default(),
            focus: None,
            html_text: None,
            title: OnceCell::new(),
            summary: OnceCell::new(),
            content,
            tags: OnceCell::new(),
            authors: OnceCell::new(),
            addresses: OnceCell::new(),
            html_links: OnceCell::new(),
            meta: OnceCell::new(),
            guesses: false,
            guess: OnceCell::new(),
        }
    }

    /// Only the words that matter have to be cut out of its running texts.
    pub fn focusing(self, focus: Option<&'a Focus>) -> Document<'a> {
        Document { focus, ..self }
    }

    /// The same with the text of its `content_html`, where that stands for its content and was made already.
    pub fn knowing_html_text(self, html_text: Option<&'a str>) -> Document<'a> {
        Document { html_text, ..self }
    }

    /// The record, where it is one.
    pub fn record(&self) -> Option<Checked<'a>> {
        self.record
    }

    /// The members that are looked at, raw.
    pub fn members(&self) -> &Members<'a> {
        &self.members
    }

    /// The title.
    pub fn title(&self) -> Option<&Text<'a>> {
        self.title.get_or_init(|| self.running(Part::Title, "title", self.members.title)).as_ref()
    }

    /// The summary.
    pub fn summary(&self) -> Option<&Text<'a>> {
        self.summary.get_or_init(|| self.running(Part::Summary, "summary", self.members.summary)).as_ref()
    }

    /// `content_text`, or where that is missing or blank the text of `content_html`.
    pub fn content(&self) -> Option<&Text<'a>> {
        self.content
            .get_or_init(|| {
                let raw = self.members.content_text;
                Some(self.focused(Part::Content, content(&self.members, self.html_text)?, raw))
            })
            .as_ref()
    }

    /// The running texts: title, summary and content.
    pub fn texts(&self) -> impl Iterator<Item = &Text<'a>> {
        [self.title(), self.summary(), self.content()].into_iter().flatten()
    }

    /// The hashtags of one of its running texts, by the rule of the network that the item comes from.
    pub fn hashtags<'t>(&self, text: &'t Text) -> &'t [Hashtag] {
        text.hashtags.get_or_init(|| match text.text.contains(['#', '＃']) {
            true => hashtags(&text.text, text.links(), rule_of(self.meta().source.as_deref())),
            false => Vec::new(),
        })
    }

    /// The tags.
    pub fn tags(&self) -> &[Text<'a>] {
        self.tags.get_or_init(|| {
            let tags: Vec<String> = readable(self.members.tags);
            let unseen = |number| self.focus.is_some_and(|focus| !focus.is_in(Part::Tag(number)));
            let stretches = |number| unseen(number).then(Vec::new);
            let text = |(number, tag): (usize, String)| Text {
                stretches: stretches(number),
                ..Text::value("tags", tag.into())
            };
            tags.into_iter().enumerate().map(text).collect()
        })
    }

    /// The authors' names and handles.
    pub fn authors(&self) -> &[Text<'a>] {
        self.authors.get_or_init(|| {
            let authors: Vec<Author> = readable(self.members.authors);
            let both = authors.into_iter().flat_map(|author| {
                let handle = author.cm.and_then(|cm| cm.handle);
                [author.name.map(|name| (name, false)), handle.map(|handle| (handle, true))]
            });
            let text =
                |(text, is_handle): (String, bool)| Text { is_handle, ..Text::value("authors", text.into()) };
            both.flatten().map(text).collect()
        })
    }

    /// Those of them that are handles.
    pub fn author_handles(&self) -> impl Iterator<Item = &Text<'a>> {
        self.authors().iter().filter(|text| text.is_handle)
    }

    /// `url` and `external_url`.
    pub fn addresses(&self) -> &[Text<'a>] {
        self.addresses.get_or_init(|| {
            let [url, external_url, _] = self.members.addresses;
            let address = |field, value| Some(Text::value(field, text(value)?));
            [address("url", url), address("external_url", external_url)].into_iter().flatten().collect()
        })
    }

    /// The links that stand only in the HTML.
    pub fn html_links(&self) -> &[Text<'a>] {
        self.html_links.get_or_init(|| {
            let html = text(self.members.content_html).unwrap_or_default();
            find_links(&text_with_links(&html))
                .into_iter()
                .map(|link| unlocated("content_html", link.url.into()))
                .collect()
        })
    }

    /// `_cm`, with its defaults; a member of the wrong type counts as absent.
    pub fn meta(&self) -> &Meta {
        let read = |record: Checked| record.meta().ok().or_else(|| readable_meta(record));
        self.meta.get_or_init(|| self.record.and_then(read).unwrap_or_default())
    }

    /// Who wrote it: the first author's handle, else page, else name.
    pub fn who(&self) -> Option<String> {
        let author = readable::<Vec<Author>>(self.members.authors).into_iter().next()?;
        author.cm.and_then(|cm| cm.handle).or(author.url).or(author.name)
    }

    /// The same, with its language guessed at where the record names none (if `guesses`).
    pub fn guessing(self, guesses: bool) -> Document<'a> {
        Document { guesses, ..self }
    }

    /// The same with a guess that was made already.
    pub fn guessed(self, guess: Option<LanguageHint>) -> Document<'a> {
        Document { guesses: true, guess: OnceCell::from(guess), ..self }
    }

    /// The language as written; where the record names none, and if that was asked for, the one that it seems to be.
    pub fn language(&self) -> Option<Cow<'_, str>> {
        let guess = self.language_guess();
        guess.map_or_else(|| self.named_language(), |guess| Some(Cow::Borrowed(&guess.code)))
    }

    /// The guess at its language, where the record names none.
    pub fn language_guess(&self) -> Option<&LanguageHint> {
        let named = || self.named_language().is_some_and(|language| !language.trim().is_empty());
        if !self.guesses || named() {
            return None;
        }
        self.guess.get_or_init(|| guess(self)).as_ref()
    }

    fn named_language(&self) -> Option<Cow<'a, str>> {
        self.record?.text_lossy("language")
    }

    /// Where the item stands: its address, else its id where that is one.
    pub fn address(&self) -> Option<Cow<'a, str>> {
        let record = self.record?;
        text(self.members.addresses[0]).or_else(|| record.id().ok().filter(|id| id.contains("://")))
    }

    fn running(&self, part: Part, field: &'static str, raw: Option<&'a str>) -> Option<Text<'a>> {
        text(raw).map(|text| self.focused(part, Text::running(field, text), raw))
    }

    fn focused(&self, part: Part, text: Text<'a>, raw: Option<&str>) -> Text<'a> {
        let raw = raw.and_then(|raw| raw.get(1..)).unwrap_or_default();
        Text { stretches: self.focus.map(|focus| focus.stretches(part, &text.text, raw)), ..text }
    }
}

/// A raw member, typed, also where a text in it was cut in the middle of an emoji.
fn readable<T: DeserializeOwned + Default>(raw: Option<&str>) -> T {
    let Some(raw) = raw else { return T::default() };
    let read: Option<Option<T>> = serde_json::from_str(raw).ok();
    read.unwrap_or_else(|| serde_json::from_str(&mended(raw)).ok()).unwrap_or_default()
}

/// A member of a record, also where a text in it was cut in the middle of an emoji.
pub fn readable_member<T: DeserializeOwned>(record: Checked, name: &str) -> Option<T> {
    record.get(name).unwrap_or_else(|_| mended_member(record, name))
}

/// What was cut in the middle of an emoji is no Unicode, but the rest of it can be read.
fn mended_member<T: DeserializeOwned>(record: Checked, name: &str) -> Option<T> {
    record.raw(name).and_then(|raw| serde_json::from_str(&mended(raw)).ok())
}

/// The text of HTML with the addresses of its links; empty where it surely has none. Some write `https:&#x2F;&#x2F;`.
pub fn text_with_links(html: &str) -> String {
    if html.contains("://") || html.contains('&') { html_to_text(html, true) } else { String::new() }
}

/// What can be read of a `_cm` that has members which cannot.
fn readable_meta(record: Checked) -> Option<Meta> {
    let mut members: Map<String, Value> = mended_member(record, "_cm")?;
    members.retain(|name, value| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        Meta::deserialize(Value::Object(alone)).is_ok()
    });
    Meta::deserialize(Value::Object(members)).ok()
}

fn unlocated<'a>(field: &'static str, text: Cow<'a, str>) -> Text<'a> {
    Text { located: false, ..Text::value(field, text) }
}

fn content<'a>(members: &Members<'a>, html_text: Option<&'a str>) -> Option<Text<'a>> {
    if let Some(text) = html_text {
        return Some(Text { located: false, ..Text::running("content_html", text.into()) });
    }
    let content = text(members.content_text);
    if content.as_ref().is_none_or(|text| text.trim().is_empty())
        && let Some(html) = text(members.content_html)
    {
        let text = html_to_text(&html, false);
        return Some(Text { located: false, ..Text::running("content_html", text.into()) });
    }
    content.map(|text| Text::running("content_text", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;

    #[test]
    fn half_an_emoji_hides_nothing() {
        let line = r#"{"id":"1","title":"a\ud83d","content_text":"","tags":["b\ud83d","c"],"authors":[{"name":"d \ude21"}],
            "_cm":{"version":1,"kind":"note","own":true,"feed":{"title":"e\ud83d"}}}"#;
        let record = Record::parse(line.to_owned()).unwrap();
        let document = Document::of(&record);
        assert_eq!(document.title().unwrap().text, "a\u{FFFD}");
        let all = |texts: &[Text]| texts.iter().map(|text| text.text.to_string()).collect::<Vec<_>>();
        assert_eq!(all(document.tags()), ["b\u{FFFD}", "c"]);
        assert_eq!(all(document.authors()), ["d \u{FFFD}"]);
        assert_eq!(document.who().as_deref(), Some("d \u{FFFD}"));
        assert_eq!((document.meta().kind.as_deref(), document.meta().own), (Some("note"), true));
    }

    #[test]
    fn one_unreadable_member_hides_no_other() {
        for other in [
            r#""feed":{"title":"a\ud83d"}"#,
            r#""counts":{"replies":"3"}"#,
            r#""audience":"friends""#,
            r#""version":"1""#,
            r#""x\ud83d":1"#,
            r#""in_reply_to":7"#,
        ] {
            let line = format!(
                r#"{{"id":"1","content_text":"","_cm":{{"kind":"mention","source":"mastodon:acme",{other}}}}}"#
            );
            let record = Record::parse(line).unwrap();
            let document = Document::of(&record);
            assert_eq!(document.meta().source.as_deref(), Some("mastodon:acme"), "{other}");
            assert_eq!(document.meta().kind.as_deref(), Some("mention"), "{other}");
        }
        for (cm, kind) in [("7", None), ("{}", None), ("null", Some("article"))] {
            let record = Record::parse(format!(r#"{{"id":"1","content_text":"","_cm":{cm}}}"#)).unwrap();
            assert_eq!(Document::of(&record).meta().kind.as_deref(), kind, "{cm}");
        }
    }

    #[test]
    fn links_in_html_are_found_however_they_are_written() {
        for html in [
            "https://a.example/x",
            "https:&#x2F;&#x2F;a.example&#x2f;x",
            "https&colon;&sol;&sol;a.example&sol;x",
        ] {
            let item = serde_json::json!({"id": "1", "content_text": "y", "content_html": format!("<a href='{html}'>here</a>")});
            let record = Record::parse(item.to_string()).unwrap();
            let document = Document::of(&record);
            let links: Vec<_> = document.html_links().iter().map(|link| &*link.text).collect();
            assert_eq!(links, ["https://a.example/x"], "{html}");
        }
    }
}
