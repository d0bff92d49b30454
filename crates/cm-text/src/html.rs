//! HTML to plain text that a person can read.

use crate::layout::Layout;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer};
use std::borrow::Cow;

/// Renders HTML (a document or a fragment, well-formed or not) as plain text: blocks and `<br>` break lines, paragraphs
/// are one empty line apart, lists get `- ` or numbers, `alt` stands for images, a link whose text is not its address is
/// followed by its address as `text (https://...)` only when `with_links` (hashtags and handles name themselves and stay
/// as they are); where the text is an abbreviated address (as networks write it) the whole address stands instead;
/// scripts, styles and templates vanish, entities are decoded, white space is folded (kept in `<pre>`). Bounded: linear
/// in the input, no recursion.
pub fn html_to_text(html: &str, with_links: bool) -> String {
    let mut page = Page { with_links, ..Page::default() };
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| page.take(event));
    let mut tokens = Tokenizer::new_with_emitter(html, Untold(emitter));
    while let Some(Ok(state)) = tokens.next() {
        tokens.set_state(state);
    }
    drop(tokens);
    page.close_link();
    page.layout.finish()
}

/// Tokens without the errors of the markup, which nobody asks for: looking for them costs a look at every byte.
pub(crate) struct Untold<E>(pub(crate) E);

impl<E: Emitter> ForwardingEmitter for Untold<E> {
    type Token = E::Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = Self::Token> {
        &mut self.0
    }

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

/// A page half read.
#[derive(Default)]
struct Page {
    with_links: bool,
    layout: Layout,
    /// How many `<pre>` are open, and whether one has just begun (its first newline does not count).
    pre: usize,
    pre_begins: bool,
    /// The element that is being left out, and how many of its name are open.
    hidden: Option<(String, usize)>,
    /// The open lists: the next number of an ordered one, `None` for bullets.
    lists: Vec<Option<usize>>,
    link: Option<Link>,
    tag: Tag,
}

/// A start tag half read: its name, and those of its attributes that are read.
#[derive(Default)]
struct Tag {
    name: String,
    attribute: Option<Attribute>,
    alt: String,
    href: String,
    start: String,
}

#[derive(Clone, Copy)]
enum Attribute {
    Alt,
    Href,
    Start,
}

/// The tokenizer gives back the UTF-8 that it was given.
pub(crate) fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

impl Tag {
    fn begin(&mut self, name: &[u8]) {
        let Tag { name: own, attribute, alt, href, start } = self;
        for text in [&mut *own, alt, href, start] {
            text.clear();
        }
        own.push_str(&utf8(name));
        *attribute = None;
    }

    /// The value of the attribute whose name came before; the first of two equal ones.
    fn value(&mut self, value: &[u8]) {
        let slot = match self.attribute.take() {
            Some(Attribute::Alt) => &mut self.alt,
            Some(Attribute::Href) => &mut self.href,
            Some(Attribute::Start) => &mut self.start,
            None => return,
        };
        if slot.is_empty() {
            slot.push_str(&utf8(value));
        }
    }
}

/// An open `<a>`: its address, and where its text begins.
struct Link {
    address: String,
    mark: usize,
}

impl Page {
    /// Takes the next piece; some elements switch the tokenizer's state, because their content is no markup.
    fn take(&mut self, event: CallbackEvent<'_>) -> Option<State> {
        match event {
            CallbackEvent::String { value } => self.text(&utf8(value)),
            CallbackEvent::OpenStartTag { name } => self.tag.begin(name),
            CallbackEvent::AttributeName { name } => {
                self.tag.attribute = match name {
                    b"alt" => Some(Attribute::Alt),
                    b"href" => Some(Attribute::Href),
                    b"start" => Some(Attribute::Start),
                    _ => None,
                };
            }
            CallbackEvent::AttributeValue { value } => self.tag.value(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                let tag = std::mem::take(&mut self.tag);
                let state = self.start(&tag, self_closing);
                self.tag = tag;
                return state;
            }
            CallbackEvent::EndTag { name } => self.end(&utf8(name)),
            _ => {}
        }
        None
    }

    fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        if self.pre == 0 {
            return self.layout.flowing(text);
        }
        let skip_newline = std::mem::take(&mut self.pre_begins);
        self.layout.preformatted(text.strip_prefix('\n').filter(|_| skip_newline).unwrap_or(text));
    }

    fn start(&mut self, tag: &Tag, self_closing: bool) -> Option<State> {
        let name = tag.name.as_str();
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(*hidden == name);
            return None;
        }
        if is_hidden(name) && !self_closing {
            self.hidden = Some((name.to_owned(), 1));
            return raw_content(name);
        }
        match name {
            "br" => self.layout.hard_break(),
            "img" => self.layout.apart(&tag.alt),
            "a" => self.open_link(&tag.href),
            "li" => self.open_item(),
            "td" | "th" => self.layout.cell(),
            "q" => self.text("“"),
            "ul" | "ol" | "menu" => self.open_list(name == "ol", &tag.start),
            "pre" => (self.pre, self.pre_begins) = (self.pre + 1, true),
            _ => {}
        }
        self.break_at(name);
        None
    }

    fn end(&mut self, name: &str) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth -= usize::from(*hidden == name);
            if *depth == 0 {
                self.hidden = None;
            }
            return;
        }
        match name {
            "a" => self.close_link(),
            "q" => self.text("”"),
            "ul" | "ol" | "menu" => drop(self.lists.pop()),
            "pre" => self.pre = self.pre.saturating_sub(1),
            _ => {}
        }
        self.break_at(name);
    }

    fn break_at(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre" | "table" | "figure"
            | "hr" | "dl" => {
                self.layout.paragraph();
            }
            "ul" | "ol" | "menu" if self.lists.is_empty() => self.layout.paragraph(),
            "ul" | "ol" | "menu" | "li" | "div" | "tr" | "section" | "article" | "header" | "footer"
            | "main" | "nav" | "aside" | "dt" | "dd" | "figcaption" | "caption" | "address" | "form"
            | "fieldset" | "legend" | "details" | "summary" | "body" | "option" => self.layout.line(),
            _ => {}
        }
    }

    fn open_list(&mut self, ordered: bool, start: &str) {
        if self.lists.is_empty() {
            self.layout.paragraph();
        }
        self.lists.push(ordered.then(|| start.trim().parse().unwrap_or(1)));
    }

    fn open_item(&mut self) {
        let depth = self.lists.len();
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.layout.item(depth, &format!("{number}."));
                *number = number.saturating_add(1);
            }
            _ => self.layout.item(depth, "-"),
        }
    }

    fn open_link(&mut self, address: &str) {
        self.close_link();
        let address: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        self.link = Some(Link { address, mark: self.layout.mark() });
    }

    fn close_link(&mut self) {
        let Some(Link { address, mark }) = self.link.take() else { return };
        if !(address.starts_with("https://") || address.starts_with("http://")) {
            return;
        }
        let text = self.layout.since(mark);
        if is_abbreviated(text, &address) {
            self.layout.replace(mark, &address);
        } else if self.with_links && text.is_empty() {
            self.layout.flowing(&address);
        } else if self.with_links && text != address && !text.starts_with(['#', '@']) {
            self.layout.append(&format!(" ({address})"));
        }
    }
}

/// Elements that hold nothing to read, what is read elsewhere (a page's title), or what stands there for old browsers.
fn is_hidden(name: &str) -> bool {
    raw_content(name).is_some()
        || matches!(name, "template" | "svg" | "select" | "video" | "audio" | "canvas")
}

pub(crate) fn raw_content(name: &str) -> Option<State> {
    match name {
        "script" => Some(State::ScriptData),
        "style" | "iframe" | "noscript" | "noframes" | "noembed" => Some(State::RawText),
        "title" | "textarea" => Some(State::RcData),
        _ => None,
    }
}

/// Whether a link's text is its address with the scheme, `www.` or the end left out: `acme.example/shop` or
/// `acme.example/sh…` for `https://acme.example/shop?id=7`.
fn is_abbreviated(text: &str, address: &str) -> bool {
    let (shown, whole) = (bare(text), bare(address).trim_end_matches('/'));
    let cut = shown.trim_end_matches(['…', '.']);
    let shown = cut.trim_end_matches('/');
    if text == address || !shown.contains('.') || shown.contains(char::is_whitespace) {
        return false;
    }
    let begins = whole.get(..shown.len()).is_some_and(|start| start.eq_ignore_ascii_case(shown));
    let next = whole.get(shown.len()..).and_then(|rest| rest.chars().next());
    begins
        && (shown.contains('/')
            || cut.len() < bare(text).len()
            || matches!(next, None | Some('/' | '?' | '#' | ':')))
}

fn bare(address: &str) -> &str {
    let address =
        address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    address.strip_prefix("www.").unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(html: &str) -> String {
        html_to_text(html, false)
    }

    #[test]
    fn blocks_become_lines_that_a_person_can_read() {
        for (html, expected) in [
            ("<p>One</p><p>Two</p>", "One\n\nTwo"),
            ("<p>One<br>Two<br/>\n<br />Three</p>", "One\nTwo\n\nThree"),
            ("<div>One</div>\n<div>Two</div>", "One\nTwo"),
            ("  a \n  <b>b</b>c&nbsp;&amp; d  ", "a bc & d"),
            ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
            ("Do:<ol start=3><li>One<li>Two</ol>Done", "Do:\n\n3. One\n4. Two\n\nDone"),
            ("<ul><li>A<ul><li>B</ul><li>C</ul>", "- A\n  - B\n- C"),
            ("<ul><li><p>A</p></li></ul>", "- A"),
            ("<pre>\n  a\n   b</pre>c", "  a\n   b\n\nc"),
            ("<table><tr><td>1<td>2<tr><td>3</table>", "1\t2\n3"),
            ("<h1>Title</h1>Text", "Title\n\nText"),
            ("x<img src=a alt='a cat'>y<img src=pixel>", "x a cat y"),
            ("Well <img alt=':)'>! Tea<img alt='🍵'>time", "Well :)! Tea🍵time"),
            ("<img alt='A ship'><img alt='and a cat'>", "A ship and a cat"),
            ("mind&shy;ful &lt;3 &hellip; &#x1F621;", "mindful <3 … 😡"),
            ("I <3 coffee & a < b", "I <3 coffee & a < b"),
            ("<object><p>what browsers show without a plug-in", "what browsers show without a plug-in"),
            ("", ""),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn what_is_not_for_reading_vanishes() {
        for html in [
            "a<script>if (x < 1) { '</p>' }</script>b",
            "a<style>p > b {}</style>b",
            "a<template>x<template>y</template>z</template>b",
            "<title>t</title>a<!-- c --><svg><text>x</text></svg>b",
            "a<iframe src=x />b",
            "a<video controls><source src=x>Your browser is too old.</video>b",
        ] {
            assert_eq!(text(html), "ab", "{html}");
        }
    }

    #[test]
    fn addresses_are_whole() {
        for (link, expected) in [
            (
                r#"<a href="https://acme.example/shop?a=x&amp;id=7">acme.example/shop</a>"#,
                "https://acme.example/shop?a=x&id=7",
            ),
            (
                r#"<a href="https://www.acme.example/shop/long">acme.example/sh…</a>"#,
                "https://www.acme.example/shop/long",
            ),
            (r#"<a href="https://acme.example/">acme.example</a>"#, "https://acme.example/"),
            (
                r#"<a href="https://a.example/b"><span class="invisible">https://</span><span>a.example/b</span></a>"#,
                "https://a.example/b",
            ),
            (r#"<a href="https://acme.example.net/">acme.example</a>"#, "acme.example"),
            (r#"<a href="https://a.example/">our shop</a>"#, "our shop"),
            (r#"<a href="javascript:alert(1)">our.shop</a>"#, "our.shop"),
        ] {
            assert_eq!(text(&format!("See {link}!")), format!("See {expected}!"));
        }
    }

    #[test]
    fn addresses_follow_their_links_when_asked_for() {
        for (html, expected) in [
            (r#"<a href="https://a.example/">our shop</a>, open"#, "our shop (https://a.example/), open"),
            (r##"<a href="https://a.example/t">#<span>tea</span></a>"##, "#tea"),
            (r#"<a href="/local">here</a>"#, "here"),
            (r#"<a href="https://a.example/"><img src=x></a>"#, "https://a.example/"),
            (
                r#"<a href="https://a.example/">one <a href="https://b.example/">two"#,
                "one (https://a.example/) two (https://b.example/)",
            ),
        ] {
            assert_eq!(html_to_text(html, true), expected, "{html}");
        }
    }

    #[test]
    fn depth_costs_no_stack_and_no_room() {
        let deep = format!("{}x{}", "<ul><li>".repeat(100_000), "</li></ul>".repeat(100_000));
        assert!(text(&deep).len() < 100);
        assert_eq!(text(&format!("{}x", "<b><pre><a href=y>".repeat(50_000))), "x");
    }

    proptest! {
        #[test]
        fn any_input_gives_text_no_longer_than_itself(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<p>", "</p>", "<br>", "<li>", "<ul>", "</ul>", "<ol>", "<pre>", "</pre>", "<a href='https://a.example/x'>",
                    "</a>", "a.example", "<script>", "</script>", "<td>", "x", " ", "\n", "&amp;", "&#", "<!--", "-->", "é", "<svg>",
                ]),
                0..40,
            ),
            noise in "\\PC{0,20}",
            with_links: bool,
        ) {
            let html = parts.concat() + &noise;
            let text = html_to_text(&html, with_links);
            prop_assert_eq!(text.trim_end(), text.as_str());
            prop_assert!(text.len() <= html.len() * 2 + 4);
        }
    }
}
